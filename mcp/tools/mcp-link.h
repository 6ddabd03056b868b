/* SPDX-License-Identifier: MIT
 *
 * The connection to the broker, without ever waiting: connect, greet, come back when the broker was
 * replaced, start one when there is none.
 *
 * MUST
 *  - start a broker only after one that went away has had time to be replaced: ours would be in the
 * new one's way
 *  - start it detached, with nothing of ours open: it outlives us
 *  - ask a broker nothing before it was shown, and has accepted, what proves who asks
 *
 * A broker that is started here is never unlocked by it. It only says so, until a person runs
 * `countersign unlock`.
 */
#pragma once

#include "broker/client/client.h"

typedef struct _McpLink McpLink;

typedef struct
{
  /* Connected and greeted: asks by @client what has to be accepted before anything else is asked,
   * and returns its id; 0 with an error: there will be no link. NULL: there is nothing to prove. */
  gint64 (*prove) (gpointer user, Client *client, GError **error);
  /* @answer is the broker's whole answer to that, borrowed. FALSE with an error: it was not
   * accepted, and there is no link. */
  gboolean (*proved) (gpointer user, const json_t *answer, GError **error);
  void (*up) (gpointer user, const json_t *hello);
  /* Takes both; @fd is -1 without a descriptor. */
  void (*message) (gpointer user, json_t *message, int fd);
  /* The broker went away. Returns TRUE when it is still wanted. */
  gboolean (*lost) (gpointer user);
  /* No broker can be had. The next mcp_link_want() tries again. */
  void (*failed) (gpointer user, const GError *why);
} McpLinkHandler;

/* @socket NULL: the default one, and a broker is started when none is there; at a given one, none
 * is. */
McpLink *mcp_link_new (const char *socket, const McpLinkHandler *handler, gpointer user);
void mcp_link_free (McpLink *link);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (McpLink, mcp_link_free)

/* Sets about connecting, unless it is connected or about to be. @claim (may be NULL): the client's
 * word for itself. */
void mcp_link_want (McpLink *link, const json_t *claim);
/* NULL while not connected, greeted and proved. It gathers: mcp_link_flush() sends. */
Client *mcp_link_client (McpLink *link);
/* The broker process that is connected to; NULL while none is. */
const char *mcp_link_instance (const McpLink *link);

/* For the loop: what to wait for (-1: nothing), until when (monotonic, µs; G_MAXINT64: for ever),
 * and what to do then. */
int mcp_link_fd (const McpLink *link);
gsize mcp_link_backlog (const McpLink *link); /* bytes that wait for the broker */
gint64 mcp_link_due (const McpLink *link);
void mcp_link_read (McpLink *link);
void mcp_link_tick (McpLink *link);
void mcp_link_flush (McpLink *link);
