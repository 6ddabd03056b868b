/* SPDX-License-Identifier: MIT
 *
 * The handshake era of MCP, word for word, over a handler that the test plays: "echo" answers at
 * once with its arguments, "hold" does not answer until "release" is called, and releases all that
 * are held.
 */
#include "tests/unit/mcp-talk.h"
#include "tests/unit/table.h"

#include <string.h>

static GQueue held = G_QUEUE_INIT;
static guint n_cancelled;

static void
answer (McpCall *call, const json_t *arguments)
{
  g_autoptr (json_t) flat = json_pack ("{s:b, s:O?}", "success", 1, "given", arguments);
  g_autoptr (json_t) structured = json_pack ("{s:s}", "status", "completed");

  mcp_call_answer (call, &(McpAnswer){ .flat = flat, .structured = structured });
}

static json_t *
list (gpointer user, McpSession *session, McpList list)
{
  return json_pack ("[{s:s}]", "name", "echo");
}

static void
call_tool (gpointer user, McpCall *call)
{
  const char *tool = mcp_call_name (call);
  json_t *arguments = mcp_call_arguments (call);

  if (g_str_equal (tool, "echo"))
    answer (call, arguments);
  else if (g_str_equal (tool, "hold"))
    {
      g_queue_push_tail (&held, call);
      mcp_call_progress (call, "held");
      mcp_call_progress (call, "still held");
    }
  else if (g_str_equal (tool, "release"))
    {
      /* The last comes first: answers may go out in any order. */
      for (McpCall *one; (one = g_queue_pop_tail (&held)) != NULL;)
        answer (one, NULL);
      answer (call, arguments);
    }
  else
    mcp_call_refuse (call, MCP_INVALID_PARAMS, "name: there is no such tool", NULL);
}

static void
cancelled (gpointer user, McpCall *call)
{
  g_assert_true (g_queue_remove (&held, call));
  n_cancelled++;
}

static const McpHandler handler = {
  .identity
  = { .name = "tried", .title = "Tried", .version = COUNTERSIGN_VERSION, .instructions = "Try." },
  .offers = MCP_OFFERS_TOOLS,
  .list = list,
  .call = call_tool,
  .cancelled = cancelled
};

static McpTalk *
talk_new (const char *version)
{
  McpTalk *talk = mcp_talk_new (&handler, NULL, 4096);

  n_cancelled = 0;
  if (version != NULL)
    mcp_talk_begin (talk, version);
  return talk;
}

#define RESULT(id, result) "{\"jsonrpc\":\"2.0\",\"id\":" id ",\"result\":" result "}"
#define ERROR(id, code, message)                                                                   \
  "{\"jsonrpc\":\"2.0\",\"id\":" id ",\"error\":{\"code\":" code ",\"message\":\"" message "\"}}"
#define ASK(id, method) "{\"jsonrpc\":\"2.0\",\"id\":" id ",\"method\":\"" method "\"}"
#define CALL(id, params)                                                                           \
  "{\"jsonrpc\":\"2.0\",\"id\":" id ",\"method\":\"tools/call\",\"params\":{" params "}}"
#define INITIALIZE(version)                                                                        \
  "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"initialize\",\"params\":{\"protocolVersion\":"       \
  "\"" version "\",\"capabilities\":{},\"clientInfo\":{\"name\":\"c\",\"version\":\"1\"}}}"
#define GREETING(version, title)                                                                   \
  RESULT ("1", "{\"protocolVersion\":\"" version "\",\"capabilities\":{\"tools\":{}},"             \
               "\"serverInfo\":{\"name\":\"tried\",\"version\":\"" COUNTERSIGN_VERSION "\"" title  \
               "},\"instructions\":\"Try.\"}")
#define TITLE ",\"title\":\"Tried\""
#define ECHOED(given, structured)                                                                  \
  "{\"content\":[{\"type\":\"text\",\"text\":\"{\\\"success\\\":true,\\\"given\\\":" given         \
  "}\"}]" structured ",\"isError\":false}"
#define STRUCTURED ",\"structuredContent\":{\"status\":\"completed\"}"

