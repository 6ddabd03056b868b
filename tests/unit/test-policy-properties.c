/* SPDX-License-Identifier: MIT
 *
 * What holds for every policy, however it is written down, tried on random ones: --seed repeats a
 * failure.
 */
#include "tests/unit/policy-random.h"

#include <string.h>

#define ROUNDS 500
#define REQUESTS 200 /* of each policy */

typedef void (*Compare) (const PolicyQuery *query, const PolicyDecision *before,
                         const PolicyDecision *after, const GPtrArray *rules);

static void
compare_query (const Policy *before, const Policy *after, const PolicyQuery *query, Compare compare,
               const GPtrArray *rules)
{
  PolicyDecision first, second;
  policy_decide (before, query, &first);
  policy_decide (after, query, &second);
  compare (query, &first, &second, rules);
}

static void
for_each_query (const Policy *before, const Policy *after, Compare compare, const GPtrArray *rules)
{
  for (guint i = 0; i < REQUESTS; i++)
    {
      PolicyQuery query = random_query ();
      compare_query (before, after, &query, compare, rules);
    }
}

static void
assert_same (const PolicyQuery *query, const PolicyDecision *before, const PolicyDecision *after,
             const GPtrArray *rules)
{
  if (before->verdict == after->verdict && before->max_duration == after->max_duration
      && before->max_uses == after->max_uses && before->confirm == after->confirm
      && before->sandbox == after->sandbox && before->notify == after->notify
      && before->cut == after->cut && g_strcmp0 (before->code, after->code) == 0)
    return;
  random_explain (query, rules);
  g_test_fail ();
}

static void
assert_no_wider (const PolicyQuery *query, const PolicyDecision *before,
                 const PolicyDecision *after, const GPtrArray *rules)
{
  if (after->verdict == POLICY_DENY
      || (after->verdict == before->verdict
          && random_within (after->max_duration, before->max_duration)
          && random_within (after->max_uses, before->max_uses) && after->confirm == before->confirm
          && after->sandbox == before->sandbox))
    return;
  random_explain (query, rules);
  g_test_fail ();
}

/* Bounds of an allow are no bounds of an ask, so only the verdict says which is narrower there. */
static void
assert_no_wider_by_ask (const PolicyQuery *query, const PolicyDecision *before,
                        const PolicyDecision *after, const GPtrArray *rules)
{
  if (after->verdict < before->verdict
      || (after->verdict == before->verdict
          && random_within (after->max_duration, before->max_duration)
          && random_within (after->max_uses, before->max_uses)
          && after->sandbox >= before->sandbox))
    return;
  random_explain (query, rules);
  g_test_fail ();
}

static void
test_deny_narrows (void)
{
  for (guint i = 0; i < ROUNDS; i++)
    {
      g_autoptr (GPtrArray) rules = random_rules ();
      g_autoptr (Policy) before = random_parse (rules);
      g_ptr_array_insert (rules, g_test_rand_int_range (-1, rules->len + 1),
                          random_rule (POLICY_DENY));
      g_autoptr (Policy) after = random_parse (rules);
      for_each_query (before, after, assert_no_wider, rules);
    }
}

static void
test_ask_narrows (void)
{
  for (guint i = 0; i < ROUNDS; i++)
    {
      g_autoptr (GPtrArray) rules = random_rules ();
      g_autoptr (Policy) before = random_parse (rules);
      g_ptr_array_insert (rules, -1, random_rule (POLICY_ASK));
      g_autoptr (Policy) after = random_parse (rules);
      for_each_query (before, after, assert_no_wider_by_ask, rules);
    }
}

static void
test_repetition (void)
{
  for (guint i = 0; i < ROUNDS; i++)
    {
      g_autoptr (GPtrArray) rules = random_rules ();
      g_autoptr (Policy) before = random_parse (rules);
      if (rules->len == 0)
        continue;
      const char *rule = g_ptr_array_index (rules, g_test_rand_int_range (0, rules->len));
      g_ptr_array_insert (rules, g_test_rand_int_range (0, rules->len + 1), g_strdup (rule));
      g_autoptr (Policy) after = random_parse (rules);
      for_each_query (before, after, assert_same, rules);
    }
}

