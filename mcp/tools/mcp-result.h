/* SPDX-License-Identifier: MIT
 *
 * The broker's answers in MCP's clothes: once flat, for text, once as
 * {"status","request_id"?,"result"?,…}.
 */
#pragma once

#include "mcp/wire/mcp-call.h"

/* What the broker says of a call: "result" of its answer, or its error. Ends @call. @fd is the
 * value that came beside the answer, or -1; it is closed. */
void mcp_result_send (McpCall *call, json_t *answer, int fd);
void mcp_result_send_error (McpCall *call, const json_t *fault);
/* The same as the whole result of a tool, which is sent as part of something else; the caller owns
 * it. @fd as above. */
json_t *mcp_result_json (json_t *answer, int fd);
/* A failure found here. @code is a word for programs. */
void mcp_result_send_failure (McpCall *call, const char *code, const char *message);
/* An error of the broker's: its word for programs, and those for people. g_free() the latter. */
const char *mcp_result_code (const json_t *fault);
char *mcp_result_words (const json_t *fault);
/* "pending", "completed", … of a broker's answer; never NULL. */
const char *mcp_result_status (const json_t *answer);
