/* SPDX-License-Identifier: MIT
 *
 * What the files of this room share of a policy.
 */
#pragma once

#include "policy/policy-index.h"
#include "policy/policy-macro.h"
#include "policy/policy-rule.h"

struct _Policy
{
  GPtrArray *names; /* of the sources */
  PolicyMacros *macros;
  GArray *rules;  /* of PolicyRule, in the order of the text */
  guint needs;    /* bits of PolicyNeeds */
  gboolean tells; /* a deny has "notify": the first deny does not say all */
  PolicyIndex index;
};

/* FALSE for an allow that has nothing to do with who asks over HTTP. */
static inline gboolean
policy_rule_is_for (const PolicyRule *rule, const PolicyQuery *query)
{
  return query->caller == NULL || rule->verdict != POLICY_ALLOW || rule->callers != NULL;
}

/* Without rules. */
Policy *policy_new (void);
/* When all rules are there: makes what is known of them together. */
void policy_finish (Policy *policy);

/* The interpreter that a path or its pattern names, or one that it lets in; else NULL. */
const char *policy_interpreter_in (const PolicyPattern *path);
/* The same for programs that start the one which their arguments name. */
const char *policy_starter_in (const PolicyPattern *path);

static inline const PolicyRule *
policy_rule (const Policy *policy, guint i)
{
  return &g_array_index (policy->rules, PolicyRule, i);
}
