/* SPDX-License-Identifier: MIT
 *
 * Standing rules: what a person granted "always".
 */
#include <stdio.h>

#include "broker/cli/cli-output.h"
#include "broker/cli/cli-session.h"

static void
print_rules (const json_t *rules)
{
  const char *const headings[] = { "ID", "MADE", "RULE", NULL };
  g_autoptr (CliTable) table = cli_table_new (headings);
  const json_t *rule;
  gsize i;

  json_array_foreach (rules, i, rule)
  {
    cli_table_cell (table, wire_string (rule, "id"));
    cli_table_cell (table, wire_string (rule, "made_at"));
    cli_table_cell (table, wire_string (rule, "rule"));
  }
  cli_table_print (table);
}

CliStatus
cli_rules (Cli *cli)
{
  return cli_options (cli, NULL, 0, 0) ? cli_print_list (cli, "rules", "rules", "id", print_rules)
                                       : cli->status;
}

CliStatus
cli_rules_rm (Cli *cli)
{
  g_autoptr (json_t) params = NULL, result = NULL;
  g_autoptr (Client) client = NULL;
  GError *error = NULL;

  if (!cli_options (cli, NULL, 1, 1))
    return cli->status;
  params = json_pack ("{s:s}", "rule_id", cli->args[0]);
  if (params == NULL)
    return cli_usage (cli, "the ID is not UTF-8");
  if ((client = cli_connect (cli, &error)) == NULL
      || (result = client_call (client, "rule_rm", params, -1, NULL, &error)) == NULL)
    return cli_fail (cli, error);
  json_object_set (result, "id", json_object_get (params, "rule_id"));
  if (cli->json)
    cli_json (result);
  else
    puts ("Deleted: what it covered is asked again. Grants that it gave go on; countersign revoke "
          "ends them.");
  return CLI_DONE;
}
