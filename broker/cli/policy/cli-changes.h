/* SPDX-License-Identifier: MIT
 *
 * What accepting files changes: of the policy in words, of any file its text.
 */
#pragma once

#include <jansson.h>
#include <stdio.h>

#include "broker/cli/policy/cli-known.h"
#include "policy/advice/policy-compare.h"

/* Says what becomes of requests, as policy_compare() has it: what opens, then what narrows. */
void cli_changes_print (FILE *stream, const GPtrArray *changes);
/* [{"kind","widens","about","text","place","removed"}]; caller owns. */
json_t *cli_changes_json (const GPtrArray *changes);
/* The notes of @notes about rules of @policy that @before has not, or about the whole; NULL before:
 * all of them. They stay @notes'. @others: how many are left out. */
GPtrArray *cli_changes_new_notes (const GPtrArray *notes, const Policy *policy,
                                  const Policy *before, guint *others);
