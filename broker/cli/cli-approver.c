/* SPDX-License-Identifier: MIT */
#include "broker/cli/cli-approver.h"

#include <string.h>
#include <unistd.h>

#include "approve-ui/card-show.h"
#include "approve-ui/terminal.h"
#include "broker/base/text.h"
#include "broker/cli/cli-decision.h"
#include "broker/cli/cli-output.h"
#include "broker/cli/cli-session.h"

typedef struct
{
  char *request_id, *card;
} Held;

typedef struct
{
  Client *client;
  Terminal terminal;
  GQueue held;     /* of Held, oldest first; the first is the one on the screen */
  guint announced; /* how many waited when we came, and have not gone since; they may still be on
                      their way */
  gboolean shown;  /* there is one on the screen */
  char *closed;    /* what became of it elsewhere, escaped; NULL: it still waits */
  GError *error;   /* the connection is of no further use */
} Approver;

static void
held_free (Held *held)
{
  g_free (held->request_id);
  g_free (held->card);
  g_free (held);
}

static void
approver_clear (Approver *self)
{
  g_clear_pointer (&self->client, client_free);
  g_queue_clear_full (&self->held, (GDestroyNotify) held_free);
  g_free (self->closed);
  g_clear_error (&self->error);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Approver, approver_clear)

static void say (const Approver *self, const char *format, ...) G_GNUC_PRINTF (2, 3);

/* A line of ours; what came from elsewhere must be escaped already. */
static void
say (const Approver *self, const char *format, ...)
{
  g_autofree char *text = NULL;
  va_list list;

  va_start (list, format);
  text = g_strdup_vprintf (format, list);
  va_end (list);
  terminal_write (self->terminal.out, text);
  terminal_write (self->terminal.out, "\n");
}

static void
drop (Approver *self, GList *link)
{
  held_free (link->data);
  g_queue_delete_link (&self->held, link);
  if (self->announced > 0)
    self->announced--;
}

static GList *
find_held (Approver *self, const char *request_id)
{
  for (GList *l = self->held.head; l != NULL; l = l->next)
    if (strcmp (((Held *) l->data)->request_id, request_id) == 0)
      return l;
  return NULL;
}

static void
on_held (Approver *self, const json_t *params)
{
  const char *id = wire_string (params, "request_id"), *card = wire_string (params, "card");
  Held *held;

  if (id == NULL || card == NULL || find_held (self, id) != NULL)
    return;
  held = g_new0 (Held, 1);
  held->request_id = g_strdup (id);
  held->card = g_strdup (card);
  g_queue_push_tail (&self->held, held);
}

static void
on_closed (Approver *self, const json_t *params)
{
  const char *id = wire_string (params, "request_id"), *by = wire_string (params, "by");
  const char *status = wire_string (params, "status");
  GList *found = id != NULL ? find_held (self, id) : NULL;

  if (found == NULL)
    return;
  if (self->shown && found == self->held.head)
    {
      g_autofree char *text = g_strdup_printf ("%s%s%s", status != NULL ? status : "closed",
                                               by != NULL ? " by " : "", by != NULL ? by : "");
      g_free (self->closed);
      self->closed = text_escape (text);
      return;
    }
  drop (self, found);
}

/* Takes what has arrived, without waiting. FALSE when the connection is over. */
static gboolean
take_news (Approver *self)
{
  json_t *message;

  while (self->error == NULL
         && (message = client_receive (self->client, FALSE, NULL, &self->error)) != NULL)
    {
      const char *method = wire_string (message, "method");
      if (g_strcmp0 (method, "held") == 0)
        on_held (self, json_object_get (message, "params"));
      else if (g_strcmp0 (method, "closed") == 0)
        on_closed (self, json_object_get (message, "params"));
      json_decref (message);
    }
  return self->error == NULL;
}

