/* SPDX-License-Identifier: MIT
 *
 * Times are made up: the clock is the test's.
 */
#include "mcp/tools/mcp-value.h"
#include "mcp/tools/mcp-waiting.h"
#include "tests/unit/mcp-talk.h"

#include <string.h>
#include <unistd.h>

#define SECOND G_USEC_PER_SEC

typedef struct
{
  McpTalk *talk;
  McpWaitingList *list;
  McpWaiting *last; /* the call that came last */
} World;

static void
call_tool (gpointer user, McpCall *call)
{
  World *world = user;

  world->last = mcp_waiting_new (
      world->list, call,
      mcp_question_new (arguments_find (mcp_call_name (call)), mcp_call_arguments (call), NULL),
      45 * SECOND, SECOND);
  mcp_call_set_data (call, world->last);
}

static void
cancelled (gpointer user, McpCall *call)
{
  mcp_waiting_end (((World *) user)->list, mcp_call_get_data (call));
}

static const McpHandler handler = { .identity = { .name = "t", .version = "1" },
                                    .offers = MCP_OFFERS_TOOLS,
                                    .call = call_tool,
                                    .cancelled = cancelled };

static void
world_open (World *world, gconstpointer unused)
{
  world->talk = mcp_talk_new (&handler, world, 65536);
  world->list = mcp_waiting_list_new ();
  mcp_talk_begin (world->talk, "2025-11-25");
}

static void
world_close (World *world, gconstpointer unused)
{
  mcp_talk_free (world->talk);
  mcp_waiting_list_free (world->list);
}

/* A call of @tool; @token: the progress token, or NULL. */
static McpWaiting *
call_of (World *world, const char *tool, int id, const char *token, const char *arguments)
{
  g_autofree char *meta
      = token != NULL ? g_strdup_printf (",\"_meta\":{\"progressToken\":\"%s\"}", token) : NULL;
  g_autofree char *line = g_strdup_printf (
      "{\"jsonrpc\":\"2.0\",\"id\":%d,\"method\":\"tools/call\",\"params\":{\"name\":\"%s\","
      "\"arguments\":%s%s}}",
      id, tool, arguments, meta != NULL ? meta : "");
  g_autofree char *heard = mcp_talk (world->talk, line);

  g_assert_cmpstr (heard, ==, "");
  return world->last;
}

static McpWaiting *
call (World *world, int id, const char *token, const char *arguments)
{
  return call_of (world, "store_secret", id, token, arguments);
}

static void
expect (World *world, const char *tokens)
{
  g_autofree char *heard = mcp_talk_heard (world->talk);
  g_auto (GStrv) lines = g_strsplit (heard, "\n", -1);
  g_autoptr (GString) found = g_string_new (NULL);

  for (char **line = lines; *line != NULL && **line != '\0'; line++)
    {
      g_autoptr (json_t) message = wire_parse (*line, strlen (*line), FALSE, NULL);
      const json_t *params = json_object_get (message, "params");
      g_string_append_printf (
          found, "%s%" G_GINT64_FORMAT ":%s ", wire_string (params, "progressToken"),
          wire_integer (params, "progress", 0), wire_string (params, "message"));
    }
  g_assert_cmpstr (found->str, ==, tokens);
}

static void
test_progress (World *world, gconstpointer unused)
{
  McpWaiting *a = call (world, 1, "a", "{}"), *b = call (world, 2, "b", "{}");
  McpWaiting *quiet = call (world, 3, NULL, "{}");

  mcp_waiting_set_asked (world->list, a, 1, 0);
  mcp_waiting_set_asked (world->list, b, 2, 0);
  mcp_waiting_set_asked (world->list, quiet, 3, 0);
  g_assert_cmpint (mcp_waiting_due (world->list), ==, G_MAXINT64);
  mcp_waiting_set_held (world->list, a, "why", 10 * SECOND);
  mcp_waiting_set_held (world->list, quiet, "why", 11 * SECOND);
  mcp_waiting_set_held (world->list, b, "why", 12 * SECOND);
  expect (world, "a1:why b1:why ");
  g_assert_cmpint (mcp_waiting_due (world->list), ==, 22 * SECOND);
  mcp_waiting_tick (world->list, 22 * SECOND - 1);
  expect (world, "");
  mcp_waiting_tick (world->list, 22 * SECOND);
  expect (world, "a2:why ");
  g_assert_cmpint (mcp_waiting_due (world->list), ==, 24 * SECOND);
  mcp_waiting_tick (world->list, 60 * SECOND);
  expect (world, "b2:why a3:why ");
}

