/* SPDX-License-Identifier: MIT
 *
 * Of which era a message is, and whether its head and its HTTP headers are right for that: one
 * question with one answer, asked before anything else is done with it.
 *
 * https://modelcontextprotocol.io/specification/2026-07-28/basic/versioning
 */
#pragma once

#include "mcp/wire/mcp-fault.h"

#include "broker/base/wire.h"

/* HTTP headers, without white space at their ends; NULL: absent. */
typedef struct
{
  const char *protocol_version, *method, *name; /* MCP-Protocol-Version, Mcp-Method, Mcp-Name */
  /* The value of Mcp-Param-@name, whatever the case of @name. May be NULL: there are none. */
  const char *(*param) (gpointer user, const char *name);
  gpointer user;
} McpHeaders;

typedef enum
{
  MCP_ERA_REFUSED,
  MCP_ERA_LEGACY, /* with a handshake */
  MCP_ERA_MODERN, /* 2026-07-28 */
} McpEra;

typedef struct
{
  McpEra era;
  McpVersion version; /* of the message; NONE: the session's, or not agreed on yet */
  /* Refused: */
  int code;
  guint status;          /* HTTP's */
  const char *message;   /* lives as long as the program */
  const char *requested; /* the version that is not supported; borrowed from the message */
} McpEraVerdict;

/* @value is any JSON value. @settled: the version that the conversation agreed on, or NONE; it
 * counts on stdio only (@headers NULL), where what comes first chooses for all that follows. */
McpEraVerdict mcp_era_choose (const json_t *value, const McpHeaders *headers, McpVersion settled);
