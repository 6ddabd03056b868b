/* SPDX-License-Identifier: MIT
 *
 * What is shared by mcp-broker.c (the connection and asking), mcp-answers.c (being answered) and
 * mcp-calls.c (how a call begins and is cancelled).
 */
#pragma once

#include "mcp/tools/mcp-broker.h"
#include "mcp/tools/mcp-delivery.h"
#include "mcp/tools/mcp-link.h"
#include "mcp/tools/mcp-memory.h"

struct _McpBroker
{
  guint refs;
  McpLink *link;
  McpWaitingList *list;
  McpMemory *memory;
  McpVaultSession vault;
  gint64 hold_seconds;
  const McpOffered *offered;
  gboolean verbose;
  json_t *proof; /* what `bearer` is asked with; NULL: nothing to prove */
  json_t *fault; /* why that was not accepted; NULL otherwise */
  void (*proved) (gpointer user, McpBroker *broker, const json_t *subject, const json_t *fault);
  gpointer user;
};

/* On standard error, when that is wanted. */
G_GNUC_PRINTF (2, 3)
void mcp_broker_tell (const McpBroker *broker, const char *format, ...);

/* Begins what is asked for @call; takes @question. @hold: seconds. */
McpWaiting *mcp_broker_begin (McpBroker *broker, McpCall *call, McpQuestion *question,
                              const McpDelivery *delivery, gint64 hold);
/* Asks it, now or when there is a broker; it may have ended when this returns. */
void mcp_broker_go (McpBroker *broker, McpWaiting *waiting);
/* Asks the broker that is connected. */
void mcp_broker_ask (McpBroker *broker, McpWaiting *waiting);
void mcp_broker_fail (McpBroker *broker, McpWaiting *waiting, const char *code,
                      const char *message);
/* It may have been done: it is not asked again. */
void mcp_broker_fail_interrupted (McpBroker *broker, McpWaiting *waiting);

/* One message of the broker's. Takes both. */
void mcp_broker_take (McpBroker *broker, json_t *message, int fd);

/* There is no approval_wait among OpaqueVault's tools. Who calls the same again after "pending"
 * means that request: to ask it anew might run a command twice. Takes @question; the caller owns
 * what is returned. */
McpQuestion *mcp_broker_go_on (McpBroker *broker, McpQuestion *question);
/* A question of this call's, when @arguments are right for it; the caller owns it. NULL with an
 * error that names the field. */
McpQuestion *mcp_broker_question (const char *call, json_t *arguments, GError **error);
