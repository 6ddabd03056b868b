/* SPDX-License-Identifier: MIT
 *
 * The client of the MCP library with servers that no server of ours is: the case plays them.
 */
#include "tests/unit/client-talk.h"
#include "tests/unit/table.h"

#include <string.h>

#define RESULT(id, result) "{\"jsonrpc\":\"2.0\",\"id\":" id ",\"result\":" result "}\n"
#define ERROR(id, code)                                                                            \
  "{\"jsonrpc\":\"2.0\",\"id\":" id ",\"error\":{\"code\":" code ",\"message\":\"no\"}}\n"
#define DISCOVERED                                                                                 \
  RESULT ("1", "{\"resultType\":\"complete\",\"supportedVersions\":[\"2026-07-28\"],"              \
               "\"capabilities\":{}}")
#define INITIALIZED(id, version)                                                                   \
  RESULT (id, "{\"protocolVersion\":\"" version "\",\"capabilities\":{},"                          \
              "\"serverInfo\":{\"name\":\"n\",\"version\":\"1\"}}")

typedef struct
{
  const char *sentence;
  McpVersion speaks;
  const char *first, *second; /* what the server says; the second may be NULL */
  McpVersion agreed;          /* NONE: the client is told that there is none */
} Opening;

static const Opening openings[] = {
  { "a server of the handshake era is spoken to as one", MCP_VERSION_NONE, ERROR ("1", "-32601"),
    INITIALIZED ("2", "2025-11-25"), MCP_VERSION_2025_11_25 },
  { "an older version of the server's is taken", MCP_VERSION_2025_11_25,
    INITIALIZED ("1", "2024-11-05"), NULL, MCP_VERSION_2024_11_05 },
  { "a version that nobody knows is not", MCP_VERSION_2025_11_25, INITIALIZED ("1", "2019-01-01"),
    NULL, MCP_VERSION_NONE },
  { "2026-07-28 is not agreed on by a handshake", MCP_VERSION_2025_11_25,
    INITIALIZED ("1", "2026-07-28"), NULL, MCP_VERSION_NONE },
  { "who is told to speak 2026-07-28 tries nothing else", MCP_VERSION_2026_07_28,
    ERROR ("1", "-32601"), NULL, MCP_VERSION_NONE },
  { "a server that discovers other versions alone is left", MCP_VERSION_2026_07_28,
    RESULT ("1", "{\"supportedVersions\":[\"2031-01-01\"]}"), NULL, MCP_VERSION_NONE },
  { "a refused handshake is told", MCP_VERSION_2025_11_25, ERROR ("1", "-32602"), NULL,
    MCP_VERSION_NONE },
};

static void
try_opening (gconstpointer data)
{
  const Opening *row = data;
  g_autoptr (ClientTalk) talk = client_talk_new (row->speaks, TRUE);

  client_talk_played (talk, row->first);
  if (row->second != NULL)
    client_talk_played (talk, row->second);
  g_assert_true (talk->opened);
  g_assert_cmpint (mcp_client_version (talk->client), ==, row->agreed);
  g_assert_cmpint (talk->refused == NULL, ==, row->agreed != MCP_VERSION_NONE);
}

static void
rounds_come_to_an_end (void)
{
  g_autoptr (ClientTalk) talk = client_talk_new (MCP_VERSION_2026_07_28, TRUE);

  client_talk_played (talk, DISCOVERED);
  client_talk_begin (talk, "any", "{}");
  for (guint round = 0; talk->n_answered == 0; round++)
    {
      g_autofree char *again = g_strdup_printf (
          RESULT ("%u", "{\"resultType\":\"input_required\",\"requestState\":\"s\"}"), round + 2);
      g_assert_cmpuint (round, <, MCP_CLIENT_ROUNDS);
      client_talk_played (talk, again);
    }
  g_assert_nonnull (talk->error);
}

static void
a_state_alone_waits_for_its_owner (void)
{
  g_autoptr (ClientTalk) talk = client_talk_new (MCP_VERSION_2026_07_28, FALSE);

  client_talk_played (talk, DISCOVERED);
  talk->again_later = TRUE;
  client_talk_begin (talk, "any", "{}");
  g_autofree char *nothing = client_talk_said_after (
      talk, RESULT ("2", "{\"resultType\":\"input_required\",\"requestState\":\"s\\t \\\\\"}"));
  g_assert_cmpstr (nothing, ==, "");
  mcp_client_call_again (talk->waiting);
  g_autofree char *again = client_talk_said (talk);
  g_assert_nonnull (strstr (again, "\"id\":3"));
  g_assert_nonnull (strstr (again, "\"requestState\":\"s\\t \\\\\""));
}

