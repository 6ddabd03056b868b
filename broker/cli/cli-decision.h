/* SPDX-License-Identifier: MIT
 *
 * What became of a person's answer.
 */
#pragma once

#include <jansson.h>

#include "approve-ui/card/draft.h"

/* "Granted: get_secret github-token: use, for 5m, … to node; grant …", escaped. g_free(). */
char *cli_decision_words (const Card *card, const Draft *draft, const json_t *result);
/* The same as an object, for --json. */
json_t *cli_decision_json (const Card *card, const Draft *draft, const json_t *result);
