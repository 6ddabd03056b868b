/* SPDX-License-Identifier: MIT */
#include "mcp/transport/http-intake.h"

#include <string.h>

#define THROWN_AWAY_MOST (1024 * 1024) /* bytes of a refused request that are still taken */

struct _HttpIntake
{
  GIOStream parent;
  GSocketConnection *socket;
  GIOStream *stream;
  GInputStream *input; /* ours */
  HttpReader *reader;
  HttpRequest *request;
  const char *out; /* what libsoup has not read of it */
  HttpIntakePhase phase;
  gboolean last, answered; /* nothing comes behind the request; its answer has gone out */
  gint64 since;
  gsize thrown_away;
  void (*closed) (gpointer user, HttpIntake *intake);
  gpointer user;
};

G_DEFINE_TYPE (HttpIntake, http_intake, G_TYPE_IO_STREAM)

static void
set_phase (HttpIntake *self, HttpIntakePhase phase)
{
  if (self->phase == phase || self->phase == HTTP_INTAKE_CLOSED)
    return;
  self->phase = phase;
  self->since = g_get_monotonic_time ();
}

/* --- Refusing --- */

static GInputStream *
base_input (HttpIntake *self)
{
  return g_io_stream_get_input_stream (self->stream);
}

/* It is short and nothing else is on its way: what does not go out at once is lost with a client
 * that does not read. */
static void
say_refusal (HttpIntake *self, const HttpRefusal *refusal)
{
  g_autofree char *body = g_strdup_printf (
      "{\"error\":\"invalid_request\",\"error_description\":\"%s\"}", refusal->why);
  g_autofree char *text = g_strdup_printf (
      "HTTP/1.1 %u Refused\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n"
      "Cache-Control: no-store\r\nConnection: close\r\n\r\n%s",
      refusal->status, strlen (body), body);
  GOutputStream *output = g_io_stream_get_output_stream (self->stream);

  g_pollable_output_stream_write_nonblocking (G_POLLABLE_OUTPUT_STREAM (output), text,
                                              strlen (text), NULL, NULL);
}

static void
leave (HttpIntake *self, const HttpRefusal *refusal)
{
  say_refusal (self, refusal);
  set_phase (self, HTTP_INTAKE_LEAVING);
  g_socket_shutdown (g_socket_connection_get_socket (self->socket), FALSE, TRUE, NULL);
}

/* To close while bytes wait would take the refusal away from the client before it is read. */
static gssize
throw_away (HttpIntake *self, GError **error)
{
  char piece[4096];
  gssize n;

  do
    {
      n = g_pollable_input_stream_read_nonblocking (G_POLLABLE_INPUT_STREAM (base_input (self)),
                                                    piece, sizeof piece, NULL, error);
      self->thrown_away += MAX (n, 0);
    }
  while (n > 0 && self->thrown_away < THROWN_AWAY_MOST);
  explicit_bzero (piece, sizeof piece);
  return MIN (n, 0);
}

/* --- What libsoup reads --- */

/* 1: a request is there. 0: the stream has ended. -1 with an error, which may be that nothing more
 * has come. */
static gssize
find_request (HttpIntake *self, GError **error)
{
  HttpRefusal refusal;

  while ((self->request = http_reader_next (self->reader, &refusal)) == NULL)
    {
      gsize len;
      if (refusal.status != 0)
        {
          leave (self, &refusal);
          return throw_away (self, error);
        }
      char *room = http_reader_room (self->reader, &len);
      gssize n = g_pollable_input_stream_read_nonblocking (
          G_POLLABLE_INPUT_STREAM (base_input (self)), room, len, NULL, error);
      if (n <= 0)
        return n;
      http_reader_add (self->reader, n);
      set_phase (self, HTTP_INTAKE_READING);
    }
  return 1;
}

static gssize
give (HttpIntake *self, void *to, gsize size)
{
  gsize n = MIN (size, strlen (self->out));

  memcpy (to, self->out, n);
  self->out += n;
  return n;
}

static gssize
read_for_libsoup (HttpIntake *self, void *to, gsize size, GError **error)
{
  if (*self->out != '\0')
    return give (self, to, size);
  if (self->phase == HTTP_INTAKE_LEAVING)
    return throw_away (self, error);
  if (self->phase == HTTP_INTAKE_ANSWERING) /* one request a stream */
    return 0;
  gssize found = find_request (self, error);
  if (found <= 0)
    return found;
  self->out = http_head_write (self->request->head);
  self->last = self->request->head->close;
  set_phase (self, HTTP_INTAKE_ANSWERING);
  return give (self, to, size);
}

#define HTTP_TYPE_INPUT (http_input_get_type ())
G_DECLARE_FINAL_TYPE (HttpInput, http_input, HTTP, INPUT, GInputStream)

struct _HttpInput
{
  GInputStream parent;
  HttpIntake *intake; /* that has it; NULL: is gone */
};

static void input_pollable (GPollableInputStreamInterface *iface);
G_DEFINE_TYPE_WITH_CODE (HttpInput, http_input, G_TYPE_INPUT_STREAM,
                         G_IMPLEMENT_INTERFACE (G_TYPE_POLLABLE_INPUT_STREAM, input_pollable))

static gssize
input_read_nonblocking (GPollableInputStream *stream, void *to, gsize size, GError **error)
{
  HttpIntake *intake = HTTP_INPUT (stream)->intake;

  return intake != NULL ? read_for_libsoup (intake, to, size, error) : 0;
}

