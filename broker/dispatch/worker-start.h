/* SPDX-License-Identifier: MIT
 *
 * How the broker comes to a worker. A broker of one's own starts it; the system's may run no
 * program, and connects to a socket on which the service manager has one waiting.
 *
 * MUST
 *  - pass nothing of the broker's own on to what it starts
 *  - connect only where root alone can have put the socket, and where nobody else can connect
 *  - say nothing before whoever answers is known to run as that worker's user
 */
#pragma once

#include "broker/serve/conn.h"

typedef enum
{
  WORKER_HTTP, /* carries requests; has the network */
  WORKER_EXEC  /* runs commands; has none */
} WorkerKind;
#define WORKER_KINDS 2

#define WORKER_START_ERROR (worker_start_error_quark ())
typedef enum
{
  WORKER_START_ERROR_PLACE, /* no socket, or not one to trust */
  WORKER_START_ERROR_PEER,  /* whoever answers is another, or nobody does */
  WORKER_START_ERROR_SYSTEM
} WorkerStartError;
GQuark worker_start_error_quark (void);

/* A child, at *@process (to be waited for), and our end of its socket at *@fd. */
gboolean worker_spawn (WorkerKind kind, int *fd, Process **process, GError **error);

/* System mode: where the workers of one person are, and as whom they run. */
typedef struct
{
  char *person;
  char *dir;
  uid_t uids[WORKER_KINDS]; /* (uid_t) -1: there is no such user */
} WorkerSockets;
/* Looks up users, so before confine_process(). */
WorkerSockets *worker_sockets_new (const char *person, uid_t uid);
void worker_sockets_free (WorkerSockets *self);

/* A connection on which nobody has answered yet. What is said on it is a call "hello" with this id,
 * whose answer is still to be read. */
#define WORKER_HELLO_ID 1
typedef struct _WorkerKnock WorkerKnock;

/* Who answered, and the connection (both taken), or else why there is none. The knock is over; it
 * is still the caller's to free, also in here. */
typedef void (*WorkerMet) (gpointer user, int fd, Process *peer, const GError *error);

/* Connects without waiting. NULL when there is nothing to connect to; @error then says what root
 * does about it. */
WorkerKnock *worker_knock (Loop *loop, const WorkerSockets *sockets, WorkerKind kind, WorkerMet met,
                           gpointer user, GError **error);
void worker_knock_free (WorkerKnock *self);
/* Keeps what is to be said to who answers; @fd is taken, or -1. */
void worker_knock_keep (WorkerKnock *self, const json_t *message, int fd);
/* Says it on @conn, in its order. */
void worker_knock_tell (WorkerKnock *self, Conn *conn);
