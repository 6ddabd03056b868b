/* SPDX-License-Identifier: MIT */
#include "mcp/transport/http-talk-private.h"

#define TICK G_USEC_PER_SEC
#define BODIES_MOST (32 * 1024 * 1024)     /* bytes, of all that is asked and not answered */
#define OWN_BODIES_MOST (16 * 1024 * 1024) /* and of one owner's */
#define KEPT_MOST (32 * 1024 * 1024)       /* bytes, of all */

/* --- The timer --- */

static void
set_timer (HttpTalks *all)
{
  const HttpTalk *next = g_queue_peek_head (&all->undecided);
  gint64 at = -1;

  if (all->all.length > 0 || http_sessions_count (all->sessions) > 0)
    at = MIN (all->tick, next != NULL ? next->due : G_MAXINT64);
  g_source_set_ready_time (all->timer, at);
}

void
http_talk_set_decided (HttpTalk *talk)
{
  if (talk->undecided_link.data == NULL)
    return;
  g_queue_unlink (&talk->all->undecided, &talk->undecided_link);
  talk->undecided_link.data = NULL;
}

/* @wait: µs; 0: before all others. */
void
http_talk_set_undecided (HttpTalk *talk, gint64 wait)
{
  GQueue *queue = &talk->all->undecided;

  http_talk_set_decided (talk);
  talk->undecided_link.data = talk;
  talk->due = wait > 0 ? g_get_monotonic_time () + wait : 0;
  if (wait > 0)
    g_queue_push_tail_link (queue, &talk->undecided_link);
  else
    g_queue_push_head_link (queue, &talk->undecided_link);
  set_timer (talk->all);
}

/* --- All of them --- */

typedef struct
{
  GSource source; /* first */
  HttpTalks *all;
} TimerSource;

static void
tick (HttpTalks *all, gint64 now)
{
  for (GList *item = all->all.head, *next; item != NULL; item = next)
    {
      HttpTalk *talk = item->data;
      next = item->next;
      if (talk->stream != NULL && http_stream_has_begun (talk->stream))
        http_stream_keep_alive (talk->stream, now);
      else if (talk->until != 0 && talk->until <= now)
        http_talk_end (talk);
    }
  http_sessions_end_all (all->sessions, NULL, now);
  all->tick = now + TICK;
}

static gboolean
on_timer (GSource *source, GSourceFunc callback, gpointer user)
{
  HttpTalks *all = ((TimerSource *) source)->all;
  gint64 now = g_get_monotonic_time ();
  HttpTalk *next;

  if (all->tick <= now)
    tick (all, now);
  while ((next = g_queue_peek_head (&all->undecided)) != NULL && next->due <= now)
    http_talk_begin (next);
  set_timer (all);
  return G_SOURCE_CONTINUE;
}

void
http_talks_init (HttpTalks *all, McpServer *server, const HttpMcpOptions *options)
{
  static GSourceFuncs functions = { .dispatch = on_timer };

  *all = (HttpTalks){ .server = server, .options = *options, .kept = { 0, KEPT_MOST } };
  g_queue_init (&all->all);
  g_queue_init (&all->undecided);
  all->waiting = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  all->timer = g_source_new (&functions, sizeof (TimerSource));
  ((TimerSource *) all->timer)->all = all;
  g_source_attach (all->timer, NULL);
}

void
http_talks_end (HttpTalks *all, gpointer owner)
{
  for (GList *item = all->all.head, *next; item != NULL; item = next)
    {
      HttpTalk *talk = item->data;
      next = item->next;
      if (owner == NULL || talk->owner == owner)
        http_talk_end (talk);
    }
}

void
http_talks_clear (HttpTalks *all)
{
  http_talks_end (all, NULL);
  g_hash_table_unref (all->waiting);
  g_source_destroy (all->timer);
  g_source_unref (all->timer);
}

/* --- What waits for its answer --- */

typedef struct
{
  guint requests;
  gsize bytes;
} Waiting;

/* Counted as they come and go: with a thousand that wait, to look at each would take as long as to
 * answer. */
void
http_talk_count (HttpTalk *talk)
{
  HttpTalks *all = talk->all;
  Waiting *own = g_hash_table_lookup (all->waiting, talk->owner);

  if (own == NULL)
    g_hash_table_insert (all->waiting, talk->owner, own = g_new0 (Waiting, 1));
  own->requests++;
  own->bytes += talk->body;
  all->bytes += talk->body;
  talk->counted = TRUE;
}

void
http_talk_uncount (HttpTalk *talk)
{
  HttpTalks *all = talk->all;
  Waiting *own = g_hash_table_lookup (all->waiting, talk->owner);

  if (!talk->counted)
    return;
  talk->counted = FALSE;
  all->bytes -= talk->body;
  own->bytes -= talk->body;
  if (--own->requests == 0)
    g_hash_table_remove (all->waiting, talk->owner);
}

gboolean
http_talks_have_room (const HttpTalks *all, gpointer owner, gsize body)
{
  const Waiting *own = g_hash_table_lookup (all->waiting, owner);

  return all->bytes + body <= BODIES_MOST
         && (own == NULL
             || (own->requests < all->options.requests_most
                 && own->bytes + body <= OWN_BODIES_MOST));
}
