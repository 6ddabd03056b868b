/* SPDX-License-Identifier: MIT */
#include "tests/conformance/fixture.h"

static json_t *
list (gpointer user, McpSession *session, McpList what)
{
  const Fixture *fixture = user;

  switch (what)
    {
    case MCP_LIST_TOOLS:
      return fixture_list_tools (fixture, mcp_session_version (session));
    case MCP_LIST_PROMPTS:
      return fixture_list_prompts (fixture);
    case MCP_LIST_RESOURCES:
      return fixture_list_resources ();
    case MCP_LIST_TEMPLATES:
    default:
      return fixture_list_templates ();
    }
}

static void
call (gpointer user, McpCall *asked)
{
  Fixture *fixture = user;

  switch (mcp_call_kind (asked))
    {
    case MCP_CALL_TOOL:
      fixture_call_tool (fixture, asked);
      break;
    case MCP_CALL_PROMPT:
      fixture_get_prompt (fixture, asked);
      break;
    case MCP_CALL_RESOURCE:
      fixture_read_resource (asked);
      break;
    case MCP_CALL_COMPLETION:
      fixture_complete (asked);
      break;
    case MCP_CALL_TASK_GET:
      fixture_task_get (fixture, asked);
      break;
    case MCP_CALL_TASK_CANCEL:
      fixture_task_cancel (fixture, asked);
      break;
    case MCP_CALL_TASK_UPDATE:
    default:
      fixture_task_update (fixture, asked);
      break;
    }
}

static void
cancelled (gpointer user, McpCall *asked)
{
  (void) user;
  fixture_drop_later (asked);
}

static const McpHandler handler = {
  .identity = { .name = "conformance-fixture",
                .title = "Conformance fixture",
                .version = "1.0.0",
                .description = "What the conformance suites ask for",
                .instructions = "For tests alone." },
  .offers = MCP_OFFERS_TOOLS | MCP_OFFERS_RESOURCES | MCP_OFFERS_PROMPTS | MCP_OFFERS_COMPLETIONS
            | MCP_OFFERS_LOGGING | MCP_OFFERS_TASKS | MCP_OFFERS_CHANGES | MCP_OFFERS_HEADERS,
  .list = list,
  .call = call,
  .cancelled = cancelled,
};

Fixture *
fixture_new (void)
{
  Fixture *fixture = g_new0 (Fixture, 1);

  fixture->server = mcp_server_new (&handler, fixture);
  fixture->tasks = fixture_tasks_new ();
  fixture->key = g_uuid_string_random ();
  return fixture;
}

void
fixture_free (Fixture *fixture)
{
  if (fixture == NULL)
    return;
  mcp_server_free (fixture->server);
  g_hash_table_unref (fixture->tasks);
  g_free (fixture->key);
  g_free (fixture);
}

json_t *
fixture_json (const char *text)
{
  g_autofree char *quoted = g_strdelimit (g_strdup (text), "'", '"');
  json_t *value = json_loads (quoted, JSON_REJECT_DUPLICATES, NULL);

  g_assert (value != NULL);
  return value;
}