static const struct
{
  const char *sentence;
  const char *version; /* NULL: no handshake before */
  const char *say, *hear;
} lines[] = {
  /* Handshake */
  { "2024-11-05 is agreed to, and its server has no title", NULL, INITIALIZE ("2024-11-05"),
    GREETING ("2024-11-05", "") },
  { "2025-03-26 is agreed to, and its server has no title", NULL, INITIALIZE ("2025-03-26"),
    GREETING ("2025-03-26", "") },
  { "2025-06-18 is agreed to", NULL, INITIALIZE ("2025-06-18"), GREETING ("2025-06-18", TITLE) },
  { "2025-11-25 is agreed to", NULL, INITIALIZE ("2025-11-25"), GREETING ("2025-11-25", TITLE) },
  { "an unknown version is answered by the latest", NULL, INITIALIZE ("1999-01-01"),
    GREETING ("2025-11-25", TITLE) },
  { "initialize without a version is refused", NULL, ASK ("1", "initialize"),
    ERROR ("1", "-32602", "protocolVersion: must be text") },
  { "initialize twice is refused", "2025-11-25", INITIALIZE ("2025-11-25"),
    ERROR ("1", "-32600", "initialize was already answered") },
  { "tools before the handshake are refused", NULL, ASK ("1", "tools/list"),
    ERROR ("1", "-32600", "initialize comes first") },
  { "a call before the handshake is refused", NULL, CALL ("1", "\"name\":\"echo\""),
    ERROR ("1", "-32600", "initialize comes first") },
  { "ping before the handshake is answered", NULL, ASK ("1", "ping"), RESULT ("1", "{}") },

  /* Methods */
  { "a whole number comes back as one", "2025-11-25", ASK ("7", "ping"), RESULT ("7", "{}") },
  { "a text that looks like a number comes back as text", "2025-11-25", ASK ("\"7\"", "ping"),
    RESULT ("\"7\"", "{}") },
  { "the largest number comes back whole", "2025-11-25", ASK ("9223372036854775807", "ping"),
    RESULT ("9223372036854775807", "{}") },
  { "an empty id is an id", "2025-11-25", ASK ("\"\"", "ping"), RESULT ("\"\"", "{}") },
  { "tools are listed", "2025-11-25", ASK ("1", "tools/list"),
    RESULT ("1", "{\"tools\":[{\"name\":\"echo\"}]}") },
  { "a cursor that we never gave is refused", "2025-11-25",
    "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\",\"params\":{\"cursor\":\"x\"}}",
    ERROR ("1", "-32602", "cursor: is not one of ours") },
  { "an unknown method is refused", "2025-11-25", ASK ("1", "resources/list"),
    ERROR ("1", "-32601", "there is no such method") },
  { "an unknown notification is not answered", "2025-11-25",
    "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/unheard-of\"}", "" },
  { "a notification that is a request's name is not answered", "2025-11-25",
    "{\"jsonrpc\":\"2.0\",\"method\":\"ping\"}", "" },
  { "an answer to nothing is not answered", "2025-11-25",
    "{\"jsonrpc\":\"2.0\",\"id\":9,\"result\":{}}", "" },
  { "an error that answers nothing is not answered", "2025-11-25",
    "{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":{\"code\":1,\"message\":\"m\"}}", "" },

  /* Calls */
  { "a call is answered twice over since 2025-06-18", "2025-06-18",
    CALL ("1", "\"name\":\"echo\",\"arguments\":{\"a\":1}"),
    RESULT ("1", ECHOED ("{\\\"a\\\":1}", STRUCTURED)) },
  { "a call is answered by text alone before 2025-06-18", "2025-03-26",
    CALL ("1", "\"name\":\"echo\",\"arguments\":{\"a\":1}"),
    RESULT ("1", ECHOED ("{\\\"a\\\":1}", "")) },
  { "arguments may be absent", "2025-11-25", CALL ("1", "\"name\":\"echo\""),
    RESULT ("1", ECHOED ("null", STRUCTURED)) },
  { "fields of a call that we do not know are let be", "2025-11-25",
    CALL ("1", "\"name\":\"echo\",\"task\":{\"ttl\":1},\"_meta\":{\"x/y\":2}"),
    RESULT ("1", ECHOED ("null", STRUCTURED)) },
  { "an unknown tool is refused", "2025-11-25", CALL ("1", "\"name\":\"none\""),
    ERROR ("1", "-32602", "name: there is no such tool") },
  { "a call without a name is refused", "2025-11-25", CALL ("1", ""),
    ERROR ("1", "-32602", "name: must be a tool's name") },

  /* Frames */
  { "what is not JSON is refused", "2025-11-25",
    "{\"jsonrpc\":", ERROR ("null", "-32700", "line 1 column 11: ends too early") },
  { "a number is JSON, and no message", "2025-11-25", "1",
    ERROR ("null", "-32600", "a message must be an object") },
  { "a text is JSON, and no message", "2025-11-25", "\"ping\"",
    ERROR ("null", "-32600", "a message must be an object") },
  { "bad UTF-8 is refused", "2025-11-25", "{\"a\":\"\xff\"}",
    ERROR ("null", "-32700", "line 1 column 6: not UTF-8") },
  { "a key twice is refused", "2025-11-25",
    "{\"jsonrpc\":\"2.0\",\"id\":1,\"id\":2,\"method\":\"ping\"}",
    ERROR ("null", "-32700", "line 1 column 28: a key occurs twice") },
  { "deep nesting is refused", "2025-11-25", "[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]",
    ERROR ("null", "-32700", "line 1 column 17: nested deeper than 16") },
  { "a null id is refused", "2025-11-25", ASK ("null", "ping"),
    ERROR ("null", "-32600", "id: must be text or a whole number") },
  { "a fractional id is refused", "2025-11-25", ASK ("1.0", "ping"),
    ERROR ("null", "-32600", "id: must be text or a whole number") },
  { "an object is no id", "2025-11-25", ASK ("{}", "ping"),
    ERROR ("null", "-32600", "id: must be text or a whole number") },
  { "another version of JSON-RPC is refused", "2025-11-25",
    "{\"jsonrpc\":\"1.0\",\"id\":1,\"method\":\"ping\"}",
    ERROR ("1", "-32600", "jsonrpc: must be \\\"2.0\\\"") },
  { "a request without a method is refused", "2025-11-25", "{\"jsonrpc\":\"2.0\",\"id\":1}",
    ERROR ("1", "-32600", "method: must be there, and text") },
  { "a method that is not text is refused", "2025-11-25",
    "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":4}",
    ERROR ("1", "-32600", "method: must be there, and text") },
  { "a member that JSON-RPC does not know is refused", "2025-11-25",
    "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\",\"extra\":1}",
    ERROR ("1", "-32600", "a message has a member that JSON-RPC does not know") },
  { "params in a list are refused", "2025-11-25",
    "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\",\"params\":[1]}",
    ERROR ("1", "-32602", "params: must be an object") },
  { "a notification with params in a list is not answered", "2025-11-25",
    "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/x\",\"params\":[1]}", "" },
  { "a blank line is nothing", "2025-11-25", "\r\n\n", "" },
  { "a line may end as on Windows", "2025-11-25", ASK ("1", "ping") "\r", RESULT ("1", "{}") },

  /* Batches */
  { "a batch is answered by one array", "2025-03-26",
    "[" ASK ("1", "ping") "," ASK ("\"b\"", "none") "]",
    "[" RESULT ("1", "{}") "," ERROR ("\"b\"", "-32601", "there is no such method") "]" },
  { "a batch of notifications is not answered", "2025-03-26",
    "[{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}]", "" },
  { "what is no message is refused within its batch", "2025-03-26", "[1," ASK ("1", "ping") "]",
    "[" ERROR ("null", "-32600", "a message must be an object") "," RESULT ("1", "{}") "]" },
  { "an id twice in a batch is answered once, and refused once", "2025-03-26",
    "[" CALL ("1", "\"name\":\"hold\"") "," ASK ("1", "ping") "," CALL ("2",
                                                                        "\"name\":\"release\"") "]",
    "[" ERROR ("1", "-32600", "id: is still in use by another request") "," RESULT (
        "1", ECHOED ("null", "")) "," RESULT ("2", ECHOED ("null", "")) "]" },
  { "initialize in a batch is refused", "2025-03-26", "[" INITIALIZE ("2025-03-26") "]",
    "[" ERROR ("1", "-32600", "initialize must not be part of a batch") "]" },
  { "an empty batch is refused", "2025-03-26", "[]",
    ERROR ("null", "-32600", "a batch must not be empty") },
  { "a batch in a version without batches is refused", "2025-06-18", "[" ASK ("1", "ping") "]",
    ERROR ("null", "-32600", "batches are part of protocol version 2025-03-26 only") },
  { "a batch before the handshake is refused", NULL, "[" ASK ("1", "ping") "]",
    ERROR ("null", "-32600", "batches are part of protocol version 2025-03-26 only") },
};

