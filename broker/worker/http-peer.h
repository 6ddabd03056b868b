/* SPDX-License-Identifier: MIT
 *
 * The one host that a worker connects to: looked up once.
 *
 * MUST
 *  - connect only to what that one look-up gave: a name that later means another machine, means
 *    nothing here
 *  - keep of it only addresses of the network that the service names
 */
#pragma once

#include "broker/worker/http-address.h"

#define HTTP_PEER_ERROR (http_peer_error_quark ())
typedef enum
{
  HTTP_PEER_ERROR_DNS,    /* no address */
  HTTP_PEER_ERROR_ADDRESS /* none that may be connected to */
} HttpPeerError;
GQuark http_peer_error_quark (void);

typedef struct _HttpPeer HttpPeer;

/* Begins the look-up, on a thread of its own. Needs no look at it for a host that is an address. */
HttpPeer *http_peer_new (const char *host, guint16 port, HttpNetwork network);
/* A look-up that is under way ends by itself. */
void http_peer_free (HttpPeer *peer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (HttpPeer, http_peer_free)

/* For poll(2): readable once the look-up has ended. */
int http_peer_fd (const HttpPeer *peer);
/* What came of it; only once it has ended. */
gboolean http_peer_finish (HttpPeer *peer, GError **error);

/* After http_peer_finish(): the addresses, with the port, in the order in which to try them. */
guint http_peer_n_addresses (const HttpPeer *peer);
const struct sockaddr *http_peer_address (const HttpPeer *peer, guint i, socklen_t *len);
/* TRUE for an address and port that is one of them. Judged again by its network: whatever is wrong
 * with the list, no socket is opened to another. */
gboolean http_peer_may_connect (const HttpPeer *peer, const struct sockaddr *address);
/* "192.0.2.1,[2001:db8::1]", for CURLOPT_RESOLVE; g_free(). */
char *http_peer_list (const HttpPeer *peer);
