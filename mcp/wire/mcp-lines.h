/* SPDX-License-Identifier: MIT
 *
 * A session on a stream of bytes: a line a message, as stdio has it. Knows no descriptor: bytes in
 * by mcp_lines_push(), bytes out by the channel's outbox.
 */
#pragma once

#include "mcp/wire/mcp-session.h"

typedef struct _McpLines McpLines;

/* Both are borrowed. */
McpLines *mcp_lines_new (McpSession *session, McpChannel *channel, gsize max_line);
void mcp_lines_free (McpLines *lines);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (McpLines, mcp_lines_free)

/* Takes @len bytes and handles the lines that end in them. FALSE with WIRE_ERROR_TOO_LONG:
 * answered, and nothing after it can be read. */
gboolean mcp_lines_push (McpLines *lines, const char *data, gsize len, GError **error);