static void
test_line (gconstpointer data)
{
  const typeof (lines[0]) *row = data;
  g_autoptr (McpTalk) talk = talk_new (row->version);
  g_autofree char *heard = mcp_talk (talk, row->say);
  g_autofree char *alive = NULL;

  g_assert_cmpstr (heard, ==, row->hear);
  alive = mcp_talk (talk, ASK ("\"alive\"", "ping"));
  g_assert_cmpstr (alive, ==, RESULT ("\"alive\"", "{}"));
}

static void
expect (McpTalk *talk, const char *say, const char *hear)
{
  g_autofree char *heard = mcp_talk (talk, say);
  g_assert_cmpstr (heard, ==, hear);
}

static void
test_order (void)
{
  g_autoptr (McpTalk) talk = talk_new ("2025-11-25");
  const char *released = ECHOED ("null", STRUCTURED);
  g_autofree char *all = g_strdup_printf ("{\"jsonrpc\":\"2.0\",\"id\":\"1\",\"result\":%s}\n{"
                                          "\"jsonrpc\":\"2.0\",\"id\":1,\"result\":%s}\n"
                                          "{\"jsonrpc\":\"2.0\",\"id\":3,\"result\":%s}",
                                          released, released, released);

  expect (talk, CALL ("1", "\"name\":\"hold\""), "");
  expect (talk, CALL ("\"1\"", "\"name\":\"hold\""), "");
  expect (talk, ASK ("2", "ping"), RESULT ("2", "{}"));
  expect (talk, CALL ("3", "\"name\":\"release\""), all);
}

