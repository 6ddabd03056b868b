/* SPDX-License-Identifier: MIT */
#include "broker/request.h"

#include "broker/base/text.h"
#include "broker/notify.h"
#include "broker/operation.h"
#include "broker/record.h"
#include "broker/request-card.h"

#define KEPT (300 * G_USEC_PER_SEC) /* how long an outcome may still be asked for */
#define OPEN_MAX 20000

typedef enum
{
  EVENT_ASK,     /* checked: a person is to be asked */
  EVENT_COVERED, /* checked: a live grant has it */
  EVENT_REFUSED, /* by policy, person, panic, shutdown, requester gone, cancelled */
  EVENT_DEADLINE,
  EVENT_APPROVED,
  EVENT_RECORDED,
  EVENT_CLAIMED,
  EVENT_DONE,
  EVENT_FAILED
} RequestEvent;

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
  { REQUEST_HELD, EVENT_APPROVED, REQUEST_RECORDING },
  { REQUEST_HELD, EVENT_DEADLINE, REQUEST_EXPIRED },
  { REQUEST_RECORDING, EVENT_RECORDED, REQUEST_GRANTED },
  { REQUEST_GRANTED, EVENT_CLAIMED, REQUEST_EXECUTING },
  { REQUEST_GRANTED, EVENT_DEADLINE, REQUEST_EXPIRED },
  { REQUEST_EXECUTING, EVENT_DONE, REQUEST_COMPLETED },
  { REQUEST_EXECUTING, EVENT_FAILED, REQUEST_FAILED },
};

struct _Requests
{
  Vault *vault;
  GHashTable *by_id;  /* owns */
  GHashTable *by_key; /* open ones */
  GQueue held;        /* Request, oldest first */
  guint open;
};

static gboolean
is_final (RequestState state)
{
  return state <= REQUEST_COMPLETED;
}

static void
request_free (Request *request)
{
  Vault *vault = request->vault;

  loop_deadline_clear (vault->loop, &request->deadline);
  lifetime_clear (vault->lifetimes, &request->lifetime);
  grant_free (request->pending_grant);
  requester_unref (request->requester);
  secret_free (request->value);
  g_clear_pointer (&request->tags, g_hash_table_unref);
  g_clear_pointer (&request->result, json_decref);
  g_ptr_array_unref (request->waiters);
  g_clear_pointer (&request->holders, g_ptr_array_unref);
  g_strfreev (request->scopes);
  g_free (request->id);
  g_free (request->key);
  g_free (request->resource);
  g_free (request->purpose);
  g_free (request->reference);
  g_free (request->app);
  g_free (request->environment);
  g_free (request->card);
  g_free (request->digest);
  g_free (request->grant_id);
  g_free (request->message);
  g_free (request->by);
  g_free (request);
}

Requests *
requests_new (Vault *vault)
{
  Requests *self = g_new0 (Requests, 1);

  self->vault = vault;
  self->by_id
      = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, (GDestroyNotify) request_free);
  self->by_key = g_hash_table_new (g_str_hash, g_str_equal);
  return self;
}

void
requests_free (Requests *self)
{
  if (self == NULL)
    return;
  g_hash_table_unref (self->by_key);
  g_hash_table_unref (self->by_id);
  g_free (self);
}

guint
requests_count_held (const Requests *self)
{
  return self->held.length;
}

guint
requests_count_open (const Requests *self)
{
  return self->open;
}

GPtrArray *
requests_held (Requests *self)
{
  GPtrArray *list = g_ptr_array_sized_new (self->held.length);
  for (GList *l = self->held.head; l != NULL; l = l->next)
    g_ptr_array_add (list, l->data);
  return list;
}

