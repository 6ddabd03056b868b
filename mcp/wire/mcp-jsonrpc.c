/* SPDX-License-Identifier: MIT */
#include "mcp/wire/mcp-jsonrpc.h"

#include "mcp/wire/mcp-fault.h"

#include <string.h>

/* By counting those that it knows: a key cannot be there twice. */
static gboolean
has_others (const json_t *value)
{
  static const char *const names[] = { "jsonrpc", "id", "method", "params" };
  gsize known = 0;

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    known += json_object_get (value, names[i]) != NULL;
  return json_object_size (value) != known;
}

/* NULL when @value is a request or a notification; else what is wrong. */
static const char *
shape_fault (const json_t *value, const McpMessage *message)
{
  if (!json_is_object (value))
    return "a message must be an object";
  if (has_others (value))
    return "a message has a member that JSON-RPC does not know";
  if (g_strcmp0 (wire_string (value, "jsonrpc"), "2.0") != 0)
    return "jsonrpc: must be \"2.0\"";
  if (json_object_get (value, "id") != message->id)
    return "id: must be text or a whole number";
  return message->method != NULL ? NULL : "method: must be there, and text";
}

static void
set_fault (McpMessage *message, int code, const char *fault)
{
  message->kind = MCP_JSONRPC_FAULTY;
  message->code = code;
  message->fault = fault;
}

static gboolean
read_answer (const json_t *value, McpMessage *message)
{
  message->kind = MCP_JSONRPC_ANSWER;
  message->result = json_object_get (value, "result");
  message->error = message->result != NULL ? NULL : json_object_get (value, "error");
  return message->result != NULL || message->error != NULL;
}

void
mcp_jsonrpc_read (const json_t *value, McpMessage *message)
{
  json_t *id = json_object_get (value, "id"), *params = json_object_get (value, "params");
  json_t *method = json_object_get (value, "method");
  const char *fault;

  *message = (McpMessage){ .id = json_is_string (id) || json_is_integer (id) ? id : NULL };
  /* Whatever is wrong with an answer, it is not answered in turn. */
  if (method == NULL && read_answer (value, message))
    return;
  message->method = json_string_value (method);
  message->kind = message->id != NULL ? MCP_JSONRPC_REQUEST : MCP_JSONRPC_NOTIFICATION;
  if ((fault = shape_fault (value, message)) != NULL)
    set_fault (message, MCP_INVALID_REQUEST, fault);
  else if (params != NULL && !json_is_object (params))
    {
      message->silent = message->id == NULL;
      set_fault (message, MCP_INVALID_PARAMS, "params: must be an object");
    }
  else
    message->params = params;
}

/* --- As text --- */

static void
begin (Outbox *outbox, const json_t *id)
{
  outbox_add_text (outbox, "{\"jsonrpc\":\"2.0\",\"id\":");
  if (id != NULL)
    outbox_add_json (outbox, id);
  else
    /* "If there was an error in detecting the id in the Request object, it MUST be Null." */
    outbox_add_text (outbox, "null");
}

void
mcp_jsonrpc_begin_result (Outbox *outbox, const json_t *id)
{
  begin (outbox, id);
  outbox_add_text (outbox, ",\"result\":");
}

void
mcp_jsonrpc_close_result (Outbox *outbox)
{
  outbox_add_text (outbox, "}");
}

void
mcp_jsonrpc_add_error (Outbox *outbox, const json_t *id, int code, const char *message,
                       const json_t *data)
{
  g_autoptr (json_t) error
      = json_pack ("{s:i, s:s, s:O*}", "code", code, "message", message, "data", data);

  begin (outbox, id);
  outbox_add_text (outbox, ",\"error\":");
  outbox_add_json (outbox, error);
  outbox_add_text (outbox, "}");
}

static void
add_named (Outbox *outbox, const json_t *id, const char *method, const json_t *params)
{
  g_autoptr (json_t) message = json_pack ("{s:s, s:O*, s:s, s:O*}", "jsonrpc", "2.0", "id", id,
                                          "method", method, "params", params);

  outbox_add_json (outbox, message);
}

void
mcp_jsonrpc_add_notification (Outbox *outbox, const char *method, const json_t *params)
{
  add_named (outbox, NULL, method, params);
}

void
mcp_jsonrpc_add_request (Outbox *outbox, const json_t *id, const char *method, const json_t *params)
{
  add_named (outbox, id, method, params);
}
