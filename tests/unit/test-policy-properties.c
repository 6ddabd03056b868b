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
  GString *out = g_string_new (policy_verdict_name (verdict));
  g_string_append_printf (out, " %s", PICK (operations));
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
    g_string_append (out, ONE_IN (3) ? " confirm key" : ONE_IN (2) ? " confirm pin" : " confirm click");
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
for_each_query (const Policy *before, const Policy *after, Compare compare, const GPtrArray *rules)
{
  static const Operation operations[]
      = { OPERATION_GET_SECRET, OPERATION_REVEAL, OPERATION_HTTP_REQUEST, OPERATION_LAUNCH };
  for (gsize o = 0; o < G_N_ELEMENTS (operations); o++)
    for (gsize r = 0; r < G_N_ELEMENTS (resources); r++)
      for (gsize p = 0; p < G_N_ELEMENTS (programs); p++)
        for (gsize u = 0; u < G_N_ELEMENTS (uids); u++)
          {
            PolicyQuery query = { operations[o], resources[r], programs[p], uids[u] };
            PolicyDecision first, second;
            policy_decide (before, &query, &first);
            policy_decide (after, &query, &second);
            compare (&query, &first, &second, rules);
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
      && before->max_uses == after->max_uses && before->confirm == after->confirm)
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
          && within (after->max_uses, before->max_uses) && after->confirm == before->confirm))
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
          && within (after->max_uses, before->max_uses)))
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
      PolicyQuery query = { OPERATION_GET_SECRET, PICK (resources), PICK (programs), PICK (uids) };
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
      PolicyQuery query = { OPERATION_GET_SECRET, PICK (resources), NULL, PICK (uids) };
      PolicyDecision unknown, known;
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
        }
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
  return g_test_run ();
}
