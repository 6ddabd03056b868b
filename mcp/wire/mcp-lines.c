/* SPDX-License-Identifier: MIT */
#include "mcp/wire/mcp-lines.h"

#include "mcp/wire/mcp-jsonrpc.h"

struct _McpLines
{
  McpSession *session;
  McpChannel *channel;
  WireReader *reader;
};

McpLines *
mcp_lines_new (McpSession *session, McpChannel *channel, gsize max_line)
{
  McpLines *lines = g_new0 (McpLines, 1);

  *lines = (McpLines){ session, channel, wire_reader_new (max_line) };
  return lines;
}

void
mcp_lines_free (McpLines *lines)
{
  if (lines == NULL)
    return;
  wire_reader_free (lines->reader);
  g_free (lines);
}

gboolean
mcp_lines_push (McpLines *lines, const char *data, gsize len, GError **error)
{
  g_autoptr (GError) local = NULL;
  gsize line_len;
  char *line;

  if (!wire_reader_push (lines->reader, data, len, &local))
    {
      Outbox *outbox = mcp_channel_outbox (lines->channel);
      mcp_jsonrpc_add_error (outbox, NULL, MCP_PARSE_ERROR, local->message, NULL);
      outbox_end (outbox, -1, NULL);
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  while ((line = wire_reader_next (lines->reader, &line_len)) != NULL)
    mcp_session_take_text (lines->session, lines->channel, line, line_len, NULL);
  return TRUE;
}
