/* SPDX-License-Identifier: MIT */
#include "broker/request/request-private.h"

#include "broker/human/notify.h"
#include "broker/operation/operation.h"
#include "broker/record.h"
#include "broker/request/attention.h"
#include "broker/request/history.h"

/* Absence is refusal. */
static const struct
{
  RequestState from;
  RequestEvent event;
  RequestState to;
} moves[] = {
  { REQUEST_RECEIVED, EVENT_ASK, REQUEST_HELD },
  { REQUEST_RECEIVED, EVENT_COVERED, REQUEST_RECORDING },
  { REQUEST_RECEIVED, EVENT_FAILED, REQUEST_FAILED },
  { REQUEST_RECEIVED, EVENT_DEADLINE, REQUEST_EXPIRED },
  { REQUEST_RECEIVED, EVENT_APPROVED, REQUEST_RECORDING },
  { REQUEST_HELD, EVENT_APPROVED, REQUEST_RECORDING },
  { REQUEST_HELD, EVENT_COVERED, REQUEST_RECORDING },
  { REQUEST_HELD, EVENT_DEADLINE, REQUEST_EXPIRED },
  { REQUEST_RECORDING, EVENT_RECORDED, REQUEST_GRANTED },
  { REQUEST_GRANTED, EVENT_CLAIMED, REQUEST_EXECUTING },
  { REQUEST_GRANTED, EVENT_DEADLINE, REQUEST_EXPIRED },
  { REQUEST_EXECUTING, EVENT_DONE, REQUEST_COMPLETED },
  { REQUEST_EXECUTING, EVENT_FAILED, REQUEST_FAILED },
};

gboolean
request_is_final (const Request *request)
{
  return request->state <= REQUEST_COMPLETED;
}

/* What runs for it, and what it would have run on. */
static void
end_detail (Request *request)
{
  if (request->detail != NULL && request->row->end != NULL)
    request->row->end (request);
  request->detail = NULL;
}

void
request_free (Request *request)
{
  Vault *vault = request->vault;

  end_detail (request);
  request_kept_leave (request);
  loop_deadline_clear (vault->loop, &request->deadline);
  lifetime_clear (vault->lifetimes, &request->lifetime);
  executables_forget (&request->wait);
  grant_free (request->pending_grant);
  requester_unref (request->requester);
  secret_free (request->value);
  g_clear_pointer (&request->tags, g_hash_table_unref);
  g_clear_pointer (&request->result, json_decref);
  g_ptr_array_unref (request->waiters);
  g_clear_pointer (&request->holders, g_ptr_array_unref);
  g_strfreev (request->scopes);
  g_strfreev (request->granted);
  g_strfreev (request->cut);
  question_unref (request->question);
  g_free (request->id);
  g_free (request->key);
  g_free (request->resource);
  g_free (request->binding);
  g_free (request->purpose);
  g_free (request->reference);
  g_free (request->app);
  g_free (request->environment);
  g_free (request->card);
  g_free (request->digest);
  g_free (request->grant_id);
  g_free (request->message);
  g_free (request->by);
  g_free (request->rule);
  g_free (request->ruling);
  g_free (request);
}

const char *
request_status (const Request *request)
{
  switch (request->state)
    {
    case REQUEST_EXPIRED:
      return "expired";
    case REQUEST_FAILED:
      return "failed";
    case REQUEST_COMPLETED:
      return "completed";
    case REQUEST_RECEIVED:
    case REQUEST_HELD:
    case REQUEST_RECORDING:
    case REQUEST_GRANTED:
    case REQUEST_EXECUTING:
      return "pending";
    case REQUEST_DENIED:
    default:
      return "denied";
    }
}

/* Leaves the open set; stays only as long as its outcome may be asked for. */
static void
close_request (Request *request, const Secret *value)
{
  Vault *vault = request->vault;
  Requests *self = vault->requests;

  self->open--;
  attention_leave (vault->attention, request);
  executables_forget (&request->wait);
  if (request->key != NULL && g_hash_table_lookup (self->by_key, request->key) == request)
    g_hash_table_remove (self->by_key, request->key);
  lifetime_clear (vault->lifetimes, &request->lifetime);
  g_clear_pointer (&request->value, secret_free);
  if (request->running)
    grant_stop (vault->grants, request->grant_id);
  request_answer_all (request, value);
  if (request->card != NULL)
    notify_closed (vault, request);
  history_add (vault->history, request);
  end_detail (request);
  /* Only an id that somebody was told can be asked for again; and a value is kept for nobody. */
  if (!request->announced || (request->row->secret_result && request->state == REQUEST_COMPLETED))
    g_hash_table_remove (self->by_id, request->id);
  else
    request_keep (request);
}

