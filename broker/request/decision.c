/* SPDX-License-Identifier: MIT */
#include "broker/request/decision.h"

#include <string.h>

#include "broker/accepted.h"
#include "broker/base/text.h"
#include "broker/grant/standing.h"
#include "broker/operation/operation.h"
#include "broker/request/attention.h"
#include "broker/request/previous.h"
#include "broker/request/request-card.h"

#define LOW_RISK_IDLE (600 * G_USEC_PER_SEC)
#define HOLDER_CONFIRMED (300 * G_USEC_PER_SEC)

G_DEFINE_QUARK (countersign_decision_error, decision_error)

static gboolean
refuse_field (GError **error, const char *message)
{
  g_set_error_literal (error, DECISION_ERROR, DECISION_ERROR_FIELD, message);
  return FALSE;
}

static gboolean
recently_confirmed (Vault *vault, const Principal *holder)
{
  g_autofree char *key = principal_key (holder);
  const gint64 *at = g_hash_table_lookup (vault->confirmed, key);
  return at != NULL && loop_now () - *at < HOLDER_CONFIRMED;
}

static void
remember_confirmed (Vault *vault, const Principal *holder)
{
  gint64 now = loop_now ();
  GHashTableIter iter;
  gpointer at;

  g_hash_table_iter_init (&iter, vault->confirmed);
  while (g_hash_table_iter_next (&iter, NULL, &at))
    if (now - *(gint64 *) at >= HOLDER_CONFIRMED)
      g_hash_table_iter_remove (&iter);
  g_hash_table_insert (vault->confirmed, principal_key (holder), g_memdup2 (&now, sizeof now));
}

/* Needed, and all there is: a connection opened with the PIN shows that somebody who knew it was
 * there then, not that a person is there now. That is why what discloses asks for it each time,
 * also where the rule is content with a click. A dialog stays open for days: at a terminal only,
 * the PIN that opened it lasts for ten idle minutes. */
static gboolean
proven (const Request *request, const Principal *holder, const Proof *proof)
{
  Risk risk = request->risk;

  /* A touch stands for the PIN where nothing leaves the broker; it is verified next. */
  if (proof->pin || (risk != RISK_DISCLOSE && proof->key != NULL))
    return TRUE;
  if (request->bounds.confirm == CONFIRM_KEY)
    return risk != RISK_DISCLOSE; /* that the touch is missing is said next */
  if (request->vault->system || risk == RISK_DISCLOSE || (!proof->connection && !proof->spawned))
    return FALSE;
  if (request->bounds.confirm == CONFIRM_CLICK)
    return TRUE;
  if (risk == RISK_READ && !proof->spawned && loop_now () - proof->pin_at < LOW_RISK_IDLE)
    return TRUE;
  /* Whatever runs as the person can make the press that these minutes are content with, so what it
   * changes or removes is not among them. */
  return risk == RISK_READ && recently_confirmed (request->vault, holder);
}

/* The touch that came along, or the want of one that was due. Last of all checks: it uses the
 * challenge up, and a person would have to touch again for what is found later. */
static gboolean
check_touch (const Request *request, const Proof *proof, Grant *grant, GError **error)
{
  Keys *keys = request->vault->keys;

  if (proof->key != NULL)
    {
      g_autoptr (KeyChallenge) challenge = g_steal_pointer (proof->challenge);
      grant->key_id = keys_prove (keys, proof->key, challenge, request->id, request->digest, error);
      return grant->key_id != NULL;
    }
  if (request->bounds.confirm != CONFIRM_KEY)
    return TRUE;
  g_set_error_literal (error, DECISION_ERROR, DECISION_ERROR_KEY,
                       keys_count (keys) > 0 ? "this approval needs a touch of a security key"
                                             : KEY_NONE_MESSAGE);
  return FALSE;
}

static const Principal *
find_holder (const Request *request, const char *id)
{
  for (guint i = 0; i < request->holders->len; i++)
    {
      const Principal *holder = g_ptr_array_index (request->holders, i);
      g_autofree char *offered = principal_id (holder);
      if (id == NULL || strcmp (id, offered) == 0)
        return holder;
    }
  return NULL;
}

