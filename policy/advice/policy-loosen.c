/* SPDX-License-Identifier: MIT
 *
 * What is looser in one policy than in another, of the requests that one rule is about.
 *
 * Who is asked or let in more openly than before owes it to a rule that is gone or to one that is
 * new; so each of those is looked at, and nothing else has to be.
 *
 * MUST
 *  - find it for each request of which it is so: "kept" is said only when that is sure
 */
#include <string.h>

#include "policy/advice/policy-bound.h"
#include "policy/advice/policy-differ.h"

void
policy_loosening_free (PolicyLoosening *loosening)
{
  g_free (loosening->tight_words);
  g_free (loosening->open_words);
  g_free (loosening);
}

/* --- Verdicts --- */

static gboolean
may_allow (const PolicyShift *shift, guint32 operations)
{
  for (guint i = 0; i < OPERATION_COUNT; i++)
    if ((operations & (1u << i)) != 0 && policy_may_allow (i, shift->user_mode))
      return TRUE;
  return FALSE;
}

/* What @rule comes to for what @region is about: an allow that does not count is an ask. */
static PolicyVerdict
verdict_on (const PolicyShift *shift, const PolicyRule *rule, const PolicyRule *region)
{
  return rule->verdict == POLICY_ALLOW && !may_allow (shift, rule->operations & region->operations)
             ? POLICY_ASK
             : rule->verdict;
}

static gboolean
covers (const PolicyRule *wide, const PolicyRule *region)
{
  return policy_rule_covers (wide, region, region->operations)
         && (wide->verdict != POLICY_ALLOW || wide->callers != NULL
             || policy_rule_is_about_programs (region));
}

/* Whether a rule that says @verdict takes all of @region, whatever else it says. */
static gboolean
all_is (const Policy *policy, PolicyVerdict verdict, const PolicyRule *region)
{
  for (guint i = 0; i < policy->rules->len; i++)
    if (policy_rule (policy, i)->verdict == verdict && covers (policy_rule (policy, i), region))
      return TRUE;
  return FALSE;
}

static gboolean
some_is (const Policy *policy, PolicyVerdict verdict, const PolicyRule *region)
{
  for (guint i = 0; i < policy->rules->len; i++)
    if (policy_rule (policy, i)->verdict == verdict
        && policy_rules_meet (policy_rule (policy, i), region))
      return TRUE;
  return FALSE;
}

/* Whether an allow that counts takes some of @region. */
static gboolean
may_pass (const PolicyShift *shift, const PolicyRule *region)
{
  for (guint i = 0; i < shift->to.policy->rules->len; i++)
    {
      const PolicyRule *rule = policy_rule (shift->to.policy, i);
      if (rule->verdict == POLICY_ALLOW && policy_rules_meet (rule, region)
          && may_allow (shift, rule->operations & region->operations))
        return TRUE;
    }
  return FALSE;
}

static PolicyLoosening *
add (GPtrArray *found, PolicyVerdict tight, PolicyVerdict open, const char *bound)
{
  PolicyLoosening *loosening = g_new0 (PolicyLoosening, 1);

  *loosening = (PolicyLoosening){ .tight = tight, .open = open, .bound = bound };
  g_ptr_array_add (found, loosening);
  return loosening;
}

/* --- Bounds --- */

/* Whether an ask takes all of @region, with the bound (NULL: with any). */
static gboolean
asked_with (const PolicySide *side, const PolicyRule *rule, const PolicyRule *region,
            const PolicyBound *bound)
{
  for (guint i = 0; i < side->policy->rules->len; i++)
    {
      const PolicyRule *ask = policy_rule (side->policy, i);
      if (ask->verdict == POLICY_ASK && covers (ask, region)
          && (bound == NULL || bound->as_tight (rule, ask)))
        return TRUE;
    }
  return FALSE;
}

static gboolean
bound_by (const PolicySide *side, PolicyVerdict verdict, const PolicyRule *rule,
          const PolicyRule *region, const PolicyBound *bound)
{
  for (guint i = 0; i < side->policy->rules->len; i++)
    {
      const PolicyRule *other = policy_rule (side->policy, i);
      if (other->verdict == verdict && covers (other, region) && bound->as_tight (rule, other))
        return TRUE;
    }
  return FALSE;
}

/* The bound of a rule that asks, or would if it were heard; where a new ask beats an allow that has
 * it, that is told of the new ask. */
static gboolean
ask_kept (const PolicyShift *shift, const PolicyRule *rule, const PolicyRule *region,
          const PolicyBound *bound)
{
  return asked_with (&shift->to, rule, region, bound)
         || (rule->verdict == POLICY_ALLOW
             && bound_by (&shift->to, POLICY_ALLOW, rule, region, bound));
}

/* Of an allow: what is asked now is tighter already; but for its scopes, as a scope that is left
 * out is refused. */
static gboolean
allow_kept (const PolicyShift *shift, const PolicyRule *rule, const PolicyRule *region,
            const PolicyBound *bound)
{
  return asked_with (&shift->to, rule, region, NULL)
         || bound_by (&shift->to, POLICY_ALLOW, rule, region, bound) || !may_pass (shift, region);
}

