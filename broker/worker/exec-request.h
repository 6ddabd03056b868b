/* SPDX-License-Identifier: MIT
 *
 * The call `run`: from JSON and what was attached to a command that can be started.
 */
#pragma once

#include "broker/worker/link.h"
#include "broker/worker/redact.h"
#include "broker/worker/sandbox.h"

#define EXEC_REQUEST_FIELDS 13
extern const WireField exec_request_fields[EXEC_REQUEST_FIELDS];

typedef struct
{
  SandboxCommand command; /* its fds are not set, but for input */
  Redactor *redactor;
  gint64 timeout_ms;
  gsize max_bytes;
  int input;                   /* standard input, or -1 */
  GPtrArray *values, *strings; /* what command borrows */
  GArray *redact, *secrets;
} ExecRequest;

/* NULL with a SANDBOX_ERROR, or a SecretError, that says what is wrong. */
ExecRequest *exec_request_new (WorkerLink *link, const json_t *params, GError **error);
/* Wipes the values; the redactor keeps what it looks for. */
void exec_request_forget_values (ExecRequest *request);
void exec_request_free (ExecRequest *request);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ExecRequest, exec_request_free)
