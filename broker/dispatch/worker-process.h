/* SPDX-License-Identifier: MIT
 *
 * One worker, as the broker sees it: begun for one grant or one command, called over its socket,
 * ended by closing that.
 *
 * MUST
 *  - wait for no worker: what it answers comes later, and a worker that is to end is ended
 *  - answer every call once, also when the worker falls
 *  - read what a worker says as strictly as what an agent says: it has spoken with strangers
 */
#pragma once

#include "broker/dispatch/worker-start.h"
#include "broker/vault.h"

typedef struct _Worker Worker;

/* @result is borrowed; NULL: it failed, for @reason (the worker's own word, or "worker" when there
 * is none any more), which @message tells. Neither holds a value. */
typedef void (*WorkerAnswer) (gpointer data, json_t *result, const char *reason,
                              const char *message);

typedef struct
{
  /* @fd, or -1, is the callee's to close. May be NULL. */
  void (*notice) (gpointer user, const char *method, const json_t *params, int fd);
  /* It has ended by itself; all calls have been answered. worker_end() is still the caller's. */
  void (*gone) (gpointer user);
} WorkerEvents;

/* NULL when it cannot be begun. @user is for @events. What is attached and called before it answers
 * (system mode) waits until then. */
Worker *worker_new (Vault *vault, WorkerKind kind, const WorkerEvents *events, gpointer user,
                    GError **error);
/* Hands over @fd (taken) for the next call that takes what is attached; @name may be NULL. */
void worker_attach (Worker *self, const char *as, const char *name, int fd);
/* A sealed copy of @bytes. FALSE: it cannot be had; what was to go with it must not go alone. */
gboolean worker_attach_bytes (Worker *self, const char *as, GBytes *bytes);
/* A sealed copy of @value. FALSE: no room for it now. */
gboolean worker_attach_secret (Worker *self, const char *as, const char *name, const Secret *value,
                               GError **error);
/* Takes @params. Returns a number for worker_cancel(). */
gint64 worker_call (Worker *self, const char *method, json_t *params, WorkerAnswer answer,
                    gpointer data);
/* Asks it to give up @call, whose answer then comes soon. */
void worker_cancel (Worker *self, gint64 call);
/* Within a WorkerAnswer: the descriptor of the values that came with it, the caller's to close; -1:
 * there is none. */
int worker_take_values (Worker *self);
/* What was begun must not get lost: once its connection is closed it has the time to finish, also
 * when the broker ends. It ends by itself. */
void worker_finishes (Worker *self);
/* Closes the connection; answers nothing any more: what is unanswered is forgotten. The process
 * ends what it runs, and is killed when it takes long (in system mode by who began it). Safe inside
 * its own events. */
void worker_end (Worker *self);
/* @word when it is one of @known (NULL at the end), else @otherwise: who talks with strangers makes
 * no codes of ours. */
const char *worker_code (const char *const *known, const char *word, const char *otherwise);
/* All that there are, at the end of the broker, whose connections are closed by then. */
void workers_free (Vault *vault);
