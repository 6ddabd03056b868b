/* SPDX-License-Identifier: MIT
 *
 * How a request begins: attached to one that is alike, checked against the policy, covered by a
 * live grant, or held.
 */
#include "broker/request/request-private.h"

#include "broker/accepted.h"
#include "broker/base/text.h"
#include "broker/grant/standing.h"
#include "broker/human/notify.h"
#include "broker/operation/operation.h"
#include "broker/record.h"
#include "broker/request/attention.h"
#include "broker/request/decision.h"
#include "broker/request/request-card.h"

#define OPEN_MAX 20000
#define WAITERS_MAX 256 /* on one request */

/* Before a person, unless they need not be troubled. */
static void
hold (Request *request)
{
  g_autofree char *message = NULL;
  const char *code = attention_refuses (request->vault->attention, request, &message);

  if (code != NULL)
    {
      request_refuse (request, code, message, NULL);
      return;
    }
  request_card_make (request);
  request_move (request, EVENT_ASK);
  request_record_held (request);
  request_tell_held (request, NULL);
  notify_held (request->vault, request);
}

void
request_spend (Request *request, Grant *grant)
{
  request->spent = TRUE;
  request->running = request->row->slow || request->lasting;
  if (request->running)
    grant_run (grant);
  else
    grant_spend (grant);
}

void
request_use_grant (Request *request, Grant *grant)
{
  gboolean counted = grant->uses_left != GRANT_UNLIMITED;

  request->grant_id = g_strdup (grant->id);
  request->granted = g_strdupv (request->scopes);
  request_move (request, EVENT_COVERED);
  if (request->row->records_use)
    {
      request_spend (request, grant);
      request_recorded (request); /* may be its end */
      return;
    }
  AuditRecord *used = record_grant (request->vault, grant, "grant_used");
  audit_record_string (used, "for", request->id);
  request_record (request, used, counted ? AUDIT_SYNCED : AUDIT_WRITTEN, NULL, NULL);
  if (request->row->operation != OPERATION_GET_SECRET)
    request_spend (request, grant); /* before it is used, so that it cannot be used twice at once */
}

static gboolean
is_allowed (const Request *request)
{
  return request->bounds.verdict == POLICY_ALLOW
         && policy_may_allow (request->row->operation, !request->vault->system);
}

/* In user mode a rule that allows has no effect on what discloses or changes secrets: anything of
 * the person's could be the requester. Then FALSE: it is asked. */
static gboolean
allow_unasked (Request *request)
{
  Vault *vault = request->vault;
  g_autofree char *by = NULL;
  const char *standing;

  if (is_allowed (request))
    {
      g_autofree char *rule = policy_rule_text (vault->policy, request->bounds.rule);
      by = g_strconcat ("policy: ", rule, NULL);
    }
  else if ((standing = standing_answer (vault->standing, request)) != NULL)
    by = g_strconcat ("standing rule ", standing, NULL);
  else
    return FALSE;
  decision_allow (request, by);
  return TRUE;
}

Grant *
request_covering_grant (const Request *request)
{
  if (!request->row->reusable)
    return NULL;
  if (request->row->cover != NULL)
    return request->row->cover (request);
  return grants_cover (request->vault->grants, request->row->operation, request->resource,
                       (const char *const *) request->scopes, request->binding, request->requester);
}

void
request_settled (Request *request)
{
  request->settling = FALSE;
  if (request->vault->state != VAULT_UNLOCKED)
    {
      request_tell_held (request, NULL); /* locked meanwhile: it begins again after `unlock` */
      return;
    }
  if (!request_passes_policy (request)
      || (request->row->check != NULL && !request->row->check (request)))
    return;
  Grant *grant = request_covering_grant (request);
  if (is_allowed (request) && request->bounds.notify)
    notify_told (request, "allowed");
  if (grant != NULL)
    request_use_grant (request, grant);
  else if (!allow_unasked (request))
    hold (request);
}

static void
settle (Request *request)
{
  if (request->row->settle == NULL)
    request_settled (request);
  else if (!request->settling)
    {
      request->settling = TRUE;
      request->row->settle (request);
    }
}

static void
on_executable (gpointer data)
{
  Request *request = data;

  if (request->vault->state == VAULT_UNLOCKED)
    settle (request);
  else
    request_tell_held (request, NULL); /* it begins again after `unlock` */
}

/* The vault is open: what is asked can be held against what is there, as soon as it is known what
 * the policy looks at. */
