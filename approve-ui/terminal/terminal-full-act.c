/* SPDX-License-Identifier: MIT
 *
 * What is done to a card: granted, denied, and what is typed for that.
 */
#include "approve-ui/terminal/terminal-full-private.h"

#include <string.h>

#include "approve-ui/card/card-words.h"
#include "approve-ui/card/i18n.h"

void
full_say (Full *self, char *text)
{
  g_free (self->said);
  self->said = text;
}

/* The same, and for when the screen is gone. */
static void
say_and_log (Full *self, char *text)
{
  if (text != NULL)
    g_ptr_array_add (self->log, g_strdup (text));
  full_say (self, text);
}

void
full_stop_typing (Full *self)
{
  g_clear_pointer (&self->entry, terminal_entry_free);
}

void
full_type (Full *self, FullTyped what, const char *prompt)
{
  g_autoptr (GError) error = NULL;

  full_stop_typing (self);
  self->typed = what;
  self->entry = terminal_entry_new (prompt, what == FULL_TYPES_PIN, &error);
  if (self->entry == NULL)
    full_say (self, card_escape (error->message));
}

static void
ask_pin (Full *self)
{
  full_type (self, FULL_TYPES_PIN, _ ("PIN (does not show): "));
}

static void
after_answer (Full *self, TerminalSent sent, char *said)
{
  if (sent == TERMINAL_SENT_DONE)
    {
      self->answered = TRUE;
      say_and_log (self, said);
      full_show_current (self);
    }
  else if (said != NULL)
    full_say (self, said);
}

/* Nothing is drawn by itself while it is waited for. */
static void
say_now (gpointer user, const char *words)
{
  Full *self = user;

  full_say (self, g_strdup_printf (_ ("%s Any key of the keyboard calls it off."), words));
  full_draw (self);
}

static void
grant (Full *self, const Secret *pin)
{
  const TerminalVoice voice = { say_now, self };
  char *said = NULL;
  TerminalSent sent
      = self->backend->grant (self->backend->user, self->group, self->draft, pin, &voice, &said);

  /* What was typed meanwhile was no answer. */
  if (sent == TERMINAL_SENT_KEY)
    full_disarm (self);
  after_answer (self, sent, said);
  if (sent == TERMINAL_SENT_PIN)
    ask_pin (self);
}

void
full_deny (Full *self, const char *reason, gint64 seconds)
{
  char *said = NULL;
  TerminalSent sent
      = self->backend->deny (self->backend->user, self->group, reason, seconds, &said);

  after_answer (self, sent, said);
}

/* FALSE, and said so, when something has to be done first. */
static gboolean
check_ready (Full *self)
{
  char *why = NULL;
  int unread = full_first_unread (self);

  if (draft_ready (self->draft, &why))
    return TRUE;
  full_say (self, why);
  if (unread != -1)
    {
      self->focus = FULL_BODY;
      terminal_pane_choose (self->body, unread);
    }
  return FALSE;
}

void
full_want_grant (Full *self, gboolean always)
{
  g_autofree char *summary = NULL;

  if (!draft_set_always (self->draft, always))
    {
      full_say (self, g_strdup (_ ("This card offers no rule for always.")));
      return;
    }
  if (!check_ready (self))
    return;
  summary = draft_summary (self->draft);
  if (always)
    {
      g_autofree char *rule = card_escape (self->card->always);
      full_say (self, g_strdup_printf (_ ("Always: %s. And now: %s"), rule, summary));
      ask_pin (self);
      return;
    }
  full_say (self, g_strdup_printf (_ ("Grants: %s"), summary));
  grant (self, NULL);
}

void
full_take_typed (Full *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (Secret) secret = terminal_entry_steal (self->entry, &error);
  g_autofree char *text = NULL;

  full_stop_typing (self);
  if (secret == NULL || !secret_is_text (secret))
    {
      full_say (self, g_strdup (_ ("That was not text.")));
      return;
    }
  if (self->typed == FULL_TYPES_PIN)
    {
      if (secret_len (secret) > 0)
        grant (self, secret);
      else
        full_say (self, g_strdup (_ ("Not granted: no PIN was given.")));
      return;
    }
  text = g_strstrip (g_strndup ((const char *) secret_peek (secret), secret_len (secret)));
  if (self->typed == FULL_TYPES_REASON)
    full_deny (self, *text != '\0' ? text : NULL, 0);
  else
    full_say (self, terminal_choices_type (self->draft, self->card,
                                           self->typed == FULL_TYPES_TIME ? TERMINAL_CHOICE_TIME
                                                                          : TERMINAL_CHOICE_USES,
                                           text));
}
