/* SPDX-License-Identifier: MIT
 *
 * A call that waits, and what it is told: that it is held, how it gets on, its one answer.
 */
#include "broker/agent/agent.h"
#include "broker/base/text.h"

#define POLL_AFTER_MS 2000
#define VALUE_INLINE 4096 /* a longer value travels by memfd */

void
agent_call_free (Call *call)
{
  if (call->ready != NULL)
    g_string_free (call->ready, TRUE);
  json_decref (call->id);
  g_free (call->key);
  g_free (call);
}

static json_t *
outcome_json (const Request *request)
{
  g_autofree char *asked = text_format_time (request->received_at);
  g_autofree char *changed = text_format_time (request->changed_at);

  return json_pack ("{s:s, s:s, s:O*, s:s*, s:s*, s:s*, s:o*, s:s, s:s}", "status",
                    request_status (request), "request_id", request->id, "result", request->result,
                    "message", request->message, "code", request->code, "rule", request->rule,
                    "cut", request->cut != NULL ? wire_texts_json (request->cut) : NULL, "asked_at",
                    asked, "changed_at", changed);
}

static json_t *
pending_json (const Request *request)
{
  gboolean locked = request->vault->state != VAULT_UNLOCKED;
  gboolean held = request->state != REQUEST_RECEIVED;
  g_autofree char *asked = text_format_time (request->received_at);
  g_autofree char *changed = text_format_time (request->changed_at);
  g_autofree char *expires = text_format_time (request->due_at);
  g_autofree char *message
      = request->state == REQUEST_EXECUTING
            ? g_strdup ("It is allowed and runs. Call approval_wait with this request_id for its "
                        "result.")
        : held
            ? g_strdup_printf ("Waiting for a person. They answer with `countersign approve` in a "
                               "terminal (this request: `countersign approve %s`). Call "
                               "approval_wait with this request_id to go on waiting.",
                               request->id)
        : !locked
            ? g_strdup ("It is being looked at. Call approval_wait with this request_id for what "
                        "comes of it.")
            : g_strdup ("Countersign is locked. A person must run `countersign unlock`; then call "
                        "approval_wait with this request_id.");
  return json_pack ("{s:s, s:s, s:s, s:s, s:s, s:i, s:s}", "status", "pending", "request_id",
                    request->id, "asked_at", asked, "changed_at", changed, "expires_at", expires,
                    "poll_after_ms", POLL_AFTER_MS, "message", message);
}

/* The value goes into the message when it is short text, else beside it. */
static int
add_value (json_t *outcome, const Secret *value, GError **error)
{
  json_t *result = json_object_get (outcome, "result");

  if (secret_len (value) <= VALUE_INLINE && secret_is_text (value))
    {
      json_object_set_new (result, "value",
                           json_stringn ((const char *) secret_peek (value), secret_len (value)));
      return -1;
    }
  json_object_set_new (result, "value_fd", json_true ());
  return secret_to_memfd (value, error);
}

static void
on_answer (Waiter *waiter, const Request *request, gboolean pending, const Secret *value)
{
  Call *call = (Call *) waiter;
  Agent *agent = call->agent;
  g_autoptr (GError) error = NULL;
  int fd = -1;
  json_t *outcome = pending ? pending_json (request) : outcome_json (request);

  if (value != NULL)
    fd = add_value (outcome, value, &error);
  if (error != NULL)
    {
      rpc_refuse_error (agent->conn, call->id, error);
      json_decref (outcome);
    }
  else
    rpc_answer (agent->conn, call->id, outcome, fd);
  g_hash_table_remove (agent->calls, call->key);
}

static void
on_held (Waiter *waiter, const Request *request)
{
  Call *call = (Call *) waiter;
  gboolean locked = request->state == REQUEST_RECEIVED;
  gboolean running = request->state == REQUEST_EXECUTING;
  g_autofree char *expires = text_format_time (request->due_at);
  g_autoptr (json_t) notice = json_pack (
      "{s:s, s:s, s:{s:O, s:s, s:s, s:s, s:s}}", "jsonrpc", "2.0", "method", "held", "params", "id",
      call->id, "request_id", request->id, "state",
      locked    ? "locked"
      : running ? "running"
                : "held",
      "expires_at", expires, "message",
      locked    ? "Countersign is locked: waiting for a person to run `countersign unlock`"
      : running ? "it is allowed, and under way"
                : "waiting for a person: `countersign approve`");
  conn_send (call->agent->conn, notice, -1);
}

static void
on_progress (Waiter *waiter, const char *stream, const char *text)
{
  Call *call = (Call *) waiter;
  g_autoptr (json_t) notice
      = json_pack ("{s:s, s:s, s:{s:O, s:s, s:s}}", "jsonrpc", "2.0", "method", "progress",
                   "params", "id", call->id, "stream", stream, "text", text);
  conn_send (call->agent->conn, notice, -1);
}

Call *
agent_call_new (Agent *agent, const json_t *id)
{
  Call *call = g_new0 (Call, 1);

  call->waiter = (Waiter){ .answer = on_answer, .held = on_held };
  call->agent = agent;
  call->id = json_incref ((json_t *) id);
  call->key = json_is_string (id)
                  ? g_strdup_printf ("s%s", json_string_value (id))
                  : g_strdup_printf ("i%" JSON_INTEGER_FORMAT, json_integer_value (id));
  return call;
}

void
agent_call_want_progress (Call *call)
{
  call->waiter.progress = on_progress;
}

gboolean
agent_keep_call (Agent *agent, const RpcCall *rpc, Call **call)
{
  *call = agent_call_new (agent, rpc->id);
  if (g_hash_table_contains (agent->calls, (*call)->key))
    {
      rpc_refuse (agent->conn, rpc->id, RPC_REQUEST, "id: is still unanswered", NULL);
      agent_call_free (*call);
      return FALSE;
    }
  (*call)->ready = g_string_new (NULL);
  g_hash_table_insert (agent->calls, (*call)->key, *call);
  return TRUE;
}

void
agent_end_call (Call *call, json_t *result, const GError *error)
{
  Agent *agent = call->agent;

  if (agent == NULL)
    {
      json_decref (result);
      agent_call_free (call);
      return;
    }
  if (error != NULL)
    rpc_refuse_error (agent->conn, call->id, error);
  else
    rpc_answer (agent->conn, call->id,
                json_pack ("{s:s, s:o}", "status", "completed", "result", result), -1);
  g_hash_table_remove (agent->calls, call->key);
}
