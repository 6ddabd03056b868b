/* SPDX-License-Identifier: MIT
 *
 * What a client asks first, in either era.
 */
#include "mcp/wire/mcp-wire-private.h"

/* "If the server supports the requested protocol version, it MUST respond with the same version.
 * Otherwise ... another protocol version it supports. This SHOULD be the latest." One without a
 * handshake is no answer to it. */
static McpVersion
agree_on (const char *wanted)
{
  McpVersion version = mcp_version_find (wanted);

  return version == MCP_VERSION_NONE || mcp_version_is_modern (version) ? MCP_VERSION_LATEST_LEGACY
                                                                        : version;
}

static json_t *
make_greeting (const McpSession *session)
{
  const McpHandler *handler = session->server->handler;

  return json_pack ("{s:s, s:o, s:o, s:s*}", "protocolVersion", mcp_version_name (session->version),
                    "capabilities", mcp_identity_capabilities (handler->offers, session->version),
                    "serverInfo", mcp_identity_info (&handler->identity, session->version, TRUE),
                    "instructions", handler->identity.instructions);
}

void
mcp_take_initialize (const McpRequest *request)
{
  McpSession *session = request->session;
  const char *wanted = wire_string (request->params, "protocolVersion");
  const json_t *info = json_object_get (request->params, "clientInfo");
  json_t *capabilities = json_object_get (request->params, "capabilities");

  if (request->reply.batch != NULL)
    mcp_request_refuse (request, MCP_INVALID_REQUEST, "initialize must not be part of a batch");
  else if (session->version != MCP_VERSION_NONE)
    mcp_request_refuse (request, MCP_INVALID_REQUEST, "initialize was already answered");
  else if (wanted == NULL)
    mcp_request_refuse (request, MCP_INVALID_PARAMS, "protocolVersion: must be text");
  else if (info != NULL && !json_is_object (info))
    mcp_request_refuse (request, MCP_INVALID_PARAMS, "clientInfo: must be an object");
  else if (capabilities != NULL && !json_is_object (capabilities))
    mcp_request_refuse (request, MCP_INVALID_PARAMS, "capabilities: must be an object");
  else
    {
      session->version = agree_on (wanted);
      json_decref (session->claim);
      session->claim = mcp_identity_claim (info);
      session->capabilities = json_incref (capabilities);
      g_autoptr (json_t) greeting = make_greeting (session);
      mcp_reply_result (&request->reply, greeting);
    }
}

void
mcp_take_discover (const McpRequest *request)
{
  const McpHandler *handler = request->session->server->handler;
  json_t *result = json_pack (
      "{s:[s], s:o, s:s*, s:{s:o}}", "supportedVersions", mcp_version_name (MCP_VERSION_2026_07_28),
      "capabilities", mcp_identity_capabilities (handler->offers, MCP_VERSION_2026_07_28),
      "instructions", handler->identity.instructions, "_meta", MCP_META_SERVER,
      mcp_identity_info (&handler->identity, MCP_VERSION_2026_07_28, TRUE));

  mcp_request_answer (request, result, TRUE);
}

void
mcp_take_ping (const McpRequest *request)
{
  g_autoptr (json_t) nothing = json_object ();

  mcp_reply_result (&request->reply, nothing);
}
