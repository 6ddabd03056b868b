/* SPDX-License-Identifier: MIT
 *
 * What a client may read: the rules that concern it, its grants, how its requests stand. The broker
 * tells each requester of itself alone.
 */
#pragma once

#include "mcp/tools/mcp-delivery.h"

/* The caller owns the arrays. */
json_t *mcp_resources_list (void);
json_t *mcp_resources_templates (void);

/* What to ask of the broker for @call, of MCP_CALL_RESOURCE or MCP_CALL_COMPLETION. NULL: it is
 * ended already. */
McpQuestion *mcp_resources_question (McpCall *call);
/* And what becomes of its answer. */
extern const McpDelivery mcp_resources_delivery;
