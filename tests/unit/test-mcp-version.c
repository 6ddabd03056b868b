/* SPDX-License-Identifier: MIT
 *
 * Nothing is sent that the agreed version does not have: one item that has everything, one answer
 * that has everything, and the greeting, as each version hears them.
 */
#include "tests/unit/mcp-talk.h"
#include "tests/unit/mcp-words.h"
#include "tests/unit/table.h"

#include <string.h>

static json_t *
list (gpointer user, McpSession *session, McpList which)
{
  static const char all[]
      = "[{\"name\":\"n\",\"title\":\"T\",\"description\":\"d\",\"inputSchema\":{\"type\":"
        "\"object\",\"properties\":{\"title\":{}}},\"outputSchema\":{},\"annotations\":{},"
        "\"icons\":[],\"execution\":{},\"_meta\":{},\"arguments\":[{\"name\":\"a\",\"title\":\"A\"}"
        "]}]";

  return json_loads (all, 0, NULL);
}

/* A message of each block. */
static void
answer_prompt (McpCall *call, const json_t *content)
{
  g_autoptr (json_t) messages = json_array ();
  g_autoptr (json_t) result = json_pack ("{s:O}", "messages", messages);
  json_t *block;
  gsize i;

  json_array_foreach ((json_t *) content, i, block)
  {
    json_array_append_new (messages, json_pack ("{s:O}", "content", block));
  }
  mcp_call_result (call, result);
}

static void
call_tool (gpointer user, McpCall *call)
{
  g_autoptr (json_t) content = json_loads (
      "[{\"type\":\"text\",\"text\":\"t\"},{\"type\":\"audio\",\"data\":\"\",\"mimeType\":\"m\"},{"
      "\"type\":\"resource_link\",\"uri\":\"a:b\",\"name\":\"n\"}]",
      0, NULL);
  g_autoptr (json_t) structured = json_object ();
  g_autoptr (json_t) whole
      = json_pack ("{s:O, s:O}", "content", content, "structuredContent", structured);

  mcp_call_progress (call, "m");
  if (g_str_equal (mcp_call_name (call), "by-hand"))
    mcp_call_answer (call, &(McpAnswer){ .content = content, .structured = structured });
  else if (mcp_call_kind (call) == MCP_CALL_TOOL)
    mcp_call_result (call, whole);
  else if (mcp_call_kind (call) == MCP_CALL_PROMPT)
    answer_prompt (call, content);
  else
    mcp_call_refuse (call, MCP_RESOURCE_NOT_FOUND, "m", NULL);
}

static const McpIcon icons[] = { { "data:x", NULL, NULL, NULL } };
static const McpHandler handler
    = { .identity = { .name = "tried",
                      .title = "Tried",
                      .version = "1",
                      .description = "d",
                      .website = "https://tried.example",
                      .icons = icons,
                      .n_icons = 1 },
        .offers = MCP_OFFERS_TOOLS | MCP_OFFERS_PROMPTS | MCP_OFFERS_RESOURCES
                  | MCP_OFFERS_COMPLETIONS | MCP_OFFERS_LOGGING | MCP_OFFERS_TASKS,
        .list = list,
        .call = call_tool };

#define SCHEMA "\"inputSchema\":{\"type\":\"object\",\"properties\":{\"title\":{}}}"
#define ARGUMENTS(title) ",\"arguments\":[{\"name\":\"a\"" title "}]"
#define A ",\"title\":\"A\""
#define NEW_INFO                                                                                   \
  ",\"description\":\"d\",\"websiteUrl\":\"https://tried.example\",\"icons\":[{\"src\":\"data:x\"" \
  "}]"

