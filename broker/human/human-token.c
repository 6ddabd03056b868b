/* SPDX-License-Identifier: MIT
 *
 * Tokens, for a person's programs.
 */
#include <string.h>

#include "broker/base/text.h"
#include "broker/human/human.h"
#include "broker/token/tokens.h"

static json_t *
describe (gconstpointer item)
{
  const TokenEntry *entry = item;
  g_autofree char *expires = text_format_time (entry->expires_at * G_USEC_PER_SEC);

  return json_pack ("{s:s, s:s*, s:o, s:s*, s:s*, s:s*, s:s, s:s}", "token_id", entry->id,
                    "provider", entry->provider, "scopes", wire_texts_json (entry->scopes),
                    "audience", entry->audience != NULL ? entry->audience : entry->provider,
                    "holder", entry->subject, "grant_id", entry->grant_id, "expires_at", expires,
                    "state", entry->revoked ? "revoked" : "active");
}

/* Answered when the trail was looked through: the list is whole or it is none. */
static void
on_listed (gpointer data, const GError *error)
{
  HumanCall *call = data;
  Human *human = call->human;

  if (error == NULL && human->conn != NULL)
    {
      Tokens *tokens = human->vault->tokens;
      g_autoptr (GPtrArray) list = tokens_list (tokens);
      g_autoptr (json_t) params
          = json_pack ("{s:I}", "skip", (json_int_t) GPOINTER_TO_INT (call->data));
      RpcCall rpc = { .id = call->id, .params = params };
      human_answer_page (human, &rpc, "tokens", list, describe);
      human_call_free (call);
    }
  else if (error != NULL)
    human_call_refuse (call, error);
  else
    human_call_free (call);
}

void
human_token_list (Human *human, const RpcCall *rpc)
{
  HumanCall *call = human_call_new (human, rpc->id, NULL);

  call->data = GINT_TO_POINTER ((gint) wire_integer (rpc->params, "skip", 0));
  tokens_when_listed (human->vault->tokens, on_listed, call);
}

void
human_token_keys (Human *human, const RpcCall *rpc)
{
  Tokens *tokens = human->vault->tokens;
  g_autofree char *issuer = tokens_issuer (tokens);

  rpc_answer (human->conn, rpc->id,
              json_pack ("{s:s, s:o}", "issuer", issuer, "keys", tokens_list_keys (tokens)), -1);
}

/* Also after the trail: it may know of a revocation that the store has lost. */
static void
on_verified (gpointer data, const GError *error)
{
  HumanCall *call = data;
  g_autoptr (json_t) claims = NULL;

  if (error != NULL)
    {
      explicit_bzero (call->name, strlen (call->name));
      human_call_refuse (call, error);
      return;
    }
  TokenVerdict verdict
      = tokens_judge (call->human->vault->tokens, call->name, strlen (call->name), &claims);
  explicit_bzero (call->name, strlen (call->name));
  human_call_answer (call,
                     json_pack ("{s:b, s:s*, s:O*}", "active", verdict == TOKEN_GOOD, "reason",
                                verdict != TOKEN_GOOD ? token_verdict_name (verdict) : NULL,
                                "claims", claims),
                     -1);
}

void
human_token_verify (Human *human, const RpcCall *rpc)
{
  tokens_when_listed (human->vault->tokens, on_verified,
                      human_call_new (human, rpc->id, wire_string (rpc->params, "token")));
}

static void
on_done (gpointer data, const GError *error)
{
  HumanCall *call = data;

  if (error != NULL)
    human_call_refuse (call, error);
  else
    human_call_answer (call, json_object (), -1);
}

void
human_token_revoke (Human *human, const RpcCall *rpc)
{
  Vault *vault = human->vault;
  const char *id = wire_string (rpc->params, "token_id");

  /* It is remembered under the store's keys. */
  if (vault->state != VAULT_UNLOCKED)
    {
      rpc_refuse (human->conn, rpc->id, RPC_LOCKED,
                  "the broker is locked: `countersign unlock`; `countersign panic` ends all tokens "
                  "without",
                  NULL);
      return;
    }
  g_autoptr (GError) full = NULL;
  if (!tokens_may_revoke (vault->tokens, id, &full))
    {
      rpc_refuse_error (human->conn, rpc->id, full);
      return;
    }
  HumanCall *call = human_call_new (human, rpc->id, NULL);
  if (tokens_revoke (vault->tokens, id, conn_peer (human->conn), on_done, call))
    return;
  human_call_free (call);
  rpc_refuse (human->conn, rpc->id, RPC_NOT_FOUND,
              "token_id: no token has this ID; `countersign token list` shows those that have not "
              "expired",
              json_pack ("{s:s}", "field", "token_id"));
}

static void
on_rotated (gpointer data, const GError *error)
{
  HumanCall *call = data;

  if (error != NULL)
    human_call_refuse (call, error);
  else
    human_call_answer (
        call, json_pack ("{s:o}", "keys", tokens_list_keys (call->human->vault->tokens)), -1);
}

void
human_token_rotate (Human *human, const RpcCall *rpc)
{
  tokens_rotate (human->vault->tokens, conn_peer (human->conn), on_rotated,
                 human_call_new (human, rpc->id, NULL));
}
