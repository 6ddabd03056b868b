/* SPDX-License-Identifier: MIT
 *
 * Requests as they are given to commands: as words of the command line, or as the audit trail has
 * recorded them.
 */
#pragma once

#include "broker/cli/audit/cli-audit.h"
#include "policy/explain/policy-describe.h"

/* What stands between { and } becomes one word, so that an argument like -c is no option. Before
 * cli_options(). */
void cli_words_fold (char **args);
/* The request that the words say, each of them one for the language, however it was quoted. NULL
 * with POLICY_ERROR_SYNTAX. */
PolicyRequest *cli_words_request (char **words, GError **error);
/* Says what was not said of it and the machine knows: our uid and, where @policy looks at it, the
 * time. */
void cli_words_complete (PolicyRequest *request, const Policy *policy);

/* The request that @record tells of, its sealed parts opened: each fact that it lacks is forgotten.
 * @user_mode: all who ask have our uid. NULL: it tells of none that we know. */
PolicyRequest *cli_recorded_request (const json_t *record, gboolean user_mode);
/* Adds to @record what is only in @other, another of the same request. */
void cli_recorded_join (json_t *record, const json_t *other);
