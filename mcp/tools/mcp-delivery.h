/* SPDX-License-Identifier: MIT
 *
 * What becomes of the broker's word on a question: the client's answer, in the way that it can
 * take.
 *
 * MUST
 *  - hand out nothing but the request's own id, whatever the way: it is a name, and the broker
 * checks each time who uses it and for what
 */
#pragma once

#include "mcp/tools/mcp-waiting.h"

/* With this many calls that name the same request the last is answered "pending": clients follow
 * ten, and stop with an error. */
#define MCP_ROUNDS_MOST 8

/* Each ends @waiting's call, and nothing else of it. */
struct _McpDelivery
{
  /* @fd: a value that came beside the answer, or -1; it is closed. */
  void (*answer) (McpWaiting *waiting, json_t *answer, int fd);
  void (*fault) (McpWaiting *waiting, const json_t *fault); /* the broker's error */
  /* No word of the broker's. @code is a word for programs. */
  void (*fail) (McpWaiting *waiting, const char *code, const char *message);
};

extern const McpDelivery mcp_delivery_tool;
extern const McpDelivery mcp_delivery_task;     /* tasks/get, by approval_wait */
extern const McpDelivery mcp_delivery_withdraw; /* tasks/cancel */

/* The request that the client names as the one that this call goes on with, and how often it did.
 * TRUE: it names none (@request_id is NULL), or one; g_free() it. */
gboolean mcp_delivery_read_state (const McpCall *call, char **request_id, guint *round);
