/* SPDX-License-Identifier: MIT
 *
 * Tool calls carried to the broker, and its answers back. What a tool is allowed to do is decided
 * there; here it is only asked, many calls at once, none waited for.
 *
 * MUST
 *  - check arguments before the broker is asked: a person must not be asked about a call that
 * cannot work
 *  - send nothing more for a call that was answered or cancelled, and tell the broker of the latter
 *  - ask again, of a broker that took another's place, all that is unanswered, but for what may
 *    have been done already and must not be done twice
 */
#pragma once

#include "mcp/wire/mcp-call.h"

#define MCP_HOLD_DEFAULT 45 /* seconds: clients give up after 60 */
#define MCP_HOLD_MAX 300

typedef struct _McpBroker McpBroker;

typedef struct
{
  const char *socket;   /* NULL: the default; a broker is started when none is there */
  guint hold_seconds;   /* how long a call waits for a person before it answers pending */
  gboolean opaquevault; /* serves OpaqueVault's tools in place of ours */
  gboolean verbose;     /* tells on stderr what happens; never what was passed */
} McpBrokerOptions;

McpBroker *mcp_broker_new (const McpBrokerOptions *options);
void mcp_broker_free (McpBroker *broker);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (McpBroker, mcp_broker_free)

/* What is offered; its user is @broker. */
const McpHandler *mcp_broker_handler (const McpBroker *broker);

/* For the loop, as in mcp-link.h. */
int mcp_broker_fd (const McpBroker *broker);
gboolean mcp_broker_has_backlog (const McpBroker *broker); /* something waits for the broker */
/* So much is under way that no call should be begun; never because of calls that are held. */
gboolean mcp_broker_is_busy (const McpBroker *broker);
gint64 mcp_broker_due (const McpBroker *broker);
void mcp_broker_read (McpBroker *broker);
void mcp_broker_tick (McpBroker *broker);
void mcp_broker_flush (McpBroker *broker);
