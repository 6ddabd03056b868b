/* SPDX-License-Identifier: MIT
 *
 * MCP's Streamable HTTP at one path, of one McpServer, in both eras: with sessions that a handshake
 * begins (2025-03-26 to 2025-11-25), and without (2026-07-28).
 *
 * https://modelcontextprotocol.io/specification/2025-11-25/basic/transports
 * https://modelcontextprotocol.io/specification/2026-07-28/basic/transports
 *
 * MUST
 *  - let nobody into a session but whom it was begun by: its id alone opens nothing
 *  - cancel what was asked when its client goes, since 2026-07-28; and never before that, where a
 *    client that went may come back
 *  - keep for clients that went no more than is counted
 */
#pragma once

#include "mcp/transport/http-connection.h"
#include "mcp/wire/mcp-session.h"

typedef struct _HttpMcp HttpMcp;

/* What is 0 is as said. */
typedef struct
{
  guint session_idle_s; /* seconds after which a session that nobody uses ends: 30 minutes */
  guint sessions_most;  /* of one owner: 64; a new one takes the place of the one unused longest */
  guint requests_most;  /* of one owner, that wait for their answer: 1024 */
  /* Owners are held while a session or a request is theirs; NULL: they outlive all of it. */
  gpointer (*owner_ref) (gpointer owner);
  void (*owner_unref) (gpointer owner);
} HttpMcpOptions;

/* @server is borrowed, and what @options points to. */
HttpMcp *http_mcp_new (McpServer *server, const HttpMcpOptions *options);
/* What is under way ends. */
void http_mcp_free (HttpMcp *mcp);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (HttpMcp, http_mcp_free)

/* Answers @request, whose Host, Origin and caller were found good, by @message; takes @request.
 * From within HttpTake, or later when @message was paused there. @owner: who calls. */
void http_mcp_take (HttpMcp *mcp, SoupServerMessage *message, HttpRequest *request, gpointer owner);
/* All sessions and requests of @owner end, and nothing more is said in them. */
void http_mcp_forget (HttpMcp *mcp, gpointer owner);
