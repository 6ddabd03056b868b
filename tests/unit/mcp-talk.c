/* SPDX-License-Identifier: MIT */
#include "tests/unit/mcp-talk.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

char *
mcp_talk_heard (McpServer *server)
{
  Outbox *outbox = mcp_server_outbox (server);
  gsize len = outbox_size (outbox);
  char *text = g_malloc0 (len + 1);
  int fds[2], room = 1024 * 1024;

  g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), ==, 0);
  g_assert_cmpint (setsockopt (fds[0], SOL_SOCKET, SO_SNDBUF, &room, sizeof room), ==, 0);
  for (gsize got = 0; got < len;)
    {
      g_assert_true (outbox_flush (outbox, fds[0], NULL));
      gssize n = recv (fds[1], text + got, len - got, MSG_DONTWAIT);
      g_assert_cmpint (n, >, 0);
      got += n;
    }
  close (fds[0]);
  close (fds[1]);
  return text;
}

char *
mcp_talk (McpServer *server, const char *line)
{
  g_assert_true (mcp_server_push (server, line, strlen (line), NULL));
  g_assert_true (mcp_server_push (server, "\n", 1, NULL));
  char *heard = mcp_talk_heard (server);
  if (g_str_has_suffix (heard, "\n"))
    heard[strlen (heard) - 1] = '\0';
  return heard;
}

void
mcp_talk_begin (McpServer *server, const char *version)
{
  g_autofree char *line = g_strdup_printf (
      "{\"jsonrpc\":\"2.0\",\"id\":\"init\",\"method\":\"initialize\",\"params\":"
      "{\"protocolVersion\":\"%s\",\"capabilities\":{}}}",
      version);
  g_autofree char *greeting = mcp_talk (server, line);
  g_autofree char *agreed = g_strdup_printf ("\"protocolVersion\":\"%s\"", version);
  g_assert_nonnull (strstr (greeting, agreed));
}
