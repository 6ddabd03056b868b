/* SPDX-License-Identifier: MIT
 *
 * The tools of the credential broker in Vouch's guide, under its names. They are our own,
 * carried out in the same way: mcp-arguments.h has which is which.
 */
#pragma once

#include "mcp/tools/mcp-tools.h"

typedef struct
{
  McpTool tool;
  const WireField *fields;
  gsize n_fields;
} McpVouchTool;

/* For the model, at the handshake. */
extern const char mcp_vouch_instructions[];

/* All of them, in an order that stays. */
const McpVouchTool *mcp_vouch_tools_all (gsize *n);
