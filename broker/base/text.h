/* SPDX-License-Identifier: MIT
 *
 * Text that a person will see, and the small notations people write.
 *
 * MUST
 *  - let nothing from an agent act on the screen: controls, escapes, bidi marks, invisible,
 *    unassigned and private-use characters appear as \u{hex}
 *  - cut nothing
 */
#pragma once

#include <glib.h>

#define TEXT_ERROR (text_error_quark ())
typedef enum
{
  TEXT_ERROR_DURATION,
  TEXT_ERROR_NAME
} TextError;
GQuark text_error_quark (void);

/* For any sink that shows agent text on one line. Newline and tab are escaped too; a backslash is
 * doubled so that an escape cannot be imitated. Invalid UTF-8 bytes appear as \x{hh}. A combining
 * mark with nothing to stand on, or the fifth and later in a row, is escaped as well. Letters that
 * look like others are left as they are: mixed scripts are another check's. g_free(). */
char *text_escape (const char *text);
/* @text with each byte that is not UTF-8 as \\x{hh}, and nothing else changed: for JSON. g_free(). */
char *text_utf8 (const char *text);
/* TRUE when a person would see nothing: only spaces and what text_escape() escapes. */
gboolean text_is_blank (const char *text);

/* "90s", "5m", "1h30m", "8h", "2d", or bare seconds. FALSE, with an error that names the text,
 * for zero, negative, fractional, unknown units, or over @max seconds. */
gboolean text_parse_duration (const char *text, gint64 max, gint64 *seconds, GError **error);
/* 90 → "1m30s", 3600 → "1h", 0 and less → "0s". g_free(). */
char *text_format_duration (gint64 seconds);

/* RFC 3339 UTC with milliseconds: "2026-11-21T09:30:00.123Z". @usec is microseconds since 1970. */
char *text_format_time (gint64 usec);

#define TEXT_SEGMENT_MAX 63
#define TEXT_NAME_MAX (3 * TEXT_SEGMENT_MAX + 2)
/* A secret's name: NAME or app/environment/NAME. A segment is 1–63 of [A-Za-z0-9._-], beginning
 * with a letter or digit. The error says what is wrong and at which character, without the name:
 * "must begin with a letter or a digit (character 5)". */
gboolean text_check_name (const char *name, GError **error);
gboolean text_check_segment (const char *segment, GError **error);

/* Random identifiers from the kernel: @n (at most 256) characters of [0-9a-z] without i, l, o, u (5
 * bits each). g_free(). */
char *text_random_id (gsize n);
