/* SPDX-License-Identifier: MIT
 *
 * What the files of this folder share.
 */
#pragma once

#include "mcp/wire/mcp-call.h"
#include "mcp/wire/mcp-jsonrpc.h"

#define MCP_META "io.modelcontextprotocol/"
#define MCP_META_VERSION MCP_META "protocolVersion"
#define MCP_META_CAPABILITIES MCP_META "clientCapabilities"
#define MCP_META_CLIENT MCP_META "clientInfo"
#define MCP_META_SERVER MCP_META "serverInfo"
#define MCP_META_LOG_LEVEL MCP_META "logLevel"
#define MCP_META_SUBSCRIPTION MCP_META "subscriptionId"
#define MCP_EXTENSION_TASKS MCP_META "tasks"

/* --- Where answers go: mcp-channel.c --- */

/* Answers to one array of requests; they go out together when the last is there. */
typedef struct _McpBatch McpBatch;

/* Where the answer to one request goes. */
typedef struct
{
  McpChannel *channel; /* NULL: the client went, and nothing is written any more */
  McpBatch *batch;     /* or NULL */
  json_t *id;          /* NULL: it cannot be told */
  McpVersion version;
} McpReply;

void mcp_channel_hold (McpChannel *channel);
/* May free @channel: it is over once nobody holds it. */
void mcp_channel_release (McpChannel *channel);
void mcp_channel_notify (McpChannel *channel, const char *method, const json_t *params);
void mcp_channel_request (McpChannel *channel, const json_t *id, const char *method,
                          const json_t *params);
void mcp_channel_hang_up (McpChannel *channel, guint retry_ms);

McpBatch *mcp_batch_new (McpChannel *channel);
void mcp_batch_hold (McpBatch *batch);
void mcp_batch_release (McpBatch *batch);
void mcp_batch_forget_channel (McpBatch *batch);

/* An answer written by hand: what is added in between is the result, one JSON value. NULL, and
 * nothing is to be written: the client went. */
Outbox *mcp_reply_begin (const McpReply *reply);
void mcp_reply_end (const McpReply *reply);
void mcp_reply_result (const McpReply *reply, const json_t *result);
/* @status 0: by @code. */
void mcp_reply_refuse (const McpReply *reply, int code, const char *message, const json_t *data,
                       guint status);

/* As mcp_era_choose(); @message is what was read from @value, and means nothing of an array. */
McpEraVerdict mcp_era_choose_read (const json_t *value, const McpMessage *message,
                                   const McpHeaders *headers, McpVersion settled);

/* --- Methods: mcp-method.c --- */

typedef struct _McpMethod McpMethod;

/* A request that is being taken; all of it borrowed. */
typedef struct
{
  McpSession *session;
  McpReply reply;
  const McpMethod *method;
  json_t *params;
  const McpHeaders *headers;
} McpRequest;

struct _McpMethod
{
  const char *name;
  gboolean legacy, modern;
  guint offers;      /* what must be offered for it */
  const char *named; /* the field of params that the header Mcp-Name repeats; or NULL */
  void (*take) (const McpRequest *request);
};

/* NULL when there is none. */
const McpMethod *mcp_method_find (const char *name);

void mcp_take_initialize (const McpRequest *request);
void mcp_take_discover (const McpRequest *request);
void mcp_take_ping (const McpRequest *request);
void mcp_take_list (const McpRequest *request);
void mcp_take_call (const McpRequest *request);
void mcp_take_task (const McpRequest *request);
void mcp_take_set_level (const McpRequest *request);
void mcp_take_subscribe (const McpRequest *request);
void mcp_take_unsubscribe (const McpRequest *request);
void mcp_take_listen (const McpRequest *request);

void mcp_request_refuse (const McpRequest *request, int code, const char *message);
/* Adds what its version wants beside a result. @caches: ttlMs and cacheScope too. Takes @result. */
void mcp_request_answer (const McpRequest *request, json_t *result, gboolean caches);

