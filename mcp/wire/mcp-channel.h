/* SPDX-License-Identifier: MIT
 *
 * Where the messages of one exchange go. On stdio there is one for the conversation; over HTTP one
 * for each POST, and one for a GET stream of the handshake era.
 */
#pragma once

#include "broker/base/outbox.h"

typedef struct _McpChannel McpChannel;

typedef enum
{
  MCP_MESSAGE_ANSWER,
  MCP_MESSAGE_NOTIFICATION,
  MCP_MESSAGE_REQUEST, /* to the client: handshake era only */
} McpMessageKind;

/* Any may be NULL, and @events as a whole. In message() and hang_up() neither the channel nor a
 * session may be freed. */
typedef struct
{
  /* A whole message, one line, is in the outbox now. @http_status: what HTTP answers with when this
   * is the first. */
  void (*message) (gpointer user, McpChannel *channel, McpMessageKind kind, guint http_status);
  /* All that was asked on it is answered or cancelled; when nothing was written, there was nothing
   * to answer. The channel may be freed now, and its session when nothing else is asked of it.
   * Comes once for each time that something was taken and again when what stayed open is
   * answered. */
  void (*over) (gpointer user, McpChannel *channel);
  /* The stream is to end, the call not: the client comes back after @retry_ms and goes on where it
   * was. Handshake era over HTTP; ignored elsewhere. */
  void (*hang_up) (gpointer user, McpChannel *channel, guint retry_ms);
} McpChannelEvents;

/* @outbox and @events are borrowed. */
McpChannel *mcp_channel_new (Outbox *outbox, const McpChannelEvents *events, gpointer user);
/* Only when no session knows it any more: after over(), after mcp_session_channel_closed(), or
 * after the session was freed. */
void mcp_channel_free (McpChannel *channel);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (McpChannel, mcp_channel_free)

Outbox *mcp_channel_outbox (McpChannel *channel);
