/* SPDX-License-Identifier: MIT */
#include "broker/cli/cli.h"

#include <stdio.h>

#include "broker/base/text.h"
#include "broker/cli/cli-output.h"
#include "broker/cli/cli-session.h"
#include "broker/cli/cli-system.h"

#define INT G_GINT64_FORMAT

static void
print_broker (const json_t *status)
{
  const char *locks_at = wire_string (status, "locks_at"), *state = wire_string (status, "state");

  cli_line ("Broker", "%s, pid %" INT ", since %s", state != NULL ? state : "?",
            wire_integer (status, "pid", 0), wire_string (status, "started_at"));
  cli_line ("Mode", "%s",
            g_strcmp0 (wire_string (status, "mode"), "system") == 0
                ? "system: under a uid of its own"
                : "user: as you, like the agents");
  if (locks_at != NULL)
    cli_line ("Locks at", "%s", locks_at);
  if (g_strcmp0 (state, "uninitialised") == 0)
    cli_line ("Next", "countersign init");
  else if (g_strcmp0 (state, "unlocked") != 0)
    cli_line ("Next", "countersign unlock");
}

static void
print_counts (const json_t *status)
{
  gint64 held = wire_integer (status, "held", 0), grants = wire_integer (status, "grants", 0);

  cli_line ("Held", "%" INT "%s", held, held > 0 ? " waiting for you: countersign approve" : "");
  cli_line ("Grants", "%" INT "%s", grants, grants > 0 ? " live: countersign grants" : "");
  cli_line ("References", "%" INT, wire_integer (status, "references", 0));
  cli_line ("Secrets", "%" INT, wire_integer (status, "secrets", 0));
}

static void
print_policy (const json_t *policy)
{
  const json_t *differs = json_object_get (policy, "differs"), *file;
  gsize i;

  gint64 rules = wire_integer (policy, "rules", 0), services = wire_integer (policy, "services", 0),
         providers = wire_integer (policy, "providers", 0);
  cli_line ("Policy", "%" INT " rule%s, %" INT " service%s and %" INT " provider%s accepted", rules,
            rules == 1 ? "" : "s", services, services == 1 ? "" : "s", providers,
            providers == 1 ? "" : "s");
  json_array_foreach (differs, i, file) cli_line (
      "", "%s differs and changes nothing: countersign policy apply", json_string_value (file));
}

static void
print_audit (const json_t *audit)
{
  const char *trouble = wire_string (audit, "trouble"), *hash = wire_string (audit, "hash");
  const json_t *repaired = json_object_get (audit, "repaired");
  gint64 owed = wire_integer (audit, "owed", 0), days = wire_integer (audit, "retention_days", 0);
  const char *kept = wire_string (audit, "retention_trouble");

  if (audit == NULL)
    return;
  cli_line ("Audit", "%" INT " records%s%s", wire_integer (audit, "seq", 0),
            hash != NULL ? ", the last is " : "", hash != NULL ? hash : "");
  if (owed > 0)
    cli_line ("", "%" INT " records wait to be written", owed);
  if (trouble != NULL)
    cli_line ("", "cannot be written: %s", trouble);
  if (days > 0)
    cli_line ("", "kept for %" INT " day%s", days, days == 1 ? "" : "s");
  if (kept != NULL)
    cli_line ("", "%s", kept);
  if (repaired != NULL)
    cli_line ("",
              "mended when it was opened: %" INT " bytes of a torn record, %" INT
              " records after the head",
              wire_integer (repaired, "torn_bytes", 0), wire_integer (repaired, "after_head", 0));
}

CliStatus
cli_status (Cli *cli)
{
  g_autoptr (Client) client = NULL;
  g_autoptr (json_t) status = NULL;
  GError *error = NULL;

  if (!cli_options (cli, NULL, 0, 0))
    return cli->status;
  if ((client = cli_connect (cli, &error)) == NULL
      || (status = cli_ask_status (client, &error)) == NULL)
    return cli_fail (cli, error);
  if (cli->json)
    {
      cli_json_with_id (status, "instance");
      return CLI_DONE;
    }
  print_broker (status);
  print_counts (status);
  print_policy (json_object_get (status, "policy"));
  print_audit (json_object_get (status, "audit"));
  return CLI_DONE;
}

/* A call that narrows: it needs no proof. */
static CliStatus
narrow (Cli *cli, const char *method, const char *done)
{
  g_autoptr (Client) client = NULL;
  g_autoptr (json_t) result = NULL;
  GError *error = NULL;

  if (!cli_options (cli, NULL, 0, 0))
    return cli->status;
  if ((client = cli_connect (cli, &error)) == NULL
      || (result = client_call (client, method, NULL, -1, NULL, &error)) == NULL)
    return cli_fail (cli, error);
  if (cli->json)
    cli_json (result);
  else
    puts (done);
  return CLI_DONE;
}

CliStatus
cli_lock (Cli *cli)
{
  return narrow (cli, "lock",
                 "Locked: the keys are wiped. What is held stays held, grants are suspended.\n"
                 "countersign unlock goes on.");
}

CliStatus
cli_panic (Cli *cli)
{
  return narrow (
      cli, "panic",
      "All grants and references are revoked, what was held is denied, the keys are wiped.\n"
      "Agents are refused until countersign unlock is given the passphrase.");
}
