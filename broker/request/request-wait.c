/* SPDX-License-Identifier: MIT
 *
 * Those who wait for a request: told when it is held, answered once, gone when they cancel.
 */
#include "broker/request/request-private.h"

#include "broker/operation/operation.h"

void
request_answer_all (Request *request, const Secret *value)
{
  g_autoptr (GPtrArray) waiters = g_steal_pointer (&request->waiters);

  request->waiters = g_ptr_array_new ();
  for (guint i = 0; i < waiters->len; i++)
    {
      Waiter *waiter = g_ptr_array_index (waiters, i);
      loop_deadline_clear (request->vault->loop, &waiter->hold);
      waiter->request = NULL;
      waiter->answer (waiter, request, FALSE, value);
    }
}

void
request_tell_held (Request *request, Waiter *only)
{
  request->announced = TRUE;
  if (only != NULL)
    {
      only->held (only, request);
      return;
    }
  for (guint i = 0; i < request->waiters->len; i++)
    {
      Waiter *waiter = g_ptr_array_index (request->waiters, i);
      waiter->held (waiter, request);
    }
}

/* Whoever heard that it is held hears that it is no longer. */
void
request_tell_running (Request *request, Waiter *only)
{
  if (!request->row->slow || !request->announced)
    return;
  for (guint i = 0; i < request->waiters->len; i++)
    {
      Waiter *waiter = g_ptr_array_index (request->waiters, i);
      if (only == NULL || waiter == only)
        waiter->held (waiter, request);
    }
}

static void
on_hold_due (gpointer data)
{
  Waiter *waiter = data;
  Request *request = waiter->request;

  /* It was fetched, and the one answer is on its way: to say "pending" now would lose it. Unless it
   * takes its time: then its result is kept. */
  if (request->state == REQUEST_EXECUTING && !request->row->slow)
    return;
  request->handed_out = request->announced = TRUE;
  g_ptr_array_remove (request->waiters, waiter);
  waiter->request = NULL;
  waiter->answer (waiter, request, TRUE, NULL);
}

void
request_add_waiter (Request *request, gint64 hold_seconds, Waiter *waiter)
{
  waiter->request = request;
  g_ptr_array_add (request->waiters, waiter);
  waiter->hold = (Deadline){ .due = on_hold_due, .data = waiter };
  loop_deadline_set (request->vault->loop, &waiter->hold,
                     loop_now () + hold_seconds * G_USEC_PER_SEC);
}

void
request_wait (Request *request, gint64 hold_seconds, Waiter *waiter)
{
  if (request_is_final (request))
    {
      waiter->answer (waiter, request, FALSE, NULL);
      return;
    }
  request_add_waiter (request, hold_seconds, waiter);
  if (request->state == REQUEST_GRANTED)
    request_claim (request);
  else if (request->state == REQUEST_HELD
           || (request->state == REQUEST_RECEIVED && request->vault->state != VAULT_UNLOCKED))
    request_tell_held (request, waiter);
  else if (request->state == REQUEST_EXECUTING)
    request_tell_running (request, waiter);
}

void
request_progress (Request *request, const char *stream, const char *text)
{
  for (guint i = 0; i < request->waiters->len; i++)
    {
      Waiter *waiter = g_ptr_array_index (request->waiters, i);
      if (waiter->progress != NULL)
        waiter->progress (waiter, stream, text);
    }
}

void
request_withdraw (Request *request)
{
  if (request->state != REQUEST_EXECUTING || request->row->slow)
    request_refuse (request, "cancelled", "withdrawn by the requester", NULL);
}

void
request_forsake (Waiter *waiter, gboolean withdraw)
{
  Request *request = waiter->request;

  if (request == NULL)
    return;
  loop_deadline_clear (request->vault->loop, &waiter->hold);
  g_ptr_array_remove (request->waiters, waiter);
  waiter->request = NULL;
  if (request->waiters->len == 0 && (withdraw || !request->handed_out)
      && (request->state == REQUEST_HELD || request->state == REQUEST_RECEIVED
          || (request->state == REQUEST_EXECUTING && request->row->slow)))
    request_refuse (request, request->vault->leaving ? "replaced" : "cancelled",
                    request->vault->leaving ? "to be asked again of the broker that comes next"
                                            : "withdrawn by the requester",
                    NULL);
}
