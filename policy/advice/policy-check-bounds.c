/* SPDX-License-Identifier: MIT
 *
 * Asks whose bounds another ask makes pointless: who writes "max 2h" beside "max 1h" believes that
 * they made an exception.
 */
#include <string.h>

#include "policy/advice/policy-bound.h"
#include "policy/advice/policy-note.h"

/* Whether @other, which takes all that @rule is about, leaves no effect to a bound of @rule. */
typedef gboolean (*Outdone) (const PolicyRule *rule, const PolicyRule *other);

static gboolean
confirm_outdone (const PolicyRule *rule, const PolicyRule *other)
{
  return other->confirm >= rule->confirm;
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

static void
check_bound (PolicyChecking *check, int number, const char *clause, Outdone outdone)
{
  int other = outdone_by (check, number, outdone);

  if (other >= 0)
    note_outdone (check, number, other, clause);
}

/* A rate is left out: each rule counts for itself. */
void
policy_check_bounds (PolicyChecking *check, int number)
{
  const PolicyRule *rule = policy_rule (check->policy, number);

  if (rule->verdict != POLICY_ASK)
    return;
  for (gsize i = 0; i < POLICY_N_BOUNDS; i++)
    if (policy_bounds[i].there (rule) && strcmp (policy_bounds[i].clause, "rate") != 0)
      check_bound (check, number, policy_bounds[i].clause, policy_bounds[i].as_tight);
  if (rule->confirm != CONFIRM_UNSET)
    check_bound (check, number, "confirm", confirm_outdone);
}
