/* SPDX-License-Identifier: MIT */
#pragma once

#include "broker/worker/sandbox-mounts.h"

/* What the inner stage is told of @command: a memfd (sandbox-spec.h). The descriptors that go with
 * it are added to @kept, the caller's to close. -1 with an error. */
int sandbox_tell (const SandboxCommand *command, const SandboxPaths *paths, gboolean namespaces,
                  GArray *kept, GError **error);
