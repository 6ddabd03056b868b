/* SPDX-License-Identifier: MIT */
#include "broker/sink/sink-link.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "broker/sink/sink-private.h"

/* By kind. A connection is for many, and so waits a little for others where there are no more yet;
 * datagrams must not fill the receiver's queue (RFC 5426, 4.3). */
static const struct
{
  guint burst, pause, pause_before_more;
} paces[] = {
  [SINK_JOURNALD] = { 64, 0, 0 },       [SINK_SYSLOG_UNIX] = { 64, 0, 0 },
  [SINK_SYSLOG_UDP] = { 32, 20, 20 },   [SINK_SYSLOG_TCP] = { 1024, 250, 0 },
  [SINK_SYSLOG_TLS] = { 1024, 250, 0 },
};

struct _SinkLink
{
  const SinkPlace *place;
  SinkTlsSetup *tls;
  int fd; /* of datagrams; -1: to be opened */
};

SinkLink *
sink_link_new (const SinkPlace *place, const SinkTls *tls, GError **error)
{
  SinkTlsSetup *setup = NULL;

  if (place->kind == SINK_SYSLOG_TLS && (setup = sink_tls_new (tls, error)) == NULL)
    return NULL;
  SinkLink *self = g_new0 (SinkLink, 1);
  self->place = place;
  self->tls = setup;
  self->fd = -1;
  return self;
}

static void
close_link (SinkLink *self)
{
  if (self->fd >= 0)
    close (self->fd);
  self->fd = -1;
}

void
sink_link_free (SinkLink *self)
{
  close_link (self);
  g_clear_pointer (&self->tls, sink_tls_free);
  g_free (self);
}

gboolean
sink_fail_words (const SinkPlace *place, const char *words, GError **error)
{
  g_set_error (error, SINK_ERROR, SINK_ERROR_SEND, "%s: %s", place->text, words);
  return FALSE;
}

gboolean
sink_fail (const SinkPlace *place, const char *doing, GError **error)
{
  g_autofree char *words = g_strdup_printf ("%s: %s", doing, g_strerror (errno));

  return sink_fail_words (place, words, error);
}

static guint
send_datagrams (SinkLink *self, const GPtrArray *messages, GError **error)
{
  guint sent = 0;

  if (self->fd < 0)
    self->fd = sink_datagram_open (self->place, error);
  if (self->fd < 0)
    return 0;
  while (sent < messages->len
         && sink_datagram_send (self->fd, self->place, messages->pdata[sent], error))
    sent++;
  if (sent < messages->len)
    close_link (self);
  /* That nobody listens at a UDP port is told a moment later, and of which of them is not. */
  return sent < messages->len && self->place->kind == SINK_SYSLOG_UDP ? 0 : sent;
}

static gboolean
send_plain (int fd, const SinkPlace *place, const GString *data, GError **error)
{
  return sink_stream_write (fd, place, data, error) && sink_stream_finish (fd, place, error);
}

/* All or nothing. */
static guint
send_stream (SinkLink *self, const GPtrArray *messages, GError **error)
{
  int fd = sink_stream_open (self->place, error);

  if (fd < 0)
    return 0;
  GString *data = sink_stream_frame (messages);
  gboolean taken = self->tls != NULL ? sink_tls_carry (self->tls, fd, self->place, data, error)
                                     : send_plain (fd, self->place, data, error);
  g_string_free (data, TRUE);
  close (fd);
  return taken ? messages->len : 0;
}

guint
sink_link_send (SinkLink *self, const GPtrArray *messages, GError **error)
{
  gboolean stream = self->place->kind == SINK_SYSLOG_TCP || self->place->kind == SINK_SYSLOG_TLS;

  return stream ? send_stream (self, messages, error) : send_datagrams (self, messages, error);
}

guint
sink_link_burst (const SinkLink *self)
{
  return paces[self->place->kind].burst;
}

guint
sink_link_pause (const SinkLink *self, gboolean more)
{
  return more ? paces[self->place->kind].pause_before_more : paces[self->place->kind].pause;
}