static void
test_id_in_use (void)
{
  g_autoptr (McpTalk) talk = talk_new ("2025-11-25");

  expect (talk, CALL ("1", "\"name\":\"hold\""), "");
  expect (talk, ASK ("1", "ping"), ERROR ("1", "-32600", "id: is still in use by another request"));
  expect (talk, ASK ("\"1\"", "ping"), RESULT ("\"1\"", "{}"));
}

static void
test_id_again (void)
{
  g_autoptr (McpTalk) talk = talk_new ("2025-11-25");

  for (int i = 0; i < 3; i++)
    expect (talk, ASK ("1", "ping"), RESULT ("1", "{}"));
}

#define CANCEL(id)                                                                                 \
  "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\",\"params\":{\"requestId\":" id      \
  ",\"reason\":\"r\"}}"

static void
test_cancel (void)
{
  g_autoptr (McpTalk) talk = talk_new ("2025-11-25");

  expect (talk, CALL ("1", "\"name\":\"hold\""), "");
  expect (talk, CANCEL ("\"1\""), "");
  g_assert_cmpuint (n_cancelled, ==, 0);
  expect (talk, CANCEL ("1"), "");
  g_assert_cmpuint (n_cancelled, ==, 1);
  expect (talk, CANCEL ("1"), "");
  expect (talk, CANCEL ("null"), "");
  expect (talk, "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\"}", "");
  g_assert_cmpuint (n_cancelled, ==, 1);
  expect (talk, CALL ("1", "\"name\":\"release\""), RESULT ("1", ECHOED ("null", STRUCTURED)));
}

static void
test_cancel_in_batch (void)
{
  g_autoptr (McpTalk) talk = talk_new ("2025-03-26");

  expect (talk, "[" CALL ("1", "\"name\":\"hold\"") "," ASK ("2", "ping") "]", "");
  expect (talk, CANCEL ("1"), "[" RESULT ("2", "{}") "]");
}

#define HOLD_TOKEN(token) CALL ("1", "\"name\":\"hold\",\"_meta\":{\"progressToken\":" token "}")
#define PROGRESS(token, n, message)                                                                \
  "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/"                                               \
  "progress\",\"params\":{\"progressToken\":" token ",\"progress\":" n message "}}"

static const struct
{
  const char *sentence, *version, *say, *hear;
} progress[] = {
  { "progress counts upwards and says why", "2025-11-25", HOLD_TOKEN ("\"t\""),
    PROGRESS ("\"t\"", "1", ",\"message\":\"held\"") "\n" PROGRESS (
        "\"t\"", "2", ",\"message\":\"still held\"") },
  { "a token keeps its type", "2025-11-25", HOLD_TOKEN ("5"),
    PROGRESS ("5", "1", ",\"message\":\"held\"") "\n" PROGRESS ("5", "2",
                                                                ",\"message\":\"still held\"") },
  { "2024-11-05 knows no message", "2024-11-05", HOLD_TOKEN ("5"),
    PROGRESS ("5", "1", "") "\n" PROGRESS ("5", "2", "") },
  { "what is no token asks for no progress", "2025-11-25", HOLD_TOKEN ("{}"), "" },
};

