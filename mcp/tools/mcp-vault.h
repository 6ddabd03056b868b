/* SPDX-License-Identifier: MIT
 *
 * A call of one of OpaqueVault's tools, as what it asks of the broker, and the broker's answer in
 * the shape that OpaqueVault's has. Nothing is decided here and nothing is known: what such a call
 * may do is what the broker's own calls may.
 *
 * MUST
 *  - never inject a secret that the agent, its project's file or "all of an app" did not name
 */
#pragma once

#include "broker/base/wire.h"

typedef struct _McpVault McpVault;

/* One connection's. */
typedef struct
{
  gint64 started;     /* monotonic, µs */
  guint64 n_redacted; /* values replaced in what commands printed */
} McpVaultSession;

gboolean mcp_vault_has (const char *tool);
/* @session must live as long. NULL with a WIRE_ERROR_FIELD that names the argument. */
McpVault *mcp_vault_new (const char *tool, const json_t *arguments, McpVaultSession *session,
                         GError **error);
void mcp_vault_free (McpVault *vault);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (McpVault, mcp_vault_free)

/* What is to be asked of the broker now: the call's name, which lives as long as the program, and
 * its arguments, borrowed and to be checked as an agent's are. */
const char *mcp_vault_call (const McpVault *vault);
json_t *mcp_vault_params (const McpVault *vault);
/* Takes the broker's @answer to that. TRUE: something else is to be asked first. FALSE: @answer is
 * now what the tool's caller gets. */
gboolean mcp_vault_take (McpVault *vault, json_t *answer);
