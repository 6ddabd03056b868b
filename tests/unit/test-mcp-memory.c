/* SPDX-License-Identifier: MIT */
#include "mcp/tools/mcp-memory.h"

#define MINUTE (60 * G_USEC_PER_SEC)

static void
keep (McpMemory *memory, const char *id, const char *value, const char *instance, gint64 now)
{
  g_autoptr (json_t) params = json_pack ("{s:s, s:s}", "name", id, "value", value);
  g_autoptr (McpQuestion) question
      = mcp_question_new (arguments_find ("store_secret"), params, NULL);
  McpRemembered what = { question, instance };

  mcp_memory_keep (memory, id, &what, now);
}

static gboolean
knows (McpMemory *memory, const char *id, gint64 now)
{
  McpRemembered what;
  return mcp_memory_find (memory, id, now, &what);
}

static void
test_finds (void)
{
  g_autoptr (McpMemory) memory = mcp_memory_new ();
  McpRemembered what;

  keep (memory, "r1", "v", "broker 1", 0);
  g_assert_true (mcp_memory_find (memory, "r1", 0, &what));
  g_assert_cmpstr (mcp_question_method (what.question), ==, "store_secret");
  g_assert_cmpstr (what.instance, ==, "broker 1");
  g_assert_cmpstr (wire_string (mcp_question_params (what.question), "name"), ==, "r1");
  g_assert_false (knows (memory, "r2", 0));
}

static void
test_ten_minutes (void)
{
  g_autoptr (McpMemory) memory = mcp_memory_new ();

  keep (memory, "r1", "v", "b", 0);
  keep (memory, "r2", "v", "b", 5 * MINUTE);
  g_assert_true (knows (memory, "r1", 10 * MINUTE - 1));
  g_assert_false (knows (memory, "r1", 10 * MINUTE));
  g_assert_true (knows (memory, "r2", 10 * MINUTE));
}

static void
test_again (void)
{
  g_autoptr (McpMemory) memory = mcp_memory_new ();
  McpRemembered what;

  keep (memory, "r1", "v", "broker 1", 0);
  keep (memory, "r1", "v", "broker 2", 5 * MINUTE);
  g_assert_true (mcp_memory_find (memory, "r1", 14 * MINUTE, &what));
  g_assert_cmpstr (what.instance, ==, "broker 2");
  mcp_memory_forget (memory, "r1");
  g_assert_false (knows (memory, "r1", 14 * MINUTE));
  mcp_memory_forget (memory, "r1");
}

static void
test_too_many (void)
{
  g_autoptr (McpMemory) memory = mcp_memory_new ();

  for (int i = 0; i < 257; i++)
    {
      g_autofree char *id = g_strdup_printf ("r%d", i);
      keep (memory, id, "v", "b", i);
    }
  g_assert_false (knows (memory, "r0", 300));
  g_assert_true (knows (memory, "r1", 300));
  g_assert_true (knows (memory, "r256", 300));
}

static void
test_too_large (void)
{
  g_autoptr (McpMemory) memory = mcp_memory_new ();
  g_autofree char *value = g_strnfill (1024 * 1024, 'v');

  for (int i = 0; i < 5; i++)
    {
      g_autofree char *id = g_strdup_printf ("r%d", i);
      keep (memory, id, value, "b", i);
    }
  g_assert_false (knows (memory, "r0", 300));
  g_assert_true (knows (memory, "r1", 300));
  g_assert_true (knows (memory, "r4", 300));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  wire_init ();
  g_test_add_func ("/mcp-memory/a call is found by its request", test_finds);
  g_test_add_func ("/mcp-memory/it is forgotten after ten minutes", test_ten_minutes);
  g_test_add_func ("/mcp-memory/the last word counts", test_again);
  g_test_add_func ("/mcp-memory/the oldest goes when there are too many", test_too_many);
  g_test_add_func ("/mcp-memory/the oldest goes when they are too large", test_too_large);
  return g_test_run ();
}