static void
test_order (void)
{
  for (guint i = 0; i < ROUNDS; i++)
    {
      g_autoptr (GPtrArray) rules = random_rules ();
      g_autoptr (Policy) before = random_parse (rules);
      for (guint n = rules->len; n > 1; n--)
        {
          guint other = g_test_rand_int_range (0, n);
          gpointer last = rules->pdata[n - 1];
          rules->pdata[n - 1] = rules->pdata[other];
          rules->pdata[other] = last;
        }
      g_autoptr (Policy) after = random_parse (rules);
      for_each_query (before, after, assert_same, rules);
    }
}

static void
test_canonical (void)
{
  for (guint i = 0; i < ROUNDS; i++)
    {
      g_autoptr (GPtrArray) rules = random_rules ();
      g_autoptr (Policy) before = random_parse (rules);
      for (guint n = 0; n < rules->len; n++)
        {
          g_free (rules->pdata[n]);
          rules->pdata[n] = policy_rule_text (before, (int) n);
        }
      g_autoptr (Policy) after = random_parse (rules);
      for_each_query (before, after, assert_same, rules);
    }
}

/* A policy of one rule is the rule alone, so that all the index does is left out of it: many rules
 * must say what their verdicts, taken one by one, say together. */
static PolicyVerdict
verdict_one_by_one (const GPtrArray *rules, const PolicyQuery *query)
{
  PolicyVerdict least = POLICY_ALLOW;
  gboolean matched = FALSE;
  for (guint i = 0; i < rules->len; i++)
    {
      GPtrArray alone = { &rules->pdata[i], 1 };
      g_autoptr (Policy) policy = random_parse (&alone);
      PolicyDecision decision;
      policy_decide (policy, query, &decision);
      if (decision.rule < 0)
        continue;
      matched = TRUE;
      least = MIN (least, decision.verdict);
    }
  return matched ? least : POLICY_ASK;
}

static void
test_one_by_one (void)
{
  for (guint i = 0; i < ROUNDS; i++)
    {
      g_autoptr (GPtrArray) rules = random_rules ();
      g_autoptr (Policy) policy = random_parse (rules);
      PolicyQuery query = random_query ();
      PolicyDecision decision;
      policy_decide (policy, &query, &decision);
      g_assert_cmpint (decision.verdict, ==, verdict_one_by_one (rules, &query));
    }
}

static void
assert_equal (const PolicyDecision *a, const PolicyDecision *b)
{
  g_assert_cmpint (a->verdict, ==, b->verdict);
  g_assert_cmpint (a->max_duration, ==, b->max_duration);
  g_assert_cmpint (a->max_uses, ==, b->max_uses);
  g_assert_cmpint (a->confirm, ==, b->confirm);
  g_assert_cmpint (a->sandbox, ==, b->sandbox);
  g_assert_cmpint (a->rule, ==, b->rule);
}

typedef void (*Decide) (const Policy *policy, const PolicyQuery *query, const char *const *names,
                        PolicyDecision *decision);

/* Alone, in another order, and said twice. */
static void
check_list (Decide decide, const Policy *policy, const PolicyQuery *query, const char *a,
            const char *b)
{
  const char *alone[] = { a, NULL }, *both[] = { a, b, NULL };
  const char *swapped[] = { b, a, NULL }, *twice[] = { a, b, a, a, NULL };
  PolicyQuery one = *query;
  PolicyDecision first, second;

  one.resource = a;
  policy_decide (policy, &one, &first);
  decide (policy, query, alone, &second);
  assert_equal (&first, &second);
  decide (policy, query, both, &first);
  decide (policy, query, swapped, &second);
  if (first.verdict == POLICY_DENY) /* which deny is named is the first that was found */
    second.rule = first.rule;
  assert_equal (&first, &second);
  decide (policy, query, twice, &second);
  assert_equal (&first, &second);
}

