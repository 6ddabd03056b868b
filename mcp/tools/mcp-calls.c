/* SPDX-License-Identifier: MIT
 *
 * Calls as a client makes them, of our own tools or OpaqueVault's, of resources and about tasks:
 * how each begins, and how it is cancelled.
 */
#include "mcp/tools/mcp-arguments.h"
#include "mcp/tools/mcp-broker-private.h"
#include "mcp/tools/mcp-prompts.h"
#include "mcp/tools/mcp-resources.h"
#include "mcp/tools/mcp-result.h"
#include "mcp/tools/mcp-vault.h"

/* Seconds that a call may take before it becomes a task: what needs no person is mostly done by
 * then, and answered without being asked after. */
#define TASK_HOLD 1

McpQuestion *
mcp_broker_question (const char *call, json_t *arguments, GError **error)
{
  const Arguments *table = arguments_find (call);

  return arguments_check (table, arguments, error) ? mcp_question_new (table, arguments, error)
                                                   : NULL;
}

static McpQuestion *
ask_about (const char *call, const char *request_id)
{
  g_autoptr (json_t) arguments = json_pack ("{s:s}", "request_id", request_id);

  return mcp_question_new (arguments_find (call), arguments, NULL);
}

McpQuestion *
mcp_broker_go_on (McpBroker *broker, McpQuestion *question)
{
  const char *request_id = mcp_memory_find_same (broker->memory, question, g_get_monotonic_time ());

  if (request_id == NULL)
    return question;
  mcp_question_unref (question);
  return ask_about ("approval_wait", request_id);
}

McpWaiting *
mcp_broker_begin (McpBroker *broker, McpCall *call, McpQuestion *question,
                  const McpDelivery *delivery, gint64 hold)
{
  McpWaiting *waiting = mcp_waiting_new (broker->list, call, question, hold * G_USEC_PER_SEC,
                                         g_get_monotonic_time ());

  waiting->delivery = delivery;
  mcp_call_set_data (call, waiting);
  return waiting;
}

/* --- Tools --- */

static gboolean
is_wait (const McpQuestion *question)
{
  return g_str_equal (mcp_question_method (question), "approval_wait");
}

static McpWay
way_of (const McpBroker *broker, const McpCall *call)
{
  if (!mcp_version_is_modern (mcp_call_version (call)))
    return MCP_WAY_PENDING;
  return !mcp_offered_is_vault (broker->offered)
                 && mcp_call_client_can (call, "extensions/io.modelcontextprotocol/tasks")
             ? MCP_WAY_TASK
             : MCP_WAY_ROUNDS;
}

/* approval_wait names its own time; it holds as well when another call is asked in its stead. */
static gint64
hold_of (const McpBroker *broker, const McpQuestion *question, McpWay way)
{
  gint64 hold = broker->hold_seconds;

  if (is_wait (question))
    return MIN (hold, wire_integer (mcp_question_params (question), "timeout_seconds", hold));
  return way == MCP_WAY_TASK ? MIN (hold, TASK_HOLD) : hold;
}

/* Takes @question, @vault and @resume. */
static void
begin_tool (McpBroker *broker, McpCall *call, McpQuestion *question, McpVault *vault, char *resume,
            guint round)
{
  /* Who waits by name has an answer in "pending" too. */
  McpWay way = vault == NULL && is_wait (question) ? MCP_WAY_PENDING : way_of (broker, call);
  McpWaiting *waiting = mcp_broker_begin (broker, call, question, &mcp_delivery_tool,
                                          hold_of (broker, question, way));

  waiting->vault = vault;
  waiting->way = way;
  waiting->resume = resume;
  waiting->round = round;
  mcp_broker_go (broker, waiting);
}

/* What is written would be written where this program runs, not where the caller is. */
static gboolean
check_place (const McpBroker *broker, const json_t *arguments, GError **error)
{
  if (broker->proof == NULL || json_object_get (arguments, "output_file") == NULL)
    return TRUE;
  g_set_error_literal (
      error, WIRE_ERROR, WIRE_ERROR_FIELD,
      "output_file: over HTTP there is no file of yours to write to; leave it out, "
      "and the answer holds the body");
  return FALSE;
}

/* The one that was answered with @request_id, when it was the same: the file that it made is still
 * written to, and it is known whether it may be asked again. The caller owns it. */
static McpQuestion *
question_of (McpBroker *broker, const char *tool, json_t *arguments, const char *request_id,
             GError **error)
{
  McpRemembered what;

  if (request_id != NULL
      && mcp_memory_find (broker->memory, request_id, g_get_monotonic_time (), &what)
      && mcp_question_is (what.question, tool, arguments))
    return mcp_question_ref (what.question);
  return check_place (broker, arguments, error) ? mcp_broker_question (tool, arguments, error)
                                                : NULL;
}

