/* SPDX-License-Identifier: MIT
 *
 * What a transport is told of its channels, with the test as the transport: each event is noted as
 * it comes. Tools: "echo" answers, "hold" not until "release", "ask" asks the client, "log" logs,
 * "bye" hangs up and then answers.
 */
#include "tests/unit/mcp-talk.h"
#include "tests/unit/mcp-words.h"
#include "tests/unit/table.h"

#include <string.h>

static GQueue held = G_QUEUE_INIT;
static guint n_cancelled;

static void
answer (McpCall *call)
{
  g_autoptr (json_t) flat = json_object ();

  mcp_call_answer (call, &(McpAnswer){ .flat = flat });
}

static void
on_asked (gpointer user, McpCall *call, const json_t *result, const json_t *error)
{
  g_autoptr (json_t) both = json_pack ("{s:O*, s:O*}", "result", result, "error", error);

  mcp_call_answer (call, &(McpAnswer){ .flat = both });
}

static void
call_tool (gpointer user, McpCall *call)
{
  const char *tool = mcp_call_name (call);
  g_autoptr (json_t) data = json_string ("d");

  if (g_str_equal (tool, "hold"))
    g_queue_push_tail (&held, call);
  else if (g_str_equal (tool, "ask"))
    {
      if (!mcp_call_ask (call, "sampling/createMessage", NULL, on_asked, NULL))
        mcp_call_refuse (call, MCP_INVALID_REQUEST, "cannot", NULL);
    }
  else
    {
      for (McpCall *one; g_str_equal (tool, "release") && (one = g_queue_pop_tail (&held)) != NULL;)
        answer (one);
      if (g_str_equal (tool, "log"))
        mcp_call_log (call, "info", NULL, data);
      if (g_str_equal (tool, "bye"))
        mcp_call_hang_up (call, 500);
      answer (call);
    }
}

static void
cancelled (gpointer user, McpCall *call)
{
  g_queue_remove (&held, call);
  n_cancelled++;
}

static json_t *
list (gpointer user, McpSession *session, McpList which)
{
  return json_loads ("[{\"name\":\"echo\",\"inputSchema\":{\"type\":\"object\",\"properties\":{"
                     "\"s\":{\"x-mcp-header\":\"S\"},\"n\":{\"x-mcp-header\":\"N\"},\"b\":{"
                     "\"x-mcp-header\":\"B\"},\"free\":{}}}}]",
                     0, NULL);
}

static const McpHandler handler
    = { .identity = { .name = "tried", .title = "Tried", .version = "1" },
        .offers = MCP_OFFERS_TOOLS | MCP_OFFERS_LOGGING | MCP_OFFERS_HEADERS | MCP_OFFERS_CHANGES,
        .list = list,
        .call = call_tool,
        .cancelled = cancelled };

/* --- The transport --- */

static GString *events;

static void
note (const char *whose, const char *what, guint number)
{
  g_string_append_printf (events, "%s:%s", whose, what);
  g_string_append_printf (events, number > 0 ? "%u " : " ", number);
}

static void
on_message (gpointer user, McpChannel *channel, McpMessageKind kind, guint status)
{
  static const char *const kinds[] = { "answer", "notification", "request" };

  note (user, kinds[kind], status);
}

static void
on_over (gpointer user, McpChannel *channel)
{
  note (user, "over", 0);
}

static void
on_hang_up (gpointer user, McpChannel *channel, guint retry_ms)
{
  note (user, "hang-up", retry_ms);
}

static const McpChannelEvents noted = { on_message, on_over, on_hang_up };
static const char *const a = "a", *const b = "b";

typedef struct
{
  McpServer *server;
  McpSession *session;
  Outbox *outbox;
  McpChannel *a, *b;
} World;

static void
world_open (World *world, gconstpointer unused)
{
  world->server = mcp_server_new (&handler, NULL);
  world->session = mcp_session_new (world->server, NULL);
  world->outbox = outbox_new ();
  world->a = mcp_channel_new (world->outbox, &noted, (gpointer) a);
  world->b = mcp_channel_new (world->outbox, &noted, (gpointer) b);
  events = g_string_new (NULL);
  n_cancelled = 0;
}

