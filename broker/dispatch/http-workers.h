/* SPDX-License-Identifier: MIT
 *
 * The workers that carry requests: one for each grant and service, with the one credential that
 * these need, for as long as the grant lives.
 *
 * MUST
 *  - hand a credential to no worker but that of the grant it is granted under
 *  - end with the grant, at once, whatever is on its way
 */
#pragma once

#include "broker/dispatch/worker-process.h"

HttpWorkers *http_workers_new (Vault *vault);
void http_workers_free (HttpWorkers *self); /* answers nothing */

typedef struct
{
  const char *grant_id; /* NULL: for this one request only */
  const Service *service;
  json_t *params;   /* of the worker's "request"; taken */
  const char *body; /* or NULL */
  gsize body_len;
  int output; /* what the body of the answer is written to, or -1; borrowed */
} HttpSending;

/* Sends; @answer comes later, once. Returns a ticket for http_workers_cancel(), or 0 when there is
 * no worker to be had: then @answer has come. */
guint64 http_workers_send (HttpWorkers *self, const HttpSending *sending, WorkerAnswer answer,
                           gpointer data);
/* @answer of that ticket will not be called any more. */
void http_workers_cancel (HttpWorkers *self, guint64 ticket);

/* The grant has ended: so do its workers, without an answer. */
void http_workers_end (HttpWorkers *self, const char *grant_id);
/* What they know may be out of date: none takes anything new, each ends when it has nothing more to
 * do. */
void http_workers_retire (HttpWorkers *self);
/* The same of those that have the secret @credential. */
void http_workers_retire_with (HttpWorkers *self, const char *credential);
