/* SPDX-License-Identifier: MIT
 *
 * What of all this a client finds here: one set of tools, narrowed by --capabilities.
 *
 * MUST
 *  - offer nothing that was not asked for: narrowing takes away from the list and from the calls
 */
#pragma once

#include "mcp/tools/mcp-tools.h"

#define MCP_OFFERED_ERROR (mcp_offered_error_quark ())
typedef enum
{
  MCP_OFFERED_ERROR_SET,       /* no such set of tools */
  MCP_OFFERED_ERROR_CAPABILITY /* neither a tool of the set nor a group */
} McpOfferedError;
GQuark mcp_offered_error_quark (void);

typedef struct _McpOffered McpOffered;

/* @set: "countersign" (NULL), "opaquevault" or "vouch". @capabilities: names of tools and of groups
 * (read, use, write, reveal, mint), separated by commas; NULL: all. What asks for nothing stays. */
McpOffered *mcp_offered_new (const char *set, const char *capabilities, GError **error);
void mcp_offered_free (McpOffered *offered);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (McpOffered, mcp_offered_free)

gboolean mcp_offered_is_vault (const McpOffered *offered);
/* Who is here, and what is offered besides tools; borrowed from @offered. */
void mcp_offered_introduce (const McpOffered *offered, McpHandler *handler);
/* The caller owns the array. */
json_t *mcp_offered_list (const McpOffered *offered, McpList list);
/* The tool's own name, also for one of its others. NULL: there is none in the set. */
const char *mcp_offered_find (const McpOffered *offered, const char *name);
/* Whether it was not narrowed away; @tool is from mcp_offered_find(). */
gboolean mcp_offered_has (const McpOffered *offered, const char *tool);
/* "there is no such tool", with what may have been meant. g_free(). */
char *mcp_offered_missing (const McpOffered *offered, const char *name);
