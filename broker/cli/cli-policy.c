/* SPDX-License-Identifier: MIT
 *
 * MUST
 *  - show what changes before the PIN that accepts it is asked
 */
#include "broker/cli/cli.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "broker/base/text.h"
#include "broker/cli/cli-accept.h"
#include "broker/cli/cli-known.h"
#include "broker/cli/cli-notes.h"
#include "broker/cli/cli-output.h"
#include "broker/cli/cli-prompt.h"
#include "broker/cli/cli-session.h"
#include "broker/client/client-system.h"

/* A policy that was accepted by another version may have words that we do not know. */
static void
print_loosenings (FILE *stream, const GPtrArray *accepted, const Policy *proposed)
{
  g_autoptr (Policy) before = cli_proposals_parse (accepted, NULL);

  if (before != NULL)
    {
      g_autoptr (GPtrArray) notes = policy_check_change (before, proposed);
      cli_notes_print (stream, notes, accepted);
    }
  else
    fputs ("The accepted policy cannot be read: what it asks for more proof is not compared.\n",
           stream);
}

/* TRUE when the person is to be asked: what is there to accept was shown. */
static gboolean
show_proposal (const Cli *cli, const GPtrArray *accepted, const GPtrArray *proposed,
               const Policy *policy, GError **error)
{
  FILE *stream = cli->json ? stderr : stdout;

  cli_accept_print (stream, accepted, proposed);
  print_loosenings (stream, accepted, policy);
  g_autoptr (CliKnown) known = cli_known_new (proposed, !client_is_system (cli->socket));
  g_autoptr (GPtrArray) notes = policy_check (policy, cli_known (known));
  if (!cli_notes_print (stream, notes, proposed))
    {
      g_set_error_literal (error, POLICY_ERROR, POLICY_ERROR_SYNTAX,
                           "there are errors; mend them first, nothing was accepted");
      return FALSE;
    }
  cli_accept_announce (cli, stream);
  return TRUE;
}

static CliStatus
report_applied (const Cli *cli, json_t *result, gboolean changed)
{
  if (cli->json)
    {
      json_object_set_new (result, "changed", json_boolean (changed));
      cli_json (result);
    }
  else if (changed)
    printf ("Accepted: %" G_GINT64_FORMAT " rules.\n", wire_integer (result, "rules", 0));
  else
    puts ("The files say what was accepted; there is nothing to apply.");
  return CLI_DONE;
}

static CliStatus
apply (Cli *cli, const GPtrArray *proposed, const Policy *policy)
{
  g_autoptr (Client) client = NULL;
  g_autoptr (GPtrArray) accepted = NULL;
  g_autoptr (json_t) result = NULL;
  GError *error = NULL;

  if (!cli_read_pin_first (cli, &error)
      || (client = cli_connect_with_pin (cli, NULL, &error)) == NULL
      || (accepted = cli_accepted (client, &error)) == NULL)
    return cli_fail (cli, error);
  if (cli_proposals_equal (accepted, proposed))
    {
      result = json_pack ("{s:I}", "rules", (json_int_t) policy_n_rules (policy));
      return report_applied (cli, result, FALSE);
    }
  if (!show_proposal (cli, accepted, proposed, policy, &error)
      || (result = cli_accept (cli, client, proposed, &error)) == NULL)
    return cli_fail (cli, error);
  return report_applied (cli, result, TRUE);
}

CliStatus
cli_policy_apply (Cli *cli)
{
  g_autoptr (GPtrArray) proposed = NULL;
  g_autoptr (Policy) policy = NULL;
  GError *error = NULL;

  if (!cli_options (cli, NULL, 0, 0))
    return cli->status;
  if ((proposed = cli_proposals (&error)) == NULL
      || (policy = cli_proposals_parse (proposed, &error)) == NULL
      || !cli_proposals_check (proposed, &error))
    return cli_fail (cli, error);
  return apply (cli, proposed, policy);
}

CliStatus
cli_policy_show (Cli *cli)
{
  g_autoptr (Client) client = NULL;
  g_autoptr (GPtrArray) files = NULL;
  g_autoptr (json_t) result = NULL;
  GError *error = NULL;

  if (!cli_options (cli, NULL, 0, 0))
    return cli->status;
  if ((client = cli_connect_with_pin (cli, NULL, &error)) == NULL
      || (result = client_call (client, "policy_show", NULL, -1, NULL, &error)) == NULL
      || (files = cli_proposals_from_json (json_object_get (result, "files"), &error)) == NULL)
    return cli_fail (cli, error);
  if (cli->json)
    {
      cli_json (result);
      return CLI_DONE;
    }
  cli_line ("Accepted", "%s", wire_string (result, "accepted_at"));
  cli_proposals_print (stdout, files);
  return CLI_DONE;
}
