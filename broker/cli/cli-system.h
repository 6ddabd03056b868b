/* SPDX-License-Identifier: MIT
 *
 * What differs for the command line when the broker is the system's.
 */
#pragma once

#include <jansson.h>

#include "broker/cli/cli-check.h"
#include "broker/client/client.h"

/* The answer to `status`, with policy.differs filled in here when the broker cannot see the
 * person's files; caller owns. */
json_t *cli_ask_status (Client *client, GError **error);
/* Which mode, and whether the system's directory is one to trust. */
void cli_check_mode (const Cli *cli, CliChecks *checks);
