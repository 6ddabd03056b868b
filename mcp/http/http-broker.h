/* SPDX-License-Identifier: MIT
 *
 * Questions to the broker, on the default main loop. A broker that is replaced meanwhile is asked
 * again; none is started, since it would be locked.
 *
 * MUST
 *  - end each question once: with an answer, or when its time is over
 */
#pragma once

#include "broker/base/wire.h"

typedef struct _HttpBroker HttpBroker;

/* What became of a question. */
typedef struct
{
  const json_t *result; /* borrowed; NULL: none */
  gint64 code;          /* without result: of the broker (PROTOCOL.md), or 0: it was not reached */
  const char *message;  /* and what it says */
  const json_t *data;   /* and tells beside it; or NULL */
} HttpReply;

typedef void (*HttpReplyTo) (gpointer data, const HttpReply *reply);

/* @socket: agent.sock. */
HttpBroker *http_broker_new (const char *socket);
/* What is unanswered ends without a word. */
void http_broker_free (HttpBroker *broker);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (HttpBroker, http_broker_free)

/* Takes @params. @done may be called before this returns. */
void http_broker_ask (HttpBroker *broker, const char *method, json_t *params, HttpReplyTo done,
                      gpointer data);
