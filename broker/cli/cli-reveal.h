/* SPDX-License-Identifier: MIT
 *
 * Values of secrets for whoever reads our output: to the person, who proves to be one by the PIN;
 * where there is nobody to ask for it, as an agent would be given them, which the policy decides.
 */
#pragma once

#include "broker/base/wire.h"
#include "broker/cli/cli.h"

/* The values of the secrets @names (at least one), in that order: array of Secret. By PIN at a
 * terminal or with --pin-fd. */
GPtrArray *cli_reveal (Cli *cli, const char *const *names, guint n, GError **error);
