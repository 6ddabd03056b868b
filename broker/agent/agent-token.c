/* SPDX-License-Identifier: MIT
 *
 * Tokens, for those who need no person for it: ending one's own, and what verifies tokens of ours
 * (the keys, introspection by RFC 7662, revocation by RFC 7009). Nothing here widens.
 *
 * MUST
 *  - tell of a token only to a caller who proved to be one that the issuer's file names
 *  - take as long for an unknown caller as for a wrong secret, and be slow to say no to either
 */
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <string.h>

#include "broker/agent/agent.h"
#include "broker/token/tokens.h"

#define WRONG_DELAY (G_USEC_PER_SEC) /* before a wrong guess is answered */
#define AT_ONCE 256                  /* of one connection; the others wait for their turn */

static gboolean
is_open (Agent *agent, const RpcCall *rpc)
{
  if (agent->vault->state == VAULT_UNLOCKED)
    return TRUE;
  rpc_refuse (agent->conn, rpc->id, RPC_LOCKED, agent_state_message (agent->vault), NULL);
  return FALSE;
}

void
agent_token_keys (Agent *agent, const RpcCall *rpc)
{
  if (is_open (agent, rpc))
    rpc_answer (agent->conn, rpc->id,
                json_pack ("{s:s, s:o}", "status", "completed", "result",
                           tokens_published (agent->vault->tokens)),
                -1);
}

/* ---- ending ---- */

static void
on_revoked (gpointer data, const GError *error)
{
  agent_end_call (
      data,
      error != NULL
          ? NULL
          : json_pack ("{s:s}", "message", "The token is revoked: whoever asks about it hears so."),
      error);
}

/* Its own, of which it cannot be wrong: another's is not told apart from none. */
void
agent_revoke_token (Agent *agent, const RpcCall *rpc)
{
  Tokens *tokens = agent->vault->tokens;
  const char *id = wire_string (rpc->params, "token_id");
  Call *call;

  if (!is_open (agent, rpc))
    return;
  if (tokens_find_own (tokens, id, agent->requester) == NULL)
    rpc_refuse (agent->conn, rpc->id, RPC_NOT_FOUND,
                "token_id: there is no such token of this program: it has ended, or is another's",
                json_pack ("{s:s}", "field", "token_id"));
  else if (agent_keep_call (agent, rpc, &call))
    tokens_revoke (tokens, id, agent->requester->process, on_revoked, call);
}

static void
on_ended (gpointer data, const GError *error)
{
  agent_end_call (data, error != NULL ? NULL : json_object (), error);
}

/* RFC 7009: who has the token may end it; one that is no good needs no ending. */
void
agent_token_end (Agent *agent, const RpcCall *rpc)
{
  Tokens *tokens = agent->vault->tokens;
  const char *token = wire_string (rpc->params, "token");
  Call *call;

  if (!is_open (agent, rpc) || !agent_keep_call (agent, rpc, &call))
    return;
  g_autofree char *id = tokens_id_of (tokens, token, strlen (token));
  if (id == NULL || !tokens_revoke (tokens, id, agent->requester->process, on_ended, call))
    agent_end_call (call, json_object (), NULL);
}

/* ---- introspection ---- */

typedef struct
{
  Vault *vault;
  Call *call;
  Deadline slow; /* a wrong guess is answered late */
  char *token, *client;
  guint8 secret[32]; /* SHA-256 of what was given */
} Introspection;

static void begin_introspection (Introspection *self);

static void
introspection_free (Introspection *self)
{
  loop_deadline_clear (self->vault->loop, &self->slow);
  explicit_bzero (self->token, strlen (self->token));
  explicit_bzero (self->secret, sizeof self->secret);
  g_free (self->token);
  g_free (self->client);
  g_free (self);
}

void
agent_token_closed (Agent *agent)
{
  GQueue *const waiting[] = { &agent->introspections, &agent->refused };
  Introspection *one;

  for (gsize i = 0; i < G_N_ELEMENTS (waiting); i++)
    while ((one = g_queue_pop_head (waiting[i])) != NULL)
      {
        agent_call_free (one->call); /* which knows no connection any more */
        introspection_free (one);
      }
}

