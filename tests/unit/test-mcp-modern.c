/* SPDX-License-Identifier: MIT
 *
 * The era without a handshake, word for word, over a handler that the test plays. Tools: "echo"
 * answers, "ask" wants input, "task" goes on as one, "talk" logs and tells how it gets on.
 */
#include "tests/unit/mcp-talk.h"
#include "tests/unit/mcp-words.h"
#include "tests/unit/table.h"

#include <string.h>

#define OFFERS                                                                                     \
  (MCP_OFFERS_TOOLS | MCP_OFFERS_RESOURCES | MCP_OFFERS_PROMPTS | MCP_OFFERS_COMPLETIONS           \
   | MCP_OFFERS_LOGGING | MCP_OFFERS_TASKS | MCP_OFFERS_CHANGES)

static json_t *
list (gpointer user, McpSession *session, McpList which)
{
  json_t *items = json_array ();

  for (int i = 0; which != MCP_LIST_RESOURCES && i < 5; i++)
    {
      const char name[] = { (char) ('a' + i), '\0' };
      json_array_append_new (items, json_pack ("{s:s}", "name", name));
    }
  return items;
}

static void
ask (McpCall *call)
{
  g_autoptr (json_t) requests = json_pack ("{s:{s:s, s:{s:s}}}", "k", "method",
                                           "elicitation/create", "params", "message", "m");
  g_autoptr (json_t) flat = json_string ("done");

  if (mcp_call_input_responses (call) == NULL)
    mcp_call_input_required (call, requests, "s1");
  else if (g_strcmp0 (mcp_call_request_state (call), "s1") == 0)
    mcp_call_answer (call, &(McpAnswer){ .flat = flat });
  else
    mcp_call_refuse (call, MCP_INVALID_PARAMS, "requestState: is not ours", NULL);
}

static void
answer_task (McpCall *call, const char *status, const json_t *result)
{
  mcp_call_task (call, &(McpTask){ .id = "t1",
                                   .status = status,
                                   .message = "m",
                                   .created = "2026-01-01T00:00:00Z",
                                   .updated = "2026-01-01T00:00:01Z",
                                   .ttl_ms = -1,
                                   .poll_ms = 500,
                                   .result = result });
}

static void
talk_about (McpCall *call)
{
  g_autoptr (json_t) data = json_string ("d");
  g_autoptr (json_t) flat = json_object ();

  mcp_call_log (call, "info", NULL, data);
  mcp_call_log (call, "error", "l", data);
  mcp_call_progress_of (call, 0, 2, "begun");
  mcp_call_progress_of (call, 0, 2, "not more than before");
  mcp_call_progress_of (call, 1.5, 2, NULL);
  mcp_call_answer (call, &(McpAnswer){ .flat = flat });
}

static void
call_tool (McpCall *call)
{
  const char *tool = mcp_call_name (call);
  g_autoptr (json_t) flat = json_object ();

  if (g_str_equal (tool, "echo"))
    mcp_call_answer (call, &(McpAnswer){ .flat = flat, .structured = flat });
  else if (g_str_equal (tool, "ask"))
    ask (call);
  else if (g_str_equal (tool, "task"))
    answer_task (call, "working", NULL);
  else if (g_str_equal (tool, "talk"))
    talk_about (call);
  else
    mcp_call_refuse (call, MCP_INVALID_PARAMS, "name: there is no such tool", NULL);
}

static void
call_any (gpointer user, McpCall *call)
{
  g_autoptr (json_t) nothing = json_object ();

  switch (mcp_call_kind (call))
    {
    case MCP_CALL_TOOL:
      call_tool (call);
      break;
    case MCP_CALL_RESOURCE:
      if (g_str_equal (mcp_call_name (call), "a:b"))
        mcp_call_result (call, nothing);
      else
        mcp_call_refuse (call, MCP_RESOURCE_NOT_FOUND, "uri: there is no such resource", NULL);
      break;
    case MCP_CALL_TASK_GET:
      answer_task (call, "completed", nothing);
      break;
    case MCP_CALL_PROMPT:
    case MCP_CALL_COMPLETION:
    case MCP_CALL_TASK_CANCEL:
    case MCP_CALL_TASK_UPDATE:
      mcp_call_result (call, nothing);
      break;
    }
}

static const McpIcon icons[] = { { "data:x", "image/svg+xml", "any", NULL } };
static const McpHandler handler = { .identity = { .name = "tried",
                                                  .title = "Tried",
                                                  .version = "1",
                                                  .website = "https://tried.example",
                                                  .icons = icons,
                                                  .n_icons = 1,
                                                  .instructions = "Try." },
                                    .offers = OFFERS,
                                    .list = list,
                                    .call = call_any };
