/* SPDX-License-Identifier: MIT
 *
 * Tools that tell something while they run.
 */
#include "tests/conformance/fixture.h"

#define PAUSE_MS 50

/* --- Progress --- */

static void
progress_end (Fixture *fixture, McpCall *call)
{
  (void) fixture;
  mcp_call_progress_of (call, 100, 100, "done");
  fixture_say (call, FALSE, g_strdup ("Told how far it was, three times."));
}

static void
progress_half (Fixture *fixture, McpCall *call)
{
  mcp_call_progress_of (call, 50, 100, "half of it");
  fixture_later (fixture, call, PAUSE_MS, progress_end);
}

static void
progress (Fixture *fixture, McpCall *call, const FixtureTool *tool)
{
  (void) tool;
  mcp_call_progress_of (call, 0, 100, "begun");
  fixture_later (fixture, call, PAUSE_MS, progress_half);
}

/* --- Log --- */

static void
log_line (McpCall *call, const char *text)
{
  g_autoptr (json_t) data = json_string (text);

  mcp_call_log (call, "info", "fixture", data);
}

static void
log_end (Fixture *fixture, McpCall *call)
{
  (void) fixture;
  log_line (call, "Tool execution completed");
  fixture_say (call, FALSE, g_strdup ("Logged three lines."));
}

static void
log_middle (Fixture *fixture, McpCall *call)
{
  log_line (call, "Tool processing data");
  fixture_later (fixture, call, PAUSE_MS, log_end);
}

static void
log_begin (Fixture *fixture, McpCall *call, const FixtureTool *tool)
{
  (void) tool;
  log_line (call, "Tool execution started");
  fixture_later (fixture, call, PAUSE_MS, log_middle);
}

/* Its suite waits for half a second, however busy the machine is. */
static void
log_at_once (Fixture *fixture, McpCall *call, const FixtureTool *tool)
{
  (void) tool;
  log_line (call, "Tool execution started");
  log_line (call, "Tool processing data");
  log_end (fixture, call);
}

/* --- What changes --- */

static void
change_tools (Fixture *fixture, McpCall *call, const FixtureTool *tool)
{
  (void) tool;
  fixture->more_tools = !fixture->more_tools;
  mcp_server_changed (fixture->server, MCP_LIST_TOOLS);
  fixture_say (call, FALSE, g_strdup ("The list of tools is another."));
}

static void
change_prompts (Fixture *fixture, McpCall *call, const FixtureTool *tool)
{
  (void) tool;
  fixture->more_prompts = !fixture->more_prompts;
  mcp_server_changed (fixture->server, MCP_LIST_PROMPTS);
  fixture_say (call, FALSE, g_strdup ("The list of prompts is another."));
}

static void
change_resource (Fixture *fixture, McpCall *call, const FixtureTool *tool)
{
  (void) tool;
  mcp_server_updated (fixture->server, "test://watched-resource");
  fixture_say (call, FALSE, g_strdup ("The watched resource is another."));
}

/* --- A stream that ends before the answer --- */

static void
reconnected (Fixture *fixture, McpCall *call)
{
  (void) fixture;
  fixture_say (call, FALSE, g_strdup ("Found again."));
}

static void
hang_up (Fixture *fixture, McpCall *call)
{
  mcp_call_hang_up (call, PAUSE_MS);
  fixture_later (fixture, call, 2 * PAUSE_MS, reconnected);
}

static void
reconnect (Fixture *fixture, McpCall *call, const FixtureTool *tool)
{
  (void) tool;
  fixture_later (fixture, call, PAUSE_MS, hang_up);
}

/* --- Never --- */

/* Runs until its client does not want it any more. */
static void
never (Fixture *fixture, McpCall *call, const FixtureTool *tool)
{
  (void) fixture;
  (void) tool;
  mcp_call_progress (call, "waiting");
}

const FixtureTool fixture_running_tools[] = {
  { .name = "test_tool_with_progress",
    .about = "Tells how far it is, three times",
    .eras = FIXTURE_BOTH,
    .call = progress },
  { .name = "test_tool_with_logging",
    .about = "Logs three lines",
    .eras = FIXTURE_LEGACY,
    .call = log_begin },
  { .name = "test_logging_tool",
    .about = "Logs three lines",
    .eras = FIXTURE_MODERN,
    .call = log_at_once },
  { .name = "test_trigger_tool_change",
    .about = "Changes the list of tools",
    .eras = FIXTURE_BOTH,
    .call = change_tools },
  { .name = "test_trigger_prompt_change",
    .about = "Changes the list of prompts",
    .eras = FIXTURE_BOTH,
    .call = change_prompts },
  { .name = "test_trigger_resource_change",
    .about = "Changes test://watched-resource",
    .eras = FIXTURE_BOTH,
    .call = change_resource },
  { .name = "test_reconnection",
    .about = "Ends the stream before it answers",
    .eras = FIXTURE_LEGACY,
    .call = reconnect },
  { .name = "test_never",
    .about = "Runs until it is cancelled",
    .eras = FIXTURE_BOTH,
    .call = never },
  { 0 },
};
