/* SPDX-License-Identifier: MIT
 *
 * OpaqueVault's tools as a model reads them, and what each takes.
 */
#pragma once

#include "mcp/tools/mcp-tools.h"

typedef enum
{
  MCP_VAULT_RUN,
  MCP_VAULT_LIST,
  MCP_VAULT_EXISTS,
  MCP_VAULT_CREATE,
  MCP_VAULT_UPDATE,
  MCP_VAULT_DELETE,
  MCP_VAULT_STATUS,
} McpVaultKind;

typedef struct
{
  McpVaultKind kind;
  McpTool tool;
  const char *short_name; /* that it is called by too, unlisted; or NULL */
  const WireField *fields;
  gsize n_fields;
} McpVaultTool;

/* For the model, at the handshake. */
extern const char mcp_vault_instructions[];

/* All of them, in an order that stays. */
const McpVaultTool *mcp_vault_tools_all (gsize *n);
/* NULL when there is none of this name. */
const McpVaultTool *mcp_vault_tools_find (const char *name);
