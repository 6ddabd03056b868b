/* SPDX-License-Identifier: MIT
 *
 * Calls that the broker has not answered, and who of them is told how they get on.
 *
 * MUST
 *  - tell that a person is waited for only when the broker said so
 *  - tell of nothing after a call's end
 */
#pragma once

#include "mcp/tools/mcp-question.h"
#include "mcp/tools/mcp-vault.h"
#include "mcp/wire/mcp-call.h"

typedef struct _McpDelivery McpDelivery; /* mcp-delivery.h */

/* How a client learns that nobody has answered yet. */
typedef enum
{
  MCP_WAY_PENDING, /* by an ordinary result; approval_wait goes on waiting */
  MCP_WAY_ROUNDS,  /* it calls again with what names the request: since 2026-07-28 */
  MCP_WAY_TASK,    /* by a task that it looks after: where it declared that extension */
} McpWay;

typedef struct
{
  McpCall *call;
  const McpDelivery *delivery; /* what becomes of the broker's word */
  McpQuestion *question;       /* what is asked of the broker */
  McpVault *vault;             /* what it is asked for; NULL: for its own sake */
  McpWay way;
  guint round;       /* how often the client has called before with the same */
  char *resume;      /* the request that this goes on with; or NULL */
  char *task;        /* the task that is asked about; or NULL */
  gint64 hold_until; /* monotonic, µs */
  gint64 id;         /* on agent.sock; 0: not asked of the broker that is connected */
  guint n_asked;     /* how often */
  gboolean held;
  gboolean locked; /* while held: it is for the broker to be unlocked */
  char *notice;    /* what is told of it; NULL: nothing */
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

/* Takes @question. @hold: for how long it is to be held at most, in µs from @now (monotonic, as
 * below). */
McpWaiting *mcp_waiting_new (McpWaitingList *list, McpCall *call, McpQuestion *question,
                             gint64 hold, gint64 now);
/* The call itself is ended by its answer, or by the server that cancels it. */
void mcp_waiting_end (McpWaitingList *list, McpWaiting *waiting);

/* Another question takes the place of the one that was asked; takes it. */
void mcp_waiting_set_question (McpWaiting *waiting, McpQuestion *question);
/* It was asked by @id, or (0) the broker that it was asked of is gone. One that may run long is
 * told of from time to time. */
void mcp_waiting_set_asked (McpWaitingList *list, McpWaiting *waiting, gint64 id, gint64 now);
/* It is held; tells of it when the client wants to know. @notice says how a person can answer. */
void mcp_waiting_set_held (McpWaitingList *list, McpWaiting *waiting, const char *notice,
                           gint64 now);
/* It is under way, and @text is what there is to tell: a person is no longer waited for. */
void mcp_waiting_set_running (McpWaitingList *list, McpWaiting *waiting, const char *text,
                              gint64 now);
/* When something is to be told again (G_MAXINT64: never), and doing it. */
gint64 mcp_waiting_due (const McpWaitingList *list);
void mcp_waiting_tick (McpWaitingList *list, gint64 now);

/* As mcp_question_message(), with how much longer it is held. */
json_t *mcp_waiting_message (const McpWaiting *waiting, gint64 now, int fds[MCP_QUESTION_FDS],
                             GError **error);
