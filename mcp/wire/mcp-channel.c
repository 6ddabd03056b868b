/* SPDX-License-Identifier: MIT */
#include "mcp/wire/mcp-channel.h"

#include "mcp/wire/mcp-wire-private.h"

#define STATUS_OK 200

struct _McpChannel
{
  Outbox *outbox;
  const McpChannelEvents *events;
  gpointer user;
  guint held;
};

struct _McpBatch
{
  McpChannel *channel; /* or NULL: the client went */
  guint held, n_answers;
  Outbox *answers; /* their text, with commas between */
};

McpChannel *
mcp_channel_new (Outbox *outbox, const McpChannelEvents *events, gpointer user)
{
  static const McpChannelEvents none = { NULL };
  McpChannel *channel = g_new0 (McpChannel, 1);

  channel->outbox = outbox;
  channel->events = events != NULL ? events : &none;
  channel->user = user;
  return channel;
}

void
mcp_channel_free (McpChannel *channel)
{
  g_free (channel);
}

Outbox *
mcp_channel_outbox (McpChannel *channel)
{
  return channel->outbox;
}

void
mcp_channel_hold (McpChannel *channel)
{
  channel->held++;
}

void
mcp_channel_release (McpChannel *channel)
{
  if (--channel->held == 0 && channel->events->over != NULL)
    channel->events->over (channel->user, channel);
}

static void
end_message (McpChannel *channel, McpMessageKind kind, guint status)
{
  outbox_end (channel->outbox, -1, NULL);
  if (channel->events->message != NULL)
    channel->events->message (channel->user, channel, kind, status);
}

void
mcp_channel_notify (McpChannel *channel, const char *method, const json_t *params)
{
  mcp_jsonrpc_add_notification (channel->outbox, method, params);
  end_message (channel, MCP_MESSAGE_NOTIFICATION, STATUS_OK);
}

void
mcp_channel_request (McpChannel *channel, const json_t *id, const char *method,
                     const json_t *params)
{
  mcp_jsonrpc_add_request (channel->outbox, id, method, params);
  end_message (channel, MCP_MESSAGE_REQUEST, STATUS_OK);
}

void
mcp_channel_hang_up (McpChannel *channel, guint retry_ms)
{
  if (channel->events->hang_up != NULL)
    channel->events->hang_up (channel->user, channel, retry_ms);
}

/* --- Batches --- */

McpBatch *
mcp_batch_new (McpChannel *channel)
{
  McpBatch *batch = g_new0 (McpBatch, 1);

  /* Held itself, so that it cannot close before its last message is taken. */
  *batch = (McpBatch){ .channel = channel, .held = 1, .answers = outbox_new () };
  return batch;
}

void
mcp_batch_hold (McpBatch *batch)
{
  batch->held++;
}

void
mcp_batch_forget_channel (McpBatch *batch)
{
  batch->channel = NULL;
}

void
mcp_batch_release (McpBatch *batch)
{
  if (--batch->held > 0)
    return;
  /* Notifications alone are answered by nothing, not by an empty array. */
  if (batch->n_answers > 0 && batch->channel != NULL)
    {
      Outbox *outbox = batch->channel->outbox;
      outbox_add_text (outbox, "[");
      outbox_add_outbox (outbox, batch->answers);
      outbox_add_text (outbox, "]");
      end_message (batch->channel, MCP_MESSAGE_ANSWER, STATUS_OK);
    }
  outbox_free (batch->answers);
  g_free (batch);
}

/* --- Answers --- */

/* Its place: on its own, or in its batch. */
static Outbox *
place_of (const McpReply *reply)
{
  if (reply->channel == NULL)
    return NULL;
  if (reply->batch == NULL)
    return reply->channel->outbox;
  if (reply->batch->n_answers++ > 0)
    outbox_add_text (reply->batch->answers, ",");
  return reply->batch->answers;
}

static void
end_reply (const McpReply *reply, guint status)
{
  if (reply->batch == NULL)
    end_message (reply->channel, MCP_MESSAGE_ANSWER, status);
}

Outbox *
mcp_reply_begin (const McpReply *reply)
{
  Outbox *outbox = place_of (reply);

  if (outbox != NULL)
    mcp_jsonrpc_begin_result (outbox, reply->id);
  return outbox;
}

void
mcp_reply_end (const McpReply *reply)
{
  mcp_jsonrpc_close_result (reply->batch != NULL ? reply->batch->answers : reply->channel->outbox);
  end_reply (reply, STATUS_OK);
}

void
mcp_reply_result (const McpReply *reply, const json_t *result)
{
  Outbox *outbox = mcp_reply_begin (reply);

  if (outbox == NULL)
    return;
  outbox_add_json (outbox, result);
  mcp_reply_end (reply);
}

void
mcp_reply_refuse (const McpReply *reply, int code, const char *message, const json_t *data,
                  guint status)
{
  Outbox *outbox = place_of (reply);

  if (outbox == NULL)
    return;
  mcp_jsonrpc_add_error (outbox, reply->id, code, message, data);
  end_reply (reply, status != 0 ? status : mcp_fault_status (code, reply->version));
}
