/* SPDX-License-Identifier: MIT
 *
 * Patterns over names and paths: ? is one character, * any run of them, neither across a slash; **
 * is any run at all, and in front of a slash any number of whole folders, none included.
 *
 * MUST
 *  - match the whole text, never a part of it
 *  - never take exponential time: at worst the square of the text's length times the pattern's
 */
#pragma once

#include <glib.h>

typedef struct
{
  char *text;
  gsize len;
  gsize literal; /* bytes before the first wildcard; all of them when there is none */
} PolicyPattern;

/* NULL when @text is a pattern that can match something, else what is wrong with it; g_free(). */
char *policy_pattern_problem (const char *text);

void policy_pattern_init (PolicyPattern *pattern, const char *text);
void policy_pattern_clear (PolicyPattern *pattern);

gboolean policy_pattern_match (const PolicyPattern *pattern, const char *text, gsize len);

/* An argument is text of any kind and not a path: here ? and * take slashes too, and two stars are
 * no more than one. */
gboolean policy_pattern_match_argument (const PolicyPattern *pattern, const char *text);

/* TRUE when whatever @narrow matches is surely matched by @wide; FALSE also when that is not plain
 * to see: for advice, not for verdicts. */
gboolean policy_pattern_covers (const PolicyPattern *wide, const PolicyPattern *narrow);
