/* SPDX-License-Identifier: MIT
 *
 * Calls that were answered "pending", so that they can be asked again of a broker that never heard
 * of them.
 *
 * MUST
 *  - forget: after ten minutes, or when there are too many, or when together they are too large (a
 * call may hold a value)
 */
#pragma once

#include "mcp/tools/mcp-question.h"

typedef struct _McpMemory McpMemory;

typedef struct
{
  McpQuestion *question;
  const char *instance; /* the broker process that knows it */
  const char *current;  /* by this request_id there; NULL: the one that it is remembered by */
} McpRemembered;

McpMemory *mcp_memory_new (void);
void mcp_memory_free (McpMemory *memory);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (McpMemory, mcp_memory_free)

/* Keeps a reference to the question. @now: monotonic, µs, here and below; never less than at the
 * call before. */
void mcp_memory_keep (McpMemory *memory, const char *request_id, const McpRemembered *what,
                      gint64 now);
/* FALSE when it is not remembered. What is filled in is borrowed until the next keep or forget. */
gboolean mcp_memory_find (McpMemory *memory, const char *request_id, gint64 now,
                          McpRemembered *what);
void mcp_memory_forget (McpMemory *memory, const char *request_id);
/* The request_id of one that asks the same (mcp_question_same()); NULL when there is none. Borrowed
 * as above. */
const char *mcp_memory_find_same (McpMemory *memory, const McpQuestion *question, gint64 now);