/* Takes @resume. */
static void
call_tool (McpBroker *broker, McpCall *call, const char *tool, char *resume, guint round)
{
  g_autoptr (json_t) tidy = mcp_arguments_tidy (tool, mcp_call_arguments (call));
  g_autoptr (GError) error = NULL;
  g_autofree char *state = resume;
  McpQuestion *question = question_of (broker, tool, tidy, resume, &error);

  if (question != NULL)
    begin_tool (broker, call, question, NULL, g_steal_pointer (&state), round);
  else
    mcp_result_send_failure (call, "invalid_arguments", error->message);
}

/* Which of its questions was held is found by what it asks. */
static void
call_vault (McpBroker *broker, McpCall *call, const char *tool, guint round)
{
  g_autoptr (GError) error = NULL;
  McpQuestion *question = NULL;
  g_autoptr (McpVault) vault
      = mcp_vault_new (tool, mcp_call_arguments (call), &broker->vault, &error);

  if (vault != NULL)
    question = mcp_broker_question (mcp_vault_call (vault), mcp_vault_params (vault), &error);
  if (question != NULL)
    begin_tool (broker, call, mcp_broker_go_on (broker, question), g_steal_pointer (&vault), NULL,
                round);
  else
    mcp_result_send_failure (call, "invalid_arguments", error->message);
}

static void
refuse_unknown (const McpBroker *broker, McpCall *call)
{
  g_autofree char *message = mcp_offered_missing (broker->offered, mcp_call_name (call));

  mcp_call_refuse (call, MCP_INVALID_PARAMS, message, NULL);
}

static void
begin_call (McpBroker *broker, McpCall *call)
{
  const char *tool = mcp_offered_find (broker->offered, mcp_call_name (call));
  g_autofree char *resume = NULL;
  guint round;

  if (tool == NULL)
    refuse_unknown (broker, call);
  else if (!mcp_offered_has (broker->offered, tool))
    mcp_result_send_failure (call, "not_offered",
                             "This server was started without this tool, by --capabilities.");
  else if (!mcp_delivery_read_state (call, &resume, &round))
    mcp_call_refuse (call, MCP_INVALID_PARAMS,
                     "requestState: is not what was answered here; call again without it", NULL);
  else if (mcp_offered_is_vault (broker->offered))
    call_vault (broker, call, tool, round);
  else
    call_tool (broker, call, tool, g_steal_pointer (&resume), round);
}

/* --- Resources, and what completes their names --- */

static void
begin_reading (McpBroker *broker, McpCall *call)
{
  McpQuestion *question = mcp_resources_question (call);

  if (question != NULL)
    mcp_broker_go (broker, mcp_broker_begin (broker, call, question, &mcp_resources_delivery, 0));
}

/* --- Tasks --- */

static void
begin_task (McpBroker *broker, McpCall *call, const char *method, const McpDelivery *delivery)
{
  const char *id = mcp_call_name (call);
  McpRemembered what;
  gboolean found = mcp_memory_find (broker->memory, id, g_get_monotonic_time (), &what);
  McpQuestion *question = ask_about (method, found && what.current != NULL ? what.current : id);
  McpWaiting *waiting = mcp_broker_begin (broker, call, question, delivery, 0);

  waiting->task = g_strdup (id);
  mcp_broker_go (broker, waiting);
}

void
mcp_broker_call (McpBroker *broker, McpCall *call)
{
  switch (mcp_call_kind (call))
    {
    case MCP_CALL_TASK_GET:
      begin_task (broker, call, "approval_wait", &mcp_delivery_task);
      return;
    case MCP_CALL_TASK_CANCEL:
      begin_task (broker, call, "withdraw", &mcp_delivery_withdraw);
      return;
    case MCP_CALL_TASK_UPDATE:
      mcp_call_refuse (call, MCP_INVALID_PARAMS,
                       "taskId: no task waits for anything of yours; a person answers it", NULL);
      return;
    case MCP_CALL_TOOL:
      begin_call (broker, call);
      return;
    case MCP_CALL_PROMPT:
      mcp_prompts_answer (call);
      return;
    case MCP_CALL_RESOURCE:
    case MCP_CALL_COMPLETION:
      begin_reading (broker, call);
      return;
    }
}

/* A request whose id went out only to be called with again belongs to these calls: with the last of
 * them it goes. */
static gboolean
takes_request_along (const McpWaiting *waiting)
{
  return waiting->way == MCP_WAY_ROUNDS && waiting->round > 0;
}

void
mcp_broker_cancelled (McpBroker *broker, McpCall *call)
{
  McpWaiting *waiting = mcp_call_get_data (call);
  Client *client = mcp_link_client (broker->link);

  if (client != NULL && waiting->id != 0)
    {
      g_autoptr (json_t) params = json_pack ("{s:I}", "id", (json_int_t) waiting->id);
      if (takes_request_along (waiting))
        json_object_set_new (params, "withdraw", json_true ());
      client_notify (client, "cancel", params);
    }
  mcp_waiting_end (broker->list, waiting);
}
