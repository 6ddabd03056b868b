/* SPDX-License-Identifier: MIT */
#include "mcp/wire/mcp-wire-private.h"

static guint
id_hash (gconstpointer key)
{
  const json_t *id = ((const McpOpen *) key)->reply.id;
  gint64 number = json_integer_value (id);

  return json_is_string (id) ? g_str_hash (json_string_value (id)) : g_int64_hash (&number);
}

static gboolean
id_equal (gconstpointer a, gconstpointer b)
{
  return json_equal (((const McpOpen *) a)->reply.id, ((const McpOpen *) b)->reply.id);
}

GHashTable *
mcp_open_table_new (void)
{
  return g_hash_table_new (id_hash, id_equal);
}

McpOpen *
mcp_open_find (McpSession *session, const json_t *id)
{
  McpOpen key = { .reply = { .id = (json_t *) id } };

  if (!json_is_string (id) && !json_is_integer (id))
    return NULL;
  return g_hash_table_lookup (session->open, &key);
}

void
mcp_open_begin (McpOpen *open, McpOpenKind kind, const McpRequest *request)
{
  *open = (McpOpen){ kind, request->session, request->reply };
  json_incref (open->reply.id);
  mcp_channel_hold (open->reply.channel);
  if (open->reply.batch != NULL)
    mcp_batch_hold (open->reply.batch);
  g_hash_table_add (request->session->open, open);
}

static void
free_open (McpOpen *open)
{
  if (open->kind == MCP_OPEN_LISTEN)
    {
      mcp_listen_free (open);
      return;
    }
  McpCall *call = (McpCall *) open;
  mcp_ask_forget (call);
  json_decref (call->params);
  g_free (call);
}

void
mcp_open_end (McpOpen *open)
{
  McpReply reply = open->reply;

  g_hash_table_remove (open->session->open, open);
  free_open (open);
  json_decref (reply.id);
  if (reply.batch != NULL)
    mcp_batch_release (reply.batch);
  /* Last: it may take the session with it. */
  if (reply.channel != NULL)
    mcp_channel_release (reply.channel);
}

void
mcp_open_cancel (McpOpen *open)
{
  const McpServer *server = open->session->server;

  if (open->kind == MCP_OPEN_CALL)
    server->handler->cancelled (server->user, (McpCall *) open);
  mcp_open_end (open);
}
