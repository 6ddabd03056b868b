/* SPDX-License-Identifier: MIT
 *
 * What the files of the client share.
 */
#pragma once

#include "mcp/wire/mcp-client.h"
#include "mcp/wire/mcp-wire-private.h"

struct _McpClient
{
  WireReader *reader;
  Outbox *outbox;
  const McpClientHandler *handler;
  gpointer user;
  McpVersion speaks, version;
  json_t *info, *capabilities; /* ours */
  json_t *server;              /* or NULL */
  GHashTable *calls;           /* of McpClientCall, by the id of their last round */
  GHashTable *askings;         /* of McpAsking, all that are open */
  gint64 last_id;
};

/* As it goes out: with what 2026-07-28 wants in each. The caller owns it. */
json_t *mcp_client_params (const McpClient *client, const json_t *params, McpVersion version);

/* --- mcp-client-call.c --- */

GHashTable *mcp_client_calls_new (void);
/* A request in @version, whatever is agreed on. */
McpClientCall *mcp_client_begin (McpClient *client, const char *method, json_t *params,
                                 McpClientAnswered answered, McpClientProgressed progressed,
                                 gpointer user);
/* What answers nothing is dropped. */
void mcp_client_take_answer (McpClient *client, const McpMessage *message);
void mcp_client_take_progress (McpClient *client, const json_t *params);

/* --- mcp-asking.c --- */

GHashTable *mcp_askings_new (void);
/* @id: of the server's request; else @call and @key: which of the things that a result wants. */
void mcp_asking_begin (McpClient *client, const json_t *id, McpClientCall *call, const char *key,
                       const char *method, const json_t *params);
/* @call is gone: what is asked for it has nowhere to go. */
void mcp_askings_forget (McpClient *client, const McpClientCall *call);
void mcp_client_call_told (McpClientCall *call, const char *key, const json_t *result);
void mcp_client_call_fail (McpClientCall *call, int code, const char *message);
