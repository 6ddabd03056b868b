/* SPDX-License-Identifier: MIT */
#include "broker/cli/cli.h"

#include <stdio.h>
#include <string.h>

#include "broker/cli/cli-output.h"
#include "broker/cli/cli-service-preset.h"
#include "broker/cli/cli-session.h"

static const char *
or_dash (const char *text)
{
  return text != NULL && *text != '\0' ? text : "-";
}

/* "bearer", "header X-Api-Key", "basic as user". */
static char *
place_text (const json_t *service)
{
  const json_t *place = json_object_get (service, "place");
  const char *name = wire_string (place, "name"), *user = wire_string (place, "user");

  if (name == NULL)
    name = wire_string (place, "header");
  return g_strjoin (" ", or_dash (wire_string (place, "kind")),
                    user != NULL ? "as" : (name != NULL ? name : NULL), user, NULL);
}

static char *
scope_names (const json_t *service)
{
  GString *names = g_string_new (NULL);
  const json_t *scope;
  gsize i;

  json_array_foreach (json_object_get (service, "scopes"), i, scope) g_string_append_printf (
      names, "%s%s", i > 0 ? " " : "", or_dash (wire_string (scope, "name")));
  return g_string_free (names, FALSE);
}

static void
print_list (const json_t *services)
{
  const char *const headings[] = { "NAME", "BASE", "CREDENTIAL", "PLACE", "SCOPES", NULL };
  g_autoptr (CliTable) table = cli_table_new (headings);
  const json_t *service;
  gsize i;

  json_array_foreach (services, i, service)
  {
    g_autofree char *place = place_text (service), *scopes = scope_names (service);
    cli_table_cell (table, wire_string (service, "name"));
    cli_table_cell (table, wire_string (service, "base"));
    cli_table_cell (table, wire_string (service, "credential"));
    cli_table_cell (table, place);
    cli_table_cell (table, or_dash (scopes));
  }
  cli_table_print (table);
}

/* The accepted ones. */
static json_t *
accepted (Cli *cli, GError **error)
{
  g_autoptr (Client) client = cli_connect_with_pin (cli, NULL, error);

  return client != NULL ? cli_list (client, "service_list", "services", error) : NULL;
}

CliStatus
cli_service_list (Cli *cli)
{
  gboolean presets = FALSE;
  const GOptionEntry entries[]
      = { { "presets", 0, 0, G_OPTION_ARG_NONE, &presets,
            "List those that come with the program, to be added, in place of the accepted ones",
            NULL },
          G_OPTION_ENTRY_NULL };
  g_autoptr (json_t) services = NULL;
  GError *error = NULL;

  if (!cli_options (cli, entries, 0, 0))
    return cli->status;
  services = presets ? cli_service_presets_describe (&error) : accepted (cli, &error);
  if (services == NULL)
    return cli_fail (cli, error);
  if (cli->json)
    cli_json_list (services, "name");
  else
    print_list (services);
  return CLI_DONE;
}

/* As a file has them: "GET", "{ GET HEAD }". */
static char *
words_text (const json_t *words)
{
  gboolean several = json_array_size (words) > 1;
  GString *text = g_string_new (several ? "{" : NULL);
  const json_t *word;
  gsize i;

  json_array_foreach (words, i, word)
      g_string_append_printf (text, "%s%s", several ? " " : "", or_dash (json_string_value (word)));
  return g_string_free (g_string_append (text, several ? " }" : ""), FALSE);
}

/* A condition: "graphql query", "only-query { a b }", "header NAME { a b }". */
static void
add_condition (GString *text, const char *key, json_t *value)
{
  g_autofree char *words = NULL;
  const char *name;
  json_t *of;

  if (json_is_object (value))
    {
      json_object_foreach (value, name, of)
      {
        g_autofree char *both = g_strconcat (key, " ", name, NULL);
        add_condition (text, both, of);
      }
      return;
    }
  words = json_is_array (value) ? words_text (value) : g_strdup (json_string_value (value));
  g_string_append_printf (text, " %s %s", key, or_dash (words));
}

