/* SPDX-License-Identifier: MIT
 *
 * What granting would give, while the person makes it less: scopes taken away, time, uses, holder.
 * Only ever within what the card offers.
 */
#pragma once

#include "approve-ui/terminal.h"

typedef struct _TerminalDraft TerminalDraft;

typedef enum
{
  TERMINAL_DRAFT_DENY = 0,         /* no word that we know */
  TERMINAL_DRAFT_DENY_WITH_REASON, /* "deny", with the reason, or NULL */
  TERMINAL_DRAFT_CHANGED,          /* or why not: words for the person */
  TERMINAL_DRAFT_GRANT
} TerminalDraftStep;

/* Begins with all that was asked, for the card's default time and uses. @card must outlive it. */
TerminalDraft *terminal_draft_new (const Card *card);
void terminal_draft_free (TerminalDraft *draft);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TerminalDraft, terminal_draft_free)

/* Takes one line from the person; @said gets words to show, or the reason. g_free(). */
TerminalDraftStep terminal_draft_take (TerminalDraft *draft, const char *line, char **said);
/* "grant now gives: use, for 5m, any number of uses, to node alone". g_free(). */
char *terminal_draft_summary (const TerminalDraft *draft);
/* What may be typed, a few lines. g_free(). */
char *terminal_draft_choices (const TerminalDraft *draft);
/* Fills in what is granted. */
void terminal_draft_finish (const TerminalDraft *draft, TerminalAnswer *answer);
