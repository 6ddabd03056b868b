/* SPDX-License-Identifier: MIT
 *
 * Clauses that bound what is granted, and which of two is the tighter. How a person proves to be
 * one is no such: the strictest holds, and none said is not the loosest.
 */
#pragma once

#include "policy/policy-rule.h"

typedef struct
{
  const char *clause;
  gboolean (*there) (const PolicyRule *rule);
  /* Whether @other has it, and bounds at least as tightly. */
  gboolean (*as_tight) (const PolicyRule *rule, const PolicyRule *other);
  const char *open; /* what no bound is */
} PolicyBound;

#define POLICY_N_BOUNDS 6
extern const PolicyBound policy_bounds[POLICY_N_BOUNDS]; /* "notify" is the last */

/* How @rule says it, for people: "max 5m"; g_free(). */
char *policy_bound_words (const PolicyRule *rule, const char *clause);
