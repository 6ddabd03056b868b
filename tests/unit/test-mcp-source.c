/* SPDX-License-Identifier: MIT */
#include "mcp/tools/mcp-source.h"

#include <fcntl.h>
#include <unistd.h>

typedef struct
{
  GMainContext *loop;
  GSource *source;
  int pipe[2];
  int fd; /* that is waited for */
  gboolean backlog;
  gint64 due;
  guint turns;
} World;

static int
fd_of (gpointer user)
{
  return ((World *) user)->fd;
}

static gboolean
has_backlog (gpointer user)
{
  return ((World *) user)->backlog;
}

static gint64
due_of (gpointer user)
{
  return ((World *) user)->due;
}

static void
turn (gpointer user)
{
  World *world = user;
  char byte;

  world->turns++;
  world->due = G_MAXINT64;
  while (read (world->pipe[0], &byte, 1) > 0)
    ;
}

static const McpSourceEnds ends = { fd_of, has_backlog, due_of, turn };

static void
world_open (World *world, gconstpointer unused)
{
  world->loop = g_main_context_new ();
  world->due = G_MAXINT64;
  g_assert_cmpint (pipe2 (world->pipe, O_CLOEXEC | O_NONBLOCK), ==, 0);
  world->fd = world->pipe[0];
  world->source = mcp_source_new (&ends, world);
  g_source_attach (world->source, world->loop);
}

static void
world_close (World *world, gconstpointer unused)
{
  g_source_destroy (world->source);
  g_source_unref (world->source);
  g_main_context_unref (world->loop);
  close (world->pipe[0]);
  close (world->pipe[1]);
}

/* What the loop that looks again would find at once: 0, when it would wait. */
static int
found_at_once (World *world)
{
  GPollFD fds[8];
  int timeout, priority;

  g_assert_true (g_main_context_acquire (world->loop));
  g_main_context_prepare (world->loop, &priority);
  int n = g_main_context_query (world->loop, priority, &timeout, fds, G_N_ELEMENTS (fds));
  int found = g_poll (fds, n, 0);
  g_main_context_check (world->loop, priority, fds, n);
  g_main_context_release (world->loop);
  return found;
}

static void
let_settle (World *world)
{
  for (int i = 0; i < 3; i++)
    g_main_context_iteration (world->loop, FALSE);
}

static void
test_idle (World *world, gconstpointer unused)
{
  let_settle (world);
  for (int i = 0; i < 3; i++)
    g_assert_cmpint (found_at_once (world), ==, 0);
  g_assert_cmpuint (world->turns, ==, 0);
}

static void
test_bytes (World *world, gconstpointer unused)
{
  let_settle (world);
  g_assert_cmpint (write (world->pipe[1], "x", 1), ==, 1);
  g_main_context_iteration (world->loop, TRUE);
  let_settle (world);
  g_assert_cmpuint (world->turns, ==, 1);
  g_assert_cmpint (found_at_once (world), ==, 0);
}

static void
test_due (World *world, gconstpointer unused)
{
  let_settle (world);
  world->due = g_get_monotonic_time ();
  g_main_context_iteration (world->loop, TRUE);
  g_assert_cmpuint (world->turns, ==, 1);
}

static void
test_backlog (World *world, gconstpointer unused)
{
  let_settle (world);
  world->fd = world->pipe[1];
  world->backlog = TRUE;
  g_main_context_iteration (world->loop, TRUE);
  g_assert_cmpuint (world->turns, ==, 1);
  world->backlog = FALSE;
  let_settle (world);
  g_assert_cmpint (found_at_once (world), ==, 0);
}

static void
test_other (World *world, gconstpointer unused)
{
  world->fd = -1;
  let_settle (world);
  g_assert_cmpint (write (world->pipe[1], "x", 1), ==, 1);
  g_assert_cmpint (found_at_once (world), ==, 0);
  world->fd = world->pipe[0];
  g_main_context_iteration (world->loop, TRUE);
  g_assert_cmpuint (world->turns, ==, 1);
}

#define CASE(sentence, function)                                                                   \
  g_test_add ("/mcp-source/" sentence, World, NULL, world_open, function, world_close)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  CASE ("while nothing happens the loop waits", test_idle);
  CASE ("what comes is taken once", test_bytes);
  CASE ("what is due is done without anything coming", test_due);
  CASE ("room for what waits to be sent is waited for as long as it waits", test_backlog);
  CASE ("another descriptor is waited for once there is one", test_other);
  return g_test_run ();
}
