/* SPDX-License-Identifier: MIT */
#include "mcp/wire/mcp-jsonrpc.h"

#include <string.h>

/* Answers to one array of requests; they go out together when the last is there. */
typedef struct
{
  guint open, n_answers;
  Outbox *answers; /* their text, with commas between */
} Batch;

struct _McpJsonrpc
{
  WireReader *reader;
  Outbox *outbox;
  GHashTable *in_flight; /* of McpRequest, by id */
  const McpJsonrpcHandler *handler;
  gpointer user;
};

struct _McpRequest
{
  McpJsonrpc *rpc;
  json_t *id;
  Batch *batch; /* or NULL */
  gpointer data;
};

static guint
id_hash (gconstpointer key)
{
  const json_t *id = ((const McpRequest *) key)->id;
  gint64 number = json_integer_value (id);

  return json_is_string (id) ? g_str_hash (json_string_value (id)) : g_int64_hash (&number);
}

static gboolean
id_equal (gconstpointer a, gconstpointer b)
{
  return json_equal (((const McpRequest *) a)->id, ((const McpRequest *) b)->id);
}

McpJsonrpc *
mcp_jsonrpc_new (gsize max_line, const McpJsonrpcHandler *handler, gpointer user)
{
  McpJsonrpc *rpc = g_new0 (McpJsonrpc, 1);

  rpc->reader = wire_reader_new (max_line);
  rpc->outbox = outbox_new ();
  rpc->in_flight = g_hash_table_new (id_hash, id_equal);
  rpc->handler = handler;
  rpc->user = user;
  return rpc;
}

Outbox *
mcp_jsonrpc_outbox (McpJsonrpc *rpc)
{
  return rpc->outbox;
}

/* --- Going out --- */

/* Begins an answer in its place: on its own, or in its batch. */
static Outbox *
begin_answer (McpJsonrpc *rpc, Batch *batch, const json_t *id)
{
  Outbox *outbox = batch != NULL ? batch->answers : rpc->outbox;

  if (batch != NULL && batch->n_answers++ > 0)
    outbox_add_text (outbox, ",");
  outbox_add_text (outbox, "{\"jsonrpc\":\"2.0\",\"id\":");
  if (id != NULL)
    outbox_add_json (outbox, id);
  else
    /* "If there was an error in detecting the id in the Request object, it MUST be Null." */
    outbox_add_text (outbox, "null");
  return outbox;
}

static void
end_answer (McpJsonrpc *rpc, Batch *batch)
{
  Outbox *outbox = batch != NULL ? batch->answers : rpc->outbox;

  outbox_add_text (outbox, "}");
  if (batch == NULL)
    outbox_end (outbox, -1, NULL);
}

static void
batch_close (McpJsonrpc *rpc, Batch *batch)
{
  if (--batch->open > 0)
    return;
  /* Notifications alone are answered by nothing, not by an empty array. */
  if (batch->n_answers > 0)
    {
      outbox_add_text (rpc->outbox, "[");
      outbox_add_outbox (rpc->outbox, batch->answers);
      outbox_add_text (rpc->outbox, "]");
      outbox_end (rpc->outbox, -1, NULL);
    }
  outbox_free (batch->answers);
  g_free (batch);
}

void
mcp_jsonrpc_notify (McpJsonrpc *rpc, const char *method, const json_t *params)
{
  g_autoptr (json_t) message
      = json_pack ("{s:s, s:s, s:O}", "jsonrpc", "2.0", "method", method, "params", params);

  outbox_add_json (rpc->outbox, message);
  outbox_end (rpc->outbox, -1, NULL);
}

static void
refuse (McpJsonrpc *rpc, Batch *batch, const json_t *id, int code, const char *message,
        const json_t *data)
{
  g_autoptr (json_t) error
      = json_pack ("{s:i, s:s, s:O*}", "code", code, "message", message, "data", data);
  Outbox *outbox = begin_answer (rpc, batch, id);

  outbox_add_text (outbox, ",\"error\":");
  outbox_add_json (outbox, error);
  end_answer (rpc, batch);
}

static void
request_end (McpRequest *request)
{
  g_hash_table_remove (request->rpc->in_flight, request);
  if (request->batch != NULL)
    batch_close (request->rpc, request->batch);
  json_decref (request->id);
  g_free (request);
}

Outbox *
mcp_request_begin_answer (McpRequest *request)
{
  Outbox *outbox = begin_answer (request->rpc, request->batch, request->id);

  outbox_add_text (outbox, ",\"result\":");
  return outbox;
}

void
mcp_request_end_answer (McpRequest *request)
{
  end_answer (request->rpc, request->batch);
  request_end (request);
}

void
mcp_request_answer (McpRequest *request, const json_t *result)
{
  outbox_add_json (mcp_request_begin_answer (request), result);
  mcp_request_end_answer (request);
}

void
mcp_request_refuse (McpRequest *request, int code, const char *message, const json_t *data)
{
  refuse (request->rpc, request->batch, request->id, code, message, data);
  request_end (request);
}

void
mcp_request_drop (McpRequest *request)
{
  request_end (request);
}

void
mcp_request_set_data (McpRequest *request, gpointer data)
{
  request->data = data;
}

gpointer
mcp_request_get_data (const McpRequest *request)
{
  return request->data;
}

gboolean
mcp_request_in_batch (const McpRequest *request)
{
  return request->batch != NULL;
}

