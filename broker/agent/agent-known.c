/* SPDX-License-Identifier: MIT
 *
 * Answers that need to know what the requester runs, when the policy looks at that.
 */
#include "broker/agent/agent.h"

/* One that waits until it is known. */
typedef struct
{
  ExecutableWait wait;
  Agent *agent;
  AgentAnswer answer;
  Call *call;
  json_t *params;
} Waiting;

static void
waiting_free (Waiting *self)
{
  g_queue_remove (&self->agent->unknown, self);
  executables_forget (&self->wait);
  json_decref (self->params);
  g_free (self);
}

static void
on_known (gpointer data)
{
  Waiting *self = data;
  const Agent *agent = self->agent;
  Call *call = self->call;
  g_autoptr (GError) error = NULL;
  json_t *result = NULL;

  if (agent->vault->state == VAULT_UNLOCKED)
    result = self->answer (agent->vault, agent->requester, self->params, &error);
  else
    g_set_error_literal (&error, WIRE_ERROR, WIRE_ERROR_FIELD, agent_state_message (agent->vault));
  waiting_free (self);
  agent_end_call (call, result, error);
}

void
agent_known_closed (Agent *agent)
{
  while (!g_queue_is_empty (&agent->unknown))
    {
      Waiting *waiting = g_queue_peek_head (&agent->unknown);
      agent_call_free (waiting->call);
      waiting_free (waiting);
    }
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
  self->agent = agent;
  self->answer = answer;
  self->params = json_incref (rpc->params);
  g_queue_push_tail (&agent->unknown, self);
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
