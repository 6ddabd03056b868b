/* SPDX-License-Identifier: MIT
 *
 * A person's attention, and the trail's room, are what a requester can use up: how much of them one
 * requester gets, and how long a person's no stands.
 *
 * MUST
 *  - bound what one requester may have open, ask anew, and have written about it, and what one
 *    user may over all of its processes
 *  - lose no count: what is not recorded one by one is recorded as a number
 *  - leave what is held already, and what a live grant covers, alone
 */
#pragma once

#include "broker/request/request.h"

#define ATTENTION_OPEN_MAX 128 /* requests of one requester that wait at once */
#define ATTENTION_BURST 64     /* new ones that are asked, or recorded, at once */
#define ATTENTION_PER_SECOND 2 /* and after that */
/* The same for all requesters of one user together, however many processes that is. */
#define ATTENTION_USER_ASKED 16384
#define ATTENTION_USER_ASKED_PER_SECOND 64
#define ATTENTION_USER_RECORDED 1024
#define ATTENTION_USER_RECORDED_PER_SECOND 16
#define ATTENTION_DENY_MAX (3600) /* seconds that "denied for" may last */

Attention *attention_new (Vault *vault);
void attention_free (Attention *self);

/* @request begins. FALSE: its requester has too many open already. attention_leave() follows in
 * either case. */
gboolean attention_enter (Attention *self, const Request *request);
void attention_leave (Attention *self, const Request *request);
/* Why @request must not be put before a person: a code, with @message (g_free()) to say; NULL when
 * it may, which is counted. */
const char *attention_refuses (Attention *self, const Request *request, char **message);
/* Whether a person may be told now that @request was denied or allowed unasked, and of how many
 * (@more) of the same requester they were not told before. */
gboolean attention_may_tell (Attention *self, const Request *request, guint *more);
/* FALSE: that @request ended is counted, and the count recorded later. */
gboolean attention_may_record (Attention *self, const Request *request);
/* Writes the counts that are open: before the keys are wiped. */
void attention_record (Attention *self);

/* A person said no: this once, or (@seconds > 0) to this requester and what it starts, for this
 * operation and resource, for so long. */
void attention_denied (Attention *self, const Request *request, gint64 seconds);
/* A person said yes. */
void attention_granted (Attention *self, const Request *request);
