/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "broker/base/paths.h"
#include "broker/cli/cli-output.h"
#include "broker/cli/cli-session.h"
#include "broker/client/client-system.h"

/* A broker of another user has no display, and starts no program as this one: we do. */
static CliStatus
become_approver (Cli *cli)
{
  GError *error = NULL;
  g_autofree char *program = paths_program ("countersign-approve", &error);
  const char *arguments[] = { "countersign-approve", "--window",
                              cli->socket != NULL ? "--socket" : NULL, cli->socket, NULL };

  if (program == NULL)
    return cli_fail (cli, error);
  execv (program, (char **) arguments);
  return cli_say_error (cli, "%s cannot be started: %s", program, g_strerror (errno));
}

CliStatus
cli_ui (Cli *cli)
{
  g_autoptr (Client) client = NULL;
  g_autoptr (json_t) result = NULL;
  GError *error = NULL;

  if (!cli_options (cli, NULL, 0, 0))
    return cli->status;
  if (cli->state_dir == NULL && client_is_system (cli->socket))
    return become_approver (cli);
  if ((client = cli_connect (cli, &error)) == NULL
      || (result = client_call (client, "show_window", NULL, -1, NULL, &error)) == NULL)
    return cli_fail (cli, error);
  if (cli->json)
    cli_json (result);
  return CLI_DONE;
}