static void
world_close (World *world, gconstpointer unused)
{
  mcp_session_free (world->session);
  mcp_channel_free (world->a);
  mcp_channel_free (world->b);
  mcp_server_free (world->server);
  outbox_free (world->outbox);
  g_string_free (events, TRUE);
}

static void
take (World *world, McpChannel *channel, const McpHeaders *headers, const char *text,
      const char *noted_now)
{
  g_string_truncate (events, 0);
  mcp_session_take_text (world->session, channel, text, strlen (text), headers);
  g_assert_cmpstr (events->str, ==, noted_now);
}

static const McpHeaders old = { "2025-11-25", NULL, NULL, NULL, NULL };
#define MODERN(method, name)                                                                       \
  &(const McpHeaders)                                                                              \
  {                                                                                                \
    "2026-07-28", method, name, NULL, NULL                                                         \
  }

#define OLD_TOOL(id, name) ASK_ID (id, "tools/call", "\"name\":\"" name "\"")

static void
shake_hands (World *world, const char *capabilities)
{
  g_autofree char *text = g_strdup_printf (
      ASK ("initialize", "\"protocolVersion\":\"2025-11-25\",\"capabilities\":%s"), capabilities);

  take (world, world->a, &(McpHeaders){ NULL }, text, "a:answer200 a:over ");
  take (world, world->a, &old, TELL ("notifications/initialized", ""), "a:over ");
}

static const struct
{
  const char *sentence;
  const McpHeaders *headers;
  const char *say, *noted;
} statuses[] = {
  { "an answer is 200", MODERN ("tools/list", NULL), ASK ("tools/list", META),
    "a:answer200 a:over " },
  { "what is not JSON is 400", MODERN (NULL, NULL), "{", "a:answer400 a:over " },
  { "a bad shape is 400", MODERN (NULL, NULL), "{}", "a:answer400 a:over " },
  { "an empty batch is 400", MODERN (NULL, NULL), "[]", "a:answer400 a:over " },
  { "headers that differ are 400", MODERN ("ping", NULL), ASK ("tools/list", META),
    "a:answer400 a:over " },
  { "a head that is missing is 400", MODERN ("tools/list", NULL), ASK ("tools/list", ""),
    "a:answer400 a:over " },
  { "an unknown method is 404", MODERN ("ping", NULL), ASK ("ping", META), "a:answer404 a:over " },
  { "a method that is not offered is 404", MODERN ("prompts/list", NULL),
    ASK ("prompts/list", META), "a:answer404 a:over " },
  { "a wrong argument is 200", MODERN ("tools/list", NULL),
    ASK ("tools/list", "\"cursor\":1," META), "a:answer200 a:over " },
  { "an unknown version is 400",
    &(const McpHeaders){ "2099-01-01", "tools/list", NULL, NULL, NULL },
    ASK ("tools/list", "\"_meta\":{" KEY ("protocolVersion") ":\"2099-01-01\"," KEY (
                           "clientCapabilities") ":{}}"),
    "a:answer400 a:over " },
  { "a notification is answered by nothing", MODERN (NULL, NULL),
    TELL ("notifications/cancelled", ""), "a:over " },
  { "a wrong notification is 400", MODERN ("ping", NULL), TELL ("notifications/cancelled", ""),
    "a:answer400 a:over " },
  { "an answer that nobody waits for is refused", MODERN (NULL, NULL),
    "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}", "a:answer400 a:over " },
  { "with a handshake, an unknown method is 200", &old, ASK ("nothing", ""),
    "a:answer200 a:over " },
  { "with a handshake, an unknown version is 400",
    &(const McpHeaders){ "1999-01-01", NULL, NULL, NULL, NULL }, ASK ("tools/list", ""),
    "a:answer400 a:over " },
  { "with a handshake, an answer is answered by nothing", &old,
    "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}", "a:over " },
};

static void
test_status (gconstpointer data)
{
  const typeof (statuses[0]) *row = data;
  World world;

  world_open (&world, NULL);
  take (&world, world.a, row->headers, row->say, row->noted);
  world_close (&world, NULL);
}

/* --- Custom headers --- */

static const char *
param (gpointer user, const char *name)
{
  char **pairs = user;

  for (; *pairs != NULL; pairs += 2)
    if (g_ascii_strcasecmp (pairs[0], name) == 0)
      return pairs[1];
  return NULL;
}

