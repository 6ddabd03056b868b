/* SPDX-License-Identifier: MIT
 *
 * The ways in which a call ends.
 */
#include "mcp/wire/mcp-wire-private.h"

/* Since 2026-07-28: what goes with every result. @kind: its resultType. */
static void
stamp (const McpServer *server, json_t *result, const char *kind)
{
  json_t *meta = json_object_get (result, "_meta");
  /* What was passed in is borrowed: it is not changed. */
  json_t *mine = json_is_object (meta) ? json_copy (meta) : json_object ();

  if (json_object_get (mine, MCP_META_SERVER) == NULL)
    json_object_set (mine, MCP_META_SERVER, server->info);
  json_object_set_new (result, "_meta", mine);
  json_object_set_new (result, "resultType", json_string (kind));
}

/* Answers may differ by who asks: none is for all. */
static void
add_caching (json_t *result, guint ttl_ms)
{
  if (!json_is_integer (json_object_get (result, "ttlMs")))
    json_object_set_new (result, "ttlMs", json_integer (ttl_ms));
  json_object_set_new (result, "cacheScope", json_string ("private"));
}

void
mcp_request_answer (const McpRequest *request, json_t *result, gboolean caches)
{
  const McpServer *server = request->session->server;
  g_autoptr (json_t) owned = result;

  if (mcp_version_is_modern (request->reply.version))
    {
      stamp (server, owned, "complete");
      if (caches)
        add_caching (owned, server->ttl_ms);
    }
  mcp_reply_result (&request->reply, owned);
}

static void
end_with (McpCall *call, json_t *result, const char *kind)
{
  g_autoptr (json_t) owned = result;

  if (mcp_version_is_modern (mcp_call_version (call)))
    stamp (call->open.session->server, owned, kind);
  mcp_reply_result (&call->open.reply, owned);
  mcp_open_end (&call->open);
}

/* --- Tools --- */

/* @object as the text that is written for it, as JSON text again. */
static void
add_as_text (Outbox *outbox, const json_t *object)
{
  gsize len;
  char *text = wire_dump (object, &len);
  /* Just written, so it is UTF-8; without the newline that ends a line. */
  g_autoptr (json_t) quoted = json_stringn_nocheck (text, len - 1);

  wire_text_free (text, len);
  outbox_add_json (outbox, quoted);
}

static void
add_content (Outbox *outbox, const McpAnswer *answer, McpVersion version)
{
  if (answer->content != NULL)
    {
      g_autoptr (json_t) content = mcp_fields_content (answer->content, version);
      outbox_add_json (outbox, content);
      return;
    }
  outbox_add_text (outbox, "[{\"type\":\"text\",\"text\":");
  add_as_text (outbox, answer->flat);
  outbox_add_text (outbox, "}]");
}

/* By hand: as JSON values, the most frequent answer there is would be copied three times. */
void
mcp_call_answer (McpCall *call, const McpAnswer *answer)
{
  McpVersion version = mcp_call_version (call);
  Outbox *outbox = mcp_reply_begin (&call->open.reply);

  if (outbox != NULL)
    {
      outbox_add_text (outbox, "{\"content\":");
      add_content (outbox, answer, version);
      if (version >= MCP_VERSION_2025_06_18 && answer->structured != NULL)
        {
          outbox_add_text (outbox, ",\"structuredContent\":");
          outbox_add_json (outbox, answer->structured);
        }
      outbox_add_text (outbox, answer->is_error ? ",\"isError\":true" : ",\"isError\":false");
      if (mcp_version_is_modern (version))
        outbox_add_text (outbox, call->open.session->server->stamp);
      outbox_add_text (outbox, "}");
      mcp_reply_end (&call->open.reply);
    }
  mcp_open_end (&call->open);
}

/* --- Others --- */

/* Each of a prompt's messages has one block, not a list of them. */
static json_t *
suit_messages (const json_t *messages, McpVersion version)
{
  json_t *mine = json_array (), *message;
  gsize i;

  json_array_foreach ((json_t *) messages, i, message)
  {
    json_t *suited = json_copy (message);
    g_autoptr (json_t) block = json_pack ("[O]", json_object_get (message, "content"));
    g_autoptr (json_t) content = mcp_fields_content (block, version);
    json_object_set (suited, "content", json_array_get (content, 0));
    json_array_append_new (mine, suited);
  }
  return mine;
}

