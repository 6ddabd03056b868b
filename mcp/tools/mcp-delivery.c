/* SPDX-License-Identifier: MIT */
#include "mcp/tools/mcp-delivery.h"

#include "mcp/tools/mcp-result.h"
#include "mcp/tools/mcp-task.h"

#include <string.h>
#include <unistd.h>

#define FAULT_NOT_FOUND 5 /* broker/PROTOCOL.md */
#define ROUND_DIGITS 3

/* "REQUEST_ID.ROUND" and nothing more: what the client could change in it is checked by the broker,
 * but for the round, by which it delays or hastens only its own answer. */
gboolean
mcp_delivery_read_state (const McpCall *call, char **request_id, guint *round)
{
  const char *state = mcp_call_request_state (call);
  const char *dot = state != NULL ? strrchr (state, '.') : NULL;
  guint64 number;

  *request_id = NULL;
  *round = 0;
  if (state == NULL)
    return TRUE;
  if (dot == NULL || dot == state || strlen (dot + 1) > ROUND_DIGITS
      || !g_ascii_string_to_unsigned (dot + 1, 10, 1, G_MAXUINT16, &number, NULL))
    return FALSE;
  *request_id = g_strndup (state, dot - state);
  *round = number;
  return TRUE;
}

/* --- Of a tool --- */

static void
ask_back (McpWaiting *waiting, const char *request_id)
{
  g_autofree char *state = g_strdup_printf ("%s.%u", request_id, waiting->round + 1);

  mcp_call_input_required (waiting->call, NULL, state);
}

static void
answer_tool (McpWaiting *waiting, json_t *answer, int fd)
{
  const char *request_id = wire_string (answer, "request_id");
  gboolean pending
      = g_str_equal (mcp_result_status (answer), "pending") && request_id != NULL && fd < 0;

  if (pending && waiting->way == MCP_WAY_TASK)
    mcp_task_create (waiting, answer);
  else if (pending && waiting->way == MCP_WAY_ROUNDS && waiting->round + 1 < MCP_ROUNDS_MOST)
    ask_back (waiting, request_id);
  else
    mcp_result_send (waiting->call, answer, fd);
}

/* Whether the broker knows of no request that this could go on with. */
static gboolean
is_about_state (const McpWaiting *waiting, const json_t *fault)
{
  const json_t *data = json_object_get (fault, "data");

  return waiting->resume != NULL && g_strcmp0 (wire_string (data, "field"), "resume") == 0;
}

static void
fault_tool (McpWaiting *waiting, const json_t *fault)
{
  if (is_about_state (waiting, fault))
    mcp_call_refuse (waiting->call, MCP_INVALID_PARAMS,
                     "requestState: there is no such request of this caller with these arguments; "
                     "call again without requestState",
                     NULL);
  else
    mcp_result_send_error (waiting->call, fault);
}

static void
fail_tool (McpWaiting *waiting, const char *code, const char *message)
{
  mcp_result_send_failure (waiting->call, code, message);
}

const McpDelivery mcp_delivery_tool = { answer_tool, fault_tool, fail_tool };

/* --- Of a task --- */

static void
fault_task (McpWaiting *waiting, const json_t *fault)
{
  const char *message = wire_string (fault, "message");
  gint64 code = wire_integer (fault, "code", 0);

  if (code == FAULT_NOT_FOUND || code == MCP_INVALID_PARAMS)
    mcp_call_refuse (
        waiting->call, MCP_INVALID_PARAMS,
        "taskId: there is no such task of this caller; what was given once is not kept", NULL);
  else
    mcp_call_refuse (waiting->call, MCP_INTERNAL_ERROR,
                     message != NULL ? message : "the broker gave no reason", NULL);
}

static void
fail_task (McpWaiting *waiting, const char *code, const char *message)
{
  g_autoptr (json_t) data = json_pack ("{s:s}", "code", code);

  mcp_call_refuse (waiting->call, MCP_INTERNAL_ERROR, message, data);
}

const McpDelivery mcp_delivery_task = { mcp_task_tell, fault_task, fail_task };

static void
answer_withdraw (McpWaiting *waiting, json_t *answer, int fd)
{
  g_autoptr (json_t) nothing = json_object ();

  if (fd >= 0)
    close (fd);
  mcp_call_result (waiting->call, nothing);
}

const McpDelivery mcp_delivery_withdraw = { answer_withdraw, fault_task, fail_task };
