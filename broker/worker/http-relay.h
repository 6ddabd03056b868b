/* SPDX-License-Identifier: MIT
 *
 * Bytes between a command that has no network and the one host that it was granted.
 *
 * MUST
 *  - connect to that host and port alone, at the addresses that one look-up gave
 *  - look at nothing of what passes, and hold little of it
 */
#pragma once

#include <poll.h>

#include "broker/worker/http-peer.h"

typedef struct _HttpRelay HttpRelay;

/* Takes @listener, a listening socket, and @peer, which has been looked up. */
HttpRelay *http_relay_new (int listener, HttpPeer *peer);
void http_relay_free (HttpRelay *relay);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (HttpRelay, http_relay_free)

/* Appends what to poll for, as struct pollfd. */
void http_relay_watch (HttpRelay *relay, GArray *polled);
/* Does what poll(2) reported for those; @polled begins at the first that was appended. Returns how
 * many were. */
gsize http_relay_turn (HttpRelay *relay, const struct pollfd *polled);
