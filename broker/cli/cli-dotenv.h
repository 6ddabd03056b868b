/* SPDX-License-Identifier: MIT
 *
 * Files of environment variables, read strictly: programs that read such files disagree about what
 * is not plain, and a credential that arrives maimed, or half of it, is found out late.
 */
#pragma once

#include <glib.h>

#define CLI_DOTENV_MAX (1024 * 1024) /* bytes */

#define CLI_DOTENV_ERROR (cli_dotenv_error_quark ())
typedef enum
{
  CLI_DOTENV_ERROR_SYNTAX /* "FILE:LINE: what is wrong" */
} CliDotenvError;
GQuark cli_dotenv_error_quark (void);

typedef struct
{
  char *name, *value;
  guint line;       /* where it begins, from 1 */
  gboolean literal; /* in single quotes: ${…} in it means nothing */
} CliDotenvEntry;

/* Each line is NAME=VALUE, `export NAME=VALUE`, blank, or a comment that # begins. A value is bare
 * (to the end of the line or a # after a blank), in "…" (\n \r \t \" \\ mean what they do in C) or
 * in '…' (nothing means anything); quoted ones may have more than one line. A name that comes
 * twice, text behind a closing quote and other escapes are errors, as is
 * ${…} that is not the whole value.
 *
 * Array of CliDotenvEntry, in the order of the file; @file is for messages. */
GPtrArray *cli_dotenv_parse (const char *text, gsize len, const char *file, GError **error);
