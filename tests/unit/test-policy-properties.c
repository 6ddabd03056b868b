/* SPDX-License-Identifier: MIT
 *
 * What holds for every policy, tried on random ones: --seed repeats a failure.
 */
#include "policy/policy.h"

#include <string.h>

#define ROUNDS 500
#define MOST_RULES 90 /* more than the 64 that are looked at together */

static const char *const resources[] = { NULL, "a", "b/c", "b/c/d", "\u00e9" };
static const char *const programs[] = { NULL, "/opt/x", "/opt/y/x", "/bin/sh" };
static const uid_t uids[] = { 0, 1000 };

static const char *const sh[] = { "/bin/sh", "-c", "x", NULL }, *const x_alone[]
                                                                = { "/opt/x", NULL };
static const char *const x_many[] = { "/opt/y/x", "a", "a b", "", "c/d", NULL };
static const char *const *const commands[] = { NULL, sh, x_alone, x_many };

static const char *const command_words[]
    = { "{ /bin/sh ** }",    "{ /opt/x }",       "{ /**/x ** }",
        "{ /opt/y/x a ** }", "{ /** ** c* ** }", "{ /** * * * ?/? }" };
static const char *const of_words[]
    = { "a", "b/**", "**/d", "*", "{ a b/c/d }", "?", "\"\u00e9\"" };
static const char *const from_words[]
    = { "/opt/x", "/opt/**", "/**/x", "{ /bin/sh /opt/y/* }", "/bin/??" };

#define PICK(words) ((words)[g_test_rand_int_range (0, G_N_ELEMENTS (words))])
#define ONE_IN(n) (g_test_rand_int_range (0, (n)) == 0)

static char *
random_rule (PolicyVerdict verdict)
{
  /* Few operations, so that rules meet. */
  static const char *const operations[]
      = { "get_secret", "reveal", "{ get_secret http_request }", "any" };
  static const char *const starting[] = { "launch", "{ run_command launch }" };
  gboolean starts = ONE_IN (3);
  GString *out = g_string_new (policy_verdict_name (verdict));
  g_string_append_printf (out, " %s", starts ? PICK (starting) : PICK (operations));
  if (starts && !ONE_IN (4))
    g_string_append_printf (out, " command %s", PICK (command_words));
  if (starts && verdict != POLICY_DENY && ONE_IN (3))
    g_string_append (out, " sandbox");
  if (ONE_IN (2))
    g_string_append_printf (out, " of %s", PICK (of_words));
  if (ONE_IN (2))
    g_string_append_printf (out, " from %s", PICK (from_words));
  if (ONE_IN (6))
    g_string_append_printf (out, " uid %d", ONE_IN (2) ? 0 : 1000);
  if (verdict != POLICY_DENY && ONE_IN (2))
    g_string_append_printf (out, " max %ds", g_test_rand_int_range (1, 5));
  if (verdict != POLICY_DENY && ONE_IN (2))
    g_string_append_printf (out, " uses %d", g_test_rand_int_range (1, 5));
  if (verdict == POLICY_ASK && ONE_IN (2))
    g_string_append (out, ONE_IN (3)   ? " confirm key"
                          : ONE_IN (2) ? " confirm pin"
                                       : " confirm click");
  return g_string_free (out, FALSE);
}

/* Denies are rare, or they would answer everything. */
static GPtrArray *
random_rules (void)
{
  GPtrArray *rules = g_ptr_array_new_with_free_func (g_free);
  gint n = ONE_IN (4) ? g_test_rand_int_range (0, MOST_RULES) : g_test_rand_int_range (0, 6);
  for (gint i = 0; i < n; i++)
    g_ptr_array_add (rules, random_rule (ONE_IN (6)   ? POLICY_DENY
                                         : ONE_IN (2) ? POLICY_ASK
                                                      : POLICY_ALLOW));
  return rules;
}

static Policy *
parse (const GPtrArray *rules)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GString) text = g_string_new (NULL);
  for (guint i = 0; i < rules->len; i++)
    g_string_append_printf (text, "%s\n", (const char *) g_ptr_array_index (rules, i));
  PolicySource source = { "p", text->str, text->len };
  Policy *policy = policy_parse (&source, 1, &error);
  g_assert_no_error (error);
  return policy;
}

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
  static const Operation operations[]
      = { OPERATION_GET_SECRET, OPERATION_REVEAL, OPERATION_HTTP_REQUEST, OPERATION_LAUNCH };
  for (gsize o = 0; o < G_N_ELEMENTS (operations); o++)
    for (gsize r = 0; r < G_N_ELEMENTS (resources); r++)
      for (gsize p = 0; p < G_N_ELEMENTS (programs); p++)
        for (gsize u = 0; u < G_N_ELEMENTS (uids); u++)
          for (gsize c = 0; c < (operations[o] == OPERATION_LAUNCH ? G_N_ELEMENTS (commands) : 1);
               c++)
            {
              PolicyQuery query
                  = { operations[o], resources[r], programs[p], uids[u], commands[c] };
              compare_query (before, after, &query, compare, rules);
            }
}

