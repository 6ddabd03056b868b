/* SPDX-License-Identifier: MIT */
#include "mcp/tools/mcp-toml.h"

void
mcp_toml_add_string (GString *toml, const char *text)
{
  g_string_append_c (toml, '"');
  for (const char *c = text; *c != '\0'; c++)
    if (*c == '"' || *c == '\\')
      g_string_append_printf (toml, "\\%c", *c);
    else if (g_ascii_iscntrl (*c))
      g_string_append_printf (toml, "\\u%04x", (guint) *c);
    else
      g_string_append_c (toml, *c);
  g_string_append_c (toml, '"');
}

void
mcp_toml_add_list (GString *toml, const char *const *list)
{
  g_string_append_c (toml, '[');
  for (gsize i = 0; list[i] != NULL; i++)
    {
      g_string_append (toml, i > 0 ? ", " : "");
      mcp_toml_add_string (toml, list[i]);
    }
  g_string_append_c (toml, ']');
}
