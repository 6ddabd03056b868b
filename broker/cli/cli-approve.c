/* SPDX-License-Identifier: MIT
 *
 * Answering by ID, for scripts and for those who have read the card elsewhere.
 */
#include "broker/cli/cli.h"

#include <stdio.h>
#include <unistd.h>

#include "approve-ui/card/browse.h"
#include "approve-ui/card/card-show.h"
#include "approve-ui/card/card-words.h"
#include "approve-ui/terminal/terminal.h"
#include "broker/base/text.h"
#include "broker/cli/cli-approver.h"
#include "broker/cli/cli-decision.h"
#include "broker/cli/cli-flow.h"
#include "broker/cli/cli-output.h"
#include "broker/cli/cli-pending.h"
#include "broker/cli/cli-prompt.h"
#include "broker/cli/cli-session.h"
#include "broker/cli/cli-touch.h"

#define LONGEST (366 * 24 * 3600) /* seconds */
#define DENY_LONGEST 3600         /* seconds; as the broker has it */

typedef struct
{
  char **scopes;
  char *duration, *holder;
  int uses;
  gboolean always;
} Choices;

static void
choices_clear (Choices *choices)
{
  g_strfreev (choices->scopes);
  g_free (choices->duration);
  g_free (choices->holder);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Choices, choices_clear)

/* Only these scopes. FALSE, and said so, when one was not asked for. */
static gboolean
keep_scopes (const Cli *cli, const Card *card, char **scopes, Draft *draft)
{
  for (char **scope = scopes; *scope != NULL; scope++)
    if (!card_has_scope (card, *scope))
      {
        cli_usage (cli, "--scope %s: was not asked for; an approval only takes away", *scope);
        return FALSE;
      }
  for (char **scope = card->scopes; *scope != NULL; scope++)
    draft_set_scope (draft, *scope, g_strv_contains ((const char *const *) scopes, *scope));
  return TRUE;
}

static gboolean
choose_holder (const Cli *cli, const Card *card, const char *name, Draft *draft)
{
  const CardPair *holder = card_find_holder (card, name);
  guint index;

  if (holder != NULL && g_ptr_array_find (card->holders, holder, &index))
    return draft_set_holder (draft, index);
  cli_usage (cli, "--holder: the card offers no such holder");
  return FALSE;
}

/* All that was asked, for what the card preselects, unless the options say less. FALSE, and said
 * so, when they say more. */
static gboolean
choose (const Cli *cli, const Card *card, const Choices *choices, Draft *draft)
{
  gint64 duration = cli_option_duration (cli, "--for", choices->duration,
                                         card->max_duration > 0 ? card->max_duration : LONGEST);

  if (duration < 0)
    return FALSE;
  if (duration > 0 && !draft_set_duration (draft, duration))
    cli_usage (cli, "--for: this is granted for one call, not for a time");
  else if (choices->uses > 0 && !draft_set_uses (draft, choices->uses))
    cli_usage (cli, "--uses: at most %" G_GINT64_FORMAT " here",
               card->max_uses > 0 ? card->max_uses : 1000000);
  else
    return (choices->holder == NULL || choose_holder (cli, card, choices->holder, draft))
           && (choices->scopes == NULL || keep_scopes (cli, card, choices->scopes, draft));
  return FALSE;
}

/* Whoever typed the PIN sees what it was for. */
static void
show_card (const Cli *cli, const Card *card)
{
  Terminal terminal;

  if (cli->json || cli->pin_fd != -1 || !isatty (STDOUT_FILENO))
    return;
  terminal_init (&terminal, STDIN_FILENO, STDOUT_FILENO);
  terminal_show (&terminal, card);
}

/* Where the card wants a security key, adds its touch to @params. */
static gboolean
touch (Client *client, const Card *card, json_t *params, GError **error)
{
  json_t *key;

  if (card->confirm != CARD_CONFIRM_KEY)
    return TRUE;
  key = cli_touch_card (client, card, &cli_touch_aloud, error);
  if (key != NULL)
    json_object_set_new (params, "key", key);
  return key != NULL;
}

