/* SPDX-License-Identifier: MIT
 *
 * The client of the MCP library and its server, in one process.
 */
#include "tests/unit/client-talk.h"
#include "tests/unit/table.h"

#include <string.h>

static const McpVersion both_eras[] = { MCP_VERSION_2025_11_25, MCP_VERSION_2026_07_28 };

static void
each_version_is_agreed_on (void)
{
  for (McpVersion version = MCP_VERSION_2024_11_05; version <= MCP_VERSION_2026_07_28; version++)
    {
      g_autoptr (ClientTalk) talk = client_talk_with_server (version);
      g_assert_cmpint (mcp_client_version (talk->client), ==, version);
    }
}

static void
the_newest_is_found (void)
{
  g_autoptr (ClientTalk) talk = client_talk_with_server (MCP_VERSION_NONE);

  g_assert_cmpint (mcp_client_version (talk->client), ==, MCP_VERSION_2026_07_28);
}

static void
a_tool_answers (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (both_eras); i++)
    {
      g_autoptr (ClientTalk) talk = client_talk_with_server (both_eras[i]);
      g_assert_cmpstr (client_talk_call (talk, "greet", "{'name':'Ann'}"), ==, "Hello, Ann!");
    }
}

static void
a_refusal_is_an_error (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (both_eras); i++)
    {
      g_autoptr (ClientTalk) talk = client_talk_with_server (both_eras[i]);
      client_talk_call (talk, "no_such_tool", "{}");
      g_assert_cmpint (wire_integer (talk->error, "code", 0), ==, MCP_INVALID_PARAMS);
    }
}

static void
progress_is_heard (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (both_eras); i++)
    {
      g_autoptr (ClientTalk) talk = client_talk_with_server (both_eras[i]);
      client_talk_call (talk, "test_tool_with_progress", "{}");
      g_assert_cmpuint (talk->n_progressed, ==, 3);
    }
}

static void
the_server_asks (void)
{
  g_autoptr (ClientTalk) talk = client_talk_with_server (MCP_VERSION_2025_11_25);

  g_assert_nonnull (strstr (client_talk_call (talk, "test_sampling", "{'prompt':'p'}"), "Paris"));
  g_assert_cmpstr (talk->asked->str, ==, "sampling/createMessage ");
}

static void
what_is_declined_is_an_error_for_the_server (void)
{
  g_autoptr (ClientTalk) talk = client_talk_with_server (MCP_VERSION_2025_11_25);

  talk->decline = TRUE;
  g_assert_nonnull (
      strstr (client_talk_call (talk, "test_elicitation", "{'message':'m'}"), "the user said no"));
}

static void
a_result_asks_and_is_asked_again (void)
{
  g_autoptr (ClientTalk) talk = client_talk_with_server (MCP_VERSION_2026_07_28);

  g_assert_nonnull (strstr (
      client_talk_call (talk, "test_input_required_result_multiple_inputs", "{}"), "file:///here"));
  g_assert_cmpstr (talk->asked->str, ==, "elicitation/create sampling/createMessage roots/list ");
}

static void
a_state_is_carried_back (void)
{
  g_autoptr (ClientTalk) talk = client_talk_with_server (MCP_VERSION_2026_07_28);

  g_assert_nonnull (strstr (client_talk_call (talk, "test_input_required_result_multi_round", "{}"),
                            "Both steps"));
  g_assert_cmpstr (talk->asked->str, ==, "elicitation/create elicitation/create ");
}

static void
what_is_declined_ends_the_call (void)
{
  g_autoptr (ClientTalk) talk = client_talk_with_server (MCP_VERSION_2026_07_28);

  talk->decline = TRUE;
  client_talk_call (talk, "test_input_required_result_multiple_inputs", "{}");
  g_assert_cmpstr (wire_string (talk->error, "message"), ==, "the user said no");
  g_assert_cmpuint (talk->n_answered, ==, 1);
}

static void
a_cancelled_call_is_heard_of_no_more (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (both_eras); i++)
    {
      g_autoptr (ClientTalk) talk = client_talk_with_server (both_eras[i]);
      McpClientCall *call = client_talk_begin (talk, "test_tool_with_progress", "{}");
      client_talk_carry (talk);
      mcp_client_cancel (call, "tired of it");
      guint before = talk->n_progressed;
      g_assert_cmpstr (client_talk_call (talk, "greet", "{'name':'Ann'}"), ==, "Hello, Ann!");
      g_assert_cmpuint (talk->n_answered, ==, 1);
      g_assert_cmpuint (talk->n_progressed, ==, before);
    }
}

static void
a_task_is_followed (void)
{
  g_autoptr (ClientTalk) talk = client_talk_with_server (MCP_VERSION_2026_07_28);

  client_talk_call (talk, "slow_compute", "{'seconds':0,'label':'sum'}");
  g_autoptr (json_t) params
      = json_pack ("{s:O}", "taskId", json_object_get (talk->result, "taskId"));
  while (g_strcmp0 (wire_string (talk->result, "status"), "completed") != 0)
    {
      g_main_context_iteration (NULL, FALSE);
      client_talk_request (talk, "tasks/get", params);
      client_talk_await (talk);
      g_assert_null (talk->error);
    }
  g_assert_nonnull (json_object_get (talk->result, "result"));
}

static void
a_change_is_told (void)
{
  g_autoptr (ClientTalk) legacy = client_talk_with_server (MCP_VERSION_2025_11_25);
  client_talk_call (legacy, "test_trigger_tool_change", "{}");
  g_assert_cmpstr (legacy->noticed->str, ==, "notifications/tools/list_changed ");

  g_autoptr (ClientTalk) modern = client_talk_with_server (MCP_VERSION_2026_07_28);
  g_autoptr (json_t) params = fixture_json ("{'notifications':{'toolsListChanged':true}}");
  client_talk_request (modern, "subscriptions/listen", params);
  client_talk_call (modern, "test_trigger_tool_change", "{}");
  g_assert_cmpstr (modern->noticed->str, ==,
                   "notifications/subscriptions/acknowledged notifications/tools/list_changed ");
}

static const struct
{
  const char *sentence;
  void (*run) (void);
} cases[] = {
  { "each version is agreed on", each_version_is_agreed_on },
  { "who says no version gets the newest", the_newest_is_found },
  { "a tool answers, in both eras", a_tool_answers },
  { "a refusal is an error, in both eras", a_refusal_is_an_error },
  { "progress is heard as often as it is told, in both eras", progress_is_heard },
  { "the server asks, and hears the answer", the_server_asks },
  { "what is declined is an error for the server", what_is_declined_is_an_error_for_the_server },
  { "a result asks three things, and the call is made again", a_result_asks_and_is_asked_again },
  { "a state is carried back, round for round", a_state_is_carried_back },
  { "what a result asks and is declined ends the call once", what_is_declined_ends_the_call },
  { "a cancelled call is heard of no more, in both eras", a_cancelled_call_is_heard_of_no_more },
  { "a task is followed to its end", a_task_is_followed },
  { "a change of a list is told, in both eras", a_change_is_told },
};

static void
run_case (gconstpointer data)
{
  const typeof (cases[0]) *row = data;

  row->run ();
}

int
main (int argc, char **argv)
{
  wire_init ();
  g_test_init (&argc, &argv, NULL);
  ADD_TABLE ("/mcp-client/", cases, run_case);
  return g_test_run ();
}
