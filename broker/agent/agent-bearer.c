/* SPDX-License-Identifier: MIT
 *
 * Our HTTP program, which carries for who shows a token: this decides whom it asks for.
 *
 * MUST
 *  - let it ask for nothing, but what verifies tokens, before a token was proven here
 *  - take no such proof from any other program: that would be a way to be somebody else
 *  - let a connection be one subject's from then on, and nobody's once the token is over
 */
#include <string.h>

#include "broker/agent/agent.h"
#include "broker/base/text.h"

static const char *const without_a_token[]
    = { "token_keys", "token_introspect", "token_end", "bearer", "resource", NULL };

static void
refuse (Agent *agent, const json_t *id, const char *error, const char *scopes, const char *message)
{
  json_t *data = json_pack ("{s:s, s:s}", "reason", "bearer", "error", error);

  if (scopes != NULL)
    json_object_set_new (data, "scope", json_string (scopes));
  rpc_refuse (agent->conn, id, RPC_REFUSED, message, data);
}

/* Files and sockets that another machine's program can do nothing with, and our own command line's
 * calls, which give a value to the program that asks. */
static gboolean
needs_a_process (const RpcCall *rpc)
{
  return strcmp (rpc->method, "launch") == 0 || strcmp (rpc->method, "read_secrets") == 0
         || json_is_true (json_object_get (rpc->params, "output_fd"))
         || json_is_true (json_object_get (rpc->params, "relay_fd"));
}

gboolean
agent_may_ask (Agent *agent, const RpcCall *rpc)
{
  gboolean early = g_strv_contains (without_a_token, rpc->method);
  gboolean ours = strcmp (rpc->method, "bearer") == 0 || strcmp (rpc->method, "resource") == 0;

  if (!agent->requester->remote && ours)
    rpc_refuse (agent->conn, rpc->id, RPC_REFUSED,
                "only countersign-mcp-http asks this, for who shows it a token",
                json_pack ("{s:s}", "reason", "program"));
  else if (agent->over)
    refuse (agent, rpc->id, "invalid_token", NULL, "the token is over; show another");
  else if (agent->requester->remote && !requester_is_subject (agent->requester) && !early)
    refuse (agent, rpc->id, "invalid_token", NULL,
            "no token was shown here that is good, and this program asks for nobody else");
  else if (requester_is_subject (agent->requester) && needs_a_process (rpc))
    rpc_refuse (agent->conn, rpc->id, RPC_REFUSED,
                "this is for programs of this machine, and who asks calls over HTTP",
                json_pack ("{s:s}", "reason", "remote"));
  else
    return TRUE;
  return FALSE;
}

void
agent_resource (Agent *agent, const RpcCall *rpc)
{
  const Vault *vault = agent->vault;

  if (vault->state != VAULT_UNLOCKED)
    rpc_refuse (agent->conn, rpc->id, RPC_LOCKED, agent_state_message (vault), NULL);
  else
    rpc_answer (agent->conn, rpc->id,
                json_pack ("{s:s, s:o}", "status", "completed", "result",
                           bearers_resource (vault->bearers)),
                -1);
}

/* ---- the end of a token ---- */

/* What waits here is answered, and withdrawn where nobody else waits for it; another connection of
 * the same subject goes on. */
static void
on_over (gpointer data)
{
  Agent *agent = data;
  GHashTableIter iter;
  gpointer value;

  agent->over = TRUE;
  g_hash_table_iter_init (&iter, agent->calls);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      Call *call = value;
      if (call->ready != NULL) /* its record is on its way */
        continue;
      g_hash_table_iter_steal (&iter);
      refuse (agent, call->id, "invalid_token", NULL, "the token is over; show another");
      request_forsake (&call->waiter, FALSE);
      agent_call_free (call);
    }
  conn_close (agent->conn, FALSE);
}

/* ---- proving ---- */

static void
become (Agent *agent, const BearerAnswer *answer)
{
  Subject *subject = answer->subject;
  Requester *requester = requester_new_subject (agent->requester, subject);

  requester_unref (agent->requester);
  agent->requester = requester;
  agent->watch = (BearerWatch){ .subject = subject, .over = on_over, .data = agent };
  if (answer->relay
      != NULL) /* without room for it the caller has no credentials of its own there */
    agent->watch.relay = secret_copy (answer->relay, NULL);
  bearers_watch (agent->vault->bearers, &agent->watch);
}

static json_t *
subject_json (const Subject *subject)
{
  g_autofree char *expires = text_format_time (subject->expires_at * G_USEC_PER_SEC);

  /* With `sub`: two people of one issuer may have the same name. */
  return json_pack ("{s:s, s:s, s:s, s:s, s:o, s:s, s:b}", "subject", subject->person, "sub",
                    subject->subject, "issuer", subject->caller, "label", subject->label, "scopes",
                    wire_texts_json (subject->scopes), "expires_at", expires, "local",
                    subject_is_local (subject));
}

static void
refuse_answer (Agent *agent, const json_t *id, const BearerAnswer *answer)
{
  const char *message = answer->error->message;
  g_autofree char *scopes
      = answer->issuer != NULL ? g_strjoinv (" ", answer->issuer->scopes) : NULL;

  if (answer->error->code != BEARER_ERROR_LOCKED)
    bearers_refused (agent->vault->bearers, answer->issuer, message, conn_peer (agent->conn));
  switch ((BearerError) answer->error->code)
    {
    case BEARER_ERROR_SCOPE:
      refuse (agent, id, "insufficient_scope", scopes, message);
      return;
    case BEARER_ERROR_LOCKED:
      rpc_refuse (agent->conn, id, RPC_LOCKED, message, NULL);
      return;
    case BEARER_ERROR_ISSUER:
      rpc_refuse (agent->conn, id, RPC_FAILED, message, json_pack ("{s:s}", "reason", "issuer"));
      return;
    case BEARER_ERROR_TOKEN:
    case BEARER_ERROR_KEY:
    case BEARER_ERROR_NAME:
    default:
      refuse (agent, id, "invalid_token", NULL, message);
    }
}

static void
on_proven (gpointer data, const BearerAnswer *answer)
{
  Agent *agent = data;
  Call *call = g_steal_pointer (&agent->proving);

  agent->proof = NULL;
  if (answer->subject != NULL)
    {
      become (agent, answer);
      agent_end_call (call, subject_json (answer->subject), NULL);
      return;
    }
  refuse_answer (agent, call->id, answer);
  g_hash_table_remove (agent->calls, call->key);
}

void
agent_bearer (Agent *agent, const RpcCall *rpc)
{
  Vault *vault = agent->vault;

  if (vault->state != VAULT_UNLOCKED)
    {
      rpc_refuse (agent->conn, rpc->id, RPC_LOCKED, agent_state_message (vault), NULL);
      return;
    }
  if (agent->shown)
    {
      rpc_refuse (agent->conn, rpc->id, RPC_REQUEST,
                  "a token was shown here already: there is one for each connection", NULL);
      return;
    }
  if (!agent_keep_call (agent, rpc, &agent->proving))
    return;
  agent->shown = TRUE;
  agent->proof = bearers_prove (vault->bearers, wire_string (rpc->params, "token"),
                                wire_string (rpc->params, "resource"), on_proven, agent);
}

void
agent_bearer_closed (Agent *agent)
{
  g_clear_pointer (&agent->proof, bearer_proof_cancel);
  g_clear_pointer (&agent->proving, agent_call_free); /* which knows no connection any more */
  bearer_watch_clear (&agent->watch);
}
