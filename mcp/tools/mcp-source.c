/* SPDX-License-Identifier: MIT */
#include "mcp/tools/mcp-source.h"

typedef struct
{
  GSource source; /* first */
  const McpSourceEnds *ends;
  gpointer user;
  gpointer tag; /* of fd */
  int fd;
  GIOCondition wanted;
} McpSource;

/* Each change wakes the loop that is about to wait: what stays is let be. */
static void
watch (McpSource *self)
{
  int fd = self->ends->fd (self->user);
  GIOCondition wanted = G_IO_IN | (self->ends->has_backlog (self->user) ? G_IO_OUT : 0);

  if (self->tag != NULL && fd != self->fd)
    {
      g_source_remove_unix_fd (&self->source, self->tag);
      self->tag = NULL;
    }
  if (self->tag == NULL && fd >= 0)
    self->tag = g_source_add_unix_fd (&self->source, fd, wanted);
  else if (self->tag != NULL && wanted != self->wanted)
    g_source_modify_unix_fd (&self->source, self->tag, wanted);
  self->fd = fd;
  self->wanted = wanted;
}

static gboolean
prepare (GSource *source, int *timeout)
{
  McpSource *self = (McpSource *) source;
  gint64 due = self->ends->due (self->user), now = g_get_monotonic_time ();

  watch (self);
  *timeout = due == G_MAXINT64 ? -1 : (int) CLAMP ((due - now + 999) / 1000, 0, G_MAXINT);
  return due <= now;
}

static gboolean
check (GSource *source)
{
  McpSource *self = (McpSource *) source;

  return self->ends->due (self->user) <= g_get_monotonic_time ()
         || (self->tag != NULL && g_source_query_unix_fd (source, self->tag) != 0);
}

static gboolean
dispatch (GSource *source, GSourceFunc callback, gpointer user)
{
  McpSource *self = (McpSource *) source;

  self->ends->turn (self->user);
  return G_SOURCE_CONTINUE;
}

GSource *
mcp_source_new (const McpSourceEnds *ends, gpointer user)
{
  static GSourceFuncs functions = { .prepare = prepare, .check = check, .dispatch = dispatch };
  McpSource *self = (McpSource *) g_source_new (&functions, sizeof (McpSource));

  self->ends = ends;
  self->user = user;
  return &self->source;
}
