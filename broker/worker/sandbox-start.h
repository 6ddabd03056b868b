/* SPDX-License-Identifier: MIT
 *
 * The fork: from a command to a process that becomes bubblewrap, or our inner stage at once.
 */
#pragma once

#include "broker/worker/sandbox-mounts.h"

typedef struct
{
  const char *inner; /* path of countersign-worker-exec */
  const char *bwrap; /* NULL: without namespaces */
  int spec, control; /* what the inner stage gets */
  int errors;        /* bubblewrap's standard error */
  GArray *kept;      /* of int: what else is inherited, by the same numbers */
  gboolean session;  /* as in SandboxCommand */
} SandboxStart;

/* Where bubblewrap is: a file of root's that nobody else may write. NULL: nowhere. */
const char *sandbox_find_bwrap (void);

/* @paths NULL for a probe. The child's pid; -1 with an error. */
pid_t sandbox_fork (const SandboxStart *start, const SandboxCommand *command,
                    const SandboxPaths *paths, GError **error);
