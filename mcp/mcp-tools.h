/* SPDX-License-Identifier: MIT
 *
 * The tools as a model reads them: names, words, hints, schemas. What each takes is
 * broker/base/arguments.h's table.
 */
#pragma once

#include "mcp/mcp-server.h"

/* For the model, at the handshake: how to work with held requests. */
extern const char mcp_tools_instructions[];

/* All tools, in an order that stays; the caller owns the array. */
json_t *mcp_tools_list (McpVersion version);
gboolean mcp_tools_has (const char *name);
