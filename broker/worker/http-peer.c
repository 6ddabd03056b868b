/* SPDX-License-Identifier: MIT */
#include "broker/worker/http-peer.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

G_DEFINE_QUARK (countersign_http_peer_error, http_peer_error)

typedef union
{
  struct sockaddr any;
  struct sockaddr_in four;
  struct sockaddr_in6 six;
} Address;

/* Shared with the thread, which may outlast everybody else. */
typedef struct
{
  char *host;
  int ended; /* eventfd */
  int failed;
  struct addrinfo *found;
} LookUp;

struct _HttpPeer
{
  char *host;
  guint16 port;
  HttpNetwork network;
  LookUp *look_up;
  GArray *addresses; /* of Address */
};

static void
look_up_clear (gpointer data)
{
  LookUp *self = data;

  if (self->found != NULL)
    freeaddrinfo (self->found);
  close (self->ended);
  g_free (self->host);
}

static gpointer
look_up (gpointer data)
{
  LookUp *self = data;
  const struct addrinfo hints
      = { .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_flags = AI_ADDRCONFIG };
  const struct addrinfo any = { .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM };

  /* On a machine without any address but loopback's, the hint would hide all. */
  self->failed = getaddrinfo (self->host, NULL, &hints, &self->found);
  if (self->failed != 0)
    self->failed = getaddrinfo (self->host, NULL, &any, &self->found);
  if (self->failed != 0)
    self->found = NULL;
  eventfd_write (self->ended, 1);
  g_atomic_rc_box_release_full (self, look_up_clear);
  return NULL;
}

HttpPeer *
http_peer_new (const char *host, guint16 port, HttpNetwork network)
{
  HttpPeer *self = g_new0 (HttpPeer, 1);

  self->host = g_strdup (host);
  self->port = port;
  self->network = network;
  self->addresses = g_array_new (FALSE, FALSE, sizeof (Address));
  self->look_up = g_atomic_rc_box_new0 (LookUp);
  self->look_up->host = g_strdup (host);
  self->look_up->ended = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK);
  g_thread_unref (g_thread_new ("look-up", look_up, g_atomic_rc_box_acquire (self->look_up)));
  return self;
}

void
http_peer_free (HttpPeer *self)
{
  if (self == NULL)
    return;
  g_atomic_rc_box_release_full (self->look_up, look_up_clear);
  g_array_unref (self->addresses);
  g_free (self->host);
  g_free (self);
}

int
http_peer_fd (const HttpPeer *self)
{
  return self->look_up->ended;
}

static void
keep (HttpPeer *self, const struct addrinfo *found)
{
  Address address = { 0 };

  if (found->ai_addrlen > sizeof address || http_address_network (found->ai_addr) != self->network)
    return;
  memcpy (&address, found->ai_addr, found->ai_addrlen);
  if (address.any.sa_family == AF_INET)
    address.four.sin_port = htons (self->port);
  else
    address.six.sin6_port = htons (self->port);
  g_array_append_val (self->addresses, address);
}

gboolean
http_peer_finish (HttpPeer *self, GError **error)
{
  eventfd_t ended;

  eventfd_read (self->look_up->ended, &ended);
  if (self->look_up->failed != 0)
    {
      g_set_error (error, HTTP_PEER_ERROR, HTTP_PEER_ERROR_DNS, "%s could not be looked up: %s",
                   self->host, gai_strerror (self->look_up->failed));
      return FALSE;
    }
  for (const struct addrinfo *found = self->look_up->found; found != NULL; found = found->ai_next)
    keep (self, found);
  if (self->addresses->len > 0)
    return TRUE;
  g_set_error (error, HTTP_PEER_ERROR, HTTP_PEER_ERROR_ADDRESS,
               "%s has no address on the %s network, which is where its file says that it is; if "
               "it is right where it is, say so there with \"network\"",
               self->host, http_network_word (self->network));
  return FALSE;
}

static socklen_t
size_of (const Address *address)
{
  return address->any.sa_family == AF_INET ? sizeof address->four : sizeof address->six;
}

guint
http_peer_n_addresses (const HttpPeer *self)
{
  return self->addresses->len;
}

const struct sockaddr *
http_peer_address (const HttpPeer *self, guint i, socklen_t *len)
{
  const Address *address = &g_array_index (self->addresses, Address, i);

  *len = size_of (address);
  return &address->any;
}

static gboolean
is_same (const Address *one, const Address *other)
{
  if (one->any.sa_family != other->any.sa_family)
    return FALSE;
  if (one->any.sa_family == AF_INET)
    return one->four.sin_port == other->four.sin_port
           && one->four.sin_addr.s_addr == other->four.sin_addr.s_addr;
  return one->six.sin6_port == other->six.sin6_port
         && memcmp (&one->six.sin6_addr, &other->six.sin6_addr, sizeof one->six.sin6_addr) == 0;
}

gboolean
http_peer_may_connect (const HttpPeer *self, const struct sockaddr *address)
{
  gboolean listed = FALSE;

  if (http_address_network (address) != self->network)
    return FALSE;
  for (guint i = 0; i < self->addresses->len && !listed; i++)
    listed = is_same (&g_array_index (self->addresses, Address, i), (const Address *) address);
  return listed;
}

char *
http_peer_list (const HttpPeer *self)
{
  GString *list = g_string_new (NULL);

  for (guint i = 0; i < self->addresses->len; i++)
    {
      const Address *address = &g_array_index (self->addresses, Address, i);
      gboolean four = address->any.sa_family == AF_INET;
      char text[INET6_ADDRSTRLEN];

      inet_ntop (address->any.sa_family,
                 four ? (const void *) &address->four.sin_addr : &address->six.sin6_addr, text,
                 sizeof text);
      g_string_append_printf (list, four ? "%s%s" : "%s[%s]", i > 0 ? "," : "", text);
    }
  return g_string_free (list, FALSE);
}
