/* SPDX-License-Identifier: MIT
 *
 * A narrower request is never refused where the wider one is allowed, and a narrower policy allows
 * no more, under random policies: --seed repeats a failure.
 */
#include "tests/unit/policy-random.h"

#include <string.h>

#define ROUNDS 500
#define REQUESTS 100 /* of each policy */

typedef void (*Check) (const Policy *policy, const PolicyQuery *query, const GPtrArray *rules);

static void
for_each_policy (Check check)
{
  for (guint i = 0; i < ROUNDS; i++)
    {
      g_autoptr (GPtrArray) rules = random_rules ();
      g_autoptr (Policy) policy = random_parse (rules);
      for (guint n = 0; n < REQUESTS; n++)
        {
          PolicyQuery query = random_query ();
          check (policy, &query, rules);
        }
    }
}

/* @narrow gets at least what @wide gets; bounds of an allow are none of an ask. */
static void
assert_no_less (const PolicyDecision *wide, const PolicyDecision *narrow, const PolicyQuery *query,
                const GPtrArray *rules)
{
  if (narrow->verdict > wide->verdict || wide->verdict == POLICY_DENY
      || (narrow->verdict == wide->verdict
          && random_within (wide->max_duration, narrow->max_duration)
          && random_within (wide->max_uses, narrow->max_uses) && wide->sandbox >= narrow->sandbox))
    return;
  random_explain (query, rules);
  g_test_message ("%s %s, and of what is narrower %s %s", policy_verdict_name (wide->verdict),
                  wide->code, policy_verdict_name (narrow->verdict), narrow->code);
  g_test_fail ();
}

/* ---- What is known of who asks, and of what ---- */

static void
check_facts (const Policy *policy, const PolicyQuery *query, const GPtrArray *rules)
{
  for (guint fact = 0; fact < RANDOM_FACTS; fact++)
    {
      PolicyQuery unknown = *query;
      PolicyDecision wide, narrow;
      random_forget (&unknown, fact);
      policy_decide (policy, &unknown, &wide);
      policy_decide (policy, query, &narrow);
      assert_no_less (&wide, &narrow, query, rules);
    }
}

static void
test_facts (void)
{
  for_each_policy (check_facts);
}

/* Nobody gets more for running in a unit of its own choice. */
static void
check_unit (const Policy *policy, const PolicyQuery *query, const GPtrArray *rules)
{
  PolicyQuery chosen = *query, given = *query;
  PolicyDecision wide, narrow;
  chosen.unit_chosen = TRUE;
  given.unit_chosen = FALSE;
  policy_decide (policy, &chosen, &wide);
  policy_decide (policy, &given, &narrow);
  assert_no_less (&wide, &narrow, query, rules);
}

static void
test_unit (void)
{
  for_each_policy (check_unit);
}

/* ---- Fewer things ---- */

static void
check_things (const Policy *policy, const PolicyQuery *query, const GPtrArray *rules)
{
  const char *all[] = { "a", "b/c", "b/c/d", NULL }, *few[] = { "b/c/d", "a", NULL };
  PolicyDecision wide, narrow;
  policy_decide_each (policy, query, all, &wide);
  policy_decide_each (policy, query, few, &narrow);
  assert_no_less (&wide, &narrow, query, rules);
}

static void
test_things (void)
{
  for_each_policy (check_things);
}

/* ---- Fewer scopes ---- */

/* Those of @scopes, by bits of @chosen, that the policy leaves. */
static guint
passing (const Policy *policy, const PolicyQuery *query, guint chosen)
{
  guint left = 0;
  for (guint i = 0; i < RANDOM_SCOPES; i++)
    if ((chosen & (1u << i)) != 0 && policy_scope_passes (policy, query, random_scopes[i]))
      left |= 1u << i;
  return left;
}

static void
decide_scopes (const Policy *policy, const PolicyQuery *query, guint chosen,
               PolicyDecision *decision)
{
  const char *scopes[RANDOM_SCOPES + 1];
  guint n = 0;
  for (guint i = 0; i < RANDOM_SCOPES; i++)
    if ((chosen & (1u << i)) != 0)
      scopes[n++] = random_scopes[i];
  scopes[n] = NULL;
  policy_decide_scopes (policy, query, scopes, decision);
}

static void
check_scopes (const Policy *policy, const PolicyQuery *any, const GPtrArray *rules)
{
  PolicyQuery query = *any;
  PolicyDecision wide, narrow;
  guint all = (guint) g_test_rand_int_range (1, 1 << RANDOM_SCOPES);
  guint few = all & (guint) g_test_rand_int_range (1, 1 << RANDOM_SCOPES);
  query.operation = OPERATION_GITHUB_TOKEN;
  guint left = passing (policy, &query, all);

  decide_scopes (policy, &query, all, &wide);
  decide_scopes (policy, &query, few, &narrow);
  g_assert_cmpuint (passing (policy, &query, few), ==, left & few);
  g_assert_true (left != 0 || g_strcmp0 (wide.code, "scopes") == 0);
  if ((left & few) != 0) /* else the narrower asks for nothing that the wider gets */
    assert_no_less (&wide, &narrow, &query, rules);
}

static void
test_scopes (void)
{
  for_each_policy (check_scopes);
}