/* While a card is on the screen: TRUE when there is nothing to answer any more. */
static gboolean
check_card (gpointer user)
{
  Approver *self = user;

  return !take_news (self) || self->closed != NULL;
}

/* While none is: TRUE when there is something to show. */
static gboolean
check_queue (gpointer user)
{
  Approver *self = user;

  return !take_news (self) || !g_queue_is_empty (&self->held);
}

/* FALSE when the person leaves. What is typed meanwhile is nobody's answer. */
static gboolean
wait_for_card (Approver *self)
{
  const TerminalWatch watch = { client_fd (self->client), check_queue, self };
  const TerminalQuestion question = { .prompt = "", .watch = &watch };

  for (;;)
    {
      g_autoptr (Secret) line = NULL;
      switch (terminal_line (self->terminal.in, self->terminal.out, &question, &line, NULL))
        {
        case TERMINAL_LINE_WITHDRAWN:
          return TRUE;
        case TERMINAL_LINE_READ:
          break;
        case TERMINAL_LINE_FAILED:
        case TERMINAL_LINE_INTERRUPTED:
        case TERMINAL_LINE_EOF:
        case TERMINAL_LINE_DEADLINE:
        default:
          return FALSE;
        }
    }
}

/* Asks for the PIN below the card. NULL when there is none to send; @end says why. */
static Secret *
ask_pin (Approver *self, const Card *card, TerminalLineEnd *end)
{
  const TerminalWatch watch = { client_fd (self->client), check_card, self };
  const TerminalQuestion question
      = { .prompt = "PIN: ",
          .hidden = TRUE,
          .watch = &watch,
          .deadline = terminal_now () + MAX (card->deadline - g_get_real_time (), 1) };
  g_autoptr (Secret) pin = NULL;

  /* News that came with the broker's answer no longer shows on the socket. */
  *end = TERMINAL_LINE_WITHDRAWN;
  if (check_card (self))
    return NULL;
  *end = terminal_line (self->terminal.in, self->terminal.out, &question, &pin, NULL);
  if (*end != TERMINAL_LINE_READ || secret_len (pin) == 0 || !secret_is_text (pin))
    return NULL;
  return g_steal_pointer (&pin);
}

static void
send_denial (Approver *self, const Card *card, const char *why, const char *reason)
{
  g_autoptr (json_t) params = draft_denial (card->request_id, reason, 0), result = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *trouble = NULL;

  result = client_call (self->client, "decide", params, -1, NULL, &error);
  trouble = error != NULL ? cli_escape_message (error->message) : NULL;
  if (result != NULL)
    say (self, "Denied: %s.", why);
  else
    say (self, "Not granted: %s. (The broker says: %s)", why, trouble);
}

/* What the broker said to a grant that it did not take. TRUE when the PIN is to be asked and the
 * grant sent again. */
static gboolean
wants_pin (Approver *self, const GError *error)
{
  const char *reason = wire_string (client_error_data (self->client), "reason");
  g_autofree char *shown = cli_escape_message (error->message);

  if (g_error_matches (error, CLIENT_ANSWER_ERROR, CLI_ANSWER_REFUSED))
    {
      if (g_strcmp0 (reason, "pin_needed") != 0)
        say (self, "%s", shown);
      return TRUE;
    }
  say (self, "Not granted: %s", shown);
  return FALSE;
}

/* Until it is granted, or the person gives up. */
static void
send_grant (Approver *self, const Card *card, const TerminalAnswer *answer, TerminalLineEnd *end)
{
  g_autoptr (json_t) params = draft_decision (answer->draft);

  for (;;)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (Secret) pin = NULL;
      g_autoptr (json_t) result = client_call (self->client, "decide", params, -1, NULL, &error);

      json_object_del (params, "pin");
      if (result != NULL)
        {
          g_autofree char *words = cli_decision_words (card, answer->draft, result);
          say (self, "%s", words);
          return;
        }
      if (!wants_pin (self, error))
        return;
      pin = ask_pin (self, card, end);
      if (pin == NULL)
        {
          if (*end != TERMINAL_LINE_WITHDRAWN)
            send_denial (self, card, "no PIN was given", NULL);
          return;
        }
      cli_set_secret (params, "pin", pin);
    }
}

