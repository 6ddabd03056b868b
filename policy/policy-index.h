/* SPDX-License-Identifier: MIT
 *
 * Which rules can match at all: a filter in front of policy_rule_match(), so that a thousand rules
 * cost little more than the few that are about the request.
 *
 * MUST
 *  - leave no rule out that matches: it may let too many through, never too few
 */
#pragma once

#include "policy/policy-filter.h"
#include "policy/policy-rule.h"

#define POLICY_INDEX_CLAUSES 14 /* that rules are found by */
#define POLICY_INDEX_WORDS (POLICY_MAX_RULES / 64 + 1)

typedef struct
{
  gsize words; /* of 64 rules each */
  guint64 *operations[OPERATION_COUNT];
  PolicyFilter filters[POLICY_INDEX_CLAUSES];
} PolicyIndex;

void policy_index_init (PolicyIndex *index, const PolicyRule *rules, gsize n_rules);
void policy_index_clear (PolicyIndex *index);

/* The rules that are to be tried: fills index->words of @hits, a bit for each rule. Never more
 * than POLICY_INDEX_WORDS. */
void policy_index_look_up (const PolicyIndex *index, const PolicyQuery *query, guint64 *hits);
