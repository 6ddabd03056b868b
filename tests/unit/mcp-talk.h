/* SPDX-License-Identifier: MIT
 *
 * Conversations with an McpServer: what the client sends, and to the letter what it hears.
 */
#pragma once

#include "mcp/wire/mcp-server.h"

/* What the server has to say now, emptied; g_free(). */
char *mcp_talk_heard (McpServer *server);
/* Sends @line and a newline; returns what is heard, without the last newline. g_free(). */
char *mcp_talk (McpServer *server, const char *line);
/* initialize with @version, its answer dropped. */
void mcp_talk_begin (McpServer *server, const char *version);
