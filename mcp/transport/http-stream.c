/* SPDX-License-Identifier: MIT */
#include "mcp/transport/http-stream.h"

#include "mcp/transport/http-answer.h"
#include "mcp/wire/mcp-fault.h"

#include <string.h>

#define KEEP_ALIVE (15 * G_USEC_PER_SEC)

struct _HttpStream
{
  SoupServerMessage *message; /* NULL: the answer is written here */
  HttpConnection *connection; /* NULL: the client is gone */
  gboolean last;
  char *session; /* or NULL */
  gint64 said;   /* when something was; monotonic, µs */
  void (*gone) (gpointer user);
  gpointer user;
};

/* libsoup goes on with what it was told. */
static void
let_go (HttpStream *stream)
{
  soup_server_message_unpause (stream->message);
  g_clear_object (&stream->message);
}

static void
on_gone (gpointer user)
{
  HttpStream *stream = user;

  stream->connection = NULL;
  if (stream->message != NULL)
    {
      soup_server_message_set_status (stream->message, SOUP_STATUS_OK, NULL);
      let_go (stream);
    }
  stream->gone (stream->user);
}

HttpStream *
http_stream_new (SoupServerMessage *message, gboolean last, void (*gone) (gpointer user),
                 gpointer user)
{
  HttpStream *stream = g_new0 (HttpStream, 1);

  soup_server_message_pause (message);
  stream->message = g_object_ref (message);
  stream->connection = http_connection_of (message);
  stream->last = last;
  stream->gone = gone;
  stream->user = user;
  http_connection_watch (stream->connection, on_gone, stream);
  return stream;
}

static void
free_now (HttpStream *stream)
{
  g_free (stream->session);
  g_free (stream);
}

void
http_stream_free (HttpStream *stream)
{
  if (stream == NULL)
    return;
  if (stream->connection != NULL)
    {
      http_connection_watch (stream->connection, NULL, NULL);
      http_connection_end (stream->connection);
    }
  if (stream->message != NULL)
    {
      soup_server_message_set_status (stream->message, SOUP_STATUS_SERVICE_UNAVAILABLE, NULL);
      let_go (stream);
    }
  free_now (stream);
}

void
http_stream_set_session (HttpStream *stream, const char *id)
{
  g_free (stream->session);
  stream->session = g_strdup (id);
}

/* --- As a whole --- */

static void
finish (HttpStream *stream)
{
  SoupMessageHeaders *headers = soup_server_message_get_response_headers (stream->message);

  if (stream->session != NULL)
    soup_message_headers_replace (headers, "Mcp-Session-Id", stream->session);
  if (stream->last)
    http_answer_last (stream->message);
  http_connection_watch (stream->connection, NULL, NULL);
  let_go (stream);
  free_now (stream);
}

void
http_stream_answer_nothing (HttpStream *stream, guint status)
{
  http_answer_private (stream->message, status, NULL);
  finish (stream);
}

void
http_stream_refuse (HttpStream *stream, guint status, const char *why, const char *allow)
{
  g_autoptr (json_t) body = json_pack ("{s:s, s:n, s:{s:i, s:s}}", "jsonrpc", "2.0", "id", "error",
                                       "code", MCP_INVALID_REQUEST, "message", why);

  http_answer_private (stream->message, status, body);
  if (allow != NULL)
    soup_message_headers_replace (soup_server_message_get_response_headers (stream->message),
                                  "Allow", allow);
  finish (stream);
}

/* --- Written here --- */

static HttpPiece
piece (const char *text)
{
  return (HttpPiece){ text, strlen (text) };
}

