/* SPDX-License-Identifier: MIT
 *
 * What the broker may ask of the worker that speaks HTTP, and the loop in which it does it.
 *
 * MUST
 *  - serve one service with one credential for its life
 */
#pragma once

#include "broker/worker/link.h"

typedef struct _HttpWorker HttpWorker;

/* Takes @fd, the socket to the broker. @landlock is told to it. */
HttpWorker *http_worker_new (int fd, gboolean landlock);
void http_worker_free (HttpWorker *worker);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (HttpWorker, http_worker_free)

/* Until the broker's end of the socket is closed. */
void http_worker_run (HttpWorker *worker);