static void
test_progress (gconstpointer data)
{
  const typeof (progress[0]) *row = data;
  g_autoptr (McpTalk) talk = talk_new (row->version);

  expect (talk, row->say, row->hear);
}

static void
test_long_batch (void)
{
  g_autoptr (McpTalk) talk = talk_new ("2025-03-26");
  g_autoptr (GString) batch = g_string_new ("[");

  for (int i = 0; i < 1000; i++)
    g_string_append (batch, "1,");
  g_string_append (batch, "1]");
  expect (talk, batch->str,
          ERROR ("null", "-32600", "a batch must not have more than 1000 messages"));
}

static void
test_too_long (void)
{
  g_autoptr (McpTalk) talk = talk_new ("2025-11-25");
  g_autofree char *data = g_strnfill (5000, ' ');
  g_autoptr (GError) error = NULL;
  g_autofree char *heard = NULL;

  g_assert_false (mcp_lines_push (talk->lines, data, strlen (data), &error));
  g_assert_error (error, WIRE_ERROR, WIRE_ERROR_TOO_LONG);
  heard = mcp_talk_heard (talk);
  g_assert_cmpstr (heard, ==, ERROR ("null", "-32700", "a line is longer than 4096 bytes") "\n");
}

static void
test_end (void)
{
  McpTalk *talk = talk_new ("2025-03-26");

  expect (talk, CALL ("1", "\"name\":\"hold\""), "");
  expect (talk, "[" CALL ("2", "\"name\":\"hold\"") "]", "");
  mcp_talk_free (talk);
  g_assert_cmpuint (n_cancelled, ==, 2);
}

/* A name of 129 bytes, one more than is passed on. */
#define LONG_NAME                                                                                  \
  "nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn" \
  "nn"                                                                                             \
  "nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn"

static const struct
{
  const char *sentence, *info, *claim;
} claims[] = {
  { "name and version are passed on", "{\"name\":\"c\",\"version\":\"1\",\"icons\":[]}",
    "{\"name\":\"c\",\"version\":\"1\"}" },
  { "a name is enough", "{\"name\":\"c\"}", "{\"name\":\"c\"}" },
  { "a version that is not text is left out", "{\"name\":\"c\",\"version\":1}",
    "{\"name\":\"c\"}" },
  { "no name is no claim", "{\"version\":\"1\"}", NULL },
  { "an empty name is no claim", "{\"name\":\"\"}", NULL },
  { "a name that is too long is no claim", "{\"name\":\"" LONG_NAME "\"}", NULL },
};

static void
test_claim (gconstpointer data)
{
  const typeof (claims[0]) *row = data;
  g_autoptr (McpTalk) talk = talk_new (NULL);
  g_autofree char *line = g_strdup_printf (
      "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"initialize\",\"params\":{\"protocolVersion\":"
      "\"2025-11-25\",\"clientInfo\":%s}}",
      row->info);
  g_free (mcp_talk (talk, line));
  g_autofree char *claim = mcp_session_claim (talk->session) != NULL
                               ? json_dumps (mcp_session_claim (talk->session), JSON_COMPACT)
                               : NULL;

  g_assert_cmpstr (claim, ==, row->claim);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  wire_init ();
  ADD_TABLE ("/mcp-server/", lines, test_line)
  ADD_TABLE ("/mcp-server/", progress, test_progress)
  ADD_TABLE ("/mcp-server/claim: ", claims, test_claim)
  g_test_add_func ("/mcp-server/calls are answered in any order", test_order);
  g_test_add_func ("/mcp-server/an id in flight is refused", test_id_in_use);
  g_test_add_func ("/mcp-server/an id may be used again once it is answered", test_id_again);
  g_test_add_func ("/mcp-server/nothing is sent for what was cancelled", test_cancel);
  g_test_add_func ("/mcp-server/a batch goes out without what was cancelled", test_cancel_in_batch);
  g_test_add_func ("/mcp-server/a batch that is too long is refused", test_long_batch);
  g_test_add_func ("/mcp-server/a line that is too long ends the stream", test_too_long);
  g_test_add_func ("/mcp-server/what is in flight at the end is abandoned", test_end);
  return g_test_run ();
}
