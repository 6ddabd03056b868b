/* SPDX-License-Identifier: MIT
 *
 * What may be chosen of a card, as items of a pane: scopes, time, uses, who holds it, and the rule
 * that "always" would make. All of what a grant would give stands there.
 */
#pragma once

#include "approve-ui/card/draft.h"
#include "approve-ui/terminal/terminal-pane.h"

typedef enum
{
  TERMINAL_CHOICE_SCOPES = 0,
  TERMINAL_CHOICE_TIME,
  TERMINAL_CHOICE_USES
} TerminalChoice;

/* Fills @pane, which was begun. */
void terminal_choices_fill (TerminalPane *pane, const Card *card, const Draft *draft);
/* The first item of that kind, or -1 when the card has none. */
int terminal_choices_find (const Card *card, TerminalChoice what);
/* Chooses @item (@by 0), or goes to what is before or after it (-1, 1). */
void terminal_choices_take (Draft *draft, const Card *card, int item, int by);
/* The next holder of the card, and the first after the last; returns its item. */
int terminal_choices_next_holder (Draft *draft, const Card *card);
/* A typed time or number of uses. NULL when it was taken, else why not; g_free(). */
char *terminal_choices_type (Draft *draft, const Card *card, TerminalChoice what, const char *text);
