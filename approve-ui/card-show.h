/* SPDX-License-Identifier: MIT
 *
 * A card in words: one sentence, then labelled lines in the order in which a person needs them.
 * Whoever draws them (terminal, dialog) adds layout and nothing else.
 */
#pragma once

#include "approve-ui/card.h"

typedef enum
{
  CARD_PLAIN = 0, /* known to the broker */
  CARD_STRONG,    /* what the decision is about */
  CARD_CLAIM,     /* said by the agent, unproven */
  CARD_WARNING
} CardEmphasis;

typedef struct
{
  const char *label; /* ours, ASCII */
  char *value;       /* escaped */
  CardEmphasis emphasis;
} CardLine;

/* "node wants a reference to github-token", escaped. g_free(). */
char *card_sentence (const Card *card);
/* Array of CardLine. @now is microseconds since 1970. */
GPtrArray *card_lines (const Card *card, gint64 now);
/* "4m52s" until the deadline; "no time" when it has passed. g_free(). */
char *card_time_left (const Card *card, gint64 now);
/* text_escape(), and blanks in a row made visible: they could push words out of sight. g_free(). */
char *card_escape (const char *text);
/* The same in quotation marks. g_free(). */
char *card_quote (const char *text);
