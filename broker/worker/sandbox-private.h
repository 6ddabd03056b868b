/* SPDX-License-Identifier: MIT */
#pragma once

#include <sys/types.h>

#include "broker/worker/sandbox-start.h"

struct _Sandbox
{
  pid_t pid; /* bubblewrap's, or the inner stage's; 0 once waited for */
  int control, errors, listener, status;
  gboolean namespaces, over;
  gboolean reaches;
  guint rounds;       /* of killing */
  GPtrArray *missing; /* of char* */
};

/* Starts bubblewrap and in it the inner stage; where that cannot be, which is noted in missing, the
 * inner stage alone. FALSE with an error: nothing runs. */
gboolean sandbox_launch (Sandbox *self, SandboxStart *start, const SandboxCommand *command,
                         const SandboxPaths *paths, GError **error);
void sandbox_miss (Sandbox *self, const char *format, ...) G_GNUC_PRINTF (2, 3);
void sandbox_wait_for_child (Sandbox *self);
