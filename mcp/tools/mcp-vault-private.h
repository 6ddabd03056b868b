/* SPDX-License-Identifier: MIT
 *
 * What mcp-vault.c and mcp-vault-shape.c share.
 */
#pragma once

#include "mcp/tools/mcp-vault-tools.h"
#include "mcp/tools/mcp-vault.h"

struct _McpVault
{
  const McpVaultTool *tool;
  json_t *given; /* or NULL */
  McpVaultSession *session;
  char *app, *environment; /* both or neither */
  char *work_dir;          /* absolute */
  const char *call;        /* the broker's */
  json_t *params;
  json_t *injected; /* names, for vault_run */
};

/* app/environment/NAME for a NAME; the caller owns it. */
char *mcp_vault_full_name (const McpVault *vault, const char *name);
/* NAME of app/environment/NAME. */
const char *mcp_vault_last_part (const char *name);
/* {"app","environment"}, or empty; the caller owns it. */
json_t *mcp_vault_context (const McpVault *vault);
/* Names in a result of list_secrets, as the agent says them; the caller owns it. */
json_t *mcp_vault_names_in (const McpVault *vault, const json_t *result);
/* A broker's @result in OpaqueVault's shape; the caller owns it. */
json_t *mcp_vault_shape (McpVault *vault, json_t *result);
