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

#define UNLOCK_MAX (365 * 24 * 3600) /* seconds */

gboolean
cli_key_no_socket (Cli *cli)
{
  if (cli->socket == NULL)
    return TRUE;
  cli->status
      = cli_usage (cli, "--socket does not go with this command: it starts a broker of its own; "
                        "use --state-dir");
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
static CliStatus
report_unlocked (const Cli *cli, const json_t *result, const char *what)
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

  result = cli_broker_start (cli, method, params, &error);
  return result != NULL ? report_unlocked (cli, result, done) : cli_fail (cli, error);
}

CliStatus
cli_unlock (Cli *cli)
{
  g_autofree char *duration = NULL;
  gboolean new_trail = FALSE;
  const GOptionEntry entries[]
      = { { "for", 0, 0, G_OPTION_ARG_FILENAME, &duration, "Lock again after so long", "TIME" },
          { "new-trail", 0, 0, G_OPTION_ARG_NONE, &new_trail,
            "Put an audit trail aside that was tampered with, and begin another", NULL },
          G_OPTION_ENTRY_NULL };
  g_autoptr (json_t) params = json_object ();
  g_autoptr (Secret) passphrase = NULL;
  GError *error = NULL;
  gint64 seconds;

  if (!cli_options (cli, entries, 0, 0) || !cli_key_no_socket (cli))
    return cli->status;
  seconds = cli_option_duration (cli, "--for", duration, UNLOCK_MAX);
  if (seconds < 0)
    return CLI_USAGE;
  passphrase = cli_read_passphrase (cli, &error);
  if (passphrase == NULL)
    return cli_fail (cli, error);
  cli_set_secret (params, "passphrase", passphrase);
  if (new_trail)
    json_object_set_new (params, "new_trail", json_true ());
  if (seconds > 0)
    json_object_set_new (params, "for_seconds", json_integer (seconds));
  return with_passphrase (cli, "unlock", params, "Unlocked");
}

CliStatus
cli_passwd (Cli *cli)
{
  g_autoptr (json_t) params = json_object ();
  g_autoptr (Secret) passphrase = NULL, fresh = NULL;
  GError *error = NULL;

  if (!cli_options (cli, NULL, 0, 0) || !cli_key_no_socket (cli))
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

  if (!cli_options (cli, NULL, 0, 0) || !cli_key_no_socket (cli))
    return cli->status;
  if ((passphrase = cli_read_passphrase (cli, &error)) == NULL
      || (pin = cli_read_new_pin (cli, &error)) == NULL
      || !cli_key_differ (passphrase, pin, &error))
    return cli_fail (cli, error);
  cli_set_secret (params, "passphrase", passphrase);
  cli_set_secret (params, "new_pin", pin);
  return with_passphrase (cli, "pin", params, "The PIN was changed");
}
