/* SPDX-License-Identifier: MIT
 *
 * One command from start to answer.
 *
 * MUST
 *  - confine this very process before it reads a byte of what the command writes
 *  - answer once, however the command ends, and only after nothing of it runs any more
 *  - never wait: for the command, for its output, or for the broker
 */
#pragma once

#include <poll.h>

#include "broker/worker/link.h"

typedef struct _ExecRun ExecRun;

/* @whole: with the whole confinement or not at all. NULL when it did not start: then @id has been
 * answered. */
ExecRun *exec_run_new (WorkerLink *link, gint64 id, const json_t *params, gboolean whole);
void exec_run_free (ExecRun *run);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ExecRun, exec_run_free)

#define EXEC_RUN_POLLS 3
/* Fills @polls; returns how long poll(2) may wait, in ms, -1: as long as it likes. */
int exec_run_prepare (const ExecRun *run, struct pollfd *polls);
/* Does what poll(2) reported and what has become due. FALSE once it was answered. */
gboolean exec_run_turn (ExecRun *run, const struct pollfd *polls);

/* Ends the command: SIGTERM, after two seconds SIGKILL. */
void exec_run_cancel (ExecRun *run);
