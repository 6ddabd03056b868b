/* SPDX-License-Identifier: MIT
 *
 * Cards for tests.
 */
#pragma once

#include "approve-ui/card/card.h"

/* JSON with ' for ": readable in C. */
extern const char card_case_good[];
char *card_case_json (const char *text);
/* The good card with @from replaced by @to; all of it JSON in the end. */
char *card_case_changed (const char *from, const char *to);
/* The same, read. Pairs of from and to, NULL-terminated. */
Card *card_case_new (const char *from, ...) G_GNUC_NULL_TERMINATED;
