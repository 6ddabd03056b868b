/* SPDX-License-Identifier: MIT
 *
 * System calls that a process gives up for good (seccomp).
 *
 * MUST
 *  - leave no call by which another process, the kernel or a namespace could be entered
 *  - leave no way past the list: io_uring, another architecture's numbers, clone3 with its flags
 *    in memory
 */
#pragma once

#include <glib.h>

typedef enum
{
  SEAL_CALLS_WORKER,     /* what a worker never does, nor what it starts */
  SEAL_CALLS_WATCHER,    /* besides, after the command was started: no program, no socket but
                            AF_UNIX */
  SEAL_CALLS_SERVER,     /* what listens already, and connects to the broker: no program, no other
                            process, no socket but AF_UNIX; in all its threads */
  SEAL_CALLS_COMMAND,    /* the command, in its own namespaces */
  SEAL_CALLS_NO_NETWORK, /* the command where there are no namespaces: no socket at all */
} SealCalls;

/* Needs PR_SET_NO_NEW_PRIVS. 0, or an errno. */
int seal_calls (SealCalls which);
