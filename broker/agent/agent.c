/* SPDX-License-Identifier: MIT
 *
 * agent.sock: asking. Nothing said here widens anything.
 *
 * MUST
 *  - find out who asks from the socket, and compare again with each piece received
 *  - answer each id once
 */
#include <string.h>
#include <unistd.h>

#include "broker/agent/agent.h"
#include "broker/base/arguments.h"
#include "broker/serve/server.h"

#define IN_FLIGHT_MAX 20000

static void
do_approval_wait (Agent *agent, const RpcCall *rpc, Call *call)
{
  Request *request = requests_find (agent->vault->requests, wire_string (rpc->params, "request_id"),
                                    agent->requester);
  gint64 hold = wire_integer (rpc->params, "hold_seconds", ARGUMENTS_HOLD_DEFAULT);

  hold = MIN (hold, wire_integer (rpc->params, "timeout_seconds", hold));
  if (request == NULL)
    {
      rpc_refuse (agent->conn, rpc->id, RPC_NOT_FOUND,
                  "request_id: there is no such request of this process; ask again",
                  json_pack ("{s:s}", "field", "request_id"));
      g_hash_table_remove (agent->calls, call->key);
      return;
    }
  request_wait (request, hold, &call->waiter);
}

static void
do_cancel (Agent *agent, const RpcCall *rpc)
{
  json_t *id = json_object_get (rpc->params, "id");
  gboolean withdraw = json_is_true (json_object_get (rpc->params, "withdraw"));

  if (!json_is_string (id) && !json_is_integer (id))
    return;
  Call *key = agent_call_new (agent, id);
  Call *call = g_hash_table_lookup (agent->calls, key->key);
  if (call != NULL && call->ready == NULL)
    {
      request_forsake (&call->waiter, withdraw);
      g_hash_table_remove (agent->calls, key->key);
    }
  agent_call_free (key);
}

/* The descriptor that @field announces, into @fd. FALSE: announced and not there. */
static gboolean
take_announced (Agent *agent, const RpcCall *rpc, const char *field, int *fd)
{
  if (!json_is_true (json_object_get (rpc->params, field)))
    return TRUE;
  *fd = conn_take_fd (agent->conn);
  if (*fd >= 0)
    return TRUE;
  g_autofree char *message = g_strdup_printf ("%s: no descriptor came with the message", field);
  rpc_refuse (agent->conn, rpc->id, RPC_PARAMS, message, json_pack ("{s:s}", "field", field));
  return FALSE;
}

static gboolean
take_files (Agent *agent, const RpcCall *rpc, OperationFiles *files)
{
  const char *by_fd = arguments_find (rpc->method)->by_fd;
  g_autofree char *input = by_fd != NULL ? g_strconcat (by_fd, "_fd", NULL) : NULL;

  return (input == NULL || take_announced (agent, rpc, input, &files->input))
         && take_announced (agent, rpc, "output_fd", &files->output)
         && take_announced (agent, rpc, "relay_fd", &files->relay);
}

static gboolean
resume (Agent *agent, const RpcCall *rpc, RequestResumed *what, gint64 hold, Call *call)
{
  g_autoptr (json_t) id = json_incref (json_object_get (rpc->params, "resume"));

  json_object_del (rpc->params, "resume");
  what->id = json_string_value (id);
  Request *request = requests_find_resumed (agent->vault->requests, what);
  if (request != NULL)
    request_wait (request, hold, &call->waiter);
  else
    rpc_refuse (agent->conn, rpc->id, RPC_NOT_FOUND,
                "resume: there is no such request of this process with these arguments; make the "
                "call again without it",
                json_pack ("{s:s, s:s}", "field", "resume", "reason", "resume"));
  return request != NULL;
}

static gboolean
submit (Agent *agent, const RpcCall *rpc, const OperationRow *row, const OperationFiles *files,
        Call *call)
{
  g_autoptr (GError) error = NULL;
  gint64 hold = wire_integer (rpc->params, "hold_seconds", ARGUMENTS_HOLD_DEFAULT);
  RequestResumed resumed
      = { .requester = agent->requester, .row = row, .args = rpc->params, .input = files->input };

  json_object_del (rpc->params, "hold_seconds"); /* how it waits is no part of what it asks */
  json_object_del (rpc->params, "progress");
  if (json_object_get (rpc->params, "resume") != NULL)
    return resume (agent, rpc, &resumed, hold, call);
  if (request_submit (agent->vault, row, agent->requester, rpc->params, files, hold, &call->waiter,
                      &error))
    return TRUE;
  rpc_refuse_error (agent->conn, rpc->id, error);
  return FALSE;
}

static void
do_operation (Agent *agent, const RpcCall *rpc, const OperationRow *row, Call *call)
{
  OperationFiles files = { -1, -1, -1 };

  if (!take_files (agent, rpc, &files) || !submit (agent, rpc, row, &files, call))
    g_hash_table_remove (agent->calls, call->key);
  if (files.input >= 0)
    close (files.input);
  if (files.output >= 0)
    close (files.output);
  if (files.relay >= 0)
    close (files.relay);
}

/* A call that is refused before its descriptors were taken still announced them: they are no reason
 * to end the connection, by which its caller would not learn why. */
static void
drop_announced (Agent *agent, const RpcCall *rpc)
{
  const char *field;
  json_t *value;

  json_object_foreach (rpc->params, field, value)
  {
    int fd
        = json_is_true (value) && g_str_has_suffix (field, "_fd") ? conn_take_fd (agent->conn) : -1;
    if (fd >= 0)
      close (fd);
  }
}

