/* SPDX-License-Identifier: MIT
 *
 * Giving the passphrase to a broker: to the system's, or to one that is started for it.
 *
 * MUST, in system mode
 *  - look at the directory and the other end of control.sock before a word is said
 *
 * MUST, otherwise
 *  - start the installed countersignd and nothing that a path or variable points to
 *  - build its environment from nothing, and leave it no descriptor but stdio and the control
 * socket
 *  - give the passphrase to that process alone, over the socketpair made for it
 */
#pragma once

#include <jansson.h>

#include "broker/cli/cli.h"

/* Before anything is asked of a person: FALSE, with an error, where the system broker should be and
 * is not, or is not to be trusted. */
gboolean cli_broker_ready (const Cli *cli, GError **error);
/* Makes the one call @method on the control socket of the system broker, or of one that is started,
 * and returns the result (caller owns). A broker that was started goes on when the call succeeded.
 */
json_t *cli_broker_call (const Cli *cli, const char *method, const json_t *params, GError **error);
/* The environment such a broker gets, from this process's; g_strfreev(). */
char **cli_broker_environment (char **from);