static const struct
{
  const char *sentence, *arguments;
  const char *pairs[7];
  const char *noted;
} params[] = {
  { "each says what its argument does",
    "{\"s\":\"x\",\"n\":1.5,\"b\":true,\"free\":1}",
    { "S", "x", "N", "1.50", "B", "true" },
    "a:answer200 a:over " },
  { "one that is encoded",
    "{\"s\":\"\\u00e9\"}",
    { "S", "=?base64?w6k=?=" },
    "a:answer200 a:over " },
  { "one that only looks encoded is meant so",
    "{\"s\":\"dGVzdA==?=\"}",
    { "S", "dGVzdA==?=" },
    "a:answer200 a:over " },
  { "no argument has no header", "{}", { NULL }, "a:answer200 a:over " },
  { "one that says something else is refused",
    "{\"s\":\"x\"}",
    { "S", "y" },
    "a:answer400 a:over " },
  { "one that is missing is refused", "{\"s\":\"x\"}", { NULL }, "a:answer400 a:over " },
  { "one without its argument is refused", "{}", { "S", "x" }, "a:answer400 a:over " },
  { "another number is refused", "{\"n\":1}", { "N", "2" }, "a:answer400 a:over " },
  { "what is no number is refused", "{\"n\":1}", { "N", "1x" }, "a:answer400 a:over " },
  { "base64 with a rest is refused",
    "{\"s\":\"tes\"}",
    { "S", "=?base64?dGVzA?=" },
    "a:answer400 a:over " },
  { "wrong base64 is refused",
    "{\"s\":\"Hello\"}",
    { "S", "=?base64?SGVsbG8?=" },
    "a:answer400 a:over " },
};

static void
test_param (gconstpointer data)
{
  const typeof (params[0]) *row = data;
  const McpHeaders headers = { "2026-07-28", "tools/call", "echo", param, (gpointer) row->pairs };
  g_autofree char *say = g_strdup_printf (TOOL ("echo", "\"arguments\":%s," META), row->arguments);
  World world;

  world_open (&world, NULL);
  take (&world, world.a, &headers, say, row->noted);
  world_close (&world, NULL);
}

/* --- Conversations --- */

static void
test_later (World *world, gconstpointer unused)
{
  shake_hands (world, "{}");
  take (world, world->a, &old, OLD_TOOL ("1", "hold"), "");
  take (world, world->b, &old, OLD_TOOL ("2", "release"), "a:answer200 a:over b:answer200 b:over ");
}

static void
test_client_goes (World *world, gconstpointer unused)
{
  take (world, world->a, MODERN ("tools/call", "hold"), TOOL_ID ("1", "hold"), "");
  g_assert_cmpuint (n_cancelled, ==, 0);
  mcp_session_channel_closed (world->session, world->a);
  g_assert_cmpuint (n_cancelled, ==, 1);
  g_assert_cmpstr (events->str, ==, "");
}

static void
test_client_goes_after_a_handshake (World *world, gconstpointer unused)
{
  shake_hands (world, "{}");
  take (world, world->a, &old, OLD_TOOL ("1", "hold"), "");
  mcp_session_channel_closed (world->session, world->a);
  g_assert_cmpuint (n_cancelled, ==, 0);
  take (world, world->b, &old, OLD_TOOL ("2", "release"), "b:answer200 b:over ");
}

static void
test_log (World *world, gconstpointer unused)
{
  shake_hands (world, "{}");
  take (world, world->a, &old, OLD_TOOL ("1", "log"), "a:notification200 a:answer200 a:over ");
  take (world, world->a, &old, ASK ("logging/setLevel", "\"level\":\"error\""),
        "a:answer200 a:over ");
  take (world, world->a, &old, OLD_TOOL ("1", "log"), "a:answer200 a:over ");
  g_free (mcp_talk_drain (world->outbox));
  take (world, world->a, &old, ASK ("logging/setLevel", "\"level\":\"loud\""),
        "a:answer200 a:over ");
  g_autofree char *heard = mcp_talk_drain (world->outbox);
  g_assert_cmpstr (heard, ==, ERROR ("-32602", "level: must be a log level") "\n");
}

static void
test_hang_up (World *world, gconstpointer unused)
{
  shake_hands (world, "{}");
  take (world, world->a, &old, OLD_TOOL ("1", "bye"), "a:hang-up500 a:answer200 a:over ");
}

