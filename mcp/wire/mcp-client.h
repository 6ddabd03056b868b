/* SPDX-License-Identifier: MIT
 *
 * An MCP client of both eras, on a stream of lines. Knows no descriptor and no clock: bytes in by
 * mcp_client_push(), bytes out by the outbox.
 *
 * https://modelcontextprotocol.io/specification/2025-11-25
 * https://modelcontextprotocol.io/specification/2026-07-28
 *
 * MUST
 *  - carry a requestState back byte for byte, and never look into it
 *  - ask again a bounded number of times: a server must not keep us going round for ever
 */
#pragma once

#include "mcp/wire/mcp-version.h"

#include "broker/base/outbox.h"

typedef struct _McpClient McpClient;
typedef struct _McpClientCall McpClientCall; /* a request of ours, until it is answered */
typedef struct _McpAsking McpAsking;         /* something that the server wants to be told */

/* How often one request is made, with what the server wanted to know. */
#define MCP_CLIENT_ROUNDS 10

typedef struct
{
  const char *name, *version; /* what it calls itself */
  /* The version to speak; NONE: the newest, and where the server does not know that, the newest
   * with a handshake. */
  McpVersion speaks;
  const json_t *capabilities; /* NULL: none */
  gsize max_line;
} McpClientOptions;

/* Any but opened() may be NULL. */
typedef struct
{
  /* What the server is, is known (@error NULL), or there is no speaking with it. */
  void (*opened) (gpointer user, McpClient *client, const json_t *error);
  void (*notified) (gpointer user, const char *method, const json_t *params);
  /* The server wants something: the callee ends @asking, now or later. Without this function it is
   * declined. */
  void (*asked) (gpointer user, McpAsking *asking, const char *method, const json_t *params);
  /* The server wants @call to be made again, later, and nothing else: the callee does that by
   * mcp_client_call_again(). Without this function it is done at once. */
  void (*waits) (gpointer user, McpClientCall *call);
} McpClientHandler;

/* What is passed is borrowed; what @options points to is copied. */
McpClient *mcp_client_new (const McpClientOptions *options, const McpClientHandler *handler,
                           gpointer user);
void mcp_client_free (McpClient *client); /* nobody hears of what is open */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (McpClient, mcp_client_free)

/* Begins the conversation: once, before any request. */
void mcp_client_open (McpClient *client);
/* Takes @len bytes and handles the lines that end in them. FALSE when what came is no message:
 * nothing after it can be trusted. */
gboolean mcp_client_push (McpClient *client, const char *data, gsize len, GError **error);
/* What waits to be written. Borrowed. */
Outbox *mcp_client_outbox (McpClient *client);

/* MCP_VERSION_NONE until it is agreed on. */
McpVersion mcp_client_version (const McpClient *client);
/* The result of initialize or server/discover; NULL until it is there. Borrowed. */
const json_t *mcp_client_server (const McpClient *client);

/* Exactly one of @result and @error is there; borrowed. The call is gone. */
typedef void (*McpClientAnswered) (gpointer user, const json_t *result, const json_t *error);
typedef void (*McpClientProgressed) (gpointer user, const json_t *params);

/* What is passed is borrowed; @params may be NULL. @progressed may be NULL: progress is not asked
 * for. The call is borrowed, too: it is gone once it is answered or cancelled. */
McpClientCall *mcp_client_request (McpClient *client, const char *method, const json_t *params,
                                   McpClientAnswered answered, McpClientProgressed progressed,
                                   gpointer user);
void mcp_client_call_again (McpClientCall *call);
/* Nobody hears of the answer. @reason may be NULL. */
void mcp_client_cancel (McpClientCall *call, const char *reason);
/* @params may be NULL. */
void mcp_client_notify (McpClient *client, const char *method, const json_t *params);

/* Each ends @asking. In the handshake era the server hears it; since 2026-07-28 the request that it
 * is for is made again when all that it wants is there, and fails when something is declined. */
void mcp_asking_answer (McpAsking *asking, const json_t *result);
void mcp_asking_decline (McpAsking *asking, int code, const char *message);
