/* SPDX-License-Identifier: MIT
 *
 * The whole screen of a terminal: what is drawn on it, in which ink. ncurses draws; keys are read
 * elsewhere.
 *
 * MUST
 *  - leave the terminal as it was found
 *  - put nothing on it but text that was escaped already, and never more than has room
 *  - say nothing by colour alone
 */
#pragma once

#include <glib.h>

typedef struct _TerminalScreen TerminalScreen;

typedef enum
{
  TERMINAL_INK_PLAIN = 0,
  TERMINAL_INK_STRONG,
  TERMINAL_INK_CLAIM,
  TERMINAL_INK_WARNING,
  TERMINAL_INK_CHANGED,
  TERMINAL_INK_DIM,
  TERMINAL_INK_BAR,
  TERMINAL_INK_CURSOR
} TerminalInk;

/* TRUE when @in and @out are a terminal that can be drawn on: TERM is known and not dumb. */
gboolean terminal_screen_possible (int in, int out);
/* Takes the screen. NULL, with an error, when this terminal cannot be drawn on. */
TerminalScreen *terminal_screen_open (int in, int out, GError **error);
void terminal_screen_free (TerminalScreen *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TerminalScreen, terminal_screen_free)

/* Gives the terminal back, and takes it again. */
void terminal_screen_leave (TerminalScreen *self);
void terminal_screen_enter (TerminalScreen *self);
/* The terminal has another size now. */
void terminal_screen_resize (TerminalScreen *self);

guint terminal_screen_rows (const TerminalScreen *self);
guint terminal_screen_columns (const TerminalScreen *self);

/* One picture: begin, put, end. What is not put is empty. */
void terminal_screen_begin (TerminalScreen *self);
/* At @row, from @column on, at most @width columns; what does not fit ends in "…". Returns the
 * columns that it took. */
guint terminal_screen_put (TerminalScreen *self, guint row, guint column, guint width,
                           TerminalInk ink, const char *text);
/* The rest of the row in @ink. */
void terminal_screen_fill (TerminalScreen *self, guint row, guint column, TerminalInk ink,
                           const char *with);
/* Where the terminal's cursor stands; without it, none shows. */
void terminal_screen_cursor (TerminalScreen *self, guint row, guint column);
void terminal_screen_end (TerminalScreen *self);
/* Draws all anew: something else wrote on it. */
void terminal_screen_redraw (TerminalScreen *self);

/* How many columns @text takes on this screen. */
guint terminal_screen_width (const char *text);
