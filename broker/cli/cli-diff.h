/* SPDX-License-Identifier: MIT
 *
 * How one text became another, line by line, for a person who is to accept it.
 */
#pragma once

#include <glib.h>

/* "-", "+" and " " lines in hunks with three lines around each, escaped; "" when the texts are the
 * same. Where more has changed than is worth comparing, all of the old and all of the new.
 * g_free(). */
char *cli_diff (const char *old, const char *new);
