/* SPDX-License-Identifier: MIT
 *
 * Requests of a client, from the first time they are made to the answer.
 */
#include "mcp/wire/mcp-client-private.h"

struct _McpClientCall
{
  McpClient *client;
  gint64 id; /* of this round: each has its own */
  char *method;
  json_t *params;
  McpClientAnswered answered;
  McpClientProgressed progressed; /* or NULL */
  gpointer user;
  guint round;
  gboolean between; /* this round is answered, the next not begun */
  json_t *state;     /* the server's, to be carried back; or NULL */
  json_t *responses; /* what the server wanted, as far as it is there; or NULL */
  gsize n_wanted;
};

static void
call_free (gpointer data)
{
  McpClientCall *call = data;

  json_decref (call->params);
  json_decref (call->state);
  json_decref (call->responses);
  g_free (call->method);
  g_free (call);
}

GHashTable *
mcp_client_calls_new (void)
{
  return g_hash_table_new_full (g_int64_hash, g_int64_equal, NULL, call_free);
}

/* --- Asking --- */

static void
call_send (McpClientCall *call)
{
  McpClient *client = call->client;
  g_autoptr (json_t) id = NULL;
  json_t *meta = json_object_get (call->params, "_meta");

  call->id = ++client->last_id;
  call->round++;
  call->between = FALSE;
  id = json_integer (call->id);
  if (call->progressed != NULL && meta == NULL)
    json_object_set_new (call->params, "_meta", meta = json_object ());
  if (call->progressed != NULL)
    json_object_set (meta, "progressToken", id);
  g_hash_table_insert (client->calls, &call->id, call);
  mcp_jsonrpc_add_request (client->outbox, id, call->method, call->params);
  outbox_end (client->outbox, -1, NULL);
}

McpClientCall *
mcp_client_begin (McpClient *client, const char *method, json_t *params, McpClientAnswered answered,
                  McpClientProgressed progressed, gpointer user)
{
  McpClientCall *call = g_new0 (McpClientCall, 1);

  call->client = client;
  call->method = g_strdup (method);
  call->params = params;
  call->answered = answered;
  call->progressed = progressed;
  call->user = user;
  call_send (call);
  return call;
}

static void
call_end (McpClientCall *call, const json_t *result, const json_t *error)
{
  McpClientAnswered answered = call->answered;
  gpointer user = call->user;

  mcp_askings_forget (call->client, call);
  g_hash_table_remove (call->client->calls, &call->id);
  answered (user, result, error);
}

void
mcp_client_cancel (McpClientCall *call, const char *reason)
{
  g_autoptr (json_t) params
      = json_pack ("{s:I, s:s*}", "requestId", (json_int_t) call->id, "reason", reason);

  mcp_client_notify (call->client, "notifications/cancelled", params);
  mcp_askings_forget (call->client, call);
  g_hash_table_remove (call->client->calls, &call->id);
}

void
mcp_client_call_fail (McpClientCall *call, int code, const char *message)
{
  g_autoptr (json_t) error = json_pack ("{s:i, s:s}", "code", code, "message", message);

  call_end (call, NULL, error);
}

/* --- Once more, with what the server wanted --- */

void
mcp_client_call_again (McpClientCall *call)
{
  g_hash_table_steal (call->client->calls, &call->id);
  json_object_del (call->params, "inputResponses");
  json_object_del (call->params, "requestState");
  if (call->responses != NULL)
    json_object_set (call->params, "inputResponses", call->responses);
  if (call->state != NULL)
    json_object_set (call->params, "requestState", call->state);
  call_send (call);
}

void
mcp_client_call_told (McpClientCall *call, const char *key, const json_t *result)
{
  json_object_set_new (call->responses, key, json_deep_copy (result));
  if (json_object_size (call->responses) == call->n_wanted)
    mcp_client_call_again (call);
}

static void
wait (McpClientCall *call)
{
  if (call->client->handler->waits != NULL)
    call->client->handler->waits (call->client->user, call);
  else
    mcp_client_call_again (call);
}

/* What is asked may be answered at once, and end @call. */
static void
ask_all (McpClientCall *call, const json_t *requests)
{
  McpClient *client = call->client;
  gint64 id = call->id;
  const char *key;
  json_t *request;

  call->responses = json_object ();
  call->n_wanted = json_object_size (requests);
  json_object_foreach ((json_t *) requests, key, request)
  {
    if (g_hash_table_lookup (client->calls, &id) != call)
      break;
    mcp_asking_begin (client, NULL, call, key, wire_string (request, "method"),
                      json_object_get (request, "params"));
  }
}

static void
take_input_required (McpClientCall *call, const json_t *result)
{
  const json_t *requests = json_object_get (result, "inputRequests");
  json_t *state = json_object_get (result, "requestState");

  g_clear_pointer (&call->responses, json_decref);
  g_clear_pointer (&call->state, json_decref);
  call->state = json_incref (state);
  call->between = TRUE;
  if (call->round == MCP_CLIENT_ROUNDS)
    mcp_client_call_fail (call, MCP_INTERNAL_ERROR, "the server wants more every time");
  else if (state != NULL && !json_is_string (state))
    mcp_client_call_fail (call, MCP_INTERNAL_ERROR, "requestState: must be text");
  else if (requests != NULL && !json_is_object (requests))
    mcp_client_call_fail (call, MCP_INTERNAL_ERROR, "inputRequests: must be an object");
  else if (json_object_size (requests) > 0)
    ask_all (call, requests);
  else if (state == NULL)
    mcp_client_call_fail (call, MCP_INTERNAL_ERROR, "the server wants more, but says not what");
  else
    wait (call);
}

/* --- Answers --- */

static McpClientCall *
find (McpClient *client, const json_t *id)
{
  gint64 number = json_integer_value (id);

  return json_is_integer (id) ? g_hash_table_lookup (client->calls, &number) : NULL;
}

void
mcp_client_take_answer (McpClient *client, const McpMessage *message)
{
  McpClientCall *call = find (client, message->id);

  /* A round has one answer. */
  if (call == NULL || call->between)
    return;
  if (mcp_version_is_modern (client->version)
      && g_strcmp0 (wire_string (message->result, "resultType"), "input_required") == 0)
    take_input_required (call, message->result);
  else
    call_end (call, message->result, message->error);
}

void
mcp_client_take_progress (McpClient *client, const json_t *params)
{
  McpClientCall *call = find (client, json_object_get (params, "progressToken"));

  if (call != NULL && call->progressed != NULL)
    call->progressed (call->user, params);
}
