/* SPDX-License-Identifier: MIT
 *
 * A port of this machine's own addresses, of both kinds or not at all.
 *
 * MUST
 *  - share it with nobody: who had the other kind of address would be brought what is ours
 */
#pragma once

#include <glib.h>

#define HTTP_CALLBACK_SOCKETS 2
typedef struct
{
  int fds[HTTP_CALLBACK_SOCKETS]; /* 127.0.0.1 and ::1; -1: closed, or there is no IPv6 */
  guint16 port;
} HttpCallbackSockets;

/* @port 0: any that is free under both. */
gboolean http_callback_sockets_open (HttpCallbackSockets *self, guint16 port, GError **error);
void http_callback_sockets_close (HttpCallbackSockets *self);