/* --- What is in flight: mcp-open.c --- */

typedef enum
{
  MCP_OPEN_CALL,
  MCP_OPEN_LISTEN,
} McpOpenKind;

/* The first member of an McpCall or an McpListen. */
typedef struct
{
  McpOpenKind kind;
  McpSession *session;
  McpReply reply;
} McpOpen;

GHashTable *mcp_open_table_new (void);
/* NULL when no such id is in flight; @id may be anything. */
McpOpen *mcp_open_find (McpSession *session, const json_t *id);
void mcp_open_begin (McpOpen *open, McpOpenKind kind, const McpRequest *request);
/* Ends @open and frees the whole of it, after its answer or instead of one. */
void mcp_open_end (McpOpen *open);
/* The client wants no answer any more, or can have none. */
void mcp_open_cancel (McpOpen *open);

/* --- The objects --- */

struct _McpServer
{
  const McpHandler *handler;
  gpointer user;
  GQueue sessions;
  guint ttl_ms;
  gsize page;
  char *stamp; /* what 2026-07-28 wants in each complete result, as text with a comma before it */
  json_t *info;
};

struct _McpSession
{
  McpServer *server;
  gpointer owner;
  McpVersion version;
  gboolean ready;       /* the client said that the handshake is over */
  json_t *claim;        /* or NULL */
  json_t *capabilities; /* the client's of the handshake; or NULL */
  GHashTable *open;     /* of McpOpen, by id */
  GHashTable *asks;     /* of McpAsk, by id; NULL until the first */
  gint64 last_ask;
  McpChannel *unasked;    /* where goes what is no part of an answer; or NULL */
  int log_level;          /* of the handshake era */
  GHashTable *subscribed; /* URIs; NULL until the first */
  GList link;
};

struct _McpCall
{
  McpOpen open;
  McpCallKind kind;
  const McpMethod *method;
  json_t *params; /* or NULL */
  const char *name;
  json_t *progress_token; /* borrowed from params; or NULL */
  double progress;
  guint n_asks;
  gpointer data;
};

/* --- Others --- */

/* serverInfo as @version has it; @whole: with icons and all. The caller owns it. */
json_t *mcp_identity_info (const McpIdentity *identity, McpVersion version, gboolean whole);
json_t *mcp_identity_capabilities (guint offers, McpVersion version);
/* A client's name for itself, as far as it is passed on; NULL when it says none. */
json_t *mcp_identity_claim (const json_t *info);

/* Takes out of @item what @version lacks; @item may be changed. */
void mcp_fields_strip (json_t *item, McpList list, McpVersion version);
/* @content with what @version lacks put as text; the caller owns it. */
json_t *mcp_fields_content (const json_t *content, McpVersion version);

/* Whether @capabilities has @path, as mcp_call_client_can(). */
gboolean mcp_capability_has (const json_t *capabilities, const char *path);
/* What of "elicitation/url" and so on a request of @method and @params needs; NULL when it is none
 * that a client knows. */
const char *mcp_capability_of (const char *method, const json_t *params);
/* {"elicitation":{"url":{}}} of "elicitation/url"; the caller owns it. */
json_t *mcp_capability_require (const char *path);

/* Which of syslog's eight this is, from 0 (debug); -1: none. */
int mcp_log_level (const char *name);

/* An answer to what was asked of the client; what answers nothing is dropped. */
void mcp_ask_answered (McpSession *session, const McpMessage *message);
void mcp_ask_forget (McpCall *call);

/* Whether HTTP's headers repeat what the body says. NULL, or what is wrong. */
const char *mcp_headers_fault (const McpHeaders *headers, const McpMessage *message);
/* The same of the arguments that @schema says are repeated. */
const char *mcp_headers_arguments_fault (const McpHeaders *headers, const json_t *schema,
                                         const json_t *arguments);

/* Ends what listens, by the way of who listens; frees it. */
void mcp_listen_free (McpOpen *open);
