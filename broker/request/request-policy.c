/* SPDX-License-Identifier: MIT
 *
 * The policy's word on a request: what becomes of it, and of its scopes.
 */
#include "broker/request/request-private.h"

#include "broker/accepted.h"
#include "broker/base/text.h"
#include "broker/human/notify.h"
#include "broker/operation/operation.h"

void
request_refuse_by_rule (Request *request, const char *code, const char *because)
{
  g_free (request->rule);
  request->rule = g_strdup (request->ruling);
  g_autofree char *message = g_strdup_printf ("denied by policy: %s; %s", request->rule, because);
  request_refuse (request, code, message, "policy");
}

/* When there is room again where a count has been reached. */
static char *
room_words (const Request *request)
{
  const Policy *policy = request->vault->policy;
  g_autofree char *rule = policy_rule_text (policy, request->bounds.rule), *time = NULL;
  gint64 n = 0, period = 0;

  if (policy_rule_rate (policy, request->bounds.rule, &n, &period))
    time = text_format_duration (MAX (1, count_of_wait (&request->question->of, rule, n, period)));
  return g_strdup_printf ("so often was asked already; there is room again in %s",
                          time != NULL ? time : "a while");
}

static void
deny_by_policy (Request *request)
{
  const char *code = request->bounds.code;
  g_autofree char *room = g_strcmp0 (code, "rate") == 0 ? room_words (request) : NULL;

  if (request->bounds.notify)
    notify_told (request, "denied");
  if (room != NULL)
    request_refuse_by_rule (request, "rate", room);
  else if (g_strcmp0 (code, "scopes") == 0)
    request_refuse_by_rule (request, "policy", "it leaves none of the scopes that were asked for");
  else
    request_refuse_by_rule (
        request, "policy",
        request->row->operation == OPERATION_REVEAL
            ? "use http_request or run_command instead, which use the secret for you; its value is "
              "not handed out"
            : "a person can change it with `countersign policy apply`");
}

void
request_decide (Request *request)
{
  Vault *vault = request->vault;

  operation_decide (request, vault->policy, &request->bounds);
  accepted_raise (vault, &request->bounds);
  g_free (request->ruling);
  request->ruling = accepted_rule_name (vault, request->bounds.rule);
}

/* What a rule's "scopes" leaves out is not granted with the others. FALSE: nothing is left. */
gboolean
request_cut_scopes (Request *request)
{
  g_autoptr (GStrvBuilder) left = g_strv_builder_new (), cut = g_strv_builder_new ();

  if (!request->bounds.cut || request->scopes == NULL)
    return TRUE;
  for (char **scope = request->scopes; *scope != NULL; scope++)
    g_strv_builder_add (
        question_passes (request->question, request->vault->policy, *scope) ? left : cut, *scope);
  g_auto (GStrv) leaves = g_strv_builder_end (left), cuts = g_strv_builder_end (cut);
  if (leaves[0] == NULL)
    return FALSE;
  if (cuts[0] == NULL)
    return TRUE;
  g_strfreev (request->scopes);
  request->scopes = g_steal_pointer (&leaves);
  for (char **scope = request->cut; scope != NULL && *scope != NULL; scope++)
    g_strv_builder_add (cut, *scope);
  g_strfreev (request->cut);
  request->cut = g_steal_pointer (&cuts);
  return TRUE;
}

/* It is looked at once more, from the beginning. */
static void
join_scopes (Request *request)
{
  g_autoptr (GStrvBuilder) all = g_strv_builder_new ();

  if (request->cut == NULL)
    return;
  g_strv_builder_addv (all, (const char **) request->scopes);
  g_strv_builder_addv (all, (const char **) request->cut);
  g_strfreev (request->scopes);
  g_clear_pointer (&request->cut, g_strfreev);
  request->scopes = g_strv_builder_end (all);
}

gboolean
request_passes_policy (Request *request)
{
  join_scopes (request);
  question_unref (request->question);
  request->question = operation_question (request);
  request_decide (request);
  if (request->bounds.verdict != POLICY_DENY && !request_cut_scopes (request))
    {
      request->bounds.verdict = POLICY_DENY;
      request->bounds.code = "scopes";
    }
  if (request->bounds.verdict == POLICY_DENY)
    {
      deny_by_policy (request);
      return FALSE;
    }
  if (!request->counted)
    question_count (request->question, request->vault->policy);
  request->counted = TRUE;
  return TRUE;
}
