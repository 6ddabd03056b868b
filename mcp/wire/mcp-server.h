/* SPDX-License-Identifier: MIT
 *
 * An MCP server of both eras: with a handshake (2024-11-05 to 2025-11-25) and without (2026-07-28).
 * What it offers is the handler's; nothing here knows of a broker, a descriptor or HTTP.
 *
 * https://modelcontextprotocol.io/specification/2025-11-25
 * https://modelcontextprotocol.io/specification/2026-07-28
 *
 * MUST
 *  - send no field that the agreed version does not have
 *  - send nothing for a call once it is answered or cancelled
 */
#pragma once

#include "mcp/wire/mcp-fault.h"

#include "broker/base/wire.h"

typedef struct _McpServer McpServer;   /* what is offered, and who is connected; one a program */
typedef struct _McpSession McpSession; /* one client's conversation: mcp-session.h */
typedef struct _McpCall McpCall;       /* one request that the program answers: mcp-call.h */

typedef struct
{
  const char *src;                       /* https: or data: */
  const char *mime_type, *sizes, *theme; /* each may be NULL */
} McpIcon;

/* All but @name and @version may be NULL. */
typedef struct
{
  const char *name, *title, *version, *description, *website;
  const McpIcon *icons;
  gsize n_icons;
  const char *instructions; /* for the model */
} McpIdentity;

typedef enum
{
  MCP_OFFERS_TOOLS = 1 << 0,
  MCP_OFFERS_RESOURCES = 1 << 1,
  MCP_OFFERS_PROMPTS = 1 << 2,
  MCP_OFFERS_COMPLETIONS = 1 << 3,
  MCP_OFFERS_LOGGING = 1 << 4,
  MCP_OFFERS_TASKS = 1 << 5,   /* the extension io.modelcontextprotocol/tasks; 2026-07-28 only */
  MCP_OFFERS_CHANGES = 1 << 6, /* listChanged of all that is offered, and resources/subscribe */
  MCP_OFFERS_HEADERS = 1 << 7, /* tools whose schemas say x-mcp-header; costs a list for each call
                                * over HTTP */
} McpOffers;

typedef enum
{
  MCP_LIST_TOOLS,
  MCP_LIST_PROMPTS,
  MCP_LIST_RESOURCES,
  MCP_LIST_TEMPLATES,
} McpList;

typedef enum
{
  MCP_CALL_TOOL,
  MCP_CALL_PROMPT,
  MCP_CALL_RESOURCE,
  MCP_CALL_COMPLETION,
  MCP_CALL_TASK_GET,
  MCP_CALL_TASK_CANCEL,
  MCP_CALL_TASK_UPDATE,
} McpCallKind;

typedef struct
{
  McpIdentity identity;
  guint offers; /* McpOffers */
  /* An array that the caller owns, of items in the words of 2026-07-28, in an order that stays:
   * what the session's version lacks is taken out of it here, and it is given in pages. */
  json_t *(*list) (gpointer user, McpSession *session, McpList list);
  /* Begins a call that the callee ends, now or later, by one of mcp-call.h's functions. */
  void (*call) (gpointer user, McpCall *call);
  /* The client wants no answer any more: @call is gone when this returns. */
  void (*cancelled) (gpointer user, McpCall *call);
  /* The session is about to be freed; its calls were cancelled. May be NULL. */
  void (*closed) (gpointer user, McpSession *session);
} McpHandler;

/* @handler is borrowed. */
McpServer *mcp_server_new (const McpHandler *handler, gpointer user);
/* Its sessions were freed before. */
void mcp_server_free (McpServer *server);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (McpServer, mcp_server_free)

/* How long (milliseconds) a client may keep a list or the answer to server/discover; 0 until it is
 * told. A resource says it for itself ("ttlMs" in its result), else it is not to be kept.
 * 2026-07-28 only. */
void mcp_server_set_ttl (McpServer *server, guint ttl_ms);
/* How many items one page of a list has; 250 until it is told. */
void mcp_server_set_page (McpServer *server, gsize n_items);

/* Tells those who asked to be told: in the handshake era everyone of a change of lists, and of a
 * resource who subscribed to it; since 2026-07-28 who listens for it. Nothing when
 * MCP_OFFERS_CHANGES is not offered. */
void mcp_server_changed (McpServer *server, McpList list);
void mcp_server_updated (McpServer *server, const char *uri);
/* Before the program ends of its own will: whoever listens is told that nothing more comes. */
void mcp_server_end_listening (McpServer *server);
