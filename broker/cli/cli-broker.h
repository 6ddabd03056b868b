/* SPDX-License-Identifier: MIT
 *
 * Starting a broker that a passphrase may be given to.
 *
 * MUST
 *  - start the installed countersignd and nothing that a path or variable points to
 *  - build its environment from nothing, and leave it no descriptor but stdio and the control
 * socket
 *  - give the passphrase to that process alone, over the socketpair made for it
 */
#pragma once

#include <jansson.h>

#include "broker/cli/cli.h"

/* Starts a broker, makes the one call @method on its control socket, and returns the result (caller
 * owns). The broker goes on when the call succeeded. */
json_t *cli_broker_start (const Cli *cli, const char *method, const json_t *params, GError **error);
/* The environment such a broker gets, from this process's; g_strfreev(). */
char **cli_broker_environment (char **from);
