/* SPDX-License-Identifier: MIT */
#include "broker/cli/cli-approver-link.h"

#include <string.h>
#include <unistd.h>

#include "approve-ui/card/card-show.h"
#include "approve-ui/card/card-words.h"
#include "approve-ui/card/i18n.h"
#include "approve-ui/card/told.h"
#include "broker/base/text.h"
#include "broker/cli/cli-browser.h"
#include "broker/cli/cli-decision.h"
#include "broker/cli/cli-output.h"
#include "broker/cli/cli-touch.h"

static void
forget_touch (CliApproverLink *link)
{
  g_clear_pointer (&link->touched, g_free);
  g_clear_pointer (&link->key, json_decref);
}

void
cli_approver_link_clear (CliApproverLink *link)
{
  g_clear_pointer (&link->client, client_free);
  g_clear_pointer (&link->queue, queue_free);
  g_clear_pointer (&link->covered, g_hash_table_unref);
  g_clear_pointer (&link->notes, g_ptr_array_unref);
  g_clear_pointer (&link->pages, g_ptr_array_unref);
  g_clear_pointer (&link->begun, g_hash_table_unref);
  g_clear_pointer (&link->closed, g_free);
  forget_touch (link);
  g_clear_error (&link->error);
}

/* A card that cannot be read cannot be answered: it stays held for another approver, or until its
 * deadline denies it. */
static void
on_held (CliApproverLink *link, const json_t *params)
{
  const char *id = wire_string (params, "request_id"), *text = wire_string (params, "card");
  g_autoptr (GError) error = NULL;
  Card *card;

  if (id == NULL || text == NULL)
    return;
  card = card_parse (text, strlen (text), &error);
  if (card != NULL)
    {
      queue_add (link->queue, card);
      return;
    }
  g_autofree char *shown = text_escape (id), *why = cli_escape_message (error->message);
  g_ptr_array_add (link->notes,
                   g_strdup_printf (_ ("Request %s is left unanswered: %s"), shown, why));
}

static void
on_closed (CliApproverLink *link, const json_t *params)
{
  const char *id = wire_string (params, "request_id"), *by = wire_string (params, "by");
  const char *status = wire_string (params, "status");
  gboolean ours;

  if (id == NULL)
    return;
  ours = g_hash_table_remove (link->covered, id);
  if (queue_remove (link->queue, id) != QUEUE_CURRENT_GONE || ours)
    return;
  g_autofree char *text = g_strdup_printf ("%s%s%s", status != NULL ? status : "closed",
                                           by != NULL ? " by " : "", by != NULL ? by : "");
  g_free (link->closed);
  link->closed = text_escape (text);
}

static void
on_state (CliApproverLink *link, const json_t *params)
{
  const char *state = wire_string (params, "state");

  if (g_strcmp0 (state, "unlocked") != 0)
    g_set_error (&link->error, CLIENT_ANSWER_ERROR, CLI_ANSWER_LOCKED,
                 "the broker is %s now: run countersign unlock", state != NULL ? state : "locked");
}

/* --- What goes on in a browser --- */

static void
page_free (gpointer data)
{
  TerminalPage *page = data;

  browse_free (page->browse);
  g_free (page->state);
  g_free (page);
}

static void
on_browse (CliApproverLink *link, const json_t *params)
{
  g_autoptr (GError) error = NULL;
  Browse *browse = browse_parse (params, &error);
  TerminalPage *page;

  if (browse == NULL)
    {
      g_ptr_array_add (link->notes, card_escape (error->message));
      return;
    }
  page = g_new0 (TerminalPage, 1);
  page->browse = browse;
  if (cli_browser_open (browse->url, &error))
    page->state
        = g_strdup (_ ("Your browser is asked to open it. If it does not, open it yourself."));
  else
    page->state = g_strdup_printf (_ ("Not opened here: %s."), error->message);
  g_ptr_array_add (link->pages, page);
}

