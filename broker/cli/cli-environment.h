/* SPDX-License-Identifier: MIT
 *
 * The environment of a program that is to be started: what is there already, files and options of
 * ours over it, and in the end values in place of references.
 *
 * MUST
 *  - look at whole values of variables only: never into arguments, never into a part of a value
 *  - keep values of secrets in locked memory, and put them in no other variable than was asked
 */
#pragma once

#include "broker/base/secret.h"
#include "broker/base/wire.h"

/* Linux refuses a longer string in an environment (MAX_ARG_STRLEN, with name, = and NUL). */
#define CLI_ENVIRONMENT_STRING_MAX (128 * 1024)

#define CLI_ENVIRONMENT_ERROR (cli_environment_error_quark ())
typedef enum
{
  CLI_ENVIRONMENT_ERROR_REFERENCE, /* a value refers to what is not there, or to itself */
  CLI_ENVIRONMENT_ERROR_TWICE,     /* two options for one variable */
  CLI_ENVIRONMENT_ERROR_VALUE      /* no environment can hold it */
} CliEnvironmentError;
GQuark cli_environment_error_quark (void);

typedef struct _CliEnvironment CliEnvironment;

/* Begins with @own, "NAME=value" each, as environ has it: of two entries with one name the first
 * counts, as for getenv(). */
CliEnvironment *cli_environment_new (char **own);
void cli_environment_free (CliEnvironment *environment);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CliEnvironment, cli_environment_free)

/* The variables of the file at @path, in place of those that are there. */
gboolean cli_environment_add_file (CliEnvironment *environment, const char *path, GError **error);
/* "NAME" or "NAME=VARIABLE", as --secret has it; in place of what is there. */
gboolean cli_environment_add_secret (CliEnvironment *environment, const char *option,
                                     GError **error);

/* Finds out which variables are references. ${VARIABLE} stands for what the environment that it
 * began with has there, which may be a reference too. */
gboolean cli_environment_resolve (CliEnvironment *environment, GError **error);
/* What was found: [{"name": the secret's, "env": the variable's}], in the order of the environment.
 * Owned by the caller. */
json_t *cli_environment_secrets (const CliEnvironment *environment);
/* "GITHUB_TOKEN and NPM_TOKEN": the variables that get secrets; g_free(). */
char *cli_environment_words (const CliEnvironment *environment);

/* Takes the values of those secrets (array of Secret, in that order) and makes the environment, for
 * execve(). It belongs to @environment and lives as long. */
char **cli_environment_fill (CliEnvironment *environment, const GPtrArray *values, GError **error);
