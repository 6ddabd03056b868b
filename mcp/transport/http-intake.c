/* SPDX-License-Identifier: MIT */
#include "mcp/transport/http-intake.h"

#include <string.h>

/* --- What libsoup reads --- */

#define HTTP_TYPE_INPUT (http_input_get_type ())
G_DECLARE_FINAL_TYPE (HttpInput, http_input, HTTP, INPUT, GInputStream)

struct _HttpInput
{
  GInputStream parent;
  const char *text; /* what was not read of it */
};

static void input_pollable (GPollableInputStreamInterface *iface);
G_DEFINE_TYPE_WITH_CODE (HttpInput, http_input, G_TYPE_INPUT_STREAM,
                         G_IMPLEMENT_INTERFACE (G_TYPE_POLLABLE_INPUT_STREAM, input_pollable))

static gssize
input_read (GInputStream *stream, void *to, gsize size, GCancellable *cancellable, GError **error)
{
  HttpInput *self = HTTP_INPUT (stream);
  gsize n = MIN (size, strlen (self->text));

  memcpy (to, self->text, n);
  self->text += n;
  return n;
}

static gssize
input_read_nonblocking (GPollableInputStream *stream, void *to, gsize size, GError **error)
{
  return input_read (G_INPUT_STREAM (stream), to, size, NULL, error);
}

static gboolean
input_is_readable (GPollableInputStream *stream)
{
  return TRUE;
}

static GSource *
input_create_source (GPollableInputStream *stream, GCancellable *cancellable)
{
  g_autoptr (GSource) now = g_idle_source_new ();

  g_source_set_priority (now, G_PRIORITY_DEFAULT);
  return g_pollable_source_new_full (stream, now, NULL);
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

struct _HttpIntake
{
  GIOStream parent;
  GInputStream *input;
  GOutputStream *output;
  void (*closed) (gpointer user);
  gpointer user;
};

G_DEFINE_TYPE (HttpIntake, http_intake, G_TYPE_IO_STREAM)

static GInputStream *
get_input (GIOStream *stream)
{
  return HTTP_INTAKE (stream)->input;
}

static GOutputStream *
get_output (GIOStream *stream)
{
  return HTTP_INTAKE (stream)->output;
}

/* The connection itself goes on, or is closed by whoever has it. */
static gboolean
close_stream (GIOStream *stream, GCancellable *cancellable, GError **error)
{
  HttpIntake *self = HTTP_INTAKE (stream);
  void (*closed) (gpointer user) = g_steal_pointer (&self->closed);

  if (closed != NULL)
    closed (self->user);
  return TRUE;
}

static void
finalize (GObject *object)
{
  HttpIntake *self = HTTP_INTAKE (object);

  close_stream (G_IO_STREAM (self), NULL, NULL);
  g_object_unref (self->input);
  g_object_unref (self->output);
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
  self->input = g_object_new (HTTP_TYPE_INPUT, NULL);
}

HttpIntake *
http_intake_new (const char *text, GOutputStream *output, void (*closed) (gpointer user),
                 gpointer user)
{
  HttpIntake *self = g_object_new (HTTP_TYPE_INTAKE, NULL);

  HTTP_INPUT (self->input)->text = text;
  self->output = g_object_ref (output);
  self->closed = closed;
  self->user = user;
  return self;
}

void
http_intake_forget (HttpIntake *intake)
{
  intake->closed = NULL;
}
