/* SPDX-License-Identifier: MIT
 *
 * What is asked of the client, in the handshake era.
 */
#include "mcp/wire/mcp-wire-private.h"

typedef struct
{
  gint64 id;
  McpCall *call;
  McpAsked asked;
  gpointer user;
} McpAsk;

gboolean
mcp_call_ask (McpCall *call, const char *method, const json_t *params, McpAsked asked,
              gpointer user)
{
  McpSession *session = call->open.session;
  const char *path = mcp_capability_of (method, params);

  if (mcp_version_is_modern (mcp_call_version (call)) || call->open.reply.channel == NULL
      || path == NULL || !mcp_call_client_can (call, path))
    return FALSE;
  if (session->asks == NULL)
    session->asks = g_hash_table_new_full (g_int64_hash, g_int64_equal, NULL, g_free);
  McpAsk *ask = g_new0 (McpAsk, 1);
  *ask = (McpAsk){ ++session->last_ask, call, asked, user };
  g_hash_table_insert (session->asks, &ask->id, ask);
  call->n_asks++;
  g_autoptr (json_t) id = json_integer (ask->id);
  mcp_channel_request (call->open.reply.channel, id, method, params);
  return TRUE;
}

void
mcp_ask_answered (McpSession *session, const McpMessage *message)
{
  gint64 id = json_integer_value (message->id);
  McpAsk *found = session->asks != NULL && json_is_integer (message->id)
                      ? g_hash_table_lookup (session->asks, &id)
                      : NULL;

  if (found == NULL)
    return;
  McpAsk ask = *found;
  g_hash_table_remove (session->asks, &id);
  ask.call->n_asks--;
  ask.asked (ask.user, ask.call, message->result, message->error);
}

static gboolean
is_of (gpointer key, gpointer value, gpointer call)
{
  return ((const McpAsk *) value)->call == call;
}

void
mcp_ask_forget (McpCall *call)
{
  if (call->n_asks > 0)
    g_hash_table_foreach_remove (call->open.session->asks, is_of, call);
}
