/* SPDX-License-Identifier: MIT
 *
 * Security keys, for a person's programs.
 */
#include "broker/base/text.h"
#include "broker/human/human.h"

static json_t *
ready_json (gconstpointer item)
{
  return json_incref ((json_t *) item);
}

void
human_keys (Human *human, const RpcCall *rpc)
{
  g_autoptr (GPtrArray) keys = keys_list (human->vault->keys);
  human_answer_page (human, rpc, "keys", keys, ready_json);
}

static void
on_added (gpointer data, const GError *error)
{
  HumanCall *call = data;

  if (error != NULL)
    human_call_refuse (call, error);
  else
    human_call_answer (call, json_pack ("{s:s}", "id", call->name), -1);
}

void
human_key_add (Human *human, const RpcCall *rpc)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) id = key_bytes_read (
      "credential_id", wire_string (rpc->params, "credential_id"), KEY_CREDENTIAL_MAX, &error);
  g_autoptr (GBytes) point
      = id == NULL ? NULL
                   : key_bytes_read ("public_key", wire_string (rpc->params, "public_key"),
                                     KEY_POINT_LEN, &error);

  if (point == NULL)
    {
      rpc_refuse_error (human->conn, rpc->id, error);
      return;
    }
  const KeyNew parts = { wire_string (rpc->params, "name"), id, point };
  HumanCall *call = human_call_new (human, rpc->id, NULL);
  call->name
      = keys_add (human->vault->keys, &parts, conn_peer (human->conn), on_added, call, &error);
  if (call->name == NULL)
    human_call_refuse (call, error);
}

void
human_key_rm (Human *human, const RpcCall *rpc)
{
  Keys *keys = human->vault->keys;

  if (keys_remove (keys, wire_string (rpc->params, "key_id"), conn_peer (human->conn)))
    rpc_answer (human->conn, rpc->id, json_pack ("{s:I}", "left", (json_int_t) keys_count (keys)),
                -1);
  else
    rpc_refuse (human->conn, rpc->id, RPC_NOT_FOUND, "key_id: there is no such security key",
                json_pack ("{s:s}", "field", "key_id"));
}

/* One at a time for a connection: another process cannot use up a person's, and asking costs
 * nothing that adds up. */
void
human_key_challenge (Human *human, const RpcCall *rpc)
{
  Vault *vault = human->vault;
  const char *id = wire_string (rpc->params, "request_id");
  const Request *request = requests_find (vault->requests, id, NULL);
  g_autoptr (GError) error = NULL;

  g_clear_pointer (&human->challenge, key_challenge_free);
  if (vault->state != VAULT_UNLOCKED)
    rpc_refuse (human->conn, rpc->id, RPC_LOCKED, "the broker is locked: `countersign unlock`",
                NULL);
  else if (request == NULL || request->state != REQUEST_HELD)
    rpc_refuse (human->conn, rpc->id, RPC_NOT_FOUND, "request_id: no such request is waiting",
                json_pack ("{s:s}", "field", "request_id"));
  else if (keys_count (vault->keys) == 0)
    rpc_refuse (human->conn, rpc->id, RPC_NOT_FOUND, KEY_NONE_MESSAGE, NULL);
  else if ((human->challenge = key_challenge_new (id, &error)) == NULL)
    rpc_refuse_error (human->conn, rpc->id, error);
  else
    {
      g_autofree char *bytes
          = g_base64_encode (key_challenge_bytes (human->challenge), KEY_CHALLENGE_LEN);
      rpc_answer (human->conn, rpc->id,
                  json_pack ("{s:s, s:s, s:o}", "challenge", bytes, "rp_id", KEY_RP_ID,
                             "credentials", keys_credentials (vault->keys)),
                  -1);
    }
}
