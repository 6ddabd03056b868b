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
  int rule; /* the first of them */
} Bounds;

static void
tighten (gint64 *bound, gint64 limit)
{
  if (limit != 0 && (*bound == 0 || limit < *bound))
    *bound = limit;
}

static void
add_rule (Bounds *bounds, const PolicyRule *rule, int number, PolicyMatch match)
{
  if (bounds->rule < 0)
    bounds->rule = number;
  tighten (&bounds->max, rule->max);
  tighten (&bounds->uses, rule->uses);
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
  decision->rule = bounds->rule;
}

/* FALSE when the rule settles it: nothing beats a deny. */
static gboolean
try_rule (const Policy *policy, const PolicyQuery *query, int number, Bounds *ask, Bounds *allow)
{
  const PolicyRule *rule = policy_rule (policy, number);
  PolicyMatch match = policy_rule_match (rule, query);
  if (match == POLICY_MATCH_NO)
    return TRUE;
  switch (rule->verdict)
    {
    case POLICY_ASK:
      add_rule (ask, rule, number, match);
      return TRUE;
    case POLICY_ALLOW:
      if (match == POLICY_MATCH_YES && query->exe != NULL)
        add_rule (allow, rule, number, match);
      return TRUE;
    case POLICY_DENY:
    default:
      return FALSE;
    }
}

void
policy_decide (const Policy *policy, const PolicyQuery *query, PolicyDecision *decision)
{
  Bounds deny = { .rule = -1 }, ask = deny, allow = deny;
  PolicyLookup lookup;

  answer (decision, POLICY_DENY, &deny);
  if ((guint) query->operation >= OPERATION_COUNT)
    return;
  policy_index_look_up (&policy->index, query, &lookup);
  for (gsize word = 0; word < policy->index.words; word++)
    for (guint64 bits = policy_lookup_word (&lookup, word); bits != 0; bits &= bits - 1)
      {
        int number = (int) (word * 64) + __builtin_ctzll (bits);
        if (!try_rule (policy, query, number, &ask, &allow))
          {
            decision->rule = number;
            return;
          }
      }
  if (ask.rule < 0 && allow.rule >= 0)
    answer (decision, POLICY_ALLOW, &allow);
  else
    answer (decision, POLICY_ASK, &ask);
}

gboolean
policy_may_allow (Operation operation, gboolean user_mode)
{
  if (operation == OPERATION_LIST_SECRETS || operation == OPERATION_GET_SECRET)
    return !user_mode;
  return operation == OPERATION_HTTP_REQUEST || operation == OPERATION_MINT_TOKEN;
}
