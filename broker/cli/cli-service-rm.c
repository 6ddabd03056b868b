/* SPDX-License-Identifier: MIT */
#include "broker/cli/cli.h"

#include <errno.h>
#include <unistd.h>

#include "broker/cli/cli-output.h"
#include "broker/cli/cli-prompt.h"
#include "broker/cli/cli-accept-file.h"
#include "broker/cli/cli-session.h"

static gboolean
accept_removed (const Cli *cli, const char *file, GError **error)
{
  g_autoptr (Client) client = cli_connect_with_pin (cli, NULL, error);
  g_autoptr (GPtrArray) accepted = client != NULL ? cli_accepted (client, error) : NULL;
  g_autoptr (GPtrArray) without = NULL;

  if (accepted == NULL)
    return FALSE;
  if (cli_proposals_text (accepted, file) == NULL)
    {
      g_set_error (error, CLIENT_ANSWER_ERROR, CLI_ANSWER_NOT_FOUND,
                   "there is no accepted %s; countersign service list has the names", file);
      return FALSE;
    }
  without = cli_accept_without (accepted, file);
  return cli_accept_changed (cli, client, accepted, without, error);
}

CliStatus
cli_service_rm (Cli *cli)
{
  g_autofree char *file = NULL, *path = NULL;
  GError *error = NULL;

  if (!cli_options (cli, NULL, 1, 1)
      || !cli_accept_check_word (cli, "the name", cli->args[0], FALSE))
    return cli->status;
  file = cli_accept_name (SERVICE_FOLDER, cli->args[0]);
  path = cli_accept_path (file);
  if (!cli_read_pin_first (cli, &error) || !accept_removed (cli, file, &error))
    return cli_fail (cli, error);
  /* Left there it would be proposed again. */
  if (unlink (path) != 0 && errno != ENOENT)
    return cli_say_error (cli, "no longer accepted, but %s is still there: %s", path,
                          g_strerror (errno));
  return cli_accept_report (cli, cli->args[0], path, "removed", TRUE);
}
