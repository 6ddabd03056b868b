/* SPDX-License-Identifier: MIT */
#include "mcp/wire/mcp-session.h"

#include "mcp/wire/mcp-wire-private.h"

#define BATCH_MOST 1000 /* each has an answer, and some are far longer than what they answer */

McpSession *
mcp_session_new (McpServer *server, gpointer owner)
{
  McpSession *session = g_new0 (McpSession, 1);

  session->server = server;
  session->owner = owner;
  session->open = mcp_open_table_new ();
  session->link.data = session;
  g_queue_push_tail_link (&server->sessions, &session->link);
  return session;
}

/* What is open is forgotten by its channel first: nothing is to be written, nobody to be told. */
static void
forget_channel (McpOpen *open)
{
  open->reply.channel = NULL;
  if (open->reply.batch != NULL)
    mcp_batch_forget_channel (open->reply.batch);
}

static void
end_all (McpSession *session)
{
  GHashTableIter iter;
  gpointer open;

  g_hash_table_iter_init (&iter, session->open);
  while (g_hash_table_iter_next (&iter, &open, NULL))
    forget_channel (open);
  /* From the start each time: the end of one may be that of another. */
  while (g_hash_table_iter_init (&iter, session->open), g_hash_table_iter_next (&iter, &open, NULL))
    mcp_open_cancel (open);
}

void
mcp_session_free (McpSession *session)
{
  if (session == NULL)
    return;
  McpServer *server = session->server;

  end_all (session);
  if (server->handler->closed != NULL)
    server->handler->closed (server->user, session);
  g_queue_unlink (&server->sessions, &session->link);
  g_hash_table_unref (session->open);
  g_clear_pointer (&session->asks, g_hash_table_unref);
  g_clear_pointer (&session->subscribed, g_hash_table_unref);
  json_decref (session->claim);
  json_decref (session->capabilities);
  g_free (session);
}

gpointer
mcp_session_get_owner (const McpSession *session)
{
  return session->owner;
}

McpVersion
mcp_session_version (const McpSession *session)
{
  return session->version;
}

const json_t *
mcp_session_claim (const McpSession *session)
{
  return session->claim;
}

static McpOpen *
find_on (McpSession *session, const McpChannel *channel)
{
  GHashTableIter iter;
  gpointer open;

  g_hash_table_iter_init (&iter, session->open);
  while (g_hash_table_iter_next (&iter, &open, NULL))
    if (((McpOpen *) open)->reply.channel == channel)
      return open;
  return NULL;
}

void
mcp_session_channel_closed (McpSession *session, McpChannel *channel)
{
  McpOpen *open;

  if (session->unasked == channel)
    session->unasked = NULL;
  while ((open = find_on (session, channel)) != NULL)
    {
      forget_channel (open);
      if (mcp_version_is_modern (open->reply.version))
        mcp_open_cancel (open);
    }
}

gboolean
mcp_session_listen (McpSession *session, McpChannel *channel)
{
  if (session->unasked != NULL || mcp_version_is_modern (session->version))
    return FALSE;
  session->unasked = channel;
  return TRUE;
}

/* --- Being told --- */

static void
take_notification (McpSession *session, const McpMessage *message)
{
  McpOpen *open;

  if (g_str_equal (message->method, "notifications/initialized"))
    session->ready = session->version != MCP_VERSION_NONE;
  else if (g_str_equal (message->method, "notifications/cancelled")
           /* Already answered, or never there: the two cross on their way. */
           && (open = mcp_open_find (session, json_object_get (message->params, "requestId")))
                  != NULL)
    mcp_open_cancel (open);
}

/* --- Being asked --- */

void
mcp_request_refuse (const McpRequest *request, int code, const char *message)
{
  mcp_reply_refuse (&request->reply, code, message, NULL, 0);
}

/* Since 2026-07-28 each request says who asks; what is asked first settles it for stdio, but for
 * a client that only looks which versions there are. */
static void
settle (const McpRequest *request)
{
  McpSession *session = request->session;
  const json_t *meta = json_object_get (request->params, "_meta");

  if (session->claim == NULL)
    session->claim = mcp_identity_claim (json_object_get (meta, MCP_META_CLIENT));
  if (session->version == MCP_VERSION_NONE
      && (request->headers != NULL || !g_str_equal (request->method->name, "server/discover")))
    session->version = request->reply.version;
}

static gboolean
is_there (const McpRequest *request)
{
  const McpMethod *method = request->method;
  guint offers = request->session->server->handler->offers;

  if (method == NULL || (method->offers & ~offers) != 0)
    return FALSE;
  return mcp_version_is_modern (request->reply.version) ? method->modern : method->legacy;
}

static gboolean
is_too_early (const McpRequest *request)
{
  return request->reply.version == MCP_VERSION_NONE
         && !g_str_equal (request->method->name, "initialize")
         && !g_str_equal (request->method->name, "ping");
}