static void
on_browse_over (CliApproverLink *link, const json_t *params)
{
  const char *id = wire_string (params, "request_id");
  g_autofree char *provider = NULL, *begun = NULL;

  if (id == NULL)
    return;
  g_hash_table_steal_extended (link->begun, id, (gpointer *) &begun, (gpointer *) &provider);
  for (guint i = link->pages->len; i > 0; i--)
    {
      const Browse *browse = ((TerminalPage *) link->pages->pdata[i - 1])->browse;
      if (strcmp (browse->id, id) != 0)
        continue;
      g_free (provider);
      provider = g_strdup (browse->provider);
      g_ptr_array_remove_index (link->pages, i - 1);
    }
  if (provider != NULL)
    g_ptr_array_add (link->notes, browse_outcome (provider, params));
}

gboolean
cli_approver_link_busy (const CliApproverLink *link)
{
  return link->error == NULL && g_hash_table_size (link->begun) > 0;
}

/* In one line: each note is one. */
static void
on_told (CliApproverLink *link, const json_t *params)
{
  g_autofree char *title = told_title (params), *text = told_text (params);

  if (text == NULL)
    return;
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  g_autofree char *line = g_strjoinv (" · ", lines);
  g_ptr_array_add (link->notes, g_strdup_printf ("%s: %s", title, line));
}

/* TRUE when it was a card. */
static gboolean
take (CliApproverLink *link, const json_t *message)
{
  const char *method = wire_string (message, "method");
  const json_t *params = json_object_get (message, "params");

  if (g_strcmp0 (method, "held") == 0)
    {
      on_held (link, params);
      return TRUE;
    }
  if (g_strcmp0 (method, "closed") == 0)
    on_closed (link, params);
  else if (g_strcmp0 (method, "state") == 0)
    on_state (link, params);
  else if (g_strcmp0 (method, "browse") == 0)
    on_browse (link, params);
  else if (g_strcmp0 (method, "browse_over") == 0)
    on_browse_over (link, params);
  else if (g_strcmp0 (method, "told") == 0)
    on_told (link, params);
  return FALSE;
}

gboolean
cli_approver_link_news (CliApproverLink *link)
{
  json_t *message;

  while (link->error == NULL
         && (message = client_receive (link->client, FALSE, NULL, &link->error)) != NULL)
    {
      take (link, message);
      json_decref (message);
    }
  return link->error == NULL;
}

/* The broker tells what waits already before it tells anything else: so many cards come. */
static gboolean
take_first (CliApproverLink *link, gint64 waiting, GError **error)
{
  while (waiting > 0)
    {
      json_t *message = client_receive (link->client, TRUE, NULL, error);
      if (message == NULL)
        return FALSE;
      waiting -= take (link, message) ? 1 : 0;
      json_decref (message);
    }
  return TRUE;
}

gboolean
cli_approver_link_open (CliApproverLink *link, const Cli *cli, GError **error)
{
  g_autoptr (json_t) subscribed = NULL;

  link->queue = queue_new ();
  link->covered = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  link->notes = g_ptr_array_new_with_free_func (g_free);
  link->pages = g_ptr_array_new_with_free_func (page_free);
  link->begun = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  return (link->client = cli_connect_with_pin (cli, NULL, error)) != NULL
         && (subscribed = client_call (link->client, "subscribe", NULL, -1, NULL, error)) != NULL
         && take_first (link, wire_integer (subscribed, "held", 0), error);
}

/* What is granted now ends with what the broker tells of a login. */
static void
expect_page (CliApproverLink *link, const Card *card)
{
  if (card_goes_on_in_browser (card))
    g_hash_table_insert (link->begun, g_strdup (card->request_id),
                         g_strdup (card->resource != NULL ? card->resource : ""));
}

static void
expect_covered (CliApproverLink *link, const CardGroup *group)
{
  for (guint i = 1; i < group->cards->len; i++)
    g_hash_table_add (link->covered, g_strdup (((Card *) group->cards->pdata[i])->request_id));
}

