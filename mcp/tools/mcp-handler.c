/* SPDX-License-Identifier: MIT */
#include "mcp/tools/mcp-handler.h"

#include "mcp/tools/mcp-tools.h"
#include "mcp/tools/mcp-vault-tools.h"

static json_t *
list_tools (gpointer user, McpSession *session, McpList list)
{
  return mcp_tools_list ();
}

static json_t *
list_vault_tools (gpointer user, McpSession *session, McpList list)
{
  return mcp_vault_tools_list ();
}

static McpBroker *
broker_of (const McpCall *call)
{
  return mcp_session_get_owner (mcp_call_session (call));
}

static void
begin_call (gpointer user, McpCall *call)
{
  mcp_broker_call (broker_of (call), call);
}

static void
cancel_call (gpointer user, McpCall *call)
{
  mcp_broker_cancelled (broker_of (call), call);
}

const McpHandler *
mcp_tools_handler (gboolean opaquevault)
{
  static const McpHandler ours = { .identity = { .name = "countersign",
                                                 .title = "Countersign",
                                                 .version = COUNTERSIGN_VERSION,
                                                 .instructions = mcp_tools_instructions },
                                   .offers = MCP_OFFERS_TOOLS | MCP_OFFERS_TASKS,
                                   .list = list_tools,
                                   .call = begin_call,
                                   .cancelled = cancel_call };
  /* Without tasks: one of these may ask the broker twice, each a request of its own. */
  static const McpHandler vault = { .identity = { .name = "countersign",
                                                  .title = "Countersign, with OpaqueVault's tools",
                                                  .version = COUNTERSIGN_VERSION,
                                                  .instructions = mcp_vault_instructions },
                                    .offers = MCP_OFFERS_TOOLS,
                                    .list = list_vault_tools,
                                    .call = begin_call,
                                    .cancelled = cancel_call };

  return opaquevault ? &vault : &ours;
}
