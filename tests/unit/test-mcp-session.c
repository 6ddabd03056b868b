/* SPDX-License-Identifier: MIT
 *
 * What a conversation remembers: which era it is of, what is in flight, and who is told of changes.
 * "hold" does not answer until "release" is called.
 */
#include "tests/unit/mcp-talk.h"
#include "tests/unit/mcp-words.h"

#include <string.h>

static GQueue held = G_QUEUE_INIT;
static guint n_cancelled;

static json_t *
list (gpointer user, McpSession *session, McpList which)
{
  return json_array ();
}

static void
answer (McpCall *call)
{
  g_autoptr (json_t) flat = json_object ();

  mcp_call_answer (call, &(McpAnswer){ .flat = flat });
}

static void
call_tool (gpointer user, McpCall *call)
{
  if (g_str_equal (mcp_call_name (call), "hold"))
    {
      g_queue_push_tail (&held, call);
      return;
    }
  for (McpCall *one; (one = g_queue_pop_tail (&held)) != NULL;)
    answer (one);
  answer (call);
}

static void
cancelled (gpointer user, McpCall *call)
{
  g_assert_true (g_queue_remove (&held, call));
  n_cancelled++;
}

#define HANDLER(what)                                                                              \
  {                                                                                                \
    .identity = { .name = "tried", .title = "Tried", .version = "1" }, .offers = what,             \
    .list = list, .call = call_tool, .cancelled = cancelled                                        \
  }

static const McpHandler handler
    = HANDLER (MCP_OFFERS_TOOLS | MCP_OFFERS_RESOURCES | MCP_OFFERS_PROMPTS | MCP_OFFERS_CHANGES);
static const McpHandler bare = HANDLER (MCP_OFFERS_TOOLS | MCP_OFFERS_RESOURCES);

static void
expect (McpTalk *talk, const char *say, const char *hear)
{
  g_autofree char *heard = mcp_talk (talk, say);
  g_assert_cmpstr (heard, ==, hear);
}

static McpTalk *
talk_new (const McpHandler *to)
{
  n_cancelled = 0;
  return mcp_talk_new (to, NULL, 4096);
}

/* --- What comes first --- */

static void
test_probe (void)
{
  g_autoptr (McpTalk) talk = talk_new (&handler);

  g_free (mcp_talk (talk, ASK ("server/discover", META)));
  g_assert_cmpint (mcp_session_version (talk->session), ==, MCP_VERSION_NONE);
  mcp_talk_begin (talk, "2025-11-25");
  expect (talk, ASK ("ping", ""), RESULT (""));
}

static void
test_settled (void)
{
  g_autoptr (McpTalk) talk = talk_new (&handler);

  g_free (mcp_talk (talk, TOOL ("release", META)));
  g_assert_cmpint (mcp_session_version (talk->session), ==, MCP_VERSION_2026_07_28);
  expect (
      talk, ASK ("tools/list", ""),
      ERROR ("-32602", "_meta: io.modelcontextprotocol/protocolVersion must be there, and text"));
  expect (talk, ASK ("initialize", "\"protocolVersion\":\"2025-11-25\""),
          ERROR_DATA ("-32022", "this protocol version is not supported without initialize",
                      ",\"data\":{\"supported\":[\"2026-07-28\"],\"requested\":\"2025-11-25\"}"));
}

static void
test_refused_settles_nothing (void)
{
  g_autoptr (McpTalk) talk = talk_new (&handler);

  g_free (mcp_talk (talk,
                    ASK ("tools/list", "\"_meta\":{" KEY ("protocolVersion") ":\"2026-07-28\"}")));
  g_free (mcp_talk (talk, ASK ("ping", META)));
  g_assert_cmpint (mcp_session_version (talk->session), ==, MCP_VERSION_NONE);
}

static void
test_claim (void)
{
  g_autoptr (McpTalk) talk = talk_new (&handler);

  g_free (mcp_talk (talk, TOOL ("release", META)));
  g_assert_null (mcp_session_claim (talk->session));
  g_free (mcp_talk (
      talk, TOOL ("release", META_WITH ("{}", "," KEY ("clientInfo") ":{\"name\":\"c\"}"))));
  g_assert_cmpstr (wire_string (mcp_session_claim (talk->session), "name"), ==, "c");
}

