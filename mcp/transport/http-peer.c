/* SPDX-License-Identifier: MIT */
#include "mcp/transport/http-peer.h"

#define HTTP_TYPE_PEER (http_peer_get_type ())
G_DECLARE_FINAL_TYPE (HttpPeer, http_peer, HTTP, PEER, GInetSocketAddress)

struct _HttpPeer
{
  GInetSocketAddress parent;
  HttpConnection *connection;
};

G_DEFINE_TYPE (HttpPeer, http_peer, G_TYPE_INET_SOCKET_ADDRESS)

static void
http_peer_class_init (HttpPeerClass *class)
{
}

static void
http_peer_init (HttpPeer *self)
{
}

GSocketAddress *
http_peer_new (GSocketConnection *socket, HttpConnection *connection)
{
  g_autoptr (GSocketAddress) remote = g_socket_connection_get_remote_address (socket, NULL);
  g_autoptr (GInetAddress) nobody = g_inet_address_new_any (G_SOCKET_FAMILY_IPV4);
  GInetSocketAddress *known
      = G_IS_INET_SOCKET_ADDRESS (remote) ? G_INET_SOCKET_ADDRESS (remote) : NULL;
  HttpPeer *self = g_object_new (
      HTTP_TYPE_PEER, "address", known != NULL ? g_inet_socket_address_get_address (known) : nobody,
      "port", known != NULL ? g_inet_socket_address_get_port (known) : 0, NULL);

  self->connection = connection;
  return G_SOCKET_ADDRESS (self);
}

HttpConnection *
http_peer_connection (GSocketAddress *peer)
{
  return HTTP_PEER (peer)->connection;
}

void
http_peer_forget (GSocketAddress *peer)
{
  HTTP_PEER (peer)->connection = NULL;
}
