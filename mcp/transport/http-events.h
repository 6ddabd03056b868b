/* SPDX-License-Identifier: MIT
 *
 * What was said on a stream, for a client that lost it and comes back: the handshake era has that.
 *
 * MUST
 *  - keep no more than is counted: the oldest goes first, and the last one is kept if it can be
 *  - wipe what it lets go of: an answer may hold a value
 */
#pragma once

#include "mcp/transport/http-budget.h"

#define HTTP_EVENTS_MOST 256
#define HTTP_EVENTS_BYTES (1024 * 1024) /* together, unless one alone is longer */

typedef struct _HttpEvents HttpEvents;

/* @budget is borrowed. */
HttpEvents *http_events_new (HttpBudget *budget);
void http_events_free (HttpEvents *events);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (HttpEvents, http_events_free)

/* Its number: from 1 on, one more each time. */
guint64 http_events_add (HttpEvents *events, const char *data, gsize len);
/* The last number there was, or 0. */
guint64 http_events_last (const HttpEvents *events);
/* What is kept of those after @number, in their order. */
void http_events_since (const HttpEvents *events, guint64 number,
                        void (*each) (gpointer user, guint64 number, const char *data, gsize len),
                        gpointer user);
