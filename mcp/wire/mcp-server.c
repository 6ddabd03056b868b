/* SPDX-License-Identifier: MIT */
#include "mcp/wire/mcp-server.h"

#include <string.h>

/* A client's name for itself is shown to a person and recorded: longer ones are left out, not cut.
 */
#define CLAIM_BYTES 128

#define META_VERSION "io.modelcontextprotocol/protocolVersion"

struct _McpServer
{
  McpJsonrpc *rpc;
  const McpToolset *toolset;
  gpointer user;
  McpVersion version;
  json_t *claim;
};

struct _McpCall
{
  McpServer *server;
  McpRequest *request;
  json_t *progress_token; /* or NULL */
  guint progress;
  gpointer data;
};

static const struct
{
  McpVersion version;
  const char *name;
} versions[] = {
  { MCP_VERSION_2024_11_05, "2024-11-05" },
  { MCP_VERSION_2025_03_26, "2025-03-26" },
  { MCP_VERSION_2025_06_18, "2025-06-18" },
  { MCP_VERSION_2025_11_25, "2025-11-25" },
};

static const char *
version_name (McpVersion version)
{
  for (gsize i = 0; i < G_N_ELEMENTS (versions); i++)
    if (versions[i].version == version)
      return versions[i].name;
  g_assert_not_reached ();
}

/* "If the server supports the requested protocol version, it MUST respond with the same version.
 * Otherwise ... another protocol version it supports. This SHOULD be the latest." */
static McpVersion
agree_on (const char *wanted)
{
  for (gsize i = 0; i < G_N_ELEMENTS (versions); i++)
    if (g_str_equal (versions[i].name, wanted))
      return versions[i].version;
  return MCP_VERSION_2025_11_25;
}

/* --- Calls --- */