static void
check (Request *request)
{
  Vault *vault = request->vault;

  if (request->settling || request->wait.in != NULL)
    return;
  request->wait = (ExecutableWait){ .found = on_executable, .data = request };
  if (requester_is_subject (request->requester)
      || !executables_wait (vault->executables, request->requester->process,
                            policy_needs (vault->policy), &request->wait))
    settle (request);
}

static Request *
request_new (Vault *vault, const OperationRow *row, Requester *requester)
{
  Request *request = g_new0 (Request, 1);

  request->id = text_random_id (10);
  request->row = row;
  request->vault = vault;
  request->requester = requester_ref (requester);
  request->state = REQUEST_RECEIVED;
  request->risk = row->risk;
  request->received_at = request->changed_at = g_get_real_time ();
  request->due_at = request->received_at + vault->hold_limit * G_USEC_PER_SEC;
  request->waiters = g_ptr_array_new ();
  request->held_link = (GList){ .data = request };
  request->subject_link = (GList){ .data = request };
  request->deadline = (Deadline){ .due = request_on_deadline, .data = request };
  request->lifetime = (Lifetime){ .gone = request_on_requester_gone, .data = request };
  return request;
}

/* @attaches: calls like it do not become requests of their own. */
static void
enter (Request *request, gboolean attaches, gint64 hold_seconds, Waiter *waiter)
{
  Vault *vault = request->vault;
  Requests *self = vault->requests;
  gboolean room = attention_enter (vault->attention, request);

  self->open++;
  g_hash_table_insert (self->by_id, request->id, request);
  if (attaches)
    g_hash_table_insert (self->by_key, request->key, request);
  loop_deadline_set (vault->loop, &request->deadline,
                     loop_now () + vault->hold_limit * G_USEC_PER_SEC);
  request_add_waiter (request, hold_seconds, waiter);

  if (!requester_is_subject (request->requester)
      && !lifetime_set (vault->lifetimes, &request->lifetime, request->requester->process, NULL))
    request_refuse (request, "requester_gone", "the requester has ended", NULL);
  else if (!room)
    request_refuse (request, "too_many",
                    "this program has as many requests open as one may have; wait for an answer",
                    NULL);
  else if (vault->state == VAULT_PANICKED)
    request_refuse (request, "panic",
                    "a person stopped all access with `countersign panic`; it goes on after "
                    "`countersign unlock`",
                    NULL);
  else if (vault->state == VAULT_UNLOCKED)
    check (request);
  else
    request_tell_held (request, waiter); /* the broker that comes after `unlock` will check it */
}

gboolean
request_submit (Vault *vault, const OperationRow *row, Requester *requester, json_t *args,
                const OperationFiles *files, gint64 hold_seconds, Waiter *waiter, GError **error)
{
  /* Where a socket or a file is passed, each is a request of its own. */
  gboolean attaches = files->output < 0 && files->relay < 0;
  g_autofree char *key = request_key (requester, row, args, files->input);
  Request *same = attaches ? g_hash_table_lookup (vault->requests->by_key, key) : NULL;

  if (same != NULL && same->waiters->len >= WAITERS_MAX)
    {
      g_set_error (error, SECRET_ERROR, SECRET_ERROR_FULL, "%d calls like this one wait already",
                   WAITERS_MAX);
      return FALSE;
    }
  if (same != NULL)
    {
      request_wait (same, hold_seconds, waiter);
      return TRUE;
    }
  if (vault->requests->open >= OPEN_MAX)
    {
      g_set_error (error, SECRET_ERROR, SECRET_ERROR_FULL,
                   "too many requests are waiting (%d); try again later", OPEN_MAX);
      return FALSE;
    }
  Request *request = request_new (vault, row, requester);
  request->key = g_steal_pointer (&key);
  if (!row->prepare (request, args, files, error))
    {
      request_free (request);
      return FALSE;
    }
  enter (request, attaches, hold_seconds, waiter);
  return TRUE;
}

void
requests_go_on (Requests *self)
{
  g_autoptr (GPtrArray) ids = g_ptr_array_new_with_free_func (g_free);
  GHashTableIter iter;
  gpointer id;

  g_hash_table_iter_init (&iter, self->by_id);
  while (g_hash_table_iter_next (&iter, &id, NULL))
    g_ptr_array_add (ids, g_strdup (id));
  for (guint i = 0; i < ids->len; i++)
    {
      /* One that is answered may take others with it. */
      Request *request = requests_find (self, g_ptr_array_index (ids, i), NULL);
      if (request != NULL && request->state == REQUEST_RECEIVED)
        check (request);
      else if (request != NULL && request->state == REQUEST_GRANTED)
        request_claim (request);
    }
}
