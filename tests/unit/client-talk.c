/* SPDX-License-Identifier: MIT */
#include "tests/unit/client-talk.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define LINE_MOST (256 * 1024)

/* --- What the client's owner does --- */

static void
on_opened (gpointer user, McpClient *client, const json_t *error)
{
  ClientTalk *talk = user;

  g_assert_false (talk->opened);
  talk->opened = TRUE;
  talk->refused = json_deep_copy (error);
  g_assert_true (error != NULL || mcp_client_server (client) != NULL);
}

static void
on_notified (gpointer user, const char *method, const json_t *params)
{
  ClientTalk *talk = user;

  (void) params;
  g_string_append_printf (talk->noticed, "%s ", method);
}

static json_t *
answer_to (const char *method)
{
  if (g_str_equal (method, "roots/list"))
    return fixture_json ("{'roots':[{'uri':'file:///here'}]}");
  if (g_str_equal (method, "sampling/createMessage"))
    return fixture_json (
        "{'role':'assistant','content':{'type':'text','text':'Paris'},'model':'none'}");
  return fixture_json ("{'action':'accept','content':{'name':'Ann','ok':true,'color':'red'}}");
}

static void
on_asked (gpointer user, McpAsking *asking, const char *method, const json_t *params)
{
  ClientTalk *talk = user;
  g_autoptr (json_t) answer = answer_to (method);

  (void) params;
  g_string_append_printf (talk->asked, "%s ", method);
  if (talk->decline)
    mcp_asking_decline (asking, -1, "the user said no");
  else
    mcp_asking_answer (asking, answer);
}

static void
on_waits (gpointer user, McpClientCall *call)
{
  ClientTalk *talk = user;

  if (talk->again_later)
    talk->waiting = call;
  else
    mcp_client_call_again (call);
}

static const McpClientHandler handler
    = { .opened = on_opened, .notified = on_notified, .asked = on_asked, .waits = on_waits };
/* Of a client that says nothing but what it must. */
static const McpClientHandler silent = { .opened = on_opened };

static void
on_answered (gpointer user, const json_t *result, const json_t *error)
{
  ClientTalk *talk = user;

  g_assert_cmpint ((result != NULL) + (error != NULL), ==, 1);
  g_clear_pointer (&talk->result, json_decref);
  g_clear_pointer (&talk->error, json_decref);
  talk->result = json_deep_copy (result);
  talk->error = json_deep_copy (error);
  talk->n_answered++;
}

static void
on_progressed (gpointer user, const json_t *params)
{
  ClientTalk *talk = user;

  g_assert_nonnull (json_object_get (params, "progress"));
  talk->n_progressed++;
}

/* --- Between them --- */

/* What waits in @outbox, emptied; g_free(). */
static char *
take_out (Outbox *outbox)
{
  gsize len = outbox_size (outbox), got = 0;
  char *text = g_malloc0 (len + 1);
  int fds[2];

  g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), ==, 0);
  while (got < len)
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

/* Until neither has anything to say. */
void
client_talk_carry (ClientTalk *talk)
{
  while (outbox_size (mcp_client_outbox (talk->client)) + outbox_size (talk->outbox) > 0)
    {
      g_autofree char *up = take_out (mcp_client_outbox (talk->client));
      g_assert_true (mcp_lines_push (talk->lines, up, strlen (up), NULL));
      g_autofree char *down = take_out (talk->outbox);
      g_assert_true (mcp_client_push (talk->client, down, strlen (down), NULL));
    }
}

#define ALL_CAPABILITIES                                                                           \
  "{'sampling':{},'elicitation':{},'roots':{},'extensions':{'io.modelcontextprotocol/tasks':{}}}"

ClientTalk *
client_talk_new (McpVersion speaks, gboolean bare)
{
  ClientTalk *talk = g_new0 (ClientTalk, 1);
  g_autoptr (json_t) can = fixture_json (ALL_CAPABILITIES);

  talk->client = mcp_client_new (&(McpClientOptions){ .name = "tried",
                                                      .version = "1",
                                                      .speaks = speaks,
                                                      .capabilities = can,
                                                      .max_line = LINE_MOST },
                                 bare ? &silent : &handler, talk);
  talk->outbox = outbox_new ();
  talk->asked = g_string_new (NULL);
  talk->noticed = g_string_new (NULL);
  mcp_client_open (talk->client);
  return talk;
}

ClientTalk *
client_talk_with_server (McpVersion speaks)
{
  ClientTalk *talk = client_talk_new (speaks, FALSE);

  talk->fixture = fixture_new ();
  talk->channel = mcp_channel_new (talk->outbox, NULL, NULL);
  talk->session = mcp_session_new (talk->fixture->server, NULL);
  talk->lines = mcp_lines_new (talk->session, talk->channel, LINE_MOST);
  client_talk_carry (talk);
  g_assert_true (talk->opened);
  g_assert_null (talk->refused);
  return talk;
}

void
client_talk_free (ClientTalk *talk)
{
  mcp_client_free (talk->client);
  g_clear_pointer (&talk->lines, mcp_lines_free);
  g_clear_pointer (&talk->session, mcp_session_free);
  g_clear_pointer (&talk->channel, mcp_channel_free);
  g_clear_pointer (&talk->fixture, fixture_free);
  outbox_free (talk->outbox);
  json_decref (talk->refused);
  json_decref (talk->result);
  json_decref (talk->error);
  g_string_free (talk->asked, TRUE);
  g_string_free (talk->noticed, TRUE);
  g_free (talk);
}

McpClientCall *
client_talk_request (ClientTalk *talk, const char *method, const json_t *params)
{
  return mcp_client_request (talk->client, method, params, on_answered, on_progressed, talk);
}

McpClientCall *
client_talk_begin (ClientTalk *talk, const char *tool, const char *arguments)
{
  g_autoptr (json_t) params
      = json_pack ("{s:s, s:o}", "name", tool, "arguments", fixture_json (arguments));

  return client_talk_request (talk, "tools/call", params);
}

void
client_talk_await (ClientTalk *talk)
{
  guint before = talk->n_answered;

  for (client_talk_carry (talk); talk->n_answered == before; client_talk_carry (talk))
    g_main_context_iteration (NULL, TRUE);
}

const char *
client_talk_call (ClientTalk *talk, const char *tool, const char *arguments)
{
  client_talk_begin (talk, tool, arguments);
  client_talk_await (talk);
  return wire_string (json_array_get (json_object_get (talk->result, "content"), 0), "text");
}

char *
client_talk_said (ClientTalk *talk)
{
  return take_out (mcp_client_outbox (talk->client));
}

char *
client_talk_said_after (ClientTalk *talk, const char *line)
{
  g_free (client_talk_said (talk));
  g_assert_true (mcp_client_push (talk->client, line, strlen (line), NULL));
  return client_talk_said (talk);
}

void
client_talk_played (ClientTalk *talk, const char *line)
{
  g_free (client_talk_said_after (talk, line));
}
