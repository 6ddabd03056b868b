/* SPDX-License-Identifier: MIT
 *
 * What a decision costs under a policy of a thousand rules: about secrets, about commands, of a
 * thing with two names, and of three things at once.
 */
#include "policy/policy.h"
#include "tests/bench/bench.h"

#include <stdio.h>

#define RULES 1000
#define TIMES 200000
#define TURNS 7

#define CLAUDE "/usr/bin/claude"

static const char *const names[] = { "app500/KEY", "app500", NULL };
static const char *const things[] = { "app1/KEY", "app500/KEY", "app999/KEY", NULL };
static const char *const command[] = { "/opt/500/bin/x", "a500", "b", NULL };

static Policy *
parse (const char *format)
{
  g_autoptr (GString) text = g_string_new (NULL);
  for (int i = 0; i < RULES; i++)
    {
      g_auto (GStrv) parts = g_strsplit (format, "%", -1);
      for (char **part = parts; *part != NULL; part++)
        if (part == parts)
          g_string_append (text, *part);
        else
          g_string_append_printf (text, "%d%s", i, *part);
    }
  PolicySource source = { "bench", text->str, text->len };
  return policy_parse (&source, 1, NULL);
}

typedef void (*Decide) (const Policy *policy, const PolicyQuery *query, PolicyDecision *decision);

static void
decide_names (const Policy *policy, const PolicyQuery *query, PolicyDecision *decision)
{
  policy_decide_names (policy, query, names, decision);
}

static void
decide_each (const Policy *policy, const PolicyQuery *query, PolicyDecision *decision)
{
  policy_decide_each (policy, query, things, decision);
}

/* The best of several turns: what else the machine does only makes one slower. */
static void
measure (const char *name, const char *rules, Operation operation, Decide decide)
{
  g_autoptr (Policy) policy = parse (rules);
  PolicyQuery query = { operation, "app500/KEY", CLAUDE, 1000,
                        operation == OPERATION_RUN_COMMAND ? command : NULL };
  double best = 1e9;
  for (int turn = 0; turn < TURNS; turn++)
    {
      PolicyDecision decision;
      gint64 since = bench_now ();
      for (int i = 0; i < TIMES; i++)
        decide (policy, &query, &decision);
      best = MIN (best, (double) (bench_now () - since) / TIMES);
    }
  printf ("%s_ns %.0f\n", name, best);
}

int
main (void)
{
  static const char secrets[]
      = "ask get_secret of app%/** from { /opt/%/bin/x " CLAUDE " } max 5m\n";
  static const char commands[]
      = "ask run_command of app%/** command { /opt/%/bin/x a% ** } sandbox\n";

  measure ("decision", secrets, OPERATION_GET_SECRET, policy_decide);
  measure ("decision_command", commands, OPERATION_RUN_COMMAND, policy_decide);
  measure ("decision_names", secrets, OPERATION_GET_SECRET, decide_names);
  measure ("decision_each", secrets, OPERATION_GET_SECRET, decide_each);
  return 0;
}
