/* SPDX-License-Identifier: MIT */
#include "mcp/tools/mcp-icons.h"

#include <string.h>

#define BLUE "#3584e4"
#define DRAWN "fill='none' stroke='" BLUE "' stroke-width='1.6' stroke-linecap='round'"

static const char *const drawings[] = {
  [MCP_ICON_SHIELD] = "<path fill='" BLUE "' d='M8 1 2 3v5c0 4 3 6 6 7 3-1 6-3 6-7V3z'/>"
                      "<path fill='none' stroke='#fff' stroke-width='1.6' d='m5 8 2 2 4-4'/>",
  [MCP_ICON_LIST] = "<path " DRAWN " d='M3 4h10M3 8h10M3 12h6'/>",
  [MCP_ICON_KEY] = "<path " DRAWN " d='M8 8h6v3M11 8v2M8 8a3 3 0 1 0-6 0 3 3 0 0 0 6 0'/>",
  [MCP_ICON_PENCIL] = "<path " DRAWN " d='m3 13 1-3 7-7 2 2-7 7z'/>",
  [MCP_ICON_EYE] = "<path " DRAWN " d='M1 8s3-4 7-4 7 4 7 4-3 4-7 4-7-4-7-4z'/>"
                   "<circle fill='" BLUE "' cx='8' cy='8' r='2'/>",
  [MCP_ICON_COIN] = "<circle " DRAWN " cx='8' cy='8' r='6'/><path " DRAWN " d='M8 5v6'/>",
};

char *
mcp_icons_uri (McpIconKind kind)
{
  g_autofree char *svg = g_strdup_printf (
      "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'>%s</svg>", drawings[kind]);
  g_autofree char *encoded = g_base64_encode ((const guchar *) svg, strlen (svg));

  return g_strconcat ("data:image/svg+xml;base64,", encoded, NULL);
}

json_t *
mcp_icons_list (McpIconKind kind)
{
  g_autofree char *uri = mcp_icons_uri (kind);

  return json_pack ("[{s:s, s:s, s:[s]}]", "src", uri, "mimeType", "image/svg+xml", "sizes", "any");
}
