/* SPDX-License-Identifier: MIT
 *
 * What the parts of `countersign login` share.
 */
#pragma once

#include "broker/cli/cli.h"

/* `login --setup`: makes a provider's file, step by step. */
CliStatus cli_login_setup (Cli *cli, const char *provider);
/* `login --status`. */
CliStatus cli_login_status (Cli *cli);
