/* SPDX-License-Identifier: MIT */
#include "mcp/tools/mcp-waiting.h"

#define PROGRESS_EVERY (12 * G_USEC_PER_SEC) /* 10 to 15 s, as clients and proxies expect */
#define UNDER_WAY "under way"

struct _McpWaitingList
{
  GHashTable *asked; /* id → McpWaiting */
  GQueue all;        /* in the order they came */
  GQueue progress;   /* those that are told of, soonest first */
  guint n_held;
};

McpWaitingList *
mcp_waiting_list_new (void)
{
  McpWaitingList *list = g_new0 (McpWaitingList, 1);

  list->asked = g_hash_table_new (g_int64_hash, g_int64_equal);
  g_queue_init (&list->all);
  g_queue_init (&list->progress);
  return list;
}

void
mcp_waiting_list_free (McpWaitingList *list)
{
  if (list == NULL)
    return;
  while (list->all.head != NULL)
    mcp_waiting_end (list, list->all.head->data);
  g_hash_table_unref (list->asked);
  g_free (list);
}

const GQueue *
mcp_waiting_all (const McpWaitingList *list)
{
  return &list->all;
}

McpWaiting *
mcp_waiting_find (McpWaitingList *list, gint64 id)
{
  return g_hash_table_lookup (list->asked, &id);
}

guint
mcp_waiting_n_open (const McpWaitingList *list)
{
  return g_hash_table_size (list->asked) - list->n_held;
}

McpWaiting *
mcp_waiting_new (McpWaitingList *list, McpCall *call, McpQuestion *question, gint64 hold,
                 gint64 now)
{
  McpWaiting *waiting = g_new0 (McpWaiting, 1);

  waiting->call = call;
  waiting->question = question;
  waiting->hold_until = now + hold;
  waiting->link.data = waiting->progress_link.data = waiting;
  g_queue_push_tail_link (&list->all, &waiting->link);
  return waiting;
}

static void
tell_nothing (McpWaitingList *list, McpWaiting *waiting)
{
  if (waiting->progress_due != 0)
    g_queue_unlink (&list->progress, &waiting->progress_link);
  waiting->progress_due = 0;
  g_clear_pointer (&waiting->notice, g_free);
}

static void
no_longer_held (McpWaitingList *list, McpWaiting *waiting)
{
  tell_nothing (list, waiting);
  if (waiting->held)
    list->n_held--;
  waiting->held = FALSE;
}

/* Every @notice is told as long after the one before it, so the queue stays in order. */
static void
tell_later (McpWaitingList *list, McpWaiting *waiting, const char *notice, gint64 now)
{
  tell_nothing (list, waiting);
  if (!mcp_call_wants_progress (waiting->call))
    return;
  waiting->notice = g_strdup (notice);
  waiting->progress_due = now + PROGRESS_EVERY;
  g_queue_push_tail_link (&list->progress, &waiting->progress_link);
}

void
mcp_waiting_set_question (McpWaiting *waiting, McpQuestion *question)
{
  mcp_question_unref (waiting->question);
  waiting->question = question;
}

static void
forget_id (McpWaitingList *list, McpWaiting *waiting)
{
  no_longer_held (list, waiting);
  if (waiting->id != 0)
    g_hash_table_remove (list->asked, &waiting->id);
  waiting->id = 0;
}

void
mcp_waiting_set_asked (McpWaitingList *list, McpWaiting *waiting, gint64 id, gint64 now)
{
  forget_id (list, waiting);
  if (id == 0)
    return;
  waiting->id = id;
  g_hash_table_insert (list->asked, &waiting->id, waiting);
  if (mcp_question_is_long (waiting->question))
    tell_later (list, waiting, UNDER_WAY, now);
}

void
mcp_waiting_end (McpWaitingList *list, McpWaiting *waiting)
{
  forget_id (list, waiting);
  g_queue_unlink (&list->all, &waiting->link);
  mcp_question_unref (waiting->question);
  mcp_vault_free (waiting->vault);
  g_free (waiting->resume);
  g_free (waiting->task);
  g_free (waiting);
}

void
mcp_waiting_set_held (McpWaitingList *list, McpWaiting *waiting, const char *notice, gint64 now)
{
  no_longer_held (list, waiting);
  waiting->held = TRUE;
  list->n_held++;
  mcp_call_progress (waiting->call, notice);
  tell_later (list, waiting, notice, now);
}

void
mcp_waiting_set_running (McpWaitingList *list, McpWaiting *waiting, const char *text, gint64 now)
{
  no_longer_held (list, waiting);
  mcp_call_progress (waiting->call, text);
  tell_later (list, waiting, UNDER_WAY, now);
}

gint64
mcp_waiting_due (const McpWaitingList *list)
{
  const McpWaiting *first = g_queue_peek_head ((GQueue *) &list->progress);
  return first != NULL ? first->progress_due : G_MAXINT64;
}

void
mcp_waiting_tick (McpWaitingList *list, gint64 now)
{
  while (mcp_waiting_due (list) <= now)
    {
      McpWaiting *waiting = list->progress.head->data;
      g_autofree char *notice = g_steal_pointer (&waiting->notice);
      mcp_call_progress (waiting->call, notice);
      tell_later (list, waiting, notice, now);
    }
}

/* Seconds, rounded up: a call that has a moment left is still held. */
static gint64
hold_left (const McpWaiting *waiting, gint64 now)
{
  gint64 left = waiting->hold_until - now;
  return left > 0 ? (left + G_USEC_PER_SEC - 1) / G_USEC_PER_SEC : 0;
}

json_t *
mcp_waiting_message (const McpWaiting *waiting, gint64 now, int fds[MCP_QUESTION_FDS],
                     GError **error)
{
  json_t *message = mcp_question_message (waiting->question, hold_left (waiting, now),
                                          mcp_call_wants_progress (waiting->call), fds, error);

  if (message != NULL && waiting->resume != NULL)
    json_object_set_new (message, "resume", json_string (waiting->resume));
  return message;
}
