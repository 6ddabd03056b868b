/* SPDX-License-Identifier: MIT */
#include "mcp/wire/mcp-era.h"

#include "mcp/wire/mcp-wire-private.h"

#define BAD_REQUEST 400
#define NO_VERSION_HEADER MCP_VERSION_2025_03_26 /* what a client without one is taken for */

/* All that the rules ask about. */
typedef struct
{
  const McpMessage *message;
  const json_t *claim; /* its word for its version: anything, or NULL */
  const json_t *meta;
  const McpHeaders *headers; /* NULL: stdio */
  McpVersion header, settled;
} Facts;

static McpEraVerdict
refuse (int code, guint status, const char *message)
{
  return (McpEraVerdict){ .code = code, .status = status, .message = message };
}

static McpEraVerdict
unsupported (const char *requested)
{
  McpEraVerdict verdict = refuse (MCP_UNSUPPORTED_VERSION, BAD_REQUEST,
                                  "this protocol version is not supported without initialize");
  verdict.requested = requested;
  return verdict;
}

static McpEraVerdict
accept (McpEra era, McpVersion version)
{
  return (McpEraVerdict){ .era = era, .version = version };
}

/* What is incomplete of the head that each request has since 2026-07-28; NULL: nothing. */
static const char *
head_fault (const Facts *facts)
{
  const json_t *level = json_object_get (facts->meta, MCP_META_LOG_LEVEL);

  if (!json_is_string (facts->claim))
    return "_meta: " MCP_META_VERSION " must be text";
  if (!json_is_object (json_object_get (facts->meta, MCP_META_CAPABILITIES)))
    return "_meta: " MCP_META_CAPABILITIES " must be there, and an object";
  if (level != NULL && mcp_log_level (json_string_value (level)) < 0)
    return "_meta: " MCP_META_LOG_LEVEL " must be a log level";
  return NULL;
}

static gboolean
is_initialize (const Facts *facts)
{
  return g_str_equal (facts->message->method, "initialize");
}

/* A claim that is whole and names a version without a handshake goes before the method's name. */
static gboolean
claims_modern (const Facts *facts)
{
  return facts->claim != NULL && head_fault (facts) == NULL
         && mcp_version_is_modern (mcp_version_find (json_string_value (facts->claim)));
}

/* Rule 3, in its order. */
static McpEraVerdict
choose_by_claim (const Facts *facts)
{
  const char *version = json_string_value (facts->claim), *fault;
  const McpMethod *method = mcp_method_find (facts->message->method);

  if ((fault = head_fault (facts)) != NULL)
    return refuse (MCP_INVALID_PARAMS, BAD_REQUEST, fault);
  if (facts->headers != NULL
      && (fault = mcp_headers_fault (facts->headers, facts->message)) != NULL)
    return refuse (MCP_HEADER_MISMATCH, BAD_REQUEST, fault);
  if (!mcp_version_is_modern (mcp_version_find (version)))
    return unsupported (version);
  if (method == NULL || !method->modern)
    return refuse (MCP_METHOD_NOT_FOUND,
                   mcp_fault_status (MCP_METHOD_NOT_FOUND, MCP_VERSION_2026_07_28),
                   "there is no such method");
  return accept (MCP_ERA_MODERN, MCP_VERSION_2026_07_28);
}

/* Rule 5: HTTP's header says which of the handshake's versions; a session knows better. */
static McpEraVerdict
choose_by_header (const Facts *facts)
{
  if (facts->headers == NULL)
    return accept (MCP_ERA_LEGACY, facts->settled);
  if (facts->headers->protocol_version == NULL)
    return accept (MCP_ERA_LEGACY, NO_VERSION_HEADER);
  if (facts->header == MCP_VERSION_NONE)
    return refuse (MCP_INVALID_REQUEST, BAD_REQUEST,
                   "MCP-Protocol-Version: names a version that is not supported");
  return accept (MCP_ERA_LEGACY, facts->header);
}

