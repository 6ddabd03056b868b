/* SPDX-License-Identifier: MIT
 *
 * Conversations with an McpServer over lines: what the client sends, and to the letter what it
 * hears.
 */
#pragma once

#include "mcp/wire/mcp-call.h"
#include "mcp/wire/mcp-lines.h"

typedef struct
{
  McpServer *server;
  McpSession *session;
  Outbox *outbox;
  McpChannel *channel;
  McpLines *lines;
} McpTalk;

McpTalk *mcp_talk_new (const McpHandler *handler, gpointer user, gsize max_line);
void mcp_talk_free (McpTalk *talk);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (McpTalk, mcp_talk_free)

/* What waits in @outbox, emptied; g_free(). */
char *mcp_talk_drain (Outbox *outbox);
/* What the server has to say now, emptied; g_free(). */
char *mcp_talk_heard (McpTalk *talk);
/* Sends @line and a newline; returns what is heard, without the last newline. g_free(). */
char *mcp_talk (McpTalk *talk, const char *line);
/* initialize with @version, its answer dropped. */
void mcp_talk_begin (McpTalk *talk, const char *version);