Request *
requests_find (Requests *self, const char *id, const Requester *requester)
{
  Request *request = g_hash_table_lookup (self->by_id, id);

  if (request != NULL && requester != NULL
      && !process_equal (request->requester->process, requester->process))
    return NULL;
  return request;
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

/* A waiter is answered once, and is then its owner's to free. */
static void
answer_all (Request *request, const Secret *value)
{
  while (request->waiters->len > 0)
    {
      Waiter *waiter = g_ptr_array_steal_index (request->waiters, 0);
      loop_deadline_clear (request->vault->loop, &waiter->hold);
      waiter->request = NULL;
      waiter->answer (waiter, request, FALSE, value);
    }
}

static void on_deadline (gpointer data);

/* Leaves the open set; stays only as long as its outcome may be asked for. */
static void
close_request (Request *request, const Secret *value)
{
  Vault *vault = request->vault;
  Requests *self = vault->requests;

  self->open--;
  if (request->key != NULL && g_hash_table_lookup (self->by_key, request->key) == request)
    g_hash_table_remove (self->by_key, request->key);
  lifetime_clear (vault->lifetimes, &request->lifetime);
  g_clear_pointer (&request->value, secret_free);
  answer_all (request, value);
  if (request->card != NULL)
    notify_closed (vault, request);
  /* Only an id that somebody was told can be asked for again; and a value is kept for nobody. */
  if (!request->announced || (request->row->secret_result && request->state == REQUEST_COMPLETED))
    g_hash_table_remove (self->by_id, request->id);
  else
    loop_deadline_set (vault->loop, &request->deadline, loop_now () + KEPT);
}

/* The only place that changes a state. A move that is not in the table is a denial; one away from a
 * final state is none at all. */
static gboolean
move (Request *request, RequestEvent event)
{
  Requests *self = request->vault->requests;
  RequestState from = request->state, to = REQUEST_DENIED;

  if (is_final (from))
    return FALSE;
  for (gsize i = 0; i < G_N_ELEMENTS (moves); i++)
    if (moves[i].from == from && moves[i].event == event)
      to = moves[i].to;
  request->state = to;
  if (from == REQUEST_HELD)
    g_queue_unlink (&self->held, &request->held_link);
  if (to == REQUEST_HELD)
    g_queue_push_tail_link (&self->held, &request->held_link);
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
  if (is_final (request->state))
    return;
  move (request, EVENT_REFUSED);
  g_clear_pointer (&request->pending_grant, grant_free);
  set_outcome (request, code, message, by);
  record_owe (request->vault, record_request (request, "request_denied"));
  close_request (request, NULL);
}

void
request_finish (Request *request, json_t *result, const Secret *value)
{
  request->result = result;
  if (!move (request, EVENT_DONE))
    return;
  close_request (request, value);
}

void
request_fail (Request *request, const char *code, const char *message)
{
  if (!move (request, EVENT_FAILED) && request->state != REQUEST_FAILED)
    return;
  set_outcome (request, code, message, NULL);
  record_owe (request->vault, record_request (request, "request_failed"));
  close_request (request, NULL);
}

static void
on_deadline (gpointer data)
{
  Request *request = data;
  gboolean fetched = request->state != REQUEST_GRANTED;

  if (is_final (request->state))
    {
      g_hash_table_remove (request->vault->requests->by_id, request->id);
      return;
    }
  if (!move (request, EVENT_DEADLINE))
    return;
  set_outcome (request, "deadline",
               fetched ? "nobody answered in time; ask again when a person can answer with "
                         "`countersign approve`"
                       : "it was approved, but not fetched in time; ask again",
               NULL);
  record_owe (request->vault, record_request (request, "request_expired"));
  close_request (request, NULL);
}

static void
on_requester_gone (gpointer data)
{
  request_refuse (data, "requester_gone", "the requester has ended", NULL);
}

/* Executes what was granted, if somebody is there to receive it. */
static void
claim (Request *request)
{
  g_autoptr (GError) error = NULL;

  if (request->state != REQUEST_GRANTED || request->waiters->len == 0)
    return;
  if (!requester_check (request->requester, &error))
    {
      request_refuse (request, "changed", error->message, NULL);
      return;
    }
  if (!move (request, EVENT_CLAIMED))
    return;
  loop_deadline_clear (request->vault->loop, &request->deadline);
  request->row->execute (request);
}

/* ---- waiting ---- */

static void
tell_held (Request *request, Waiter *waiter)
{
  request->announced = TRUE;
  waiter->held (waiter, request);
}

static void
on_hold_due (gpointer data)
{
  Waiter *waiter = data;
  Request *request = waiter->request;

  request->handed_out = TRUE;
  g_ptr_array_remove (request->waiters, waiter);
  waiter->request = NULL;
  waiter->answer (waiter, request, TRUE, NULL);
}

void
request_wait (Request *request, gint64 hold_seconds, Waiter *waiter)
{
  waiter->request = request;
  if (is_final (request->state))
    {
      waiter->request = NULL;
      waiter->answer (waiter, request, FALSE, NULL);
      return;
    }
  g_ptr_array_add (request->waiters, waiter);
  waiter->hold = (Deadline){ .due = on_hold_due, .data = waiter };
  loop_deadline_set (request->vault->loop, &waiter->hold,
                     loop_now () + hold_seconds * G_USEC_PER_SEC);
  if (request->state == REQUEST_GRANTED)
    claim (request);
  else if (request->state == REQUEST_HELD || request->state == REQUEST_RECEIVED)
    tell_held (request, waiter);
}

void
request_forsake (Waiter *waiter)
{
  Request *request = waiter->request;

  if (request == NULL)
    return;
  loop_deadline_clear (request->vault->loop, &waiter->hold);
  g_ptr_array_remove (request->waiters, waiter);
  waiter->request = NULL;
  if (request->waiters->len == 0 && !request->handed_out
      && (request->state == REQUEST_HELD || request->state == REQUEST_RECEIVED))
    request_refuse (request, "cancelled", "withdrawn by the requester", NULL);
}

/* ---- recording ---- */

typedef struct
{
  Vault *vault;
  char *id;
  WriterDone done; /* of the approver; may be NULL */
  gpointer data;
} Recording;

/* What was approved is live from here on. */
static void
make_live (Request *request)
{
  Vault *vault = request->vault;
  Grant *grant = g_steal_pointer (&request->pending_grant);
  gint64 until = loop_now () + vault->hold_limit * G_USEC_PER_SEC;

  move (request, EVENT_RECORDED);
  if (grant != NULL && !request->row->reusable)
    g_clear_pointer (&grant, grant_free); /* for one execution: the request itself stands for it */
  if (grant != NULL)
    until = grant->not_after;
  if (grant != NULL && !grants_add (vault->grants, grant))
    {
      request_refuse (request, "requester_gone", "the holder of the grant has ended", NULL);
      return;
    }
  loop_deadline_set (vault->loop, &request->deadline, until);
  claim (request);
}

static void
on_recorded (gpointer data, const GError *error)
{
  Recording *recording = data;
  Request *request = requests_find (recording->vault->requests, recording->id, NULL);
  g_autoptr (GError) gone = NULL;

  if (request == NULL || request->state != REQUEST_RECORDING)
    gone = g_error_new_literal (PROCESS_ERROR, PROCESS_ERROR_GONE, "the requester has ended");
  else if (error == NULL)
    make_live (request);
  else
    {
      g_autofree char *message
          = g_strdup_printf ("refused: the audit record could not be written (%s)", error->message);
      request_refuse (request, "audit", message, NULL);
    }
  if (recording->done != NULL)
    recording->done (recording->data, gone != NULL ? gone : error);
  g_free (recording->id);
  g_free (recording);
}

static void
record (Request *request, AuditRecord *what, AuditLevel level, WriterDone done, gpointer data)
{
  Recording *recording = g_new0 (Recording, 1);

  recording->vault = request->vault;
  recording->id = g_strdup (request->id);
  recording->done = done;
  recording->data = data;
  audit_append (request->vault->audit, what, level, on_recorded, recording);
}

void
request_approve (Request *request, Grant *grant, const char *by, WriterDone done, gpointer data)
{
  if (!move (request, EVENT_APPROVED))
    {
      grant_free (grant);
      return;
    }
  request->pending_grant = grant;
  request->grant_id = g_strdup (grant->id);
  g_free (request->by);
  request->by = g_strdup (by);

  /* Record first, answer second: a crash between the two leaves a grant that nobody used, never
   * one that nobody recorded. */
  AuditRecord *made = record_grant (request->vault, grant, "grant_made");
  audit_record_strings (made, "scopes", (const char *const *) grant->scopes);
  audit_record_integer (made, "duration", grant_seconds_left (grant));
  if (grant->uses_left != GRANT_UNLIMITED)
    audit_record_integer (made, "uses", grant->uses_left);
  g_autofree char *holder = principal_id (grant->holder);
  audit_record_string (made, "holder", holder);
  audit_record_string (made, "card", request->digest);
  audit_record_text (made, "purpose", request->purpose);
  audit_record_text (made, "by", by);
  record (request, made, AUDIT_SYNCED, done, data);
}

/* ---- checking ---- */

static void
on_held_recorded (gpointer data, const GError *error)
{
  Recording *recording = data;
  Request *request = requests_find (recording->vault->requests, recording->id, NULL);

  if (error != NULL && request != NULL && request->state == REQUEST_HELD)
    request_refuse (request, "audit", "refused: the audit record could not be written", NULL);
  g_free (recording->id);
  g_free (recording);
}

static void
hold (Request *request)
{
  Vault *vault = request->vault;

  request_card_make (request);
  move (request, EVENT_ASK);
  Recording *recording = g_new0 (Recording, 1);
  recording->vault = vault;
  recording->id = g_strdup (request->id);
  audit_append (vault->audit, record_request (request, "request_held"), AUDIT_WRITTEN,
                on_held_recorded, recording);
  for (guint i = 0; i < request->waiters->len; i++)
    {
      Waiter *waiter = g_ptr_array_index (request->waiters, i);
      tell_held (request, waiter);
    }
  notify_held (vault, request);
}

/* Under a live grant: one more use of it. */
static void
use_grant (Request *request, Grant *grant)
{
  gboolean counted = grant->uses_left != GRANT_UNLIMITED;
  AuditRecord *used = record_grant (request->vault, grant, "grant_used");

  request->grant_id = g_strdup (grant->id);
  move (request, EVENT_COVERED);
  record (request, used, counted ? AUDIT_SYNCED : AUDIT_WRITTEN, NULL, NULL);
  if (request->row->operation != OPERATION_GET_SECRET)
    grant_spend (grant); /* before it is used, so that it cannot be used twice at once */
}

static void
deny_by_policy (Request *request)
{
  g_autofree char *rule = policy_rule_text (request->vault->policy, request->bounds.rule);
  g_autofree char *message = g_strdup_printf (
      "denied by policy: %s%s", rule,
      request->row->operation == OPERATION_REVEAL
          ? "; use the reference instead of the value: it is meant to be used by the broker for you"
          : "; a person can change it with `countersign policy apply`");
  request_refuse (request, "policy", message, "policy");
}

static void
check (Request *request)
{
  Vault *vault = request->vault;
  PolicyQuery query = { .operation = request->row->operation,
                        .resource = request->resource,
                        .exe = requester_exe (request->requester),
                        .uid = process_uid (request->requester->process) };

  policy_decide (vault->policy, &query, &request->bounds);
  if (request->bounds.verdict == POLICY_DENY)
    {
      deny_by_policy (request);
      return;
    }
  if (request->row->check != NULL && !request->row->check (request))
    return;
  /* A rule that allows has no effect on what discloses or changes secrets: in user mode anything of
   * the person's could be the requester. Of these operations each is asked. */
  Grant *grant = request->row->reusable
                     ? grants_cover (vault->grants, request->row->operation, request->resource,
                                     (const char *const *) request->scopes, request->requester)
                     : NULL;
  if (grant != NULL)
    use_grant (request, grant);
  else
    hold (request);
}

/* ---- entering ---- */

static char *
request_key (const Requester *requester, const OperationRow *row, const json_t *args)
{
  gsize len;
  char *text = wire_dump (args, &len);
  GChecksum *sum = g_checksum_new (G_CHECKSUM_SHA256);
  g_autofree char *who
      = g_strdup_printf ("%d %" G_GUINT64_FORMAT " %s ", process_pid (requester->process),
                         process_start (requester->process), row->call);

  g_checksum_update (sum, (const guchar *) who, -1);
  g_checksum_update (sum, (const guchar *) text, len);
  char *key = g_strdup (g_checksum_get_string (sum));
  g_checksum_free (sum);
  wire_text_free (text, len);
  return key;
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
  request->received_at = g_get_real_time ();
  request->due_at = request->received_at + vault->hold_limit * G_USEC_PER_SEC;
  request->waiters = g_ptr_array_new ();
  request->held_link = (GList){ .data = request };
  request->deadline = (Deadline){ .due = on_deadline, .data = request };
  request->lifetime = (Lifetime){ .gone = on_requester_gone, .data = request };
  return request;
}

static void
enter (Request *request, gint64 hold_seconds, Waiter *waiter)
{
  Vault *vault = request->vault;
  Requests *self = vault->requests;

  self->open++;
  g_hash_table_insert (self->by_id, request->id, request);
  if (request->key != NULL)
    g_hash_table_insert (self->by_key, request->key, request);
  loop_deadline_set (vault->loop, &request->deadline,
                     loop_now () + vault->hold_limit * G_USEC_PER_SEC);
  waiter->request = request;
  g_ptr_array_add (request->waiters, waiter);
  waiter->hold = (Deadline){ .due = on_hold_due, .data = waiter };
  loop_deadline_set (vault->loop, &waiter->hold, loop_now () + hold_seconds * G_USEC_PER_SEC);

  if (!lifetime_set (vault->lifetimes, &request->lifetime, request->requester->process, NULL))
    request_refuse (request, "requester_gone", "the requester has ended", NULL);
  else if (vault->state == VAULT_PANICKED)
    request_refuse (request, "panic",
                    "a person stopped all access with `countersign panic`; it goes on after "
                    "`countersign unlock`",
                    NULL);
  else if (vault->state == VAULT_UNLOCKED)
    check (request);
  else
    tell_held (request, waiter); /* the broker that comes after `unlock` will check it */
}

gboolean
request_submit (Vault *vault, const OperationRow *row, Requester *requester, json_t *args, int fd,
                gint64 hold_seconds, Waiter *waiter, GError **error)
{
  g_autofree char *key = fd < 0 ? request_key (requester, row, args) : NULL;
  Request *same = key != NULL ? g_hash_table_lookup (vault->requests->by_key, key) : NULL;

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
  if (!row->prepare (request, args, fd, error))
    {
      request_free (request);
      return FALSE;
    }
  enter (request, hold_seconds, waiter);
  return TRUE;
}

void
requests_deny_all (Requests *self, const char *code, const char *message)
{
  GHashTableIter iter;
  gpointer value;
  g_autoptr (GPtrArray) open = g_ptr_array_new ();

  g_hash_table_iter_init (&iter, self->by_id);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    if (!is_final (((Request *) value)->state))
      g_ptr_array_add (open, value);
  for (guint i = 0; i < open->len; i++)
    request_refuse (g_ptr_array_index (open, i), code, message, NULL);
}
