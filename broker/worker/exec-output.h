/* SPDX-License-Identifier: MIT
 *
 * What a command writes to one of its two streams.
 *
 * MUST
 *  - show nothing that has not been through the redactor
 *  - read on when enough was kept: a command must not hang for want of a reader, nor fill memory
 */
#pragma once

#include "broker/worker/link.h"
#include "broker/worker/redact.h"

typedef struct _ExecOutput ExecOutput;

/* Takes @fd, the reading end of a pipe. @name: "stdout" or "stderr". Keeps @max bytes. */
ExecOutput *exec_output_new (const char *name, int fd, Redactor *redactor, gsize max);
void exec_output_free (ExecOutput *output);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ExecOutput, exec_output_free)

int exec_output_fd (const ExecOutput *output); /* to poll; -1 once nothing more can come */
/* Reads what is there, at most one piece. */
void exec_output_read (ExecOutput *output);
/* Nothing more is awaited. */
void exec_output_end (ExecOutput *output);
/* Sends the next part of what was kept and not yet told. TRUE while more waits. */
gboolean exec_output_tell (ExecOutput *output, WorkerLink *link);
/* Adds @name or @name_base64, and @name_bytes: how many the command wrote. */
void exec_output_add_to (const ExecOutput *output, json_t *answer);
gboolean exec_output_truncated (const ExecOutput *output);
