/* SPDX-License-Identifier: MIT
 *
 * Answers that need to know what the requester runs, when the policy looks at that.
 */
#include "broker/agent/agent.h"

/* One that waits until it is known. */
typedef struct
{
  ExecutableWait wait;
  AgentAnswer answer;
  Call *call;
  json_t *params;
  Vault *vault;
  Requester *requester;
} Waiting;

static void
on_known (gpointer data)
{
  g_autofree Waiting *self = data;
  g_autoptr (GError) error = NULL;
  json_t *result = NULL;

  if (self->vault->state == VAULT_UNLOCKED)
    result = self->answer (self->vault, self->requester, self->params, &error);
  else
    g_set_error_literal (&error, WIRE_ERROR, WIRE_ERROR_FIELD, agent_state_message (self->vault));
  agent_end_call (self->call, result, error);
  json_decref (self->params);
  requester_unref (self->requester);
}

/* TRUE: it will be answered. */
static gboolean
wait_for (Agent *agent, const RpcCall *rpc, AgentAnswer answer)
{
  Vault *vault = agent->vault;
  Waiting *self = g_new0 (Waiting, 1);

  self->wait = (ExecutableWait){ .found = on_known, .data = self };
  if (requester_is_subject (agent->requester)
      || !executables_wait (vault->executables, agent->requester->process,
                            policy_needs (vault->policy), &self->wait))
    {
      g_free (self);
      return FALSE;
    }
  if (!agent_keep_call (agent, rpc, &self->call))
    {
      executables_forget (&self->wait);
      g_free (self);
      return TRUE;
    }
  self->answer = answer;
  self->params = json_incref (rpc->params);
  self->vault = vault;
  self->requester = requester_ref (agent->requester);
  return TRUE;
}

void
agent_answer_known (Agent *agent, const RpcCall *rpc, AgentAnswer answer)
{
  g_autoptr (GError) error = NULL;

  if (wait_for (agent, rpc, answer))
    return;
  json_t *result = answer (agent->vault, agent->requester, rpc->params, &error);
  if (result != NULL)
    rpc_answer (agent->conn, rpc->id,
                json_pack ("{s:s, s:o}", "status", "completed", "result", result), -1);
  else
    rpc_refuse_error (agent->conn, rpc->id, error);
}