static gboolean
leaves (TerminalLineEnd end)
{
  return end == TERMINAL_LINE_INTERRUPTED || end == TERMINAL_LINE_EOF
         || end == TERMINAL_LINE_FAILED;
}

/* Shows @card and sees to its answer. FALSE when the person leaves. */
static gboolean
answer_card (Approver *self, const Card *card)
{
  const TerminalWatch watch = { client_fd (self->client), check_card, self };
  g_auto (TerminalAnswer) answer = { 0 };
  TerminalLineEnd end;

  terminal_ask (&self->terminal, card, MAX (g_queue_get_length (&self->held), self->announced),
                &watch, &answer);
  end = answer.end;
  if (end != TERMINAL_LINE_WITHDRAWN && answer.verdict == TERMINAL_GRANT)
    send_grant (self, card, &answer, &end);
  else if (end != TERMINAL_LINE_WITHDRAWN)
    send_denial (self, card, answer.why, answer.reason);
  if (self->closed != NULL && end == TERMINAL_LINE_WITHDRAWN)
    say (self, "Answered elsewhere: %s.", self->closed);
  return !leaves (end);
}

/* The first in the queue. A card that cannot be shown cannot be answered: it stays held for another
 * approver, or until its deadline denies it. */
static gboolean
answer_first (Approver *self)
{
  Held *held = g_queue_peek_head (&self->held);
  g_autoptr (GError) error = NULL;
  g_autoptr (Card) card = card_parse (held->card, strlen (held->card), &error);
  gboolean goes_on = TRUE;

  self->shown = TRUE;
  if (card != NULL)
    goes_on = answer_card (self, card);
  else
    {
      g_autofree char *id = text_escape (held->request_id),
                      *why = cli_escape_message (error->message);
      say (self, "Request %s is left unanswered: %s", id, why);
    }
  self->shown = FALSE;
  g_clear_pointer (&self->closed, g_free);
  drop (self, self->held.head);
  return goes_on;
}

static void
run (Approver *self, gboolean once)
{
  gboolean said = FALSE;

  while (take_news (self))
    {
      if (!g_queue_is_empty (&self->held))
        {
          if (!answer_first (self) || once)
            return;
          said = FALSE;
          continue;
        }
      if (!said && self->announced == 0)
        {
          say (self, "\nNothing is waiting. Requests appear here; Ctrl-C leaves.");
          said = TRUE;
        }
      if (!wait_for_card (self))
        return;
    }
}

gboolean
cli_approver_possible (Cli *cli)
{
  if (isatty (STDIN_FILENO) && isatty (STDOUT_FILENO))
    return TRUE;
  cli->status = cli_say_error (
      cli, "this needs a terminal: an answer that is piped in is no person's; for scripts there is "
           "countersign approve ID --pin-fd N");
  return FALSE;
}

CliStatus
cli_approver_run (const Cli *cli, gboolean once)
{
  g_auto (Approver) self = { .held = G_QUEUE_INIT };
  g_autoptr (json_t) subscribed = NULL;
  GError *error = NULL;

  terminal_init (&self.terminal, STDIN_FILENO, STDOUT_FILENO);
  if ((self.client = cli_connect_with_pin (cli, NULL, &error)) == NULL
      || (subscribed = client_call (self.client, "subscribe", NULL, -1, NULL, &error)) == NULL)
    return cli_fail (cli, error);
  self.announced = wire_integer (subscribed, "held", 0);
  run (&self, once);
  return self.error != NULL ? cli_fail (cli, g_steal_pointer (&self.error)) : CLI_DONE;
}