/* --- In flight --- */

#define CANCEL(id) TELL ("notifications/cancelled", "\"requestId\":" id)

static void
test_cancel (void)
{
  g_autoptr (McpTalk) talk = talk_new (&handler);

  expect (talk, TOOL_ID ("1", "hold"), "");
  expect (talk, TOOL_ID ("\"1\"", "hold"), "");
  expect (talk, CANCEL ("1"), "");
  g_assert_cmpuint (n_cancelled, ==, 1);
  expect (talk, TOOL_ID ("2", "release"), OK_ID ("\"1\"") "\n" OK_ID ("2"));
  expect (talk, CANCEL ("\"1\""), "");
  g_assert_cmpuint (n_cancelled, ==, 1);
}

#define LISTEN(id, wishes)                                                                         \
  ASK_ID (id, "subscriptions/listen", "\"notifications\":{" wishes "}," META)
#define ACK(id, wishes)                                                                            \
  TELL ("notifications/subscriptions/acknowledged",                                                \
        "\"_meta\":{" KEY ("subscriptionId") ":" id "},\"notifications\":{" wishes "}")
#define CHANGED(id, what)                                                                          \
  TELL ("notifications/" what "/list_changed", "\"_meta\":{" KEY ("subscriptionId") ":" id "}") "\n"
#define UPDATED(id)                                                                                \
  TELL ("notifications/resources/updated",                                                         \
        "\"_meta\":{" KEY ("subscriptionId") ":" id "},\"uri\":\"a:b\"")                           \
  "\n"

static void
expect_heard (McpTalk *talk, const char *hear)
{
  g_autofree char *heard = mcp_talk_heard (talk);
  g_assert_cmpstr (heard, ==, hear);
}

static void
test_listen (void)
{
  g_autoptr (McpTalk) talk = talk_new (&handler);

  expect (talk, LISTEN ("1", "\"toolsListChanged\":true,\"promptsListChanged\":false"),
          ACK ("1", "\"toolsListChanged\":true"));
  expect (talk, LISTEN ("\"1\"", "\"resourceSubscriptions\":[\"a:b\",\"a:b\"]"),
          ACK ("\"1\"", "\"resourceSubscriptions\":[\"a:b\"]"));
  mcp_server_changed (talk->server, MCP_LIST_PROMPTS);
  mcp_server_updated (talk->server, "other");
  expect_heard (talk, "");
  mcp_server_changed (talk->server, MCP_LIST_TOOLS);
  expect_heard (talk, CHANGED ("1", "tools"));
  mcp_server_updated (talk->server, "a:b");
  expect_heard (talk, UPDATED ("\"1\""));
  expect (talk, CANCEL ("1"), "");
  mcp_server_changed (talk->server, MCP_LIST_TOOLS);
  expect_heard (talk, "");
  expect (talk, CANCEL ("\"1\""), "");
  mcp_server_updated (talk->server, "a:b");
  expect_heard (talk, "");
}

static void
test_end_of_listening (void)
{
  g_autoptr (McpTalk) talk = talk_new (&handler);

  expect (talk, LISTEN ("1", "\"toolsListChanged\":true"), ACK ("1", "\"toolsListChanged\":true"));
  expect (talk, TOOL_ID ("2", "hold"), "");
  mcp_server_end_listening (talk->server);
  expect_heard (talk, RESULT ("\"resultType\":\"complete\",\"_meta\":{" KEY (
                          "subscriptionId") ":1," INFO "}") "\n");
  mcp_server_end_listening (talk->server);
  mcp_server_changed (talk->server, MCP_LIST_TOOLS);
  expect_heard (talk, "");
}

static void
test_listen_to_what_is_not_offered (void)
{
  g_autoptr (McpTalk) talk = talk_new (&bare);
  g_autofree char *heard = mcp_talk (
      talk, LISTEN ("1", "\"toolsListChanged\":true,\"resourceSubscriptions\":[\"a\"]"));

  g_assert_nonnull (strstr (heard, "\"notifications\":{}"));
  g_assert_nonnull (strstr (heard, "\"resultType\":\"complete\""));
  mcp_server_changed (talk->server, MCP_LIST_TOOLS);
  expect_heard (talk, "");
}

/* --- Subscriptions of the era with a handshake --- */

