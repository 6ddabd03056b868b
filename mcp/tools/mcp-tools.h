/* SPDX-License-Identifier: MIT
 *
 * The tools as a model reads them: names, words, hints, schemas. What each takes is
 * broker/base/arguments.h's table.
 */
#pragma once

#include "mcp/wire/mcp-server.h"

/* Hosts decide by the hints what to run without asking: where in doubt, the hint warns. */
typedef struct
{
  gboolean read_only, destructive, idempotent, open_world;
} McpHints;

/* What --capabilities narrows to. */
typedef enum
{
  MCP_GROUP_ALWAYS, /* asks for nothing: is never taken away */
  MCP_GROUP_READ,   /* names */
  MCP_GROUP_USE,    /* a credential, undisclosed */
  MCP_GROUP_WRITE,  /* what is kept */
  MCP_GROUP_REVEAL, /* a value that is kept */
  MCP_GROUP_MINT,   /* a new credential, which the agent sees */
} McpGroup;

typedef struct
{
  const char *name, *title, *description;
  McpGroup group;
  McpHints hints;
} McpTool;

/* For the model, at the handshake: what to use, and how to work with held requests. */
extern const char mcp_tools_instructions[];

/* All tools, in an order that stays. */
const McpTool *mcp_tools_all (gsize *n);
/* One tool that takes @fields; the caller owns it. */
json_t *mcp_tools_describe (const McpTool *tool, const WireField *fields, gsize n_fields);
