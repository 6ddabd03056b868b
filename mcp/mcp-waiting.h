/* SPDX-License-Identifier: MIT
 *
 * Calls that the broker has not answered, and who of them is told that a person is waited for.
 *
 * MUST
 *  - tell of progress only while a call is held: never before the broker said so, never after its
 * end
 */
#pragma once

#include "mcp/mcp-server.h"

typedef struct
{
  McpCall *call;
  const char *method; /* of a string that lives as long as the program */
  json_t *params;     /* or NULL; as the agent gave them */
  gint64 hold_until;  /* monotonic, µs */
  gint64 id;          /* on agent.sock; 0: not asked of the broker that is connected */
  guint n_asked;      /* how often */
  char *notice;       /* what the person has to do; NULL: not held */
  gint64 progress_due;
  GList link, progress_link;
} McpWaiting;

typedef struct _McpWaitingList McpWaitingList;

McpWaitingList *mcp_waiting_list_new (void);
void mcp_waiting_list_free (McpWaitingList *list);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (McpWaitingList, mcp_waiting_list_free)

/* The calls in the order in which they came; of McpWaiting. Borrowed. */
const GQueue *mcp_waiting_all (const McpWaitingList *list);
/* NULL when no call was asked by this id. */
McpWaiting *mcp_waiting_find (McpWaitingList *list, gint64 id);
/* How many were asked and neither answered nor held. */
guint mcp_waiting_n_open (const McpWaitingList *list);

/* @hold: for how long it is to be held at most, in µs from @now (monotonic, as below). */
McpWaiting *mcp_waiting_new (McpWaitingList *list, McpCall *call, const char *method,
                             json_t *params, gint64 hold, gint64 now);
/* The call itself is ended by its answer, or by the server that cancels it. */
void mcp_waiting_end (McpWaitingList *list, McpWaiting *waiting);

/* It was asked by @id, or (0) the broker that it was asked of is gone. */
void mcp_waiting_set_asked (McpWaitingList *list, McpWaiting *waiting, gint64 id);
/* It is held; tells of it when the client wants to know. @notice says how a person can answer. */
void mcp_waiting_set_held (McpWaitingList *list, McpWaiting *waiting, const char *notice,
                           gint64 now);
/* When something is to be told again (G_MAXINT64: never), and doing it. */
gint64 mcp_waiting_due (const McpWaitingList *list);
void mcp_waiting_tick (McpWaitingList *list, gint64 now);

/* What agent.sock takes: the arguments, how much longer to hold, and a large value beside them
 * (@fd, else -1: the caller's to close). The caller owns it. */
json_t *mcp_waiting_params (const McpWaiting *waiting, gint64 now, int *fd, GError **error);
