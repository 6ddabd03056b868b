/* SPDX-License-Identifier: MIT
 *
 * A card in words: one sentence, then labelled lines in the order in which a person needs them.
 * Whoever draws them (terminal, dialog) adds layout and nothing else.
 */
#pragma once

#include "approve-ui/card/card.h"

typedef enum
{
  CARD_PLAIN = 0, /* known to the broker */
  CARD_STRONG,    /* what the decision is about */
  CARD_CLAIM,     /* said by the agent, unproven */
  CARD_WARNING
} CardEmphasis;

typedef struct
{
  char id[16];       /* "who", "what", "fact-2": the same in every language */
  char *label;       /* ours, in the person's language */
  const char *group; /* what several lines of its kind are called together */
  char *value;       /* escaped; of a block, lines parted by newlines */
  gboolean block;    /* text with lines of its own */
  gboolean word;     /* one word of a command: a hyphen in it is no place to break it */
  const char *whole; /* the card's text, unescaped, of which the value is the beginning; NULL: the
                        value is all of it */
  CardEmphasis emphasis;
  gboolean changed; /* since the last approval of its kind */
  char *before;     /* what stood there then, escaped; NULL: nothing, or it has not changed */
} CardLine;

/* "node wants a reference to github-token", escaped. g_free(). */
char *card_sentence (const Card *card);
/* TRUE when granting it begins a login in the person's browser. */
gboolean card_goes_on_in_browser (const Card *card);
/* Array of CardLine. @now is microseconds since 1970. */
GPtrArray *card_lines (const Card *card, gint64 now);
/* What is shown of a line's whole in place of its value, escaped, and "show all 262144 bytes" for
 * what leads there. g_free(). */
char *card_line_whole (const CardLine *line);
char *card_line_more (const CardLine *line);
/* What a line is called; "fact" for what is none. */
const char *card_label (const char *id);
/* The same, with the line "package": what owns the program is asked here, which takes a while. */
GPtrArray *card_lines_with_package (const Card *card, gint64 now);
/* The executable by which a package may be looked up; NULL: which file it is cannot be told. */
const char *card_packaged (const Card *card);
/* That line's value, escaped; NULL when nothing can be said. May be called on a thread. g_free().
 */
char *card_package (const char *exe);
/* At high risk: what is new about this request, or all it is about when it is the first of its
 * kind. A person says of each that it was seen before it can be granted. */
gboolean card_line_to_touch (const Card *card, const CardLine *line);
/* "4m52s" until the deadline; "no time" when it has passed. g_free(). */
char *card_time_left (const Card *card, gint64 now);
/* What the policy leaves out of what was asked for, escaped; g_free(). NULL: nothing. */
char *card_cut (const Card *card);
/* "3 hours ago". g_free(). */
char *card_ago (gint64 then, gint64 now);