static void
enter_queue (Requests *self, Request *request)
{
  g_autofree char *key = grant_target (request->row->operation, request->resource);
  GQueue *alike = g_hash_table_lookup (self->by_subject, key);

  g_queue_push_tail_link (&self->held, &request->held_link);
  if (alike == NULL)
    g_hash_table_insert (self->by_subject, g_steal_pointer (&key), alike = g_queue_new ());
  g_queue_push_tail_link (alike, &request->subject_link);
}

static void
leave_queue (Requests *self, Request *request)
{
  g_autofree char *key = grant_target (request->row->operation, request->resource);
  GQueue *alike = g_hash_table_lookup (self->by_subject, key);

  g_queue_unlink (&self->held, &request->held_link);
  g_queue_unlink (alike, &request->subject_link);
  if (g_queue_is_empty (alike))
    g_hash_table_remove (self->by_subject, key);
}

void
requests_cover (Requests *self, Operation operation, const char *resource)
{
  g_autofree char *key = grant_target (operation, resource);
  GQueue *alike = g_hash_table_lookup (self->by_subject, key);
  g_autoptr (GPtrArray) held = g_ptr_array_new ();

  for (GList *l = alike != NULL ? alike->head : NULL; l != NULL; l = l->next)
    g_ptr_array_add (held, l->data);
  for (guint i = 0; i < held->len; i++)
    {
      Request *request = g_ptr_array_index (held, i);
      Grant *grant = request_covering_grant (request);
      if (grant != NULL && requester_check (request->requester, NULL))
        request_use_grant (request, grant);
    }
}

gboolean
request_move (Request *request, RequestEvent event)
{
  Requests *self = request->vault->requests;
  RequestState from = request->state, to = REQUEST_DENIED;

  if (request_is_final (request))
    return FALSE;
  for (gsize i = 0; i < G_N_ELEMENTS (moves); i++)
    if (moves[i].from == from && moves[i].event == event)
      to = moves[i].to;
  request->state = to;
  request->changed_at = g_get_real_time ();
  if (from == REQUEST_HELD)
    leave_queue (self, request);
  if (to == REQUEST_HELD)
    enter_queue (self, request);
  if (from == REQUEST_HELD || to == REQUEST_HELD)
    notify_count (request->vault);
  return to != REQUEST_DENIED;
}

static void
set_outcome (Request *request, const char *code, const char *message, const char *by)
{
  request->code = code;
  g_free (request->message);
  request->message = g_strdup (message);
  g_free (request->by);
  request->by = g_strdup (by);
}

void
request_refuse (Request *request, const char *code, const char *message, const char *by)
{
  if (request_is_final (request))
    return;
  request_move (request, EVENT_REFUSED);
  g_clear_pointer (&request->pending_grant, grant_free);
  set_outcome (request, code, message, by);
  record_owe_request (request, "request_denied");
  close_request (request, NULL);
}

void
request_finish (Request *request, json_t *result, const Secret *value)
{
  request->result = result;
  if (!request_move (request, EVENT_DONE))
    return;
  close_request (request, value);
}

void
request_fail (Request *request, const char *code, const char *message)
{
  if (!request_move (request, EVENT_FAILED))
    return;
  set_outcome (request, code, message, NULL);
  record_owe_request (request, "request_failed");
  close_request (request, NULL);
}

void
request_on_deadline (gpointer data)
{
  Request *request = data;
  gboolean fetched = request->state != REQUEST_GRANTED;

  if (request_is_final (request))
    {
      g_hash_table_remove (request->vault->requests->by_id, request->id);
      return;
    }
  if (!request_move (request, EVENT_DEADLINE))
    return;
  set_outcome (request, "deadline",
               fetched ? "nobody answered in time; ask again when a person can answer with "
                         "`countersign approve`"
                       : "it was approved, but not fetched in time; ask again",
               NULL);
  record_owe_request (request, "request_expired");
  close_request (request, NULL);
}

void
request_on_requester_gone (gpointer data)
{
  request_refuse (data, "requester_gone", "the requester has ended", NULL);
}

void
request_claim (Request *request)
{
  g_autoptr (GError) error = NULL;

  /* Locked: what was granted waits for the keys, with all else. */
  if (request->state != REQUEST_GRANTED || request->waiters->len == 0
      || request->vault->state != VAULT_UNLOCKED)
    return;
  if (!requester_check (request->requester, &error))
    {
      request_refuse (request, "changed", error->message, NULL);
      return;
    }
  if (!request_move (request, EVENT_CLAIMED))
    return;
  loop_deadline_clear (request->vault->loop, &request->deadline);
  request_tell_running (request, NULL);
  request->row->execute (request);
}
