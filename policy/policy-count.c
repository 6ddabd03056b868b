/* SPDX-License-Identifier: MIT
 *
 * Which rules a request counts for.
 *
 * MUST
 *  - count for a rule that may be about the request: what is not known narrows
 *  - count a request once for the same words, wherever and however often they stand
 */
#include "policy/policy-private.h"

static gboolean
counts_for (const PolicyRule *rule, const PolicyQuery *query)
{
  return policy_rule_counts (rule) && (guint) query->operation < OPERATION_COUNT
         && (rule->operations & (1u << query->operation)) != 0 && policy_rule_is_for (rule, query)
         && policy_rule_match_uncounted (rule, query) != POLICY_MATCH_NO;
}

static gboolean
counts_for_any (const PolicyRule *rule, const PolicyQuery *query, const char *const *names)
{
  PolicyQuery one = *query;
  one.resource = names != NULL ? names[0] : NULL;
  gboolean counts = counts_for (rule, &one);
  for (gsize i = 1; one.resource != NULL && names[i] != NULL && !counts; i++)
    {
      one.resource = names[i];
      counts = counts_for (rule, &one);
    }
  return counts;
}

void
policy_counted_names (const Policy *policy, const PolicyQuery *query, const char *const *names,
                      PolicyCounted each, gpointer user)
{
  g_autoptr (GHashTable) counted = g_hash_table_new (g_str_hash, g_str_equal);
  for (guint i = 0; i < policy->rules->len; i++)
    {
      const PolicyRule *rule = policy_rule (policy, i);
      if (counts_for_any (rule, query, names) && g_hash_table_add (counted, rule->text))
        each (user, rule->text, MAX (rule->over.period, rule->rate.period));
    }
}

void
policy_counted (const Policy *policy, const PolicyQuery *query, PolicyCounted each, gpointer user)
{
  const char *names[] = { query->resource, NULL };
  policy_counted_names (policy, query, names, each, user);
}
