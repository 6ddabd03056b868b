/* SPDX-License-Identifier: MIT */
#include "mcp/tools/mcp-prompts.h"

#include "mcp/tools/mcp-icons.h"

#define NAME "credential-rules"
#define ABOUT                                                                                      \
  "How an agent works with credentials here: use them without seeing them, ask for little, wait "  \
  "for the person."

/* One source: the file is made into text when this is built. */
static const char rules[] =
#include "agent-rules.inc"
    ;

json_t *
mcp_prompts_list (void)
{
  return json_pack ("[{s:s, s:s, s:s, s:[], s:o}]", "name", NAME, "title", "Rules for credentials",
                    "description", ABOUT, "arguments", "icons", mcp_icons_list (MCP_ICON_SHIELD));
}

void
mcp_prompts_answer (McpCall *call)
{
  if (!g_str_equal (mcp_call_name (call), NAME))
    {
      mcp_call_refuse (call, MCP_INVALID_PARAMS, "name: there is no such prompt; there is " NAME,
                       NULL);
      return;
    }
  g_autoptr (json_t) result
      = json_pack ("{s:s, s:[{s:s, s:{s:s, s:s}}]}", "description", ABOUT, "messages", "role",
                   "user", "content", "type", "text", "text", rules);
  mcp_call_result (call, result);
}
