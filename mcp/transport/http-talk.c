/* SPDX-License-Identifier: MIT */
#include "mcp/transport/http-talk-private.h"

#include <string.h>

/* An answer that is there by then goes out alone; most are. */
#define DECIDE_WAIT (50 * 1000)          /* µs */
#define KEPT_ENDED (10 * G_USEC_PER_SEC) /* its last bytes may have been lost on the way */
#define KEPT_LOST (5 * 60 * G_USEC_PER_SEC)

static void settle (HttpTalk *talk);

/* --- The end of one --- */

static McpSession *
mcp_of (const HttpTalk *talk)
{
  return talk->session != NULL ? http_session_mcp (talk->session) : talk->alone;
}

/* No session knows its channel any more. */
static void
release (HttpTalk *talk)
{
  HttpTalks *all = talk->all;

  http_talk_set_decided (talk);
  http_talk_uncount (talk);
  g_queue_unlink (&all->all, &talk->link);
  mcp_channel_free (talk->channel);
  outbox_free (talk->outbox);
  http_events_free (talk->events);
  http_stream_free (talk->stream);
  if (all->options.owner_unref != NULL)
    all->options.owner_unref (talk->owner);
  g_free (talk);
}

static void
leave_session (HttpTalk *talk)
{
  if (talk->session == NULL)
    return;
  g_queue_unlink (http_session_talks (talk->session), &talk->session_link);
  http_session_touch (talk->session);
  talk->session = NULL;
}

void
http_talk_end (HttpTalk *talk)
{
  if (talk->session != NULL && (!talk->over || talk->listens))
    mcp_session_channel_closed (http_session_mcp (talk->session), talk->channel);
  leave_session (talk);
  mcp_session_free (talk->alone);
  release (talk);
}

void
http_talk_abandon (HttpTalk *talk)
{
  HttpStream *stream = g_steal_pointer (&talk->stream);

  talk->session = NULL;
  if (stream != NULL && http_stream_has_begun (stream))
    http_stream_end (stream);
  else if (stream != NULL)
    http_stream_refuse (stream, SOUP_STATUS_NOT_FOUND, "The session has ended.", NULL);
  release (talk);
}

/* --- What is said --- */

static char *
event_id (const HttpTalk *talk, guint64 number)
{
  return g_strdup_printf ("%u.%" G_GUINT64_FORMAT, talk->number, number);
}

static void
send_event (gpointer user, guint64 number, const char *data, gsize len)
{
  HttpTalk *talk = user;
  g_autofree char *id = talk->events != NULL ? event_id (talk, number) : NULL;

  http_stream_event (talk->stream, id, data, len);
}

/* What waits in the outbox, line by line. */
static void
say_all (HttpTalk *talk)
{
  gsize len;
  const char *line;

  while (line = outbox_peek (talk->outbox, &len), len > 0)
    {
      const char *next = (const char *) memchr (line, '\n', len) + 1;
      gsize bare = next - line - 1;
      guint64 number = talk->events != NULL ? http_events_add (talk->events, line, bare) : 0;
      if (talk->stream != NULL)
        send_event (talk, number, line, bare);
      outbox_drop (talk->outbox, next - line);
    }
}

/* "The server SHOULD immediately send an SSE event consisting of an event ID and an empty data
 * field": since 2025-11-25; clients before it take that for a message. */
static gboolean
primes (const HttpTalk *talk)
{
  return talk->events != NULL && mcp_session_version (mcp_of (talk)) >= MCP_VERSION_2025_11_25;
}

static gboolean
can_come_back (const HttpTalk *talk)
{
  return talk->events != NULL && (primes (talk) || http_events_last (talk->events) > 0);
}

void
http_talk_begin (HttpTalk *talk)
{
  http_talk_set_decided (talk);
  http_stream_begin (talk->stream);
  if (talk->session != NULL && talk->events == NULL)
    talk->events = http_events_new (&talk->all->kept);
  if (!talk->resumes && primes (talk))
    send_event (talk, 0, "", 0);
  if (talk->events != NULL)
    http_events_since (talk->events, talk->after, send_event, talk);
  settle (talk);
}

static gint64
kept_for (gint64 time)
{
  return g_get_monotonic_time () + time;
}

/* The stream ends, what was asked not. */
static void
hang_up (HttpTalk *talk)
{
  talk->hang_up = FALSE;
  if (!can_come_back (talk))
    return;
  http_stream_retry (talk->stream, talk->retry_ms);
  http_stream_end (g_steal_pointer (&talk->stream));
}

static void
end_stream (HttpTalk *talk)
{
  if (talk->stream != NULL)
    http_stream_end (g_steal_pointer (&talk->stream));
  if (talk->events == NULL)
    http_talk_end (talk);
  else
    talk->until = kept_for (KEPT_ENDED);
}

static void
answer_now (HttpTalk *talk)
{
  HttpStream *stream = g_steal_pointer (&talk->stream);

  if (talk->messages == 0)
    http_stream_answer_nothing (stream, SOUP_STATUS_ACCEPTED);
  else
    http_stream_answer (stream, talk->status, talk->outbox);
  http_talk_end (talk);
}

