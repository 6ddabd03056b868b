/* SPDX-License-Identifier: MIT
 *
 * Bytes between a command that has no network and the one host that it was granted.
 *
 * MUST
 *  - connect to that host and port alone, at the addresses that one look-up gave
 *  - look at nothing of what passes, and hold little of it
 *  - serve a program for as long as it is there, and one socket of it
 */
#pragma once

#include <poll.h>

#include "broker/worker/http-peer.h"

typedef struct _HttpRelay HttpRelay;

/* Takes @peer, which has been looked up, and either @listener, a listening socket, or @program,
 * over which one will be sent (http-listener.h), and whose end is the relay's; the other is -1. */
HttpRelay *http_relay_new (int listener, int program, HttpPeer *peer);
void http_relay_free (HttpRelay *relay);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (HttpRelay, http_relay_free)

/* Appends what to poll for, as struct pollfd. */
void http_relay_watch (HttpRelay *relay, GArray *polled);
/* Does what poll(2) reported for those; @polled begins at the first that was appended. Returns how
 * many were. */
gsize http_relay_turn (HttpRelay *relay, const struct pollfd *polled);
/* Its program has gone, or sent what it may not. */
gboolean http_relay_is_over (const HttpRelay *relay);
