/* SPDX-License-Identifier: MIT
 *
 * The trail's files, for whoever keeps them: closing one, and how long they stay.
 *
 * MUST
 *  - let nobody shorten how long they stay without the PIN
 */
#include "broker/human/human.h"
#include "broker/retention.h"

static void
on_closed (gpointer data, const GError *error)
{
  HumanCall *call = data;

  if (error != NULL)
    human_call_refuse (call, error);
  else
    human_call_answer (call, json_pack ("{s:i}", "segment", GPOINTER_TO_INT (call->data)), -1);
}

void
human_audit_close (Human *human, const RpcCall *rpc)
{
  HumanCall *call = human_call_new (human, rpc->id, NULL);

  call->data = GINT_TO_POINTER (audit_close_segment (human->vault->audit, on_closed, call));
}

static json_t *
about_retention (Vault *vault)
{
  gint64 days = retention_days (vault->retention);

  return json_pack ("{s:o, s:s*}", "days", days > 0 ? json_integer (days) : json_null (), "trouble",
                    audit_retain_trouble (vault->audit));
}

void
human_audit_retention (Human *human, const RpcCall *rpc)
{
  if (human->vault->audit == NULL)
    rpc_refuse (human->conn, rpc->id, RPC_LOCKED, "the broker is locked: `countersign unlock`",
                NULL);
  else
    rpc_answer (human->conn, rpc->id, about_retention (human->vault), -1);
}

static void
on_set (gpointer data, const GError *error)
{
  HumanCall *call = data;

  if (error != NULL)
    human_call_refuse (call, error);
  else
    human_call_answer (call, about_retention (call->human->vault), -1);
}

void
human_audit_retain (Human *human, const RpcCall *rpc)
{
  Vault *vault = human->vault;
  gint64 days = wire_integer (rpc->params, "days", 0), before = retention_days (vault->retention);
  gboolean shorter = days > 0 && (before == 0 || days < before);

  if (shorter && !human_prove (human, rpc))
    return;
  if (vault->state != VAULT_UNLOCKED)
    rpc_refuse (human->conn, rpc->id, RPC_LOCKED, "the broker is locked: `countersign unlock`",
                NULL);
  else
    retention_set (vault->retention, days, conn_peer (human->conn), on_set,
                   human_call_new (human, rpc->id, NULL));
}
