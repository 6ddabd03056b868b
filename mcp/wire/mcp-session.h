/* SPDX-License-Identifier: MIT
 *
 * One client's conversation: stdio's, one of the handshake era over HTTP, or that of one HTTP
 * request since 2026-07-28.
 *
 * MUST
 *  - give back each id with its type: 1 is not "1"
 *  - answer a request at most once, a notification never
 *  - refuse an id that is still in flight
 *  - find by an id only what was asked in the same session
 *  - never put a part of what it was sent into an error, but the id, a protocol version and names
 *    of fields
 */
#pragma once

#include "mcp/wire/mcp-channel.h"
#include "mcp/wire/mcp-era.h"
#include "mcp/wire/mcp-server.h"

/* @owner is the program's own, for it to find again: over HTTP, who calls. */
McpSession *mcp_session_new (McpServer *server, gpointer owner);
/* Its calls are cancelled; nothing is written any more, and no channel hears of it. */
void mcp_session_free (McpSession *session);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (McpSession, mcp_session_free)

gpointer mcp_session_get_owner (const McpSession *session);
/* MCP_VERSION_NONE until it is agreed on; on stdio since 2026-07-28: until the first request. */
McpVersion mcp_session_version (const McpSession *session);
/* What the client called itself, {"name","version"?}; NULL when it did not. Its own word, nothing
 * more. Borrowed. */
const json_t *mcp_session_claim (const McpSession *session);

/* Takes any JSON value as a message: decides of which era it is, answers what is wrong with it,
 * calls the handler. What is answered goes to @channel, now or later. @headers: HTTP's; NULL on
 * stdio. @message is borrowed. */
void mcp_session_take (McpSession *session, McpChannel *channel, json_t *message,
                       const McpHeaders *headers);
/* The same of text that was not parsed. */
void mcp_session_take_text (McpSession *session, McpChannel *channel, const char *text, gsize len,
                            const McpHeaders *headers);

/* The client no longer listens to @channel, which is forgotten here. Since 2026-07-28 that cancels
 * what was asked on it; in the handshake era the calls go on and their answers are dropped (a
 * transport that keeps them for a client that comes back keeps the channel). */
void mcp_session_channel_closed (McpSession *session, McpChannel *channel);
/* Handshake era: what is said to the client out of turn goes to @channel from now on (HTTP's GET
 * stream). FALSE: another one does that already, or the era has none. Until then such messages
 * are dropped over HTTP; on stdio they go where everything goes. */
gboolean mcp_session_listen (McpSession *session, McpChannel *channel);
