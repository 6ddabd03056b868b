/* SPDX-License-Identifier: MIT
 *
 * Asking the broker as an agent does, on agent.sock: whoever started this process is who asks, and
 * a person answers elsewhere.
 *
 * MUST
 *  - need no terminal and read nothing from standard input
 *  - say on standard error what it waits for: whoever started us may lose patience
 */
#pragma once

#include "broker/base/wire.h"

#include "broker/cli/cli.h"

#define CLI_ASK_ERROR (cli_ask_error_quark ())
typedef enum
{
  CLI_ASK_ERROR_DENIED,  /* by the policy or a person */
  CLI_ASK_ERROR_EXPIRED, /* nobody answered */
  CLI_ASK_ERROR_FAILED
} CliAskError;
GQuark cli_ask_error_quark (void);

/* Makes the call @method and waits until a person has answered it: also while the store is locked,
 * and while the broker is replaced. Returns the values that come with the answer, @n of them (array
 * of Secret). @what is named while it waits: "GITHUB_TOKEN for /usr/bin/npx". */
GPtrArray *cli_ask_values (const Cli *cli, const char *method, const json_t *params, gsize n,
                           const char *what, GError **error);
