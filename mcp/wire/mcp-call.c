/* SPDX-License-Identifier: MIT */
#include "mcp/wire/mcp-call.h"

#include "mcp/wire/mcp-wire-private.h"

McpCallKind
mcp_call_kind (const McpCall *call)
{
  return call->kind;
}

const char *
mcp_call_name (const McpCall *call)
{
  return call->name;
}

json_t *
mcp_call_arguments (const McpCall *call)
{
  return json_object_get (call->params,
                          call->kind == MCP_CALL_COMPLETION ? "argument" : "arguments");
}

const json_t *
mcp_call_params (const McpCall *call)
{
  return call->params;
}

McpSession *
mcp_call_session (const McpCall *call)
{
  return call->open.session;
}

McpVersion
mcp_call_version (const McpCall *call)
{
  return call->open.reply.version;
}

gboolean
mcp_call_client_can (const McpCall *call, const char *path)
{
  const json_t *meta = json_object_get (call->params, "_meta");

  return mcp_capability_has (mcp_version_is_modern (mcp_call_version (call))
                                 ? json_object_get (meta, MCP_META_CAPABILITIES)
                                 : call->open.session->capabilities,
                             path);
}

const char *
mcp_call_request_state (const McpCall *call)
{
  return wire_string (call->params, "requestState");
}

const json_t *
mcp_call_input_responses (const McpCall *call)
{
  return json_object_get (call->params, "inputResponses");
}

void
mcp_call_set_data (McpCall *call, gpointer data)
{
  call->data = data;
}

gpointer
mcp_call_get_data (const McpCall *call)
{
  return call->data;
}

/* --- Being asked --- */

static const struct
{
  const char *method;
  McpCallKind kind;
} kinds[] = {
  { "tools/call", MCP_CALL_TOOL },          { "prompts/get", MCP_CALL_PROMPT },
  { "resources/read", MCP_CALL_RESOURCE },  { "completion/complete", MCP_CALL_COMPLETION },
  { "tasks/get", MCP_CALL_TASK_GET },       { "tasks/cancel", MCP_CALL_TASK_CANCEL },
  { "tasks/update", MCP_CALL_TASK_UPDATE },
};

static McpCallKind
kind_of (const McpMethod *method)
{
  gsize i = 0;

  while (!g_str_equal (kinds[i].method, method->name))
    i++;
  return kinds[i].kind;
}

/* The prompt or the template that is to be completed. */
static const char *
completed (const json_t *params)
{
  const json_t *ref = json_object_get (params, "ref");
  const char *name = wire_string (ref, "name");

  return name != NULL ? name : wire_string (ref, "uri");
}

static gboolean
is_texts (const json_t *object)
{
  const char *key;
  json_t *value;

  json_object_foreach ((json_t *) object, key, value)
  {
    if (!json_is_string (value))
      return FALSE;
  }
  return object == NULL || json_is_object (object);
}

static const char *
completion_fault (const json_t *params)
{
  const json_t *argument = json_object_get (params, "argument");

  if (completed (params) == NULL)
    return "ref: must name a prompt or a resource";
  if (wire_string (argument, "name") == NULL || wire_string (argument, "value") == NULL)
    return "argument: must have name and value, both text";
  return NULL;
}

/* Since 2026-07-28; before, there is no such field and it is let be. */
static const char *
retry_fault (const McpRequest *request)
{
  const json_t *state = json_object_get (request->params, "requestState");
  const json_t *responses = json_object_get (request->params, "inputResponses");

  if (!mcp_version_is_modern (request->reply.version))
    return NULL;
  if (state != NULL && !json_is_string (state))
    return "requestState: must be text";
  return responses == NULL || json_is_object (responses) ? NULL
                                                         : "inputResponses: must be an object";
}

static const char *
params_fault (const McpRequest *request, McpCallKind kind)
{
  if (kind == MCP_CALL_COMPLETION)
    return completion_fault (request->params);
  if (wire_string (request->params, request->method->named) == NULL)
    switch (kind)
      {
      case MCP_CALL_TOOL:
        return "name: must be a tool's name";
      case MCP_CALL_PROMPT:
        return "name: must be a prompt's name";
      case MCP_CALL_RESOURCE:
        return "uri: must be text";
      case MCP_CALL_COMPLETION:
      case MCP_CALL_TASK_GET:
      case MCP_CALL_TASK_CANCEL:
      case MCP_CALL_TASK_UPDATE:
        return "taskId: must be text";
      }
  if (kind == MCP_CALL_PROMPT && !is_texts (json_object_get (request->params, "arguments")))
    return "arguments: must be texts by name";
  return retry_fault (request);
}

static const char *
arguments_header_fault (const McpRequest *request)
{
  const McpServer *server = request->session->server;
  const char *name = wire_string (request->params, "name");
  gsize i;
  json_t *tool;

  if (request->headers == NULL || (server->handler->offers & MCP_OFFERS_HEADERS) == 0
      || !mcp_version_is_modern (request->reply.version))
    return NULL;
  g_autoptr (json_t) tools = server->handler->list (server->user, request->session, MCP_LIST_TOOLS);
  json_array_foreach (tools, i, tool)
  {
    if (g_strcmp0 (wire_string (tool, "name"), name) == 0)
      return mcp_headers_arguments_fault (request->headers, json_object_get (tool, "inputSchema"),
                                          json_object_get (request->params, "arguments"));
  }
  return NULL;
}

static gboolean
is_token (const json_t *token)
{
  return json_is_string (token) || json_is_integer (token);
}

void
mcp_take_call (const McpRequest *request)
{
  const McpServer *server = request->session->server;
  json_t *token = json_object_get (json_object_get (request->params, "_meta"), "progressToken");
  McpCallKind kind = kind_of (request->method);
  const char *fault = params_fault (request, kind);

  if (fault != NULL)
    mcp_request_refuse (request, MCP_INVALID_PARAMS, fault);
  else if (kind == MCP_CALL_TOOL && (fault = arguments_header_fault (request)) != NULL)
    mcp_request_refuse (request, MCP_HEADER_MISMATCH, fault);
  else
    {
      McpCall *call = g_new0 (McpCall, 1);
      mcp_open_begin (&call->open, MCP_OPEN_CALL, request);
      call->kind = kind;
      call->params = json_incref (request->params);
      call->name = kind == MCP_CALL_COMPLETION
                       ? completed (request->params)
                       : wire_string (request->params, request->method->named);
      call->progress_token = is_token (token) ? token : NULL;
      call->progress = -1; /* 0 may be the first that is told */
      server->handler->call (server->user, call);
    }
}

void
mcp_take_task (const McpRequest *request)
{
  const json_t *meta = json_object_get (request->params, "_meta");
  const char *path = "extensions/" MCP_EXTENSION_TASKS;

  if (mcp_capability_has (json_object_get (meta, MCP_META_CAPABILITIES), path))
    {
      mcp_take_call (request);
      return;
    }
  g_autoptr (json_t) data
      = json_pack ("{s:o}", "requiredCapabilities", mcp_capability_require (path));
  mcp_reply_refuse (&request->reply, MCP_MISSING_CAPABILITY,
                    "the client did not declare the tasks extension", data, 0);
}
