/* SPDX-License-Identifier: MIT
 *
 * Which rules can match at all: a filter in front of policy_rule_match(), so that a thousand rules
 * cost little more than the few that are about the request.
 *
 * MUST
 *  - leave no rule out that matches: it may let too many through, never too few
 */
#pragma once

#include "policy/policy-rule.h"

/* Rules as rows of bits, found by the hash of what their patterns begin with. Two things with the
 * same hash share a row, which costs a comparison and nothing else. */
typedef struct
{
  guint64 *always; /* rules that no hash can tell: without the clause, or wild from the start */
  guint64 *rows;
} PolicyFilter;

typedef struct
{
  gsize words; /* of 64 rules each, in a row */
  guint64 *operations[OPERATION_COUNT];
  PolicyFilter of, from;
  PolicyFilter command; /* by its program; empty when no rule has the clause */
} PolicyIndex;

void policy_index_init (PolicyIndex *index, const PolicyRule *rules, gsize n_rules);
void policy_index_clear (PolicyIndex *index);

/* What of the request decides which rows are looked at; made once, then asked word by word. */
#define POLICY_INDEX_DEPTH 15
typedef struct
{
  gsize n; /* 0: all rules */
  const guint64 *rows[POLICY_INDEX_DEPTH + 1];
} PolicyRows;

typedef struct
{
  const guint64 *operation;
  PolicyRows of, from, command;
} PolicyLookup;

void policy_index_look_up (const PolicyIndex *index, const PolicyQuery *query,
                           PolicyLookup *lookup);
/* The rules 64 × @word … 64 × @word + 63 that are to be tried. */
guint64 policy_lookup_word (const PolicyLookup *lookup, gsize word);
