/* SPDX-License-Identifier: MIT
 *
 * A command as a rule describes it: a pattern for the executable's full path, then one for each
 * argument; "**" stands for any number of them, none included.
 *
 * MUST
 *  - match the whole command, argument by argument: none is joined with another or left over
 */
#pragma once

#include "policy/policy-pattern.h"

GArray *policy_command_new (void); /* of PolicyPattern */

/* Takes the next word. Returns NULL, or what is wrong with it and what would be right; g_free(). */
char *policy_command_add (GArray *command, const char *word);

/* @argv: NULL-terminated, the real path of the executable first. */
gboolean policy_command_match (const GArray *command, const char *const *argv);

/* TRUE when whatever @narrow matches is surely matched by @wide. */
gboolean policy_command_covers (const GArray *wide, const GArray *narrow);

/* TRUE for the word that stands for any number of arguments. */
gboolean policy_command_is_rest (const GArray *command, guint i);