static McpEraVerdict
choose_request (const Facts *facts)
{
  gboolean settled_modern = facts->headers == NULL && mcp_version_is_modern (facts->settled);
  gboolean settled_legacy
      = facts->headers == NULL && facts->settled != MCP_VERSION_NONE && !settled_modern;

  if (settled_legacy)
    return accept (MCP_ERA_LEGACY, facts->settled);
  if (is_initialize (facts) && !claims_modern (facts))
    {
      if (mcp_version_is_modern (facts->header))
        return refuse (MCP_HEADER_MISMATCH, BAD_REQUEST,
                       "MCP-Protocol-Version: names a version that has no initialize");
      if (settled_modern)
        return unsupported (wire_string (facts->message->params, "protocolVersion"));
      return accept (MCP_ERA_LEGACY, MCP_VERSION_NONE);
    }
  if (facts->claim != NULL)
    return choose_by_claim (facts);
  if (mcp_version_is_modern (facts->header) || settled_modern)
    return refuse (MCP_INVALID_PARAMS, BAD_REQUEST,
                   "_meta: " MCP_META_VERSION " must be there, and text");
  return choose_by_header (facts);
}

/* Notifications need no claim; with HTTP the header tells. */
static McpEraVerdict
choose_notification (const Facts *facts)
{
  const char *fault;

  if (facts->headers == NULL)
    return accept (mcp_version_is_modern (facts->settled) ? MCP_ERA_MODERN : MCP_ERA_LEGACY,
                   facts->settled);
  if (facts->claim == NULL && !mcp_version_is_modern (facts->header))
    return choose_by_header (facts);
  if (facts->claim != NULL && !json_is_string (facts->claim))
    return refuse (MCP_INVALID_PARAMS, BAD_REQUEST, "_meta: " MCP_META_VERSION " must be text");
  if ((fault = mcp_headers_fault (facts->headers, facts->message)) != NULL)
    return refuse (MCP_HEADER_MISMATCH, BAD_REQUEST, fault);
  if (facts->claim != NULL
      && !mcp_version_is_modern (mcp_version_find (json_string_value (facts->claim))))
    return unsupported (json_string_value (facts->claim));
  return accept (MCP_ERA_MODERN, MCP_VERSION_2026_07_28);
}

/* Since 2026-07-28 a client is asked nothing. */
static McpEraVerdict
choose_answer (const Facts *facts)
{
  if (mcp_version_is_modern (facts->header))
    return refuse (MCP_INVALID_REQUEST, BAD_REQUEST, "nothing was asked that this could answer");
  return choose_by_header (facts);
}

static void
learn (Facts *facts, const json_t *params)
{
  facts->meta = json_object_get (params, "_meta");
  facts->claim = json_object_get (facts->meta, MCP_META_VERSION);
}

static McpEraVerdict
choose_batch (Facts *facts, const json_t *batch)
{
  if (json_array_size (batch) == 0)
    return refuse (MCP_INVALID_REQUEST, BAD_REQUEST, "a batch must not be empty");
  for (gsize i = 0; i < json_array_size (batch); i++)
    {
      learn (facts, json_object_get (json_array_get (batch, i), "params"));
      if (facts->claim != NULL)
        return refuse (MCP_INVALID_REQUEST, BAD_REQUEST,
                       "a batch must not have requests of a version without initialize");
    }
  if (mcp_version_is_modern (facts->header))
    return refuse (MCP_INVALID_REQUEST, BAD_REQUEST,
                   "batches are part of protocol version 2025-03-26 only");
  return choose_by_header (facts);
}

McpEraVerdict
mcp_era_choose_read (const json_t *value, const McpMessage *message, const McpHeaders *headers,
                     McpVersion settled)
{
  Facts facts = { .message = message, .headers = headers, .settled = settled };

  if (headers != NULL)
    facts.header = mcp_version_find (headers->protocol_version);
  if (json_is_array (value))
    return choose_batch (&facts, value);
  learn (&facts, message->params);
  switch (message->kind)
    {
    case MCP_JSONRPC_REQUEST:
      return choose_request (&facts);
    case MCP_JSONRPC_NOTIFICATION:
      return choose_notification (&facts);
    case MCP_JSONRPC_ANSWER:
      return choose_answer (&facts);
    case MCP_JSONRPC_FAULTY:
      break;
    }
  return refuse (message->code, BAD_REQUEST, message->fault);
}

McpEraVerdict
mcp_era_choose (const json_t *value, const McpHeaders *headers, McpVersion settled)
{
  McpMessage message;

  mcp_jsonrpc_read (value, &message);
  return mcp_era_choose_read (value, &message, headers, settled);
}
