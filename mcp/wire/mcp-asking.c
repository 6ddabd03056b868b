/* SPDX-License-Identifier: MIT
 *
 * What a server wants of a client: by a request of its own, or by a result that is not complete.
 */
#include "mcp/wire/mcp-client-private.h"

struct _McpAsking
{
  McpClient *client;
  json_t *id;          /* of the server's request; or NULL */
  McpClientCall *call; /* NULL: it is gone */
  char *key;
};

static void
asking_free (gpointer data)
{
  McpAsking *asking = data;

  json_decref (asking->id);
  g_free (asking->key);
  g_free (asking);
}

GHashTable *
mcp_askings_new (void)
{
  return g_hash_table_new_full (NULL, NULL, NULL, asking_free);
}

void
mcp_asking_begin (McpClient *client, const json_t *id, McpClientCall *call, const char *key,
                  const char *method, const json_t *params)
{
  McpAsking *asking = g_new0 (McpAsking, 1);

  asking->client = client;
  asking->id = json_incref ((json_t *) id);
  asking->call = call;
  asking->key = g_strdup (key);
  g_hash_table_add (client->askings, asking);
  if (method != NULL && client->handler->asked != NULL)
    client->handler->asked (client->user, asking, method, params);
  else
    mcp_asking_decline (asking, MCP_METHOD_NOT_FOUND, "this client cannot be asked that");
}

void
mcp_askings_forget (McpClient *client, const McpClientCall *call)
{
  GHashTableIter iter;
  gpointer key;

  g_hash_table_iter_init (&iter, client->askings);
  while (g_hash_table_iter_next (&iter, &key, NULL))
    {
      McpAsking *asking = key;
      if (asking->call == call)
        asking->call = NULL;
    }
}

void
mcp_asking_answer (McpAsking *asking, const json_t *result)
{
  Outbox *outbox = asking->client->outbox;
  McpClientCall *call = asking->call;
  g_autofree char *key = g_strdup (asking->key);

  if (asking->id != NULL)
    {
      mcp_jsonrpc_begin_result (outbox, asking->id);
      outbox_add_json (outbox, result);
      mcp_jsonrpc_close_result (outbox);
      outbox_end (outbox, -1, NULL);
    }
  g_hash_table_remove (asking->client->askings, asking);
  if (call != NULL)
    mcp_client_call_told (call, key, result);
}

void
mcp_asking_decline (McpAsking *asking, int code, const char *message)
{
  Outbox *outbox = asking->client->outbox;
  McpClientCall *call = asking->call;

  if (asking->id != NULL)
    {
      mcp_jsonrpc_add_error (outbox, asking->id, code, message, NULL);
      outbox_end (outbox, -1, NULL);
    }
  g_hash_table_remove (asking->client->askings, asking);
  if (call != NULL)
    mcp_client_call_fail (call, code, message);
}