static void
settle_undecided (HttpTalk *talk)
{
  /* A GET asked for a stream, and takes nothing else. */
  gboolean alone
      = !talk->resumes
        && (talk->messages == 0 || (talk->messages == 1 && talk->kind == MCP_MESSAGE_ANSWER));

  if (alone && talk->over && !talk->hang_up && !talk->resumes)
    answer_now (talk);
  else if (!alone || talk->hang_up)
    http_talk_set_undecided (talk, 0);
}

/* Does what can be done now. May free @talk. */
static void
settle (HttpTalk *talk)
{
  if (talk->taking)
    return;
  if (talk->stream != NULL && !http_stream_has_begun (talk->stream))
    {
      settle_undecided (talk);
      return;
    }
  say_all (talk);
  if (talk->hang_up && talk->stream != NULL)
    hang_up (talk);
  if (talk->over && talk->stream != NULL)
    end_stream (talk);
  else if (talk->over && !can_come_back (talk))
    http_talk_end (talk);
  else if (talk->over && talk->until == 0)
    talk->until = kept_for (KEPT_LOST);
}

/* --- What the channel tells --- */

static void
on_message (gpointer user, McpChannel *channel, McpMessageKind kind, guint http_status)
{
  HttpTalk *talk = user;

  if (talk->messages++ == 0)
    {
      talk->kind = kind;
      talk->status = http_status;
    }
  /* An answer ends it, most times: over() tells. */
  if (kind != MCP_MESSAGE_ANSWER || talk->messages > 1)
    settle (talk);
}

static void
on_over (gpointer user, McpChannel *channel)
{
  HttpTalk *talk = user;

  if (talk->listens)
    return;
  talk->over = TRUE;
  http_talk_uncount (talk);
  settle (talk);
}

static void
on_hang_up (gpointer user, McpChannel *channel, guint retry_ms)
{
  HttpTalk *talk = user;

  if (talk->session == NULL || talk->stream == NULL)
    return;
  talk->hang_up = TRUE;
  talk->retry_ms = retry_ms;
  settle (talk);
}

/* --- What the client does --- */

static void
on_gone (gpointer user)
{
  HttpTalk *talk = user;

  http_talk_set_decided (talk);
  g_clear_pointer (&talk->stream, http_stream_free);
  /* A call of the handshake era goes on, and counts until it is over. */
  if (talk->session == NULL || (!can_come_back (talk) && (talk->over || talk->listens)))
    http_talk_end (talk);
  else if (talk->over || talk->listens)
    talk->until = kept_for (KEPT_LOST);
}

void
http_talk_attach (HttpTalk *talk, const HttpAsked *asked)
{
  talk->until = 0;
  talk->stream = http_stream_new (asked->message, asked->request->head->close, on_gone, talk);
}

static void
join_session (HttpTalk *talk, HttpSession *session)
{
  talk->session = session;
  talk->number = http_session_next_number (session);
  g_queue_push_tail_link (http_session_talks (session), &talk->session_link);
  http_session_touch (session);
}

HttpTalk *
http_talk_new (const HttpAsked *asked, HttpSession *session)
{
  static const McpChannelEvents events = { on_message, on_over, on_hang_up };
  HttpTalk *talk = g_new0 (HttpTalk, 1);

  talk->all = asked->all;
  talk->link.data = talk->session_link.data = talk;
  talk->owner = asked->owner;
  talk->body = asked->request->head->body;
  if (asked->all->options.owner_ref != NULL)
    asked->all->options.owner_ref (asked->owner);
  talk->outbox = outbox_new ();
  talk->channel = mcp_channel_new (talk->outbox, &events, talk);
  g_queue_push_tail_link (&asked->all->all, &talk->link);
  http_talk_count (talk);
  if (session != NULL)
    join_session (talk, session);
  http_talk_attach (talk, asked);
  return talk;
}

static const char *
find_param (gpointer user, const char *name)
{
  return http_head_param (user, name);
}

/* A handshake that was good begins a session. */
static void
adopt (HttpTalk *talk)
{
  McpVersion version = talk->alone != NULL ? mcp_session_version (talk->alone) : MCP_VERSION_NONE;

  if (version == MCP_VERSION_NONE || mcp_version_is_modern (version))
    return;
  join_session (talk, http_sessions_add (talk->all->sessions, g_steal_pointer (&talk->alone)));
  http_stream_set_session (talk->stream, http_session_id (talk->session));
}

void
http_talk_post (const HttpAsked *asked, HttpSession *session, json_t *json)
{
  HttpHead *head = asked->request->head;
  const McpHeaders headers
      = { head->protocol_version, head->mcp_method, head->mcp_name, find_param, head };
  HttpTalk *talk = http_talk_new (asked, session);

  if (session == NULL)
    talk->alone = mcp_session_new (asked->all->server, asked->owner);
  talk->taking = TRUE;
  if (json != NULL)
    mcp_session_take (mcp_of (talk), talk->channel, json, &headers);
  else
    mcp_session_take_text (mcp_of (talk), talk->channel, head->body > 0 ? asked->request->body : "",
                           head->body, &headers);
  talk->taking = FALSE;
  adopt (talk);
  if (!talk->over)
    http_talk_set_undecided (talk, DECIDE_WAIT);
  settle (talk);
}

void
http_talk_refuse (const HttpAsked *asked, guint status, const char *why, const char *allow)
{
  http_stream_refuse (http_stream_new (asked->message, asked->request->head->close, NULL, NULL),
                      status, why, allow);
}
