/* SPDX-License-Identifier: MIT
 *
 * What the command sees of the machine's files: bubblewrap's arguments.
 *
 * MUST
 *  - show everything read-only, and nothing of what is private: temporary folders, /run with its
 *    sockets, our own folders, any socket that somebody listens on
 *  - make writable exactly what was declared, and refuse what would undo the above
 */
#pragma once

#include "broker/worker/sandbox.h"

/* Where our own program is found in there. */
#define SANDBOX_INNER "/run/countersign/inner"

/* @write, @hide, program and work_dir as they really are, without symbolic links; checked. */
typedef struct
{
  char *program, *work_dir;
  GPtrArray *write, *hide; /* of char* */
} SandboxPaths;

SandboxPaths *sandbox_paths_new (const SandboxCommand *command, GError **error);
void sandbox_paths_free (SandboxPaths *paths);
/* Whether Landlock alone can keep what is written apart from what is hidden. */
gboolean sandbox_paths_check_apart (const SandboxPaths *paths, GError **error);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SandboxPaths, sandbox_paths_free)

/* Adds to @args (of char*). @hosts: descriptor with what /etc/hosts is to be, or -1. */
void sandbox_add_mounts (GPtrArray *args, const SandboxPaths *paths, const char *inner, int hosts);
