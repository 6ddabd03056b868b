/* SPDX-License-Identifier: MIT
 *
 * How single words of a card are written.
 *
 * MUST
 *  - let no agent text stand where it could be taken for ours
 */
#pragma once

#include "approve-ui/card/card.h"

/* text_escape(), and blanks in a row made visible: they could push words out of sight. g_free(). */
char *card_escape (const char *text);
/* The same in quotation marks. g_free(). */
char *card_quote (const char *text);
/* A program may be called anything, even a sentence; a name that could be read as more than a name
 * is quoted. g_free(). */
char *card_name (const char *name);
/* Names with @between; g_free(). */
char *card_names (char **names, const char *between);
/* "node cli.js ← zsh ← tmux"; g_free(). */
char *card_chain (const CardRequester *requester);
/* What became of a request: "granted", "denied"; g_free(). */
char *card_status (const char *status);
/* As a shell would take it, so that one argument with blanks does not look like several. */
char *card_command (const CardRequester *requester);
/* "any number of uses", "5 uses"; g_free(). */
char *card_uses (gint64 uses);
/* "node (pid 7)", as the broker labels a process; its name is in quotes where it could pass for
 * words of ours; g_free(). */
char *card_process (const char *label);
/* "node (pid 7) alone", "make (pid 5) and what it starts"; g_free(). */
char *card_holder (const CardPair *holder);
/* What it calls itself, with a word that nobody has checked that; g_free(). */
char *card_claim (const CardRequester *requester);
/* "node (running cli.js)"; g_free(). */
char *card_who (const CardRequester *requester);
