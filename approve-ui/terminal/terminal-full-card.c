/* SPDX-License-Identifier: MIT
 *
 * The card that is on the screen.
 */
#include "approve-ui/terminal/terminal-full-private.h"

#include <string.h>
#include <termios.h>

#include "approve-ui/card/card-show.h"
#include "approve-ui/card/card-words.h"
#include "approve-ui/card/i18n.h"

gboolean
full_armed (const Full *self)
{
  return terminal_now () >= self->armed_at;
}

/* What was typed before is no answer to what shows now. */
void
full_disarm (Full *self)
{
  self->armed_at = terminal_now () + TERMINAL_ARM_AFTER;
}

static void
begin_card (Full *self)
{
  g_clear_pointer (&self->draft, draft_free);
  g_free (self->shown);
  self->shown = self->card != NULL ? g_strdup (self->card->request_id) : NULL;
  self->draft = self->card != NULL ? draft_new (self->card) : NULL;
  self->focus = FULL_DENY;
  self->in_help = FALSE;
  full_close_whole (self);
  terminal_pane_reset (self->body);
  terminal_pane_reset (self->choices);
  full_stop_typing (self);
  explicit_bzero (secret_data (self->input), self->used);
  self->used = 0;
  tcflush (self->in, TCIFLUSH);
  full_disarm (self);
}

void
full_show_current (Full *self)
{
  self->group = queue_current (self->backend->queue);
  self->card = self->group != NULL ? self->group->cards->pdata[0] : NULL;
  if (g_strcmp0 (self->shown, self->card != NULL ? self->card->request_id : NULL) != 0)
    begin_card (self);
  /* More of the same: the card says so, and is another one to read. */
  else if (self->group != NULL && self->group->cards->len > self->shown_alike
           && self->entry == NULL)
    full_disarm (self);
  self->shown_alike = self->group != NULL ? self->group->cards->len : 0;
}

static TerminalInk
ink_of (const CardLine *line)
{
  if (line->changed)
    return TERMINAL_INK_CHANGED;
  switch (line->emphasis)
    {
    case CARD_STRONG:
      return TERMINAL_INK_STRONG;
    case CARD_CLAIM:
      return TERMINAL_INK_CLAIM;
    case CARD_WARNING:
      return TERMINAL_INK_WARNING;
    case CARD_PLAIN:
    default:
      return TERMINAL_INK_PLAIN;
    }
}

/* What stands around the lines of a value: the box that a person marks, and what stood there
 * before. */
static const char *
box_of (const Full *self, const CardLine *line)
{
  if (!card_line_to_touch (self->card, line))
    return "";
  return draft_touched (self->draft, line->id) ? "[x] " : "[ ] ";
}

static char *
before_of (const CardLine *line)
{
  g_autofree char *before
      = line->before != NULL ? g_strdup_printf (_ ("(before: %s)"), line->before) : NULL;

  return g_strconcat (before != NULL ? "  " : "", before, NULL);
}

/* The others of the group differ in this alone. */
static void
add_purposes (Full *self)
{
  for (guint i = 1; i < self->group->cards->len; i++)
    {
      const Card *card = self->group->cards->pdata[i];
      g_autofree char *purpose
          = card->purpose != NULL ? card_quote (card->purpose) : g_strdup (_ ("(no reason given)"));
      terminal_pane_add (self->body,
                         &(TerminalText){ NULL, _ ("Why, too"), purpose, TERMINAL_INK_CLAIM, -1 });
    }
}

/* What the choices below show as it is now. */
static gboolean
is_choice (const Full *self, const CardLine *line)
{
  const char *const chosen[] = { "scopes", "cut", "duration", "uses", "holder", NULL };

  return g_strv_contains (chosen, line->id) && !line->changed
         && !card_line_to_touch (self->card, line);
}

static void
add_more (Full *self, const CardLine *line)
{
  g_autofree char *more = card_line_more (line);
  g_autofree char *text = g_strdup_printf (_ ("… v: %s"), more);

  terminal_pane_add (self->body, &(TerminalText){ NULL, "", text, TERMINAL_INK_STRONG, -1 });
}

/* A block keeps its lines; another value is one. */
static void
add_value (Full *self, const CardLine *line, int item)
{
  g_auto (GStrv) lines = g_strsplit (line->value, "\n", -1);
  g_autofree char *before = before_of (line);
  TerminalText text = { line->emphasis == CARD_WARNING ? "!"
                        : line->changed                ? "*"
                                                       : NULL,
                        line->label, NULL, ink_of (line), item };

  for (char **one = lines; *one != NULL; one++)
    {
      g_autofree char *shown = g_strconcat (one == lines ? box_of (self, line) : "", *one,
                                            one[1] == NULL ? before : "", NULL);
      text.text = shown;
      terminal_pane_add (self->body, &text);
      text.mark = NULL;
      text.label = "";
    }
  if (line->whole != NULL)
    add_more (self, line);
}

static void
add_line (Full *self, const CardLine *line, int item)
{
  /* After the purpose of the first, if it has one. */
  if (strcmp (line->id, "risk") == 0)
    add_purposes (self);
  if (!is_choice (self, line))
    add_value (self, line, card_line_to_touch (self->card, line) ? item : -1);
}

static void
add_package (Full *self)
{
  const char *exe = card_packaged (self->card);
  const char *owner = exe != NULL ? terminal_packages_find (self->packages, exe) : NULL;

  if (owner != NULL)
    terminal_pane_add (
        self->body, &(TerminalText){ NULL, card_label ("package"), owner, TERMINAL_INK_PLAIN, -1 });
}

void
full_fill_body (Full *self, guint width)
{
  g_autoptr (GPtrArray) lines = card_lines (self->card, g_get_real_time ());
  g_autofree char *sentence = card_sentence (self->card);

  terminal_pane_begin (self->body, width);
  terminal_pane_add (self->body, &(TerminalText){ NULL, NULL, sentence, TERMINAL_INK_STRONG, -1 });
  for (guint i = 0; i < lines->len; i++)
    {
      add_line (self, lines->pdata[i], i);
      if (strcmp (((CardLine *) lines->pdata[i])->id, "who") == 0)
        add_package (self);
    }
}

void
full_mark_read (Full *self, int item)
{
  g_autoptr (GPtrArray) lines = card_lines (self->card, 0);

  if (item >= 0 && item < (int) lines->len)
    draft_touch (self->draft, ((CardLine *) lines->pdata[item])->id);
}

int
full_first_unread (const Full *self)
{
  g_autoptr (GPtrArray) lines = card_lines (self->card, 0);

  for (guint i = 0; i < lines->len; i++)
    if (!draft_touched (self->draft, ((CardLine *) lines->pdata[i])->id))
      return i;
  return -1;
}
