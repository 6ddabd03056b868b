/* SPDX-License-Identifier: MIT */
#include "mcp/transport/http-connection-private.h"

void
http_connection_watch (HttpConnection *self, void (*gone) (gpointer user), gpointer user)
{
  self->gone = gone;
  self->gone_user = user;
  self->since = g_get_monotonic_time ();
  if (gone != NULL && (self->hung_up || self->broken))
    http_connection_want_work (self);
}

void
http_connection_take_over (HttpConnection *self, SoupServerMessage *message)
{
  http_intake_forget (self->intake);
  GIOStream *stream = soup_server_message_steal_connection (message);
  g_clear_object (&stream);
  g_clear_object (&self->intake);
}

static gboolean on_writable (GObject *stream, gpointer user);

static void
await_output (HttpConnection *self)
{
  if (self->writable != NULL)
    return;
  self->writable = g_pollable_output_stream_create_source (http_connection_output (self), NULL);
  g_source_set_callback (self->writable, G_SOURCE_FUNC (on_writable), self, NULL);
  g_source_attach (self->writable, NULL);
}

/* FALSE: no more can be written now. */
static gboolean
write_some (HttpConnection *self)
{
  g_autoptr (GError) error = NULL;
  gsize len;
  const char *data = outbox_peek (self->out, &len);
  gssize n = g_pollable_output_stream_write_nonblocking (http_connection_output (self), data, len,
                                                         NULL, &error);

  if (n <= 0)
    {
      if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
        await_output (self);
      else
        http_connection_set_broken (self);
      return FALSE;
    }
  outbox_drop (self->out, n);
  http_budget_give (&self->all->backlog, n);
  self->since = g_get_monotonic_time ();
  return TRUE;
}

gsize
http_connection_backlog (const HttpConnection *self)
{
  return self->out != NULL ? outbox_size (self->out) : 0;
}

static void
flush (HttpConnection *self)
{
  while (http_connection_backlog (self) > 0)
    if (!write_some (self))
      return;
  g_clear_pointer (&self->out, outbox_free);
  if (self->answered)
    http_connection_go_on (self);
}

static gboolean
on_writable (GObject *stream, gpointer user)
{
  HttpConnection *self = user;

  http_connection_drop_source (&self->writable);
  flush (self);
  return G_SOURCE_REMOVE;
}

/* One message may be as long as it is; it is what comes behind it that has to wait. */
static gboolean
keep (HttpConnection *self, const HttpPiece *pieces, gsize n_pieces)
{
  gsize len = 0;

  for (gsize i = 0; i < n_pieces; i++)
    len += pieces[i].len;
  if (http_connection_backlog (self) > HTTP_BACKLOG_MOST
      || !http_budget_take (&self->all->backlog, len))
    return FALSE;
  if (self->out == NULL)
    {
      self->out = outbox_new ();
      self->since = g_get_monotonic_time ();
    }
  for (gsize i = 0; i < n_pieces; i++)
    if (pieces[i].len > 0)
      outbox_add (self->out, pieces[i].data, pieces[i].len);
  outbox_end_plain (self->out);
  return TRUE;
}

void
http_connection_send (HttpConnection *self, const HttpPiece *pieces, gsize n_pieces)
{
  if (self->broken)
    return;
  if (!keep (self, pieces, n_pieces))
    http_connection_set_broken (self);
  else if (self->writable == NULL)
    flush (self);
}

void
http_connection_finish (HttpConnection *self, gboolean last)
{
  self->answered = TRUE;
  self->last = self->last || last;
  http_connection_watch (self, NULL, NULL);
  if (self->broken)
    http_connection_want_work (self);
  else if (self->writable == NULL)
    flush (self);
}
