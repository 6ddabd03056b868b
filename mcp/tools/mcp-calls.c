/* SPDX-License-Identifier: MIT
 *
 * The tools as an McpServer calls them: our own, or OpaqueVault's.
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
list_tools (gpointer user, McpVersion version)
{
  return mcp_tools_list (version);
}

static json_t *
list_vault_tools (gpointer user, McpVersion version)
{
  return mcp_vault_tools_list (version);
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
    mcp_link_want (broker->link, mcp_server_claim (broker->server));
}

static gboolean
begin_call (gpointer user, McpCall *call, const char *tool, json_t *arguments)
{
  McpBroker *broker = user;
  g_autoptr (GError) error = NULL;

  tool = mcp_arguments_tool (tool);
  if (!mcp_tools_has (tool))
    return FALSE;
  g_autoptr (json_t) tidy = mcp_arguments_tidy (tool, arguments);
  McpQuestion *question = mcp_broker_question (tool, tidy, &error);
  if (question != NULL)
    begin (broker, call, question, NULL);
  else
    mcp_result_send_failure (call, "invalid_arguments", error->message);
  return TRUE;
}

static gboolean
begin_vault_call (gpointer user, McpCall *call, const char *tool, json_t *arguments)
{
  McpBroker *broker = user;
  g_autoptr (GError) error = NULL;
  McpQuestion *question = NULL;

  if (!mcp_vault_has (tool))
    return FALSE;
  g_autoptr (McpVault) vault = mcp_vault_new (tool, arguments, &broker->vault, &error);
  if (vault != NULL)
    question = mcp_broker_question (mcp_vault_call (vault), mcp_vault_params (vault), &error);
  if (question != NULL)
    begin (broker, call, mcp_broker_go_on (broker, question), g_steal_pointer (&vault));
  else
    mcp_result_send_failure (call, "invalid_arguments", error->message);
  return TRUE;
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

const McpToolset *
mcp_broker_toolset (const McpBroker *broker)
{
  static const McpToolset ours = { .name = "countersign",
                                   .title = "Countersign",
                                   .instructions = mcp_tools_instructions,
                                   .list = list_tools,
                                   .call = begin_call,
                                   .cancelled = cancel_call };
  static const McpToolset opaquevault = { .name = "countersign",
                                          .title = "Countersign, with OpaqueVault's tools",
                                          .instructions = mcp_vault_instructions,
                                          .list = list_vault_tools,
                                          .call = begin_vault_call,
                                          .cancelled = cancel_call };

  return broker->opaquevault ? &opaquevault : &ours;
}
