/* SPDX-License-Identifier: MIT */
#include "mcp/transport/http-connection-private.h"

#include "mcp/transport/http-peer.h"

#include <string.h>

#define THROWN_AWAY_MOST (1024 * 1024) /* bytes of a refused request that are still taken */
#define IDLE_WAIT 30                   /* seconds, in each phase */
#define READING_WAIT 10
#define READING_RATE (256 * 1024) /* bytes of a body that come in a second at least */
#define ANSWERING_WAIT 30         /* without any of it being taken */
#define LEAVING_WAIT 2

static void
set_phase (HttpConnection *self, HttpConnectionPhase phase)
{
  self->phase = phase;
  self->since = g_get_monotonic_time ();
}

void
http_connection_want_work (HttpConnection *self)
{
  self->all->ready (self->all->user, self);
}

void
http_connection_set_broken (HttpConnection *self)
{
  self->broken = TRUE;
  http_connection_want_work (self);
}

static GPollableInputStream *
input_of (HttpConnection *self)
{
  return G_POLLABLE_INPUT_STREAM (g_io_stream_get_input_stream (self->stream));
}

GPollableOutputStream *
http_connection_output (HttpConnection *self)
{
  return G_POLLABLE_OUTPUT_STREAM (g_io_stream_get_output_stream (self->stream));
}

void
http_connection_drop_source (GSource **source)
{
  if (*source != NULL)
    g_source_destroy (*source);
  g_clear_pointer (source, g_source_unref);
}

/* --- Refusing --- */

/* It is short and nothing else is on its way: what does not go out at once is lost with a client
 * that does not read. */
static void
say_refusal (HttpConnection *self, const HttpRefusal *refusal)
{
  g_autofree char *body = g_strdup_printf (
      "{\"error\":\"invalid_request\",\"error_description\":\"%s\"}", refusal->why);
  g_autofree char *text = g_strdup_printf (
      "HTTP/1.1 %u Refused\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n"
      "Cache-Control: no-store\r\nConnection: close\r\n\r\n%s",
      refusal->status, strlen (body), body);

  g_pollable_output_stream_write_nonblocking (http_connection_output (self), text, strlen (text),
                                              NULL, NULL);
}

static void
leave (HttpConnection *self, const HttpRefusal *refusal)
{
  say_refusal (self, refusal);
  set_phase (self, HTTP_CONNECTION_LEAVING);
  g_socket_shutdown (g_socket_connection_get_socket (self->socket), FALSE, TRUE, NULL);
}

/* --- Reading --- */

static gboolean
on_readable (GObject *stream, gpointer user)
{
  HttpConnection *self = user;

  http_connection_drop_source (&self->readable);
  http_connection_want_work (self);
  return G_SOURCE_REMOVE;
}

/* Bytes of a plain connection are told of by the server's own poll. Those under TLS may have come
 * already. */
static void
await_input (HttpConnection *self)
{
  if (!G_IS_TLS_CONNECTION (self->stream) || self->readable != NULL)
    return;
  self->readable = g_pollable_input_stream_create_source (input_of (self), NULL);
  g_source_set_callback (self->readable, G_SOURCE_FUNC (on_readable), self, NULL);
  g_source_attach (self->readable, NULL);
}

/* FALSE: nothing came; the connection has ended unless it is waited for. */
static gboolean
read_some (HttpConnection *self, void *to, gsize size, gsize *n)
{
  g_autoptr (GError) error = NULL;
  gssize got = g_pollable_input_stream_read_nonblocking (input_of (self), to, size, NULL, &error);

  *n = MAX (got, 0);
  if (got > 0)
    return TRUE;
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
    await_input (self);
  else
    self->broken = TRUE;
  return FALSE;
}

/* To close while bytes wait would take the refusal away from the client before it is read. */
static void
throw_away (HttpConnection *self)
{
  char piece[4096];
  gsize n;

  while (read_some (self, piece, sizeof piece, &n) && self->thrown_away < THROWN_AWAY_MOST)
    self->thrown_away += n;
  explicit_bzero (piece, sizeof piece);
  if (self->thrown_away >= THROWN_AWAY_MOST)
    self->broken = TRUE;
}

static void
read_on (HttpConnection *self)
{
  HttpRefusal refusal;

  while ((self->request = http_reader_next (self->reader, &refusal)) == NULL)
    {
      gsize len, n;
      if (refusal.status != 0)
        {
          leave (self, &refusal);
          throw_away (self);
          return;
        }
      char *room = http_reader_room (self->reader, &len);
      if (len == 0)
        continue;
      if (!read_some (self, room, len, &n))
        return;
      http_reader_add (self->reader, n);
      if (self->phase == HTTP_CONNECTION_IDLE)
        set_phase (self, HTTP_CONNECTION_READING);
    }
  self->last = self->request->head->close;
  self->answered = FALSE;
  set_phase (self, HTTP_CONNECTION_ANSWERING);
  self->all->request (self->all->user, self);
}

static void
tell_gone (HttpConnection *self)
{
  void (*gone) (gpointer user) = g_steal_pointer (&self->gone);

  if (gone != NULL)
    gone (self->gone_user);
}