static void
suit_version (json_t *result, const McpCall *call)
{
  McpVersion version = mcp_call_version (call);
  const json_t *content = json_object_get (result, "content");
  const json_t *messages = json_object_get (result, "messages");

  if (call->kind == MCP_CALL_PROMPT && json_is_array (messages))
    json_object_set_new (result, "messages", suit_messages (messages, version));
  if (call->kind != MCP_CALL_TOOL)
    return;
  if (version < MCP_VERSION_2025_06_18)
    json_object_del (result, "structuredContent");
  if (json_is_array (content))
    json_object_set_new (result, "content", mcp_fields_content (content, version));
}

void
mcp_call_result (McpCall *call, const json_t *result)
{
  json_t *mine = json_copy ((json_t *) result);

  suit_version (mine, call);
  if (call->kind == MCP_CALL_RESOURCE && mcp_version_is_modern (mcp_call_version (call)))
    add_caching (mine, 0);
  end_with (call, mine, "complete");
}

/* The first that is wanted and was not declared; NULL: none. */
static const char *
undeclared (const McpCall *call, const json_t *requests)
{
  const char *key;
  json_t *request;

  json_object_foreach ((json_t *) requests, key, request)
  {
    const char *path
        = mcp_capability_of (wire_string (request, "method"), json_object_get (request, "params"));
    if (!mcp_call_client_can (call, path))
      return path;
  }
  return NULL;
}

void
mcp_call_input_required (McpCall *call, const json_t *requests, const char *request_state)
{
  const char *path = undeclared (call, requests);

  g_assert (requests != NULL || request_state != NULL);
  g_assert (mcp_version_is_modern (mcp_call_version (call)));
  if (path != NULL)
    {
      g_autoptr (json_t) required = mcp_capability_require (path);
      mcp_call_refuse_capability (call, required);
      return;
    }
  end_with (call,
            json_pack ("{s:O*, s:s*}", "inputRequests", requests, "requestState", request_state),
            "input_required");
}

void
mcp_call_task (McpCall *call, const McpTask *task)
{
  json_t *result = json_pack (
      "{s:s, s:s, s:s*, s:s, s:s, s:o, s:o*}", "taskId", task->id, "status", task->status,
      "statusMessage", task->message, "createdAt", task->created, "lastUpdatedAt", task->updated,
      "ttlMs", task->ttl_ms < 0 ? json_null () : json_integer (task->ttl_ms), "pollIntervalMs",
      task->poll_ms > 0 ? json_integer (task->poll_ms) : NULL);

  g_assert (mcp_version_is_modern (mcp_call_version (call)));
  if (call->kind == MCP_CALL_TOOL)
    {
      end_with (call, result, "task");
      return;
    }
  if (task->result != NULL)
    json_object_set (result, "result", (json_t *) task->result);
  if (task->error != NULL)
    json_object_set (result, "error", (json_t *) task->error);
  if (task->input_requests != NULL)
    json_object_set (result, "inputRequests", (json_t *) task->input_requests);
  end_with (call, result, "complete");
}

static int
code_of (int code, McpVersion version)
{
  if (code == MCP_RESOURCE_NOT_FOUND && mcp_version_is_modern (version))
    return MCP_INVALID_PARAMS;
  if (code == MCP_MISSING_CAPABILITY && !mcp_version_is_modern (version))
    return MCP_INVALID_REQUEST;
  return code;
}

void
mcp_call_refuse (McpCall *call, int code, const char *message, const json_t *data)
{
  mcp_reply_refuse (&call->open.reply, code_of (code, mcp_call_version (call)), message, data, 0);
  mcp_open_end (&call->open);
}

void
mcp_call_refuse_capability (McpCall *call, const json_t *required)
{
  g_autoptr (json_t) data = json_pack ("{s:O}", "requiredCapabilities", required);

  mcp_call_refuse (call, MCP_MISSING_CAPABILITY, "the client did not declare what this needs of it",
                   data);
}
