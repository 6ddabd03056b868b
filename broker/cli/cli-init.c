/* SPDX-License-Identifier: MIT
 *
 * MUST
 *  - let no policy file rule that was there before, unless a person has seen it
 */
#include "broker/cli/cli.h"

#include <stdio.h>

#include "broker/base/paths.h"
#include "broker/base/text.h"
#include "broker/cli/cli-broker.h"
#include "broker/cli/cli-key.h"
#include "broker/cli/policy/cli-known.h"
#include "broker/cli/policy/cli-notes.h"
#include "broker/cli/cli-output.h"
#include "broker/cli/cli-prompt.h"
#include "broker/cli/cli-proposal.h"
#include "broker/cli/cli-session.h"
#include "broker/client/client-system.h"

static gboolean
system_already_there (const Cli *cli, GError **error)
{
  g_autoptr (Client) client = cli_connect (cli, error);

  if (client != NULL
      && g_strcmp0 (wire_string (client_hello (client), "state"), "uninitialised") == 0)
    return FALSE;
  if (client != NULL)
    g_set_error_literal (error, CLIENT_ANSWER_ERROR, CLI_ANSWER_EXISTS,
                         "already set up: the system broker has a store; open it with countersign "
                         "unlock");
  return TRUE;
}

static gboolean
already_there (const Cli *cli, GError **error)
{
  g_autofree char *store = paths_store_file ();

  if (client_is_system (cli->socket))
    return system_already_there (cli, error);

  if (!g_file_test (store, G_FILE_TEST_EXISTS))
    return FALSE;
  g_set_error (error, CLIENT_ANSWER_ERROR, CLI_ANSWER_EXISTS,
               "already set up: the store is %s; open it with countersign unlock", store);
  return TRUE;
}

/* An agent may have put a policy there before the person came: nobody accepts it unseen. */
static gboolean
accept_existing (const Cli *cli, const GPtrArray *files, gboolean accepted, GError **error)
{
  g_autoptr (Policy) policy = cli_proposals_parse (files, error);
  g_autoptr (Services) services = policy != NULL ? cli_proposals_services (files, error) : NULL;
  g_autoptr (GError) trouble = NULL;

  if (services == NULL)
    return FALSE;
  g_printerr ("There is a policy in the configuration folder already:\n\n");
  cli_proposals_print (stderr, files);
  g_autoptr (CliKnown) known = cli_known_new (files, !client_is_system (cli->socket));
  g_autoptr (GPtrArray) notes = policy_check (policy, cli_known (known));
  if (!cli_notes_print (stderr, notes, files))
    {
      g_set_error_literal (error, POLICY_ERROR, POLICY_ERROR_SYNTAX,
                           "this policy cannot be accepted; mend it or move it away");
      return FALSE;
    }
  if (accepted || cli_ask_word ("Type accept to begin with it: ", "accept", &trouble))
    return TRUE;
  if (trouble != NULL && !g_error_matches (trouble, CLI_PROMPT_ERROR, CLI_PROMPT_ERROR_NO_TERMINAL))
    g_propagate_error (error, g_steal_pointer (&trouble));
  else
    g_set_error_literal (
        error, CLI_PROMPT_ERROR, CLI_PROMPT_ERROR_CANCELLED,
        "this policy is not the shipped one and was not accepted; nothing was set up "
        "(without a terminal: --accept-policy)");
  return FALSE;
}

static gboolean
has_policy (const GPtrArray *files)
{
  for (guint i = 0; i < files->len; i++)
    if (cli_proposal_is_policy (files->pdata[i]))
      return TRUE;
  return FALSE;
}