/* A rate holds whatever the verdict is. */
static gboolean
rate_kept (const PolicyShift *shift, const PolicyRule *rule, const PolicyRule *region,
           const PolicyBound *bound)
{
  return bound_by (&shift->to, POLICY_ASK, rule, region, bound)
         || bound_by (&shift->to, POLICY_ALLOW, rule, region, bound);
}

/* What bounds all of @region in "to": the tightest that is found; else that there is none. */
static char *
open_words (const PolicyShift *shift, const PolicyRule *region, PolicyVerdict verdict,
            const PolicyBound *bound)
{
  const PolicyRule *best = NULL;

  for (guint i = 0; i < shift->to.policy->rules->len; i++)
    {
      const PolicyRule *other = policy_rule (shift->to.policy, i);
      if (other->verdict == verdict && bound->there (other) && covers (other, region)
          && (best == NULL || bound->as_tight (best, other)))
        best = other;
    }
  return best != NULL ? policy_bound_words (best, bound->clause) : g_strdup (bound->open);
}

static void
find_bounds (const PolicyShift *shift, const PolicyRule *rule, const PolicyRule *region,
             GPtrArray *found)
{
  PolicyVerdict verdict = verdict_on (shift, rule, region);

  for (gsize i = 0; i < POLICY_N_BOUNDS; i++)
    {
      const PolicyBound *bound = &policy_bounds[i];
      if (!bound->there (rule)
          || (strcmp (bound->clause, "rate") == 0 ? rate_kept (shift, rule, region, bound)
              : verdict == POLICY_ALLOW && strcmp (bound->clause, "scopes") != 0
                  ? allow_kept (shift, rule, region, bound)
                  : ask_kept (shift, rule, region, bound)))
        continue;
      PolicyLoosening *one = add (found, verdict, verdict, bound->clause);
      one->tight_words = policy_bound_words (rule, bound->clause);
      one->open_words = open_words (shift, region, rule->verdict, bound);
    }
}

/* --- Confirm --- */

/* Whether an ask that wants at least @least takes all of @region. */
static gboolean
confirmed (const PolicySide *side, const PolicyRule *region, PolicyConfirm least)
{
  for (guint i = 0; i < side->policy->rules->len; i++)
    {
      const PolicyRule *ask = policy_rule (side->policy, i);
      if (ask->verdict == POLICY_ASK && ask->confirm >= least && covers (ask, region))
        return TRUE;
    }
  return FALSE;
}

static gboolean
clicked (const PolicySide *side, const PolicyRule *region, gboolean all)
{
  for (guint i = 0; i < side->policy->rules->len; i++)
    {
      const PolicyRule *ask = policy_rule (side->policy, i);
      if (ask->confirm == CONFIRM_CLICK
          && (all ? covers (ask, region) : policy_rules_meet (ask, region)))
        return TRUE;
    }
  return FALSE;
}

static void
add_confirm (const PolicyShift *shift, GPtrArray *found, const PolicyRule *region,
             PolicyConfirm tight)
{
  PolicyLoosening *one = add (found, POLICY_ASK, POLICY_ASK, "confirm");
  PolicyConfirm open = confirmed (&shift->to, region, CONFIRM_PIN) ? CONFIRM_PIN
                       : clicked (&shift->to, region, FALSE)       ? CONFIRM_CLICK
                                                                   : CONFIRM_PIN;

  one->tight_words = g_strdup_printf ("confirm %s", policy_confirm_name (tight));
  one->open_words = g_strdup_printf ("confirm %s", policy_confirm_name (open));
}

/* Where no rule says how, the PIN is asked: a rule for it may go where none is content with less.
 */
static void
find_confirm (const PolicyShift *shift, const PolicyRule *rule, const PolicyRule *region,
              GPtrArray *found)
{
  if (rule->confirm < CONFIRM_PIN || confirmed (&shift->to, region, rule->confirm)
      || (rule->confirm == CONFIRM_PIN && !clicked (&shift->to, region, FALSE)))
    return;
  add_confirm (shift, found, region, rule->confirm);
}

/* What @allow bounds, and nothing that is asked of all of @region does. */
static void
unbound (const PolicyShift *shift, const PolicyRule *allow, const PolicyRule *region,
         GPtrArray *found)
{
  PolicyVerdict verdict = verdict_on (shift, allow, region);

  for (gsize i = 0; i < POLICY_N_BOUNDS; i++)
    {
      const PolicyBound *bound = &policy_bounds[i];
      if ((verdict == POLICY_ALLOW && strcmp (bound->clause, "scopes") != 0)
          || !bound->there (allow) || asked_with (&shift->to, allow, region, bound)
          || asked_with (&shift->from, allow, region, NULL))
        continue;
      PolicyLoosening *one = add (found, POLICY_ASK, POLICY_ASK, bound->clause);
      one->tight_words = policy_bound_words (allow, bound->clause);
      one->open_words = g_strdup (bound->open);
    }
}