static gboolean
check_scopes (const Request *request, char **scopes, GError **error)
{
  if (scopes != NULL && scopes[0] == NULL)
    return refuse_field (error, "scopes: at least one is needed; to grant none, deny");
  for (; scopes != NULL && *scopes != NULL; scopes++)
    if (!g_strv_contains ((const char *const *) request->scopes, *scopes))
      return refuse_field (error, "scopes: one was not asked for; an approval only takes away");
  return TRUE;
}

/* What becomes of the numbers, or an error that names the field. */
static gboolean
settle_bounds (const Request *request, const Decision *decision, Grant *grant, GError **error)
{
  gint64 longest = request_max_duration (request), most = request_max_uses (request);
  gint64 duration
      = decision->duration > 0 ? decision->duration : request_default_duration (request);
  gint64 uses = decision->uses > 0 ? decision->uses : most;

  if (decision->duration < 0 || decision->uses < 0)
    return refuse_field (error, "duration, uses: must be positive");
  if (decision->duration > 0 && longest == 0)
    return refuse_field (error, "duration: this is granted for one execution, not for a time");
  if (longest > 0 && duration > longest)
    {
      g_autofree char *text = text_format_duration (longest);
      g_set_error (error, DECISION_ERROR, DECISION_ERROR_FIELD,
                   "duration: at most %s may be granted here", text);
      return FALSE;
    }
  if (most > 0 && uses > most)
    {
      g_set_error (error, DECISION_ERROR, DECISION_ERROR_FIELD,
                   "uses: at most %" G_GINT64_FORMAT " may be granted here", most);
      return FALSE;
    }
  grant->uses_left = uses > 0 ? uses : GRANT_UNLIMITED;
  grant->not_after = loop_now () + duration * G_USEC_PER_SEC; /* from approval, not from asking */
  return TRUE;
}

static char *
make_reference (void)
{
  g_autofree char *random = text_random_id (26); /* 130 bits */

  return g_strconcat ("ref-", random, NULL);
}

static Grant *
make_grant (const Request *request, const Decision *decision, const Principal *holder,
            GError **error)
{
  Grant *grant = g_new0 (Grant, 1);

  grant->id = text_random_id (10);
  grant->request_id = g_strdup (request->id);
  grant->operation = request->row->operation;
  grant->resource = g_strdup (request->resource);
  grant->purpose = g_strdup (request->purpose);
  grant->scopes = g_strdupv (decision->scopes != NULL ? decision->scopes : request->scopes);
  grant->holder = principal_copy (holder);
  grant->question = question_ref (request->question);
  grant->granted_at = g_get_real_time ();
  if (!settle_bounds (request, decision, grant, error))
    {
      grant_free (grant);
      return NULL;
    }
  /* What is good once is good for what was looked at, not for the next thing like it. */
  if (request->row->bound || grant->uses_left == 1)
    grant->binding = g_strdup (request->binding);
  if (grant->operation == OPERATION_GET_SECRET)
    grant->reference = make_reference ();
  return grant;
}

static gboolean
check_always (const Request *request, const Decision *decision, GError **error)
{
  g_autofree char *rule = request_always_rule (request);

  if (rule == NULL)
    return refuse_field (error, "always: is not offered for this request");
  if (decision->proof.pin)
    return TRUE;
  g_set_error_literal (error, DECISION_ERROR, DECISION_ERROR_PROOF,
                       "a rule for always needs the PIN");
  return FALSE;
}

