/* SPDX-License-Identifier: MIT
 *
 * Long text from an agent, such as a request's body: line by line, and no more of it than is looked
 * at.
 *
 * MUST
 *  - let nothing act on the screen, and nothing be pushed out of sight by blanks or empty lines
 *  - say of what is not shown how much it is
 */
#pragma once

#include <glib.h>

/* So much is shown without being asked for: characters as they are written, and lines. */
#define CARD_BLOCK_ROOM 480
#define CARD_BLOCK_LINES 9

/* The lines of @text, escaped and parted by newlines, each at most CARD_BLOCK_COLUMNS characters
 * long: what is longer goes on in the next one. g_free(). */
#define CARD_BLOCK_COLUMNS 400
char *card_block (const char *text);

/* The beginning of @text in bytes that may be shown without being asked for; all of it when it is
 * short. */
gsize card_block_begin (const char *text);
