/* SPDX-License-Identifier: MIT
 *
 * What mcp-broker.c and mcp-calls.c share.
 */
#pragma once

#include "mcp/tools/mcp-broker.h"
#include "mcp/tools/mcp-link.h"
#include "mcp/tools/mcp-memory.h"
#include "mcp/tools/mcp-waiting.h"

struct _McpBroker
{
  McpLink *link;
  McpWaitingList *list;
  McpMemory *memory;
  McpVaultSession vault;
  gint64 hold_seconds;
  gboolean opaquevault, verbose;
};

/* Asks the broker that is connected. */
void mcp_broker_ask (McpBroker *broker, McpWaiting *waiting);
/* There is no approval_wait among OpaqueVault's tools. Who calls the same again after "pending"
 * means that request: to ask it anew might run a command twice. Takes @question; the caller owns
 * what is returned. */
McpQuestion *mcp_broker_go_on (McpBroker *broker, McpQuestion *question);
/* A question of this call's, when @arguments are right for it; the caller owns it. NULL with an
 * error that names the field. */
McpQuestion *mcp_broker_question (const char *call, json_t *arguments, GError **error);
