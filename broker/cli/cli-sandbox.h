/* SPDX-License-Identifier: MIT
 *
 * Starting a program confined: `run --sandbox`. What confines is the same as for the commands of
 * agents (broker/worker/sandbox.h), with the terminal and the environment of whoever starts it.
 */
#pragma once

#include "broker/cli/cli-program.h"

/* FALSE with an error that names what is missing, where this machine has not all of it to give:
 * a person who reads "confined" on a card shall not get less. Before anybody is asked. */
gboolean cli_sandbox_check (GError **error);
/* What to execute in place of @program, called with @args ([0]: the name it is called by), and our
 * own folders and sockets hidden from it. [0] is the file; g_strfreev(). */
char **cli_sandbox_command (const CliProgram *program, char **args, GError **error);
