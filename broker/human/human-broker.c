/* SPDX-License-Identifier: MIT
 *
 * The broker itself, on human.sock: how it is doing, and what stops it.
 */
#include <string.h>
#include <unistd.h>

#include "broker/accepted.h"
#include "broker/base/text.h"
#include "broker/human/approver.h"
#include "broker/human/human.h"
#include "broker/retention.h"

static json_t *
audit_status (const Vault *vault)
{
  g_autofree char *key = audit_signing_key (vault->audit);
  json_t *audit
      = json_pack ("{s:I, s:s, s:I, s:s*}", "seq", (json_int_t) audit_seq (vault->audit), "hash",
                   audit_last_hash (vault->audit), "owed", (json_int_t) audit_owed (vault->audit),
                   "trouble", audit_trouble (vault->audit));
  json_object_update_new (audit, json_pack ("{s:i, s:s*, s:s*}", "segment",
                                            (int) audit_segment_number (vault->audit), "first_key",
                                            audit_first_key (vault->audit), "retention_trouble",
                                            audit_retain_trouble (vault->audit)));
  if (retention_days (vault->retention) > 0)
    json_object_set_new (audit, "retention_days", json_integer (retention_days (vault->retention)));
  if (vault->repair.torn_bytes > 0 || vault->repair.after_head > 0)
    json_object_set_new (audit, "repaired",
                         json_pack ("{s:I, s:I}", "torn_bytes",
                                    (json_int_t) vault->repair.torn_bytes, "after_head",
                                    (json_int_t) vault->repair.after_head));
  json_object_set_new (audit, "log", json_string (audit_log_id (vault->audit)));
  if (key != NULL)
    json_object_set_new (audit, "key", json_string (key));
  return audit;
}

/* The system broker does not see the person's files: there their program compares. */
static json_t *
policy_status (Vault *vault)
{
  gboolean compared_there = vault->system && vault->state == VAULT_UNLOCKED;

  return json_pack (
      "{s:I, s:I, s:I, s:o}", "rules", (json_int_t) policy_n_rules (vault->policy), "services",
      (json_int_t) services_count (vault->services), "providers",
      (json_int_t) (vault->providers != NULL ? providers_count (vault->providers) : 0),
      compared_there ? "accepted" : "differs",
      compared_there ? accepted_digests (vault) : accepted_differs (vault));
}

void
human_status (Human *human, const RpcCall *rpc)
{
  Vault *vault = human->vault;
  g_autofree char *started = text_format_time (vault->started_at);
  json_t *status = json_pack ("{s:s, s:s, s:s, s:i, s:s, s:s, s:I, s:I, s:I, s:b}", "state",
                              vault_state_name (vault->state), "mode",
                              vault->system ? "system" : "user", "version", COUNTERSIGN_VERSION,
                              "pid", (int) getpid (), "instance", vault->instance, "started_at",
                              started, "held", (json_int_t) requests_count_open (vault->requests),
                              "grants", (json_int_t) grants_count (vault->grants), "references",
                              (json_int_t) grants_count_references (vault->grants), "panicked",
                              vault->state == VAULT_PANICKED);

  if (vault->store != NULL)
    json_object_set_new (status, "secrets", json_integer (store_count (vault->store)));
  if (vault->auto_lock.place != NULL)
    {
      g_autofree char *at
          = text_format_time (g_get_real_time () + vault->auto_lock.at - loop_now ());
      json_object_set_new (status, "locks_at", json_string (at));
    }
  if (vault->audit != NULL)
    json_object_set_new (status, "audit", audit_status (vault));
  if (vault->policy != NULL)
    json_object_set_new (status, "policy", policy_status (vault));
  rpc_answer (human->conn, rpc->id, status, -1);
}

void
human_lock (Human *human, const RpcCall *rpc)
{
  vault_lock (human->vault, conn_peer (human->conn));
  rpc_answer (human->conn, rpc->id, json_object (), -1);
}

void
human_panic (Human *human, const RpcCall *rpc)
{
  vault_panic (human->vault, conn_peer (human->conn));
  rpc_answer (human->conn, rpc->id, json_object (), -1);
}

void
human_shutdown (Human *human, const RpcCall *rpc)
{
  const char *reason = wire_string (rpc->params, "reason");
  gboolean replace = strcmp (reason, "replace") == 0;

  if (human->vault->system)
    {
      rpc_refuse (human->conn, rpc->id, RPC_REFUSED,
                  "the system broker is ended by the service manager alone; `countersign lock` and "
                  "`countersign panic` stop what it does",
                  json_pack ("{s:s}", "reason", "system"));
      return;
    }
  if (!replace && strcmp (reason, "stop") != 0)
    {
      rpc_refuse (human->conn, rpc->id, RPC_PARAMS, "reason: must be stop or replace",
                  json_pack ("{s:s}", "field", "reason"));
      return;
    }
  vault_leave (human->vault, replace, conn_peer (human->conn));
  rpc_answer (human->conn, rpc->id, json_object (), -1);
}

void
human_show_window (Human *human, const RpcCall *rpc)
{
  g_autoptr (GError) error = NULL;

  if (approver_raise (human->vault->approver, &error))
    rpc_answer (human->conn, rpc->id, json_object (), -1);
  else
    rpc_refuse (human->conn, rpc->id, RPC_FAILED, error->message, NULL);
}
