/* SPDX-License-Identifier: MIT */
#include "broker/request/judge.h"

#include "broker/accepted.h"
#include "broker/grant/facts.h"
#include "broker/human/notify.h"
#include "broker/operation/operation.h"
#include "broker/request/request-card.h"
#include "broker/request/request-private.h"

#define MINUTE (60 * G_USEC_PER_SEC) /* the clock may have been set */
#define WEEK (7 * 24 * 60)           /* minutes */

typedef struct
{
  JudgeDone done;
  gpointer data;
} Asked;

struct _Judge
{
  Vault *vault;
  GArray *asked;    /* of Asked: who waits for the end of this */
  GPtrArray *waits; /* of ExecutableWait: what is being looked at first */
  guint missing;
  Deadline next;
  int since, until; /* minutes of the week between which no rule begins or ends; -1: none ever */
};

static void judge_all (Judge *self);
static void on_minute (gpointer data);

Judge *
judge_new (Vault *vault)
{
  Judge *self = g_new0 (Judge, 1);

  self->vault = vault;
  self->asked = g_array_new (FALSE, FALSE, sizeof (Asked));
  self->waits = g_ptr_array_new_with_free_func (g_free);
  self->next = (Deadline){ .due = on_minute, .data = self };
  return self;
}

static void
forget_waits (Judge *self)
{
  for (guint i = 0; i < self->waits->len; i++)
    executables_forget (g_ptr_array_index (self->waits, i));
  g_ptr_array_set_size (self->waits, 0);
  self->missing = 0;
}

/* Those who are told may ask again. */
static void
tell (Judge *self, guint ended, guint refused)
{
  g_autoptr (GArray) asked = g_steal_pointer (&self->asked);

  self->asked = g_array_new (FALSE, FALSE, sizeof (Asked));
  for (guint i = 0; i < asked->len; i++)
    {
      const Asked *one = &g_array_index (asked, Asked, i);
      one->done (one->data, ended, refused);
    }
}

void
judge_lock (Judge *self)
{
  loop_deadline_clear (self->vault->loop, &self->next);
  forget_waits (self);
  tell (self, 0, 0);
}

void
judge_free (Judge *self)
{
  if (self == NULL)
    return;
  loop_deadline_clear (self->vault->loop, &self->next);
  forget_waits (self);
  g_array_unref (self->asked);
  g_ptr_array_unref (self->waits);
  g_free (self);
}

/* ---- when ---- */

static int
minute_of_week (void)
{
  PolicyQuery now = { .weekday = 1 };

  facts_fill_time (&now);
  return (now.weekday - 1) * 24 * 60 + now.minute;
}

/* The clock is looked at each minute: a person may set it, or travel. */
static void
watch_time (Judge *self)
{
  int now = minute_of_week ();
  gint64 left = policy_next_change (self->vault->policy, now / (24 * 60) + 1, now % (24 * 60));

  self->since = now;
  self->until = left < 0 ? -1 : (int) ((now + left) % WEEK);
  if (left >= 0)
    loop_deadline_set (self->vault->loop, &self->next,
                       loop_now () + MINUTE - g_get_real_time () % MINUTE);
}

static void
on_minute (gpointer data)
{
  Judge *self = data;
  int length = (self->until - self->since + WEEK) % WEEK;
  int gone = (minute_of_week () - self->since + WEEK) % WEEK;

  if (length == 0 || gone < length)
    loop_deadline_set (self->vault->loop, &self->next,
                       loop_now () + MINUTE - g_get_real_time () % MINUTE);
  else
    judge_again (self, NULL, NULL);
}

/* ---- what ---- */

static void
complete (const Vault *vault, Question *question, const Process *process)
{
  guint needs = policy_needs (vault->policy);
  const char *sha256 = NULL, *package = NULL;

  if (process != NULL && question->query.exe != NULL
      && g_strcmp0 (question->query.exe, process_exe (process)) == 0)
    executables_look (vault->executables, process, needs, &sha256, &package);
  question_complete (question, needs, sha256, package);
  question_renew (question);
}

/* Also when some of its scopes are cut now: they cannot be taken out of what was handed out. */
static gboolean
is_denied (const Vault *vault, const Grant *grant)
{
  PolicyDecision decision;

  question_decide (grant->question, vault->policy, &decision);
  for (char **scope = grant->scopes; decision.cut && scope != NULL && *scope != NULL; scope++)
    if (!question_passes (grant->question, vault->policy, *scope))
      return TRUE;
  return decision.verdict == POLICY_DENY;
}

static guint
judge_grants (const Vault *vault)
{
  g_autoptr (GPtrArray) all = grants_list (vault->grants);
  g_autoptr (GPtrArray) ids = g_ptr_array_new_with_free_func (g_free);
  guint ended = 0;

  for (guint i = 0; i < all->len; i++)
    {
      const Grant *grant = g_ptr_array_index (all, i);
      if (grant->question == NULL)
        continue;
      complete (vault, grant->question, principal_process (grant->holder));
      if (is_denied (vault, grant))
        g_ptr_array_add (ids, g_strdup (grant->id));
    }
  /* One that ends may take others with it. */
  for (guint i = 0; i < ids->len; i++)
    {
      Grant *grant = grants_find (vault->grants, g_ptr_array_index (ids, i));
      if (grant != NULL)
        {
          grant_end (grant, "policy");
          ended++;
        }
    }
  return ended;
}

