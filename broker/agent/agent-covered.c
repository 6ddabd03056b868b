/* SPDX-License-Identifier: MIT
 *
 * The answer that is given most: get_secret under a live grant. It costs no request: what decided
 * it is the grant, which has a record of its own.
 *
 * MUST
 *  - ask the policy first: a deny beats a live grant
 *  - be recorded before it leaves, each time
 */
#include <string.h>

#include "broker/accepted.h"
#include "broker/agent/agent.h"
#include "broker/record.h"

static gboolean
asks_use_only (const json_t *params)
{
  const json_t *scopes = json_object_get (params, "scopes");
  return scopes == NULL
         || (json_array_size (scopes) == 1
             && strcmp (json_string_value (json_array_get (scopes, 0)), "use") == 0);
}

static Grant *
find_grant (const Agent *agent, const char *name)
{
  static const char *const scopes[] = { "use", NULL };
  Vault *vault = agent->vault;
  PolicyDecision decision;
  PolicyQuery query;

  if (vault->state != VAULT_UNLOCKED || store_find (vault->store, name) == NULL)
    return NULL;
  accepted_query (vault, agent->requester, OPERATION_GET_SECRET, &query);
  query.resource = name;
  policy_decide (vault->policy, &query, &decision);
  /* What is to be told, or cut, takes the longer way. */
  if (decision.verdict == POLICY_DENY || decision.notify || decision.cut)
    return NULL;
  Grant *grant
      = grants_cover (vault->grants, OPERATION_GET_SECRET, name, scopes, NULL, agent->requester);
  if (grant != NULL && query.count != NULL)
    policy_counted (vault->policy, &query, count_of_add, query.count_user);
  return grant;
}

/* What stays the same from answer to answer. */
static const char *
unchanging_part (Grant *grant)
{
  if (grant->rendered == NULL)
    {
      g_autoptr (json_t) part = json_pack ("{s:s, s:s, s:s}", "id", grant->reference, "name",
                                           grant->resource, "purpose", grant->purpose);
      char *text = json_dumps (part, JSON_COMPACT);
      text[strlen (text) - 1] = '\0'; /* more members follow */
      grant->rendered = g_strdup (text);
      free (text);
    }
  return grant->rendered;
}

static GString *
render (Grant *grant, const json_t *id)
{
  gint64 left = grant_seconds_left (grant);
  g_autofree char *id_text = NULL;
  GString *out = g_string_sized_new (512);

  if (json_is_integer (id))
    id_text = g_strdup_printf ("%" JSON_INTEGER_FORMAT, json_integer_value (id));
  else
    {
      char *text = json_dumps (id, JSON_ENCODE_ANY);
      id_text = g_strdup (text);
      free (text);
    }
  g_string_append_printf (
      out,
      "{\"jsonrpc\":\"2.0\",\"id\":%s,\"result\":{\"status\":\"completed\",\"result\":{"
      "\"reference\":%s,\"expiresAt\":%" G_GINT64_FORMAT ",\"expiresIn\":%" G_GINT64_FORMAT
      "},\"message\":\"" OPERATION_REFERENCE_MESSAGE "\"}}}",
      id_text, unchanging_part (grant), g_get_real_time () / 1000 + left * 1000, left);
  return out;
}

static void
on_recorded (gpointer data, const GError *error)
{
  Call *call = data;

  if (call->agent == NULL)
    {
      agent_call_free (call);
      return;
    }
  if (error == NULL)
    conn_send_text (call->agent->conn, call->ready->str, call->ready->len);
  else
    rpc_answer (call->agent->conn, call->id,
                json_pack ("{s:s, s:s, s:s}", "status", "denied", "code", "audit", "message",
                           "refused: the audit record could not be written"),
                -1);
  g_hash_table_remove (call->agent->calls, call->key);
}

gboolean
agent_answer_covered (Agent *agent, const RpcCall *rpc, Call *call)
{
  Vault *vault = agent->vault;
  Grant *grant
      = asks_use_only (rpc->params) ? find_grant (agent, wire_string (rpc->params, "name")) : NULL;

  if (grant == NULL)
    return FALSE;
  if (grant->repeat == NULL)
    grant->repeat = audit_template_new (record_grant (vault, grant, "grant_used"));
  call->ready = render (grant, rpc->id);
  audit_append (vault->audit, audit_record_from (vault->audit, grant->repeat),
                grant->uses_left == GRANT_UNLIMITED ? AUDIT_WRITTEN : AUDIT_SYNCED, on_recorded,
                call);
  return TRUE;
}
