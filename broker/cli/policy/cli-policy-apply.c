/* SPDX-License-Identifier: MIT
 *
 * MUST
 *  - show what changes before the PIN that accepts it is asked
 *  - have nothing accepted whose difference from what rules now was not the one that was shown
 */
#include "broker/cli/cli.h"

#include <stdio.h>
#include <string.h>

#include "broker/cli/cli-accept.h"
#include "broker/cli/policy/cli-changes.h"
#include "broker/cli/policy/cli-notes.h"
#include "broker/cli/cli-output.h"
#include "broker/cli/cli-prompt.h"
#include "broker/cli/cli-session.h"
#include "broker/client/client-system.h"

typedef struct
{
  gboolean diff;      /* the text's difference, however long it is */
  GPtrArray *changes; /* of PolicyChange; NULL: the accepted policy cannot be read */
} Applying;

/* A policy that was accepted by another version may have words that we do not know. */
static void
show_changes (FILE *stream, Applying *applying, const Policy *before, const Policy *after,
              const CliKnown *known)
{
  if (before == NULL)
    {
      fputs ("The accepted policy cannot be read: what this changes is not compared.\n\n", stream);
      return;
    }
  applying->changes = policy_compare (before, after, cli_known (known));
  cli_changes_print (stream, applying->changes);
}

static gboolean
show_notes (FILE *stream, const GPtrArray *proposed, const Policy *before, const Policy *after,
            const CliKnown *known)
{
  g_autoptr (GPtrArray) notes = policy_check (after, cli_known (known));
  guint others;
  g_autoptr (GPtrArray) fresh = cli_changes_new_notes (notes, after, before, &others);
  gboolean sound = cli_notes_print (stream, fresh, proposed);

  if (others > 0)
    fprintf (stream,
             "What there is to say of rules that were accepted before: %u; see "
             "countersign policy check.\n\n",
             others);
  return sound;
}

/* TRUE when the person is to be asked: what is there to accept was shown. */
static gboolean
show_proposal (const Cli *cli, Applying *applying, const GPtrArray *accepted,
               const GPtrArray *proposed, const Policy *policy, GError **error)
{
  FILE *stream = cli->json ? stderr : stdout;
  g_autoptr (Policy) before = cli_proposals_parse (accepted, NULL);
  g_autoptr (CliKnown) known = cli_known_new (proposed, !client_is_system (cli->socket));

  show_changes (stream, applying, before, policy, known);
  cli_accept_print_texts (stream, accepted, proposed, applying->diff || before == NULL);
  if (!show_notes (stream, proposed, before, policy, known))
    {
      g_set_error_literal (error, POLICY_ERROR, POLICY_ERROR_SYNTAX,
                           "there are errors; mend them first, nothing was accepted");
      return FALSE;
    }
  cli_accept_announce (cli, stream);
  return TRUE;
}

/* What the new policy denies of what was granted, and of what waited. */
static void
print_ended (const json_t *result)
{
  gint64 ended = wire_integer (result, "ended", 0), refused = wire_integer (result, "refused", 0);

  if (ended > 0)
    printf ("Grants that it denies, and that ended: %" G_GINT64_FORMAT ".\n", ended);
  if (refused > 0)
    printf ("Requests that it denies, and that were refused: %" G_GINT64_FORMAT ".\n", refused);
}

static CliStatus
report_applied (const Cli *cli, const Applying *applying, json_t *result, gboolean changed)
{
  if (cli->json)
    {
      json_object_set_new (result, "changed", json_boolean (changed));
      if (applying->changes != NULL)
        json_object_set_new (result, "changes", cli_changes_json (applying->changes));
      cli_json (result);
    }
  else if (changed)
    {
      printf ("Accepted: %" G_GINT64_FORMAT " rules.\n", wire_integer (result, "rules", 0));
      print_ended (result);
    }
  else
    puts ("The files say what was accepted; there is nothing to apply.");
  return CLI_DONE;
}

static CliStatus
apply (Cli *cli, Applying *applying, const GPtrArray *proposed, const Policy *policy)
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
      return report_applied (cli, applying, result, FALSE);
    }
  if (!show_proposal (cli, applying, accepted, proposed, policy, &error)
      || (result = cli_accept (cli, client, accepted, proposed, &error)) == NULL)
    return cli_fail (cli, error);
  return report_applied (cli, applying, result, TRUE);
}

CliStatus
cli_policy_apply (Cli *cli)
{
  g_autoptr (GPtrArray) proposed = NULL;
  g_autoptr (Policy) policy = NULL;
  Applying applying = { FALSE, NULL };
  GError *error = NULL;
  const GOptionEntry entries[] = { { "diff", 0, 0, G_OPTION_ARG_NONE, &applying.diff,
                                     "Show how the text differs, however long that is", NULL },
                                   { NULL } };

  if (!cli_options (cli, entries, 0, 0))
    return cli->status;
  if ((proposed = cli_proposals (&error)) == NULL
      || (policy = cli_proposals_parse (proposed, &error)) == NULL
      || !cli_proposals_check (proposed, &error))
    return cli_notes_fail (cli, proposed, error);
  CliStatus status = apply (cli, &applying, proposed, policy);
  g_clear_pointer (&applying.changes, g_ptr_array_unref);
  return status;
}
