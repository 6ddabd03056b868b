/* SPDX-License-Identifier: MIT */
#include "broker/cli/cli-approver.h"

#include <unistd.h>

#include "approve-ui/terminal/terminal-screen.h"
#include "broker/cli/cli-approver-link.h"
#include "broker/cli/cli-output.h"

gboolean
cli_approver_possible (Cli *cli)
{
  if (isatty (STDIN_FILENO) && isatty (STDOUT_FILENO))
    return TRUE;
  cli->status = cli_say_error (
      cli, "this needs a terminal: an answer that is piped in is no person's; for scripts there is "
           "countersign approve ID --pin-fd N");
  return FALSE;
}

/* FALSE when this terminal cannot be drawn on; said so, unless that is what it is called. */
static gboolean
draw (const Cli *cli, CliApproverLink *link, gboolean once)
{
  g_autoptr (GError) error = NULL;

  if (!terminal_screen_possible (STDIN_FILENO, STDOUT_FILENO))
    return FALSE;
  if (cli_approver_full (link, once, &error))
    return TRUE;
  cli_say_error (cli, "%s; in plain lines, then", error->message);
  return FALSE;
}

CliStatus
cli_approver_run (const Cli *cli, const CliApproverHow *how)
{
  g_auto (CliApproverLink) link = { 0 };
  GError *error = NULL;

  if (!cli_approver_link_open (&link, cli, &error))
    return cli_fail (cli, error);
  if (how->plain || !draw (cli, &link, how->once))
    cli_approver_plain (&link, how->once);
  return link.error != NULL ? cli_fail (cli, g_steal_pointer (&link.error)) : CLI_DONE;
}
