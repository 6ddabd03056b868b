/* SPDX-License-Identifier: MIT
 *
 * An MCP server of the handshake era (2024-11-05 to 2025-11-25): initialize, ping, tools/list,
 * tools/call, cancelled, progress. Which tools there are and what they do is the toolset's; nothing
 * here knows of a broker.
 *
 * https://modelcontextprotocol.io/specification/2025-11-25
 *
 * MUST
 *  - send no field that the agreed version does not have
 *  - send nothing for a call once it is answered or cancelled
 */
#pragma once

#include "mcp/wire/mcp-jsonrpc.h"

/* In the order of their age: comparing is meant. */
typedef enum
{
  MCP_VERSION_NONE, /* no handshake yet */
  MCP_VERSION_2024_11_05,
  MCP_VERSION_2025_03_26,
  MCP_VERSION_2025_06_18,
  MCP_VERSION_2025_11_25,
} McpVersion;

typedef struct _McpServer McpServer;
typedef struct _McpCall McpCall; /* one tools/call that is not answered yet */

typedef struct
{
  const char *name, *title;
  const char *instructions; /* for the model; may be NULL */
  /* The tools as @version describes them; an array that the caller owns. The same at each call. */
  json_t *(*list) (gpointer user, McpVersion version);
  /* Begins a call that the callee answers, now or later. @arguments is borrowed and may be anything
   * or NULL: the callee checks it. FALSE, and nothing is begun: no tool has this name. */
  gboolean (*call) (gpointer user, McpCall *call, const char *tool, json_t *arguments);
  /* The client wants no answer any more: @call is gone when this returns. */
  void (*cancelled) (gpointer user, McpCall *call);
} McpToolset;

/* What a tool answers: the same facts twice. @flat goes out as text; @structured where the version
 * has it. Borrowed. */
typedef struct
{
  const json_t *flat, *structured;
  gboolean is_error;
} McpAnswer;

McpServer *mcp_server_new (gsize max_line, const McpToolset *toolset, gpointer user);
void mcp_server_free (McpServer *server);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (McpServer, mcp_server_free)

/* As mcp_jsonrpc_push() and mcp_jsonrpc_outbox(). */
gboolean mcp_server_push (McpServer *server, const char *data, gsize len, GError **error);
Outbox *mcp_server_outbox (McpServer *server);
/* What the client called itself, {"name","version"?}; NULL when it did not. Its own word, nothing
 * more. Borrowed. */
const json_t *mcp_server_claim (const McpServer *server);

/* Ends @call. */
void mcp_call_answer (McpCall *call, const McpAnswer *answer);
/* TRUE when the client asked to be told how a call gets on. */
gboolean mcp_call_wants_progress (const McpCall *call);
void mcp_call_progress (McpCall *call, const char *message);
/* For the toolset's own use. */
void mcp_call_set_data (McpCall *call, gpointer data);
gpointer mcp_call_get_data (const McpCall *call);