static void
test_no_hang_up (World *world, gconstpointer unused)
{
  take (world, world->a, MODERN ("tools/call", "bye"), TOOL_ID ("1", "bye"), "a:answer200 a:over ");
}

static void
test_ask (World *world, gconstpointer unused)
{
  shake_hands (world, "{\"sampling\":{}}");
  g_free (mcp_talk_drain (world->outbox));
  take (world, world->a, &old, OLD_TOOL ("7", "ask"), "a:request200 ");
  g_autofree char *asked = mcp_talk_drain (world->outbox);
  g_assert_cmpstr (asked, ==,
                   "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"sampling/createMessage\"}\n");
  /* Of another number, or the number as text: it answers nothing. */
  take (world, world->b, &old, "{\"jsonrpc\":\"2.0\",\"id\":2,\"result\":{}}", "b:over ");
  take (world, world->b, &old, "{\"jsonrpc\":\"2.0\",\"id\":\"1\",\"result\":{}}", "b:over ");
  take (world, world->b, &old, "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"x\":1}}",
        "a:answer200 a:over b:over ");
  g_autofree char *answered = mcp_talk_drain (world->outbox);
  g_assert_nonnull (strstr (answered, "\"id\":7,"));
  g_assert_nonnull (strstr (answered, "{\\\"result\\\":{\\\"x\\\":1}}"));
  take (world, world->b, &old, "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}", "b:over ");
}

static void
test_ask_and_cancel (World *world, gconstpointer unused)
{
  shake_hands (world, "{\"sampling\":{}}");
  take (world, world->a, &old, OLD_TOOL ("7", "ask"), "a:request200 ");
  take (world, world->b, &old, TELL ("notifications/cancelled", "\"requestId\":7"),
        "a:over b:over ");
  take (world, world->b, &old, "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}", "b:over ");
}

static void
test_ask_nobody (World *world, gconstpointer unused)
{
  shake_hands (world, "{}");
  take (world, world->a, &old, OLD_TOOL ("7", "ask"), "a:answer400 a:over ");
}

static void
test_out_of_turn (World *world, gconstpointer unused)
{
  shake_hands (world, "{}");
  g_string_truncate (events, 0);
  mcp_server_changed (world->server, MCP_LIST_TOOLS);
  g_assert_cmpstr (events->str, ==, "");
  g_assert_true (mcp_session_listen (world->session, world->b));
  g_assert_false (mcp_session_listen (world->session, world->a));
  mcp_server_changed (world->server, MCP_LIST_TOOLS);
  g_assert_cmpstr (events->str, ==, "b:notification200 ");
  mcp_session_channel_closed (world->session, world->b);
  g_string_truncate (events, 0);
  mcp_server_changed (world->server, MCP_LIST_TOOLS);
  g_assert_cmpstr (events->str, ==, "");
  g_assert_true (mcp_session_listen (world->session, world->a));
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *sentence;
    void (*test) (World *world, gconstpointer unused);
  } cases[] = {
    { "/mcp-channel/each is over when what was asked on it is answered", test_later },
    { "/mcp-channel/a client that goes cancels what it asked", test_client_goes },
    { "/mcp-channel/after a handshake it does not", test_client_goes_after_a_handshake },
    { "/mcp-channel/what is logged goes where the call is answered, from a level on", test_log },
    { "/mcp-channel/a call can end its stream after a handshake", test_hang_up },
    { "/mcp-channel/without one it cannot", test_no_hang_up },
    { "/mcp-channel/a client is asked where its call is answered", test_ask },
    { "/mcp-channel/what answers a call that was cancelled is dropped", test_ask_and_cancel },
    { "/mcp-channel/a client that cannot is not asked", test_ask_nobody },
    { "/mcp-channel/what is out of turn goes where the client listens", test_out_of_turn },
  };

  g_test_init (&argc, &argv, NULL);
  wire_init ();
  ADD_TABLE ("/mcp-channel/", statuses, test_status)
  ADD_TABLE ("/mcp-channel/header of an argument: ", params, test_param)
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    g_test_add (cases[i].sentence, World, NULL, world_open, cases[i].test, world_close);
  return g_test_run ();
}
