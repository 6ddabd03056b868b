/* SPDX-License-Identifier: MIT
 *
 * The text of a service's or provider's file, looked at and changed by its lines. Whether it means
 * anything is for services_parse() and providers_parse() to say.
 */
#pragma once

#include <glib.h>

/* The first word behind @directive, in the line that begins with it; NULL when there is no such
 * line, or the text cannot be cut into words. g_free(). */
char *cli_file_text_word (const char *text, const char *directive);

/* @text with "@directive @word" in place of the line that begins with @directive; where there is
 * none, after the line of @after. What else stood in the line goes. @word is written as it is: the
 * caller has made sure that it is one word. NULL with an error when neither line is there. */
char *cli_file_text_set (const char *text, const char *directive, const char *word,
                         const char *after, GError **error);
