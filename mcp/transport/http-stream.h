/* SPDX-License-Identifier: MIT
 *
 * The answer to one HTTP request: one JSON text at once, or a stream of events (Server-Sent Events,
 * https://html.spec.whatwg.org/multipage/server-sent-events.html).
 *
 * MUST
 *  - send what it has at once: nobody between us and the client may gather it
 *  - say something while there is nothing to say, so that nobody in between takes it for dead
 */
#pragma once

#include "broker/base/outbox.h"
#include "mcp/transport/http-connection.h"

typedef struct _HttpStream HttpStream;

/* Pauses @message until there is an answer. @last: the connection ends with it. @gone is called
 * once, when the client is no longer there; then @stream is to be freed. */
HttpStream *http_stream_new (SoupServerMessage *message, gboolean last,
                             void (*gone) (gpointer user), gpointer user);
/* Without an answer the connection is closed. */
void http_stream_free (HttpStream *stream);

/* Goes out with the answer's other headers. Before it has begun. */
void http_stream_set_session (HttpStream *stream, const char *id);

/* --- The answer as a whole; each frees @stream --- */

/* @text is what waits in @outbox, which is emptied. */
void http_stream_answer (HttpStream *stream, guint status, Outbox *outbox);
void http_stream_answer_nothing (HttpStream *stream, guint status);
/* What is wrong with the request, for who sent it, as JSON-RPC says it. @allow: of 405, or NULL. */
void http_stream_refuse (HttpStream *stream, guint status, const char *why, const char *allow);

/* --- In pieces --- */

/* The head goes out. */
void http_stream_begin (HttpStream *stream);
gboolean http_stream_has_begun (const HttpStream *stream);
/* @id may be NULL. @data is one line. */
void http_stream_event (HttpStream *stream, const char *id, const char *data, gsize len);
/* After how long the client is to come back when the stream ends. */
void http_stream_retry (HttpStream *stream, guint retry_ms);
/* Says something when nothing was said for a while. @now: monotonic, µs. */
void http_stream_keep_alive (HttpStream *stream, gint64 now);
/* All of it was said. Frees @stream. */
void http_stream_end (HttpStream *stream);