static const struct
{
  const char *sentence, *version;
  const char *tool, *prompt, *content, *structured, *progress, *greeting;
} rows[] = {
  { "2024-11-05 has no annotations, no titles, no sound", "2024-11-05",
    "{\"name\":\"n\",\"description\":\"d\"," SCHEMA ARGUMENTS (A) "}",
    "{\"name\":\"n\",\"description\":\"d\"," SCHEMA ",\"annotations\":{}" ARGUMENTS ("") "}",
    "[{\"type\":\"text\",\"text\":\"t\"},{\"type\":\"text\",\"text\":\"[sound]\"},{\"type\":"
    "\"text\",\"text\":\"[resource] a:b\"}]",
    NULL, "\"progressToken\":5,\"progress\":1",
    "\"capabilities\":{\"tools\":{},\"resources\":{},\"prompts\":{},\"logging\":{}},"
    "\"serverInfo\":{\"name\":\"tried\",\"version\":\"1\"}" },
  { "2025-03-26 has annotations, sound, completions and words of progress", "2025-03-26",
    "{\"name\":\"n\",\"description\":\"d\"," SCHEMA ",\"annotations\":{}" ARGUMENTS (A) "}",
    "{\"name\":\"n\",\"description\":\"d\"," SCHEMA ",\"annotations\":{}" ARGUMENTS ("") "}",
    "[{\"type\":\"text\",\"text\":\"t\"},{\"type\":\"audio\",\"data\":\"\",\"mimeType\":\"m\"},{"
    "\"type\":\"text\",\"text\":\"[resource] a:b\"}]",
    NULL, "\"progressToken\":5,\"progress\":1,\"message\":\"m\"",
    "\"capabilities\":{\"tools\":{},\"resources\":{},\"prompts\":{},\"completions\":{},"
    "\"logging\":{}},\"serverInfo\":{\"name\":\"tried\",\"version\":\"1\"}" },
  { "2025-06-18 has titles, what comes out, and links", "2025-06-18",
    "{\"name\":\"n\",\"title\":\"T\",\"description\":\"d\"," SCHEMA
    ",\"outputSchema\":{},\"annotations\":{},\"_meta\":{}" ARGUMENTS (A) "}",
    "{\"name\":\"n\",\"title\":\"T\",\"description\":\"d\"," SCHEMA
    ",\"outputSchema\":{},\"annotations\":{},\"_meta\":{}" ARGUMENTS (A) "}",
    "[{\"type\":\"text\",\"text\":\"t\"},{\"type\":\"audio\",\"data\":\"\",\"mimeType\":\"m\"},{"
    "\"type\":\"resource_link\",\"uri\":\"a:b\",\"name\":\"n\"}]",
    "{}", "\"progressToken\":5,\"progress\":1,\"message\":\"m\"",
    "\"serverInfo\":{\"name\":\"tried\",\"version\":\"1\",\"title\":\"Tried\"}" },
  { "2025-11-25 has icons, and how it is carried out", "2025-11-25",
    "{\"name\":\"n\",\"title\":\"T\",\"description\":\"d\"," SCHEMA
    ",\"outputSchema\":{},\"annotations\":{},\"icons\":[],\"execution\":{},\"_meta\":{}" ARGUMENTS (
        A) "}",
    "{\"name\":\"n\",\"title\":\"T\",\"description\":\"d\"," SCHEMA
    ",\"outputSchema\":{},\"annotations\":{},\"icons\":[],\"execution\":{},\"_meta\":{}" ARGUMENTS (
        A) "}",
    "[{\"type\":\"text\",\"text\":\"t\"},{\"type\":\"audio\",\"data\":\"\",\"mimeType\":\"m\"},{"
    "\"type\":\"resource_link\",\"uri\":\"a:b\",\"name\":\"n\"}]",
    "{}", "\"progressToken\":5,\"progress\":1,\"message\":\"m\"",
    "\"serverInfo\":{\"name\":\"tried\",\"version\":\"1\",\"title\":\"Tried\"" NEW_INFO "}" },
  { "2026-07-28 no longer has how it is carried out", "2026-07-28",
    "{\"name\":\"n\",\"title\":\"T\",\"description\":\"d\"," SCHEMA
    ",\"outputSchema\":{},\"annotations\":{},\"icons\":[],\"_meta\":{}" ARGUMENTS (A) "}",
    "{\"name\":\"n\",\"title\":\"T\",\"description\":\"d\"," SCHEMA
    ",\"outputSchema\":{},\"annotations\":{},\"icons\":[],\"_meta\":{}" ARGUMENTS (A) "}",
    "[{\"type\":\"text\",\"text\":\"t\"},{\"type\":\"audio\",\"data\":\"\",\"mimeType\":\"m\"},{"
    "\"type\":\"resource_link\",\"uri\":\"a:b\",\"name\":\"n\"}]",
    "{}", "\"progressToken\":5,\"progress\":1,\"message\":\"m\"",
    KEY ("serverInfo") ":{\"name\":\"tried\",\"version\":\"1\",\"title\":\"Tried\"" NEW_INFO "}" },
};

static gboolean
is_modern (const char *version)
{
  return mcp_version_is_modern (mcp_version_find (version));
}

/* The last line that comes back for @method; its head is what @version wants. */
static char *
say (McpTalk *talk, const char *version, const char *method, const char *params)
{
  g_autofree char *line
      = g_strdup_printf (ASK ("%s", "%s%s"), method, params,
                         is_modern (version) ? META_WITH ("{}", ",\"progressToken\":5")
                                             : "\"_meta\":{\"progressToken\":5}");
  return mcp_talk (talk, line);
}

