/* SPDX-License-Identifier: MIT
 *
 * What the command prints.
 *
 * MUST
 *  - escape what others wrote: table cells and messages go through text_escape(), JSON through
 *    ASCII escapes
 *  - use colour on terminals only, and never as the only sign
 */
#pragma once

#include <jansson.h>
#include <stdio.h>

#include "broker/cli/cli.h"

/* TRUE when @stream is a terminal, NO_COLOR is unset or empty, and TERM is not "dumb". */
gboolean cli_colour (FILE *stream);

/* Columns as wide as their widest cell; the last one is not padded. Nothing is cut. */
typedef struct _CliTable CliTable;
CliTable *cli_table_new (const char *const *headings); /* NULL-terminated */
void cli_table_free (CliTable *table);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CliTable, cli_table_free)
/* One cell (NULL: "-"); a row ends after as many cells as there are headings. */
void cli_table_cell (CliTable *table, const char *text);
void cli_table_cellf (CliTable *table, const char *format, ...) G_GNUC_PRINTF (2, 3);
/* To standard output; only the headings' line when there are no rows. */
void cli_table_print (const CliTable *table);

/* "Label      value" on standard output, escaped. */
void cli_line (const char *label, const char *format, ...) G_GNUC_PRINTF (2, 3);

/* @value as JSON on standard output, ASCII only. Unbuffered: it may hold a secret. */
void cli_json (const json_t *value);
/* The same for what --json promises of listings and single objects: each has "id", here the member
 * @key. */
void cli_json_with_id (json_t *object, const char *key);
void cli_json_list (json_t *objects, const char *key);
/* Its texts in one, with @between; g_free(). */
char *cli_join (const json_t *texts, const char *between);

/* text_escape() for messages, which may quote what is escaped already: a backslash stays one. What
 * it shows cannot act on a screen, but an escape in it can be imitated. g_free(). */
char *cli_escape_message (const char *text);
/* "countersign COMMAND: message" on standard error; returns CLI_FAILED. */
CliStatus cli_say_error (const Cli *cli, const char *format, ...) G_GNUC_PRINTF (2, 3);
/* The same for @error (taken), with the exit status that belongs to it. */
CliStatus cli_fail (const Cli *cli, GError *error);
