/* SPDX-License-Identifier: MIT
 *
 * Who may call over HTTP: local tokens made and removed, and the list of all.
 */
#include <stdio.h>

#include "broker/caller/callers.h"
#include "broker/cli/cli-output.h"
#include "broker/cli/cli-session.h"

CliStatus
cli_caller_add (Cli *cli)
{
  g_autofree char *lasts = NULL;
  const GOptionEntry entries[] = { { "for", 0, 0, G_OPTION_ARG_FILENAME, &lasts,
                                     "How long it is good for; 30d when left out", "TIME" },
                                   G_OPTION_ENTRY_NULL };
  g_autoptr (json_t) params = NULL, result = NULL;
  g_autoptr (Client) client = NULL;
  GError *error = NULL;

  if (!cli_options (cli, entries, 1, 1))
    return cli->status;
  gint64 seconds = cli_option_duration (cli, "--for", lasts, CALLER_TOKEN_FOR_MAX);
  if (seconds < 0)
    return CLI_USAGE;
  params = json_pack ("{s:s, s:I}", "name", cli->args[0], "seconds",
                      (json_int_t) (seconds > 0 ? seconds : CALLER_TOKEN_FOR));
  if (params == NULL)
    return cli_usage (cli, "the name is not UTF-8");
  if ((client = cli_connect (cli, &error)) == NULL
      || (result = cli_widen (cli, client, "caller_add", params, -1, &error)) == NULL)
    return cli_fail (cli, error);
  if (cli->json)
    {
      cli_json (result);
      return CLI_DONE;
    }
  /* Alone on standard output: `countersign caller add ci > token` keeps it and nothing else. */
  fputs (
      "This token is shown this once. Whoever has it calls as it, until it expires or is removed "
      "(countersign caller rm):\n",
      stderr);
  puts (wire_string (result, "token"));
  return CLI_DONE;
}

static void
print_callers (const json_t *callers)
{
  const char *const headings[] = { "NAME", "KIND", "EXPIRES", "ISSUER", NULL };
  g_autoptr (CliTable) table = cli_table_new (headings);
  const json_t *caller;
  gsize i;

  json_array_foreach (callers, i, caller)
  {
    const char *expires = wire_string (caller, "expires_at");
    const char *issuer = wire_string (caller, "issuer");
    cli_table_cell (table, wire_string (caller, "name"));
    cli_table_cell (table, issuer != NULL ? "issuer" : "local token");
    cli_table_cell (table, expires != NULL ? expires : "-");
    cli_table_cell (table, issuer != NULL ? issuer : "-");
  }
  cli_table_print (table);
}

CliStatus
cli_caller_list (Cli *cli)
{
  return cli_options (cli, NULL, 0, 0)
             ? cli_print_list (cli, "caller_list", "callers", "id", print_callers)
             : cli->status;
}

CliStatus
cli_caller_rm (Cli *cli)
{
  g_autoptr (json_t) params = NULL, result = NULL;
  g_autoptr (Client) client = NULL;
  GError *error = NULL;

  if (!cli_options (cli, NULL, 1, 1))
    return cli->status;
  params = json_pack ("{s:s}", "name", cli->args[0]);
  if (params == NULL)
    return cli_usage (cli, "the name is not UTF-8");
  if ((client = cli_connect (cli, &error)) == NULL
      || (result = client_call (client, "caller_rm", params, -1, NULL, &error)) == NULL)
    return cli_fail (cli, error);
  if (cli->json)
    {
      json_object_set (result, "id", json_object_get (params, "name"));
      cli_json (result);
    }
  else
    puts ("Removed: what its holder asked for and was granted has ended.");
  return CLI_DONE;
}
