/* SPDX-License-Identifier: MIT
 *
 * The prompt credential-rules: data/agent-rules.md, as it is.
 */
#pragma once

#include "mcp/wire/mcp-call.h"

/* The caller owns the array. */
json_t *mcp_prompts_list (void);
/* Ends @call, of MCP_CALL_PROMPT. */
void mcp_prompts_answer (McpCall *call);
