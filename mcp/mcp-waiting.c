/* SPDX-License-Identifier: MIT */
#include "mcp/mcp-waiting.h"

#include "mcp/mcp-value.h"

#define PROGRESS_EVERY (15 * G_USEC_PER_SEC)

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
mcp_waiting_new (McpWaitingList *list, McpCall *call, const char *method, json_t *params,
                 gint64 hold, gint64 now)
{
  McpWaiting *waiting = g_new0 (McpWaiting, 1);

  waiting->call = call;
  waiting->method = method;
  waiting->params = json_incref (params);
  waiting->hold_until = now + hold;
  waiting->link.data = waiting->progress_link.data = waiting;
  g_queue_push_tail_link (&list->all, &waiting->link);
  return waiting;
}

static void
no_longer_held (McpWaitingList *list, McpWaiting *waiting)
{
  if (waiting->notice == NULL)
    return;
  if (waiting->progress_due != 0)
    g_queue_unlink (&list->progress, &waiting->progress_link);
  waiting->progress_due = 0;
  g_clear_pointer (&waiting->notice, g_free);
  list->n_held--;
}

void
mcp_waiting_set_asked (McpWaitingList *list, McpWaiting *waiting, gint64 id)
{
  no_longer_held (list, waiting);
  if (waiting->id != 0)
    g_hash_table_remove (list->asked, &waiting->id);
  waiting->id = id;
  if (id != 0)
    g_hash_table_insert (list->asked, &waiting->id, waiting);
}

void
mcp_waiting_end (McpWaitingList *list, McpWaiting *waiting)
{
  mcp_waiting_set_asked (list, waiting, 0);
  g_queue_unlink (&list->all, &waiting->link);
  json_decref (waiting->params);
  g_free (waiting);
}

static void
tell_progress (McpWaitingList *list, McpWaiting *waiting, gint64 now)
{
  mcp_call_progress (waiting->call, waiting->notice);
  waiting->progress_due = now + PROGRESS_EVERY;
  g_queue_push_tail_link (&list->progress, &waiting->progress_link);
}

void
mcp_waiting_set_held (McpWaitingList *list, McpWaiting *waiting, const char *notice, gint64 now)
{
  no_longer_held (list, waiting);
  waiting->notice = g_strdup (notice);
  list->n_held++;
  if (mcp_call_wants_progress (waiting->call))
    tell_progress (list, waiting, now);
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
      g_queue_unlink (&list->progress, &waiting->progress_link);
      tell_progress (list, waiting, now);
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
mcp_waiting_params (const McpWaiting *waiting, gint64 now, int *fd, GError **error)
{
  g_autoptr (json_t) params
      = waiting->params != NULL ? json_copy (waiting->params) : json_object ();
  const json_t *value = json_object_get (params, "value");

  *fd = -1;
  json_object_set_new (params, "hold_seconds", json_integer (hold_left (waiting, now)));
  if (json_string_length (value) > MCP_VALUE_INLINE)
    {
      if ((*fd = mcp_value_send (value, error)) < 0)
        return NULL;
      json_object_del (params, "value");
      json_object_set_new (params, "value_fd", json_true ());
    }
  return g_steal_pointer (&params);
}
