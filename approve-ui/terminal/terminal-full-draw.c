/* SPDX-License-Identifier: MIT
 *
 * One picture of the approver, for whatever size the screen has.
 */
#include "approve-ui/terminal/terminal-full-private.h"

#include <string.h>

#include "approve-ui/card/card-show.h"
#include "approve-ui/card/card-words.h"
#include "approve-ui/card/i18n.h"

#define LEAST_ROWS 10
#define LEAST_COLUMNS 30
#define NOTE_ROWS 3
#define NOTE_ROOM 16 /* rows of a screen on which a note has its own */

/* Each key with what it does, and in few words. */
static const struct
{
  const char *key, *long_name, *short_name;
} keys[] = {
  { "g", N_ ("Grant"), N_ ("grant") },
  { "d", N_ ("Deny"), N_ ("deny") },
  { "D", N_ ("Deny, why"), N_ ("why") },
  { "0", N_ ("Deny 10min"), N_ ("10m") },
  { "a", N_ ("Always"), N_ ("always") },
  { "n/p", N_ ("Next"), NULL },
  { "s", N_ ("Scopes"), NULL },
  { "t", N_ ("Time"), NULL },
  { "u", N_ ("Uses"), NULL },
  { "h", N_ ("Holder"), NULL },
  { "Tab ↑↓←→", NULL, NULL },
  { "Space", N_ ("Mark"), NULL },
  { "PgDn", N_ ("Scroll"), NULL },
  { "?", N_ ("Help"), NULL },
  { "q", N_ ("Quit"), NULL },
};

/* Rows of keys for @columns, in long or short words; at least what they are called is always there.
 */
static char **
key_rows (guint columns, gboolean brief)
{
  g_autoptr (GStrvBuilder) rows = g_strv_builder_new ();
  GString *row = g_string_new (NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (keys); i++)
    {
      const char *name = brief ? keys[i].short_name : keys[i].long_name;
      g_autofree char *one = g_strdup_printf ("%s%s%s", keys[i].key, name != NULL ? " " : "",
                                              name != NULL ? _ (name) : "");
      guint gap = row->len > 0 ? (brief ? 1 : 2) : 0;
      if (gap > 0
          && terminal_screen_width (row->str) + gap + terminal_screen_width (one) > columns - 2)
        {
          g_strv_builder_add (rows, row->str);
          g_string_truncate (row, 0);
          gap = 0;
        }
      g_string_append_printf (row, "%*s%s", (int) gap, "", one);
    }
  g_strv_builder_add (rows, row->str);
  g_string_free (row, TRUE);
  return g_strv_builder_end (rows);
}

static char **
keys_that_count (const Full *self, guint columns)
{
  const char *now = NULL;
  char **rows;

  if (self->entry != NULL)
    now = _ ("Enter sends  Esc goes back  Ctrl-U erases");
  else if (self->in_help || self->in_page || self->whole_line != -1)
    now = _ ("PgDn PgUp scroll  any other key goes back");
  else if (self->group == NULL)
    now = _ ("? Help  q Quit");
  if (now != NULL)
    return g_strsplit (now, "\n", -1);
  rows = key_rows (columns, FALSE);
  if (g_strv_length (rows) <= (terminal_screen_rows (self->screen) < NOTE_ROOM ? 2 : 3))
    return rows;
  g_strfreev (rows);
  return key_rows (columns, TRUE);
}

static void
draw_title (Full *self)
{
  guint columns = terminal_screen_columns (self->screen), used;
  g_autoptr (GString) left = g_string_new ("Countersign");
  g_autofree char *time = NULL, *right = NULL;

  if (self->group != NULL)
    {
      g_autofree char *holder = card_escape (draft_holder (self->draft)->value);
      time = card_time_left (self->card, g_get_real_time ());
      right = g_strdup_printf (_ ("%s left"), time);
      g_string_append_printf (left, _ (" · %u of %u"), queue_position (self->backend->queue),
                              queue_length (self->backend->queue));
      if (self->group->cards->len > 1)
        g_string_append_printf (left, _ (" · %u alike"), self->group->cards->len);
      g_string_append_printf (left, _ (" · for %s"), holder);
    }
  terminal_screen_fill (self->screen, 0, 0, TERMINAL_INK_BAR, " ");
  used = right != NULL ? terminal_screen_width (right) + 2 : 0;
  terminal_screen_put (self->screen, 0, 1, columns > used + 2 ? columns - used - 2 : 0,
                       TERMINAL_INK_BAR, left->str);
  if (right != NULL && columns > used)
    terminal_screen_put (self->screen, 0, columns - used + 1, used - 1, TERMINAL_INK_BAR, right);
}

