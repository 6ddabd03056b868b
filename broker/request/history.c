/* SPDX-License-Identifier: MIT */
#include "broker/request/history.h"

#include "broker/base/text.h"
#include "broker/operation/operation.h"

struct _History
{
  GQueue events; /* of json_t, the newest first */
};

History *
history_new (void)
{
  return g_new0 (History, 1);
}

void
history_free (History *self)
{
  if (self == NULL)
    return;
  g_queue_clear_full (&self->events, (GDestroyNotify) json_decref);
  g_free (self);
}

void
history_add (History *self, const Request *request)
{
  g_autofree char *time = text_format_time (g_get_real_time ());

  json_t *event
      = json_pack ("{s:s, s:s, s:s, s:s, s:s*, s:s, s:s*, s:s*}", "request_id", request->id, "time",
                   time, "who", request->requester->name, "operation",
                   operation_name (request->row->operation), "resource", request->resource,
                   "status", request_status (request), "code", request->code, "by", request->by);

  if (!requester_is_subject (request->requester))
    json_object_set_new (event, "pid", json_integer (process_pid (request->requester->process)));
  g_queue_push_head (&self->events, event);
  if (self->events.length > HISTORY_MAX)
    json_decref (g_queue_pop_tail (&self->events));
}

GPtrArray *
history_list (const History *self)
{
  GPtrArray *list = g_ptr_array_sized_new (self->events.length);

  for (GList *l = self->events.head; l != NULL; l = l->next)
    g_ptr_array_add (list, l->data);
  return list;
}