/* The smaller of two bounds, of which 0 is none. */
static gint64
tighter (gint64 a, gint64 b)
{
  return a == 0 || (b != 0 && b < a) ? b : a;
}

/* What the card said, and what the policy says now: of both the less. TRUE: the card said more. */
static gboolean
tighten (Request *request, const PolicyDecision *before)
{
  PolicyDecision *now = &request->bounds;

  now->max_duration = tighter (before->max_duration, now->max_duration);
  now->max_uses = tighter (before->max_uses, now->max_uses);
  now->confirm = MAX (before->confirm, now->confirm);
  now->sandbox = before->sandbox || now->sandbox;
  now->verdict = POLICY_ASK; /* it was put before a person, who may have begun to read */
  return now->max_duration != before->max_duration || now->max_uses != before->max_uses
         || now->confirm != before->confirm || now->sandbox != before->sandbox;
}

/* Whoever reads the card has to see what is left of it. */
static void
show_again (Request *request)
{
  if (request->bounds.sandbox && request->row->check != NULL && !request->row->check (request))
    return;
  notify_closed (request->vault, request);
  g_clear_pointer (&request->card, g_free);
  g_clear_pointer (&request->digest, g_free);
  g_clear_pointer (&request->holders, g_ptr_array_unref);
  request_card_make (request);
  notify_held (request->vault, request);
}

static void
judge_request (Request *request)
{
  const Vault *vault = request->vault;
  const PolicyDecision before = request->bounds;
  guint scopes = request->scopes != NULL ? g_strv_length (request->scopes) : 0;

  complete (vault, request->question,
            requester_is_subject (request->requester) ? NULL : request->requester->process);
  request_decide (request);
  if (request->bounds.verdict == POLICY_DENY || !request_cut_scopes (request))
    request_refuse_by_rule (request, "policy",
                            "a person has changed the policy, or its time has "
                            "come");
  else if (request->state == REQUEST_HELD
           && (tighten (request, &before)
               || (request->scopes != NULL && g_strv_length (request->scopes) < scopes)))
    show_again (request);
}

static gboolean
is_undone (const Request *request, gconstpointer unused)
{
  return request->question != NULL && !request->settling
         && (request->state == REQUEST_HELD || request->state == REQUEST_RECORDING
             || request->state == REQUEST_GRANTED
             || (request->state == REQUEST_EXECUTING && request->row->slow));
}

static guint
judge_requests (Requests *requests)
{
  g_autoptr (GPtrArray) ids = requests_find_all (requests, is_undone, NULL);
  guint refused = 0;

  for (guint i = 0; i < ids->len; i++)
    {
      Request *request = requests_find (requests, g_ptr_array_index (ids, i), NULL);
      if (request == NULL || !is_undone (request, NULL))
        continue;
      judge_request (request);
      request = requests_find (requests, g_ptr_array_index (ids, i), NULL);
      refused += request == NULL || request_is_final (request);
    }
  return refused;
}

static void
judge_all (Judge *self)
{
  forget_waits (self);
  if (self->vault->state != VAULT_UNLOCKED)
    {
      tell (self, 0, 0);
      return;
    }
  guint ended = judge_grants (self->vault);
  guint refused = judge_requests (self->vault->requests);
  watch_time (self);
  tell (self, ended, refused);
}

/* ---- what has to be known first ---- */

static void
on_found (gpointer data)
{
  Judge *self = data;

  if (--self->missing == 0)
    judge_all (self);
}

static void
look_at (Judge *self, const Process *process)
{
  const Vault *vault = self->vault;
  ExecutableWait *wait = g_new0 (ExecutableWait, 1);

  wait->found = on_found;
  wait->data = self;
  if (process != NULL
      && executables_wait (vault->executables, process, policy_needs (vault->policy), wait))
    {
      g_ptr_array_add (self->waits, wait);
      self->missing++;
    }
  else
    g_free (wait);
}

static void
look_at_all (Judge *self)
{
  g_autoptr (GPtrArray) grants = grants_list (self->vault->grants);
  g_autoptr (GPtrArray) ids = requests_find_all (self->vault->requests, is_undone, NULL);

  for (guint i = 0; i < grants->len; i++)
    look_at (self, principal_process (((Grant *) g_ptr_array_index (grants, i))->holder));
  for (guint i = 0; i < ids->len; i++)
    {
      const Request *request
          = requests_find (self->vault->requests, g_ptr_array_index (ids, i), NULL);
      if (!requester_is_subject (request->requester))
        look_at (self, request->requester->process);
    }
}

void
judge_again (Judge *self, JudgeDone done, gpointer data)
{
  if (done != NULL)
    g_array_append_val (self->asked, ((Asked){ done, data }));
  forget_waits (self);
  look_at_all (self);
  if (self->missing == 0)
    judge_all (self);
}
