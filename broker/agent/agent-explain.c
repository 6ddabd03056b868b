/* SPDX-License-Identifier: MIT
 *
 * explain_access: what the policy would say to a request of this requester, without making it.
 *
 * MUST
 *  - name no rule but the one that decides about this very requester
 *  - count nothing, and hold nothing
 */
#include "broker/agent/agent.h"

#include <string.h>

#include "broker/accepted.h"

static Operation
operation_of (const json_t *params)
{
  Operation operation = OPERATION_COUNT;

  operation_from_name (wire_string (params, "operation"), &operation);
  return operation;
}

/* What the rule is about and the question left open: it would be another word for another. */
static const char *
left_open (const json_t *params, const char *rule)
{
  static const struct
  {
    const char *clause, *param, *message;
  } open[] = {
    { " command {", "command",
      "Commands that the rule names would be refused; others may be asked." },
    { " method ", "method", "Methods that the rule names would be refused; others may be asked." },
    { " path ", "path", "Paths that the rule names would be refused; others may be asked." },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (open); i++)
    if (strstr (rule, open[i].clause) != NULL && json_object_get (params, open[i].param) == NULL)
      return open[i].message;
  return NULL;
}

static const char *
explanation (const json_t *params, const PolicyDecision *decision, const char *rule)
{
  const char *open = decision->verdict == POLICY_DENY ? left_open (params, rule) : NULL;

  if (open != NULL)
    return open;
  if (g_strcmp0 (decision->code, "rate") == 0)
    return "It would be refused now: it was asked for as often as the rule lets it be. Later it is "
           "decided anew.";
  if (g_strcmp0 (decision->code, "scopes") == 0)
    return "It would be refused: the rule leaves out each of the scopes that you named.";
  if (decision->verdict == POLICY_DENY)
    return "It would be refused. A person can change the policy with `countersign policy apply`.";
  return decision->verdict == POLICY_ALLOW ? "It would be granted without asking."
                                           : "A person would be asked.";
}

/* A service's request in the form in which it would be sent; NULL: nothing can be said of it.
 * FALSE: such a one is never sent. */
static gboolean
build (const Vault *vault, const json_t *params, ServiceRequest **built, GError **error)
{
  const char *name = wire_string (params, "name"), *method = wire_string (params, "method");
  const char *path = wire_string (params, "path");
  const Service *service = name != NULL ? services_find (vault->services, name) : NULL;
  g_autoptr (GError) wrong = NULL;

  if (service == NULL || method == NULL || path == NULL)
    return TRUE;
  *built = service_request_new (service, method, path, NULL, NULL, NULL, 0, &wrong);
  /* With another body, header or query some scope may cover it. */
  if (*built != NULL || g_error_matches (wrong, SERVICE_ERROR, SERVICE_ERROR_SCOPE))
    return TRUE;
  g_set_error_literal (error, WIRE_ERROR, WIRE_ERROR_FIELD, wrong->message);
  return FALSE;
}

/* The thing, and each of @scopes (may be NULL) as one of its own. g_strfreev(). */
static char **
names_of (const char *resource, char **scopes)
{
  g_autoptr (GStrvBuilder) names = g_strv_builder_new ();

  if (resource != NULL)
    g_strv_builder_add (names, resource);
  for (; resource != NULL && scopes != NULL && *scopes != NULL; scopes++)
    {
      g_autofree char *name = g_strdup_printf ("%s/%s", resource, *scopes);
      g_strv_builder_add (names, name);
    }
  return g_strv_builder_end (names);
}

static gboolean
decide_http (const Vault *vault, const json_t *params, PolicyQuery *query, char **scopes,
             PolicyDecision *decision, GError **error)
{
  g_autoptr (ServiceRequest) built = NULL;

  if (!build (vault, params, &built, error))
    return FALSE;
  g_auto (GStrv) names = names_of (query->resource, built != NULL ? built->scopes : scopes);
  query->method = wire_string (params, "method");
  query->path = built != NULL ? built->path : NULL;
  policy_decide_names (vault->policy, query, (const char *const *) names, decision);
  return TRUE;
}

/* FALSE: asked wrongly. @cut gets the scopes that are left out, or NULL. */
static gboolean
decide (const Vault *vault, const Requester *requester, const json_t *params,
        PolicyDecision *decision, json_t **cut, GError **error)
{
  Operation operation = operation_of (params);
  json_t *words = json_object_get (params, "command"), *wanted = json_object_get (params, "scopes");
  g_auto (GStrv) command = words != NULL ? wire_texts (words) : NULL;
  g_auto (GStrv) scopes = wanted != NULL ? wire_texts (wanted) : NULL;
  PolicyQuery query;

  accepted_query (vault, requester, operation, &query);
  query.resource = wire_string (params, "name");
  /* Which file a bare name is, is found out when it is to be run. */
  if (command != NULL && command[0] != NULL && command[0][0] == '/')
    query.command = (const char *const *) command;
  if (operation == OPERATION_HTTP_REQUEST)
    return decide_http (vault, params, &query, scopes, decision, error);
  policy_decide_scopes (vault->policy, &query, (const char *const *) scopes, decision);
  for (char **scope = scopes; decision->cut && scope != NULL && *scope != NULL; scope++)
    if (!policy_scope_passes (vault->policy, &query, *scope))
      {
        *cut = *cut != NULL ? *cut : json_array ();
        json_array_append_new (*cut, json_string (*scope));
      }
  return TRUE;
}

static void
add_bounds (json_t *result, const PolicyDecision *decision)
{
  if (decision->sandbox)
    json_object_set_new (result, "sandbox", json_true ());
  if (decision->max_duration > 0)
    json_object_set_new (result, "max_duration", json_integer (decision->max_duration));
  if (decision->max_uses > 0)
    json_object_set_new (result, "max_uses", json_integer (decision->max_uses));
}

static json_t *
explain (const Vault *vault, const Requester *requester, const json_t *params, GError **error)
{
  Operation operation = operation_of (params);
  PolicyDecision decision;
  json_t *cut = NULL;

  if (!decide (vault, requester, params, &decision, &cut, error))
    return NULL;
  accepted_raise (vault, &decision);
  if (decision.verdict == POLICY_ALLOW && !policy_may_allow (operation, !vault->system))
    decision.verdict = POLICY_ASK;
  g_autofree char *rule = policy_rule_text (vault->policy, decision.rule);
  g_autofree char *place = policy_rule_place (vault->policy, decision.rule);
  json_t *result = json_pack (
      "{s:s, s:s*, s:s, s:s, s:s, s:s*, s:s*, s:o*, s:s}", "operation", operation_name (operation),
      "resource", wire_string (params, "name"), "verdict", policy_verdict_name (decision.verdict),
      "confirm", policy_confirm_name (decision.confirm), "rule",
      rule != NULL ? rule : "no rule matches: asked", "place", place, "code", decision.code, "cut",
      cut, "message", explanation (params, &decision, rule != NULL ? rule : ""));
  add_bounds (result, &decision);
  return result;
}

void
agent_explain_access (Agent *agent, const RpcCall *rpc)
{
  if (agent->vault->state != VAULT_UNLOCKED)
    rpc_refuse (agent->conn, rpc->id, RPC_LOCKED, agent_state_message (agent->vault), NULL);
  else if (operation_of (rpc->params) == OPERATION_COUNT)
    rpc_refuse (agent->conn, rpc->id, RPC_PARAMS, "operation: there is no such operation",
                json_pack ("{s:s}", "field", "operation"));
  else
    agent_answer_known (agent, rpc, explain);
}