/* No bound is the widest. */
static gboolean
within (gint64 bound, gint64 other)
{
  return other == 0 || (bound != 0 && bound <= other);
}

static void
explain (const PolicyQuery *query, const GPtrArray *rules)
{
  for (guint i = 0; i < rules->len; i++)
    g_test_message ("%s", (const char *) g_ptr_array_index (rules, i));
  g_test_message ("asked: %s of %s from %s uid %u", operation_name (query->operation),
                  query->resource, query->exe, query->uid);
}

static void
assert_same (const PolicyQuery *query, const PolicyDecision *before, const PolicyDecision *after,
             const GPtrArray *rules)
{
  if (before->verdict == after->verdict && before->max_duration == after->max_duration
      && before->max_uses == after->max_uses && before->confirm == after->confirm
      && before->sandbox == after->sandbox)
    return;
  explain (query, rules);
  g_test_fail ();
}

static void
assert_no_wider (const PolicyQuery *query, const PolicyDecision *before,
                 const PolicyDecision *after, const GPtrArray *rules)
{
  if (after->verdict == POLICY_DENY
      || (after->verdict == before->verdict && within (after->max_duration, before->max_duration)
          && within (after->max_uses, before->max_uses) && after->confirm == before->confirm
          && after->sandbox == before->sandbox))
    return;
  explain (query, rules);
  g_test_fail ();
}

/* Bounds of an allow are no bounds of an ask, so only the verdict says which is narrower there. */
static void
assert_no_wider_by_ask (const PolicyQuery *query, const PolicyDecision *before,
                        const PolicyDecision *after, const GPtrArray *rules)
{
  if (after->verdict < before->verdict
      || (after->verdict == before->verdict && within (after->max_duration, before->max_duration)
          && within (after->max_uses, before->max_uses) && after->sandbox >= before->sandbox))
    return;
  explain (query, rules);
  g_test_fail ();
}

static void
test_deny_narrows (void)
{
  for (guint i = 0; i < ROUNDS; i++)
    {
      g_autoptr (GPtrArray) rules = random_rules ();
      g_autoptr (Policy) before = parse (rules);
      g_ptr_array_insert (rules, g_test_rand_int_range (-1, rules->len + 1),
                          random_rule (POLICY_DENY));
      g_autoptr (Policy) after = parse (rules);
      for_each_query (before, after, assert_no_wider, rules);
    }
}

static void
test_ask_narrows (void)
{
  for (guint i = 0; i < ROUNDS; i++)
    {
      g_autoptr (GPtrArray) rules = random_rules ();
      g_autoptr (Policy) before = parse (rules);
      g_ptr_array_insert (rules, -1, random_rule (POLICY_ASK));
      g_autoptr (Policy) after = parse (rules);
      for_each_query (before, after, assert_no_wider_by_ask, rules);
    }
}

static void
test_repetition (void)
{
  for (guint i = 0; i < ROUNDS; i++)
    {
      g_autoptr (GPtrArray) rules = random_rules ();
      g_autoptr (Policy) before = parse (rules);
      if (rules->len == 0)
        continue;
      const char *rule = g_ptr_array_index (rules, g_test_rand_int_range (0, rules->len));
      g_ptr_array_insert (rules, g_test_rand_int_range (0, rules->len + 1), g_strdup (rule));
      g_autoptr (Policy) after = parse (rules);
      for_each_query (before, after, assert_same, rules);
    }
}

static void
test_order (void)
{
  for (guint i = 0; i < ROUNDS; i++)
    {
      g_autoptr (GPtrArray) rules = random_rules ();
      g_autoptr (Policy) before = parse (rules);
      for (guint n = rules->len; n > 1; n--)
        {
          guint other = g_test_rand_int_range (0, n);
          gpointer last = rules->pdata[n - 1];
          rules->pdata[n - 1] = rules->pdata[other];
          rules->pdata[other] = last;
        }
      g_autoptr (Policy) after = parse (rules);
      for_each_query (before, after, assert_same, rules);
    }
}

