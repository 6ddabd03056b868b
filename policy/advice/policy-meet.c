/* SPDX-License-Identifier: MIT
 *
 * Whether two rules can be about the same request.
 *
 * MUST
 *  - say no only when that is sure
 */
#include <string.h>

#include "policy/advice/policy-differ.h"

/* Their resources are secrets, each by its one name; any other is asked for by its own name and
 * that of each of its scopes, NAME/SCOPE. */
#define SECRETS                                                                                    \
  (1u << OPERATION_LIST_SECRETS | 1u << OPERATION_GET_SECRET | 1u << OPERATION_REVEAL              \
   | 1u << OPERATION_STORE_SECRET | 1u << OPERATION_UPDATE_SECRET | 1u << OPERATION_DELETE_SECRET  \
   | 1u << OPERATION_RUN_COMMAND | 1u << OPERATION_LAUNCH)

static gboolean
is_literal (const PolicyPattern *pattern)
{
  return pattern->literal == pattern->len;
}

static gboolean
same_beginning (const PolicyPattern *a, const PolicyPattern *b)
{
  return memcmp (a->text, b->text, MIN (a->literal, b->literal)) == 0;
}

gboolean
policy_patterns_meet (const PolicyPattern *a, const PolicyPattern *b)
{
  if (is_literal (a))
    return policy_pattern_match (b, a->text, a->len);
  if (is_literal (b))
    return policy_pattern_match (a, b->text, b->len);
  return same_beginning (a, b);
}

/* Their stars take slashes too. */
static gboolean
arguments_meet (const PolicyPattern *a, const PolicyPattern *b)
{
  if (is_literal (a))
    return policy_pattern_match_argument (b, a->text);
  if (is_literal (b))
    return policy_pattern_match_argument (a, b->text);
  return same_beginning (a, b);
}

/* What is before the first slash decides: one may be the thing's name, the other a scope's. */
static gboolean
things_meet (const PolicyPattern *a, const PolicyPattern *b)
{
  g_autofree char *first_a = g_strndup (a->text, strcspn (a->text, "/"));
  g_autofree char *first_b = g_strndup (b->text, strcspn (b->text, "/"));
  if (strstr (first_a, "**") != NULL || strstr (first_b, "**") != NULL)
    return TRUE;
  PolicyPattern one, other;
  policy_pattern_init (&one, first_a);
  policy_pattern_init (&other, first_b);
  gboolean meet = policy_patterns_meet (&one, &other);
  policy_pattern_clear (&one);
  policy_pattern_clear (&other);
  return meet;
}

typedef gboolean (*Meet) (const PolicyPattern *a, const PolicyPattern *b);

/* A list that is not there is about everything. */
static gboolean
lists_meet (const GArray *a, const GArray *b, Meet meet)
{
  if (a == NULL || b == NULL)
    return TRUE;
  for (guint i = 0; i < a->len; i++)
    for (guint j = 0; j < b->len; j++)
      if (meet (&g_array_index (a, PolicyPattern, i), &g_array_index (b, PolicyPattern, j)))
        return TRUE;
  return FALSE;
}

static gboolean
uids_meet (const GArray *a, const GArray *b)
{
  if (a == NULL || b == NULL)
    return TRUE;
  for (guint i = 0; i < a->len; i++)
    for (guint j = 0; j < b->len; j++)
      if (g_array_index (a, uid_t, i) == g_array_index (b, uid_t, j))
        return TRUE;
  return FALSE;
}

gboolean
policy_rule_is_about_programs (const PolicyRule *rule)
{
  for (gsize i = 0; i < policy_n_clauses; i++)
    if ((rule->clauses & (1u << i)) != 0
        && (policy_clauses[i].about == POLICY_ABOUT_PROGRAM
            || policy_clauses[i].about == POLICY_ABOUT_PLACE))
      return TRUE;
  return rule->verdict == POLICY_ALLOW && rule->callers == NULL;
}

gboolean
policy_rules_may_meet (const PolicyRule *a, const PolicyRule *b)
{
  guint32 operations = a->operations & b->operations;
  Meet resources = (operations & ~SECRETS) == 0 ? policy_patterns_meet : things_meet;

  if ((a->callers != NULL && policy_rule_is_about_programs (b))
      || (b->callers != NULL && policy_rule_is_about_programs (a)))
    return FALSE;
  return operations != 0 && lists_meet (a->of, b->of, resources)
         && lists_meet (a->callers, b->callers, arguments_meet)
         && lists_meet (a->from, b->from, policy_patterns_meet) && uids_meet (a->uids, b->uids);
}

gboolean
policy_rules_meet (const PolicyRule *a, const PolicyRule *b)
{
  return policy_rules_may_meet (a, b) && lists_meet (a->methods, b->methods, policy_patterns_meet)
         && lists_meet (a->paths, b->paths, policy_patterns_meet)
         && lists_meet (a->sha256s, b->sha256s, policy_patterns_meet)
         && lists_meet (a->packages, b->packages, policy_patterns_meet)
         && lists_meet (a->units, b->units, policy_patterns_meet)
         && (a->days == 0 || b->days == 0 || (a->days & b->days) != 0);
}
