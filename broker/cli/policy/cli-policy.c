/* SPDX-License-Identifier: MIT */
#include "broker/cli/cli.h"

#include <stdio.h>

#include "broker/cli/cli-output.h"
#include "broker/cli/cli-proposal.h"
#include "broker/cli/cli-session.h"

CliStatus
cli_policy_show (Cli *cli)
{
  g_autoptr (Client) client = NULL;
  g_autoptr (GPtrArray) files = NULL;
  g_autoptr (json_t) result = NULL;
  GError *error = NULL;

  if (!cli_options (cli, NULL, 0, 0))
    return cli->status;
  if ((client = cli_connect_with_pin (cli, NULL, &error)) == NULL
      || (result = client_call (client, "policy_show", NULL, -1, NULL, &error)) == NULL
      || (files = cli_proposals_from_json (json_object_get (result, "files"), &error)) == NULL)
    return cli_fail (cli, error);
  if (cli->json)
    {
      cli_json (result);
      return CLI_DONE;
    }
  cli_line ("Accepted", "%s", wire_string (result, "accepted_at"));
  cli_proposals_print (stdout, files);
  return CLI_DONE;
}
