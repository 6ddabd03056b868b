/* SPDX-License-Identifier: MIT
 *
 * A card at a terminal, and what a person answers. Knows nothing of sockets or PINs.
 *
 * MUST
 *  - grant only for the typed word "grant", read after the card was shown
 *  - deny for an empty line, the end of input, Ctrl-C, the deadline and everything else
 *  - never depend on colour to say something
 */
#pragma once

#include "approve-ui/card/draft.h"
#include "approve-ui/terminal/terminal-line.h"

typedef struct
{
  int in, out;
  gboolean colour;
} Terminal;

typedef enum
{
  TERMINAL_DENY = 0,
  TERMINAL_GRANT
} TerminalVerdict;

typedef struct
{
  TerminalVerdict verdict;
  TerminalLineEnd end; /* what ended the dialogue; WITHDRAWN: there is nothing to answer any more */
  const char *why;     /* of a denial, in words of ours */
  char *reason;        /* of a denial, in the person's, or NULL */
  gint64 deny_seconds; /* of a denial: for so long, the same unasked; 0: this request alone */
  Draft *draft;        /* what is granted, or would have been */
} TerminalAnswer;

void terminal_answer_clear (TerminalAnswer *answer);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (TerminalAnswer, terminal_answer_clear)

/* Colour when @out is a terminal that has it, and NO_COLOR is unset or empty. */
void terminal_init (Terminal *terminal, int in, int out);

/* Shows @card without asking, and all of it. */
void terminal_show (const Terminal *terminal, const Card *card);

/* Shows @card, which is the first of @waiting, and asks until there is an answer: of a long
 * text its beginning, and the rest for the word "show". @watch may be NULL. */
void terminal_ask (const Terminal *terminal, const Card *card, guint waiting,
                   const TerminalWatch *watch, TerminalAnswer *answer);
