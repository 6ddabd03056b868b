/* SPDX-License-Identifier: MIT */
#include "broker/cli/cli.h"

#include <stdio.h>
#include <string.h>

#include "broker/cli/policy/cli-known.h"
#include "broker/cli/policy/cli-notes.h"
#include "broker/cli/cli-output.h"
#include "broker/cli/cli-session.h"
#include "broker/client/client-system.h"

static void
print_summary (const GPtrArray *files, const Policy *policy, const GPtrArray *notes)
{
  g_autoptr (Services) services = cli_proposals_services (files, NULL);
  g_autoptr (Providers) providers = cli_proposals_providers (files, NULL);
  g_autofree char *count = cli_notes_count (notes);

  printf ("Rules: %" G_GSIZE_FORMAT, policy_n_rules (policy));
  if (services_count (services) > 0)
    printf (", services: %u", services_count (services));
  if (providers_count (providers) > 0)
    printf (", providers: %u", providers_count (providers));
  printf (", in files: %u; ", files->len);
  if (cli_notes_sound (notes))
    printf ("no errors%s%s.\n", count != NULL ? ", " : "", count != NULL ? count : "");
  else
    printf ("%s.\n", count);
}

/* The names of the secrets, which the broker tells to the PIN alone. */
static gboolean
add_names (Cli *cli, CliKnown *known, GError **error)
{
  g_autoptr (Client) client = cli_connect_with_pin (cli, NULL, error);
  g_autoptr (json_t) names
      = client != NULL ? cli_list (client, "secret_list", "secrets", error) : NULL;

  if (names == NULL)
    return FALSE;
  cli_known_add_secrets (known, names);
  return TRUE;
}

static CliStatus
check (Cli *cli, const GPtrArray *files, const Policy *policy, gboolean names)
{
  g_autoptr (CliKnown) known = cli_known_new (files, !client_is_system (cli->socket));
  GError *error = NULL;

  if (cli->n_args > 0)
    cli_known_policy_alone (known);
  if (names && !add_names (cli, known, &error))
    return cli_fail (cli, error);
  g_autoptr (GPtrArray) notes = policy_check (policy, cli_known (known));
  if (cli->json)
    {
      g_autoptr (json_t) array = cli_notes_json (notes, policy);
      cli_json (array);
    }
  else
    {
      cli_notes_print (stdout, notes, files);
      print_summary (files, policy, notes);
    }
  return cli_notes_sound (notes) ? CLI_DONE : CLI_FAILED;
}

CliStatus
cli_policy_check (Cli *cli)
{
  g_autoptr (GPtrArray) files = NULL;
  g_autoptr (Policy) policy = NULL;
  GError *error = NULL;
  gboolean names = FALSE;
  const GOptionEntry entries[] = { { "names", 0, 0, G_OPTION_ARG_NONE, &names,
                                     "Look for names that no secret has, with the PIN", NULL },
                                   { NULL } };

  if (!cli_options (cli, entries, 0, -1))
    return cli->status;
  files = cli->n_args > 0 ? cli_proposals_at (cli->args, &error) : cli_proposals (&error);
  if (files == NULL || (policy = cli_proposals_parse (files, &error)) == NULL
      || !cli_proposals_check (files, &error))
    return cli_notes_fail (cli, files, error);
  return check (cli, files, policy, names);
}
