/* SPDX-License-Identifier: MIT
 *
 * How far a rule fits a described request: what policy_rule_match() knows, clause by clause.
 */
#pragma once

#include "policy/explain/policy-fact.h"
#include "policy/policy-private.h"

/* One thing that is asked for, under all its names. */
typedef struct
{
  const Policy *policy;
  const PolicyRequest *request;
  char **names; /* borrowed, of policy_request_things() */
} PolicyThing;

/* The scope that it is about, where scopes can be cut; else NULL. */
const char *policy_thing_scope (const PolicyThing *thing);

/* What one rule has to do with one thing that is asked for. */
typedef struct
{
  guint against;     /* clauses that surely do not match */
  guint matched;     /* those that do */
  int clause;        /* the first of those against it, else the first that only may; -1: none */
  gboolean may;      /* one of the others only may */
  guint32 forgotten; /* facts that were not recorded, on which one hangs: bit by PolicyFactId */
} PolicyFit;

/* The facts that a clause looks at: bit by PolicyFactId. */
guint32 policy_fit_facts (const PolicyClause *clause);
gboolean policy_fit_about (const PolicyRule *rule, const PolicyRequest *request);
/* Under the name that is the resource of @query. */
PolicyFit policy_fit_one (const PolicyRule *rule, const PolicyRequest *request,
                          const PolicyQuery *query);
/* The best that @rule has to say, of all its names; the resource of @query is changed. */
PolicyFit policy_fit (const PolicyThing *thing, const PolicyRule *rule, PolicyQuery *query);
/* Who asks is known well enough to be allowed something by the rule. */
gboolean policy_fit_known (const PolicyRule *rule, const PolicyQuery *query);
/* It is one of the rules that the verdict is made of. */
gboolean policy_fit_counts (const PolicyRule *rule, const PolicyQuery *query, const PolicyFit *fit);
/* The rule bounds how often such a thing is asked: whether that is reached. */
PolicyMatch policy_fit_rated (const PolicyRule *rule, const PolicyQuery *query,
                              const PolicyFit *fit);
/* The verdict where rules that count say these. */
PolicyVerdict policy_fit_settle (gboolean deny, gboolean ask, gboolean allow);
