/* SPDX-License-Identifier: MIT
 *
 * Finding the program that a command's first word means, as execvp() would, before it is run: a
 * person is asked about the file, not about the word.
 */
#pragma once

#include <sys/stat.h>

#include "broker/cli/cli.h"

typedef struct
{
  char *path;       /* absolute, without symbolic links, "." and ".." */
  struct stat seen; /* as it was then */
} CliProgram;

void cli_program_clear (CliProgram *program);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (CliProgram, cli_program_clear)

/* @word as it is when there is a slash in it, else in the directories of @path (NULL: those of the
 * system). CLI_DONE; else CLI_RUN_NOT_FOUND or CLI_RUN_NOT_EXECUTABLE with @error set. */
CliStatus cli_program_find (const char *word, const char *path, CliProgram *program,
                            GError **error);
/* FALSE with an error when another file is there now, or its content was changed. What is started a
 * moment later may be another one again: whoever may write there can do as they like. */
gboolean cli_program_unchanged (const CliProgram *program, GError **error);
