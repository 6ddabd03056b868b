/* SPDX-License-Identifier: MIT
 *
 * Small pictures for clients that show them, as data: URIs. In the middle of light and dark.
 */
#pragma once

#include <jansson.h>

#include <glib.h>

typedef enum
{
  MCP_ICON_SHIELD, /* ours */
  MCP_ICON_LIST,
  MCP_ICON_KEY,
  MCP_ICON_PENCIL,
  MCP_ICON_EYE,
  MCP_ICON_COIN,
} McpIconKind;

/* g_free(). */
char *mcp_icons_uri (McpIconKind kind);
/* [{"src","mimeType","sizes"}]; the caller owns it. */
json_t *mcp_icons_list (McpIconKind kind);
