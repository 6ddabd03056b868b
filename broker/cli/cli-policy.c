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
#include "broker/cli/cli-output.h"
#include "broker/cli/cli-prompt.h"
#include "broker/cli/cli-session.h"
#include "broker/client/client-system.h"

/* An array with one object for each note; @sound is FALSE when there is an error among them. */
static json_t *
notes_json (const Policy *policy, gboolean user_mode, gboolean *sound)
{
  g_autoptr (GPtrArray) notes = policy_check (policy, user_mode);
  json_t *array = json_array ();

  *sound = TRUE;
  for (guint i = 0; i < notes->len; i++)
    {
      const PolicyNote *note = notes->pdata[i];
      g_autofree char *rule = policy_rule_text (policy, note->rule);
      json_array_append_new (array, json_pack ("{s:i, s:s, s:s, s:s, s:s*}", "id", (int) i + 1,
                                               "kind", policy_note_kind_name (note->kind), "place",
                                               note->place, "text", note->text, "rule", rule));
      *sound &= note->kind != POLICY_NOTE_ERROR;
    }
  return array;
}

/* A policy that does not parse has one note: where and why. */
static CliStatus
report_unparsed (const Cli *cli, GError *error)
{
  g_autoptr (GError) owned = error;

  if (!cli->json || owned->domain != POLICY_ERROR)
    return cli_fail (cli, g_steal_pointer (&owned));
  g_autoptr (json_t) array
      = json_pack ("[{s:i, s:s, s:s}]", "id", 1, "kind", "error", "text", owned->message);
  cli_json (array);
  return CLI_FAILED;
}

static void
print_summary (const GPtrArray *files, const Policy *policy, gboolean sound)
{
  g_autoptr (Services) services = cli_proposals_services (files, NULL);
  g_autoptr (Providers) providers = cli_proposals_providers (files, NULL);

  printf ("Rules: %" G_GSIZE_FORMAT, policy_n_rules (policy));
  if (services_count (services) > 0)
    printf (", services: %u", services_count (services));
  if (providers_count (providers) > 0)
    printf (", providers: %u", providers_count (providers));
  printf (", in files: %u; %s.\n", files->len, sound ? "no errors" : "there are errors");
}

CliStatus
cli_policy_check (Cli *cli)
{
  g_autoptr (GPtrArray) files = NULL;
  g_autoptr (Policy) policy = NULL;
  GError *error = NULL;
  gboolean sound;

  if (!cli_options (cli, NULL, 0, -1))
    return cli->status;
  files = cli->n_args > 0 ? cli_proposals_at (cli->args, &error) : cli_proposals (&error);
  if (files == NULL || (policy = cli_proposals_parse (files, &error)) == NULL
      || !cli_proposals_check (files, &error))
    return report_unparsed (cli, error);
  if (cli->json)
    {
      g_autoptr (json_t) notes = notes_json (policy, !client_is_system (cli->socket), &sound);
      cli_json (notes);
    }
  else
    {
      sound = cli_notes_print (stdout, policy_check (policy, !client_is_system (cli->socket)));
      print_summary (files, policy, sound);
    }
  return sound ? CLI_DONE : CLI_FAILED;
}

/* A policy that was accepted by another version may have words that we do not know. */
static void
print_loosenings (FILE *stream, const GPtrArray *accepted, const Policy *proposed)
{
  g_autoptr (Policy) before = cli_proposals_parse (accepted, NULL);

  if (before != NULL)
    cli_notes_print (stream, policy_check_change (before, proposed));
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
  if (!cli_notes_print (stream, policy_check (policy, !client_is_system (cli->socket))))
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