/* The policy to begin with: the shipped one, written where none is, or the one that is there. */
static GPtrArray *
first_policy (const Cli *cli, gboolean accepted, GError **error)
{
  g_autoptr (GPtrArray) shipped = cli_proposals_shipped (error), found = NULL;

  if (shipped == NULL)
    return NULL;
  found = cli_proposals (error);
  /* Services and providers alone are no policy: without the shipped one nothing would be denied. */
  if (found != NULL && !has_policy (found) && cli_proposals_write (shipped, error))
    {
      g_ptr_array_unref (found);
      found = cli_proposals (error);
    }
  if (found == NULL || !has_policy (found))
    return NULL;
  if (!cli_proposals_equal (found, shipped) && !accept_existing (cli, found, accepted, error))
    return NULL;
  return g_steal_pointer (&found);
}

static json_t *
init_params (const Cli *cli, gboolean memory, const GPtrArray *policy, GError **error)
{
  g_autoptr (Secret) passphrase = NULL, pin = NULL;
  g_autoptr (json_t) params = json_object ();

  if (cli->passphrase_fd == -1)
    g_printerr (
        "The passphrase opens the store. It cannot be recovered: if it is lost, what is in the\n"
        "store is lost, unless you restore a backup whose passphrase you know.\n");
  passphrase = cli_read_new_passphrase (cli, error);
  if (passphrase == NULL)
    return NULL;
  if (cli->pin_fd == -1)
    g_printerr ("The PIN countersigns: it is asked when you grant a request.\n");
  pin = cli_read_new_pin (cli, error);
  if (pin == NULL || !cli_key_differ (passphrase, pin, error))
    return NULL;
  cli_set_secret (params, "passphrase", passphrase);
  cli_set_secret (params, "pin", pin);
  if (memory)
    json_object_set_new (params, "memory", json_true ());
  json_object_set_new (params, "policy", cli_proposals_json (policy));
  return g_steal_pointer (&params);
}

static void
print_next_steps (const json_t *result, gboolean memory)
{
  g_autofree char *mcp = paths_program ("countersign-mcp", NULL);
  g_autofree char *shown = mcp != NULL ? text_escape (mcp) : g_strdup ("countersign-mcp");

  printf ("Countersign is set up; the broker runs (pid %" G_GINT64_FORMAT ") and is unlocked.\n",
          wire_integer (result, "pid", 0));
  if (memory)
    puts ("The store is in memory only: it ends with the broker.");
  else
    puts ("A lost passphrase means restoring a backup; there is no other way in.");
  printf ("\nNext:\n"
          "  countersign secret set NAME     store a secret\n"
          "  countersign approve             answer requests at a terminal\n"
          "  countersign status              see how it is doing\n\n"
          "An MCP client starts:\n"
          "  %s\n"
          "for example: claude mcp add countersign -- %s\n"
          "What goes into the file of another client: countersign mcp --print-config CLIENT\n",
          shown, shown);
}

CliStatus
cli_init (Cli *cli)
{
  gboolean memory = FALSE, accepted = FALSE;
  const GOptionEntry entries[]
      = { { "memory", 0, 0, G_OPTION_ARG_NONE, &memory,
            "Keep the store in memory: it ends with the broker", NULL },
          { "accept-policy", 0, 0, G_OPTION_ARG_NONE, &accepted,
            "Begin with the policy files that are there, without being asked", NULL },
          G_OPTION_ENTRY_NULL };
  g_autoptr (GPtrArray) policy = NULL;
  g_autoptr (json_t) params = NULL, result = NULL;
  GError *error = NULL;

  if (!cli_options (cli, entries, 0, 0) || !cli_key_begin (cli))
    return cli->status;
  if (memory && client_is_system (cli->socket))
    return cli_usage (cli, "--memory is for a broker of one's own; the system broker keeps its "
                           "store on disk");
  if (!memory && already_there (cli, &error))
    return cli_fail (cli, error);
  if ((policy = first_policy (cli, accepted, &error)) == NULL
      || (params = init_params (cli, memory, policy, &error)) == NULL
      || (result = cli_broker_call (cli, "init", params, &error)) == NULL)
    return cli_fail (cli, error);
  if (cli->json)
    cli_json (result);
  else
    print_next_steps (result, memory);
  return CLI_DONE;
}
