/* SPDX-License-Identifier: MIT
 *
 * Resources.
 */
#include "tests/conformance/fixture.h"

#include <string.h>

#define TEMPLATE_BEFORE "test://template/"
#define TEMPLATE_AFTER "/data"

static const struct
{
  const char *uri, *name, *about, *type;
  const char *kind, *contents; /* "text" or "blob" */
} resources[] = {
  { "test://static-text", "Static text", "A text that stays", "text/plain", "text",
    "This is the content of the static text resource." },
  { "test://static-binary", "Static image", "An image that stays", "image/png", "blob",
    FIXTURE_PNG },
  { "test://watched-resource", "Watched resource", "A text that can be subscribed to", "text/plain",
    "text", "Watched resource content." },
};

json_t *
fixture_list_resources (void)
{
  json_t *list = json_array ();

  for (gsize i = 0; i < G_N_ELEMENTS (resources); i++)
    json_array_append_new (list,
                           json_pack ("{s:s, s:s, s:s, s:s, s:s}", "uri", resources[i].uri, "name",
                                      resources[i].name, "title", resources[i].name, "description",
                                      resources[i].about, "mimeType", resources[i].type));
  return list;
}

json_t *
fixture_list_templates (void)
{
  return json_pack ("[{s:s, s:s, s:s, s:s}]", "uriTemplate", TEMPLATE_BEFORE "{id}" TEMPLATE_AFTER,
                    "name", "Template", "description", "Data for any id", "mimeType",
                    "application/json");
}

/* @kind: "text" or "blob". */
static void
answer (McpCall *call, const char *type, const char *kind, const char *contents)
{
  g_autoptr (json_t) result = json_pack ("{s:[{s:s, s:s, s:s}]}", "contents", "uri",
                                         mcp_call_name (call), "mimeType", type, kind, contents);

  mcp_call_result (call, result);
}

/* The id in a URI of the template; NULL: it is none. g_free(). */
static char *
template_id (const char *uri)
{
  const gsize before = strlen (TEMPLATE_BEFORE), after = strlen (TEMPLATE_AFTER);
  gsize len = strlen (uri);

  if (!g_str_has_prefix (uri, TEMPLATE_BEFORE) || !g_str_has_suffix (uri, TEMPLATE_AFTER)
      || len <= before + after)
    return NULL;
  return g_strndup (uri + before, len - before - after);
}

void
fixture_read_resource (McpCall *call)
{
  const char *uri = mcp_call_name (call);

  for (gsize i = 0; i < G_N_ELEMENTS (resources); i++)
    if (g_str_equal (resources[i].uri, uri))
      {
        answer (call, resources[i].type, resources[i].kind, resources[i].contents);
        return;
      }
  g_autofree char *id = template_id (uri);
  if (id == NULL)
    {
      g_autoptr (json_t) data = json_pack ("{s:s}", "uri", uri);
      mcp_call_refuse (call, MCP_RESOURCE_NOT_FOUND, "uri: there is no such resource", data);
      return;
    }
  g_autofree char *about = g_strdup_printf ("Data for ID: %s", id);
  g_autoptr (json_t) data
      = json_pack ("{s:s, s:b, s:s}", "id", id, "templateTest", TRUE, "data", about);
  g_autofree char *text = json_dumps (data, JSON_COMPACT);
  answer (call, "application/json", "text", text);
}
