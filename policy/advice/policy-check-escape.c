/* SPDX-License-Identifier: MIT
 *
 * Denies that say who must not, which whoever it is gets out of by being another program.
 */
#include "policy/advice/policy-note.h"
#include "policy/policy-words.h"

/* What of @rule names a program by what a copy of it, or what it starts, has not. */
static const char *
identity (const PolicyRule *rule)
{
  return rule->from != NULL       ? "from"
         : rule->sha256s != NULL  ? "sha256"
         : rule->packages != NULL ? "package"
                                  : NULL;
}

/* Whether a deny holds whoever the program is, or for all that is below those of "from". */
static gboolean
held_otherwise (const PolicyChecking *check, const PolicyRule *rule)
{
  PolicyRule anyone = *rule;

  anyone.clauses &= ~(1u << policy_clause_find ("from") | 1u << policy_clause_find ("sha256")
                      | 1u << policy_clause_find ("package"));
  anyone.from = anyone.sha256s = anyone.packages = NULL;
  if (policy_denied_by (check->policy, &anyone, rule->operations) >= 0)
    return TRUE;
  if (rule->from == NULL)
    return FALSE;
  anyone.clauses |= 1u << policy_clause_find ("below");
  anyone.below = rule->from;
  return policy_denied_by (check->policy, &anyone, rule->operations) >= 0;
}

static gboolean
is_wild (const PolicyRule *rule)
{
  for (guint i = 0; rule->from != NULL && i < rule->from->len; i++)
    if (g_array_index (rule->from, PolicyPattern, i).literal
        < g_array_index (rule->from, PolicyPattern, i).len)
      return TRUE;
  return FALSE;
}

/* What only is not there for one program is there for its copy. */
void
policy_check_escape (PolicyChecking *check, int number)
{
  const PolicyRule *rule = policy_rule (check->policy, number);
  const char *clause = identity (rule);

  if (clause == NULL || is_wild (rule) || rule->below != NULL || held_otherwise (check, rule))
    return;
  PolicyNote *note = policy_note_add (
      check, POLICY_NOTE_WARNING, number,
      "a deny of one program is no fence: what it starts is another program, and so is a copy of "
      "it%s",
      rule->sha256s != NULL && rule->from == NULL ? " with one byte more" : "");
  policy_note_at (check, note, clause, NULL);
  policy_note_suggest (note, "deny it to all and name who may, or deny it also to what is below "
                             "that program: below PATH");
}