static void
take_request (McpRequest *request, const char *method)
{
  request->method = mcp_method_find (method);
  if (mcp_open_find (request->session, request->reply.id) != NULL)
    mcp_request_refuse (request, MCP_INVALID_REQUEST, "id: is still in use by another request");
  else if (!is_there (request))
    mcp_request_refuse (request, MCP_METHOD_NOT_FOUND, "there is no such method");
  else if (is_too_early (request))
    mcp_request_refuse (request, MCP_INVALID_REQUEST, "initialize comes first");
  else
    {
      if (mcp_version_is_modern (request->reply.version))
        settle (request);
      request->method->take (request);
    }
}

/* What is right so far, by what it is. @request: all but the method, the id and the params. */
static void
take_message (McpRequest *request, const McpMessage *message)
{
  switch (message->kind)
    {
    case MCP_JSONRPC_REQUEST:
      request->reply.id = message->id;
      request->params = message->params;
      take_request (request, message->method);
      break;
    case MCP_JSONRPC_NOTIFICATION:
      take_notification (request->session, message);
      break;
    case MCP_JSONRPC_ANSWER:
      mcp_ask_answered (request->session, message);
      break;
    case MCP_JSONRPC_FAULTY:
      request->reply.id = message->id;
      if (!message->silent)
        mcp_request_refuse (request, message->code, message->fault);
      break;
    }
}

static void
take_batch (McpRequest *request, const json_t *messages)
{
  if (request->reply.version != MCP_VERSION_2025_03_26)
    {
      mcp_request_refuse (request, MCP_INVALID_REQUEST,
                          "batches are part of protocol version 2025-03-26 only");
      return;
    }
  if (json_array_size (messages) > BATCH_MOST)
    {
      mcp_request_refuse (request, MCP_INVALID_REQUEST,
                          "a batch must not have more than " G_STRINGIFY (BATCH_MOST) " messages");
      return;
    }
  McpBatch *batch = mcp_batch_new (request->reply.channel);
  for (gsize i = 0; i < json_array_size (messages); i++)
    {
      McpRequest one = *request;
      McpMessage message;
      one.reply.batch = batch;
      mcp_jsonrpc_read (json_array_get (messages, i), &message);
      take_message (&one, &message);
    }
  mcp_batch_release (batch);
}

static void
refuse_by_verdict (const McpReply *reply, const McpEraVerdict *verdict)
{
  g_autoptr (json_t) data = NULL;

  if (verdict->code == MCP_UNSUPPORTED_VERSION)
    data = json_pack ("{s:[s], s:s*}", "supported", mcp_version_name (MCP_VERSION_2026_07_28),
                      "requested", verdict->requested);
  mcp_reply_refuse (reply, verdict->code, verdict->message, data, verdict->status);
}

static void
take_value (McpRequest *request, const json_t *value)
{
  McpSession *session = request->session;
  McpMessage message;

  mcp_jsonrpc_read (value, &message);
  McpEraVerdict verdict = mcp_era_choose_read (value, &message, request->headers, session->version);
  request->reply.version = verdict.version;
  /* Over HTTP the session knows better than a header that may be left out. */
  if (verdict.era == MCP_ERA_LEGACY && session->version != MCP_VERSION_NONE)
    request->reply.version = session->version;
  if (verdict.era != MCP_ERA_REFUSED && json_is_array (value))
    take_batch (request, value);
  else if (verdict.era != MCP_ERA_REFUSED)
    take_message (request, &message);
  /* A notification is not answered; HTTP wants a status all the same. */
  else if (request->headers != NULL || !message.silent)
    {
      request->reply.id = message.kind == MCP_JSONRPC_ANSWER ? NULL : message.id;
      refuse_by_verdict (&request->reply, &verdict);
    }
}

static void
begin_taking (McpSession *session, McpChannel *channel, const McpHeaders *headers)
{
  mcp_channel_hold (channel);
  if (headers == NULL && session->unasked == NULL)
    session->unasked = channel;
}

void
mcp_session_take (McpSession *session, McpChannel *channel, json_t *message,
                  const McpHeaders *headers)
{
  McpRequest request = { .session = session, .reply = { .channel = channel }, .headers = headers };

  begin_taking (session, channel, headers);
  take_value (&request, message);
  mcp_channel_release (channel);
}

/* JSON, but no message: a number, a text. */
static gboolean
is_scalar (const char *text, gsize len)
{
  g_autoptr (json_t) value = json_loadb (text, len, JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, NULL);

  return value != NULL && !json_is_object (value) && !json_is_array (value);
}

void
mcp_session_take_text (McpSession *session, McpChannel *channel, const char *text, gsize len,
                       const McpHeaders *headers)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (json_t) message = wire_parse (text, len, TRUE, &error);
  McpReply reply = { .channel = channel };

  if (message != NULL)
    {
      mcp_session_take (session, channel, message, headers);
      return;
    }
  begin_taking (session, channel, headers);
  if (is_scalar (text, len))
    mcp_reply_refuse (&reply, MCP_INVALID_REQUEST, "a message must be an object", NULL, 0);
  else
    mcp_reply_refuse (&reply, MCP_PARSE_ERROR, error->message, NULL, 0);
  mcp_channel_release (channel);
}
