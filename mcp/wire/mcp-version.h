/* SPDX-License-Identifier: MIT
 *
 * The versions of the protocol, and what is told from them alone.
 */
#pragma once

#include <glib.h>

/* In the order of their age: comparing is meant. */
typedef enum
{
  MCP_VERSION_NONE, /* not agreed on yet */
  MCP_VERSION_2024_11_05,
  MCP_VERSION_2025_03_26,
  MCP_VERSION_2025_06_18,
  MCP_VERSION_2025_11_25,
  MCP_VERSION_2026_07_28,
} McpVersion;

#define MCP_VERSION_LATEST_LEGACY MCP_VERSION_2025_11_25

/* Without a handshake: each request says for itself which version it is of. */
gboolean mcp_version_is_modern (McpVersion version);
/* "2025-11-25"; NULL of none. */
const char *mcp_version_name (McpVersion version);
/* MCP_VERSION_NONE when there is none of this name; @name may be NULL. */
McpVersion mcp_version_find (const char *name);
