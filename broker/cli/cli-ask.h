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

typedef struct
{
  const char *method; /* of the call */
  const json_t *params;
  int fd;           /* goes with it, and stays the caller's; or -1 */
  gsize n;          /* how many values come with the answer: for cli_ask_values() */
  const char *what; /* named while it waits: "GITHUB_TOKEN for /usr/bin/npx" */
} CliQuestion;

/* Makes the call and waits until a person has answered it: also while the store is locked, and
 * while the broker is replaced. Returns the values (array of Secret). @result, unless NULL, is set
 * to what else the answer holds: the caller's. */
GPtrArray *cli_ask_values (const Cli *cli, const CliQuestion *question, json_t **result,
                           GError **error);
/* The same for a call whose result has one "value". */
Secret *cli_ask_value (const Cli *cli, const CliQuestion *question, GError **error);
