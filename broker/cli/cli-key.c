/* SPDX-License-Identifier: MIT
 *
 * What the passphrase does to a store that is there: unlock, passwd, pin.
 */
#include "broker/cli/cli-key.h"

#include <stdio.h>

#include "broker/cli/cli-broker.h"
#include "broker/cli/cli-output.h"
#include "broker/cli/cli-prompt.h"
#include "broker/cli/cli-session.h"
#include "broker/client/client-system.h"

#define UNLOCK_MAX (365 * 24 * 3600) /* seconds */

gboolean
cli_key_begin (Cli *cli)
{
  g_autoptr (GError) error = NULL;

  if (cli->socket != NULL && !client_is_system (cli->socket))
    cli->status
        = cli_usage (cli, "--socket does not go with this command: it starts a broker of its own; "
                          "use --state-dir");
  else if (!cli_shut_off (&error) || !cli_broker_ready (cli, &error))
    cli->status = cli_fail (cli, g_steal_pointer (&error));
  else
    return TRUE;
  return FALSE;
}

gboolean
cli_key_differ (const Secret *passphrase, const Secret *pin, GError **error)
{
  if (!secret_equal (passphrase, pin))
    return TRUE;
  g_set_error_literal (error, CLI_PROMPT_ERROR, CLI_PROMPT_ERROR_UNFIT,
                       "PIN and passphrase must not be the same");
  return FALSE;
}

/* What the broker found when it opened the store. */
CliStatus
cli_key_report (const Cli *cli, const json_t *result, const char *what)
{
  const json_t *repaired = json_object_get (result, "repaired");
  gint64 resumed = wire_integer (result, "resumed_grants", 0);
  const char *aside = wire_string (result, "trail_aside");

  if (cli->json)
    {
      cli_json (result);
      return CLI_DONE;
    }
  printf ("%s; the broker runs (pid %" G_GINT64_FORMAT ") and is unlocked.\n", what,
          wire_integer (result, "pid", 0));
  if (resumed > 0)
    printf ("Grants that go on: %" G_GINT64_FORMAT "\n", resumed);
  if (aside != NULL)
    cli_line ("Put aside", "%s", aside);
  if (repaired != NULL)
    puts ("The audit trail ended as after a crash; it was mended. See countersign status.");
  return CLI_DONE;
}

static CliStatus
with_passphrase (Cli *cli, const char *method, json_t *params, const char *done)
{
  g_autoptr (json_t) result = NULL;
  GError *error = NULL;

  result = cli_broker_call (cli, method, params, &error);
  return result != NULL ? cli_key_report (cli, result, done) : cli_fail (cli, error);
}

json_t *
cli_key_unlock_params (const Cli *cli, const CliUnlock *how, GError **error)
{
  g_autoptr (json_t) params = json_object ();
  g_autoptr (Secret) passphrase = cli_read_passphrase (cli, error);

  if (passphrase == NULL)
    return NULL;
  cli_set_secret (params, "passphrase", passphrase);
  if (how->new_trail)
    json_object_set_new (params, "new_trail", json_true ());
  if (how->seconds > 0)
    json_object_set_new (params, "for_seconds", json_integer (how->seconds));
  return g_steal_pointer (&params);
}

gboolean
cli_key_unlock_options (Cli *cli, CliUnlock *how, const GOptionEntry *more)
{
  g_autofree char *duration = NULL;
  const GOptionEntry own[]
      = { { "for", 0, 0, G_OPTION_ARG_FILENAME, &duration, "Lock again after so long", "TIME" },
          { "new-trail", 0, 0, G_OPTION_ARG_NONE, &how->new_trail,
            "Put an audit trail aside that was tampered with, and begin another", NULL } };
  g_autoptr (GArray) entries = g_array_new (TRUE, TRUE, sizeof *own);

  g_array_append_vals (entries, own, G_N_ELEMENTS (own));
  for (; more != NULL && more->long_name != NULL; more++)
    g_array_append_vals (entries, more, 1);
  if (!cli_options (cli, (const GOptionEntry *) entries->data, 0, 0) || !cli_key_begin (cli))
    return FALSE;
  how->seconds = cli_option_duration (cli, "--for", duration, UNLOCK_MAX);
  cli->status = CLI_USAGE;
  return how->seconds >= 0;
}

CliStatus
cli_unlock (Cli *cli)
{
  CliUnlock how = { 0 };
  g_autoptr (json_t) params = NULL;
  GError *error = NULL;

  if (!cli_key_unlock_options (cli, &how, NULL))
    return cli->status;
  params = cli_key_unlock_params (cli, &how, &error);
  return params != NULL ? with_passphrase (cli, "unlock", params, "Unlocked")
                        : cli_fail (cli, error);
}

CliStatus
cli_passwd (Cli *cli)
{
  g_autoptr (json_t) params = json_object ();
  g_autoptr (Secret) passphrase = NULL, fresh = NULL;
  GError *error = NULL;

  if (!cli_options (cli, NULL, 0, 0) || !cli_key_begin (cli))
    return cli->status;
  if ((passphrase = cli_read_passphrase (cli, &error)) == NULL
      || (fresh = cli_read_new_passphrase (cli, &error)) == NULL)
    return cli_fail (cli, error);
  cli_set_secret (params, "passphrase", passphrase);
  cli_set_secret (params, "new_passphrase", fresh);
  return with_passphrase (cli, "passwd", params, "The passphrase was changed");
}

CliStatus
cli_pin (Cli *cli)
{
  g_autoptr (json_t) params = json_object ();
  g_autoptr (Secret) passphrase = NULL, pin = NULL;
  GError *error = NULL;

  if (!cli_options (cli, NULL, 0, 0) || !cli_key_begin (cli))
    return cli->status;
  if ((passphrase = cli_read_passphrase (cli, &error)) == NULL
      || (pin = cli_read_new_pin (cli, &error)) == NULL
      || !cli_key_differ (passphrase, pin, &error))
    return cli_fail (cli, error);
  cli_set_secret (params, "passphrase", passphrase);
  cli_set_secret (params, "new_pin", pin);
  return with_passphrase (cli, "pin", params, "The PIN was changed");
}