static void
call_free (McpCall *call)
{
  json_decref (call->progress_token);
  g_free (call);
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

gboolean
mcp_call_wants_progress (const McpCall *call)
{
  return call->progress_token != NULL;
}

void
mcp_call_progress (McpCall *call, const char *message)
{
  g_autoptr (json_t) params = NULL;

  if (call->progress_token == NULL)
    return;
  /* A count, not seconds: it must increase each time. */
  params = json_pack ("{s:O, s:i}", "progressToken", call->progress_token, "progress",
                      (int) ++call->progress);
  if (call->server->version >= MCP_VERSION_2025_03_26)
    json_object_set_new (params, "message", json_string (message));
  mcp_jsonrpc_notify (call->server->rpc, "notifications/progress", params);
}

/* @object as the text that is written for it, as JSON text again. */
static void
add_as_text (Outbox *outbox, const json_t *object)
{
  gsize len;
  char *text = wire_dump (object, &len);
  /* Just written, so it is UTF-8; without the newline that ends a line. */
  g_autoptr (json_t) quoted = json_stringn_nocheck (text, len - 1);

  wire_text_free (text, len);
  outbox_add_json (outbox, quoted);
}

/* By hand: as JSON values, the most frequent answer there is would be copied three times. */
void
mcp_call_answer (McpCall *call, const McpAnswer *answer)
{
  Outbox *outbox = mcp_request_begin_answer (call->request);

  outbox_add_text (outbox, "{\"content\":[{\"type\":\"text\",\"text\":");
  add_as_text (outbox, answer->flat);
  outbox_add_text (outbox, "}]");
  if (call->server->version >= MCP_VERSION_2025_06_18)
    {
      outbox_add_text (outbox, ",\"structuredContent\":");
      outbox_add_json (outbox, answer->structured);
    }
  outbox_add_text (outbox, answer->is_error ? ",\"isError\":true}" : ",\"isError\":false}");
  mcp_request_end_answer (call->request);
  call_free (call);
}

static gboolean
is_token (const json_t *token)
{
  return json_is_string (token) || json_is_integer (token);
}

static void
take_call (McpServer *server, McpRequest *request, const json_t *params)
{
  const char *name = wire_string (params, "name");
  json_t *token = json_object_get (json_object_get (params, "_meta"), "progressToken");
  McpCall *call;

  if (name == NULL)
    {
      mcp_request_refuse (request, MCP_INVALID_PARAMS, "name: must be a tool's name", NULL);
      return;
    }
  call = g_new0 (McpCall, 1);
  *call = (McpCall){ .server = server,
                     .request = request,
                     .progress_token = is_token (token) ? json_incref (token) : NULL };
  mcp_request_set_data (request, call);
  if (server->toolset->call (server->user, call, name, json_object_get (params, "arguments")))
    return;
  mcp_request_refuse (request, MCP_INVALID_PARAMS, "name: there is no such tool", NULL);
  call_free (call);
}

static void
take_cancelled (McpServer *server, const json_t *params)
{
  McpRequest *request = mcp_jsonrpc_find (server->rpc, json_object_get (params, "requestId"));
  McpCall *call;

  /* Already answered, or never there: the two cross on their way. */
  if (request == NULL)
    return;
  call = mcp_request_get_data (request);
  server->toolset->cancelled (server->user, call);
  mcp_request_drop (request);
  call_free (call);
}

/* --- Handshake --- */

static gboolean
is_short (const char *text)
{
  return text != NULL && *text != '\0' && strlen (text) <= CLAIM_BYTES;
}

static void
take_claim (McpServer *server, const json_t *info)
{
  const char *name = wire_string (info, "name"), *version = wire_string (info, "version");

  if (is_short (name))
    server->claim
        = json_pack ("{s:s, s:s*}", "name", name, "version", is_short (version) ? version : NULL);
}

const json_t *
mcp_server_claim (const McpServer *server)
{
  return server->claim;
}

static json_t *
make_greeting (const McpServer *server)
{
  g_autoptr (json_t) self
      = json_pack ("{s:s, s:s}", "name", server->toolset->name, "version", COUNTERSIGN_VERSION);

  if (server->version >= MCP_VERSION_2025_06_18)
    json_object_set_new (self, "title", json_string (server->toolset->title));
  return json_pack ("{s:s, s:{s:{}}, s:O, s:s*}", "protocolVersion", version_name (server->version),
                    "capabilities", "tools", "serverInfo", self, "instructions",
                    server->toolset->instructions);
}

static void
take_initialize (McpServer *server, McpRequest *request, const json_t *params)
{
  const char *wanted = wire_string (params, "protocolVersion");
  const json_t *info = json_object_get (params, "clientInfo");

  if (mcp_request_in_batch (request))
    mcp_request_refuse (request, MCP_INVALID_REQUEST, "initialize must not be part of a batch",
                        NULL);
  else if (server->version != MCP_VERSION_NONE)
    mcp_request_refuse (request, MCP_INVALID_REQUEST, "initialize was already answered", NULL);
  else if (wanted == NULL)
    mcp_request_refuse (request, MCP_INVALID_PARAMS, "protocolVersion: must be text", NULL);
  else if (info != NULL && !json_is_object (info))
    mcp_request_refuse (request, MCP_INVALID_PARAMS, "clientInfo: must be an object", NULL);
  else
    {
      server->version = agree_on (wanted);
      take_claim (server, info);
      g_autoptr (json_t) greeting = make_greeting (server);
      mcp_request_answer (request, greeting);
    }
}

/* A request of the 2026-07-28 era names its version; its client then learns which ones are spoken
 * here. */
static void
refuse_version (McpRequest *request, const char *requested)
{
  g_autoptr (json_t) names = json_array ();

  for (gsize i = 0; i < G_N_ELEMENTS (versions); i++)
    json_array_append_new (names, json_string (versions[i].name));
  g_autoptr (json_t) data = json_pack ("{s:O, s:s}", "supported", names, "requested", requested);
  mcp_request_refuse (request, MCP_UNSUPPORTED_VERSION,
                      "this protocol version is not supported; begin with initialize", data);
}

/* --- Dispatch --- */

static void
take_ping (McpServer *server, McpRequest *request, const json_t *params)
{
  g_autoptr (json_t) nothing = json_object ();

  mcp_request_answer (request, nothing);
}

static void
take_list (McpServer *server, McpRequest *request, const json_t *params)
{
  if (json_object_get (params, "cursor") != NULL)
    {
      mcp_request_refuse (request, MCP_INVALID_PARAMS, "cursor: is not one of ours", NULL);
      return;
    }
  g_autoptr (json_t) result
      = json_pack ("{s:o}", "tools", server->toolset->list (server->user, server->version));
  mcp_request_answer (request, result);
}

static const struct
{
  const char *name;
  gboolean before_handshake;
  void (*take) (McpServer *server, McpRequest *request, const json_t *params);
} methods[] = {
  { "tools/call", FALSE, take_call },
  { "tools/list", FALSE, take_list },
  { "ping", TRUE, take_ping },
  { "initialize", TRUE, take_initialize },
};

static void
on_request (gpointer user, McpRequest *request, const char *method, json_t *params)
{
  McpServer *server = user;
  const char *modern = wire_string (json_object_get (params, "_meta"), META_VERSION);

  if (server->version == MCP_VERSION_NONE && modern != NULL)
    {
      refuse_version (request, modern);
      return;
    }
  for (gsize i = 0; i < G_N_ELEMENTS (methods); i++)
    if (g_str_equal (methods[i].name, method))
      {
        if (server->version == MCP_VERSION_NONE && !methods[i].before_handshake)
          mcp_request_refuse (request, MCP_INVALID_REQUEST, "initialize comes first", NULL);
        else
          methods[i].take (server, request, params);
        return;
      }
  mcp_request_refuse (request, MCP_METHOD_NOT_FOUND, "there is no such method", NULL);
}

static void
on_notification (gpointer user, const char *method, json_t *params)
{
  if (g_str_equal (method, "notifications/cancelled"))
    take_cancelled (user, params);
}

static gboolean
on_batch (gpointer user)
{
  return ((McpServer *) user)->version == MCP_VERSION_2025_03_26;
}

static void
on_abandoned (gpointer user, gpointer data)
{
  McpServer *server = user;

  server->toolset->cancelled (server->user, data);
  call_free (data);
}

McpServer *
mcp_server_new (gsize max_line, const McpToolset *toolset, gpointer user)
{
  static const McpJsonrpcHandler handler = { on_request, on_notification, on_batch, on_abandoned };
  McpServer *server = g_new0 (McpServer, 1);

  server->rpc = mcp_jsonrpc_new (max_line, &handler, server);
  server->toolset = toolset;
  server->user = user;
  return server;
}

void
mcp_server_free (McpServer *server)
{
  if (server == NULL)
    return;
  mcp_jsonrpc_free (server->rpc);
  json_decref (server->claim);
  g_free (server);
}

gboolean
mcp_server_push (McpServer *server, const char *data, gsize len, GError **error)
{
  return mcp_jsonrpc_push (server->rpc, data, len, error);
}

Outbox *
mcp_server_outbox (McpServer *server)
{
  return mcp_jsonrpc_outbox (server->rpc);
}
