/* SPDX-License-Identifier: MIT
 *
 * What there is to say of a policy, shown as compilers show it: the place, what is so, the line
 * with a mark under the words that it is about, and what would be right.
 */
#pragma once

#include <jansson.h>
#include <stdio.h>

#include "broker/cli/cli-proposal.h"
#include "policy/advice/policy-check.h"

/* @notes of policy_check() about what @files say. TRUE when there was no error among them. */
gboolean cli_notes_print (FILE *stream, const GPtrArray *notes, const GPtrArray *files);
/* cli_fail() for @error (taken) of parsing @files (NULL: could not be read): one that has a place
 * is shown as a note. */
CliStatus cli_notes_fail (const Cli *cli, const GPtrArray *files, GError *error);
/* An array with one object for each; @policy may be NULL. Caller owns. */
json_t *cli_notes_json (const GPtrArray *notes, const Policy *policy);
/* TRUE when there is no error among them. */
gboolean cli_notes_sound (const GPtrArray *notes);
/* "2 warnings, 1 loosening", the worst first; NULL: none. g_free(). */
char *cli_notes_count (const GPtrArray *notes);

/* The line @line of @file with a mark under its characters @column and @length further on. */
void cli_notes_excerpt (FILE *stream, const GPtrArray *files, const char *file, guint line,
                        guint column, guint length);
/* "LABEL: KIND: TEXT", the kind in @colour; either of label and kind may be NULL. In the columns of
 * a terminal, each further line indented; elsewhere as it is. */
void cli_notes_text (FILE *stream, const char *label, const char *kind, const char *colour,
                     const char *text);
/* Colours, on a terminal that has them. */
#define CLI_BOLD "1"
#define CLI_RED "1;31"
#define CLI_YELLOW "1;33"
#define CLI_GREEN "32"
#define CLI_DELETED "31"
#define CLI_PLAIN "0"
void cli_notes_colour (FILE *stream, const char *colour);
