/* SPDX-License-Identifier: MIT
 *
 * The queue and the grants, as a person's programs see them.
 */
#include <string.h>

#include "broker/grant/standing.h"
#include "broker/human/approver.h"
#include "broker/human/human.h"
#include "broker/human/notify.h"
#include "broker/operation/operation.h"
#include "broker/request/history.h"

static void
on_decided (gpointer data, const GError *error)
{
  HumanCall *call = data;

  if (error != NULL)
    {
      human_call_refuse (call, error);
      return;
    }
  Request *request = requests_find (call->human->vault->requests, call->name, NULL);
  gboolean granted = request != NULL && request->grant_id != NULL;
  human_call_answer (call,
                     json_pack ("{s:s, s:s*}", "status", granted ? "granted" : "denied", "grant_id",
                                granted ? request->grant_id : NULL),
                     -1);
}

/* By whom, for other approvers and the record. */
static char *
caller_label (const Human *human)
{
  g_autofree char *name = principal_name (conn_peer (human->conn));
  return g_strdup_printf ("%s (pid %d)", name, process_pid (conn_peer (human->conn)));
}

/* Fields that go with the other verdict. FALSE: answered. */
static gboolean
check_verdict (Human *human, const RpcCall *rpc, const char *verdict)
{
  const char *message = NULL;

  if (strcmp (verdict, "grant") != 0 && strcmp (verdict, "deny") != 0)
    message = "verdict: must be grant or deny";
  else if (*verdict == 'g' && json_object_get (rpc->params, "deny_seconds") != NULL)
    message = "deny_seconds: goes with a denial";
  else if (*verdict == 'd' && json_object_get (rpc->params, "always") != NULL)
    message = "always: goes with a grant";
  else if (*verdict == 'd' && json_object_get (rpc->params, "key") != NULL)
    message = "key: goes with a grant";
  if (message == NULL)
    return TRUE;
  g_autofree char *field = g_strndup (message, strcspn (message, ":"));
  rpc_refuse (human->conn, rpc->id, RPC_PARAMS, message, json_pack ("{s:s}", "field", field));
  return FALSE;
}

/* What came with a grant as a proof. FALSE: answered. @key gets the touch, which is only read here.
 */
static gboolean
take_proof (Human *human, const RpcCall *rpc, Proof *proof, KeyAssertion **key)
{
  const json_t *touch = json_object_get (rpc->params, "key");
  g_autoptr (GError) error = NULL;

  if (touch != NULL && (*key = key_assertion_read (touch, &error)) == NULL)
    {
      rpc_refuse_error (human->conn, rpc->id, error);
      return FALSE;
    }
  if (json_object_get (rpc->params, "pin") != NULL)
    {
      if (!human_prove (human, rpc))
        return FALSE;
      proof->pin = TRUE;
    }
  proof->connection = human_is_authenticated (human);
  proof->spawned = human->spawned;
  proof->key = *key;
  proof->challenge = &human->challenge;
  proof->pin_at = human->pin_at;
  return TRUE;
}

void
human_decide (Human *human, const RpcCall *rpc)
{
  const char *verdict = wire_string (rpc->params, "verdict");
  gboolean grant = strcmp (verdict, "grant") == 0;
  const json_t *named = json_object_get (rpc->params, "scopes");
  g_auto (GStrv) scopes = named != NULL ? wire_texts (named) : NULL; /* NULL: all */
  g_autofree char *by = caller_label (human);
  g_autoptr (KeyAssertion) key = NULL;
  g_autoptr (GError) error = NULL;
  Decision decision = { .request_id = wire_string (rpc->params, "request_id"),
                        .verdict = grant ? VERDICT_GRANT : VERDICT_DENY,
                        .card_digest = wire_string (rpc->params, "card_digest"),
                        .scopes = scopes,
                        .duration = wire_integer (rpc->params, "duration", 0),
                        .uses = wire_integer (rpc->params, "uses", 0),
                        .holder = wire_string (rpc->params, "holder"),
                        .reason = wire_string (rpc->params, "reason"),
                        .deny_seconds = wire_integer (rpc->params, "deny_seconds", 0),
                        .always = json_is_true (json_object_get (rpc->params, "always")),
                        .by = by,
                        .approver = human->number };

  if (!check_verdict (human, rpc, verdict))
    return;
  if (grant && human->vault->state != VAULT_UNLOCKED)
    {
      rpc_refuse (human->conn, rpc->id, RPC_LOCKED, "the broker is locked: `countersign unlock`",
                  NULL);
      return;
    }
  if (grant && !take_proof (human, rpc, &decision.proof, &key))
    return;
  HumanCall *call = human_call_new (human, rpc->id, decision.request_id);
  if (!decision_apply (human->vault, &decision, on_decided, call, &error))
    human_call_refuse (call, error);
  else if (grant)
    human->pin_at = human_is_authenticated (human) ? loop_now () : 0; /* idle time begins anew */
}