static void
test_canonical (void)
{
  for (guint i = 0; i < ROUNDS; i++)
    {
      g_autoptr (GPtrArray) rules = random_rules ();
      g_autoptr (Policy) before = parse (rules);
      for (guint n = 0; n < rules->len; n++)
        {
          g_free (rules->pdata[n]);
          rules->pdata[n] = policy_rule_text (before, (int) n);
        }
      g_autoptr (Policy) after = parse (rules);
      for_each_query (before, after, assert_same, rules);
    }
}

static PolicyQuery
random_query (void)
{
  gboolean starts = ONE_IN (2);
  return (PolicyQuery){ starts ? OPERATION_LAUNCH : OPERATION_GET_SECRET, PICK (resources),
                        PICK (programs), PICK (uids), starts ? PICK (commands) : NULL };
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
      g_autoptr (Policy) policy = parse (&alone);
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
      g_autoptr (Policy) policy = parse (rules);
      PolicyQuery query = random_query ();
      PolicyDecision decision;
      policy_decide (policy, &query, &decision);
      g_assert_cmpint (decision.verdict, ==, verdict_one_by_one (rules, &query));
    }
}

/* Whatever program it is that could not be verified, it gets no more than each it could be. */
static void
test_unverified (void)
{
  for (guint i = 0; i < ROUNDS; i++)
    {
      g_autoptr (GPtrArray) rules = random_rules ();
      g_autoptr (Policy) policy = parse (rules);
      PolicyQuery query = random_query ();
      PolicyDecision unknown, known;
      query.exe = NULL;
      policy_decide (policy, &query, &unknown);
      for (gsize p = 1; p < G_N_ELEMENTS (programs); p++)
        {
          query.exe = programs[p];
          policy_decide (policy, &query, &known);
          g_assert_cmpint (unknown.verdict, <=, known.verdict);
          if (unknown.verdict != POLICY_ASK || known.verdict != POLICY_ASK)
            continue;
          g_assert_true (within (unknown.max_duration, known.max_duration));
          g_assert_true (within (unknown.max_uses, known.max_uses));
          g_assert_cmpint (unknown.sandbox, >=, known.sandbox);
        }
    }
}

/* Whatever it is that is to be started and is not known, it gets no more than each it could be. */
static void
test_unknown_command (void)
{
  for (guint i = 0; i < ROUNDS; i++)
    {
      g_autoptr (GPtrArray) rules = random_rules ();
      g_autoptr (Policy) policy = parse (rules);
      PolicyQuery query
          = { OPERATION_LAUNCH, PICK (resources), PICK (programs), PICK (uids), NULL };
      PolicyDecision unknown, known;
      policy_decide (policy, &query, &unknown);
      for (gsize c = 1; c < G_N_ELEMENTS (commands); c++)
        {
          query.command = commands[c];
          policy_decide (policy, &query, &known);
          g_assert_cmpint (unknown.verdict, <=, known.verdict);
          if (unknown.verdict != POLICY_ASK || known.verdict != POLICY_ASK)
            continue;
          g_assert_true (within (unknown.max_duration, known.max_duration));
          g_assert_true (within (unknown.max_uses, known.max_uses));
          g_assert_cmpint (unknown.sandbox, >=, known.sandbox);
        }
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
      g_autoptr (Policy) policy = parse (rules);
      PolicyQuery query = random_query ();
      const char *a = resources[g_test_rand_int_range (1, G_N_ELEMENTS (resources))];
      const char *b = resources[g_test_rand_int_range (1, G_N_ELEMENTS (resources))];
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
        g_autoptr (Policy) policy = parse (&alone);
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
      g_autoptr (Policy) policy = parse (rules);
      PolicyQuery query = random_query ();
      const char *names[] = { resources[g_test_rand_int_range (1, 3)], "b/c/d", NULL };
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
      g_autoptr (Policy) policy = parse (rules);
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
          g_assert_true (within (together.max_duration, alone.max_duration));
          g_assert_true (within (together.max_uses, alone.max_uses));
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
  g_test_add_func ("/policy/property/an unverified program gets no more than any", test_unverified);
  g_test_add_func ("/policy/property/a command that is not known gets no more than any",
                   test_unknown_command);
  g_test_add_func ("/policy/property/names and things are what they are in any order and number",
                   test_lists);
  g_test_add_func ("/policy/property/two names get what each rule says of either",
                   test_names_one_by_one);
  g_test_add_func ("/policy/property/things that are asked together get no more than each",
                   test_each_narrows);
  return g_test_run ();
}
