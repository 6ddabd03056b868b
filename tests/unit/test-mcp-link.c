/* SPDX-License-Identifier: MIT
 *
 * What a broker is asked first. Its side is played here: what connects gets one end of a pair.
 */
#include "broker/client/client-connect.h"
#include "mcp/tools/mcp-link.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define HELLO "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"version\":1,\"instance\":\"i\"}}\n"

typedef struct
{
  McpLink *link;
  int broker;
  GString *seen; /* what the link told, in order */
} World;

static gint64
prove (gpointer user, Client *client, GError **error)
{
  g_string_append (((World *) user)->seen, "prove ");
  return client_send (client, "bearer", NULL, -1, error);
}

static gboolean
proved (gpointer user, const json_t *answer, GError **error)
{
  World *world = user;
  gboolean fine = json_object_get (answer, "result") != NULL;

  g_string_append (world->seen, fine ? "proved " : "refused ");
  if (!fine)
    g_set_error_literal (error, CLIENT_ERROR, CLIENT_ERROR_PROTOCOL, "no");
  return fine;
}

static void
up (gpointer user, const json_t *hello)
{
  g_string_append (((World *) user)->seen, "up ");
}

static void
message (gpointer user, json_t *owned, int fd)
{
  g_string_append_printf (((World *) user)->seen, "message %d ",
                          (int) wire_integer (owned, "id", 0));
  json_decref (owned);
}

static gboolean
lost (gpointer user)
{
  g_string_append (((World *) user)->seen, "lost ");
  return FALSE;
}

static void
failed (gpointer user, const GError *why)
{
  g_string_append_printf (((World *) user)->seen, "failed:%s ", why->message);
}

static const McpLinkHandler handler = { prove, proved, up, message, lost, failed };

static int offered = -1; /* the end for whoever connects next; -1: nobody is there */

int __wrap_client_connect (const char *path, GError **error);
int
__wrap_client_connect (const char *path, GError **error)
{
  if (offered < 0)
    g_set_error_literal (error, CLIENT_ERROR, CLIENT_ERROR_UNREACHABLE, "nobody");
  return g_steal_fd (&offered);
}

static void
world_open (World *world, gconstpointer unused)
{
  world->seen = g_string_new (NULL);
  world->link = mcp_link_new ("/nowhere", &handler, world);
  world->broker = -1;
}

static void
world_close (World *world, gconstpointer unused)
{
  mcp_link_free (world->link);
  if (world->broker >= 0)
    close (world->broker);
  g_string_free (world->seen, TRUE);
}

static void
expect (World *world, const char *seen)
{
  g_assert_cmpstr (world->seen->str, ==, seen);
  g_string_truncate (world->seen, 0);
}

/* What the broker hears next; what is gathered is sent first. */
static void
expect_heard (World *world, const char *part)
{
  char text[4096];

  mcp_link_flush (world->link);
  gssize n = recv (world->broker, text, sizeof text - 1, MSG_DONTWAIT);
  text[MAX (n, 0)] = '\0';
  if (part == NULL)
    g_assert_cmpint (n, <, 0);
  else
    g_assert_nonnull (strstr (text, part));
}

static void
say (World *world, const char *text)
{
  g_assert_cmpint (send (world->broker, text, strlen (text), 0), ==, (gssize) strlen (text));
  mcp_link_read (world->link);
}

static void
connect_link (World *world)
{
  int ends[2];

  g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), ==, 0);
  offered = ends[0];
  world->broker = ends[1];
  mcp_link_want (world->link, NULL);
  expect_heard (world, "\"hello\"");
}

static void
test_accepted (World *world, gconstpointer unused)
{
  connect_link (world);
  g_assert_null (mcp_link_client (world->link));
  say (world, HELLO);
  expect (world, "prove ");
  expect_heard (world, "\"bearer\"");
  g_assert_null (mcp_link_client (world->link));
  g_assert_null (mcp_link_instance (world->link));
  say (world, "{\"jsonrpc\":\"2.0\",\"id\":2,\"result\":{}}\n");
  expect (world, "proved up ");
  g_assert_nonnull (mcp_link_client (world->link));
  expect_heard (world, NULL);
  say (world, "{\"jsonrpc\":\"2.0\",\"id\":3,\"result\":{}}\n");
  expect (world, "message 3 ");
}

static void
test_refused (World *world, gconstpointer unused)
{
  connect_link (world);
  say (world, HELLO);
  say (world, "{\"jsonrpc\":\"2.0\",\"id\":2,\"error\":{\"code\":4,\"message\":\"no\"}}\n");
  expect (world, "prove refused failed:no ");
  g_assert_cmpint (mcp_link_fd (world->link), ==, -1);
}

/* All at once in one piece: still in that order, and what was not asked for is not passed on. */
static void
test_early (World *world, gconstpointer unused)
{
  connect_link (world);
  say (world, HELLO "{\"jsonrpc\":\"2.0\",\"method\":\"held\",\"params\":{\"id\":9}}\n"
                    "{\"jsonrpc\":\"2.0\",\"id\":9,\"result\":{}}\n"
                    "{\"jsonrpc\":\"2.0\",\"id\":2,\"result\":{}}\n");
  expect (world, "prove proved up ");
}

static void
test_gone (World *world, gconstpointer unused)
{
  connect_link (world);
  say (world, HELLO);
  close (g_steal_fd (&world->broker));
  mcp_link_read (world->link);
  expect (world, "prove failed:the broker went away ");
  connect_link (world);
  say (world, HELLO);
  expect (world, "prove ");
}

static void
test_silent (World *world, gconstpointer unused)
{
  connect_link (world);
  say (world, HELLO);
  expect (world, "prove ");
  gint64 due = mcp_link_due (world->link);
  g_assert_cmpint (due, >, g_get_monotonic_time ());
  g_assert_cmpint (due, <=, g_get_monotonic_time () + 10 * G_USEC_PER_SEC);
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *path;
    void (*run) (World *, gconstpointer);
  } tests[] = {
    { "/mcp-link/up-comes-after-the-proof-is-accepted", test_accepted },
    { "/mcp-link/a-proof-that-is-refused-is-the-end", test_refused },
    { "/mcp-link/nothing-is-passed-on-before-the-proof", test_early },
    { "/mcp-link/the-next-broker-is-shown-the-proof-too", test_gone },
    { "/mcp-link/a-broker-that-does-not-answer-the-proof-is-not-waited-for-long", test_silent },
  };

  wire_init ();
  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].path, World, NULL, world_open, tests[i].run, world_close);
  return g_test_run ();
}