static void
test_progress_ends (World *world, gconstpointer unused)
{
  McpWaiting *a = call (world, 1, "a", "{}"), *b = call (world, 2, "b", "{}");

  mcp_waiting_set_asked (world->list, a, 1, 0);
  mcp_waiting_set_asked (world->list, b, 2, 0);
  mcp_waiting_set_held (world->list, a, "why", 0);
  mcp_waiting_set_held (world->list, b, "why", 0);
  mcp_waiting_set_asked (world->list, a, 0, 0); /* the broker went away */
  expect (world, "a1:why b1:why ");
  g_autofree char *heard = mcp_talk (world->talk, "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/"
                                                  "cancelled\",\"params\":{\"requestId\":2}}");
  g_assert_cmpstr (heard, ==, "");
  g_assert_cmpint (mcp_waiting_due (world->list), ==, G_MAXINT64);
  mcp_waiting_tick (world->list, 100 * SECOND);
  expect (world, "");
  mcp_waiting_set_asked (world->list, a, 3, 0);
  mcp_waiting_set_held (world->list, a, "again", 100 * SECOND);
  expect (world, "a2:again ");
}

static void
test_counts (World *world, gconstpointer unused)
{
  McpWaiting *a = call (world, 1, "a", "{}"), *b = call (world, 2, "b", "{}");

  g_assert_cmpuint (mcp_waiting_n_open (world->list), ==, 0);
  mcp_waiting_set_asked (world->list, a, 7, 0);
  mcp_waiting_set_asked (world->list, b, 8, 0);
  g_assert_cmpuint (mcp_waiting_n_open (world->list), ==, 2);
  mcp_waiting_set_held (world->list, a, "why", 0);
  mcp_waiting_set_held (world->list, a, "still", 0);
  g_assert_cmpuint (mcp_waiting_n_open (world->list), ==, 1);
  g_assert_true (mcp_waiting_find (world->list, 7) == a);
  mcp_waiting_set_asked (world->list, a, 0, 0);
  g_assert_null (mcp_waiting_find (world->list, 7));
  g_assert_cmpuint (mcp_waiting_n_open (world->list), ==, 1);
  mcp_waiting_set_asked (world->list, a, 9, 0);
  g_assert_true (mcp_waiting_find (world->list, 9) == a);
  g_assert_cmpuint (mcp_waiting_n_open (world->list), ==, 2);
  g_assert_true (mcp_waiting_all (world->list)->head->data == a);
}

static void
test_hold (World *world, gconstpointer unused)
{
  static const struct
  {
    gint64 now, left;
  } rows[] = { { 1 * SECOND, 45 },     { 2 * SECOND - 1, 45 }, { 2 * SECOND, 44 },
               { 46 * SECOND - 1, 1 }, { 46 * SECOND, 0 },     { 90 * SECOND, 0 } };
  McpWaiting *waiting = call (world, 1, NULL, "{\"name\":\"n\"}");
  int fds[MCP_QUESTION_FDS];

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (json_t) params = mcp_waiting_message (waiting, rows[i].now, fds, NULL);
      g_assert_cmpint (wire_integer (params, "hold_seconds", -1), ==, rows[i].left);
      g_assert_cmpstr (wire_string (params, "name"), ==, "n");
      g_assert_cmpint (fds[0], ==, -1);
      g_assert_cmpint (fds[1], ==, -1);
    }
  g_assert_null (json_object_get (mcp_question_params (waiting->question), "hold_seconds"));
}

static const struct
{
  const char *tool, *field, *by_fd;
} large[] = { { "store_secret", "value", "value_fd" },
              { "http_request", "body", "body_fd" },
              { "run_command", "stdin", "stdin_fd" } };

