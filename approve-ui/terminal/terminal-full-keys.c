/* SPDX-License-Identifier: MIT
 *
 * What each key does.
 */
#include "approve-ui/terminal/terminal-full-private.h"

#include "approve-ui/card/i18n.h"

#define DENY_SECONDS 600

static void
take_into_entry (Full *self, const TerminalKey *key, const guint8 *bytes, gsize len)
{
  switch (terminal_entry_take (self->entry, key, bytes, len))
    {
    case TERMINAL_ENTRY_COMPLETE:
      full_take_typed (self);
      break;
    case TERMINAL_ENTRY_GOES_ON:
      break;
    case TERMINAL_ENTRY_CANCELLED:
    default:
      full_stop_typing (self);
      full_say (self, g_strdup (_ ("Nothing was decided.")));
    }
}

static void
focus_choice (Full *self, TerminalChoice what)
{
  int item = terminal_choices_find (self->card, what);

  if (item == -1)
    {
      full_say (self, g_strdup (_ ("This is granted for one call, not for a time.")));
      return;
    }
  self->focus = FULL_CHOICES;
  terminal_pane_choose (self->choices, item);
}

static void
want_typed (Full *self, TerminalChoice what)
{
  focus_choice (self, what);
  if (terminal_choices_find (self->card, what) == -1)
    return;
  if (what == TERMINAL_CHOICE_TIME)
    full_type (self, FULL_TYPES_TIME, _ ("For how long (like 90s, 10m, 1h): "));
  else
    full_type (self, FULL_TYPES_USES, _ ("How many uses: "));
}

static void
move_in_queue (Full *self, int by)
{
  if (queue_move (self->backend->queue, by))
    full_show_current (self);
  else
    full_say (self, g_strdup (by > 0 ? _ ("This is the last one.") : _ ("This is the first one.")));
}

static void
next_focus (Full *self, int by)
{
  self->focus = (self->focus + by + FULL_CHOICES + 1) % (FULL_CHOICES + 1);
  if (self->focus == FULL_CHOICES && terminal_pane_item (self->choices) == -1)
    terminal_pane_move (self->choices, 1);
  if (self->focus == FULL_BODY && terminal_pane_item (self->body) == -1)
    terminal_pane_move (self->body, 1);
}

/* Up and down. A card without lines to mark scrolls, wherever the keys go. */
static void
move (Full *self, int by)
{
  if (self->focus == FULL_CHOICES)
    terminal_pane_move (self->choices, by);
  else if (self->focus != FULL_BODY || !terminal_pane_move (self->body, by))
    terminal_pane_scroll (self->body, by);
}

static void
turn (Full *self, int by)
{
  if (self->focus == FULL_CHOICES)
    terminal_choices_take (self->draft, self->card, terminal_pane_item (self->choices), by);
  else if (self->focus == FULL_DENY || self->focus == FULL_GRANT)
    self->focus = by > 0 ? FULL_GRANT : FULL_DENY;
}

/* Space, and Enter where it is no button. */
static void
mark (Full *self)
{
  if (self->focus == FULL_CHOICES)
    terminal_choices_take (self->draft, self->card, terminal_pane_item (self->choices), 0);
  else if (self->focus == FULL_BODY)
    {
      full_mark_read (self, terminal_pane_item (self->body));
      terminal_pane_move (self->body, 1);
    }
}

static void
enter (Full *self)
{
  if (self->focus == FULL_DENY)
    full_deny (self, NULL, 0);
  else if (self->focus == FULL_GRANT)
    full_want_grant (self, FALSE);
  else
    mark (self);
}

static void
take_letter (Full *self, gunichar c)
{
  switch (c)
    {
    case 'g':
      full_want_grant (self, FALSE);
      break;
    case 'a':
      full_want_grant (self, TRUE);
      break;
    case 'd':
      full_deny (self, NULL, 0);
      break;
    case 'D':
      full_type (self, FULL_TYPES_REASON, _ ("Why not: "));
      break;
    case '0':
      full_deny (self, NULL, DENY_SECONDS);
      break;
    case 'n':
      move_in_queue (self, 1);
      break;
    case 'p':
      move_in_queue (self, -1);
      break;
    case 's':
      focus_choice (self, TERMINAL_CHOICE_SCOPES);
      break;
    case 't':
      want_typed (self, TERMINAL_CHOICE_TIME);
      break;
    case 'u':
      want_typed (self, TERMINAL_CHOICE_USES);
      break;
    case 'h':
      self->focus = FULL_CHOICES;
      terminal_pane_choose (self->choices, terminal_choices_next_holder (self->draft, self->card));
      break;
    case 'v':
      full_open_whole (self);
      break;
    case ' ':
      mark (self);
      break;
    default:
      full_say (self, g_strdup (_ ("No such key; ? tells what there is.")));
    }
}

