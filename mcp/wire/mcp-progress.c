/* SPDX-License-Identifier: MIT
 *
 * What is said of a call while it is under way.
 */
#include "mcp/wire/mcp-wire-private.h"

static const char *const levels[]
    = { "debug", "info", "notice", "warning", "error", "critical", "alert", "emergency" };

int
mcp_log_level (const char *name)
{
  for (gsize i = 0; i < G_N_ELEMENTS (levels); i++)
    if (g_strcmp0 (levels[i], name) == 0)
      return i;
  return -1;
}

gboolean
mcp_call_wants_progress (const McpCall *call)
{
  return call->progress_token != NULL;
}

/* Whole numbers go out as such. */
static json_t *
number (double value)
{
  return value == (double) (gint64) value ? json_integer ((gint64) value) : json_real (value);
}

void
mcp_call_progress_of (McpCall *call, double done, double total, const char *message)
{
  McpChannel *channel = call->open.reply.channel;

  if (call->progress_token == NULL || channel == NULL || done <= call->progress)
    return;
  call->progress = done;
  g_autoptr (json_t) params
      = json_pack ("{s:O, s:o}", "progressToken", call->progress_token, "progress", number (done));
  if (total >= 0)
    json_object_set_new (params, "total", number (total));
  if (message != NULL && mcp_call_version (call) >= MCP_VERSION_2025_03_26)
    json_object_set_new (params, "message", json_string (message));
  mcp_channel_notify (channel, "notifications/progress", params);
}

/* A count, not seconds: it must increase each time. */
void
mcp_call_progress (McpCall *call, const char *message)
{
  mcp_call_progress_of (call, MAX (call->progress, 0) + 1, -1, message);
}

/* Since 2026-07-28 nothing is logged unless the request says from which level on. */
static gboolean
wants_level (const McpCall *call, int level)
{
  const char *wanted = wire_string (json_object_get (call->params, "_meta"), MCP_META_LOG_LEVEL);

  if (!mcp_version_is_modern (mcp_call_version (call)))
    return level >= call->open.session->log_level;
  return wanted != NULL && level >= mcp_log_level (wanted);
}

void
mcp_call_log (McpCall *call, const char *level, const char *logger, const json_t *data)
{
  McpChannel *channel = call->open.reply.channel;

  if ((call->open.session->server->handler->offers & MCP_OFFERS_LOGGING) == 0 || channel == NULL
      || !wants_level (call, mcp_log_level (level)))
    return;
  g_autoptr (json_t) params
      = json_pack ("{s:s, s:s*, s:O}", "level", level, "logger", logger, "data", data);
  mcp_channel_notify (channel, "notifications/message", params);
}

void
mcp_take_set_level (const McpRequest *request)
{
  int level = mcp_log_level (wire_string (request->params, "level"));

  if (level < 0)
    {
      mcp_request_refuse (request, MCP_INVALID_PARAMS, "level: must be a log level");
      return;
    }
  request->session->log_level = level;
  mcp_request_answer (request, json_object (), FALSE);
}

void
mcp_call_hang_up (McpCall *call, guint retry_ms)
{
  if (call->open.reply.channel != NULL && !mcp_version_is_modern (mcp_call_version (call)))
    mcp_channel_hang_up (call->open.reply.channel, retry_ms);
}
