/* SPDX-License-Identifier: MIT
 *
 * One exchange with a provider: a request, its answer read here, and told as fields that were
 * checked and values that no line holds.
 *
 * MUST
 *  - pass nothing on of what a provider said but what its reader took
 *  - end: there is a limit to time and to size
 *  - with a parcel, keep the answer in it before telling of it, and finish although nobody listens
 */
#pragma once

#include "broker/worker/http-transfer.h"
#include "broker/worker/link.h"

#define HTTP_EXCHANGE_N_FIELDS 4
extern const WireField http_exchange_fields[HTTP_EXCHANGE_N_FIELDS];

typedef struct _HttpExchange HttpExchange;

/* Takes what was attached for it. Answers the call @id later, unless it returns NULL. */
HttpExchange *http_exchange_new (WorkerLink *link, gint64 id, const json_t *params, GError **error);
/* Not while its transfer is in a multi handle. */
void http_exchange_free (HttpExchange *exchange);

/* For poll(2), until its host has been looked up; then -1. */
int http_exchange_fd (const HttpExchange *exchange);
/* What came of it. The transfer to begin, which stays the exchange's; NULL: it has been answered.
 */
HttpTransfer *http_exchange_turn (HttpExchange *exchange);
/* What is under way; NULL: nothing. */
HttpTransfer *http_exchange_transfer (const HttpExchange *exchange);
/* Once the transfer that http_exchange_turn() gave has ended, and is in no multi handle any more.
 */
void http_exchange_end (HttpExchange *exchange, CURLcode code);
/* Milliseconds until http_exchange_expire() is to be called; -1: it has been answered. */
int http_exchange_due (const HttpExchange *exchange);
/* When that time has passed: answers, and returns the transfer to give up, or NULL. */
HttpTransfer *http_exchange_expire (HttpExchange *exchange);
/* TRUE while it must not be given up, although nobody may be there to hear of it. */
gboolean http_exchange_must_finish (const HttpExchange *exchange);
