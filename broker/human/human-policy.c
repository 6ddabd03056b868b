/* SPDX-License-Identifier: MIT
 *
 * The accepted policy, and the sealed parts of the audit trail, for a person's programs.
 */
#include <string.h>
#include <unistd.h>

#include "broker/accepted.h"
#include "broker/human/human.h"
#include "broker/record.h"
#include "broker/request/judge.h"

#define FILES_BYTES (1024 * 1024)

void
human_policy_show (Human *human, const RpcCall *rpc)
{
  rpc_answer (human->conn, rpc->id, accepted_show (human->vault), -1);
}

/* From the message, or from the descriptor that it announces. Caller owns. */
static json_t *
read_files (Human *human, const RpcCall *rpc, GError **error)
{
  json_t *files = json_object_get (rpc->params, "files");
  gboolean by_fd = json_is_true (json_object_get (rpc->params, "files_fd"));
  int fd = by_fd ? conn_take_fd (human->conn) : -1;

  if (by_fd == (files != NULL) || (by_fd && fd < 0))
    {
      g_set_error_literal (error, WIRE_ERROR, WIRE_ERROR_FIELD,
                           "files: give either files, or files_fd with a descriptor");
      return NULL;
    }
  if (files != NULL)
    return json_incref (files);
  g_autoptr (Secret) text = secret_read_memfd (fd, FILES_BYTES, error);
  close (fd);
  return text == NULL
             ? NULL
             : wire_parse ((const char *) secret_peek (text), secret_len (text), TRUE, error);
}

/* Whoever accepts says yes to a difference: what they were shown it from must rule still. */
static gboolean
check_unchanged (Human *human, const RpcCall *rpc)
{
  const char *over = wire_string (rpc->params, "over");
  g_autoptr (json_t) accepted = over != NULL ? accepted_show (human->vault) : NULL;
  g_autofree char *digest
      = over != NULL ? wire_files_digest (json_object_get (accepted, "files")) : NULL;

  if (!human->vault->accepting && g_strcmp0 (digest, over) == 0)
    return TRUE;
  rpc_refuse (human->conn, rpc->id, RPC_REFUSED,
              "over: another policy was accepted since; look at the difference again",
              json_pack ("{s:s, s:s}", "field", "over", "reason", "changed"));
  return FALSE;
}

static void
on_judged (gpointer data, guint ended, guint refused)
{
  HumanCall *call = data;
  const Vault *vault = call->human->vault;

  human_call_answer (call,
                     json_pack ("{s:I, s:I, s:i, s:i}", "rules",
                                (json_int_t) policy_n_rules (vault->policy), "services",
                                (json_int_t) services_count (vault->services), "ended", (int) ended,
                                "refused", (int) refused),
                     -1);
}

static void
on_saved (gpointer data, const GError *error)
{
  HumanCall *call = data;
  Accepted *accepted = call->data;
  Vault *vault = call->human->vault;

  vault->accepting = FALSE;
  if (error != NULL)
    {
      accepted_free (accepted);
      human_call_refuse (call, error);
      return;
    }
  accepted_rule (vault, accepted);
  judge_again (vault->judge, on_judged, call);
}

typedef struct
{
  HumanCall *call;
  json_t *files;
} Applying;

/* A policy may widen: its record is on disk before it is in force. */
static void
on_recorded (gpointer data, const GError *error)
{
  Applying *applying = data;

  if (error != NULL)
    {
      applying->call->human->vault->accepting = FALSE;
      accepted_free (applying->call->data);
      human_call_refuse (applying->call, error);
    }
  else
    accepted_save (applying->call->human->vault, applying->files, on_saved, applying->call);
  json_decref (applying->files);
  g_free (applying);
}

void
human_policy_apply (Human *human, const RpcCall *rpc)
{
  Vault *vault = human->vault;
  g_autoptr (GError) error = NULL;
  g_autoptr (json_t) files = read_files (human, rpc, &error);
  Accepted *accepted = files != NULL ? accepted_parse (files, &error) : NULL;

  if (accepted == NULL)
    {
      rpc_refuse_error (human->conn, rpc->id, error);
      return;
    }
  if (!check_unchanged (human, rpc))
    {
      accepted_free (accepted);
      return;
    }
  vault->accepting = TRUE;
  Applying *applying = g_new0 (Applying, 1);
  applying->call = human_call_new (human, rpc->id, NULL);
  applying->call->data = accepted;
  applying->files = json_incref (files);
  AuditRecord *record = record_human (vault, "policy_applied", conn_peer (human->conn));
  audit_record_integer (record, "rules", policy_n_rules (accepted->policy));
  audit_record_integer (record, "services", services_count (accepted->services));
  audit_append (vault->audit, record, AUDIT_SYNCED, on_recorded, applying);
}
