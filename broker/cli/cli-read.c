/* SPDX-License-Identifier: MIT */
#include "broker/cli/cli.h"

#include <stdio.h>
#include <unistd.h>

#include "broker/cli/cli-output.h"
#include "broker/cli/cli-reference.h"
#include "broker/cli/cli-reveal.h"
#include "broker/cli/cli-session.h"
#include "broker/cli/cli-value.h"

/* The names in the references that were given; NULL, with usage shown, when one is none. */
static const char **
names_given (const Cli *cli)
{
  g_autofree const char **names = g_new0 (const char *, cli->n_args + 1);

  for (int i = 0; i < cli->n_args; i++)
    {
      g_autoptr (GError) error = NULL;

      if (!cli_reference_is (cli->args[i]))
        cli_usage (cli, "“%s” is no reference: write " CLI_REFERENCE_SCHEME "NAME", cli->args[i]);
      else if ((names[i] = cli_reference_name (cli->args[i], &error)) == NULL)
        cli_usage (cli, "%s", error->message);
      if (names[i] == NULL)
        return NULL;
    }
  return g_steal_pointer (&names);
}

static CliStatus
print_json (const Cli *cli, const char *const *names, const GPtrArray *values)
{
  g_autoptr (json_t) list = json_array ();

  for (guint i = 0; i < values->len; i++)
    {
      json_t *one = json_pack ("{s:s, s:s}", "id", cli->args[i], "name", names[i]);

      json_array_append_new (list, one);
      if (!secret_is_text (values->pdata[i]))
        return cli_say_error (
            cli, "the value of %s is no text, which JSON cannot carry; leave --json out", names[i]);
      cli_set_secret (one, "value", values->pdata[i]);
    }
  cli_json (list);
  return CLI_DONE;
}

/* One value is its bytes and nothing else; several are told apart by a newline after each. */
static CliStatus
print (const Cli *cli, const GPtrArray *values)
{
  gboolean several = values->len > 1;
  GError *error = NULL;

  for (guint i = 0; i < values->len; i++)
    if (!cli_value_write (values->pdata[i], several, &error))
      return cli_fail (cli, error);
  return CLI_DONE;
}

CliStatus
cli_read (Cli *cli)
{
  g_autofree const char **names = NULL;
  g_autoptr (GPtrArray) values = NULL;
  GError *error = NULL;

  if (!cli_options (cli, NULL, 1, -1))
    return cli->status;
  if ((names = names_given (cli)) == NULL)
    return CLI_USAGE;
  if ((values = cli_reveal (cli, names, cli->n_args, &error)) == NULL)
    return cli_fail (cli, error);
  return cli->json ? print_json (cli, names, values) : print (cli, values);
}
