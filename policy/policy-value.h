/* SPDX-License-Identifier: MIT
 *
 * Values that several clauses share: lists of patterns, paths, numbers, durations.
 *
 * MUST
 *  - refuse a value that no request can have: in a deny it would be a hole that nobody sees
 */
#pragma once

#include "policy/policy-rule.h"

/* Take one more into *@patterns, which is made for the first. Return NULL, or what is wrong with
 * @value; g_free(). policy_list_add_plain() takes any text. */
char *policy_list_add (GArray **patterns, const char *value);
char *policy_list_add_plain (GArray **patterns, const char *value);

gboolean policy_list_matches (const GArray *patterns, const char *text);
/* As policy_pattern_match_argument(): stars take slashes too. */
gboolean policy_list_matches_argument (const GArray *patterns, const char *text);
/* policy_list_matches() as a clause says it; NULL: maybe. */
PolicyMatch policy_list_match (const GArray *patterns, const char *text);
gboolean policy_list_covers (const GArray *wide, const GArray *narrow);
void policy_list_print (const GArray *patterns, GPtrArray *words);

/* What keeps @value from being the full path of a file, or a pattern for it; else NULL. */
char *policy_full_path_problem (const char *value, const char *what);
/* The same for the path of a program. */
char *policy_program_problem (const char *value);

/* Digits alone; -1 when it is not a whole number up to @most. */
gint64 policy_whole_number (const char *value, gint64 most);

/* "1h30m" in seconds: each unit once, the longest first. Returns NULL, or what is wrong with it. */
char *policy_duration (const char *value, gint64 *seconds);
/* g_free(). */
char *policy_duration_text (gint64 seconds);
