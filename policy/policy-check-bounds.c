/* SPDX-License-Identifier: MIT
 *
 * Asks whose bounds another ask makes pointless: who writes "max 2h" beside "max 1h" believes that
 * they made an exception.
 */
#include "policy/policy-note.h"

/* Whether @other, which takes all that @rule is about, leaves no effect to a bound of @rule. */
typedef gboolean (*Outdone) (const PolicyRule *rule, const PolicyRule *other);

static gboolean
max_outdone (const PolicyRule *rule, const PolicyRule *other)
{
  return other->max != 0 && other->max <= rule->max;
}

static gboolean
uses_outdone (const PolicyRule *rule, const PolicyRule *other)
{
  return other->uses != 0 && other->uses <= rule->uses;
}

static gboolean
confirm_outdone (const PolicyRule *rule, const PolicyRule *other)
{
  return other->confirm >= rule->confirm;
}

static gboolean
sandbox_outdone (const PolicyRule *rule, const PolicyRule *other)
{
  return other->sandbox;
}

static const struct
{
  const char *clause;
  Outdone outdone;
} bounds[] = {
  { "max", max_outdone },
  { "uses", uses_outdone },
  { "confirm", confirm_outdone },
  { "sandbox", sandbox_outdone },
};

static gboolean
has_clause (const PolicyRule *rule, const char *word)
{
  return (rule->clauses & (1u << policy_clause_find (word))) != 0;
}

/* Of two that say the same only the later one is told so. */
static gboolean
is_earlier_twin (const PolicyChecking *check, int number, int other, Outdone outdone)
{
  const PolicyRule *rule = policy_rule (check->policy, number);
  const PolicyRule *second = policy_rule (check->policy, other);

  return number < other && outdone (second, rule)
         && policy_rule_covers (rule, second, second->operations);
}

/* The first ask that takes all that the ask @number is about, and outdoes its bound @bound. */
static int
outdone_by (const PolicyChecking *check, int number, Outdone outdone)
{
  const PolicyRule *rule = policy_rule (check->policy, number);

  for (int i = 0; i < (int) check->policy->rules->len; i++)
    {
      const PolicyRule *other = policy_rule (check->policy, i);
      if (i != number && other->verdict == POLICY_ASK && outdone (rule, other)
          && policy_rule_covers (other, rule, rule->operations)
          && !is_earlier_twin (check, number, i, outdone))
        return i;
    }
  return -1;
}

static void
note_outdone (PolicyChecking *check, int number, int other, const char *clause)
{
  g_autofree char *place = policy_rule_place (check->policy, other);
  PolicyNote *note = policy_note_add (check, POLICY_NOTE_WARNING, number,
                                      "this %s has no effect: %s is about all of this too, and of "
                                      "two asks the tighter bound holds",
                                      clause, place);

  policy_note_at (check, note, clause, NULL);
  policy_note_suggest (note, "a rule makes no exception from another: narrow that one");
}

void
policy_check_bounds (PolicyChecking *check, int number)
{
  const PolicyRule *rule = policy_rule (check->policy, number);

  if (rule->verdict != POLICY_ASK)
    return;
  for (gsize i = 0; i < G_N_ELEMENTS (bounds); i++)
    {
      int other = has_clause (rule, bounds[i].clause)
                      ? outdone_by (check, number, bounds[i].outdone)
                      : -1;
      if (other >= 0)
        note_outdone (check, number, other, bounds[i].clause);
    }
}
