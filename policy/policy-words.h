/* SPDX-License-Identifier: MIT
 *
 * Words: which of them were meant, and how they are written down.
 */
#pragma once

#include "policy/policy.h"

/* The closest of @words (NULL-terminated) to @word, when it is close enough to be a slip of the
 * hand, or when people know the thing under another name. NULL when nothing is near. */
const char *policy_nearest (const char *word, const char *const *words);

extern const char *const policy_verdict_words[];
extern const char *const policy_operation_words[]; /* the operations, then "any" */
extern const char *const policy_confirm_words[];
gboolean policy_confirm_from_name (const char *name, PolicyConfirm *confirm);

/* TRUE for a character that takes part in no word of a policy: controls, and what does not show
 * (bidirectional marks, zero-width and unassigned characters, blanks that are no space). A person
 * accepts a policy by reading it: what they cannot see must not be in it. */
gboolean policy_hidden (gunichar c);
/* TRUE for the characters that a bare word cannot contain. */
gboolean policy_special (gunichar c);

/* @text in double quotes, escaped so that it reads back the same. g_free(). */
char *policy_quote (const char *text);
/* The same for a message: what is too long ends in an ellipsis. */
char *policy_show (const char *text);
