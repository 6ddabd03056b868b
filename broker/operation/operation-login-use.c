/* SPDX-License-Identifier: MIT
 *
 * Whoever asks a person to log in somewhere asks so as to use what comes of it: the approval of the
 * login is that of a reference to the token too, for a short time, and the card says so. Not of its
 * value, and of no request that a service's scopes do not cover anyway.
 *
 * MUST
 *  - be no more than the policy lets a person grant for get_secret, on no weaker proof
 *  - be on disk before it is live
 */
#include "broker/operation/operation-login-use.h"

#include "broker/accepted.h"
#include "broker/base/text.h"
#include "broker/operation/operation-step.h"
#include "broker/record.h"
#include "broker/request/decision.h"

#define USE_SECONDS 300

typedef struct
{
  Step *step;
  Grant *grant;
  json_t *result;
} Using;

static void
decide (const Request *request, const char *secret, PolicyDecision *decision)
{
  PolicyQuery query;

  accepted_query (request->vault, request->requester, OPERATION_GET_SECRET, &query);
  query.resource = secret;
  accepted_decide (request->vault, &query, decision);
}

gint64
login_use_seconds (const Request *request, const char *secret)
{
  PolicyDecision decision;

  decide (request, secret, &decision);
  if (decision.verdict == POLICY_DENY || decision.confirm > request->bounds.confirm)
    return 0;
  return decision.max_duration > 0 ? MIN (decision.max_duration, USE_SECONDS) : USE_SECONDS;
}

static void
on_recorded (gpointer data, const GError *error)
{
  g_autofree Using *using = data;
  Vault *vault = step_vault (using->step);
  Request *request = step_end (using->step);
  const Grant *grant = using->grant;

  if (error != NULL || request == NULL)
    grant_free (using->grant);
  else if (grants_add (vault->grants, using->grant))
    {
      g_autoptr (json_t) told = operation_reference_json (grant);
      json_object_set (using->result, "reference", json_object_get (told, "reference"));
    }
  if (request != NULL)
    request_finish (request, using->result, NULL);
  else
    json_decref (using->result);
}

void
login_use_begin (Request *request, const char *secret, gint64 seconds, json_t *result)
{
  PolicyDecision decision;
  Using *using;

  /* The policy may be another than when the card was made. */
  seconds = MIN (seconds, login_use_seconds (request, secret));
  if (seconds == 0)
    {
      request_finish (request, result, NULL);
      return;
    }
  decide (request, secret, &decision);
  using = g_new0 (Using, 1);
  using->step = step_new (request);
  using->result = result;
  using->grant = decision_follow_up (request, OPERATION_GET_SECRET, secret, seconds);
  if (decision.max_uses > 0)
    using->grant->uses_left = decision.max_uses;
  AuditRecord *made = record_grant (request->vault, using->grant, "grant_made");
  audit_record_strings (made, "scopes", (const char *const *) using->grant->scopes);
  audit_record_integer (made, "duration", seconds);
  /* A subject's name is sealed, in record_grant(). */
  g_autofree char *holder = principal_id (using->grant->holder);
  audit_record_string (made, "holder",
                       using->grant->holder->kind == PRINCIPAL_SUBJECT ? "subject" : holder);
  audit_record_string (made, "card", request->digest);
  audit_record_text (made, "by", request->by);
  audit_append (request->vault->audit, made, AUDIT_SYNCED, on_recorded, using);
}
