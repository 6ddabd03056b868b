/* SPDX-License-Identifier: MIT
 *
 * A request that the program answers: what was asked, and the ways to answer it. A call is gone
 * once it is ended.
 */
#pragma once

#include "mcp/wire/mcp-session.h"

/* --- What was asked; all of it borrowed --- */

McpCallKind mcp_call_kind (const McpCall *call);
/* The tool, the prompt, the URI, the task's id; of a completion, the prompt or URI it is for. */
const char *mcp_call_name (const McpCall *call);
/* NULL when absent; a tool's may be anything else: the callee checks them. A prompt's are texts by
 * name. A completion's: {"name","value"}. */
json_t *mcp_call_arguments (const McpCall *call);
const json_t *mcp_call_params (const McpCall *call);
McpSession *mcp_call_session (const McpCall *call);
McpVersion mcp_call_version (const McpCall *call);
/* Whether the client declared this: "sampling", "roots", "elicitation", "elicitation/form" (which
 * an empty "elicitation" means), "elicitation/url", "extensions/io.modelcontextprotocol/tasks". */
gboolean mcp_call_client_can (const McpCall *call, const char *path);
/* Of a call that goes on after input_required; each NULL when absent. From the client: may be
 * anything, but the first is text and the second an object. */
const char *mcp_call_request_state (const McpCall *call);
const json_t *mcp_call_input_responses (const McpCall *call);
/* For the callee's own use. */
void mcp_call_set_data (McpCall *call, gpointer data);
gpointer mcp_call_get_data (const McpCall *call);

/* --- While it is under way --- */

/* TRUE when the client asked to be told how a call gets on. */
gboolean mcp_call_wants_progress (const McpCall *call);
/* One more step; nothing when the client did not ask. */
void mcp_call_progress (McpCall *call, const char *message);
/* @total below 0: not known. @message may be NULL. Dropped unless @done is more than before. */
void mcp_call_progress_of (McpCall *call, double done, double total, const char *message);
/* @level is one of syslog's eight ("debug" to "emergency"); @logger may be NULL. Sent when the
 * client wants this level. */
void mcp_call_log (McpCall *call, const char *level, const char *logger, const json_t *data);

/* Exactly one of @result and @error is there; borrowed. Not called when the call ends first. */
typedef void (*McpAsked) (gpointer user, McpCall *call, const json_t *result, const json_t *error);
/* Handshake era: asks the client ("sampling/createMessage", "elicitation/create", "roots/list")
 * over this call's channel. @params may be NULL; borrowed. FALSE, and nothing is asked: the client
 * declared no such thing, or the era has none (then: mcp_call_input_required()). */
gboolean mcp_call_ask (McpCall *call, const char *method, const json_t *params, McpAsked asked,
                       gpointer user);
/* Handshake era over HTTP: ends the stream that this call would be answered on; nothing elsewhere.
 */
void mcp_call_hang_up (McpCall *call, guint retry_ms);

/* --- Each ends the call; what is passed is borrowed --- */

typedef struct
{
  const json_t *content; /* an array; or NULL: @flat as one text */
  const json_t *flat;
  const json_t *structured; /* or NULL; sent where the version has it */
  gboolean is_error;
} McpAnswer;

/* Of a tool. */
void mcp_call_answer (McpCall *call, const McpAnswer *answer);
/* Any other complete result, or a tool's as a whole. What 2026-07-28 wants beside it (resultType,
 * _meta, ttlMs, cacheScope) is added here. */
void mcp_call_result (McpCall *call, const json_t *result);
/* Since 2026-07-28, of a tool, a prompt or a resource: the client is to ask again with what is
 * wanted. @requests: {key: {"method","params"}}, or NULL; @request_state: opaque, or NULL; at least
 * one. Becomes mcp_call_refuse_capability() when the client did not declare what is wanted. */
void mcp_call_input_required (McpCall *call, const json_t *requests, const char *request_state);

typedef struct
{
  const char *id, *status;       /* working input_required completed failed cancelled */
  const char *message;           /* or NULL */
  const char *created, *updated; /* RFC 3339 */
  gint64 ttl_ms;                 /* below 0: kept without end */
  gint64 poll_ms;                /* 0: not told */
  const json_t *result;          /* of completed */
  const json_t *error;           /* of failed: {"code","message"} */
  const json_t *input_requests;  /* of input_required */
} McpTask;

/* Of a tool: it goes on as this task. Of MCP_CALL_TASK_GET: how it stands. */
void mcp_call_task (McpCall *call, const McpTask *task);
/* @data may be NULL. MCP_RESOURCE_NOT_FOUND becomes what the version has for it. */
void mcp_call_refuse (McpCall *call, int code, const char *message, const json_t *data);
/* @required: as the client would have declared it, {"elicitation":{}}. */
void mcp_call_refuse_capability (McpCall *call, const json_t *required);
