/* SPDX-License-Identifier: MIT
 *
 * A request that waits or runs, as a task of the extension io.modelcontextprotocol/tasks. Nothing
 * is kept here: the task's id is the request's, and the broker knows how it stands.
 *
 * https://modelcontextprotocol.io/seps/2663-tasks-extension
 */
#pragma once

#include "mcp/tools/mcp-waiting.h"

/* Each ends the call. @answer: the broker's "pending" to a tool's call. */
void mcp_task_create (McpWaiting *waiting, const json_t *answer);
/* @answer: what approval_wait says of waiting->task; @fd as in mcp-delivery.h. */
void mcp_task_tell (McpWaiting *waiting, json_t *answer, int fd);
