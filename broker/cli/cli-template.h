/* SPDX-License-Identifier: MIT
 *
 * Text with references to secrets in it, and values in their place.
 *
 * A reference stands in {{ secret://NAME }}, with or without blanks, or bare: then it ends where no
 * letter, digit, ".", "_", "-" or "/" follows, and no letter, digit, "+", "-" or "." stands before
 * it (that would be another scheme). All else is text, other uses of {{ too, and bytes of any kind.
 */
#pragma once

#include "broker/base/secret.h"

#define CLI_TEMPLATE_ERROR (cli_template_error_quark ())
typedef enum
{
  CLI_TEMPLATE_ERROR_SYNTAX /* "FILE:LINE:COLUMN: what is wrong"; a column is a byte, from 1 */
} CliTemplateError;
GQuark cli_template_error_quark (void);

typedef struct _CliTemplate CliTemplate;

/* @text is borrowed for as long as the template lives; @file is for messages. */
CliTemplate *cli_template_parse (const char *text, gsize len, const char *file, GError **error);
void cli_template_free (CliTemplate *template);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CliTemplate, cli_template_free)

/* The secrets in it, each once, in the order of their first use; as long as the template lives. */
const char *const *cli_template_names (const CliTemplate *template);
guint cli_template_n_names (const CliTemplate *template);

/* The text with @values (array of Secret, as the names) in place of references. */
Secret *cli_template_fill (const CliTemplate *template, const GPtrArray *values, GError **error);