/* The next one has its turn. */
static void
finish (Introspection *self, json_t *result /* taken; NULL: the caller is none of ours */)
{
  Agent *agent = self->call->agent;
  Introspection *next = NULL;

  if (agent != NULL)
    {
      agent->introspecting--;
      next = g_queue_pop_head (&agent->introspections);
    }
  if (agent != NULL && result == NULL)
    {
      rpc_refuse (agent->conn, self->call->id, RPC_REFUSED,
                  "client_id, client_secret: are not those of a verifier that the issuer names",
                  json_pack ("{s:s}", "reason", "client"));
      g_hash_table_remove (agent->calls, self->call->key);
    }
  else
    agent_end_call (self->call, result, NULL);
  introspection_free (self);
  if (next != NULL)
    begin_introspection (next);
}

static void
on_slow (gpointer data)
{
  Introspection *self = data;

  g_queue_remove (&self->call->agent->refused, self);
  finish (self, NULL);
}

static void
refuse_slowly (Introspection *self)
{
  if (self->call->agent == NULL)
    {
      finish (self, NULL);
      return;
    }
  g_queue_push_tail (&self->call->agent->refused, self);
  self->slow = (Deadline){ .due = on_slow, .data = self };
  loop_deadline_set (self->vault->loop, &self->slow, loop_now () + WRONG_DELAY);
}

/* RFC 7662, section 2.2: of a token that is no good, that alone. */
static json_t *
introspect (Tokens *tokens, const char *token)
{
  g_autoptr (json_t) claims = NULL;

  if (tokens_judge (tokens, token, strlen (token), &claims) != TOKEN_GOOD)
    return json_pack ("{s:b}", "active", FALSE);
  json_t *answer = json_copy (claims);
  json_object_set_new (answer, "active", json_true ());
  json_object_set_new (answer, "token_type", json_string ("Bearer"));
  return answer;
}

/* What the trail knows to be revoked is known here too. */
static void
on_listed (gpointer data, const GError *error)
{
  Introspection *self = data;

  if (error == NULL)
    finish (self, introspect (self->vault->tokens, self->token));
  else
    refuse_slowly (self); /* locked meanwhile */
}

static void
on_verifier (gpointer data, Secret *value, const GError *error)
{
  Introspection *self = data;
  guint8 right[32] = { 0 };
  gboolean known
      = value != NULL
        && EVP_Digest (secret_peek (value), secret_len (value), right, NULL, EVP_sha256 (), NULL)
               == 1;
  gboolean same = CRYPTO_memcmp (right, self->secret, sizeof right) == 0;

  explicit_bzero (right, sizeof right);
  secret_free (value);
  if (known && same && self->vault->state == VAULT_UNLOCKED)
    tokens_when_listed (self->vault->tokens, on_listed, self);
  else
    refuse_slowly (self);
}

/* The secret's name, of the verifier @client; NULL. */
static const char *
verifier_secret (const Vault *vault, const char *client)
{
  g_autoptr (GPtrArray) issuers = providers_of_kind (vault->providers, PROVIDER_ISSUER);

  if (issuers->len == 0)
    return NULL;
  g_autoptr (GPtrArray) rows = provider_rows (issuers->pdata[0], "verifier");
  for (guint i = 0; i < rows->len; i++)
    {
      char **words = rows->pdata[i];
      if (strcmp (words[0], client) == 0)
        return words[1];
    }
  return NULL;
}

static void
begin_introspection (Introspection *self)
{
  Vault *vault = self->vault;
  gboolean open = vault->state == VAULT_UNLOCKED;
  const char *name = open ? verifier_secret (vault, self->client) : NULL;

  self->call->agent->introspecting++;
  if (name != NULL && store_find (vault->store, name) != NULL)
    store_read (vault->store, name, on_verifier, self);
  else
    refuse_slowly (self);
}

void
agent_token_introspect (Agent *agent, const RpcCall *rpc)
{
  const char *given = wire_string (rpc->params, "client_secret");
  Call *call;

  if (!is_open (agent, rpc) || !agent_keep_call (agent, rpc, &call))
    return;
  Introspection *self = g_new0 (Introspection, 1);
  self->vault = agent->vault;
  self->call = call;
  self->token = g_strdup (wire_string (rpc->params, "token"));
  self->client = g_strdup (wire_string (rpc->params, "client_id"));
  EVP_Digest (given, strlen (given), self->secret, NULL, EVP_sha256 (), NULL);
  if (agent->introspecting < AT_ONCE)
    begin_introspection (self);
  else
    g_queue_push_tail (&agent->introspections, self);
}
