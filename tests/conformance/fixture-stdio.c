/* SPDX-License-Identifier: MIT
 *
 * The fixture on standard input and output.
 */
#include "tests/conformance/fixture.h"

#include "mcp/wire/mcp-lines.h"

#include <glib-unix.h>
#include <unistd.h>

#define LINE_MOST (1024 * 1024)

typedef struct
{
  GMainLoop *loop;
  Outbox *outbox;
  McpLines *lines;
  GError *error;
} Stdio;

/* Whoever reads this reads on: a test may wait. */
static void
on_message (gpointer user, McpChannel *channel, McpMessageKind kind, guint status)
{
  Stdio *self = user;

  (void) channel;
  (void) kind;
  (void) status;
  if (self->error == NULL && !outbox_flush (self->outbox, STDOUT_FILENO, &self->error))
    g_main_loop_quit (self->loop);
}

static gboolean
on_input (gint fd, GIOCondition condition, gpointer user)
{
  Stdio *self = user;
  char piece[4096];
  gssize n = read (fd, piece, sizeof piece);

  (void) condition;
  if (n > 0 && self->error == NULL && mcp_lines_push (self->lines, piece, n, &self->error))
    return G_SOURCE_CONTINUE;
  g_main_loop_quit (self->loop);
  return G_SOURCE_CONTINUE;
}

static const McpChannelEvents events = { .message = on_message };

gboolean
fixture_run_stdio (Fixture *fixture, GError **error)
{
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (Outbox) outbox = outbox_new ();
  Stdio self = { .loop = loop, .outbox = outbox };
  g_autoptr (McpChannel) channel = mcp_channel_new (outbox, &events, &self);
  McpSession *session = mcp_session_new (fixture->server, NULL);

  self.lines = mcp_lines_new (session, channel, LINE_MOST);
  guint source = g_unix_fd_add (STDIN_FILENO, G_IO_IN | G_IO_HUP, on_input, &self);
  g_main_loop_run (loop);
  g_source_remove (source);
  mcp_lines_free (self.lines);
  mcp_session_free (session);
  if (self.error != NULL)
    g_propagate_error (error, self.error);
  return self.error == NULL;
}
