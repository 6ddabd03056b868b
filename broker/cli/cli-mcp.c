/* SPDX-License-Identifier: MIT */
#include "broker/cli/cli.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "broker/base/paths.h"
#include "broker/cli/cli-output.h"

/* Becomes countersign-mcp, in the same process: who started it stays who asks. What follows the
 * command's name goes to it untouched; of ours it gets what says where the broker is. */
CliStatus
cli_mcp (Cli *cli)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *program = paths_program ("countersign-mcp", &error);
  g_autoptr (GPtrArray) words = g_ptr_array_new ();

  if (program == NULL)
    return cli_say_error (cli, "%s", error->message);
  if (cli->pin_fd != -1 || cli->passphrase_fd != -1)
    return cli_usage (cli, "an MCP server gets neither PIN nor passphrase");
  if (cli->json || cli->socket != NULL)
    return cli_usage (cli,
                      "--json and --socket do not go before mcp (there --socket is human.sock; "
                      "after it, agent.sock)");
  g_ptr_array_add (words, program);
  if (cli->state_dir != NULL)
    {
      g_ptr_array_add (words, (char *) "--state-dir");
      g_ptr_array_add (words, cli->state_dir);
    }
  for (char **word = cli->args + 1; *word != NULL; word++)
    g_ptr_array_add (words, *word);
  g_ptr_array_add (words, NULL);
  execv (program, (char **) words->pdata);
  return cli_say_error (cli, "%s: %s", program, g_strerror (errno));
}
