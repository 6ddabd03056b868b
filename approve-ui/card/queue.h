/* SPDX-License-Identifier: MIT
 *
 * What waits for a person, in the order in which it is shown.
 *
 * MUST
 *  - draw requests alike together, so that a hundred of them are one question
 *  - let requesters take turns: one that asks for much keeps nobody else's card from being seen
 *  - leave the card that is being looked at where it is, whatever arrives
 */
#pragma once

#include "approve-ui/card/card.h"

typedef struct _Queue Queue;
typedef struct
{
  GPtrArray *cards; /* Card, all alike, oldest first; never empty */
} CardGroup;

Queue *queue_new (void);
void queue_free (Queue *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Queue, queue_free)

/* Takes @card; one that is there already is dropped. */
void queue_add (Queue *self, Card *card);
typedef enum
{
  QUEUE_UNKNOWN = 0,   /* it was not there */
  QUEUE_BEHIND,        /* it was not the one that is looked at */
  QUEUE_CURRENT_FEWER, /* one of several alike that are looked at */
  QUEUE_CURRENT_GONE   /* the one that was looked at: another is now, or none */
} QueueRemoved;
QueueRemoved queue_remove (Queue *self, const char *request_id);
void queue_clear (Queue *self);

guint queue_length (const Queue *self);   /* groups */
guint queue_requests (const Queue *self); /* cards */
/* What is looked at; NULL when nothing waits. Stays the same until it is gone or the person moves.
 */
const CardGroup *queue_current (const Queue *self);
guint queue_position (const Queue *self); /* from 1; 0 when nothing waits */
const CardGroup *queue_nth (const Queue *self, guint index);
/* FALSE at the end. */
gboolean queue_move (Queue *self, int by);
/* Looks at the request with that id; FALSE when it is not there. */
gboolean queue_look_at (Queue *self, const char *request_id);
