/* SPDX-License-Identifier: MIT */
#include "mcp/wire/mcp-wire-private.h"

static const McpMethod methods[] = {
  { "tools/call", TRUE, TRUE, MCP_OFFERS_TOOLS, "name", mcp_take_call },
  { "tools/list", TRUE, TRUE, MCP_OFFERS_TOOLS, NULL, mcp_take_list },
  { "ping", TRUE, FALSE, 0, NULL, mcp_take_ping },
  { "initialize", TRUE, FALSE, 0, NULL, mcp_take_initialize },
  { "server/discover", FALSE, TRUE, 0, NULL, mcp_take_discover },
  { "resources/list", TRUE, TRUE, MCP_OFFERS_RESOURCES, NULL, mcp_take_list },
  { "resources/templates/list", TRUE, TRUE, MCP_OFFERS_RESOURCES, NULL, mcp_take_list },
  { "resources/read", TRUE, TRUE, MCP_OFFERS_RESOURCES, "uri", mcp_take_call },
  { "resources/subscribe", TRUE, FALSE, MCP_OFFERS_RESOURCES | MCP_OFFERS_CHANGES, NULL,
    mcp_take_subscribe },
  { "resources/unsubscribe", TRUE, FALSE, MCP_OFFERS_RESOURCES | MCP_OFFERS_CHANGES, NULL,
    mcp_take_unsubscribe },
  { "prompts/list", TRUE, TRUE, MCP_OFFERS_PROMPTS, NULL, mcp_take_list },
  { "prompts/get", TRUE, TRUE, MCP_OFFERS_PROMPTS, "name", mcp_take_call },
  { "completion/complete", TRUE, TRUE, MCP_OFFERS_COMPLETIONS, NULL, mcp_take_call },
  { "logging/setLevel", TRUE, FALSE, MCP_OFFERS_LOGGING, NULL, mcp_take_set_level },
  { "subscriptions/listen", FALSE, TRUE, 0, NULL, mcp_take_listen },
  { "tasks/get", FALSE, TRUE, MCP_OFFERS_TASKS, "taskId", mcp_take_task },
  { "tasks/cancel", FALSE, TRUE, MCP_OFFERS_TASKS, "taskId", mcp_take_task },
  { "tasks/update", FALSE, TRUE, MCP_OFFERS_TASKS, "taskId", mcp_take_task },
};

const McpMethod *
mcp_method_find (const char *name)
{
  for (gsize i = 0; i < G_N_ELEMENTS (methods); i++)
    if (g_str_equal (methods[i].name, name))
      return &methods[i];
  return NULL;
}
