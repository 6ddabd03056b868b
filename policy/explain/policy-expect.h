/* SPDX-License-Identifier: MIT
 *
 * What a policy is expected to say, one request a line:
 *
 *   deny get_secret prod/db/URL from /usr/bin/node
 *   ask get_secret prod/db/URL from /usr/bin/claude max 5m uses 1 confirm pin
 *
 *   line  = verdict request { bound }
 *
 * The bounds are those of the language; what is not said may be anything. The language is described
 * in countersign-expect(5).
 *
 * MUST
 *  - refuse a word it does not know: an expectation that is skipped is one that nobody checks
 */
#pragma once

#include "policy/explain/policy-describe.h"

#define POLICY_MAX_EXPECTATIONS 10000 /* of one source */

typedef struct _PolicyExpectation PolicyExpectation;

/* Array of PolicyExpectation, in the order of the text; NULL with POLICY_ERROR_SYNTAX. */
GPtrArray *policy_expectations_parse (const PolicySource *source, GError **error);

/* The caller changes nothing in it but what was not said. */
PolicyRequest *policy_expectation_request (const PolicyExpectation *self);
char *policy_expectation_place (const PolicyExpectation *self); /* "file:line"; g_free() */
/* In canonical words, which parse to the same again. g_free(). */
char *policy_expectation_text (const PolicyExpectation *self);

/* NULL when @decision is what is expected, else how it differs, in words: "it is denied"; g_free().
 */
char *policy_expectation_missed (const PolicyExpectation *self, const PolicyDecision *decision);
