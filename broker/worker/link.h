/* SPDX-License-Identifier: MIT
 *
 * A worker's one connection: the broker calls, the worker answers. Calls are JSON-RPC 2.0, one a
 * line; their ids are whole numbers from 1.
 *
 * MUST
 *  - end with the peer: whoever started the work is then gone
 *  - end at what cannot be read as a call; the broker says nothing by half
 *  - hand a descriptor to the call that follows it and to no other
 */
#pragma once

#include "broker/base/wire.h"

typedef struct _WorkerLink WorkerLink;

typedef struct
{
  const char *name;
  const WireField *fields; /* what params may hold; checked before @call */
  gsize n_fields;
  /* Answers @id now or later, once: with worker_link_answer() or worker_link_refuse(). A
   * notification has the id 0, and what answers it goes nowhere. @params lives as long as the call.
   */
  void (*call) (WorkerLink *link, gint64 id, const json_t *params, gpointer user);
  /* Does not touch what was attached: that is for another call. */
  gboolean leaves_attached;
} WorkerMethod;

/* Takes @fd, a connected stream socket. @methods has to live as long. */
WorkerLink *worker_link_new (int fd, const WorkerMethod *methods, gsize n_methods, gpointer user);
void worker_link_free (WorkerLink *link);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (WorkerLink, worker_link_free)

/* For poll(2): the descriptor and the events to wait for. */
int worker_link_fd (const WorkerLink *link);
short worker_link_events (const WorkerLink *link);
/* Does what poll(2) reported: takes calls, sends what waits. FALSE when the connection is over, and
 * with it the worker. */
gboolean worker_link_turn (WorkerLink *link, short revents);
/* Sends what waits, as far as the peer takes it. FALSE as above. */
gboolean worker_link_flush (WorkerLink *link);
/* TRUE while the peer leaves much unread: no more is then to be produced for it. */
gboolean worker_link_is_full (const WorkerLink *link);

/* What the notification attach brought as @as, oldest first; the caller's to close. -1 when there
 * is none. Attached secrets have a name: it is put into *@name, g_free() it (may be NULL). What a
 * call does not take is closed when it returns. */
int worker_link_take (WorkerLink *link, const char *as, char **name);

/* Takes @result. Over 48 KiB it travels as a sealed memfd, and {"result_fd":true} in its place. */
void worker_link_answer (WorkerLink *link, gint64 id, json_t *result);
/* Takes @result, of at most 48 KiB; @fd, unless -1, is duplicated and goes with it. */
void worker_link_answer_with (WorkerLink *link, gint64 id, json_t *result, int fd);
/* @reason goes into error.data.reason, for programs; @message is for people. */
void worker_link_refuse (WorkerLink *link, gint64 id, const char *reason, const char *message);
/* Takes @params; @fd, unless -1, is duplicated. */
void worker_link_notify (WorkerLink *link, const char *method, json_t *params, int fd);
