/* SPDX-License-Identifier: MIT
 *
 * The terminal approver in plain lines: one card after another, answered by words.
 *
 * MUST
 *  - answer each card that it took from the screen, unless it was answered elsewhere
 */
#include "broker/cli/cli-approver.h"

#include <string.h>
#include <unistd.h>

#include "approve-ui/card/card-words.h"
#include "approve-ui/card/i18n.h"
#include "approve-ui/terminal/terminal.h"
#include "broker/cli/cli-approver-link.h"

typedef struct
{
  CliApproverLink *link;
  Terminal terminal;
  char *shown; /* request_id of the card on the screen, or NULL */
} Plain;

static void say (const Plain *self, const char *format, ...) G_GNUC_PRINTF (2, 3);

/* A line of ours; what came from elsewhere must be escaped already. */
static void
say (const Plain *self, const char *format, ...)
{
  g_autofree char *text = NULL;
  va_list list;

  va_start (list, format);
  text = g_strdup_vprintf (format, list);
  va_end (list);
  terminal_write (self->terminal.out, text);
  terminal_write (self->terminal.out, "\n");
}

static gboolean
is_shown (const Plain *self, const CardGroup *group)
{
  return group != NULL && self->shown != NULL
         && strcmp (((Card *) group->cards->pdata[0])->request_id, self->shown) == 0;
}

/* The code of a login may be needed before the next card is answered. */
static gboolean
has_page (const Plain *self)
{
  for (guint i = 0; i < self->link->pages->len; i++)
    if (!((TerminalPage *) self->link->pages->pdata[i])->told)
      return TRUE;
  return FALSE;
}

/* While a card is on the screen: TRUE when there is nothing to answer any more, or something to be
 * read first. */
static gboolean
check_card (gpointer user)
{
  Plain *self = user;

  return !cli_approver_link_news (self->link) || has_page (self)
         || !is_shown (self, queue_current (self->link->queue));
}

/* While none is: TRUE when there is something to show. */
static gboolean
check_queue (gpointer user)
{
  Plain *self = user;

  return !cli_approver_link_news (self->link) || has_page (self) || self->link->notes->len > 0
         || queue_length (self->link->queue) > 0;
}

