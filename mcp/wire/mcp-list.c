/* SPDX-License-Identifier: MIT
 *
 * Lists, in pages. A cursor is ours to read alone; it names where the next page begins, and so
 * nothing is kept for it.
 */
#include "mcp/wire/mcp-wire-private.h"

#include <string.h>

static const struct
{
  const char *method, *member;
  McpList list;
} lists[] = {
  { "tools/list", "tools", MCP_LIST_TOOLS },
  { "prompts/list", "prompts", MCP_LIST_PROMPTS },
  { "resources/list", "resources", MCP_LIST_RESOURCES },
  { "resources/templates/list", "resourceTemplates", MCP_LIST_TEMPLATES },
};

static char *
make_cursor (McpList list, gsize from)
{
  g_autofree char *text = g_strdup_printf ("%d.%" G_GSIZE_FORMAT, list, from);

  return g_base64_encode ((const guchar *) text, strlen (text));
}

/* TRUE with where the page begins; only the very text that was given is a cursor. */
static gboolean
read_cursor (const json_t *cursor, McpList list, gsize n_items, gsize page, gsize *from)
{
  *from = 0;
  if (cursor == NULL)
    return TRUE;
  for (gsize i = page; i < n_items && json_is_string (cursor); i += page)
    {
      g_autofree char *ours = make_cursor (list, i);
      if (g_str_equal (ours, json_string_value (cursor)))
        {
          *from = i;
          return TRUE;
        }
    }
  return FALSE;
}

static json_t *
make_page (const json_t *all, gsize from, gsize page, McpList list, McpVersion version)
{
  json_t *items = json_array ();

  for (gsize i = from; i < json_array_size (all) && i < from + page; i++)
    {
      json_t *item = json_array_get (all, i);
      mcp_fields_strip (item, list, version);
      json_array_append (items, item);
    }
  return items;
}

void
mcp_take_list (const McpRequest *request)
{
  const McpServer *server = request->session->server;
  gsize kind = 0, from;

  while (!g_str_equal (lists[kind].method, request->method->name))
    kind++;
  McpList list = lists[kind].list;
  g_autoptr (json_t) all = server->handler->list (server->user, request->session, list);
  if (!read_cursor (json_object_get (request->params, "cursor"), list, json_array_size (all),
                    server->page, &from))
    {
      mcp_request_refuse (request, MCP_INVALID_PARAMS, "cursor: is not one of ours");
      return;
    }
  json_t *result = json_pack ("{s:o}", lists[kind].member,
                              make_page (all, from, server->page, list, request->reply.version));
  if (from + server->page < json_array_size (all))
    {
      g_autofree char *cursor = make_cursor (list, from + server->page);
      json_object_set_new (result, "nextCursor", json_string (cursor));
    }
  mcp_request_answer (request, result, TRUE);
}
