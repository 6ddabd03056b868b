/* SPDX-License-Identifier: MIT
 *
 * The words with which a person at a terminal changes a draft and answers a card.
 */
#pragma once

#include "approve-ui/card/draft.h"
#include "approve-ui/terminal/terminal.h"

typedef enum
{
  TERMINAL_DRAFT_DENY = 0,         /* no word that we know */
  TERMINAL_DRAFT_DENY_WITH_REASON, /* "deny", with the reason, or NULL */
  TERMINAL_DRAFT_CHANGED,          /* or why not: words for the person */
  TERMINAL_DRAFT_GRANT
} TerminalDraftStep;

/* Takes one line from the person; @said gets words to show, or the reason. g_free(). */
TerminalDraftStep terminal_draft_take (Draft *draft, const Card *card, const char *line,
                                       char **said);
/* What may be typed, a few lines. g_free(). */
char *terminal_draft_choices (const Draft *draft, const Card *card);
