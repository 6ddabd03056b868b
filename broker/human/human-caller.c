/* SPDX-License-Identifier: MIT
 *
 * Who may call over HTTP, for a person's programs: the issuers that were accepted, and our own
 * local tokens.
 */
#include <string.h>

#include "broker/base/text.h"
#include "broker/base/wire.h"
#include "broker/caller/bearers.h"
#include "broker/human/human.h"

static json_t *
ready_json (gconstpointer item)
{
  return json_incref ((json_t *) item);
}

static json_t *
issuer_json (const CallerIssuer *issuer)
{
  return json_pack ("{s:s, s:s, s:s, s:s, s:o, s:s*}", "id", issuer->name, "kind", "issuer", "name",
                    issuer->name, "issuer", issuer->issuer, "scopes",
                    wire_texts_json (issuer->scopes), "relay", issuer->relay);
}

void
human_caller_list (Human *human, const RpcCall *rpc)
{
  const Callers *callers = human->vault->callers;
  g_autoptr (GPtrArray) all = g_ptr_array_new_with_free_func ((GDestroyNotify) json_decref);
  g_autoptr (GPtrArray) local = bearers_local_list (human->vault->bearers);

  for (guint i = 0; callers != NULL && i < callers_count (callers); i++)
    g_ptr_array_add (all, issuer_json (callers_nth (callers, i)));
  for (guint i = 0; i < local->len; i++)
    g_ptr_array_add (all, json_incref (g_ptr_array_index (local, i)));
  human_answer_page (human, rpc, "callers", all, ready_json);
}

/* The token goes out once, and only when what it is known by is on the disk. */
static void
on_added (gpointer data, const GError *error)
{
  HumanCall *call = data;
  g_autoptr (Secret) token = call->data;

  if (error != NULL)
    {
      human_call_refuse (call, error);
      return;
    }
  json_t *text = json_stringn ((const char *) secret_peek (token), secret_len (token));
  human_call_answer (call, json_pack ("{s:s, s:o}", "name", call->name, "token", text), -1);
}

void
human_caller_add (Human *human, const RpcCall *rpc)
{
  const char *name = wire_string (rpc->params, "name");
  gint64 seconds = wire_integer (rpc->params, "seconds", CALLER_TOKEN_FOR);
  HumanCall *call = human_call_new (human, rpc->id, name);
  g_autoptr (GError) error = NULL;

  call->data = bearers_local_add (human->vault->bearers, name, seconds, conn_peer (human->conn),
                                  on_added, call, &error);
  if (call->data == NULL)
    {
      rpc_refuse (human->conn, rpc->id, RPC_EXISTS, error->message,
                  json_pack ("{s:s}", "field", "name"));
      human_call_free (call);
    }
}

void
human_caller_rm (Human *human, const RpcCall *rpc)
{
  const char *name = wire_string (rpc->params, "name");
  Vault *vault = human->vault;

  if (vault->state != VAULT_UNLOCKED)
    rpc_refuse (human->conn, rpc->id, RPC_LOCKED, "the broker is locked: `countersign unlock`",
                NULL);
  else if (bearers_local_remove (vault->bearers, name, conn_peer (human->conn)))
    rpc_answer (human->conn, rpc->id, json_object (), -1);
  else if (callers_find (vault->callers, name) != NULL)
    rpc_refuse (human->conn, rpc->id, RPC_NOT_FOUND,
                "name: is an issuer; remove its file in callers.d, then `countersign policy apply`",
                json_pack ("{s:s}", "field", "name"));
  else
    rpc_refuse (human->conn, rpc->id, RPC_NOT_FOUND, "name: there is no such local token",
                json_pack ("{s:s}", "field", "name"));
}
