/* SPDX-License-Identifier: MIT
 *
 * JSON-RPC 2.0 as MCP uses it: what kind of message a value is, and messages as text. Keeps
 * nothing.
 *
 * MUST
 *  - never put a part of a message into what is wrong with it, but names of fields
 */
#pragma once

#include "broker/base/outbox.h"

typedef enum
{
  MCP_JSONRPC_FAULTY,
  MCP_JSONRPC_REQUEST,
  MCP_JSONRPC_NOTIFICATION,
  MCP_JSONRPC_ANSWER, /* a result or an error */
} McpJsonrpcKind;

/* All of it borrowed from the value. */
typedef struct
{
  McpJsonrpcKind kind;
  json_t *id;             /* text or a whole number; NULL when there is none such */
  const char *method;     /* of requests and notifications */
  json_t *params;         /* an object, or NULL */
  json_t *result, *error; /* of answers: one of them */
  /* Faulty: */
  int code;
  const char *fault;
  gboolean silent; /* without an id: a notification, though a wrong one */
} McpMessage;

void mcp_jsonrpc_read (const json_t *value, McpMessage *message);

/* The texts of messages, which the caller ends. @id NULL: "null"; @params and @data may be NULL.
 * A result is begun, one value added, then closed. */
void mcp_jsonrpc_begin_result (Outbox *outbox, const json_t *id);
void mcp_jsonrpc_close_result (Outbox *outbox);
void mcp_jsonrpc_add_error (Outbox *outbox, const json_t *id, int code, const char *message,
                            const json_t *data);
void mcp_jsonrpc_add_notification (Outbox *outbox, const char *method, const json_t *params);
void mcp_jsonrpc_add_request (Outbox *outbox, const json_t *id, const char *method,
                              const json_t *params);
