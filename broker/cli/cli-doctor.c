/* SPDX-License-Identifier: MIT */
#include "broker/cli/cli.h"

#include "broker/cli/cli-check.h"
#include "broker/cli/cli-output.h"
#include "broker/cli/cli-session.h"
#include "broker/cli/cli-system.h"
#include "broker/client/client-system.h"

static void
check_state (CliChecks *checks, const char *state)
{
  if (g_strcmp0 (state, "unlocked") == 0)
    cli_checks_add (checks, "broker", CLI_CHECK_FINE, NULL, "runs, unlocked");
  else if (g_strcmp0 (state, "uninitialised") == 0)
    cli_checks_add (checks, "broker", CLI_CHECK_WRONG, "countersign init",
                    "runs, but is not set up");
  else
    cli_checks_add (checks, "broker", CLI_CHECK_WRONG, "countersign unlock", "runs, but is %s",
                    state != NULL ? state : "in no state that is known");
}

static void
check_proposals (CliChecks *checks, const json_t *differs)
{
  const json_t *file;
  gsize i;

  json_array_foreach (differs, i, file) cli_checks_add (
      checks, "proposal", CLI_CHECK_NOTE, "countersign policy apply",
      "%s differs from the accepted policy and changes nothing", json_string_value (file));
}

static void
check_audit (CliChecks *checks, const json_t *audit)
{
  const char *trouble = wire_string (audit, "trouble");
  const char *kept = wire_string (audit, "retention_trouble");

  if (audit == NULL)
    return;
  if (kept != NULL)
    cli_checks_add (checks, "retention", CLI_CHECK_NOTE, "countersign audit retention",
                    "old files of the audit trail stay: %s", kept);
  if (trouble != NULL)
    cli_checks_add (checks, "audit", CLI_CHECK_WRONG,
                    "make room on the disk; what widens is refused meanwhile",
                    "the audit trail cannot be written: %s", trouble);
  else
    cli_checks_add (checks, "audit", CLI_CHECK_FINE, NULL, "%" G_GINT64_FORMAT " records",
                    wire_integer (audit, "seq", 0));
}

static void
check_broker (const Cli *cli, CliChecks *checks)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (Client) client = cli_connect (cli, &error);
  g_autoptr (json_t) status = NULL;

  if (client != NULL)
    status = cli_ask_status (client, &error);
  if (status == NULL)
    {
      cli_checks_add (checks, "broker", CLI_CHECK_WRONG, cli_starter (), "%s", error->message);
      return;
    }
  check_state (checks, wire_string (status, "state"));
  check_proposals (checks, json_object_get (json_object_get (status, "policy"), "differs"));
  check_audit (checks, json_object_get (status, "audit"));
}

CliStatus
cli_doctor (Cli *cli)
{
  g_autoptr (CliChecks) checks = NULL;

  if (!cli_options (cli, NULL, 0, 0))
    return cli->status;
  checks = cli_checks_new ();
  cli_check_machine (checks);
  cli_check_mode (cli, checks);
  cli_check_files (checks, !client_is_system (cli->socket));
  check_broker (cli, checks);
  if (cli->json)
    {
      g_autoptr (json_t) array = cli_checks_json (checks);
      cli_json (array);
    }
  else
    cli_checks_print (checks);
  return cli_checks_wrong (checks) ? CLI_FAILED : CLI_DONE;
}
