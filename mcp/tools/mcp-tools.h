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

typedef struct
{
  const char *name, *title, *description;
  McpHints hints;
} McpTool;

/* For the model, at the handshake: what to use, and how to work with held requests. */
extern const char mcp_tools_instructions[];

/* All tools, in an order that stays; the caller owns the array. */
json_t *mcp_tools_list (void);
gboolean mcp_tools_has (const char *name);
/* One tool that takes @fields; the caller owns it. */
json_t *mcp_tools_describe (const McpTool *tool, const WireField *fields, gsize n_fields);
