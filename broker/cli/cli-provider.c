/* SPDX-License-Identifier: MIT
 *
 * The accepted providers: who hands out short-lived credentials.
 */
#include "broker/cli/cli.h"

#include <stdio.h>

#include "broker/base/text.h"
#include "broker/cli/cli-output.h"
#include "broker/cli/cli-session.h"

static json_t *
accepted (Cli *cli, GError **error)
{
  g_autoptr (Client) client = cli_connect_with_pin (cli, NULL, error);

  return client != NULL ? cli_list (client, "provider_list", "providers", error) : NULL;
}

static void
print_list (const json_t *providers)
{
  const char *const headings[] = { "NAME", "KIND", "FOR", NULL };
  g_autoptr (CliTable) table = cli_table_new (headings);
  const json_t *provider;
  gsize i;

  json_array_foreach (providers, i, provider)
  {
    g_autofree char *operations = cli_join (json_object_get (provider, "operations"), " ");
    cli_table_cell (table, wire_string (provider, "name"));
    cli_table_cell (table, wire_string (provider, "kind"));
    cli_table_cell (table, operations);
  }
  cli_table_print (table);
}

CliStatus
cli_provider_list (Cli *cli)
{
  return cli_options (cli, NULL, 0, 0)
             ? cli_print_list (cli, "provider_list", "providers", "name", print_list)
             : cli->status;
}

/* Wide enough for each line that a file may have. */
static void
print_row (const char *label, const char *value)
{
  g_autofree char *shown = text_escape (value);

  printf ("%-15s %s\n", label, shown);
}

/* As its file has them, one a line. */
static void
print_one (const json_t *provider)
{
  g_autofree char *operations = cli_join (json_object_get (provider, "operations"), " ");
  const char *key;
  const json_t *setting;
  json_t *endpoint;
  gsize i;

  print_row ("Name", wire_string (provider, "name"));
  print_row ("Kind", wire_string (provider, "kind"));
  print_row ("For", operations);
  if (wire_string (provider, "network") != NULL)
    print_row ("Network", wire_string (provider, "network"));
  json_array_foreach (json_object_get (provider, "settings"), i, setting)
      print_row (wire_string (setting, "name"), wire_string (setting, "value"));
  json_object_foreach (json_object_get (provider, "endpoints"), key, endpoint)
      print_row (key, json_string_value (endpoint));
}

CliStatus
cli_provider_show (Cli *cli)
{
  g_autoptr (json_t) providers = NULL;
  json_t *provider;
  GError *error = NULL;
  gsize i;

  if (!cli_options (cli, NULL, 1, 1))
    return cli->status;
  if ((providers = accepted (cli, &error)) == NULL)
    return cli_fail (cli, error);
  json_array_foreach (providers, i, provider)
  {
    if (g_strcmp0 (wire_string (provider, "name"), cli->args[0]) != 0)
      continue;
    if (cli->json)
      cli_json_with_id (provider, "name");
    else
      print_one (provider);
    return CLI_DONE;
  }
  return cli_say_error (cli,
                        "there is no accepted provider “%s”; countersign provider list has their "
                        "names, countersign login --setup makes one",
                        cli->args[0]);
}
