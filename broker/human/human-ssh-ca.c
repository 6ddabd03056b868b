/* SPDX-License-Identifier: MIT
 *
 * The SSH CA, for a person's programs.
 */
#include "broker/human/human.h"
#include "broker/issue/ssh-ca.h"

static json_t *
ready_json (gconstpointer item)
{
  return json_incref ((json_t *) item);
}

static void
on_made (gpointer data, const GError *error)
{
  HumanCall *call = data;
  SshCa *ca = call->human->vault->ssh_ca;

  if (error != NULL)
    human_call_refuse (call, error);
  else
    human_call_answer (call, ssh_ca_describe (ca), -1);
}

/* A store from before there was a CA gets its key here. */
void
human_ssh_ca (Human *human, const RpcCall *rpc)
{
  ssh_ca_make (human->vault->ssh_ca, on_made, human_call_new (human, rpc->id, NULL));
}

void
human_ssh_ca_list (Human *human, const RpcCall *rpc)
{
  g_autoptr (GPtrArray) list = ssh_ca_list (human->vault->ssh_ca);

  human_answer_page (human, rpc, "certificates", list, ready_json);
}

static void
on_made_for_krl (gpointer data, const GError *error)
{
  HumanCall *call = data;
  SshCa *ca = call->human->vault->ssh_ca;

  if (error != NULL)
    {
      human_call_refuse (call, error);
      return;
    }
  g_autoptr (GBytes) krl = ssh_ca_krl (ca);
  g_autofree char *base64 = g_base64_encode (g_bytes_get_data (krl, NULL), g_bytes_get_size (krl));
  json_t *result = ssh_ca_describe (ca);
  json_object_set_new (result, "krl", json_string (base64));
  human_call_answer (call, result, -1);
}

void
human_ssh_ca_krl (Human *human, const RpcCall *rpc)
{
  ssh_ca_make (human->vault->ssh_ca, on_made_for_krl, human_call_new (human, rpc->id, NULL));
}

void
human_ssh_ca_revoke (Human *human, const RpcCall *rpc)
{
  const char *serial = wire_string (rpc->params, "serial");
  const char *key_id = wire_string (rpc->params, "key_id");

  if ((serial == NULL) == (key_id == NULL))
    rpc_refuse (human->conn, rpc->id, RPC_PARAMS,
                "serial: name one certificate by its serial, or "
                "by its key_id",
                json_pack ("{s:s}", "field", "serial"));
  else if (human->vault->state != VAULT_UNLOCKED)
    rpc_refuse (human->conn, rpc->id, RPC_LOCKED,
                "the broker is locked, and what it signed is sealed; `countersign revoke` of its "
                "grant works, and counts when the broker is unlocked",
                NULL);
  else if (ssh_ca_revoke (human->vault->ssh_ca, serial, key_id, conn_peer (human->conn)))
    rpc_answer (human->conn, rpc->id, json_object (), -1);
  else
    rpc_refuse (human->conn, rpc->id, RPC_NOT_FOUND,
                "there is no such certificate that is valid and not revoked yet",
                json_pack ("{s:s}", "field", serial != NULL ? "serial" : "key_id"));
}
