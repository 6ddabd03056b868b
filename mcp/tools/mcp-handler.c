/* SPDX-License-Identifier: MIT */
#include "mcp/tools/mcp-handler.h"

static json_t *
list (gpointer user, McpSession *session, McpList list)
{
  return mcp_offered_list (mcp_broker_offered (mcp_session_get_owner (session)), list);
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

McpHandler *
mcp_tools_handler_new (const McpOffered *offered)
{
  McpHandler *handler = g_new0 (McpHandler, 1);

  mcp_offered_introduce (offered, handler);
  handler->list = list;
  handler->call = begin_call;
  handler->cancelled = cancel_call;
  return handler;
}
