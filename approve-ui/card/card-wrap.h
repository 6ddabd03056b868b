/* SPDX-License-Identifier: MIT
 *
 * Text in columns, as a terminal counts them. Text comes in escaped; nothing is cut.
 */
#pragma once

#include <glib.h>

/* How many columns @text takes: wide characters two, combining ones none. */
gsize card_text_width (const char *text);

/* Appends @text to @out, broken at spaces (a word that does not fit is broken where the line ends)
 * into lines of at most @width columns. The first line goes on where @out is, at column @indent;
 * each further one begins with @indent spaces. The last line's end is not written. */
void card_wrap (GString *out, const char *text, gsize indent, gsize width);
