/* SPDX-License-Identifier: MIT
 *
 * What a requester may know of itself without a person being asked: the rules that concern it, its
 * grants, how a request of its own stands.
 *
 * MUST
 *  - tell nothing of other requesters, and carry nothing out
 */
#include "broker/agent/agent.h"

#include "broker/accepted.h"
#include "broker/base/text.h"

#define OWN_MOST 100 /* requests in one answer */

static gboolean
is_open (Agent *agent, const RpcCall *rpc)
{
  if (agent->vault->state == VAULT_UNLOCKED)
    return TRUE;
  rpc_refuse (agent->conn, rpc->id, RPC_LOCKED, agent_state_message (agent->vault), NULL);
  return FALSE;
}

static void
complete (Agent *agent, const RpcCall *rpc, json_t *result)
{
  rpc_answer (agent->conn, rpc->id,
              json_pack ("{s:s, s:o}", "status", "completed", "result", result), -1);
}

/* ---- policy_summary ---- */

static json_t *
bounds_json (const Vault *vault, Operation operation, const PolicyDecision *decision)
{
  g_autofree char *rule = accepted_rule_name (vault, decision->rule);
  json_t *said = json_pack ("{s:s, s:s, s:s}", "operation", operation_name (operation), "verdict",
                            policy_verdict_name (decision->verdict), "rule", rule);

  if (decision->verdict == POLICY_ASK)
    json_object_set_new (said, "confirm", json_string (policy_confirm_name (decision->confirm)));
  if (decision->max_duration > 0)
    json_object_set_new (said, "max_duration", json_integer (decision->max_duration));
  if (decision->max_uses > 0)
    json_object_set_new (said, "max_uses", json_integer (decision->max_uses));
  if (decision->sandbox)
    json_object_set_new (said, "sandbox", json_true ());
  return said;
}

/* What each operation comes to where no rule names what it is asked of. */
static json_t *
operations_json (const Vault *vault, PolicyQuery *query)
{
  json_t *all = json_array ();
  PolicyDecision decision;

  for (int i = 0; i < OPERATION_COUNT; i++)
    {
      query->operation = i;
      accepted_decide (vault, query, &decision);
      if (decision.verdict == POLICY_ALLOW && !policy_may_allow (i, !vault->system))
        decision.verdict = POLICY_ASK;
      json_array_append_new (all, bounds_json (vault, i, &decision));
    }
  return all;
}

static json_t *
rules_json (const Vault *vault, const PolicyQuery *query)
{
  json_t *rules = json_array ();

  for (gsize i = 0; i < policy_n_rules (vault->policy); i++)
    {
      g_autofree char *place = policy_rule_place (vault->policy, (int) i);
      g_autofree char *text = policy_rule_text (vault->policy, (int) i);
      if (policy_rule_concerns (vault->policy, (int) i, query))
        json_array_append_new (rules, json_pack ("{s:s, s:s}", "place", place, "rule", text));
    }
  return rules;
}

static json_t *
summary (const Vault *vault, const Requester *requester, const json_t *params, GError **error)
{
  PolicyQuery query;

  accepted_query (vault, requester, 0, &query);
  return json_pack (
      "{s:s, s:o, s:o}", "message",
      "The rules that a person has accepted, as far as they concern this program. Deny beats ask, "
      "ask beats allow, what none matches is asked; only a person changes them, with `countersign "
      "policy apply`.",
      "operations", operations_json (vault, &query), "rules", rules_json (vault, &query));
}

void
agent_policy_summary (Agent *agent, const RpcCall *rpc)
{
  if (is_open (agent, rpc))
    agent_answer_known (agent, rpc, summary);
}

/* ---- own_grants ---- */

void
agent_own_grants (Agent *agent, const RpcCall *rpc)
{
  g_autoptr (GPtrArray) all = NULL;
  json_t *grants;

  if (!is_open (agent, rpc))
    return;
  all = grants_list (agent->vault->grants);
  grants = json_array ();
  for (guint i = 0; i < all->len; i++)
    {
      const Grant *grant = g_ptr_array_index (all, i);
      if (principal_covers (grant->holder, agent->requester) && grant_seconds_left (grant) > 0)
        json_array_append_new (grants, grant_describe (grant));
    }
  complete (agent, rpc, json_pack ("{s:o}", "grants", grants));
}

/* ---- approval_state, own_requests ---- */

static const char *
explanation (const Request *request)
{
  switch (request->state)
    {
    case REQUEST_RECEIVED:
      return request->vault->state == VAULT_UNLOCKED
                 ? "It is being looked at: approval_wait goes on waiting."
                 : "Countersign is locked. A person must run `countersign unlock`.";
    case REQUEST_HELD:
      return "Waiting for a person: `countersign approve`. approval_wait goes on waiting.";
    case REQUEST_GRANTED:
      return "Approved, and not done yet: approval_wait does it and has the result.";
    case REQUEST_RECORDING:
    case REQUEST_EXECUTING:
      return "Approved, and under way: approval_wait has the result.";
    case REQUEST_COMPLETED:
      return "Done: approval_wait has the result.";
    case REQUEST_DENIED:
    case REQUEST_EXPIRED:
    case REQUEST_FAILED:
    default:
      return request->message;
    }
}

static json_t *
state_json (const Request *request)
{
  g_autofree char *received = text_format_time (request->received_at);
  g_autofree char *expires = text_format_time (request->due_at);

  return json_pack ("{s:s, s:s, s:s, s:s*, s:o*, s:s*, s:s, s:s, s:s*, s:s*, s:s*}", "request_id",
                    request->id, "status", request_status (request), "operation",
                    operation_name (request->row->operation), "resource", request->resource,
                    "scopes", request->scopes != NULL ? wire_texts_json (request->scopes) : NULL,
                    "purpose", request->purpose, "received_at", received, "expires_at", expires,
                    "code", request->code, "rule", request->rule, "message", explanation (request));
}

void
agent_approval_state (Agent *agent, const RpcCall *rpc)
{
  const Request *request = requests_find (
      agent->vault->requests, wire_string (rpc->params, "request_id"), agent->requester);

  if (request == NULL)
    rpc_refuse (agent->conn, rpc->id, RPC_NOT_FOUND,
                "request_id: there is no such request of this process",
                json_pack ("{s:s}", "field", "request_id"));
  else
    complete (agent, rpc, state_json (request));
}

void
agent_own_requests (Agent *agent, const RpcCall *rpc)
{
  g_autoptr (GPtrArray) own = requests_of (agent->vault->requests, agent->requester);
  json_t *requests = json_array ();

  /* Of those that are not announced nobody can have the id. */
  for (guint i = 0; i < own->len && json_array_size (requests) < OWN_MOST; i++)
    if (((Request *) g_ptr_array_index (own, i))->announced)
      json_array_append_new (requests, state_json (g_ptr_array_index (own, i)));
  complete (agent, rpc, json_pack ("{s:o}", "requests", requests));
}
