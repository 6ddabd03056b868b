/* SPDX-License-Identifier: MIT
 *
 * Who the server is and what it can, and who the client says it is.
 */
#include "mcp/wire/mcp-wire-private.h"

#include <string.h>

/* A client's name for itself is shown to a person and recorded: longer ones are left out, not cut.
 */
#define CLAIM_BYTES 128

static json_t *
icons_of (const McpIdentity *identity)
{
  json_t *icons = json_array ();

  for (gsize i = 0; i < identity->n_icons; i++)
    {
      const McpIcon *icon = &identity->icons[i];
      json_t *one = json_pack ("{s:s, s:s*, s:s*}", "src", icon->src, "mimeType", icon->mime_type,
                               "theme", icon->theme);
      if (icon->sizes != NULL)
        json_object_set_new (one, "sizes", json_pack ("[s]", icon->sizes));
      json_array_append_new (icons, one);
    }
  return icons;
}

json_t *
mcp_identity_info (const McpIdentity *identity, McpVersion version, gboolean whole)
{
  json_t *info = json_pack ("{s:s, s:s}", "name", identity->name, "version", identity->version);

  if (version >= MCP_VERSION_2025_06_18 && identity->title != NULL)
    json_object_set_new (info, "title", json_string (identity->title));
  if (version < MCP_VERSION_2025_11_25 || !whole)
    return info;
  if (identity->description != NULL)
    json_object_set_new (info, "description", json_string (identity->description));
  if (identity->website != NULL)
    json_object_set_new (info, "websiteUrl", json_string (identity->website));
  if (identity->n_icons > 0)
    json_object_set_new (info, "icons", icons_of (identity));
  return info;
}

static void
offer (json_t *capabilities, const char *name, gboolean changes)
{
  json_t *one = json_object ();

  if (changes && g_str_equal (name, "resources"))
    json_object_set_new (one, "subscribe", json_true ());
  if (changes)
    json_object_set_new (one, "listChanged", json_true ());
  json_object_set_new (capabilities, name, one);
}

json_t *
mcp_identity_capabilities (guint offers, McpVersion version)
{
  static const struct
  {
    McpOffers offer;
    const char *name;
    gboolean changes;
    McpVersion since;
  } table[] = {
    { MCP_OFFERS_TOOLS, "tools", TRUE, MCP_VERSION_NONE },
    { MCP_OFFERS_RESOURCES, "resources", TRUE, MCP_VERSION_NONE },
    { MCP_OFFERS_PROMPTS, "prompts", TRUE, MCP_VERSION_NONE },
    { MCP_OFFERS_COMPLETIONS, "completions", FALSE, MCP_VERSION_2025_03_26 },
    { MCP_OFFERS_LOGGING, "logging", FALSE, MCP_VERSION_NONE },
  };
  json_t *capabilities = json_object ();

  for (gsize i = 0; i < G_N_ELEMENTS (table); i++)
    if ((offers & table[i].offer) != 0 && version >= table[i].since)
      offer (capabilities, table[i].name, table[i].changes && (offers & MCP_OFFERS_CHANGES) != 0);
  if ((offers & MCP_OFFERS_TASKS) != 0 && mcp_version_is_modern (version))
    json_object_set_new (capabilities, "extensions", json_pack ("{s:{}}", MCP_EXTENSION_TASKS));
  return capabilities;
}

static gboolean
is_short (const char *text)
{
  return text != NULL && *text != '\0' && strlen (text) <= CLAIM_BYTES;
}

json_t *
mcp_identity_claim (const json_t *info)
{
  const char *name = wire_string (info, "name"), *version = wire_string (info, "version");

  if (!is_short (name))
    return NULL;
  return json_pack ("{s:s, s:s*}", "name", name, "version", is_short (version) ? version : NULL);
}
