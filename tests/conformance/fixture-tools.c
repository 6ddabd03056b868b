/* SPDX-License-Identifier: MIT
 *
 * All tools: listed, found, called.
 */
#include "tests/conformance/fixture.h"

/* The first one is called without arguments by a suite that knows nothing else of it. */
static const FixtureTool *const groups[]
    = { fixture_content_tools, fixture_running_tools, fixture_asking_tools, fixture_round_tools,
        fixture_task_tools };

static const FixtureTool one_more = {
  "test_one_more",
  "Is there on every second day: test_trigger_tool_change puts it into the list and takes it out",
  FIXTURE_BOTH,
  NULL,
  NULL,
  "{'content':[{'type':'text','text':'One more.'}]}",
  NULL,
};

static gboolean
is_of (const FixtureTool *tool, McpVersion version)
{
  return tool->eras & (mcp_version_is_modern (version) ? FIXTURE_MODERN : FIXTURE_LEGACY);
}

static json_t *
describe (const FixtureTool *tool)
{
  return json_pack ("{s:s, s:s, s:s, s:o, s:{s:b, s:b, s:b, s:b}}", "name", tool->name, "title",
                    tool->name, "description", tool->about, "inputSchema",
                    fixture_json (tool->schema != NULL ? tool->schema : "{'type':'object'}"),
                    "annotations", "readOnlyHint", TRUE, "destructiveHint", FALSE, "idempotentHint",
                    TRUE, "openWorldHint", FALSE);
}

json_t *
fixture_list_tools (const Fixture *fixture, McpVersion version)
{
  json_t *tools = json_array ();

  for (gsize i = 0; i < G_N_ELEMENTS (groups); i++)
    for (const FixtureTool *tool = groups[i]; tool->name != NULL; tool++)
      if (is_of (tool, version))
        json_array_append_new (tools, describe (tool));
  if (fixture->more_tools)
    json_array_append_new (tools, describe (&one_more));
  return tools;
}

static const FixtureTool *
find (const Fixture *fixture, const char *name, McpVersion version)
{
  for (gsize i = 0; i < G_N_ELEMENTS (groups); i++)
    for (const FixtureTool *tool = groups[i]; tool->name != NULL; tool++)
      if (g_str_equal (tool->name, name) && is_of (tool, version))
        return tool;
  return fixture->more_tools && g_str_equal (name, one_more.name) ? &one_more : NULL;
}

void
fixture_call_tool (Fixture *fixture, McpCall *call)
{
  const FixtureTool *tool = find (fixture, mcp_call_name (call), mcp_call_version (call));

  if (tool == NULL)
    mcp_call_refuse (call, MCP_INVALID_PARAMS, "name: there is no such tool", NULL);
  else if (tool->call != NULL)
    tool->call (fixture, call, tool);
  else
    {
      g_autoptr (json_t) answer = fixture_json (tool->answer);
      mcp_call_result (call, answer);
    }
}

void
fixture_say (McpCall *call, gboolean is_error, char *text)
{
  g_autoptr (json_t) result
      = json_pack ("{s:[{s:s, s:s}]}", "content", "type", "text", "text", text);

  if (is_error)
    json_object_set_new (result, "isError", json_true ());
  g_free (text);
  mcp_call_result (call, result);
}

/* --- Later --- */

typedef struct
{
  Fixture *fixture;
  McpCall *call;
  FixtureStep step;
  guint source;
} Later;

static gboolean
on_later (gpointer data)
{
  g_autofree Later *later = data;

  mcp_call_set_data (later->call, NULL);
  later->step (later->fixture, later->call);
  return G_SOURCE_REMOVE;
}

void
fixture_later (Fixture *fixture, McpCall *call, guint ms, FixtureStep step)
{
  Later *later = g_new (Later, 1);

  *later = (Later){ fixture, call, step, 0 };
  later->source = g_timeout_add (ms, on_later, later);
  mcp_call_set_data (call, later);
}

void
fixture_drop_later (McpCall *call)
{
  g_autofree Later *later = mcp_call_get_data (call);

  if (later != NULL)
    g_source_remove (later->source);
}
