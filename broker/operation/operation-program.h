/* SPDX-License-Identifier: MIT
 *
 * What run_command and launch have in common: a program, its arguments, and the secrets it is
 * given.
 */
#pragma once

#include "broker/operation/operation-step.h"

/* g_strfreev() what these return. */
char **operation_secret_names (const json_t *secrets); /* each once */
/* The executable's path, then the arguments behind argv[0]: what the policy matches. */
char **operation_command (const char *program, const json_t *argv);
/* SHA-256 (hex, g_free()) of @value in its one spelling. */
char *operation_digest (const json_t *value);
/* For a row's ask(): all of @things (may be empty) are given to @command (NULL: to no command). */
void operation_ask_each (char **things, char **command, QuestionKind *kind, char ***names,
                         PolicyQuery *query);
/* The fact of each text in @list (may be NULL). */
void operation_add_each (json_t *facts, const char *label, const json_t *list);
/* "HOST:PORT" of @service; g_free(). */
char *operation_reach_words (const Service *service);
/* Runs, Argument…, Gives…. @command as above; @called: the name it is started by. */
void operation_command_facts (json_t *facts, char **command, const char *called,
                              const json_t *secrets);