/* What a rule says beside methods and paths. */
static char *
conditions_text (const json_t *rule)
{
  GString *text = g_string_new (NULL);
  const char *key;
  json_t *value;

  json_object_foreach ((json_t *) rule, key,
                       value) if (strcmp (key, "methods") != 0 && strcmp (key, "paths") != 0)
      add_condition (text, key, value);
  return g_string_free (text, FALSE);
}

static void
print_scope (const json_t *scope)
{
  const json_t *rule;
  gsize i;

  json_array_foreach (json_object_get (scope, "rules"), i, rule)
  {
    g_autofree char *methods = words_text (json_object_get (rule, "methods"));
    g_autofree char *paths = words_text (json_object_get (rule, "paths"));
    g_autofree char *conditions = conditions_text (rule);
    cli_line (i == 0 ? "Scope" : "", "%s %s %s%s", or_dash (wire_string (scope, "name")), methods,
              paths, conditions);
  }
}

static void
print_one (const json_t *service)
{
  g_autofree char *place = place_text (service);
  const json_t *scope, *test = json_object_get (service, "test");
  gsize i;

  cli_line ("Name", "%s", or_dash (wire_string (service, "name")));
  cli_line ("Base", "%s", or_dash (wire_string (service, "base")));
  cli_line ("Credential", "%s", or_dash (wire_string (service, "credential")));
  cli_line ("Place", "%s", place);
  cli_line ("Network", "%s", or_dash (wire_string (service, "network")));
  json_array_foreach (json_object_get (service, "scopes"), i, scope) print_scope (scope);
  if (test != NULL)
    cli_line ("Test", "%s %s", or_dash (wire_string (test, "method")),
              or_dash (wire_string (test, "path")));
}

CliStatus
cli_service_show (Cli *cli)
{
  g_autoptr (json_t) services = NULL;
  json_t *service;
  GError *error = NULL;
  gsize i;

  if (!cli_options (cli, NULL, 1, 1))
    return cli->status;
  if ((services = accepted (cli, &error)) == NULL)
    return cli_fail (cli, error);
  json_array_foreach (services, i, service)
  {
    if (g_strcmp0 (wire_string (service, "name"), cli->args[0]) != 0)
      continue;
    if (cli->json)
      cli_json_with_id (service, "name");
    else
      print_one (service);
    return CLI_DONE;
  }
  return cli_say_error (cli,
                        "there is no accepted service “%s”; countersign service list has "
                        "their names, countersign service add adds one",
                        cli->args[0]);
}

static CliStatus
report_test (const Cli *cli, json_t *result)
{
  gint64 status = wire_integer (result, "status", 0);
  gboolean good = status >= 200 && status < 400;

  if (cli->json)
    {
      json_object_set_new (result, "id", json_string (cli->args[0]));
      cli_json (result);
    }
  else
    printf ("%s: %" G_GINT64_FORMAT " in %" G_GINT64_FORMAT " ms; %s\n", cli->args[0], status,
            wire_integer (result, "elapsed_ms", 0),
            good            ? "the credential works"
            : status == 401 ? "it does not take the credential"
            : status == 403 ? "the credential may not do this"
                            : "that is no success");
  return good ? CLI_DONE : CLI_FAILED;
}

/* Sends the credential, so it needs the PIN as all that widens. */
CliStatus
cli_service_test (Cli *cli)
{
  g_autoptr (Client) client = NULL;
  g_autoptr (json_t) params = NULL, result = NULL;
  GError *error = NULL;

  if (!cli_options (cli, NULL, 1, 1))
    return cli->status;
  params = json_pack ("{s:s}", "service", cli->args[0]);
  if (params == NULL)
    return cli_usage (cli, "the name is not UTF-8");
  if ((client = cli_connect (cli, &error)) == NULL
      || (result = cli_widen (cli, client, "service_test", params, -1, &error)) == NULL)
    return cli_fail (cli, error);
  return report_test (cli, result);
}
