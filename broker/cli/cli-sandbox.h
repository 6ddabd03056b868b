/* SPDX-License-Identifier: MIT
 *
 * Starting a program confined: `run --sandbox`. What confines is the same as for the commands of
 * agents (broker/worker/sandbox.h), with the terminal and the environment of whoever starts it.
 *
 * MUST
 *  - open nothing that a person was not asked about: neither another path nor another place
 */
#pragma once

#include "broker/base/wire.h"
#include "broker/cli/cli-program.h"

typedef struct
{
  char **write; /* what it may write: absolute, without symbolic links */
  /* The ends of a pair: what is sent along when a service is asked for, and what the program's
   * sandbox keeps of it. Both -1: it reaches nothing. */
  int sent, kept;
  char *host; /* what it may reach, as the broker said */
  guint16 port;
} CliSandbox;

void cli_sandbox_clear (CliSandbox *sandbox);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (CliSandbox, cli_sandbox_clear)

/* Looks at the machine, at the paths in @write (may be NULL), and makes the pair when it @reaches
 * something. Before anybody is asked: FALSE with an error that names what is missing, where this
 * machine has not all of it to give, because a person who reads "confined" on a card shall not get
 * less. @sandbox is zeroed but for its descriptors, -1. */
gboolean cli_sandbox_prepare (CliSandbox *sandbox, char **write, gboolean reaches, GError **error);
/* What the broker said, once it is granted. */
gboolean cli_sandbox_take (CliSandbox *sandbox, const json_t *result, GError **error);
/* What to execute in place of @program, called with @args ([0]: the name it is called by), and our
 * own folders and sockets hidden from it. [0] is the file; g_strfreev(). */
char **cli_sandbox_command (const CliSandbox *sandbox, const CliProgram *program, char **args,
                            GError **error);
