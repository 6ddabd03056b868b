/* SPDX-License-Identifier: MIT
 *
 * Who is at the other end, as libsoup is told: it gives it back with each message, and so the
 * connection is found again. It is a GObject because GIO's addresses are.
 */
#pragma once

#include <gio/gio.h>

typedef struct _HttpConnection HttpConnection;

GSocketAddress *http_peer_new (GSocketConnection *socket, HttpConnection *connection);
HttpConnection *http_peer_connection (GSocketAddress *peer); /* NULL when it is forgotten */
void http_peer_forget (GSocketAddress *peer);
