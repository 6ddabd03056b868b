/* SPDX-License-Identifier: MIT */
#include "mcp/wire/mcp-server.h"

#include "mcp/wire/mcp-wire-private.h"

#define PAGE_ITEMS 250

/* Written once: it goes out with the most frequent answer there is. */
static char *
make_stamp (const json_t *info)
{
  g_autoptr (json_t) stamp
      = json_pack ("{s:s, s:{s:O}}", "resultType", "complete", "_meta", MCP_META_SERVER, info);
  char *text = json_dumps (stamp, JSON_COMPACT);
  char *inner = g_strdup_printf (",%.*s", (int) strlen (text) - 2, text + 1);

  free (text);
  return inner;
}

McpServer *
mcp_server_new (const McpHandler *handler, gpointer user)
{
  McpServer *server = g_new0 (McpServer, 1);

  server->handler = handler;
  server->user = user;
  server->page = PAGE_ITEMS;
  server->info = mcp_identity_info (&handler->identity, MCP_VERSION_2026_07_28, FALSE);
  server->stamp = make_stamp (server->info);
  return server;
}

void
mcp_server_free (McpServer *server)
{
  if (server == NULL)
    return;
  g_assert (server->sessions.length == 0);
  json_decref (server->info);
  g_free (server->stamp);
  g_free (server);
}

void
mcp_server_set_ttl (McpServer *server, guint ttl_ms)
{
  server->ttl_ms = ttl_ms;
}

void
mcp_server_set_page (McpServer *server, gsize n_items)
{
  server->page = n_items;
}
