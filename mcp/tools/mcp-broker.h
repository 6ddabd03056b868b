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

#include "mcp/tools/mcp-offered.h"
#include "mcp/wire/mcp-call.h"

#define MCP_HOLD_DEFAULT 45 /* seconds: clients give up after 60 */
#define MCP_HOLD_MAX 300

typedef struct _McpBroker McpBroker; /* one connection: one caller's */

typedef struct
{
  const char *socket;        /* NULL: the default; a broker is started when none is there */
  guint hold_seconds;        /* how long a call waits for a person before it answers pending */
  const McpOffered *offered; /* borrowed */
  gboolean verbose;          /* tells on stderr what happens; never what was passed */
  /* Who calls over HTTP: what proves it, and for whom it was made out. Shown to each broker before
   * it is asked anything. NULL: who started this program. */
  const char *bearer, *resource;
  /* What became of that, each time: @subject, the broker's word on who it is; or NULL, and @fault
   * is its error; or both NULL: there is no broker to be had. What was asked meanwhile has failed
   * by then. May be NULL. Both are borrowed, and @broker must live on. */
  void (*proved) (gpointer user, McpBroker *broker, const json_t *subject, const json_t *fault);
  gpointer user;
} McpBrokerOptions;

McpBroker *mcp_broker_new (const McpBrokerOptions *options);
McpBroker *mcp_broker_ref (McpBroker *broker);
/* With the last one the connection closes; all its calls have ended before. */
void mcp_broker_unref (McpBroker *broker);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (McpBroker, mcp_broker_unref)
/* Whether anybody else has a reference. */
gboolean mcp_broker_is_shared (const McpBroker *broker);

/* Connects although nothing is asked yet, so that it is known first who calls. */
void mcp_broker_open (McpBroker *broker);
/* Connected, greeted and, where there is something to prove, proved. */
gboolean mcp_broker_is_open (const McpBroker *broker);
/* From its next connection on @broker proves itself by what @newer has: the same caller's. */
void mcp_broker_adopt (McpBroker *broker, const McpBroker *newer);

const McpOffered *mcp_broker_offered (const McpBroker *broker);

/* For an McpHandler: a call of whatever kind, and its cancelling. */
void mcp_broker_call (McpBroker *broker, McpCall *call);
void mcp_broker_cancelled (McpBroker *broker, McpCall *call);

/* For the loop, as in mcp-link.h. */
int mcp_broker_fd (const McpBroker *broker);
gboolean mcp_broker_has_backlog (const McpBroker *broker); /* something waits for the broker */
/* So much is under way that no call should be begun; never because of calls that are held. */
gboolean mcp_broker_is_busy (const McpBroker *broker);
gint64 mcp_broker_due (const McpBroker *broker);
void mcp_broker_read (McpBroker *broker);
void mcp_broker_tick (McpBroker *broker);
void mcp_broker_flush (McpBroker *broker);