/* A line across, with where a pane is in what it shows. */
static void
draw_edge (Full *self, guint row, const TerminalPane *pane)
{
  gboolean pages = pane != self->choices;
  g_autofree char *where
      = terminal_pane_where (pane, pages ? "PgDn" : "s ↓", pages ? "PgUp" : "s ↑");
  guint columns = terminal_screen_columns (self->screen);

  terminal_screen_fill (self->screen, row, 0, TERMINAL_INK_DIM, "─");
  if (where == NULL)
    return;
  g_autofree char *text = g_strdup_printf (" %s ", where);
  terminal_screen_put (self->screen, row, 2, columns - 4, TERMINAL_INK_STRONG, text);
}

static guint
draw_button (Full *self, guint row, guint column, const char *text, gboolean here)
{
  g_autofree char *shown = g_strdup_printf ("%s[ %s ]", here ? "▸" : " ", text);

  return column
         + terminal_screen_put (self->screen, row, column,
                                terminal_screen_columns (self->screen) - column,
                                here ? TERMINAL_INK_CURSOR : TERMINAL_INK_PLAIN, shown)
         + 2;
}

static void
draw_buttons (Full *self, guint row)
{
  guint column = draw_button (self, row, 0, _ ("Deny"), self->focus == FULL_DENY);
  guint columns = terminal_screen_columns (self->screen);

  column = draw_button (self, row, column, _ ("Grant"), self->focus == FULL_GRANT);
  if (column >= columns)
    return;
  if (!full_armed (self))
    terminal_screen_put (self->screen, row, column, columns - column, TERMINAL_INK_PLAIN,
                         _ ("just appeared…"));
  else if (full_first_unread (self) != -1)
    terminal_screen_put (self->screen, row, column, columns - column, TERMINAL_INK_WARNING,
                         _ ("! read first: [ ]"));
}

/* One that is longer says so; what it tells of a grant stands whole among the choices. */
static void
draw_note (Full *self, guint row)
{
  guint height = terminal_pane_height (self->note);

  terminal_pane_draw (self->note, self->screen, row, FALSE);
  if (terminal_pane_rows (self->note) > height && height > 0)
    terminal_screen_put (self->screen, row + height - 1, terminal_screen_columns (self->screen) - 2,
                         2, TERMINAL_INK_STRONG, " …");
}

/* How much room the note takes, at most. */
static guint
fill_note (Full *self, const char *text, guint columns, guint most)
{
  terminal_pane_begin (self->note, columns);
  if (text != NULL)
    terminal_pane_add (self->note, &(TerminalText){ NULL, NULL, text, TERMINAL_INK_STRONG, -1 });
  terminal_pane_set_height (self->note, MIN (terminal_pane_rows (self->note), most));
  return terminal_pane_height (self->note);
}

static void
draw_keys (Full *self, guint row, char **rows)
{
  for (; *rows != NULL; rows++, row++)
    {
      terminal_screen_fill (self->screen, row, 0, TERMINAL_INK_BAR, " ");
      terminal_screen_put (self->screen, row, 1, terminal_screen_columns (self->screen) - 2,
                           TERMINAL_INK_BAR, *rows);
    }
}

/* Body and choices share @room rows from 1 on; each that does not fit gets a line that says so. */
static void
draw_panes (Full *self, guint room)
{
  guint body = terminal_pane_rows (self->body), choices = terminal_pane_rows (self->choices);
  gboolean short_of = body + 1 + choices > room;
  guint left = room - 1, third = MAX (left / 3, 2);

  if (short_of && choices > third)
    choices = MAX (third, left > body + 1 ? left - body - 1 : 0);
  choices = MIN (choices, terminal_pane_rows (self->choices));
  gboolean edge = choices < terminal_pane_rows (self->choices);
  body = MIN (body, left - choices - (edge ? 1 : 0));
  terminal_pane_set_height (self->body, body);
  terminal_pane_set_height (self->choices, choices);
  terminal_pane_draw (self->body, self->screen, 1, self->focus == FULL_BODY);
  draw_edge (self, 1 + body, self->body);
  terminal_pane_draw (self->choices, self->screen, 2 + body, self->focus == FULL_CHOICES);
  if (edge)
    draw_edge (self, 2 + body + choices, self->choices);
}

