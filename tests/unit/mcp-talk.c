/* SPDX-License-Identifier: MIT */
#include "tests/unit/mcp-talk.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

McpTalk *
mcp_talk_new (const McpHandler *handler, gpointer user, gsize max_line)
{
  McpTalk *talk = g_new0 (McpTalk, 1);

  talk->server = mcp_server_new (handler, user);
  talk->session = mcp_session_new (talk->server, NULL);
  talk->outbox = outbox_new ();
  talk->channel = mcp_channel_new (talk->outbox, NULL, NULL);
  talk->lines = mcp_lines_new (talk->session, talk->channel, max_line);
  return talk;
}

void
mcp_talk_free (McpTalk *talk)
{
  mcp_lines_free (talk->lines);
  mcp_session_free (talk->session);
  mcp_channel_free (talk->channel);
  mcp_server_free (talk->server);
  outbox_free (talk->outbox);
  g_free (talk);
}

char *
mcp_talk_drain (Outbox *outbox)
{
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
mcp_talk_heard (McpTalk *talk)
{
  return mcp_talk_drain (talk->outbox);
}

char *
mcp_talk (McpTalk *talk, const char *line)
{
  g_assert_true (mcp_lines_push (talk->lines, line, strlen (line), NULL));
  g_assert_true (mcp_lines_push (talk->lines, "\n", 1, NULL));
  char *heard = mcp_talk_heard (talk);
  if (g_str_has_suffix (heard, "\n"))
    heard[strlen (heard) - 1] = '\0';
  return heard;
}

void
mcp_talk_begin (McpTalk *talk, const char *version)
{
  g_autofree char *line = g_strdup_printf (
      "{\"jsonrpc\":\"2.0\",\"id\":\"init\",\"method\":\"initialize\",\"params\":"
      "{\"protocolVersion\":\"%s\",\"capabilities\":{}}}",
      version);
  g_autofree char *greeting = mcp_talk (talk, line);
  g_autofree char *agreed = g_strdup_printf ("\"protocolVersion\":\"%s\"", version);
  g_assert_nonnull (strstr (greeting, agreed));
}