static void
test_value (World *world, gconstpointer unused)
{
  g_autofree char *longest = g_strnfill (MCP_VALUE_INLINE, 'v');
  int fds[MCP_QUESTION_FDS];

  for (gsize i = 0; i < G_N_ELEMENTS (large); i++)
    {
      g_autofree char *inlined = g_strdup_printf ("{\"%s\":\"%s\"}", large[i].field, longest);
      g_autofree char *beside = g_strdup_printf ("{\"%s\":\"%sv\"}", large[i].field, longest);
      McpWaiting *first = call_of (world, large[i].tool, 2 * i + 1, NULL, inlined);
      McpWaiting *second = call_of (world, large[i].tool, 2 * i + 2, NULL, beside);

      g_autoptr (json_t) short_one = mcp_waiting_message (first, 0, fds, NULL);
      g_assert_cmpint (fds[0], ==, -1);
      g_assert_cmpstr (wire_string (short_one, large[i].field), ==, longest);
      g_autoptr (json_t) long_one = mcp_waiting_message (second, 0, fds, NULL);
      g_assert_cmpint (fds[0], >=, 0);
      g_assert_null (json_object_get (long_one, large[i].field));
      g_assert_true (json_is_true (json_object_get (long_one, large[i].by_fd)));
      /* Still there, to be asked again of another broker. */
      g_assert_cmpuint (
          strlen (wire_string (mcp_question_params (second->question), large[i].field)), ==,
          MCP_VALUE_INLINE + 1);
      close (fds[0]);
    }
}

/* What a command prints is told at once, and between it that the command is still under way; that
 * a person is waited for no longer is. */
static void
test_running (World *world, gconstpointer unused)
{
  McpWaiting *a = call_of (world, "run_command", 1, "a", "{}");

  mcp_waiting_set_asked (world->list, a, 1, 0);
  expect (world, "");
  mcp_waiting_tick (world->list, 12 * SECOND);
  expect (world, "a1:under way ");
  mcp_waiting_set_held (world->list, a, "why", 20 * SECOND);
  mcp_waiting_set_running (world->list, a, "one", 21 * SECOND);
  mcp_waiting_set_running (world->list, a, "two", 22 * SECOND);
  expect (world, "a2:why a3:one a4:two ");
  g_assert_cmpint (mcp_waiting_due (world->list), ==, 34 * SECOND);
  mcp_waiting_tick (world->list, 34 * SECOND);
  expect (world, "a5:under way ");
  g_free (mcp_talk (world->talk, "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/"
                                 "cancelled\",\"params\":{\"requestId\":1}}"));
  mcp_waiting_tick (world->list, 100 * SECOND);
  expect (world, "");
}

static void
test_asks_for_progress (World *world, gconstpointer unused)
{
  static const struct
  {
    const char *tool, *token;
    gboolean asks;
  } rows[] = { { "run_command", "t", TRUE },
               { "run_command", NULL, FALSE },
               { "approval_wait", "t", TRUE },
               { "http_request", "t", FALSE },
               { "store_secret", "t", FALSE } };
  int fds[MCP_QUESTION_FDS];

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      McpWaiting *waiting = call_of (world, rows[i].tool, i + 1, rows[i].token, "{}");
      g_autoptr (json_t) params = mcp_waiting_message (waiting, 0, fds, NULL);
      g_assert_true (json_is_true (json_object_get (params, "progress")) == rows[i].asks);
    }
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *sentence;
    void (*test) (World *world, gconstpointer unused);
  } cases[] = {
    { "/mcp-waiting/progress is told at once and every fifteen seconds", test_progress },
    { "/mcp-waiting/no progress once it is over", test_progress_ends },
    { "/mcp-waiting/what is held is not counted as open", test_counts },
    { "/mcp-waiting/what is left of the time is asked for", test_hold },
    { "/mcp-waiting/a long value, body or input goes beside its message", test_value },
    { "/mcp-waiting/what a command says is told at once", test_running },
    { "/mcp-waiting/output is asked for by who wants progress of a command",
      test_asks_for_progress },
  };

  g_test_init (&argc, &argv, NULL);
  wire_init ();
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    g_test_add (cases[i].sentence, World, NULL, world_open, cases[i].test, world_close);
  return g_test_run ();
}
