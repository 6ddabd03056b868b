/* SPDX-License-Identifier: MIT
 *
 * The tools as a client calls them: our own, or OpaqueVault's.
 */
#include "mcp/tools/mcp-arguments.h"
#include "mcp/tools/mcp-broker-private.h"
#include "mcp/tools/mcp-result.h"
#include "mcp/tools/mcp-vault-tools.h"

McpQuestion *
mcp_broker_question (const char *call, json_t *arguments, GError **error)
{
  const Arguments *table = arguments_find (call);

  return arguments_check (table, arguments, error) ? mcp_question_new (table, arguments, error)
                                                   : NULL;
}

McpQuestion *
mcp_broker_go_on (McpBroker *broker, McpQuestion *question)
{
  const char *request_id = mcp_memory_find_same (broker->memory, question, g_get_monotonic_time ());

  if (request_id == NULL)
    return question;
  mcp_question_unref (question);
  g_autoptr (json_t) arguments = json_pack ("{s:s}", "request_id", request_id);
  return mcp_question_new (arguments_find ("approval_wait"), arguments, NULL);
}

static json_t *
list_tools (gpointer user, McpSession *session, McpList list)
{
  return mcp_tools_list ();
}

static json_t *
list_vault_tools (gpointer user, McpSession *session, McpList list)
{
  return mcp_vault_tools_list ();
}

/* approval_wait names its own time; it holds as well when another call is asked in its stead. */
static gint64
hold_of (const McpBroker *broker, const McpQuestion *question)
{
  gint64 hold = broker->hold_seconds;

  if (g_str_equal (mcp_question_method (question), "approval_wait"))
    hold = MIN (hold, wire_integer (mcp_question_params (question), "timeout_seconds", hold));
  return hold * G_USEC_PER_SEC;
}

static void
begin (McpBroker *broker, McpCall *call, McpQuestion *question, McpVault *vault)
{
  McpWaiting *waiting = mcp_waiting_new (broker->list, call, question, hold_of (broker, question),
                                         g_get_monotonic_time ());

  waiting->vault = vault;
  mcp_call_set_data (call, waiting);
  if (mcp_link_client (broker->link) != NULL)
    mcp_broker_ask (broker, waiting);
  else
    mcp_link_want (broker->link, mcp_session_claim (mcp_call_session (call)));
}

static void
refuse_unknown (McpCall *call)
{
  mcp_call_refuse (call, MCP_INVALID_PARAMS, "name: there is no such tool", NULL);
}

static void
begin_call (gpointer user, McpCall *call)
{
  McpBroker *broker = user;
  const char *tool = mcp_arguments_tool (mcp_call_name (call));
  g_autoptr (GError) error = NULL;

  if (!mcp_tools_has (tool))
    {
      refuse_unknown (call);
      return;
    }
  g_autoptr (json_t) tidy = mcp_arguments_tidy (tool, mcp_call_arguments (call));
  McpQuestion *question = mcp_broker_question (tool, tidy, &error);
  if (question != NULL)
    begin (broker, call, question, NULL);
  else
    mcp_result_send_failure (call, "invalid_arguments", error->message);
}

static void
begin_vault_call (gpointer user, McpCall *call)
{
  McpBroker *broker = user;
  const char *tool = mcp_call_name (call);
  g_autoptr (GError) error = NULL;
  McpQuestion *question = NULL;

  if (!mcp_vault_has (tool))
    {
      refuse_unknown (call);
      return;
    }
  g_autoptr (McpVault) vault
      = mcp_vault_new (tool, mcp_call_arguments (call), &broker->vault, &error);
  if (vault != NULL)
    question = mcp_broker_question (mcp_vault_call (vault), mcp_vault_params (vault), &error);
  if (question != NULL)
    begin (broker, call, mcp_broker_go_on (broker, question), g_steal_pointer (&vault));
  else
    mcp_result_send_failure (call, "invalid_arguments", error->message);
}

static void
cancel_call (gpointer user, McpCall *call)
{
  McpBroker *broker = user;
  McpWaiting *waiting = mcp_call_get_data (call);
  Client *client = mcp_link_client (broker->link);

  if (client != NULL && waiting->id != 0)
    {
      g_autoptr (json_t) params = json_pack ("{s:I}", "id", (json_int_t) waiting->id);
      client_notify (client, "cancel", params);
    }
  mcp_waiting_end (broker->list, waiting);
}

const McpHandler *
mcp_broker_handler (const McpBroker *broker)
{
  static const McpHandler ours = { .identity = { .name = "countersign",
                                                 .title = "Countersign",
                                                 .version = COUNTERSIGN_VERSION,
                                                 .instructions = mcp_tools_instructions },
                                   .offers = MCP_OFFERS_TOOLS,
                                   .list = list_tools,
                                   .call = begin_call,
                                   .cancelled = cancel_call };
  static const McpHandler opaquevault
      = { .identity = { .name = "countersign",
                        .title = "Countersign, with OpaqueVault's tools",
                        .version = COUNTERSIGN_VERSION,
                        .instructions = mcp_vault_instructions },
          .offers = MCP_OFFERS_TOOLS,
          .list = list_vault_tools,
          .call = begin_vault_call,
          .cancelled = cancel_call };

  return broker->opaquevault ? &opaquevault : &ours;
}