static void
expect_member (const char *heard, const char *member, const char *text)
{
  g_autoptr (json_t) message
      = json_loads (strrchr (heard, '\n') != NULL ? strrchr (heard, '\n') + 1 : heard, 0, NULL);
  const json_t *found = json_object_get (json_object_get (message, "result"), member);
  g_autofree char *dumped
      = found != NULL ? json_dumps (found, JSON_COMPACT | JSON_ENCODE_ANY) : NULL;

  g_assert_cmpstr (dumped, ==, text);
}

static McpTalk *
talk_new (const char *version)
{
  McpTalk *talk = mcp_talk_new (&handler, NULL, 4096);

  if (!is_modern (version))
    mcp_talk_begin (talk, version);
  return talk;
}

static void
test_lists (gconstpointer data)
{
  const typeof (rows[0]) *row = data;
  g_autoptr (McpTalk) talk = talk_new (row->version);
  g_autofree char *tools = say (talk, row->version, "tools/list", "");
  g_autofree char *prompts = say (talk, row->version, "prompts/list", "");
  g_autofree char *tool = g_strdup_printf ("[%s]", row->tool);
  g_autofree char *prompt = g_strdup_printf ("[%s]", row->prompt);

  expect_member (tools, "tools", tool);
  expect_member (prompts, "prompts", prompt);
}

static void
test_answers (gconstpointer data)
{
  const typeof (rows[0]) *row = data;
  g_autoptr (McpTalk) talk = talk_new (row->version);
  static const char *const tools[] = { "\"name\":\"by-hand\",", "\"name\":\"whole\"," };
  g_autofree char *told = g_strdup_printf (TELL ("notifications/progress", "%s"), row->progress);

  for (gsize i = 0; i < G_N_ELEMENTS (tools); i++)
    {
      g_autofree char *heard = say (talk, row->version, "tools/call", tools[i]);
      g_assert_true (g_str_has_prefix (heard, told));
      expect_member (heard, "content", row->content);
      expect_member (heard, "structuredContent", row->structured);
      expect_member (heard, "resultType", is_modern (row->version) ? "\"complete\"" : NULL);
      g_assert_true ((strstr (heard, KEY ("serverInfo")) != NULL) == is_modern (row->version));
    }
}

static void
test_prompts (gconstpointer data)
{
  const typeof (rows[0]) *row = data;
  g_autoptr (McpTalk) talk = talk_new (row->version);
  g_autofree char *heard = say (talk, row->version, "prompts/get", "\"name\":\"p\",");
  g_autoptr (json_t) content = json_loads (row->content, 0, NULL);
  g_autoptr (json_t) messages = json_array ();
  json_t *block;
  gsize i;

  json_array_foreach (content, i, block)
  {
    json_array_append_new (messages, json_pack ("{s:O}", "content", block));
  }
  g_autofree char *text = json_dumps (messages, JSON_COMPACT);
  expect_member (heard, "messages", text);
}

static void
test_rest (gconstpointer data)
{
  const typeof (rows[0]) *row = data;
  g_autoptr (McpTalk) talk = talk_new (row->version);
  g_autofree char *tools = say (talk, row->version, "tools/list", "");
  g_autofree char *none = say (talk, row->version, "resources/read", "\"uri\":\"x\",");

  expect_member (tools, "ttlMs", is_modern (row->version) ? "0" : NULL);
  expect_member (tools, "cacheScope", is_modern (row->version) ? "\"private\"" : NULL);
  g_assert_nonnull (
      strstr (none, is_modern (row->version) ? "\"code\":-32602," : "\"code\":-32002,"));
}

static void
test_greeting (gconstpointer data)
{
  const typeof (rows[0]) *row = data;
  g_autoptr (McpTalk) talk = mcp_talk_new (&handler, NULL, 4096);
  g_autofree char *version = g_strdup_printf ("\"protocolVersion\":\"%s\",", row->version);
  g_autofree char *heard = is_modern (row->version)
                               ? say (talk, row->version, "server/discover", "")
                               : say (talk, row->version, "initialize", version);

  g_assert_nonnull (strstr (heard, row->greeting));
  g_assert_true ((strstr (heard, "\"extensions\"") != NULL) == is_modern (row->version));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  wire_init ();
  ADD_TABLE ("/mcp-version/lists: ", rows, test_lists)
  ADD_TABLE ("/mcp-version/answers: ", rows, test_answers)
  ADD_TABLE ("/mcp-version/prompts: ", rows, test_prompts)
  ADD_TABLE ("/mcp-version/the rest: ", rows, test_rest)
  ADD_TABLE ("/mcp-version/greeting: ", rows, test_greeting)
  return g_test_run ();
}