static void
test_lists (void)
{
  for (guint i = 0; i < ROUNDS; i++)
    {
      g_autoptr (GPtrArray) rules = random_rules ();
      g_autoptr (Policy) policy = random_parse (rules);
      PolicyQuery query = random_query ();
      const char *a = random_resources[g_test_rand_int_range (1, RANDOM_RESOURCES)];
      const char *b = random_resources[g_test_rand_int_range (1, RANDOM_RESOURCES)];
      check_list (policy_decide_names, policy, &query, a, b);
      check_list (policy_decide_each, policy, &query, a, b);
    }
}

/* Of a thing with two names, what each rule alone says of either. */
static PolicyVerdict
verdict_of_names (const GPtrArray *rules, const PolicyQuery *query, const char *const *names)
{
  PolicyVerdict least = POLICY_ALLOW;
  gboolean matched = FALSE;
  for (guint i = 0; i < rules->len; i++)
    for (gsize n = 0; names[n] != NULL; n++)
      {
        GPtrArray alone = { &rules->pdata[i], 1 };
        g_autoptr (Policy) policy = random_parse (&alone);
        PolicyQuery one = *query;
        PolicyDecision decision;
        one.resource = names[n];
        policy_decide (policy, &one, &decision);
        matched |= decision.rule >= 0;
        if (decision.rule >= 0)
          least = MIN (least, decision.verdict);
      }
  return matched ? least : POLICY_ASK;
}

static void
test_names_one_by_one (void)
{
  for (guint i = 0; i < ROUNDS; i++)
    {
      g_autoptr (GPtrArray) rules = random_rules ();
      g_autoptr (Policy) policy = random_parse (rules);
      PolicyQuery query = random_query ();
      const char *names[] = { random_resources[g_test_rand_int_range (1, 3)], "b/c/d", NULL };
      PolicyDecision decision;
      policy_decide_names (policy, &query, names, &decision);
      g_assert_cmpint (decision.verdict, ==, verdict_of_names (rules, &query, names));
    }
}

/* What is asked together gets no more than each alone. */
static void
test_each_narrows (void)
{
  for (guint i = 0; i < ROUNDS; i++)
    {
      g_autoptr (GPtrArray) rules = random_rules ();
      g_autoptr (Policy) policy = random_parse (rules);
      PolicyQuery query = random_query ();
      const char *all[] = { "a", "b/c", "b/c/d", NULL };
      PolicyDecision together, alone;
      PolicyVerdict worst = POLICY_ALLOW;
      policy_decide_each (policy, &query, all, &together);
      for (gsize n = 0; all[n] != NULL; n++)
        {
          query.resource = all[n];
          policy_decide (policy, &query, &alone);
          worst = MIN (worst, alone.verdict);
          if (together.verdict == POLICY_DENY)
            continue;
          g_assert_true (random_within (together.max_duration, alone.max_duration));
          g_assert_true (random_within (together.max_uses, alone.max_uses));
          g_assert_cmpint (together.sandbox, >=, alone.sandbox);
          if (alone.verdict == POLICY_ASK)
            g_assert_cmpint (together.confirm, >=, alone.confirm);
        }
      g_assert_cmpint (together.verdict, ==, worst);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/policy/property/one more deny widens nothing", test_deny_narrows);
  g_test_add_func ("/policy/property/one more ask widens neither verdict nor bound",
                   test_ask_narrows);
  g_test_add_func ("/policy/property/a rule said twice changes nothing", test_repetition);
  g_test_add_func ("/policy/property/the order of rules changes nothing", test_order);
  g_test_add_func ("/policy/property/canonical words decide the same", test_canonical);
  g_test_add_func ("/policy/property/many rules say what each says alone", test_one_by_one);
  g_test_add_func ("/policy/property/names and things are what they are in any order and number",
                   test_lists);
  g_test_add_func ("/policy/property/two names get what each rule says of either",
                   test_names_one_by_one);
  g_test_add_func ("/policy/property/things that are asked together get no more than each",
                   test_each_narrows);
  return g_test_run ();
}
