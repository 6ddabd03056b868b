/* SPDX-License-Identifier: MIT */
#include "policy/policy-private.h"

#include "policy/policy-clause.h"

#include <string.h>

Policy *
policy_new (void)
{
  Policy *policy = g_new0 (Policy, 1);
  policy->names = g_ptr_array_new_with_free_func (g_free);
  policy->macros = policy_macros_new ();
  policy->rules = g_array_new (FALSE, FALSE, sizeof (PolicyRule));
  g_array_set_clear_func (policy->rules, (GDestroyNotify) policy_rule_clear);
  return policy;
}

void
policy_free (Policy *policy)
{
  if (policy == NULL)
    return;
  policy_index_clear (&policy->index);
  g_array_unref (policy->rules);
  policy_macros_free (policy->macros);
  g_ptr_array_unref (policy->names);
  g_free (policy);
}

gsize
policy_n_rules (const Policy *policy)
{
  return policy->rules->len;
}

static gboolean
has_rule (const Policy *policy, int rule)
{
  return rule >= 0 && (gsize) rule < policy->rules->len;
}

char *
policy_rule_text (const Policy *policy, int rule)
{
  return has_rule (policy, rule) ? policy_rule_print (policy_rule (policy, rule)) : NULL;
}

char *
policy_rule_place (const Policy *policy, int rule)
{
  if (!has_rule (policy, rule))
    return NULL;
  const PolicyRule *found = policy_rule (policy, rule);
  return g_strdup_printf ("%s:%u", found->source, found->spot.line);
}

gboolean
policy_rule_rate (const Policy *policy, int rule, gint64 *n, gint64 *period)
{
  if (!has_rule (policy, rule) || policy_rule (policy, rule)->rate.n == 0)
    return FALSE;
  *n = policy_rule (policy, rule)->rate.n;
  *period = policy_rule (policy, rule)->rate.period;
  return TRUE;
}

static gboolean
is_about_who (const PolicyClause *clause)
{
  return clause->about == POLICY_ABOUT_PROGRAM || clause->about == POLICY_ABOUT_CALLER;
}

gboolean
policy_rule_concerns (const Policy *policy, int rule, const PolicyQuery *query)
{
  if (!has_rule (policy, rule))
    return FALSE;
  const PolicyRule *found = policy_rule (policy, rule);
  if (query->caller != NULL && found->verdict == POLICY_ALLOW && found->callers == NULL)
    return FALSE;
  for (gsize i = 0; i < policy_n_clauses; i++)
    if ((found->clauses & (1u << i)) != 0 && is_about_who (&policy_clauses[i])
        && policy_clauses[i].match (found, query) == POLICY_MATCH_NO)
      return FALSE;
  return TRUE;
}

void
policy_finish (Policy *policy)
{
  guint32 clauses = 0;
  for (guint i = 0; i < policy->rules->len; i++)
    clauses |= policy_rule (policy, i)->clauses;
  for (gsize i = 0; i < policy_n_clauses; i++)
    if ((clauses & (1u << i)) != 0)
      policy->needs |= policy_clauses[i].needs;
  policy_index_init (&policy->index, (const PolicyRule *) policy->rules->data, policy->rules->len);
}

guint
policy_needs (const Policy *policy)
{
  return policy->needs;
}

gint64
policy_next_change (const Policy *policy, int weekday, int minute)
{
  gint64 next = -1;
  g_return_val_if_fail (weekday >= 1 && weekday <= 7, -1);
  for (guint i = 0; i < policy->rules->len; i++)
    {
      gint64 own = policy_rule_next_change (policy_rule (policy, i), weekday, minute);
      if (own >= 0 && (next < 0 || own < next))
        next = own;
    }
  return next;
}

const PolicySource *
policy_source_find (const PolicySource *sources, gsize n, const char *name)
{
  for (gsize i = 0; i < n; i++)
    if (strcmp (sources[i].name, name) == 0)
      return &sources[i];
  return NULL;
}
