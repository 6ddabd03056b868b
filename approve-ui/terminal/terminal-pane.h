/* SPDX-License-Identifier: MIT
 *
 * Labelled text on a part of the screen, with a place in it: scrolled, and never cut without saying
 * so. Some of it can be chosen; that is an item.
 */
#pragma once

#include "approve-ui/terminal/terminal-screen.h"

typedef struct _TerminalPane TerminalPane;

/* On a narrow screen values begin at column @narrow, or under a label that has no room before it.
 */
TerminalPane *terminal_pane_new (guint narrow);
void terminal_pane_free (TerminalPane *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TerminalPane, terminal_pane_free)

/* What a paragraph is made of; text is copied. */
typedef struct
{
  const char *mark;  /* one column in front: "!"; NULL: none */
  const char *label; /* "": the same as above; NULL: none, over the whole width */
  const char *text;  /* escaped */
  TerminalInk ink;
  int item; /* -1: nothing to choose */
} TerminalText;

/* Begins anew, for so many columns. Items and place stay what they were. */
void terminal_pane_begin (TerminalPane *self, guint width);
void terminal_pane_add (TerminalPane *self, const TerminalText *text);

/* How many rows it has, and how many of them show. */
guint terminal_pane_rows (const TerminalPane *self);
void terminal_pane_set_height (TerminalPane *self, guint height);
guint terminal_pane_height (const TerminalPane *self);

/* To the beginning, without an item. */
void terminal_pane_reset (TerminalPane *self);
/* By so many rows. */
void terminal_pane_scroll (TerminalPane *self, int by);
/* To the next item in that direction, and so that it shows, or on in one that is longer than the
 * pane. FALSE when there is neither. */
gboolean terminal_pane_move (TerminalPane *self, int by);
/* To that item, so that it shows. */
void terminal_pane_choose (TerminalPane *self, int item);
int terminal_pane_item (const TerminalPane *self); /* -1: none */

/* "line 12–30 of 80, PgDn for more", with the keys that go there; NULL when all of it shows.
 * g_free(). */
char *terminal_pane_where (const TerminalPane *self, const char *down, const char *up);
/* From @row on, over the whole width. The item is marked when @focused. */
void terminal_pane_draw (const TerminalPane *self, TerminalScreen *screen, guint row,
                         gboolean focused);