static void
scroll (Full *self, TerminalPane *pane, TerminalKeyCode code)
{
  int page = MAX (terminal_pane_height (pane), 2) - 1, all = terminal_pane_rows (pane);

  switch ((int) code)
    {
    case TERMINAL_KEY_PAGE_UP:
      terminal_pane_scroll (pane, -page);
      break;
    case TERMINAL_KEY_PAGE_DOWN:
      terminal_pane_scroll (pane, page);
      break;
    case TERMINAL_KEY_HOME:
      terminal_pane_scroll (pane, -all);
      break;
    case TERMINAL_KEY_END:
      terminal_pane_scroll (pane, all);
      break;
    default:
      break;
    }
}

static void
take_into_card (Full *self, const TerminalKey *key)
{
  switch ((int) key->code)
    {
    case TERMINAL_KEY_CHAR:
      take_letter (self, key->c);
      break;
    case TERMINAL_KEY_ENTER:
      enter (self);
      break;
    case TERMINAL_KEY_TAB:
      next_focus (self, 1);
      break;
    case TERMINAL_KEY_BACK_TAB:
      next_focus (self, -1);
      break;
    case TERMINAL_KEY_UP:
      move (self, -1);
      break;
    case TERMINAL_KEY_DOWN:
      move (self, 1);
      break;
    case TERMINAL_KEY_LEFT:
      turn (self, -1);
      break;
    case TERMINAL_KEY_RIGHT:
      turn (self, 1);
      break;
    default:
      scroll (self, self->body, key->code);
    }
}

/* Text that is read and no more. FALSE: the key does nothing there. */
static gboolean
take_into_text (Full *self, TerminalPane *pane, const TerminalKey *key)
{
  switch ((int) key->code)
    {
    case TERMINAL_KEY_UP:
      terminal_pane_scroll (pane, -1);
      return TRUE;
    case TERMINAL_KEY_DOWN:
      terminal_pane_scroll (pane, 1);
      return TRUE;
    case TERMINAL_KEY_PAGE_UP:
    case TERMINAL_KEY_PAGE_DOWN:
    case TERMINAL_KEY_HOME:
    case TERMINAL_KEY_END:
      scroll (self, pane, key->code);
      return TRUE;
    default:
      return FALSE;
    }
}

/* TRUE: the key was for a text that stands in the place of the card. */
static gboolean
take_beside_card (Full *self, const TerminalKey *key)
{
  if (self->in_help)
    self->in_help = take_into_text (self, self->help, key);
  else if (self->in_page)
    {
      if (!take_into_text (self, self->page, key))
        full_close_page (self);
    }
  else if (self->whole_line == -1)
    return FALSE;
  else if (key->code == TERMINAL_KEY_CHAR && key->c == 'v')
    full_open_whole (self);
  else if (!take_into_text (self, self->whole, key))
    full_close_whole (self);
  return TRUE;
}

/* What goes at any time. */
static gboolean
take_anywhere (Full *self, const TerminalKey *key)
{
  gboolean letter = key->code == TERMINAL_KEY_CHAR;

  if (key->code == TERMINAL_KEY_REDRAW)
    terminal_screen_redraw (self->screen);
  else if (key->code == TERMINAL_KEY_END_OF_INPUT || (letter && key->c == 'q'))
    self->leaving = TRUE;
  else if (letter && key->c == 'b' && self->backend->pages->len > 0)
    self->in_page = TRUE;
  else if (letter && key->c == '?')
    {
      self->in_help = TRUE;
      terminal_pane_reset (self->help);
    }
  else
    return FALSE;
  return TRUE;
}

void
full_take_key (Full *self, const TerminalKey *key, const guint8 *bytes, gsize len)
{
  gboolean reads = self->in_page && self->entry == NULL;

  if (self->group != NULL && !reads && !full_armed (self))
    {
      full_say (self, g_strdup (_ ("Too soon: this has just appeared. Nothing was done.")));
      full_disarm (self);
      return;
    }
  if (self->entry != NULL)
    {
      /* What the PIN is for stays to be read. */
      take_into_entry (self, key, bytes, len);
      return;
    }
  full_say (self, NULL);
  if (!take_beside_card (self, key) && !take_anywhere (self, key) && self->group != NULL
      && full_fits (self))
    take_into_card (self, key);
}
