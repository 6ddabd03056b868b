/* SPDX-License-Identifier: MIT
 *
 * What is too long for the card, on the screen by itself.
 */
#include "approve-ui/terminal/terminal-full-private.h"

#include "approve-ui/card/card-show.h"
#include "approve-ui/card/i18n.h"

/* The lines of the card that show their beginning only; the next one behind @after, by its place in
 * the card, or -1. */
static int
find_long (const GPtrArray *lines, int after)
{
  for (guint i = after + 1; i < lines->len; i++)
    if (((CardLine *) lines->pdata[i])->whole != NULL)
      return (int) i;
  return -1;
}

void
full_open_whole (Full *self)
{
  g_autoptr (GPtrArray) lines = card_lines (self->card, 0);
  int next = find_long (lines, self->whole_line);

  full_close_whole (self);
  self->whole_line = next;
  if (next == -1)
    full_say (self, g_strdup (_ ("The card shows all there is.")));
}

void
full_close_whole (Full *self)
{
  self->whole_line = -1;
  self->whole_width = 0;
  terminal_pane_begin (self->whole, 0);
  terminal_pane_reset (self->whole);
}

/* Made once for a width: it may be a megabyte. */
static void
fill (Full *self, guint columns)
{
  g_autoptr (GPtrArray) lines = card_lines (self->card, 0);
  const CardLine *line = lines->pdata[self->whole_line];
  g_autofree char *text = card_line_whole (line);
  g_auto (GStrv) pieces = g_strsplit (text, "\n", -1);

  terminal_pane_begin (self->whole, columns);
  terminal_pane_add (self->whole,
                     &(TerminalText){ NULL, NULL, line->label, TERMINAL_INK_STRONG, -1 });
  for (char **piece = pieces; *piece != NULL; piece++)
    terminal_pane_add (self->whole, &(TerminalText){ NULL, NULL, *piece, TERMINAL_INK_PLAIN, -1 });
  self->whole_width = columns;
}

void
full_draw_whole (Full *self, guint columns, guint room)
{
  if (self->whole_width != columns)
    fill (self, columns);
  terminal_pane_set_height (self->whole, room);
  terminal_pane_draw (self->whole, self->screen, 1, FALSE);
}
