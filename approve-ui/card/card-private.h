/* SPDX-License-Identifier: MIT
 *
 * Between the files that put a card into words.
 */
#pragma once

#include "approve-ui/card/card-show.h"

/* Whether a program is started, which gets what is asked for. */
gboolean card_starts (const Card *card);

/* What follows from a grant, in a few words. */
const char *card_consequence (const Card *card);

/* Adds a line. Takes @value. */
CardLine *card_line_add (GPtrArray *lines, CardEmphasis emphasis, const char *id, const char *label,
                         char *value);

/* Lines of who calls over HTTP. */
void card_caller_add (GPtrArray *lines, const CardRequester *requester);

/* The value of the first fact @label, as it came; NULL: there is none. */
const char *card_fact (const Card *card, const char *label);
/* A line for each fact, and where a request goes to one more. */
void card_facts_add (GPtrArray *lines, const Card *card);
/* What stood in a fact, without the label that the broker writes in front, escaped; g_free().
 * @label (may be NULL) gets what such a line is called, or NULL: of no kind that we know. */
char *card_fact_before (const char *text, const char **label);
