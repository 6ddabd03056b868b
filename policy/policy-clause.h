/* SPDX-License-Identifier: MIT
 *
 * What the rows of the table of clauses are made of: for each its functions, in the file of what it
 * is about.
 */
#pragma once

#include "policy/policy-rule.h"

#define POLICY_CLAUSE_VALUES(name)                                                                 \
  char *policy_##name##_add (PolicyRule *rule, const char *value);                                 \
  void policy_##name##_print (const PolicyRule *rule, GPtrArray *words);
#define POLICY_CLAUSE(name)                                                                        \
  POLICY_CLAUSE_VALUES (name)                                                                      \
  PolicyMatch policy_##name##_match (const PolicyRule *rule, const PolicyQuery *query);            \
  gboolean policy_##name##_covers (const PolicyRule *wide, const PolicyRule *narrow);

/* policy-clause-thing.c */
POLICY_CLAUSE (of)
POLICY_CLAUSE (method)
POLICY_CLAUSE (path)
POLICY_CLAUSE (command_clause)
/* policy-clause-who.c */
POLICY_CLAUSE (from)
POLICY_CLAUSE (sha256)
POLICY_CLAUSE (package)
POLICY_CLAUSE (unit)
POLICY_CLAUSE (uid)
POLICY_CLAUSE (below)
POLICY_CLAUSE (caller)
POLICY_CLAUSE (in)
/* policy-clause-when.c */
POLICY_CLAUSE (during)
POLICY_CLAUSE (on)
POLICY_CLAUSE (over)
/* policy-clause-bound.c */
POLICY_CLAUSE_VALUES (max)
POLICY_CLAUSE_VALUES (uses)
POLICY_CLAUSE_VALUES (rate)
POLICY_CLAUSE_VALUES (scopes)
POLICY_CLAUSE_VALUES (confirm)
char *policy_sandbox_add (PolicyRule *rule, const char *value);
char *policy_notify_add (PolicyRule *rule, const char *value);

/* "20/1h". Returns NULL, or what is wrong with it; g_free(). */
char *policy_rate_read (const char *value, PolicyRate *rate);
/* g_free(). */
char *policy_rate_text (const PolicyRate *rate);
/* Whether the count of @rule has come up to @rate; MAYBE when it is not known. */
PolicyMatch policy_rate_reached (const PolicyRule *rule, const PolicyRate *rate,
                                 const PolicyQuery *query);

/* Minutes from @weekday and @minute until a "during" or "on" of the rule begins or ends; -1:
 * never. */
gint64 policy_rule_next_change (const PolicyRule *rule, int weekday, int minute);
