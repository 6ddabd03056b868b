/* SPDX-License-Identifier: MIT */
#include "mcp/transport/http-talk-private.h"

#include <string.h>

/* One that nobody listens to any more gives way. */
static gboolean
is_listened_to (HttpSession *session)
{
  for (GList *item = http_session_talks (session)->head; item != NULL; item = item->next)
    {
      HttpTalk *talk = item->data;
      if (!talk->listens)
        continue;
      if (talk->stream != NULL)
        return TRUE;
      http_talk_end (talk);
      return FALSE;
    }
  return FALSE;
}

void
http_talk_listen (const HttpAsked *asked, HttpSession *session)
{
  if (is_listened_to (session))
    {
      http_talk_refuse (asked, SOUP_STATUS_CONFLICT,
                        "This session has a stream already that is listened to.", NULL);
      return;
    }
  HttpTalk *talk = http_talk_new (asked, session);
  talk->listens = mcp_session_listen (http_session_mcp (session), talk->channel);
  http_talk_set_undecided (talk, 0);
}

/* --- Coming back --- */

static gboolean
read_event_id (const char *text, guint64 *talk, guint64 *event)
{
  const char *dot = strchr (text, '.');
  g_autofree char *first = dot != NULL ? g_strndup (text, dot - text) : NULL;

  return dot != NULL && g_ascii_string_to_unsigned (first, 10, 1, G_MAXUINT, talk, NULL)
         && g_ascii_string_to_unsigned (dot + 1, 10, 0, G_MAXUINT64, event, NULL);
}

static HttpTalk *
find_talk (HttpSession *session, guint64 number)
{
  for (GList *item = http_session_talks (session)->head; item != NULL; item = item->next)
    {
      HttpTalk *talk = item->data;
      if (talk->number == number && talk->events != NULL)
        return talk;
    }
  return NULL;
}

void
http_talk_resume (const HttpAsked *asked, HttpSession *session, const char *event)
{
  guint64 number, after;
  HttpTalk *talk = read_event_id (event, &number, &after) ? find_talk (session, number) : NULL;

  if (talk == NULL || after > http_events_last (talk->events))
    {
      http_talk_refuse (asked, SOUP_STATUS_BAD_REQUEST,
                        "Last-Event-ID is not that of a stream which is still there.", NULL);
      return;
    }
  /* The connection that it was on broke without our seeing it. */
  g_clear_pointer (&talk->stream, http_stream_free);
  talk->resumes = TRUE;
  talk->after = after;
  http_talk_attach (talk, asked);
  http_talk_set_undecided (talk, 0);
}
