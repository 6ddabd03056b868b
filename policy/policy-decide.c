/* SPDX-License-Identifier: MIT
 *
 * MUST
 *  - look at every rule that can match: the first is not the last word
 *  - let an unverified requester have what narrows and nothing that widens
 */
#include "policy/policy-private.h"

/* What the rules of one verdict say together. */
typedef struct
{
  gint64 max, uses;
  PolicyConfirm confirm;
  gboolean sandbox;
  int rule; /* the first of them */
} Bounds;

typedef struct
{
  Bounds of[POLICY_ALLOW + 1]; /* by PolicyVerdict */
} Tally;

static void
tally_init (Tally *tally)
{
  for (guint i = 0; i < G_N_ELEMENTS (tally->of); i++)
    tally->of[i] = (Bounds){ .rule = -1 };
}

static void
tighten (gint64 *bound, gint64 limit)
{
  if (limit != 0 && (*bound == 0 || limit < *bound))
    *bound = limit;
}

static void
add_rule (Bounds *bounds, const PolicyRule *rule, int number, PolicyMatch match)
{
  if (bounds->rule < 0 || number < bounds->rule)
    bounds->rule = number;
  tighten (&bounds->max, rule->max);
  tighten (&bounds->uses, rule->uses);
  bounds->sandbox |= rule->sandbox;
  /* A click is less than what is asked without a word: not for whoever only may be meant. */
  if (match == POLICY_MATCH_YES || rule->confirm >= CONFIRM_PIN)
    bounds->confirm = MAX (bounds->confirm, rule->confirm);
}

static void
answer (PolicyDecision *decision, PolicyVerdict verdict, const Bounds *bounds)
{
  decision->verdict = verdict;
  decision->max_duration = bounds->max;
  decision->max_uses = bounds->uses;
  decision->confirm = bounds->confirm != CONFIRM_UNSET ? bounds->confirm : CONFIRM_PIN;
  decision->sandbox = bounds->sandbox;
  decision->rule = bounds->rule;
}

static void
settle (PolicyDecision *decision, const Tally *tally)
{
  PolicyVerdict verdict = POLICY_ASK;
  if (tally->of[POLICY_DENY].rule >= 0)
    verdict = POLICY_DENY;
  else if (tally->of[POLICY_ASK].rule < 0 && tally->of[POLICY_ALLOW].rule >= 0)
    verdict = POLICY_ALLOW;
  answer (decision, verdict, &tally->of[verdict]);
}

static void
try_rule (const Policy *policy, const PolicyQuery *query, int number, Tally *tally)
{
  const PolicyRule *rule = policy_rule (policy, number);
  PolicyMatch match = policy_rule_match (rule, query);
  if (match == POLICY_MATCH_NO)
    return;
  gboolean known = query->caller != NULL ? rule->callers != NULL : query->exe != NULL;
  if (rule->verdict == POLICY_ALLOW && (match != POLICY_MATCH_YES || !known))
    return;
  add_rule (&tally->of[rule->verdict], rule, number, match);
}

/* Up to the first deny, which nothing beats. */
static void
try_rules (const Policy *policy, const PolicyQuery *query, Tally *tally)
{
  PolicyLookup lookup;
  policy_index_look_up (&policy->index, query, &lookup);
  for (gsize word = 0; word < policy->index.words; word++)
    for (guint64 bits = policy_lookup_word (&lookup, word); bits != 0; bits &= bits - 1)
      {
        try_rule (policy, query, (int) (word * 64) + __builtin_ctzll (bits), tally);
        if (tally->of[POLICY_DENY].rule >= 0)
          return;
      }
}

static gboolean
refuse_unknown (const PolicyQuery *query, PolicyDecision *decision)
{
  const Bounds none = { .rule = -1 };
  answer (decision, POLICY_DENY, &none);
  return (guint) query->operation >= OPERATION_COUNT;
}

void
policy_decide (const Policy *policy, const PolicyQuery *query, PolicyDecision *decision)
{
  Tally tally;
  if (refuse_unknown (query, decision))
    return;
  tally_init (&tally);
  try_rules (policy, query, &tally);
  settle (decision, &tally);
}

void
policy_decide_names (const Policy *policy, const PolicyQuery *query, const char *const *names,
                     PolicyDecision *decision)
{
  PolicyQuery one = *query;
  Tally tally;
  if (refuse_unknown (query, decision))
    return;
  tally_init (&tally);
  one.resource = names != NULL ? names[0] : NULL;
  try_rules (policy, &one, &tally);
  for (gsize i = 1; one.resource != NULL && names[i] != NULL; i++)
    {
      one.resource = names[i];
      try_rules (policy, &one, &tally);
    }
  settle (decision, &tally);
}

static int
first_rule (int a, int b)
{
  return a < 0 || (b >= 0 && b < a) ? b : a;
}

/* What is left for two things that are asked at once. Where nobody is asked a decision's confirm
 * is no rule's. */
static void
join (PolicyDecision *both, const PolicyDecision *other)
{
  if (both->verdict == POLICY_DENY)
    return;
  if (other->verdict == POLICY_DENY)
    {
      *both = *other;
      return;
    }
  tighten (&both->max_duration, other->max_duration);
  tighten (&both->max_uses, other->max_uses);
  both->sandbox |= other->sandbox;
  if (other->verdict == both->verdict)
    {
      both->confirm = MAX (both->confirm, other->confirm);
      both->rule = first_rule (both->rule, other->rule);
    }
  else if (other->verdict == POLICY_ASK)
    {
      both->verdict = POLICY_ASK;
      both->confirm = other->confirm;
      both->rule = other->rule;
    }
}

void
policy_decide_each (const Policy *policy, const PolicyQuery *query, const char *const *resources,
                    PolicyDecision *decision)
{
  PolicyQuery one = *query;
  one.resource = resources != NULL ? resources[0] : NULL;
  policy_decide (policy, &one, decision);
  for (gsize i = 1; one.resource != NULL && resources[i] != NULL; i++)
    {
      PolicyDecision other;
      one.resource = resources[i];
      policy_decide (policy, &one, &other);
      join (decision, &other);
    }
}

void
policy_decide_scopes (const Policy *policy, const PolicyQuery *query, const char *const *scopes,
                      PolicyDecision *decision)
{
  if (query->resource == NULL || scopes == NULL || scopes[0] == NULL)
    {
      policy_decide (policy, query, decision);
      return;
    }
  for (gsize i = 0; scopes[i] != NULL; i++)
    {
      PolicyDecision other;
      g_autofree char *scope = g_strdup_printf ("%s/%s", query->resource, scopes[i]);
      const char *names[] = { query->resource, scope, NULL };
      policy_decide_names (policy, query, names, i == 0 ? decision : &other);
      if (i > 0)
        join (decision, &other);
    }
}

gboolean
policy_may_allow (Operation operation, gboolean user_mode)
{
  if (operation == OPERATION_LIST_SECRETS || operation == OPERATION_GET_SECRET)
    return !user_mode;
  return operation == OPERATION_HTTP_REQUEST || operation == OPERATION_MINT_TOKEN;
}
