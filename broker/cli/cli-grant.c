/* SPDX-License-Identifier: MIT */
#include "broker/cli/cli.h"

#include <stdio.h>

#include "broker/base/text.h"
#include "broker/cli/cli-output.h"
#include "broker/cli/cli-session.h"

static void
print_grants (const json_t *grants)
{
  const char *const headings[] = { "ID", "LEFT", "USES", "WHAT", "SCOPES", "HOLDER", NULL };
  g_autoptr (CliTable) table = cli_table_new (headings);
  const json_t *grant;
  gsize i;

  json_array_foreach (grants, i, grant)
  {
    g_autofree char *left = text_format_duration (wire_integer (grant, "expires_in", 0));
    g_autofree char *scopes = cli_join (json_object_get (grant, "scopes"), ", ");
    const char *resource = wire_string (grant, "resource");
    gint64 uses = wire_integer (grant, "uses_left", -1);

    cli_table_cell (table, wire_string (grant, "id"));
    cli_table_cell (table, left);
    if (uses >= 0)
      cli_table_cellf (table, "%" G_GINT64_FORMAT, uses);
    else
      cli_table_cell (table, NULL);
    cli_table_cellf (table, "%s%s%s", wire_string (grant, "operation"), resource != NULL ? " " : "",
                     resource != NULL ? resource : "");
    cli_table_cell (table, scopes);
    cli_table_cell (table, wire_string (grant, "holder"));
  }
  cli_table_print (table);
}

CliStatus
cli_grants (Cli *cli)
{
  return cli_options (cli, NULL, 0, 0)
             ? cli_print_list (cli, "grants", "grants", "id", print_grants)
             : cli->status;
}

CliStatus
cli_revoke (Cli *cli)
{
  gboolean all = FALSE;
  const GOptionEntry entries[]
      = { { "all", 0, 0, G_OPTION_ARG_NONE, &all, "End every grant", NULL }, G_OPTION_ENTRY_NULL };
  g_autoptr (json_t) params = NULL, result = NULL;
  g_autoptr (Client) client = NULL;
  GError *error = NULL;

  if (!cli_options (cli, entries, 0, 1))
    return cli->status;
  if (all == (cli->n_args == 1))
    return cli_usage (cli, "name one grant, or say --all");
  params = all ? json_pack ("{s:b}", "all", TRUE) : json_pack ("{s:s}", "grant_id", cli->args[0]);
  if (params == NULL)
    return cli_usage (cli, "the ID is not UTF-8");
  if ((client = cli_connect (cli, &error)) == NULL
      || (result = client_call (client, "revoke", params, -1, NULL, &error)) == NULL)
    return cli_fail (cli, error);
  if (cli->json)
    cli_json (result);
  else
    printf ("Revoked: %" G_GINT64_FORMAT "\n", wire_integer (result, "revoked", 0));
  return CLI_DONE;
}
