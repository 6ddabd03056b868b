/* SPDX-License-Identifier: MIT
 *
 * How a secret is written down where its value will stand: secret://NAME, or
 * secret://app/environment/NAME; and ${VARIABLE}, which stands for a variable's value.
 */
#pragma once

#include <glib.h>

#define CLI_REFERENCE_SCHEME "secret://"

#define CLI_REFERENCE_ERROR (cli_reference_error_quark ())
typedef enum
{
  CLI_REFERENCE_ERROR_NAME,    /* what follows the scheme is no secret's name */
  CLI_REFERENCE_ERROR_VARIABLE /* no environment variable can have this name */
} CliReferenceError;
GQuark cli_reference_error_quark (void);

/* TRUE when @text begins as a reference does; whether the rest is a name is another question. */
gboolean cli_reference_is (const char *text);
/* The name in @text, for which the above is TRUE; it points into @text. NULL with an error that
 * says what is wrong with it. */
const char *cli_reference_name (const char *text, GError **error);
/* How many bytes at the start of @text (@len bytes) could belong to a name. */
gsize cli_reference_span (const char *text, gsize len);

/* TRUE when @text has "${" in it. */
gboolean cli_reference_has_variable (const char *text);
/* VARIABLE when @text is ${VARIABLE} and nothing else, or NULL; g_free(). */
char *cli_reference_variable (const char *text);

/* A name that a shell could set: letters, digits and _, not beginning with a digit. */
gboolean cli_reference_check_variable (const char *name, GError **error);
/* The variable for a secret that is given without one: the last part of its name in capitals, with
 * _ for all else. NULL with an error when that begins with a digit. g_free(). */
char *cli_reference_variable_for (const char *secret, GError **error);
