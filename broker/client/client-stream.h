/* SPDX-License-Identifier: MIT
 *
 * One connection to the broker as a stream of messages, with the descriptors that go with them.
 */
#pragma once

#include "broker/base/wire.h"

typedef struct _ClientStream ClientStream;

ClientStream *client_stream_new (int fd); /* takes @fd */
void client_stream_free (ClientStream *stream);
int client_stream_fd (const ClientStream *stream);

/* Gathers a request, or a notification when @id is 0; @fds as in client_send_fds(). Errors here and
 * below are of CLIENT_ERROR. */
gboolean client_stream_add (ClientStream *stream, gint64 id, const char *method,
                            const json_t *params, const int *fds, gsize n_fds, GError **error);
/* Writes what the socket takes at once. */
gboolean client_stream_flush (ClientStream *stream, GError **error);
gsize client_stream_backlog (const ClientStream *stream);

/* The next message, without waiting; NULL without error: there is none yet. */
json_t *client_stream_next (ClientStream *stream, int *fd, GError **error);