static gboolean
refuse_early (Agent *agent, const RpcCall *rpc, const Arguments *arguments)
{
  g_autoptr (GError) error = NULL;

  if (arguments == NULL)
    rpc_refuse (agent->conn, rpc->id, RPC_METHOD, "method: there is no such call on agent.sock",
                NULL);
  else if (rpc->id == NULL)
    rpc_refuse (agent->conn, NULL, RPC_REQUEST, "id: is missing; only cancel goes without", NULL);
  else if (g_hash_table_size (agent->calls) >= IN_FLIGHT_MAX)
    rpc_refuse (agent->conn, rpc->id, RPC_BUSY, "too many calls wait on this connection", NULL);
  else if (!arguments_check_socket (arguments, rpc->params, &error))
    rpc_refuse_error (agent->conn, rpc->id, error);
  else if (json_object_get (rpc->params, "resume") != NULL && operation_row (rpc->method) == NULL)
    rpc_refuse (agent->conn, rpc->id, RPC_PARAMS, "resume: this call is never held",
                json_pack ("{s:s}", "field", "resume"));
  else if (!agent_may_ask (agent, rpc))
    ;
  else
    return FALSE;
  drop_announced (agent, rpc);
  return TRUE;
}

static void
begin_call (Agent *agent, const RpcCall *rpc, const OperationRow *row)
{
  Call *call = agent_call_new (agent, rpc->id);

  if (g_hash_table_contains (agent->calls, call->key))
    {
      rpc_refuse (agent->conn, rpc->id, RPC_REQUEST, "id: is still unanswered", NULL);
      agent_call_free (call);
      return;
    }
  g_hash_table_insert (agent->calls, call->key, call);
  if (json_is_true (json_object_get (rpc->params, "progress")))
    agent_call_want_progress (call);
  if (row == NULL)
    do_approval_wait (agent, rpc, call);
  else if (row->operation != OPERATION_GET_SECRET || json_object_get (rpc->params, "resume") != NULL
           || !agent_answer_covered (agent, rpc, call))
    do_operation (agent, rpc, row, call);
}

static void
dispatch (Agent *agent, const RpcCall *rpc)
{
  const OperationRow *row = operation_row (rpc->method);

  if (agent_answer_unasked (agent, rpc))
    return;
  if (agent->vault->state == VAULT_UNINITIALISED)
    {
      rpc_refuse (agent->conn, rpc->id, RPC_NOT_INITIALISED, agent_state_message (agent->vault),
                  NULL);
      drop_announced (agent, rpc);
    }
  else if (row != NULL || strcmp (rpc->method, "approval_wait") == 0)
    begin_call (agent, rpc, row);
  else
    rpc_refuse (agent->conn, rpc->id, RPC_METHOD, "method: there is no such call on agent.sock",
                NULL);
}

static void
greet (Agent *agent, const RpcCall *rpc)
{
  json_t *client = json_object_get (rpc->params, "client");

  if (!server_hello (agent->vault, agent->conn, rpc, "agent"))
    return;
  agent->greeted = TRUE;
  agent->requester->claim_name = g_strdup (wire_string (client, "name"));
  agent->requester->claim_version = g_strdup (wire_string (client, "version"));
}

static void
on_message (Conn *conn, json_t *message, gpointer user)
{
  Agent *agent = user;
  RpcCall rpc;

  if (!rpc_read (conn, message, &rpc))
    return;
  if (!agent->greeted)
    greet (agent, &rpc);
  else if (rpc.id == NULL && strcmp (rpc.method, "cancel") == 0)
    do_cancel (agent, &rpc);
  else if (!refuse_early (agent, &rpc, arguments_find (rpc.method)))
    dispatch (agent, &rpc);
}

/* A process that became another program since it connected is not who connected. */
static gboolean
on_piece (Conn *conn, gpointer user)
{
  const Requester *requester = ((Agent *) user)->requester;

  /* Who asks over HTTP has no process; what carries for them here has. */
  return requester_check (requester, NULL)
         && (!requester->remote || process_check (requester->peer, NULL));
}

static void
on_closed (Conn *conn, gpointer user)
{
  Agent *agent = user;
  GHashTableIter iter;
  gpointer call;

  g_hash_table_iter_init (&iter, agent->calls);
  while (g_hash_table_iter_next (&iter, NULL, &call))
    {
      g_hash_table_iter_steal (&iter);
      ((Call *) call)->agent = NULL;
      request_forsake (&((Call *) call)->waiter, FALSE);
      if (((Call *) call)->ready == NULL)
        agent_call_free (call);
    }
  agent_token_closed (agent);
  agent_known_closed (agent);
  agent_bearer_closed (agent);
  g_hash_table_unref (agent->calls);
  requester_unref (agent->requester);
  g_free (agent);
}

static const ConnEvents events = { on_piece, on_message, rpc_malformed, on_closed };

void
agent_accept (Vault *vault, int fd, Process *peer)
{
  g_autoptr (GError) error = NULL;
  Requester *requester = requester_new (process_ref (peer), vault->carriers, vault->remote, &error);

  if (requester == NULL)
    {
      process_unref (peer);
      close (fd); /* gone already */
      return;
    }
  Agent *agent = g_new0 (Agent, 1);
  agent->vault = vault;
  agent->requester = requester;
  agent->calls
      = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, (GDestroyNotify) agent_call_free);
  agent->conn = conn_new (vault->hub, fd, peer, &events, agent, &error);
  if (agent->conn == NULL)
    {
      requester_unref (requester);
      g_hash_table_unref (agent->calls);
      g_free (agent);
    }
}
