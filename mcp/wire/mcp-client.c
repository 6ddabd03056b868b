/* SPDX-License-Identifier: MIT */
#include "mcp/wire/mcp-client-private.h"

McpClient *
mcp_client_new (const McpClientOptions *options, const McpClientHandler *handler, gpointer user)
{
  McpClient *client = g_new0 (McpClient, 1);

  client->reader = wire_reader_new (options->max_line);
  client->outbox = outbox_new ();
  client->handler = handler;
  client->user = user;
  client->speaks = options->speaks;
  client->info = json_pack ("{s:s, s:s}", "name", options->name, "version", options->version);
  client->capabilities
      = options->capabilities != NULL ? json_deep_copy (options->capabilities) : json_object ();
  client->calls = mcp_client_calls_new ();
  client->askings = mcp_askings_new ();
  return client;
}

void
mcp_client_free (McpClient *client)
{
  if (client == NULL)
    return;
  g_hash_table_unref (client->askings);
  g_hash_table_unref (client->calls);
  wire_reader_free (client->reader);
  outbox_free (client->outbox);
  json_decref (client->info);
  json_decref (client->capabilities);
  json_decref (client->server);
  g_free (client);
}

Outbox *
mcp_client_outbox (McpClient *client)
{
  return client->outbox;
}

McpVersion
mcp_client_version (const McpClient *client)
{
  return client->version;
}

const json_t *
mcp_client_server (const McpClient *client)
{
  return client->server;
}

/* --- Going out --- */

json_t *
mcp_client_params (const McpClient *client, const json_t *params, McpVersion version)
{
  json_t *whole = params != NULL ? json_deep_copy (params) : json_object ();
  json_t *meta = json_object_get (whole, "_meta");

  if (!mcp_version_is_modern (version))
    return whole;
  if (meta == NULL)
    json_object_set_new (whole, "_meta", meta = json_object ());
  json_object_set_new (meta, MCP_META_VERSION, json_string (mcp_version_name (version)));
  json_object_set (meta, MCP_META_CAPABILITIES, client->capabilities);
  json_object_set (meta, MCP_META_CLIENT, client->info);
  return whole;
}

void
mcp_client_notify (McpClient *client, const char *method, const json_t *params)
{
  mcp_jsonrpc_add_notification (client->outbox, method, params);
  outbox_end (client->outbox, -1, NULL);
}

McpClientCall *
mcp_client_request (McpClient *client, const char *method, const json_t *params,
                    McpClientAnswered answered, McpClientProgressed progressed, gpointer user)
{
  return mcp_client_begin (client, method, mcp_client_params (client, params, client->version),
                           answered, progressed, user);
}

/* --- Opening --- */

static void
opened (McpClient *client, McpVersion version, const json_t *result)
{
  client->version = version;
  client->server = json_deep_copy (result);
  client->handler->opened (client->user, client, NULL);
}

static void
not_opened (McpClient *client, const char *why)
{
  g_autoptr (json_t) error
      = json_pack ("{s:i, s:s}", "code", MCP_UNSUPPORTED_VERSION, "message", why);

  client->handler->opened (client->user, client, error);
}

static void
on_initialized (gpointer user, const json_t *result, const json_t *error)
{
  McpClient *client = user;
  McpVersion version = mcp_version_find (wire_string (result, "protocolVersion"));

  if (error != NULL)
    client->handler->opened (client->user, client, error);
  else if (version == MCP_VERSION_NONE || mcp_version_is_modern (version))
    not_opened (client, "the server speaks no version that we speak");
  else
    {
      mcp_client_notify (client, "notifications/initialized", NULL);
      opened (client, version, result);
    }
}

static void
initialize (McpClient *client, McpVersion version)
{
  mcp_client_begin (client, "initialize",
                    json_pack ("{s:s, s:O, s:O}", "protocolVersion", mcp_version_name (version),
                               "capabilities", client->capabilities, "clientInfo", client->info),
                    on_initialized, NULL, client);
}

static gboolean
offers (const json_t *discovered, McpVersion version)
{
  const json_t *versions = json_object_get (discovered, "supportedVersions");

  for (gsize i = 0; i < json_array_size (versions); i++)
    if (mcp_version_find (json_string_value (json_array_get (versions, i))) == version)
      return TRUE;
  return FALSE;
}

static void
on_discovered (gpointer user, const json_t *result, const json_t *error)
{
  McpClient *client = user;

  if (result != NULL && offers (result, MCP_VERSION_2026_07_28))
    opened (client, MCP_VERSION_2026_07_28, result);
  else if (client->speaks == MCP_VERSION_NONE && error != NULL)
    initialize (client, MCP_VERSION_LATEST_LEGACY);
  else if (error != NULL)
    client->handler->opened (client->user, client, error);
  else
    not_opened (client, "the server speaks no version that we speak");
}

void
mcp_client_open (McpClient *client)
{
  if (client->speaks != MCP_VERSION_NONE && !mcp_version_is_modern (client->speaks))
    initialize (client, client->speaks);
  else
    mcp_client_begin (client, "server/discover",
                      mcp_client_params (client, NULL, MCP_VERSION_2026_07_28), on_discovered, NULL,
                      client);
}

/* --- Coming in --- */

static void
take_request (McpClient *client, const McpMessage *message)
{
  if (g_str_equal (message->method, "ping"))
    {
      mcp_jsonrpc_begin_result (client->outbox, message->id);
      outbox_add_text (client->outbox, "{}");
      mcp_jsonrpc_close_result (client->outbox);
      outbox_end (client->outbox, -1, NULL);
    }
  else
    mcp_asking_begin (client, message->id, NULL, NULL, message->method, message->params);
}

static void
take_notification (McpClient *client, const McpMessage *message)
{
  if (g_str_equal (message->method, "notifications/progress"))
    mcp_client_take_progress (client, message->params);
  else if (client->handler->notified != NULL)
    client->handler->notified (client->user, message->method, message->params);
}

static gboolean
take_message (McpClient *client, const json_t *value, GError **error)
{
  McpMessage message;

  mcp_jsonrpc_read (value, &message);
  switch (message.kind)
    {
    case MCP_JSONRPC_REQUEST:
      take_request (client, &message);
      return TRUE;
    case MCP_JSONRPC_NOTIFICATION:
      take_notification (client, &message);
      return TRUE;
    case MCP_JSONRPC_ANSWER:
      mcp_client_take_answer (client, &message);
      return TRUE;
    case MCP_JSONRPC_FAULTY:
    default:
      g_set_error_literal (error, WIRE_ERROR, WIRE_ERROR_PARSE, message.fault);
      return FALSE;
    }
}

static gboolean
take_line (McpClient *client, const char *line, gsize len, GError **error)
{
  /* Only 2025-03-26 has arrays of messages. */
  g_autoptr (json_t) value
      = wire_parse (line, len, client->version == MCP_VERSION_2025_03_26, error);

  if (value == NULL)
    return FALSE;
  if (!json_is_array (value))
    return take_message (client, value, error);
  for (gsize i = 0; i < json_array_size (value); i++)
    if (!take_message (client, json_array_get (value, i), error))
      return FALSE;
  return TRUE;
}

gboolean
mcp_client_push (McpClient *client, const char *data, gsize len, GError **error)
{
  gsize line_len;
  char *line;

  if (!wire_reader_push (client->reader, data, len, error))
    return FALSE;
  while ((line = wire_reader_next (client->reader, &line_len)) != NULL)
    if (!take_line (client, line, line_len, error))
      return FALSE;
  return TRUE;
}