/* In the order that PROTOCOL.md gives. */
static gboolean
apply_grant (Vault *vault, Request *request, const Decision *decision, WriterDone done,
             gpointer data, GError **error)
{
  if (g_strcmp0 (decision->card_digest, request->digest) != 0)
    return refuse_field (error, "card_digest: is not that of the card of this request");
  if (!check_scopes (request, decision->scopes, error))
    return FALSE;
  const Principal *holder = find_holder (request, decision->holder);
  if (holder == NULL)
    return refuse_field (error, "holder: is not one of those that the card offers");
  Grant *grant = make_grant (request, decision, holder, error);
  if (grant == NULL)
    return FALSE;

  g_autoptr (GError) gone = NULL;
  if (!requester_check (request->requester, &gone) || !principal_alive (holder))
    {
      const char *why = gone != NULL ? gone->message : "the holder has ended";
      g_set_error_literal (error, DECISION_ERROR, DECISION_ERROR_REQUESTER, why);
      grant_free (grant);
      request_refuse (request, "changed", why, NULL);
      return FALSE;
    }
  if (!proven (request, holder, &decision->proof))
    {
      g_set_error_literal (error, DECISION_ERROR, DECISION_ERROR_PROOF,
                           "this approval needs the PIN");
      grant_free (grant);
      return FALSE;
    }
  if ((decision->always && !check_always (request, decision, error))
      || !check_touch (request, &decision->proof, grant, error))
    {
      grant_free (grant);
      return FALSE;
    }
  if (decision->always)
    standing_add (vault->standing, request, grant, decision->by);
  if (decision->proof.pin)
    remember_confirmed (vault, holder);
  attention_granted (vault->attention, request);
  previous_learn (vault->previous, request->card);
  request->approver = decision->approver;
  request_approve (request, grant, decision->by, done, data);
  return TRUE;
}

void
decision_allow (Request *request, const char *by)
{
  Decision decision = { .verdict = VERDICT_GRANT, .duration = request_max_duration (request) };
  g_autoptr (Principal) holder = principal_of (request->requester);
  Grant *grant = make_grant (request, &decision, holder, NULL);

  g_assert (grant != NULL); /* nothing was chosen, so nothing is out of bounds */
  request_approve (request, grant, by, NULL, NULL);
}

Grant *
decision_follow_up (const Request *request, Operation operation, const char *resource,
                    gint64 seconds)
{
  static const char *const use[] = { "use", NULL };
  Grant *grant = g_new0 (Grant, 1);
  PolicyQuery query;

  grant->id = text_random_id (10);
  grant->request_id = g_strdup (request->id);
  grant->operation = operation;
  grant->resource = g_strdup (resource);
  /* A reference has one always. */
  grant->purpose = g_strdup (request->purpose != NULL ? request->purpose : request->row->call);
  grant->scopes = g_strdupv ((char **) use);
  grant->holder = principal_of (request->requester);
  grant->reference = make_reference ();
  grant->granted_at = g_get_real_time ();
  grant->uses_left = GRANT_UNLIMITED;
  grant->not_after = loop_now () + seconds * G_USEC_PER_SEC;
  accepted_query (request->vault, request->requester, operation, &query);
  query.resource = resource;
  grant->question
      = question_new (&query, QUESTION_ONE, NULL, policy_needs (request->vault->policy), NULL);
  return grant;
}

gboolean
decision_apply (Vault *vault, const Decision *decision, WriterDone done, gpointer data,
                GError **error)
{
  Request *request = requests_find (vault->requests, decision->request_id, NULL);

  if (request == NULL || request->state != REQUEST_HELD)
    {
      g_set_error (error, DECISION_ERROR, DECISION_ERROR_NOT_HELD,
                   request == NULL ? "no such request is waiting"
                                   : "the request is no longer waiting: %s%s%s",
                   request != NULL ? request_status (request) : "",
                   request != NULL && request->by != NULL ? " by " : "",
                   request != NULL && request->by != NULL ? request->by : "");
      return FALSE;
    }
  if (decision->verdict == VERDICT_GRANT)
    return apply_grant (vault, request, decision, done, data, error);
  attention_denied (vault->attention, request, decision->deny_seconds);
  request_refuse (request, "person",
                  decision->reason != NULL && *decision->reason != '\0' ? decision->reason
                                                                        : "a person denied it",
                  decision->by);
  done (data, NULL);
  return TRUE;
}
