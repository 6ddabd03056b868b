/* SPDX-License-Identifier: MIT */
#include "broker/serve/rpc.h"

#include <string.h>

#include "broker/human/pin.h"
#include "broker/request/decision.h"

#define ID_MAX 64

static gboolean
is_id (const json_t *id)
{
  return json_is_integer (id) || (json_is_string (id) && json_string_length (id) <= ID_MAX);
}

/* What is wrong with the frame of a request, or NULL. */
static const char *
frame_fault (json_t *message, RpcCall *call)
{
  const char *key;
  json_t *value;

  json_object_foreach (message, key, value)
  {
    if (strcmp (key, "id") == 0 && is_id (value))
      call->id = value;
    else if (strcmp (key, "id") == 0)
      return "id: must be a whole number or text of at most 64 bytes";
    else if (strcmp (key, "method") == 0 && json_is_string (value))
      call->method = json_string_value (value);
    else if (strcmp (key, "params") == 0 && json_is_object (value))
      call->params = value;
    else if (strcmp (key, "params") == 0)
      return "params: must be an object";
    else if (strcmp (key, "jsonrpc") != 0)
      return "a request has jsonrpc, id, method and params, and nothing else";
  }
  if (g_strcmp0 (wire_string (message, "jsonrpc"), "2.0") != 0)
    return "jsonrpc: must be \"2.0\"";
  return call->method == NULL ? "method: is missing" : NULL;
}

gboolean
rpc_read (Conn *conn, json_t *message, RpcCall *call)
{
  *call = (RpcCall){ 0 };
  const char *fault = frame_fault (message, call);

  if (fault != NULL)
    rpc_refuse (conn, call->id, RPC_REQUEST, fault, NULL);
  return fault == NULL;
}

void
rpc_answer (Conn *conn, const json_t *id, json_t *result, int fd)
{
  g_autoptr (json_t) message
      = json_pack ("{s:s, s:O, s:o}", "jsonrpc", "2.0", "id", id, "result", result);
  conn_send (conn, message, fd);
}

void
rpc_refuse (Conn *conn, const json_t *id, int code, const char *text, json_t *data)
{
  g_autoptr (json_t) message = json_pack ("{s:s, s:o, s:{s:i, s:s, s:o*}}", "jsonrpc", "2.0", "id",
                                          id != NULL ? json_incref ((json_t *) id) : json_null (),
                                          "error", "code", code, "message", text, "data", data);
  conn_send (conn, message, -1);
}

static int
code_of (const GError *error)
{
  if (error->domain == SECRET_ERROR && error->code == SECRET_ERROR_FULL)
    return RPC_BUSY;
  if (error->domain == SECRET_ERROR || error->domain == WIRE_ERROR)
    return RPC_PARAMS;
  if (error->domain == STORE_ERROR)
    switch ((StoreError) error->code)
      {
      case STORE_ERROR_MISSING:
        return RPC_NOT_INITIALISED;
      case STORE_ERROR_BUSY:
        return RPC_BUSY;
      case STORE_ERROR_PASSPHRASE:
        return RPC_PASSPHRASE;
      case STORE_ERROR_LOCKED:
        return RPC_LOCKED;
      case STORE_ERROR_EXISTS:
        return RPC_EXISTS;
      case STORE_ERROR_NO_SECRET:
        return RPC_NOT_FOUND;
      case STORE_ERROR_UNSAFE:
      case STORE_ERROR_NEWER:
      case STORE_ERROR_DAMAGED:
      case STORE_ERROR_FAILED:
      default:
        return RPC_FAILED;
      }
  if (error->domain == DECISION_ERROR)
    return error->code == DECISION_ERROR_FIELD ? RPC_PARAMS
           : error->code == DECISION_ERROR_PROOF || error->code == DECISION_ERROR_KEY
               ? RPC_REFUSED
               : RPC_NOT_FOUND;
  if (error->domain == KEY_ERROR)
    return error->code == KEY_ERROR_POINT || error->code == KEY_ERROR_DATA ? RPC_PARAMS
                                                                           : RPC_REFUSED;
  if (error->domain == PIN_ERROR)
    return error->code == PIN_ERROR_UNFIT ? RPC_PARAMS : RPC_REFUSED;
  if (error->domain == POLICY_ERROR)
    return RPC_PARAMS;
  return RPC_FAILED;
}

/* "field: what is wrong", "file:line:column: what is wrong": what stands before it, by its name. */
static json_t *
place_of (const GError *error, const char *key)
{
  const char *end = strstr (error->message, ": ");
  return end == NULL ? NULL
                     : json_pack ("{s:s%}", key, error->message, (size_t) (end - error->message));
}

void
rpc_refuse_error (Conn *conn, const json_t *id, const GError *error)
{
  int code = code_of (error);
  json_t *data = NULL;

  if (error->domain == POLICY_ERROR)
    data = place_of (error, "place");
  else if (code == RPC_PARAMS)
    data = place_of (error, "field");
  else if (error->domain == DECISION_ERROR && code == RPC_REFUSED)
    data = json_pack ("{s:s}", "reason",
                      error->code == DECISION_ERROR_KEY ? "key_needed" : "pin_needed");
  else if (error->domain == KEY_ERROR)
    data = json_pack ("{s:s}", "reason", "key_wrong");
  rpc_refuse (conn, id, code, error->message, data);
}

void
rpc_malformed (Conn *conn, const GError *error, gpointer user)
{
  rpc_refuse (conn, NULL, RPC_PARSE, error->message, NULL);
}