static json_t *
held_json (gconstpointer item)
{
  const Request *request = item;
  return json_pack ("{s:s, s:s, s:s}", "request_id", request->id, "card", request->card, "digest",
                    request->digest);
}

void
human_pending (Human *human, const RpcCall *rpc)
{
  g_autoptr (GPtrArray) held = requests_held (human->vault->requests);
  human_answer_page (human, rpc, "requests", held, held_json);
}

void
human_subscribe (Human *human, const RpcCall *rpc)
{
  Vault *vault = human->vault;
  g_autoptr (GPtrArray) held = requests_held (vault->requests);

  if (!g_ptr_array_find (vault->subscribers, human, NULL))
    g_ptr_array_add (vault->subscribers, human);
  rpc_answer (human->conn, rpc->id, json_pack ("{s:I}", "held", (json_int_t) held->len), -1);
  if (!human_reads_cards (human))
    {
      notify_one_count (vault, human->conn);
      return;
    }
  for (guint i = 0; i < held->len; i++)
    notify_one_held (human->conn, g_ptr_array_index (held, i));
  if (human->spawned)
    approver_pay (vault->approver, human->conn);
}

static json_t *
grant_json (gconstpointer item)
{
  return grant_describe (item);
}

void
human_grants (Human *human, const RpcCall *rpc)
{
  g_autoptr (GPtrArray) grants = grants_list (human->vault->grants);
  human_answer_page (human, rpc, "grants", grants, grant_json);
}

static json_t *
ready_json (gconstpointer item)
{
  return json_incref ((json_t *) item);
}

void
human_history (Human *human, const RpcCall *rpc)
{
  g_autoptr (GPtrArray) events = history_list (human->vault->history);
  human_answer_page (human, rpc, "events", events, ready_json);
}

void
human_rules (Human *human, const RpcCall *rpc)
{
  g_autoptr (GPtrArray) rules = standing_list (human->vault->standing);
  human_answer_page (human, rpc, "rules", rules, ready_json);
}

void
human_rule_rm (Human *human, const RpcCall *rpc)
{
  if (human->vault->state != VAULT_UNLOCKED)
    rpc_refuse (human->conn, rpc->id, RPC_LOCKED,
                "the broker is locked, and no rule counts: `countersign unlock`", NULL);
  else if (standing_remove (human->vault->standing, wire_string (rpc->params, "rule_id")))
    rpc_answer (human->conn, rpc->id, json_object (), -1);
  else
    rpc_refuse (human->conn, rpc->id, RPC_NOT_FOUND, "rule_id: there is no such standing rule",
                json_pack ("{s:s}", "field", "rule_id"));
}

void
human_revoke (Human *human, const RpcCall *rpc)
{
  Grants *grants = human->vault->grants;
  const char *id = wire_string (rpc->params, "grant_id");
  gboolean all = json_is_true (json_object_get (rpc->params, "all"));
  Grant *grant = id != NULL ? grants_find (grants, id) : NULL;

  if (all == (id != NULL))
    rpc_refuse (human->conn, rpc->id, RPC_PARAMS, "grant_id: give one, or all: true",
                json_pack ("{s:s}", "field", "grant_id"));
  else if (!all && grant == NULL)
    rpc_refuse (human->conn, rpc->id, RPC_NOT_FOUND, "grant_id: there is no such live grant",
                json_pack ("{s:s}", "field", "grant_id"));
  else
    {
      guint ended = all ? grants_end_all (grants, "revoked") : 1;
      if (!all)
        grant_end (grant, "revoked");
      rpc_answer (human->conn, rpc->id, json_pack ("{s:I}", "revoked", (json_int_t) ended), -1);
    }
}