static void
a_round_has_one_answer (void)
{
  g_autoptr (ClientTalk) talk = client_talk_new (MCP_VERSION_2026_07_28, FALSE);

  client_talk_played (talk, DISCOVERED);
  talk->again_later = TRUE;
  client_talk_begin (talk, "any", "{}");
  client_talk_played (
      talk, RESULT ("2", "{\"resultType\":\"input_required\",\"requestState\":\"first\"}"));
  client_talk_played (talk,
                      RESULT ("2", "{\"resultType\":\"input_required\",\"requestState\":\"other\"}")
                          RESULT ("2", "{\"content\":[]}"));
  g_assert_cmpuint (talk->n_answered, ==, 0);
  mcp_client_call_again (talk->waiting);
  g_autofree char *again = client_talk_said (talk);
  g_assert_nonnull (strstr (again, "\"requestState\":\"first\""));
}

static void
what_answers_nothing_is_dropped (void)
{
  g_autoptr (ClientTalk) talk = client_talk_new (MCP_VERSION_2025_11_25, FALSE);

  client_talk_played (talk, INITIALIZED ("1", "2025-11-25"));
  client_talk_begin (talk, "any", "{}");
  client_talk_played (talk, RESULT ("77", "{}") RESULT ("\"2\"", "{}") ERROR ("null", "-32700"));
  g_assert_cmpuint (talk->n_answered, ==, 0);
  client_talk_played (talk, RESULT ("2", "{}") RESULT ("2", "{}"));
  g_assert_cmpuint (talk->n_answered, ==, 1);
}

static void
a_ping_is_answered (void)
{
  g_autoptr (ClientTalk) talk = client_talk_new (MCP_VERSION_2025_11_25, TRUE);

  client_talk_played (talk, INITIALIZED ("1", "2025-11-25"));
  g_autofree char *said
      = client_talk_said_after (talk, "{\"jsonrpc\":\"2.0\",\"id\":\"p\",\"method\":\"ping\"}\n");
  g_assert_cmpstr (said, ==, "{\"jsonrpc\":\"2.0\",\"id\":\"p\",\"result\":{}}\n");
}

static void
who_cannot_be_asked_says_so (void)
{
  g_autoptr (ClientTalk) talk = client_talk_new (MCP_VERSION_2025_11_25, TRUE);

  client_talk_played (talk, INITIALIZED ("1", "2025-11-25"));
  g_autofree char *said = client_talk_said_after (
      talk, "{\"jsonrpc\":\"2.0\",\"id\":9,\"method\":\"roots/list\",\"params\":{}}\n");
  g_assert_nonnull (strstr (said, "\"id\":9,\"error\":{\"code\":-32601"));
}

static void
what_is_no_message_ends_it (void)
{
  static const char *const lines[] = { "\n{\n", "[]\n", "{\"jsonrpc\":\"2.0\"}\n", "7\n" };

  for (gsize i = 0; i < G_N_ELEMENTS (lines); i++)
    {
      g_autoptr (ClientTalk) talk = client_talk_new (MCP_VERSION_2025_11_25, FALSE);
      g_autoptr (GError) error = NULL;
      g_assert_false (mcp_client_push (talk->client, lines[i], strlen (lines[i]), &error));
      g_assert_nonnull (error);
    }
}

static const struct
{
  const char *sentence;
  void (*run) (void);
} cases[] = {
  { "rounds come to an end", rounds_come_to_an_end },
  { "a state alone waits until its owner goes on", a_state_alone_waits_for_its_owner },
  { "a round has one answer, the first", a_round_has_one_answer },
  { "what answers nothing is dropped", what_answers_nothing_is_dropped },
  { "a ping is answered", a_ping_is_answered },
  { "who cannot be asked says so", who_cannot_be_asked_says_so },
  { "what is no message ends the conversation", what_is_no_message_ends_it },
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
  ADD_TABLE ("/mcp-client/", openings, try_opening);
  return g_test_run ();
}
