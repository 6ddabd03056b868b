/* SPDX-License-Identifier: MIT
 *
 * JSON-RPC 2.0 as the broker serves it: the same on all three sockets.
 */
#pragma once

#include "broker/serve/conn.h"

enum
{
  RPC_PARSE = -32700,
  RPC_REQUEST = -32600,
  RPC_METHOD = -32601,
  RPC_PARAMS = -32602,
  RPC_NOT_INITIALISED = 1,
  RPC_BUSY = 2,
  RPC_LOCKED = 3,
  RPC_REFUSED = 4,
  RPC_NOT_FOUND = 5,
  RPC_FAILED = 6,
  RPC_PASSPHRASE = 7,
  RPC_EXISTS = 8
};

/* Borrowed from the message. */
typedef struct
{
  json_t *id; /* NULL: a notification */
  const char *method;
  json_t *params; /* NULL: none */
} RpcCall;

/* FALSE: it is no request; answered already. */
gboolean rpc_read (Conn *conn, json_t *message, RpcCall *call);
/* Takes @result and @fd (or -1). */
void rpc_answer (Conn *conn, const json_t *id, json_t *result, int fd);
/* Takes @data (may be NULL). */
void rpc_refuse (Conn *conn, const json_t *id, int code, const char *message, json_t *data);
/* -32602 with data.field when the message begins with one, or what fits the error's domain. */
void rpc_refuse_error (Conn *conn, const json_t *id, const GError *error);
/* A line that could not be read. */
void rpc_malformed (Conn *conn, const GError *error, gpointer user);