McpRequest *
mcp_jsonrpc_find (McpJsonrpc *rpc, const json_t *id)
{
  McpRequest key = { .id = (json_t *) id };

  if (!json_is_string (id) && !json_is_integer (id))
    return NULL;
  return g_hash_table_lookup (rpc->in_flight, &key);
}

void
mcp_jsonrpc_free (McpJsonrpc *rpc)
{
  GHashTableIter iter;
  gpointer key;

  if (rpc == NULL)
    return;
  g_hash_table_iter_init (&iter, rpc->in_flight);
  while (g_hash_table_iter_next (&iter, &key, NULL))
    {
      McpRequest *request = key;
      if (rpc->handler->abandoned != NULL && request->data != NULL)
        rpc->handler->abandoned (rpc->user, request->data);
      g_hash_table_iter_remove (&iter);
      if (request->batch != NULL)
        batch_close (rpc, request->batch);
      json_decref (request->id);
      g_free (request);
    }
  g_hash_table_unref (rpc->in_flight);
  wire_reader_free (rpc->reader);
  outbox_free (rpc->outbox);
  g_free (rpc);
}

/* --- Coming in --- */

static void
take_request (McpJsonrpc *rpc, Batch *batch, json_t *id, const char *method, json_t *params)
{
  if (mcp_jsonrpc_find (rpc, id) != NULL)
    {
      refuse (rpc, batch, id, MCP_INVALID_REQUEST, "id: is still in use by another request", NULL);
      return;
    }
  McpRequest *request = g_new0 (McpRequest, 1);
  request->rpc = rpc;
  request->id = json_incref (id);
  request->batch = batch;
  if (batch != NULL)
    batch->open++;
  g_hash_table_add (rpc->in_flight, request);
  rpc->handler->request (rpc->user, request, method, params);
}

/* We ask nothing, so an answer answers nothing; whatever is wrong with it, it is not answered in
 * turn. */
static gboolean
is_answer (const json_t *message)
{
  return json_object_get (message, "method") == NULL
         && (json_object_get (message, "result") != NULL
             || json_object_get (message, "error") != NULL);
}

/* NULL when @message is a request or a notification; else what is wrong. */
static const char *
fault_of (const json_t *message, const json_t *id)
{
  const char *key;
  json_t *value;

  if (!json_is_object (message))
    return "a message must be an object";
  json_object_foreach (
      (json_t *) message, key,
      value) if (!g_str_equal (key, "jsonrpc") && !g_str_equal (key, "id")
                 && !g_str_equal (key, "method")
                 && !g_str_equal (
                     key, "params")) return "a message has a member that JSON-RPC does not know";
  if (g_strcmp0 (wire_string (message, "jsonrpc"), "2.0") != 0)
    return "jsonrpc: must be \"2.0\"";
  if (json_object_get (message, "id") != id)
    return "id: must be text or a whole number";
  return wire_string (message, "method") != NULL ? NULL : "method: must be there, and text";
}

static void
take_message (McpJsonrpc *rpc, Batch *batch, json_t *message)
{
  json_t *id = json_object_get (message, "id");
  json_t *params = json_object_get (message, "params");
  const char *method = wire_string (message, "method");
  const char *fault;

  if (!json_is_string (id) && !json_is_integer (id))
    id = NULL;
  if (is_answer (message))
    return;
  if ((fault = fault_of (message, id)) != NULL)
    refuse (rpc, batch, id, MCP_INVALID_REQUEST, fault, NULL);
  else if (params != NULL && !json_is_object (params))
    {
      if (id != NULL)
        refuse (rpc, batch, id, MCP_INVALID_PARAMS, "params: must be an object", NULL);
    }
  else if (id != NULL)
    take_request (rpc, batch, id, method, params);
  else
    rpc->handler->notification (rpc->user, method, params);
}

static void
take_batch (McpJsonrpc *rpc, json_t *messages)
{
  if (!rpc->handler->takes_batches (rpc->user))
    refuse (rpc, NULL, NULL, MCP_INVALID_REQUEST,
            "batches are part of protocol version 2025-03-26 only", NULL);
  else if (json_array_size (messages) == 0)
    refuse (rpc, NULL, NULL, MCP_INVALID_REQUEST, "a batch must not be empty", NULL);
  else
    {
      Batch *batch = g_new0 (Batch, 1);
      /* Open itself, so that it cannot close before its last message is taken. */
      *batch = (Batch){ .open = 1, .answers = outbox_new () };
      for (gsize i = 0; i < json_array_size (messages); i++)
        take_message (rpc, batch, json_array_get (messages, i));
      batch_close (rpc, batch);
    }
}

static void
take_line (McpJsonrpc *rpc, const char *line, gsize len)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (json_t) message = wire_parse (line, len, TRUE, &error);

  if (message == NULL)
    refuse (rpc, NULL, NULL, MCP_PARSE_ERROR, error->message, NULL);
  else if (json_is_array (message))
    take_batch (rpc, message);
  else
    take_message (rpc, NULL, message);
}

gboolean
mcp_jsonrpc_push (McpJsonrpc *rpc, const char *data, gsize len, GError **error)
{
  g_autoptr (GError) local = NULL;
  gsize line_len;
  char *line;

  if (!wire_reader_push (rpc->reader, data, len, &local))
    {
      refuse (rpc, NULL, NULL, MCP_PARSE_ERROR, local->message, NULL);
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  while ((line = wire_reader_next (rpc->reader, &line_len)) != NULL)
    take_line (rpc, line, line_len);
  return TRUE;
}
