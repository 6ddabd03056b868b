/* SPDX-License-Identifier: MIT
 *
 * The ways to a sink, one file each; nobody but sink-link.c includes this.
 */
#pragma once

#include "broker/sink/sink-link.h"

/* errno in words, with the place. Returns FALSE. */
gboolean sink_fail (const SinkPlace *place, const char *doing, GError **error);
gboolean sink_fail_words (const SinkPlace *place, const char *words, GError **error);

/* --- sink-datagram.c --- */
/* Connected to @place; -1 with an error. */
int sink_datagram_open (const SinkPlace *place, GError **error);
/* One message. Too large for a datagram: in a memfd, where the receiver takes those (journald). */
gboolean sink_datagram_send (int fd, const SinkPlace *place, const GString *message,
                             GError **error);

/* --- sink-stream.c --- */
/* A connection to @place; -1 with an error. */
int sink_stream_open (const SinkPlace *place, GError **error);
/* All of @data, each message behind its length (RFC 6587, 3.4.1). g_string_free(). */
GString *sink_stream_frame (const GPtrArray *messages);
gboolean sink_stream_write (int fd, const SinkPlace *place, const GString *data, GError **error);
/* Waits until the receiver closes, after we have: TRUE when it did so having read everything. */
gboolean sink_stream_finish (int fd, const SinkPlace *place, GError **error);

/* --- sink-tls.c --- */
typedef struct _SinkTlsSetup SinkTlsSetup;
SinkTlsSetup *sink_tls_new (const SinkTls *tls, GError **error);
void sink_tls_free (SinkTlsSetup *setup);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SinkTlsSetup, sink_tls_free)
/* On the connection @fd: shakes hands, writes @data, and waits until the receiver closes. */
gboolean sink_tls_carry (SinkTlsSetup *setup, int fd, const SinkPlace *place, const GString *data,
                         GError **error);