/* What was typed before the card was seen is enough for what a click would do. High risk, and a
 * rule that stands, want the PIN once more, below the words that it is for. */
static gboolean
confirm (const Cli *cli, const Card *card, const Draft *draft, Secret **pin, GError **error)
{
  g_autofree char *unread = NULL;
  gboolean ready = draft_ready (draft, &unread);

  show_card (cli, card);
  if (draft_always (draft) && !cli->json)
    {
      g_autofree char *rule = card_escape (card->always);
      printf ("Always: %s\n", rule);
    }
  if (cli->pin_fd != -1 || (ready && !draft_always (draft)))
    return TRUE;
  if (!ready)
    printf ("High risk. %s: read it above; the PIN says that you have.\n", unread);
  fflush (stdout);
  secret_free (*pin);
  *pin = cli_read_pin (cli, error);
  return *pin != NULL;
}

static void
report_granted (const Cli *cli, const Card *card, const Draft *draft, const json_t *result)
{
  if (cli->json)
    {
      g_autoptr (json_t) object = cli_decision_json (card, draft, result);
      cli_json (object);
    }
  else
    {
      g_autofree char *words = cli_decision_words (card, draft, result);
      puts (words);
    }
}

/* A login is told to whoever approved it, if they follow the queue. */
static gboolean
follow_queue (Client *client, const Card *card, GError **error)
{
  g_autoptr (json_t) subscribed = NULL;

  if (!card_goes_on_in_browser (card))
    return TRUE;
  subscribed = client_call (client, "subscribe", NULL, -1, NULL, error);
  return subscribed != NULL;
}

/* What was granted goes on in this person's browser: until that is over. */
static CliStatus
see_through (const Cli *cli, Client *client, const Card *card)
{
  const CliFlow flow = { .member = "request_id",
                         .id = card->request_id,
                         .over = "browse_over",
                         .open = TRUE,
                         .leave = "stops waiting here",
                         .stream = cli->json ? stderr : stdout };
  GError *error = NULL;
  g_autoptr (json_t) end = NULL;
  g_autofree char *outcome = NULL;

  if (!card_goes_on_in_browser (card))
    return CLI_DONE;
  end = cli_flow_wait (client, &flow, &error);
  if (g_error_matches (error, CLI_FLOW_ERROR, CLI_FLOW_ERROR_CALLED_OFF))
    {
      g_error_free (error);
      return cli_say_error (cli, "not waited for; the login goes on until its time is up");
    }
  if (end == NULL)
    return cli_fail (cli, error);
  outcome = browse_outcome (card->resource != NULL ? card->resource : "", end);
  fprintf (flow.stream, "%s\n", outcome);
  return json_is_true (json_object_get (end, "ok")) ? CLI_DONE : CLI_FAILED;
}

static CliStatus
approve_one (Cli *cli, const Choices *choices)
{
  g_autoptr (Secret) pin = NULL;
  g_autoptr (Client) client = NULL;
  g_autoptr (Card) card = NULL;
  g_autoptr (json_t) params = NULL, result = NULL;
  g_autoptr (Draft) draft = NULL;
  GError *error = NULL;

  if ((client = cli_connect_with_pin (cli, &pin, &error)) == NULL
      || (card = cli_pending_find (client, cli->args[0], &error)) == NULL)
    return cli_fail (cli, error);
  draft = draft_new (card);
  if (!choose (cli, card, choices, draft))
    return CLI_USAGE;
  if (!draft_set_always (draft, choices->always))
    return cli_say_error (cli, "--always: this request offers no rule; leave the option out to "
                               "grant it this once");
  if (!confirm (cli, card, draft, &pin, &error))
    return cli_fail (cli, error);
  params = draft_decision (draft);
  if (!touch (client, card, params, &error) || !follow_queue (client, card, &error))
    return cli_fail (cli, error);
  cli_set_secret (params, "pin", pin);
  result = client_call (client, "decide", params, -1, NULL, &error);
  if (result == NULL)
    return cli_fail (cli, error);
  report_granted (cli, card, draft, result);
  fflush (stdout);
  return see_through (cli, client, card);
}