/* FALSE when the person leaves. What is typed meanwhile is nobody's answer. */
static gboolean
wait_for_card (Plain *self)
{
  const TerminalWatch watch = { client_fd (self->link->client), check_queue, self };
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
ask_pin (Plain *self, const Card *card, TerminalLineEnd *end)
{
  const TerminalWatch watch = { client_fd (self->link->client), check_card, self };
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
deny (Plain *self, const TerminalAnswer *answer, const char *why)
{
  const CardGroup *group = queue_current (self->link->queue);
  g_autofree char *trouble = NULL;

  if (cli_approver_link_deny (self->link, group, answer->reason, answer->deny_seconds, &trouble)
      == TERMINAL_SENT_DONE)
    say (self, _ ("Denied: %s."), why);
  else
    say (self, _ ("Not granted: %s. (The broker says: %s)"), why, trouble);
}

static void
say_touch (gpointer user, const char *words)
{
  say (user, _ ("%s Enter calls it off."), words);
}

/* After a touch that did not come. FALSE: the person, or whatever @end says, has had enough. */
static gboolean
tries_again (Plain *self, const Card *card, TerminalLineEnd *end)
{
  const TerminalWatch watch = { client_fd (self->link->client), check_card, self };
  const TerminalQuestion question
      = { .prompt = _ ("Enter tries again, anything else denies: "),
          .discard = TRUE,
          .watch = &watch,
          .deadline = terminal_now () + MAX (card->deadline - g_get_real_time (), 1) };
  g_autoptr (Secret) line = NULL;

  *end = TERMINAL_LINE_WITHDRAWN;
  if (check_card (self))
    return FALSE;
  *end = terminal_line (self->terminal.in, self->terminal.out, &question, &line, NULL);
  return *end == TERMINAL_LINE_READ && secret_len (line) == 0;
}

/* What the broker wants beside the word grant. FALSE: it does not come, and the card is denied. */
static gboolean
get_proof (Plain *self, const Card *card, const TerminalAnswer *answer, TerminalSent sent,
           Secret **pin, TerminalLineEnd *end)
{
  gboolean got;

  if (sent == TERMINAL_SENT_PIN)
    got = (*pin = ask_pin (self, card, end)) != NULL;
  else
    got = tries_again (self, card, end);
  if (!got && *end != TERMINAL_LINE_WITHDRAWN)
    deny (self, answer,
          sent == TERMINAL_SENT_PIN ? _ ("no PIN was given")
                                    : _ ("the security key was not touched"));
  return got;
}

/* Until it is granted, or the person gives up. */
static void
grant (Plain *self, const Card *card, const TerminalAnswer *answer, TerminalLineEnd *end)
{
  const TerminalVoice voice = { say_touch, self };
  g_autoptr (Secret) pin = NULL;

  if (draft_always (answer->draft))
    {
      g_autofree char *rule = card_escape (card->always);
      say (self, _ ("Always: %s"), rule);
    }
  for (;;)
    {
      g_autofree char *said = NULL;
      TerminalSent sent = cli_approver_link_grant (self->link, queue_current (self->link->queue),
                                                   answer->draft, pin, &voice, &said);
      g_clear_pointer (&pin, secret_free);
      if (said != NULL)
        say (self, "%s", said);
      if (sent != TERMINAL_SENT_PIN && sent != TERMINAL_SENT_KEY)
        {
          /* It cannot be granted, and somebody else may see why; here it is done with. */
          if (sent == TERMINAL_SENT_FAILED)
            queue_remove (self->link->queue, card->request_id);
          return;
        }
      if (!get_proof (self, card, answer, sent, &pin, end))
        return;
    }
}

static gboolean
leaves (TerminalLineEnd end)
{
  return end == TERMINAL_LINE_INTERRUPTED || end == TERMINAL_LINE_EOF
         || end == TERMINAL_LINE_FAILED;
}

/* What the others of the group say they are for. */
static void
say_alike (const Plain *self, const CardGroup *group)
{
  if (group->cards->len < 2)
    return;
  say (self, _ ("\n%u requests alike are answered together. The others say why:"),
       group->cards->len);
  for (guint i = 1; i < group->cards->len; i++)
    {
      const Card *card = group->cards->pdata[i];
      g_autofree char *purpose
          = card->purpose != NULL ? card_quote (card->purpose) : g_strdup (_ ("(no reason given)"));
      say (self, "  %s", purpose);
    }
}

/* Shows what the queue looks at, and sees to its answer. FALSE when the person leaves. */
static gboolean
answer_card (Plain *self)
{
  const CardGroup *group = queue_current (self->link->queue);
  g_autoptr (Card) card = card_ref (group->cards->pdata[0]);
  const TerminalWatch watch = { client_fd (self->link->client), check_card, self };
  g_auto (TerminalAnswer) answer = { 0 };
  TerminalLineEnd end;
  sigset_t before;

  self->shown = g_strdup (card->request_id);
  say_alike (self, group);
  terminal_ask (&self->terminal, card, queue_length (self->link->queue), &watch, &answer);
  end = answer.end;
  if (end != TERMINAL_LINE_WITHDRAWN && answer.verdict == TERMINAL_GRANT)
    {
      /* An interrupt while a key blinks ends that, and denies. */
      terminal_hold (&before);
      grant (self, card, &answer, &end);
      terminal_release (&before);
    }
  else if (end != TERMINAL_LINE_WITHDRAWN)
    deny (self, &answer, answer.why);
  if (self->link->closed != NULL && end == TERMINAL_LINE_WITHDRAWN)
    say (self, _ ("Answered elsewhere: %s."), self->link->closed);
  g_clear_pointer (&self->link->closed, g_free);
  g_clear_pointer (&self->shown, g_free);
  return !leaves (end);
}

static void
say_page (const Plain *self, TerminalPage *page)
{
  g_autofree char *title = browse_title (page->browse);

  say (self, "\n%s. %s\n\n    %s", title, browse_what_to_do (page->browse), page->browse->url);
  if (page->browse->user_code != NULL)
    {
      g_autofree char *code = card_escape (page->browse->user_code);
      say (self, "\n    %s", code);
    }
  say (self, "\n%s", page->state);
  page->told = TRUE;
}

static void
say_notes (Plain *self)
{
  for (guint i = 0; i < self->link->pages->len; i++)
    if (!((TerminalPage *) self->link->pages->pdata[i])->told)
      say_page (self, self->link->pages->pdata[i]);
  for (guint i = 0; i < self->link->notes->len; i++)
    say (self, "%s", (char *) self->link->notes->pdata[i]);
  g_ptr_array_set_size (self->link->notes, 0);
}

static void
say_waiting (const Plain *self, gboolean answered)
{
  say (self, "%s",
       answered ? _ ("\nThe login goes on in your browser; Ctrl-C leaves.")
                : _ ("\nNothing is waiting. Requests appear here; Ctrl-C leaves."));
}

void
cli_approver_plain (CliApproverLink *link, gboolean once)
{
  Plain self = { .link = link };
  gboolean said = FALSE, answered = FALSE; /* the one that @once is about */

  terminal_init (&self.terminal, STDIN_FILENO, STDOUT_FILENO);
  while (cli_approver_link_news (link))
    {
      say_notes (&self);
      if (answered && !cli_approver_link_busy (link))
        return;
      if (queue_length (link->queue) > 0 && !answered)
        {
          const CardGroup *group = queue_current (link->queue);
          g_autofree char *id = g_strdup (((Card *) group->cards->pdata[0])->request_id);
          if (!answer_card (&self))
            return;
          /* Still there: something had to be read first. */
          answered = once && !queue_look_at (link->queue, id);
          said = FALSE;
          continue;
        }
      if (!said)
        say_waiting (&self, answered);
      said = TRUE;
      if (!wait_for_card (&self))
        return;
    }
}
