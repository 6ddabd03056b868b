/* SPDX-License-Identifier: MIT
 *
 * For the files of http-worker alone.
 */
#pragma once

#include <poll.h>

#include "broker/worker/http-callback.h"
#include "broker/worker/http-confine.h"
#include "broker/worker/http-exchange.h"
#include "broker/worker/http-request.h"
#include "broker/worker/http-worker.h"

typedef struct
{
  HttpPeer *peer; /* being looked up */
  gint64 id;
  int listener, program; /* both -1: for open, else for a relay of one of them */
} HttpLookUp;

struct _HttpWorker
{
  WorkerLink *link;
  gboolean landlock;
  gboolean live;   /* the broker is there */
  gboolean sealed; /* it has been said what it is for */
  CURLM *multi;
  HttpSession session;
  GHashTable *transfers;
  GPtrArray *relays;
  HttpLookUp look_up;
  HttpExchange *exchange;
  HttpCallback *callback;
};

/* Refuses @id for @error. */
void http_worker_refuse (HttpWorker *self, gint64 id, const char *reason, const GError *error);

/* Gives up what it does not need for that, once. FALSE: it cannot, and has answered. */
gboolean http_worker_seal (HttpWorker *self, gint64 id, HttpConfinePart part);

/* http-open.c: what the worker serves, and what it passes on for programs. */
void http_open_service (WorkerLink *link, gint64 id, const json_t *params, gpointer user);
void http_open_relay (WorkerLink *link, gint64 id, const json_t *params, gpointer user);
void http_open_end (HttpWorker *self); /* the look-up has ended */
void http_open_clear (HttpWorker *self);

/* http-errand.c: the one thing for which a worker is begun and ended, with no service. */
void http_errand_exchange (WorkerLink *link, gint64 id, const json_t *params, gpointer user);
void http_errand_listen (WorkerLink *link, gint64 id, const json_t *params, gpointer user);
void http_errand_callback (WorkerLink *link, gint64 id, const json_t *params, gpointer user);
extern const WireField http_errand_callback_fields[1];
/* TRUE: it serves nothing besides. */
gboolean http_errand_is_begun (const HttpWorker *self);
void http_errand_watch (const HttpWorker *self, GArray *polled);
/* @n of @polled are its own. */
void http_errand_turn (HttpWorker *self, const struct pollfd *polled, guint n);
/* FALSE: the transfer is not its own. */
gboolean http_errand_take_end (HttpWorker *self, HttpTransfer *transfer, CURLcode code);
int http_errand_due (const HttpWorker *self, int otherwise); /* in milliseconds */
gboolean http_errand_must_finish (const HttpWorker *self);
void http_errand_clear (HttpWorker *self);
