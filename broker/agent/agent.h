/* SPDX-License-Identifier: MIT
 *
 * agent.sock, inside: one connection, and its calls that wait.
 */
#pragma once

#include "broker/caller/bearers.h"
#include "broker/operation/operation.h"
#include "broker/serve/rpc.h"

typedef struct
{
  Vault *vault;
  Conn *conn;
  Requester *requester;
  gboolean greeted;
  guint introspecting;   /* under way, or answered late: agent-token.c */
  GQueue refused;        /* those that are answered late */
  GQueue introspections; /* those that wait for their turn */
  GHashTable *calls;     /* id as text → Call; owns */
  GQueue unknown;        /* agent-known.c: calls that wait until it is known who asks */
  /* agent-bearer.c: of our HTTP program, which asks for who shows a token */
  gboolean shown;     /* one has been, good or not: there is one for each connection */
  gboolean over;      /* and it is good no longer */
  BearerProof *proof; /* under way */
  struct _Call *proving;
  BearerWatch watch;
} Agent;

/* One call that waits. */
typedef struct _Call
{
  Waiter waiter; /* first: a Waiter is its Call */
  Agent *agent;  /* NULL: the connection has closed, and only a record on its way holds this */
  json_t *id;
  char *key;
  GString *ready; /* an answer whose record is on its way; NULL otherwise */
} Call;

Call *agent_call_new (Agent *agent, const json_t *id);
void agent_call_free (Call *call);
/* It hears what is written while it runs. */
void agent_call_want_progress (Call *call);

/* A call that is answered by agent_end_call(), and stays until then when its connection closes.
 * FALSE: answered. */
gboolean agent_keep_call (Agent *agent, const RpcCall *rpc, Call **call);
/* Takes @result (may be NULL: @error says why). */
void agent_end_call (Call *call, json_t *result, const GError *error);

/* FALSE: answered, or no answer is due: this peer may not ask for that, or not yet. */
gboolean agent_may_ask (Agent *agent, const RpcCall *rpc);
void agent_bearer (Agent *agent, const RpcCall *rpc);
void agent_resource (Agent *agent, const RpcCall *rpc);
void agent_bearer_closed (Agent *agent);

/* get_secret under a live grant, without making a request of it. FALSE: not covered, nothing was
 * done. TRUE: @call (which is in agent->calls) will be answered when its record is written. */
gboolean agent_answer_covered (Agent *agent, const RpcCall *rpc, Call *call);

/* What needs no person. FALSE: @rpc is none of these. */
gboolean agent_answer_unasked (Agent *agent, const RpcCall *rpc);
/* What is answered once it is known what the requester runs, as far as the policy looks at that;
 * the vault is unlocked then. NULL with an error. */
typedef json_t *(*AgentAnswer) (const Vault *vault, const Requester *requester,
                                const json_t *params, GError **error);
void agent_answer_known (Agent *agent, const RpcCall *rpc, AgentAnswer answer);
void agent_known_closed (Agent *agent); /* nobody waits any more */
/* agent-explain.c */
void agent_explain_access (Agent *agent, const RpcCall *rpc);
/* The same of tokens: agent-token.c. */
void agent_revoke_token (Agent *agent, const RpcCall *rpc);
void agent_token_keys (Agent *agent, const RpcCall *rpc);
void agent_token_introspect (Agent *agent, const RpcCall *rpc);
void agent_token_end (Agent *agent, const RpcCall *rpc);
void agent_token_closed (Agent *agent); /* nobody waits any more */
/* The same of the requester itself: agent-own.c. */
void agent_policy_summary (Agent *agent, const RpcCall *rpc);
void agent_own_grants (Agent *agent, const RpcCall *rpc);
void agent_approval_state (Agent *agent, const RpcCall *rpc);
void agent_own_requests (Agent *agent, const RpcCall *rpc);
const char *agent_state_message (const Vault *vault);
