/* SPDX-License-Identifier: MIT
 *
 * JSON-RPC 2.0 as MCP uses it, one message a line: what comes in is cut, checked and handed on;
 * answers go out in any order. Knows no descriptor: bytes in by mcp_jsonrpc_push(), bytes out by
 * the outbox.
 *
 * MUST
 *  - give back each id with its type: 1 is not "1"
 *  - answer a request at most once, a notification never
 *  - refuse an id that is still in flight
 *  - never put a part of what it was sent into an error, but the id and names of fields
 */
#pragma once

#include "broker/base/outbox.h"

/* https://www.jsonrpc.org/specification#error_object */
#define MCP_PARSE_ERROR -32700
#define MCP_INVALID_REQUEST -32600
#define MCP_METHOD_NOT_FOUND -32601
#define MCP_INVALID_PARAMS -32602
/* MCP 2026-07-28 */
#define MCP_UNSUPPORTED_VERSION -32022

typedef struct _McpJsonrpc McpJsonrpc;
typedef struct _McpRequest McpRequest; /* a request that is in flight */

typedef struct
{
  /* @params is an object or NULL, borrowed; what is kept of it is referenced. The callee ends
   * @request, now or later. */
  void (*request) (gpointer user, McpRequest *request, const char *method, json_t *params);
  void (*notification) (gpointer user, const char *method, json_t *params);
  /* Whether an array of messages may come now. */
  gboolean (*takes_batches) (gpointer user);
  /* The request's data, when the stream ends first. May be NULL. */
  void (*abandoned) (gpointer user, gpointer data);
} McpJsonrpcHandler;

McpJsonrpc *mcp_jsonrpc_new (gsize max_line, const McpJsonrpcHandler *handler, gpointer user);
void mcp_jsonrpc_free (McpJsonrpc *rpc); /* requests in flight are abandoned unanswered */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (McpJsonrpc, mcp_jsonrpc_free)

/* Takes @len bytes and handles the lines that end in them. FALSE with WIRE_ERROR_TOO_LONG:
 * answered, and nothing after it can be read. */
gboolean mcp_jsonrpc_push (McpJsonrpc *rpc, const char *data, gsize len, GError **error);
/* What waits to be written. Borrowed. */
Outbox *mcp_jsonrpc_outbox (McpJsonrpc *rpc);
void mcp_jsonrpc_notify (McpJsonrpc *rpc, const char *method, const json_t *params);

/* NULL when no such id is in flight. */
McpRequest *mcp_jsonrpc_find (McpJsonrpc *rpc, const json_t *id);
void mcp_request_set_data (McpRequest *request, gpointer data);
gpointer mcp_request_get_data (const McpRequest *request);
gboolean mcp_request_in_batch (const McpRequest *request);

/* An answer written by hand: what is added to the outbox in between is its result, one JSON value.
 * Nothing else may be sent in between. The second ends the request. */
Outbox *mcp_request_begin_answer (McpRequest *request);
void mcp_request_end_answer (McpRequest *request);
/* Each ends the request. What is passed in is borrowed; @data may be NULL. */
void mcp_request_answer (McpRequest *request, const json_t *result);
void mcp_request_refuse (McpRequest *request, int code, const char *message, const json_t *data);
void mcp_request_drop (McpRequest *request); /* cancelled: nothing is sent */
