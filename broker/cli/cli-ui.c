/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "broker/cli/cli-output.h"
#include "broker/cli/cli-session.h"

CliStatus
cli_ui (Cli *cli)
{
  g_autoptr (Client) client = NULL;
  g_autoptr (json_t) result = NULL;
  GError *error = NULL;

  if (!cli_options (cli, NULL, 0, 0))
    return cli->status;
  if ((client = cli_connect (cli, &error)) == NULL
      || (result = client_call (client, "show_window", NULL, -1, NULL, &error)) == NULL)
    return cli_fail (cli, error);
  if (cli->json)
    cli_json (result);
  return CLI_DONE;
}