/* The head of an answer, as far as @more, its last lines. */
static char *
make_head (const HttpStream *stream, guint status, const char *more)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autofree char *date = soup_date_time_to_string (now, SOUP_DATE_HTTP);
  const char *id = stream->session;

  return g_strdup_printf ("HTTP/1.1 %u %s\r\nDate: %s\r\nCache-Control: no-store\r\n"
                          "X-Content-Type-Options: nosniff\r\n%s%s%s%s%s\r\n",
                          status, soup_status_get_phrase (status), date,
                          id != NULL ? "Mcp-Session-Id: " : "", id != NULL ? id : "",
                          id != NULL ? "\r\n" : "", stream->last ? "Connection: close\r\n" : "",
                          more);
}

static void
take_over (HttpStream *stream)
{
  http_connection_take_over (stream->connection, stream->message);
  g_clear_object (&stream->message);
}

/* With one write: libsoup takes two, and two turns of the loop. */
void
http_stream_answer (HttpStream *stream, guint status, Outbox *outbox)
{
  gsize len;
  const char *line = outbox_peek (outbox, &len);
  g_autofree char *more
      = g_strdup_printf ("Content-Type: application/json\r\nContent-Length: %zu\r\n", len - 1);
  g_autofree char *head = make_head (stream, status, more);
  const HttpPiece pieces[] = { piece (head), { line, len - 1 } };

  take_over (stream);
  http_connection_send (stream->connection, pieces, G_N_ELEMENTS (pieces));
  http_connection_finish (stream->connection, stream->last);
  outbox_drop (outbox, len);
  free_now (stream);
}

/* --- In pieces --- */

gboolean
http_stream_has_begun (const HttpStream *stream)
{
  return stream->message == NULL;
}

void
http_stream_begin (HttpStream *stream)
{
  /* What ends with the connection needs no frame (RFC 9112, section 6.3). */
  g_autofree char *more
      = g_strconcat ("Content-Type: text/event-stream\r\nX-Accel-Buffering: no\r\n",
                     stream->last ? "" : "Transfer-Encoding: chunked\r\n", NULL);
  g_autofree char *head = make_head (stream, SOUP_STATUS_OK, more);
  const HttpPiece whole = piece (head);

  take_over (stream);
  stream->said = g_get_monotonic_time ();
  http_connection_send (stream->connection, &whole, 1);
}

static void
say (HttpStream *stream, const HttpPiece *pieces, gsize n)
{
  HttpPiece framed[8];
  gsize len = 0, first = stream->last ? 0 : 1;
  char size[24];

  g_assert (n + 2 <= G_N_ELEMENTS (framed));
  for (gsize i = 0; i < n; i++)
    {
      framed[first + i] = pieces[i];
      len += pieces[i].len;
    }
  g_snprintf (size, sizeof size, "%zx\r\n", len);
  framed[stream->last ? n : 0] = piece (stream->last ? "" : size);
  framed[n + 1] = piece (stream->last ? "" : "\r\n");
  stream->said = g_get_monotonic_time ();
  http_connection_send (stream->connection, framed, n + 2);
}

void
http_stream_event (HttpStream *stream, const char *id, const char *data, gsize len)
{
  const HttpPiece pieces[] = { piece (id != NULL ? "id: " : ""),
                               piece (id != NULL ? id : ""),
                               piece (id != NULL ? "\ndata: " : "data: "),
                               { data, len },
                               piece ("\n\n") };

  say (stream, pieces, G_N_ELEMENTS (pieces));
}

void
http_stream_retry (HttpStream *stream, guint retry_ms)
{
  char text[40];

  g_snprintf (text, sizeof text, "retry: %u\n\n", retry_ms);
  say (stream, &(HttpPiece){ text, strlen (text) }, 1);
}

void
http_stream_keep_alive (HttpStream *stream, gint64 now)
{
  static const HttpPiece nothing = { ":\n\n", 3 };

  if (now - stream->said >= KEEP_ALIVE)
    say (stream, &nothing, 1);
}

void
http_stream_end (HttpStream *stream)
{
  static const HttpPiece end = { "0\r\n\r\n", 5 };

  if (!stream->last)
    http_connection_send (stream->connection, &end, 1);
  http_connection_finish (stream->connection, stream->last);
  free_now (stream);
}