static gssize
input_read (GInputStream *stream, void *to, gsize size, GCancellable *cancellable, GError **error)
{
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED, "read without waiting only");
  return -1;
}

static gboolean
input_is_readable (GPollableInputStream *stream)
{
  HttpIntake *intake = HTTP_INPUT (stream)->intake;

  return intake == NULL || *intake->out != '\0' || !http_reader_is_empty (intake->reader)
         || g_pollable_input_stream_is_readable (G_POLLABLE_INPUT_STREAM (base_input (intake)));
}

/* Only asked for when a read found nothing: so nothing is kept here that would not wake it. */
static GSource *
input_create_source (GPollableInputStream *stream, GCancellable *cancellable)
{
  HttpIntake *intake = HTTP_INPUT (stream)->intake;
  GSource *base = intake != NULL ? g_pollable_input_stream_create_source (
                      G_POLLABLE_INPUT_STREAM (base_input (intake)), cancellable)
                                 : g_idle_source_new ();
  GSource *source = g_pollable_source_new_full (stream, base, NULL);

  g_source_unref (base);
  return source;
}

static void
input_pollable (GPollableInputStreamInterface *iface)
{
  iface->read_nonblocking = input_read_nonblocking;
  iface->is_readable = input_is_readable;
  iface->create_source = input_create_source;
}

static void
http_input_class_init (HttpInputClass *class)
{
  G_INPUT_STREAM_CLASS (class)->read_fn = input_read;
}

static void
http_input_init (HttpInput *self)
{
}

/* --- The stream --- */

static GInputStream *
get_input (GIOStream *stream)
{
  return HTTP_INTAKE (stream)->input;
}

static GOutputStream *
get_output (GIOStream *stream)
{
  return g_io_stream_get_output_stream (HTTP_INTAKE (stream)->stream);
}

/* The socket alone: TLS would say goodbye, and wait for a client that does not listen. */
static void
close_now (HttpIntake *self)
{
  void (*closed) (gpointer user, HttpIntake * intake) = g_steal_pointer (&self->closed);

  set_phase (self, HTTP_INTAKE_CLOSED);
  g_clear_pointer (&self->request, http_request_free);
  if (!self->answered || self->last)
    g_io_stream_close (G_IO_STREAM (self->socket), NULL, NULL);
  if (closed != NULL)
    closed (self->user, self);
}

static gboolean
close_stream (GIOStream *stream, GCancellable *cancellable, GError **error)
{
  close_now (HTTP_INTAKE (stream));
  return TRUE;
}

static void
finalize (GObject *object)
{
  HttpIntake *self = HTTP_INTAKE (object);

  close_now (self);
  HTTP_INPUT (self->input)->intake = NULL;
  g_object_unref (self->input);
  http_reader_free (self->reader);
  g_object_unref (self->stream);
  g_object_unref (self->socket);
  G_OBJECT_CLASS (http_intake_parent_class)->finalize (object);
}

static void
http_intake_class_init (HttpIntakeClass *class)
{
  G_OBJECT_CLASS (class)->finalize = finalize;
  G_IO_STREAM_CLASS (class)->get_input_stream = get_input;
  G_IO_STREAM_CLASS (class)->get_output_stream = get_output;
  G_IO_STREAM_CLASS (class)->close_fn = close_stream;
}

static void
http_intake_init (HttpIntake *self)
{
  HttpInput *input = g_object_new (HTTP_TYPE_INPUT, NULL);

  input->intake = self;
  self->input = G_INPUT_STREAM (input);
  self->reader = http_reader_new ();
  self->out = "";
  self->since = g_get_monotonic_time ();
}

HttpIntake *
http_intake_new (GSocketConnection *socket, GIOStream *stream,
                 void (*closed) (gpointer user, HttpIntake *intake), gpointer user)
{
  HttpIntake *self = g_object_new (HTTP_TYPE_INTAKE, NULL);

  self->socket = g_object_ref (socket);
  self->stream = g_object_ref (stream);
  self->closed = closed;
  self->user = user;
  return self;
}

void
http_intake_set_answered (HttpIntake *intake)
{
  intake->answered = TRUE;
}

HttpIntake *
http_intake_next (HttpIntake *intake, void (*closed) (gpointer user, HttpIntake *intake),
                  gpointer user)
{
  if (!intake->answered || intake->last)
    return NULL;
  HttpIntake *next = http_intake_new (intake->socket, intake->stream, closed, user);
  HttpReader *reader = next->reader;
  next->reader = intake->reader;
  intake->reader = reader;
  if (!http_reader_is_empty (next->reader))
    set_phase (next, HTTP_INTAKE_READING);
  return next;
}

HttpIntakePhase
http_intake_phase (const HttpIntake *intake)
{
  return intake->phase;
}

gint64
http_intake_since (const HttpIntake *intake)
{
  return intake->since;
}

HttpRequest *
http_intake_take (HttpIntake *intake)
{
  return g_steal_pointer (&intake->request);
}

void
http_intake_end (HttpIntake *intake)
{
  static const HttpRefusal late = { 408, "The request took too long to come." };

  if (intake->phase == HTTP_INTAKE_READING)
    say_refusal (intake, &late);
  if (intake->phase != HTTP_INTAKE_ANSWERING)
    set_phase (intake, HTTP_INTAKE_LEAVING);
  /* libsoup finds the end of the stream, and lets go of it. */
  g_socket_shutdown (g_socket_connection_get_socket (intake->socket), TRUE, TRUE, NULL);
}