/* ---- One more deny ---- */

static void
check_deny (const Policy *before, const Policy *after, const GPtrArray *rules)
{
  const char *things[] = { "a", "b/c/d", NULL };
  PolicyQuery query = random_query ();
  PolicyDecision first, second;
  policy_decide_each (before, &query, things, &first);
  policy_decide_each (after, &query, things, &second);
  assert_no_less (&second, &first, &query, rules);
  policy_decide_names (before, &query, things, &first);
  policy_decide_names (after, &query, things, &second);
  assert_no_less (&second, &first, &query, rules);
  query.operation = OPERATION_GITHUB_TOKEN;
  guint all = (guint) g_test_rand_int_range (1, 1 << RANDOM_SCOPES);
  decide_scopes (before, &query, all, &first);
  decide_scopes (after, &query, all, &second);
  assert_no_less (&second, &first, &query, rules);
}

static void
test_deny (void)
{
  for (guint i = 0; i < ROUNDS; i++)
    {
      g_autoptr (GPtrArray) rules = random_rules ();
      g_autoptr (Policy) before = random_parse (rules);
      g_ptr_array_add (rules, random_rule (POLICY_DENY));
      g_autoptr (Policy) after = random_parse (rules);
      for (guint n = 0; n < REQUESTS; n++)
        check_deny (before, after, rules);
    }
}

/* ---- Fewer requests before it ---- */

static gint64
count_none (gpointer user, const char *rule, gint64 period)
{
  return 0;
}

/* A deny may be meant for few requests ("over" is one or more), but none matches less often. */
static void
check_counts (const Policy *policy, const PolicyQuery *query, const GPtrArray *rules)
{
  PolicyQuery first = *query;
  PolicyDecision many, none;
  first.count = count_none;
  policy_decide (policy, query, &many);
  policy_decide (policy, &first, &none);
  if (many.verdict == POLICY_ALLOW && none.verdict == POLICY_DENY)
    {
      random_explain (query, rules);
      g_test_fail ();
    }
}

static void
test_counts (void)
{
  for_each_policy (check_counts);
}

/* ---- Files ---- */

static Policy *
parse_files (const GPtrArray *rules, guint first, guint n_files)
{
  g_autoptr (GPtrArray) texts = g_ptr_array_new_with_free_func (g_free);
  g_autofree PolicySource *sources = g_new0 (PolicySource, n_files);
  for (guint f = 0; f < n_files; f++)
    {
      GString *text = g_string_new (NULL);
      for (guint i = (f + first) % n_files; i < rules->len; i += n_files)
        g_string_append_printf (text, "%s\n", (const char *) g_ptr_array_index (rules, i));
      sources[f] = (PolicySource){ "p", text->str, text->len };
      g_ptr_array_add (texts, g_string_free (text, FALSE));
    }
  return policy_parse (sources, n_files, NULL);
}

static void
test_files (void)
{
  for (guint i = 0; i < ROUNDS; i++)
    {
      g_autoptr (GPtrArray) rules = random_rules ();
      g_autoptr (Policy) one = random_parse (rules);
      g_autoptr (Policy) three = parse_files (rules, 0, 3);
      g_autoptr (Policy) turned = parse_files (rules, 1, 3);
      for (guint n = 0; n < REQUESTS; n++)
        {
          PolicyQuery query = random_query ();
          PolicyDecision a, b, c;
          policy_decide (one, &query, &a);
          policy_decide (three, &query, &b);
          policy_decide (turned, &query, &c);
          a.rule = b.rule = c.rule = 0; /* the first of a file is not the first of another */
          g_assert_cmpmem (&a, sizeof a, &b, sizeof b);
          g_assert_cmpmem (&b, sizeof b, &c, sizeof c);
        }
    }
}

/* ---- Words ---- */

static void
test_words (void)
{
  for (guint i = 0; i < ROUNDS * 10; i++)
    {
      g_autofree char *rule = random_rule ((PolicyVerdict) g_test_rand_int_range (0, 3));
      GPtrArray alone = { (gpointer *) &rule, 1 };
      g_autoptr (Policy) policy = random_parse (&alone);
      g_autofree char *text = policy_rule_text (policy, 0);
      GPtrArray again = { (gpointer *) &text, 1 };
      g_autoptr (Policy) same = random_parse (&again);
      g_autofree char *text_again = policy_rule_text (same, 0);
      g_assert_cmpstr (text, ==, text_again);
      g_assert_cmpuint (policy_needs (policy), ==, policy_needs (same));
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/policy/narrow/what is known of a request is never held against it",
                   test_facts);
  g_test_add_func ("/policy/narrow/a unit of its own choice gets nobody more", test_unit);
  g_test_add_func ("/policy/narrow/fewer things get no less", test_things);
  g_test_add_func ("/policy/narrow/fewer scopes get what they got among more", test_scopes);
  g_test_add_func ("/policy/narrow/one more deny gets no thing, name or scope more", test_deny);
  g_test_add_func ("/policy/narrow/the first request is denied only where all are", test_counts);
  g_test_add_func ("/policy/narrow/files decide the same in any order and number", test_files);
  g_test_add_func ("/policy/narrow/canonical words are their own canonical words", test_words);
  return g_test_run ();
}