CliStatus
cli_approve (Cli *cli)
{
  g_auto (Choices) choices = { 0 };
  CliApproverHow how = { 0 };
  const GOptionEntry entries[]
      = { { "scope", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &choices.scopes,
            "Grant this scope and no other; may be repeated", "SCOPE" },
          { "for", 0, 0, G_OPTION_ARG_FILENAME, &choices.duration, "Grant for so long", "TIME" },
          { "uses", 0, 0, G_OPTION_ARG_INT, &choices.uses, "Grant so many uses", "N" },
          { "holder", 0, 0, G_OPTION_ARG_FILENAME, &choices.holder,
            "Who holds the grant: ID or words from the card", "HOLDER" },
          { "always", 0, 0, G_OPTION_ARG_NONE, &choices.always,
            "Also make the standing rule that the card shows", NULL },
          { "once", 0, 0, G_OPTION_ARG_NONE, &how.once, "Without an ID: leave after one answer",
            NULL },
          { "plain", 0, 0, G_OPTION_ARG_NONE, &how.plain,
            "Without an ID: in lines, not on the whole screen (for screen readers)", NULL },
          G_OPTION_ENTRY_NULL };

  choices.uses = -1;
  if (!cli_options (cli, entries, 0, 1))
    return cli->status;
  if (choices.uses != -1 && choices.uses < 1)
    return cli_usage (cli, "--uses must be 1 or more");
  if (cli->n_args == 1 && (how.once || how.plain))
    return cli_usage (cli, "--once and --plain go without an ID");
  if (cli->n_args == 1)
    return approve_one (cli, &choices);
  if (choices.always || choices.scopes != NULL || choices.duration != NULL || choices.uses != -1
      || choices.holder != NULL)
    return cli_usage (cli, "these options go with an ID");
  if (cli->json || cli->pin_fd != -1)
    return cli_usage (cli, "--json and --pin-fd go with an ID");
  return cli_approver_possible (cli) ? cli_approver_run (cli, &how) : cli->status;
}

static CliStatus
deny_one (const Cli *cli, const char *reason, gint64 seconds)
{
  g_autoptr (json_t) params = draft_denial (cli->args[0], reason, seconds), result = NULL;
  g_autofree char *time = text_format_duration (seconds);
  g_autoptr (Client) client = NULL;
  GError *error = NULL;

  if ((client = cli_connect (cli, &error)) == NULL
      || (result = client_call (client, "decide", params, -1, NULL, &error)) == NULL)
    return cli_fail (cli, error);
  json_object_set_new (result, "request_id", json_string (cli->args[0]));
  if (cli->json)
    cli_json_with_id (result, "request_id");
  else if (seconds == 0)
    puts ("Denied.");
  else
    printf ("Denied; the same is denied unasked for %s.\n", time);
  return CLI_DONE;
}

CliStatus
cli_deny (Cli *cli)
{
  g_autofree char *reason = NULL, *duration = NULL;
  const GOptionEntry entries[]
      = { { "reason", 0, 0, G_OPTION_ARG_FILENAME, &reason, "Tell the agent why", "TEXT" },
          { "for", 0, 0, G_OPTION_ARG_FILENAME, &duration,
            "Deny the same, unasked, for so long (at most 1h)", "TIME" },
          G_OPTION_ENTRY_NULL };
  gint64 seconds;

  if (!cli_options (cli, entries, 1, 1))
    return cli->status;
  seconds = cli_option_duration (cli, "--for", duration, DENY_LONGEST);
  if (seconds < 0)
    return CLI_USAGE;
  if (!g_utf8_validate (cli->args[0], -1, NULL)
      || (reason != NULL && !g_utf8_validate (reason, -1, NULL)))
    return cli_usage (cli, "ID and reason must be UTF-8");
  return deny_one (cli, reason, seconds);
}
