/* SPDX-License-Identifier: MIT */
#include "mcp/wire/mcp-version.h"

static const char *const names[] = {
  [MCP_VERSION_2024_11_05] = "2024-11-05", [MCP_VERSION_2025_03_26] = "2025-03-26",
  [MCP_VERSION_2025_06_18] = "2025-06-18", [MCP_VERSION_2025_11_25] = "2025-11-25",
  [MCP_VERSION_2026_07_28] = "2026-07-28",
};

gboolean
mcp_version_is_modern (McpVersion version)
{
  return version >= MCP_VERSION_2026_07_28;
}

const char *
mcp_version_name (McpVersion version)
{
  return names[version];
}

McpVersion
mcp_version_find (const char *name)
{
  for (McpVersion version = MCP_VERSION_2024_11_05; version <= MCP_VERSION_2026_07_28; version++)
    if (g_strcmp0 (names[version], name) == 0)
      return version;
  return MCP_VERSION_NONE;
}
