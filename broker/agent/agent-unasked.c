/* SPDX-License-Identifier: MIT
 *
 * What an agent may ask without a person being asked.
 */
#include <string.h>

#include "broker/agent/agent.h"
#include "broker/token/tokens.h"

static void
answer_result (Agent *agent, const RpcCall *rpc, json_t *result)
{
  rpc_answer (agent->conn, rpc->id,
              json_pack ("{s:s, s:o}", "status", "completed", "result", result), -1);
}

const char *
agent_state_message (const Vault *vault)
{
  switch (vault->state)
    {
    case VAULT_UNLOCKED:
      return "Ready. What you ask for is held until a person grants it.";
    case VAULT_LOCKED:
      return "Locked. A person must run `countersign unlock`; calls are held until then.";
    case VAULT_PANICKED:
      return "A person stopped all access. It goes on after `countersign unlock`.";
    case VAULT_UNINITIALISED:
    default:
      return "Not set up. A person must run `countersign init`.";
    }
}

static void
do_broker_status (Agent *agent, const RpcCall *rpc)
{
  Vault *vault = agent->vault;
  json_t *status = json_pack (
      "{s:s, s:s, s:I, s:I, s:s}", "state", vault_state_name (vault->state), "version",
      COUNTERSIGN_VERSION, "held", (json_int_t) requests_count_open (vault->requests), "grants",
      (json_int_t) grants_count (vault->grants), "message", agent_state_message (vault));
  if (vault->store != NULL)
    json_object_set_new (status, "secrets", json_integer (store_count (vault->store)));
  answer_result (agent, rpc, status);
}

static void
do_get_broker_stats (Agent *agent, const RpcCall *rpc)
{
  Vault *vault = agent->vault;
  answer_result (agent, rpc,
                 json_pack ("{s:{s:I, s:I, s:I}}", "stats", "activeTokens",
                            (json_int_t) tokens_count_active (vault->tokens), "activeReferences",
                            (json_int_t) grants_count_references (vault->grants), "storedSecrets",
                            (json_int_t) (vault->store != NULL ? store_count (vault->store) : 0)));
}

static void
do_withdraw (Agent *agent, const RpcCall *rpc)
{
  Request *request = requests_find (agent->vault->requests, wire_string (rpc->params, "request_id"),
                                    agent->requester);

  if (request == NULL)
    {
      rpc_refuse (agent->conn, rpc->id, RPC_NOT_FOUND,
                  "request_id: there is no such request of this process",
                  json_pack ("{s:s}", "field", "request_id"));
      return;
    }
  request_withdraw (request);
  rpc_answer (agent->conn, rpc->id, json_object (), -1);
}

gboolean
agent_answer_unasked (Agent *agent, const RpcCall *rpc)
{
  static const struct
  {
    const char *method;
    void (*answer) (Agent *agent, const RpcCall *rpc);
    gboolean always; /* also when there is no store */
  } calls[] = {
    { "broker_status", do_broker_status, TRUE },
    { "get_broker_stats", do_get_broker_stats, FALSE },
    { "explain_access", agent_explain_access, FALSE },
    { "policy_summary", agent_policy_summary, FALSE },
    { "own_grants", agent_own_grants, FALSE },
    { "approval_state", agent_approval_state, FALSE },
    { "own_requests", agent_own_requests, FALSE },
    { "revoke_token", agent_revoke_token, FALSE },
    { "token_keys", agent_token_keys, FALSE },
    { "token_introspect", agent_token_introspect, FALSE },
    { "token_end", agent_token_end, FALSE },
    { "withdraw", do_withdraw, FALSE },
    { "bearer", agent_bearer, FALSE },
    { "resource", agent_resource, FALSE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (calls); i++)
    if (strcmp (calls[i].method, rpc->method) == 0
        && (calls[i].always || agent->vault->state != VAULT_UNINITIALISED))
      {
        calls[i].answer (agent, rpc);
        return TRUE;
      }
  return FALSE;
}
