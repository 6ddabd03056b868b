/* SPDX-License-Identifier: MIT
 *
 * A person's answer as the broker takes it, and in words.
 */
#pragma once

#include <jansson.h>

#include "approve-ui/terminal.h"

/* Parameters of "decide"; the caller owns them. The PIN is added by whoever has it. */
json_t *cli_decision_grant (const Card *card, const TerminalAnswer *answer);
/* @reason may be NULL. @seconds not 0: for so long the same is denied unasked. */
json_t *cli_decision_deny (const char *request_id, const char *reason, gint64 seconds);
/* "Granted: use of github-token for 5m to node (grant …)", escaped. g_free(). */
char *cli_decision_words (const Card *card, const TerminalAnswer *answer, const json_t *result);
/* The same as an object, for --json. */
json_t *cli_decision_json (const Card *card, const TerminalAnswer *answer, const json_t *result);