gboolean
http_connection_work (HttpConnection *self)
{
  if (self->phase == HTTP_CONNECTION_ANSWERING && (self->hung_up || self->broken)
      && self->gone != NULL)
    {
      /* Whoever answers ends it, and libsoup learns of it by what it writes. */
      g_socket_shutdown (g_socket_connection_get_socket (self->socket), TRUE, TRUE, NULL);
      self->broken = self->broken || self->intake == NULL;
      tell_gone (self);
    }
  else if (self->phase == HTTP_CONNECTION_LEAVING)
    throw_away (self);
  else if (self->phase != HTTP_CONNECTION_ANSWERING && !self->broken)
    read_on (self);
  return !self->broken || self->intake != NULL;
}

void
http_connection_set_hung_up (HttpConnection *self)
{
  self->hung_up = TRUE;
}

/* --- libsoup --- */

/* What is left of a connection whose answer has gone out. */
void
http_connection_go_on (HttpConnection *self)
{
  g_clear_pointer (&self->request, http_request_free);
  if (!self->answered || self->last)
    self->broken = TRUE;
  else
    set_phase (self, http_reader_is_empty (self->reader) ? HTTP_CONNECTION_IDLE
                                                         : HTTP_CONNECTION_READING);
  http_connection_want_work (self);
}

static void
on_let_go (gpointer user)
{
  HttpConnection *self = user;

  g_clear_object (&self->intake);
  http_connection_go_on (self);
}

void
http_connection_begin (HttpConnection *self, SoupServer *soup, GSocketAddress *local)
{
  self->intake = http_intake_new (http_head_write (self->request->head),
                                  g_io_stream_get_output_stream (self->stream), on_let_go, self);
  soup_server_accept_iostream (soup, G_IO_STREAM (self->intake), local, self->peer, NULL);
}

void
http_connection_set_answered (HttpConnection *self)
{
  self->answered = TRUE;
}

HttpConnection *
http_connection_of (SoupServerMessage *message)
{
  return http_peer_connection (soup_server_message_get_remote_address (message));
}

HttpRequest *
http_connection_take (HttpConnection *self)
{
  return g_steal_pointer (&self->request);
}

/* --- The connection --- */

HttpConnection *
http_connection_new (HttpConnections *all, GSocketConnection *socket, GIOStream *stream)
{
  HttpConnection *self = g_new0 (HttpConnection, 1);

  self->all = all;
  self->socket = g_object_ref (socket);
  self->stream = g_object_ref (stream);
  self->peer = http_peer_new (socket, self);
  self->reader = http_reader_new (&all->reading);
  set_phase (self, HTTP_CONNECTION_IDLE);
  return self;
}

/* The socket alone is closed: TLS would say goodbye, and wait for a client that does not listen. */
void
http_connection_free (HttpConnection *self)
{
  if (self == NULL)
    return;
  self->broken = TRUE;
  tell_gone (self);
  http_connection_drop_source (&self->readable);
  http_connection_drop_source (&self->writable);
  if (self->intake != NULL)
    http_intake_forget (self->intake);
  g_clear_object (&self->intake);
  http_budget_give (&self->all->backlog, http_connection_backlog (self));
  outbox_free (self->out);
  http_request_free (self->request);
  http_reader_free (self->reader);
  g_io_stream_close (G_IO_STREAM (self->socket), NULL, NULL);
  http_peer_forget (self->peer);
  g_object_unref (self->peer);
  g_object_unref (self->stream);
  g_object_unref (self->socket);
  g_free (self);
}

int
http_connection_fd (const HttpConnection *self)
{
  return g_socket_get_fd (g_socket_connection_get_socket (self->socket));
}

HttpConnectionPhase
http_connection_phase (const HttpConnection *self)
{
  return self->phase;
}

gint64
http_connection_since (const HttpConnection *self)
{
  return self->since;
}

gboolean
http_connection_is_late (const HttpConnection *self, gint64 now)
{
  static const guint waits[] = { [HTTP_CONNECTION_IDLE] = IDLE_WAIT,
                                 [HTTP_CONNECTION_READING] = READING_WAIT,
                                 [HTTP_CONNECTION_ANSWERING] = ANSWERING_WAIT,
                                 [HTTP_CONNECTION_LEAVING] = LEAVING_WAIT };
  gint64 wait = waits[self->phase];

  /* It is we who let it wait. */
  if (self->gone != NULL && http_connection_backlog (self) == 0)
    return FALSE;
  if (self->phase == HTTP_CONNECTION_READING)
    wait += http_reader_body (self->reader) / READING_RATE;
  return now - self->since >= wait * G_USEC_PER_SEC;
}

gboolean
http_connection_is_silent (const HttpConnection *self)
{
  return self->gone != NULL && self->intake == NULL && http_connection_backlog (self) == 0;
}

void
http_connection_end (HttpConnection *self)
{
  static const HttpRefusal late = { 408, "The request took too long to come." };

  if (self->phase == HTTP_CONNECTION_READING)
    say_refusal (self, &late);
  if (self->phase != HTTP_CONNECTION_ANSWERING)
    set_phase (self, HTTP_CONNECTION_LEAVING);
  g_socket_shutdown (g_socket_connection_get_socket (self->socket), TRUE, TRUE, NULL);
  http_connection_set_broken (self);
}