#define PLAIN_CHANGED(what)                                                                        \
  "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/" what "/list_changed\"}\n"
#define PLAIN_UPDATED TELL ("notifications/resources/updated", "\"uri\":\"a:b\"") "\n"

static void
test_subscribe (void)
{
  g_autoptr (McpTalk) talk = talk_new (&handler);

  mcp_talk_begin (talk, "2025-11-25");
  mcp_server_changed (talk->server, MCP_LIST_TOOLS);
  expect_heard (talk, ""); /* the handshake is not over */
  expect (talk, TELL ("notifications/initialized", ""), "");
  mcp_server_changed (talk->server, MCP_LIST_TOOLS);
  mcp_server_changed (talk->server, MCP_LIST_TEMPLATES);
  mcp_server_updated (talk->server, "a:b");
  expect_heard (talk, PLAIN_CHANGED ("tools") PLAIN_CHANGED ("resources"));
  expect (talk, ASK ("resources/subscribe", "\"uri\":\"a:b\""), RESULT (""));
  expect (talk, ASK ("resources/subscribe", ""),
          ERROR ("-32602", "uri: must be text of up to 1024 bytes"));
  mcp_server_updated (talk->server, "other");
  mcp_server_updated (talk->server, "a:b");
  expect_heard (talk, PLAIN_UPDATED);
  expect (talk, ASK ("resources/unsubscribe", "\"uri\":\"a:b\""), RESULT (""));
  mcp_server_updated (talk->server, "a:b");
  expect_heard (talk, "");
}

static void
test_subscribe_to_what_is_not_offered (void)
{
  g_autoptr (McpTalk) talk = talk_new (&bare);

  mcp_talk_begin (talk, "2025-11-25");
  expect (talk, TELL ("notifications/initialized", ""), "");
  expect (talk, ASK ("resources/subscribe", "\"uri\":\"a:b\""),
          ERROR ("-32601", "there is no such method"));
  mcp_server_changed (talk->server, MCP_LIST_TOOLS);
  expect_heard (talk, "");
}

/* What is remembered of a client does not grow with what it says. */
static void
test_too_many (void)
{
  g_autoptr (McpTalk) talk = talk_new (&handler);
  g_autoptr (GString) uris = g_string_new ("");

  mcp_talk_begin (talk, "2025-11-25");
  for (int i = 0; i < 65; i++)
    {
      g_autofree char *say = g_strdup_printf (ASK ("resources/subscribe", "\"uri\":\"u:%d\""), i);
      g_string_append_printf (uris, "%s\"u:%d\"", i > 0 ? "," : "", i);
      expect (talk, say,
              i < 64 ? RESULT ("") : ERROR ("-32602", "uri: too many are subscribed to"));
    }
  g_autoptr (McpTalk) other = talk_new (&handler);
  g_autofree char *listen
      = g_strdup_printf (LISTEN ("1", "\"resourceSubscriptions\":[%s]"), uris->str);
  expect (other, listen,
          ERROR ("-32602", "notifications: resourceSubscriptions must be a list of at most 64"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  wire_init ();
  g_test_add_func ("/mcp-session/who only looked may shake hands", test_probe);
  g_test_add_func ("/mcp-session/the first request settles the era", test_settled);
  g_test_add_func ("/mcp-session/what was refused settles nothing", test_refused_settles_nothing);
  g_test_add_func ("/mcp-session/a client's name is passed on once it says it", test_claim);
  g_test_add_func ("/mcp-session/nothing is sent for what was cancelled", test_cancel);
  g_test_add_func ("/mcp-session/who listens hears what it wished for, until it is cancelled",
                   test_listen);
  g_test_add_func ("/mcp-session/who listens is told when nothing more comes",
                   test_end_of_listening);
  g_test_add_func ("/mcp-session/changes that are not offered cannot be listened for",
                   test_listen_to_what_is_not_offered);
  g_test_add_func ("/mcp-session/after a handshake all hear of lists, and who subscribed of a "
                   "resource",
                   test_subscribe);
  g_test_add_func ("/mcp-session/no more is subscribed to than may be", test_too_many);
  g_test_add_func ("/mcp-session/what is not offered cannot be subscribed to",
                   test_subscribe_to_what_is_not_offered);
  return g_test_run ();
}