static const struct
{
  const char *keys, *text;
} help[] = {
  { "g", N_ ("Grants what the choices below the card show; then comes the PIN, if it is needed.") },
  { "d", N_ ("Denies. Deny is also where Enter goes on a new card.") },
  { "D", N_ ("Denies and tells the agent why, in words that you type.") },
  { "0", N_ ("Denies, and denies the same unasked for 10 minutes.") },
  { "a",
    N_ ("Always: makes the rule that the card shows, with the PIN. Not every card offers one.") },
  { "n p", N_ ("The next request, the previous one. Looking decides nothing.") },
  { "s t u h", N_ ("Scopes; a time that you type; uses that you type; the next holder.") },
  { "Tab", N_ ("From Deny to Grant, to the card, to the choices, and round again.") },
  { "↑ ↓", N_ ("Moves there, or scrolls the card.") },
  { "← →", N_ ("Less or more of what is marked.") },
  { "Space",
    N_ ("Marks: a scope, a holder, a line that must be read before high risk is granted.") },
  { "v",
    N_ ("Shows all of a long text, of which the card has the beginning; again, the next one.") },
  { "b", N_ ("Shows again what goes on in your browser: its address, and the code for it.") },
  { "PgUp PgDn", N_ ("Scrolls the card; Home and End go to its ends.") },
  { "q Ctrl-C", N_ ("Leaves. What waits goes on waiting, here or elsewhere.") },
  { "!", N_ ("A warning.") },
  { "*", N_ ("Different from the last time that this was approved.") },
  { "", N_ ("Keys pressed within half a second after a card appears are not taken.") },
};

static void
draw_help (Full *self, guint columns, guint room)
{
  terminal_pane_begin (self->help, columns);
  for (gsize i = 0; i < G_N_ELEMENTS (help); i++)
    terminal_pane_add (self->help, &(TerminalText){ NULL, help[i].keys, _ (help[i].text),
                                                    TERMINAL_INK_PLAIN, -1 });
  terminal_pane_set_height (self->help, room - 1);
  terminal_pane_draw (self->help, self->screen, 1, FALSE);
  draw_edge (self, room, self->help);
}

static void
draw_small (Full *self)
{
  g_autofree char *text = g_strdup_printf (
      _ ("Too small for a card: %d columns, %d rows are needed."), LEAST_COLUMNS, LEAST_ROWS);
  guint columns = terminal_screen_columns (self->screen);

  fill_note (self, text, columns, terminal_screen_rows (self->screen));
  draw_note (self, 0);
}

static void
draw_whole (Full *self, guint rows, guint columns)
{
  g_auto (GStrv) bar = keys_that_count (self, columns);
  gboolean page = self->in_page && self->entry == NULL && !self->in_help;
  gboolean buttons = self->group != NULL && !self->in_help && !page && self->whole_line == -1;
  guint below = g_strv_length (bar) + (self->entry != NULL ? 1 : 0) + (buttons ? 1 : 0);
  /* Where there is room, a short note moves nothing. */
  guint note = MAX (fill_note (self, self->said, columns, MIN (NOTE_ROWS, rows - below - 7)),
                    rows >= NOTE_ROOM ? 1 : 0);
  guint room = rows - 1 - below - note;

  draw_title (self);
  if (self->in_help)
    draw_help (self, columns, room);
  else if (page)
    {
      full_draw_page (self, columns, room - 1);
      draw_edge (self, room, self->page);
    }
  else if (self->group == NULL)
    terminal_screen_put (self->screen, 2, 2, columns - 3, TERMINAL_INK_PLAIN,
                         _ ("Nothing is waiting. Requests appear here."));
  else if (self->whole_line != -1)
    {
      full_draw_whole (self, columns, room - 1);
      draw_edge (self, room, self->whole);
    }
  else
    {
      full_fill_body (self, columns);
      terminal_pane_begin (self->choices, columns);
      terminal_choices_fill (self->choices, self->card, self->draft);
      draw_panes (self, room);
      draw_buttons (self, 1 + room);
    }
  guint row = 1 + room + (buttons ? 1 : 0);
  draw_note (self, row);
  if (self->entry != NULL)
    terminal_entry_draw (self->entry, self->screen, row + note);
  draw_keys (self, rows - g_strv_length (bar), bar);
}

gboolean
full_fits (const Full *self)
{
  return terminal_screen_rows (self->screen) >= LEAST_ROWS
         && terminal_screen_columns (self->screen) >= LEAST_COLUMNS;
}

void
full_draw (Full *self)
{
  terminal_screen_begin (self->screen);
  if (full_fits (self))
    draw_whole (self, terminal_screen_rows (self->screen), terminal_screen_columns (self->screen));
  else
    draw_small (self);
  terminal_screen_end (self->screen);
}
