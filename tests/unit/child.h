/* SPDX-License-Identifier: MIT
 *
 * Children for tests, which do their thing when told: no test waits for a time.
 */
#pragma once

#include "broker/base/process.h"

#include <signal.h>

/* A child that does something when told, and then lives until it is ended. */
typedef struct
{
  pid_t pid;
  int input; /* its standard input: one byte starts it, its end ends it */
  int ready; /* ends when the child is done, or has executed another program */
} Child;

typedef void (*ChildRun) (gconstpointer data);

Child child_fork (ChildRun run, gconstpointer data);
/* Returns when it has done its thing. */
void child_go (Child *child);
/* Both: */
Child child_start (ChildRun run, gconstpointer data);
/* Its own children live on, because its input does. */
void child_kill (Child *child);
void child_end (Child *child);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Child, child_end)

/* A ChildRun that executes the program with these arguments, a const char *const[]. */
void child_run_program (gconstpointer argv);

/* Pins that must succeed. */
Process *child_open (const Child *child);
Process *child_open_self (void);

/* Gives up root, when it has it, for the rest of this process: root may read everything, so what it
 * may not do is tried as another. FALSE where that cannot be done. */
gboolean child_become_ordinary (void);
/* TRUE when @run is, in a child of its own. */
gboolean child_succeeds (gboolean (*run) (void));

/* A listening Unix socket of that abstract name, and a ChildRun that connects to it
 * (GINT_TO_POINTER). */
int child_listen (const char *name);
void child_connect (gconstpointer listener);

/* A child whose number is @pid, to be killed: for those who may choose it (CAP_CHECKPOINT_RESTORE).
 * -1 otherwise. */
pid_t child_fork_as (pid_t pid);

/* A chain of processes, each the parent of the next; the first is the child, the others end with
 * its input. */
typedef struct
{
  int length;
  int pids[2]; /* each writes its number into it */
} ChildChain;

Child child_start_chain (ChildChain *chain);
/* Its links in order, of Process. Once. */
GPtrArray *child_read_chain (const ChildChain *chain);
