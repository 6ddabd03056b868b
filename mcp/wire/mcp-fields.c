/* SPDX-License-Identifier: MIT
 *
 * Which field came with which version. Clients of an older one may refuse what they do not know.
 */
#include "mcp/wire/mcp-wire-private.h"

#define ALL ~0u
#define OF(list) (1u << (list))

static const struct
{
  const char *name;
  guint lists;
  McpVersion since, until; /* the last that has it */
} fields[] = {
  { "annotations", OF (MCP_LIST_TOOLS), MCP_VERSION_2025_03_26, MCP_VERSION_2026_07_28 },
  { "title", ALL, MCP_VERSION_2025_06_18, MCP_VERSION_2026_07_28 },
  { "outputSchema", ALL, MCP_VERSION_2025_06_18, MCP_VERSION_2026_07_28 },
  { "_meta", ALL, MCP_VERSION_2025_06_18, MCP_VERSION_2026_07_28 },
  { "icons", ALL, MCP_VERSION_2025_11_25, MCP_VERSION_2026_07_28 },
  { "execution", ALL, MCP_VERSION_2025_11_25, MCP_VERSION_2025_11_25 },
};

void
mcp_fields_strip (json_t *item, McpList list, McpVersion version)
{
  json_t *argument;
  gsize i;

  for (gsize f = 0; f < G_N_ELEMENTS (fields); f++)
    if ((fields[f].lists & OF (list)) != 0
        && (version < fields[f].since || version > fields[f].until))
      json_object_del (item, fields[f].name);
  /* A prompt's arguments have titles of their own. */
  if (version < MCP_VERSION_2025_06_18 && list == MCP_LIST_PROMPTS)
    json_array_foreach (json_object_get (item, "arguments"), i, argument)
        json_object_del (argument, "title");
}

static const struct
{
  const char *type, *words; /* what stands in its place, before what it names */
  McpVersion since;
} kinds[] = {
  { "audio", "[sound]", MCP_VERSION_2025_03_26 },
  { "resource_link", "[resource]", MCP_VERSION_2025_06_18 },
};

static json_t *
as_text (const json_t *block, const char *words)
{
  const char *uri = wire_string (block, "uri");
  g_autofree char *text = g_strconcat (words, uri != NULL ? " " : NULL, uri, NULL);

  return json_pack ("{s:s, s:s}", "type", "text", "text", text);
}

json_t *
mcp_fields_content (const json_t *content, McpVersion version)
{
  json_t *mine = json_array (), *block;
  gsize i;

  json_array_foreach ((json_t *) content, i, block)
  {
    json_t *put = json_incref (block);
    for (gsize k = 0; k < G_N_ELEMENTS (kinds); k++)
      if (version < kinds[k].since && g_strcmp0 (wire_string (block, "type"), kinds[k].type) == 0)
        {
          json_decref (put);
          put = as_text (block, kinds[k].words);
        }
    json_array_append_new (mine, put);
  }
  return mine;
}