/* Where the card wants a security key, adds its touch to @params. FALSE, and @said why, when none
 * came. */
static gboolean
add_touch (CliApproverLink *link, const Card *card, const TerminalVoice *voice, json_t *params,
           char **said)
{
  const CliTouch touch = { voice->say, voice->user, STDIN_FILENO };
  g_autoptr (GError) error = NULL;

  if (card->confirm != CARD_CONFIRM_KEY)
    return TRUE;
  if (g_strcmp0 (link->touched, card->request_id) != 0)
    {
      forget_touch (link);
      link->key = cli_touch_card (link->client, card, &touch, &error);
      link->touched = link->key != NULL ? g_strdup (card->request_id) : NULL;
    }
  if (link->key == NULL)
    {
      g_autofree char *why = cli_escape_message (error->message);
      *said = g_strdup_printf (_ ("Not granted: %s"), why);
      return FALSE;
    }
  json_object_set (params, "key", link->key);
  return TRUE;
}

/* What the broker said instead of granting. */
static TerminalSent
refused (CliApproverLink *link, const GError *error, char **said)
{
  const char *reason = wire_string (client_error_data (link->client), "reason");
  g_autofree char *shown = cli_escape_message (error->message);
  gboolean of_key = reason != NULL && g_str_has_prefix (reason, "key_");
  gboolean wants_pin = g_error_matches (error, CLIENT_ANSWER_ERROR, CLI_ANSWER_REFUSED) && !of_key;

  if (!wants_pin)
    {
      forget_touch (link);
      *said = g_strdup_printf (_ ("Not granted: %s"), shown);
      return of_key ? TERMINAL_SENT_KEY : TERMINAL_SENT_FAILED;
    }
  if (g_strcmp0 (reason, "pin_needed") != 0)
    *said = g_steal_pointer (&shown);
  return TERMINAL_SENT_PIN;
}

TerminalSent
cli_approver_link_grant (CliApproverLink *link, const CardGroup *group, const Draft *draft,
                         const Secret *pin, const TerminalVoice *voice, char **said)
{
  const Card *card = group->cards->pdata[0];
  g_autoptr (json_t) params = draft_decision (draft), result = NULL;
  g_autoptr (GError) error = NULL;

  if (!add_touch (link, card, voice, params, said))
    return TERMINAL_SENT_KEY;
  if (pin != NULL)
    cli_set_secret (params, "pin", pin);
  result = client_call (link->client, "decide", params, -1, NULL, &error);
  if (result != NULL)
    {
      *said = cli_decision_words (card, draft, result);
      forget_touch (link);
      expect_page (link, card);
      expect_covered (link, group);
      queue_remove (link->queue, card->request_id);
      return TERMINAL_SENT_DONE;
    }
  return refused (link, error, said);
}

TerminalSent
cli_approver_link_deny (CliApproverLink *link, const CardGroup *group, const char *reason,
                        gint64 seconds, char **said)
{
  g_autoptr (GPtrArray) ids = g_ptr_array_new_with_free_func (g_free);
  gboolean done = FALSE;

  for (guint i = 0; i < group->cards->len; i++)
    g_ptr_array_add (ids, g_strdup (((Card *) group->cards->pdata[i])->request_id));
  for (guint i = 0; i < ids->len; i++)
    {
      g_autoptr (json_t) params = draft_denial (ids->pdata[i], reason, seconds), result = NULL;
      g_autoptr (GError) error = NULL;
      result = client_call (link->client, "decide", params, -1, NULL, &error);
      queue_remove (link->queue, ids->pdata[i]);
      if (result != NULL)
        done = TRUE;
      else if (*said == NULL)
        *said = cli_escape_message (error->message);
    }
  /* One of several that went by itself meanwhile is no trouble. */
  if (done)
    g_clear_pointer (said, g_free);
  return done ? TERMINAL_SENT_DONE : TERMINAL_SENT_FAILED;
}