/* The same, with nothing but tools. */
static const McpHandler bare = { .identity = { .name = "tried", .title = "Tried", .version = "1" },
                                 .offers = MCP_OFFERS_TOOLS,
                                 .list = list,
                                 .call = call_any };

static const struct
{
  const char *sentence;
  const char *say, *hear;
} lines[] = {
  /* What there is */
  { "discover says the one version, and who is there", ASK ("server/discover", META),
    RESULT (
        "\"supportedVersions\":[\"2026-07-28\"],\"capabilities\":{\"tools\":{\"listChanged\":"
        "true},\"resources\":{\"subscribe\":true,\"listChanged\":true},\"prompts\":{"
        "\"listChanged\":true},\"completions\":{},\"logging\":{},\"extensions\":{" KEY (
            "tasks") ":{}}},\"instructions\":\"Try.\",\"_meta\":{" KEY ("serverInfo") ":{\"name\":"
                                                                                      "\"tried\","
                                                                                      "\"version\":"
                                                                                      "\"1\","
                                                                                      "\"title\":"
                                                                                      "\"Tried\","
                                                                                      "\"websiteUrl"
                                                                                      "\":\"https:/"
                                                                                      "/tried."
                                                                                      "example\","
                                                                                      "\"icons\":[{"
                                                                                      "\"src\":"
                                                                                      "\"data:x\","
                                                                                      "\"mimeType\""
                                                                                      ":\"image/"
                                                                                      "svg+xml\","
                                                                                      "\"sizes\":["
                                                                                      "\"any\"]}]}}"
                                                                                      ","
                                                                                      "\"resultType"
                                                                                      "\":"
                                                                                      "\"complete"
                                                                                      "\"" KEPT) },
  { "ping is unknown", ASK ("ping", META), ERROR ("-32601", "there is no such method") },
  { "initialize with a claim is unknown",
    ASK ("initialize", "\"protocolVersion\":\"2026-07-28\"," META),
    ERROR ("-32601", "there is no such method") },
  { "an unknown version is told which there is",
    ASK ("tools/list", "\"_meta\":{" KEY ("protocolVersion") ":\"2099-01-01\"," KEY (
                           "clientCapabilities") ":{}}"),
    ERROR_DATA ("-32022", "this protocol version is not supported without initialize",
                ",\"data\":{\"supported\":[\"2026-07-28\"],\"requested\":\"2099-01-01\"}") },
  { "a version that has a handshake is told the same",
    ASK ("tools/list", "\"_meta\":{" KEY ("protocolVersion") ":\"2025-11-25\"," KEY (
                           "clientCapabilities") ":{}}"),
    ERROR_DATA ("-32022", "this protocol version is not supported without initialize",
                ",\"data\":{\"supported\":[\"2026-07-28\"],\"requested\":\"2025-11-25\"}") },
  { "a head without capabilities is refused",
    ASK ("tools/list", "\"_meta\":{" KEY ("protocolVersion") ":\"2026-07-28\"}"),
    ERROR ("-32602",
           "_meta: io.modelcontextprotocol/clientCapabilities must be there, and an object") },

  /* Lists */
  { "a list has its stamp and how long it may be kept", ASK ("resources/list", META),
    RESULT ("\"resources\":[]," STAMP KEPT) },
  { "a long list begins with its first page", ASK ("tools/list", META),
    RESULT ("\"tools\":[{\"name\":\"a\"},{\"name\":\"b\"}],\"nextCursor\":\"MC4y\"," STAMP KEPT) },
  { "its cursor gives the next", ASK ("tools/list", "\"cursor\":\"MC4y\"," META),
    RESULT ("\"tools\":[{\"name\":\"c\"},{\"name\":\"d\"}],\"nextCursor\":\"MC40\"," STAMP KEPT) },
  { "the last has no cursor", ASK ("tools/list", "\"cursor\":\"MC40\"," META),
    RESULT ("\"tools\":[{\"name\":\"e\"}]," STAMP KEPT) },
  { "a cursor of another list is refused", ASK ("prompts/list", "\"cursor\":\"MC4y\"," META),
    ERROR ("-32602", "cursor: is not one of ours") },
  { "a cursor behind the end is refused", ASK ("tools/list", "\"cursor\":\"MC42\"," META),
    ERROR ("-32602", "cursor: is not one of ours") },
  { "a cursor that is no text is refused", ASK ("tools/list", "\"cursor\":2," META),
    ERROR ("-32602", "cursor: is not one of ours") },

  /* Calls */
  { "a tool's answer has its stamp", TOOL ("echo", META),
    RESULT (TEXT ("{}") ",\"structuredContent\":{},\"isError\":false," STAMP_HAND) },
  { "an unknown tool is refused", TOOL ("none", META),
    ERROR ("-32602", "name: there is no such tool") },
  { "a resource may be kept", ASK ("resources/read", "\"uri\":\"a:b\"," META),
    RESULT ("\"ttlMs\":0,\"cacheScope\":\"private\"," STAMP) },
  { "an unknown resource is a wrong argument here", ASK ("resources/read", "\"uri\":\"x\"," META),
    ERROR ("-32602", "uri: there is no such resource") },
  { "a resource without a URI is refused", ASK ("resources/read", META),
    ERROR ("-32602", "uri: must be text") },
  { "a prompt is not to be kept", ASK ("prompts/get", "\"name\":\"p\"," META), RESULT (STAMP) },
  { "a prompt's arguments are texts",
    ASK ("prompts/get", "\"name\":\"p\",\"arguments\":{\"a\":1}," META),
    ERROR ("-32602", "arguments: must be texts by name") },
  { "a completion",
    ASK ("completion/complete",
         "\"ref\":{\"type\":\"ref/prompt\",\"name\":\"p\"},\"argument\":{\"name\":"
         "\"a\",\"value\":\"v\"}," META),
    RESULT (STAMP) },
  { "a completion of nothing is refused", ASK ("completion/complete", META),
    ERROR ("-32602", "ref: must name a prompt or a resource") },
  { "a completion without its argument is refused",
    ASK ("completion/complete", "\"ref\":{\"type\":\"ref/prompt\",\"name\":\"p\"}," META),
    ERROR ("-32602", "argument: must have name and value, both text") },

  /* While it is under way */
  { "nothing is logged or told unless it is asked for", TOOL ("talk", META), OK_ID ("1") },
  { "what is logged begins at the level that is asked for",
    TOOL ("talk", META_WITH ("{}", "," KEY ("logLevel") ":\"warning\"")),
    TELL ("notifications/message",
          "\"level\":\"error\",\"logger\":\"l\",\"data\":\"d\"") "\n" OK_ID ("1") },
  { "progress counts upwards only, and may begin at nothing",
    TOOL ("talk", META_WITH ("{}", ",\"progressToken\":7")),
    TELL ("notifications/progress",
          "\"progressToken\":7,\"progress\":0,\"total\":2,\"message\":"
          "\"begun\"") "\n" TELL ("notifications/progress", "\"progressToken\":7,\"progress\":1.5,"
                                                            "\"total\":2") "\n" OK_ID ("1") },

  /* Asking back */
  { "what is wanted of the client is said, with the state",
    TOOL ("ask", META_WITH ("{\"elicitation\":{}}", "")),
    RESULT ("\"inputRequests\":{\"k\":{\"method\":\"elicitation/create\",\"params\":{\"message\":"
            "\"m\"}}},\"requestState\":\"s1\",\"_meta\":{" INFO
            "},\"resultType\":\"input_required\"") },
  { "a client that never said that it could is refused", TOOL ("ask", META),
    ERROR_DATA ("-32021", "the client did not declare what this needs of it",
                ",\"data\":{\"requiredCapabilities\":{\"elicitation\":{\"form\":{}}}}") },
  { "one that can only open pages is refused too",
    TOOL ("ask", META_WITH ("{\"elicitation\":{\"url\":{}}}", "")),
    ERROR_DATA ("-32021", "the client did not declare what this needs of it",
                ",\"data\":{\"requiredCapabilities\":{\"elicitation\":{\"form\":{}}}}") },
  { "with the answers it is done",
    TOOL ("ask", "\"inputResponses\":{\"k\":{}},\"requestState\":\"s1\"," META),
    RESULT (TEXT ("\\\"done\\\"") ",\"isError\":false," STAMP_HAND) },
  { "with another state it is refused",
    TOOL ("ask", "\"inputResponses\":{\"k\":{}},\"requestState\":\"s2\"," META),
    ERROR ("-32602", "requestState: is not ours") },
  { "a state that is no text is refused", TOOL ("ask", "\"requestState\":1," META),
    ERROR ("-32602", "requestState: must be text") },
  { "answers that are no object are refused", TOOL ("ask", "\"inputResponses\":[]," META),
    ERROR ("-32602", "inputResponses: must be an object") },

  /* Tasks */
  { "a call may go on as a task", TOOL ("task", TASKS),
    RESULT ("\"taskId\":\"t1\",\"status\":\"working\",\"statusMessage\":\"m\",\"createdAt\":"
            "\"2026-01-01T00:00:00Z\",\"lastUpdatedAt\":\"2026-01-01T00:00:01Z\",\"ttlMs\":null,"
            "\"pollIntervalMs\":500,\"_meta\":{" INFO "},\"resultType\":\"task\"") },
  { "how it stands, with its result within", ASK ("tasks/get", "\"taskId\":\"t1\"," TASKS),
    RESULT ("\"taskId\":\"t1\",\"status\":\"completed\",\"statusMessage\":\"m\",\"createdAt\":"
            "\"2026-01-01T00:00:00Z\",\"lastUpdatedAt\":\"2026-01-01T00:00:01Z\",\"ttlMs\":null,"
            "\"pollIntervalMs\":500,\"result\":{}," STAMP) },
  { "its end", ASK ("tasks/cancel", "\"taskId\":\"t1\"," TASKS), RESULT (STAMP) },
  { "its answers", ASK ("tasks/update", "\"taskId\":\"t1\",\"inputResponses\":{}," TASKS),
    RESULT (STAMP) },
  { "a task without an id is refused", ASK ("tasks/get", TASKS),
    ERROR ("-32602", "taskId: must be text") },
  { "tasks are not for who did not declare them", ASK ("tasks/get", "\"taskId\":\"t1\"," META),
    ERROR_DATA ("-32021", "the client did not declare the tasks extension",
                ",\"data\":{\"requiredCapabilities\":{\"extensions\":{" KEY ("tasks") ":{}}}}") },
  { "a task has no method for its result", ASK ("tasks/result", "\"taskId\":\"t1\"," TASKS),
    ERROR ("-32601", "there is no such method") },
  { "tasks are not listed", ASK ("tasks/list", TASKS),
    ERROR ("-32601", "there is no such method") },

  /* Listening */
  { "what cannot come ends at once", ASK ("subscriptions/listen", "\"notifications\":{}," META),
    TELL ("notifications/subscriptions/acknowledged",
          "\"_meta\":{" KEY (
              "subscriptionId") ":1},\"notifications\":{}") "\n" RESULT ("\"resultType\":"
                                                                         "\"complete\",\"_meta\":"
                                                                         "{" KEY ("subscriptionI"
                                                                                  "d") ":1," INFO
                                                                                       "}") },
  { "listening for nothing in particular is refused", ASK ("subscriptions/listen", META),
    ERROR ("-32602", "notifications: must be an object") },
  { "a wish is yes or no",
    ASK ("subscriptions/listen", "\"notifications\":{\"toolsListChanged\":1}," META),
    ERROR ("-32602", "notifications: each must be true or false") },

  /* Frames */
  { "a batch is refused", "[" TOOL ("echo", META) "]",
    "{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":{\"code\":-32600,\"message\":\"a batch must not "
    "have requests of a version without initialize\"}}" },
  { "a notification is not answered, whatever it says",
    TELL ("notifications/cancelled", "\"requestId\":\"none\""), "" },
  { "an answer to nothing is not answered", "{\"jsonrpc\":\"2.0\",\"id\":9,\"result\":{}}", "" },
};

static void
expect (McpTalk *talk, const char *say, const char *hear)
{
  g_autofree char *heard = mcp_talk (talk, say);
  g_assert_cmpstr (heard, ==, hear);
}

static McpTalk *
talk_new (const McpHandler *to)
{
  McpTalk *talk = mcp_talk_new (to, NULL, 4096);

  mcp_server_set_page (talk->server, 2);
  return talk;
}

static void
test_line (gconstpointer data)
{
  const typeof (lines[0]) *row = data;
  g_autoptr (McpTalk) talk = talk_new (&handler);

  expect (talk, row->say, row->hear);
  expect (talk, TOOL_ID ("\"alive\"", "talk"), OK_ID ("\"alive\""));
}

static void
test_kept (void)
{
  g_autoptr (McpTalk) talk = talk_new (&handler);

  mcp_server_set_ttl (talk->server, 5000);
  expect (talk, ASK ("resources/list", META),
          RESULT ("\"resources\":[]," STAMP ",\"ttlMs\":5000,\"cacheScope\":\"private\""));
  expect (talk, ASK ("resources/read", "\"uri\":\"a:b\"," META),
          RESULT ("\"ttlMs\":0,\"cacheScope\":\"private\"," STAMP));
}

static void
test_not_offered (void)
{
  static const char *const methods[]
      = { "resources/list", "resources/templates/list", "resources/read", "prompts/list",
          "prompts/get",    "completion/complete",      "tasks/get",      "tasks/cancel",
          "tasks/update" };
  g_autoptr (McpTalk) talk = talk_new (&bare);

  for (gsize i = 0; i < G_N_ELEMENTS (methods); i++)
    {
      g_autofree char *say = g_strdup_printf (
          ASK ("%s", "\"name\":\"n\",\"uri\":\"a:b\",\"taskId\":\"t\"," TASKS), methods[i]);
      expect (talk, say, ERROR ("-32601", "there is no such method"));
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  wire_init ();
  ADD_TABLE ("/mcp-modern/", lines, test_line)
  g_test_add_func ("/mcp-modern/lists may be kept for so long, resources not", test_kept);
  g_test_add_func ("/mcp-modern/what is not offered is unknown", test_not_offered);
  return g_test_run ();
}