/* What the allows bound that are about some of @region. */
static void
unbound_all (const PolicyShift *shift, const PolicyRule *region, GPtrArray *found)
{
  for (guint i = 0; i < shift->from.policy->rules->len; i++)
    {
      const PolicyRule *allow = policy_rule (shift->from.policy, i);
      if (allow->verdict == POLICY_ALLOW && policy_rules_may_meet (allow, region))
        unbound (shift, allow, region, found);
    }
}

/* --- A rule that is gone --- */

/* The same, but for those that are new and allow nothing that was allowed before: what they let
 * pass is told of them. */
static int
find_old_allow (const PolicyShift *shift, const PolicyRule *region)
{
  for (guint i = 0; i < shift->to.policy->rules->len; i++)
    {
      const PolicyRule *rule = policy_rule (shift->to.policy, i);
      gboolean told = g_array_index (shift->to.alone, gboolean, i)
                      && !some_is (shift->from.policy, POLICY_ALLOW, rule);
      if (rule->verdict == POLICY_ALLOW && !told && policy_rules_meet (rule, region)
          && may_allow (shift, rule->operations & region->operations))
        return (int) i;
    }
  return -1;
}

static void
add_verdict (const PolicyShift *shift, const PolicyRule *region, PolicyVerdict tight,
             GPtrArray *found)
{
  gboolean asked = all_is (shift->to.policy, POLICY_ASK, region);
  int allow = asked ? -1 : find_old_allow (shift, region);

  if (allow < 0 && tight == POLICY_ASK)
    return;
  PolicyLoosening *one = add (found, tight, allow < 0 ? POLICY_ASK : POLICY_ALLOW, NULL);
  one->partly = some_is (shift->to.policy, POLICY_DENY, region)
                || (allow >= 0
                    && (!policy_rule_covers (policy_rule (shift->to.policy, allow), region,
                                             region->operations)
                        || some_is (shift->to.policy, POLICY_ASK, region)));
}

/* A deny that nothing else keeps up; or one that is kept up, but of which nobody is told. */
static void
without_deny (const PolicyShift *shift, const PolicyRule *rule, const PolicyRule *region,
              GPtrArray *found)
{
  const PolicyBound *told = &policy_bounds[POLICY_N_BOUNDS - 1];

  if (!all_is (shift->to.policy, POLICY_DENY, region))
    add_verdict (shift, region, POLICY_DENY, found);
  else if (rule->notify && !bound_by (&shift->to, POLICY_DENY, rule, region, told))
    {
      PolicyLoosening *one = add (found, POLICY_DENY, POLICY_DENY, told->clause);
      one->tight_words = policy_bound_words (rule, told->clause);
      one->open_words = g_strdup (told->open);
    }
}

GPtrArray *
policy_loosened_without (const PolicyShift *shift, const PolicyRule *rule, const PolicyRule *region)
{
  GPtrArray *found = g_ptr_array_new_with_free_func ((GDestroyNotify) policy_loosening_free);

  if (rule->verdict == POLICY_DENY)
    {
      without_deny (shift, rule, region, found);
      return found;
    }
  if (all_is (shift->to.policy, POLICY_DENY, region))
    return found;
  if (rule->verdict == POLICY_ASK)
    add_verdict (shift, region, POLICY_ASK, found);
  find_bounds (shift, rule, region, found);
  /* An allow that is sure brings the bounds of those that only may be meant. */
  if (rule->verdict == POLICY_ALLOW && !all_is (shift->to.policy, POLICY_ALLOW, region))
    unbound_all (shift, region, found);
  find_confirm (shift, rule, region, found);
  return found;
}

/* --- A rule that is new --- */

static void
by_allow (const PolicyShift *shift, const PolicyRule *region, GPtrArray *found)
{
  if (!may_allow (shift, region->operations) || all_is (shift->to.policy, POLICY_ASK, region)
      || all_is (shift->from.policy, POLICY_ALLOW, region))
    return;
  PolicyVerdict tight = all_is (shift->from.policy, POLICY_DENY, region) ? POLICY_DENY : POLICY_ASK;
  PolicyLoosening *one = add (found, tight, POLICY_ALLOW, NULL);
  one->partly = some_is (shift->to.policy, POLICY_DENY, region)
                || some_is (shift->to.policy, POLICY_ASK, region);
}

GPtrArray *
policy_loosened_by (const PolicyShift *shift, const PolicyRule *rule, const PolicyRule *region)
{
  GPtrArray *found = g_ptr_array_new_with_free_func ((GDestroyNotify) policy_loosening_free);

  if (rule->verdict == POLICY_DENY || all_is (shift->to.policy, POLICY_DENY, region))
    return found;
  if (rule->verdict == POLICY_ALLOW)
    by_allow (shift, region, found);
  else
    unbound_all (shift, region, found); /* the ask beats them */
  if (rule->confirm == CONFIRM_CLICK && !confirmed (&shift->to, region, CONFIRM_PIN)
      && !clicked (&shift->from, region, TRUE))
    add_confirm (shift, found, region, CONFIRM_PIN);
  return found;
}
