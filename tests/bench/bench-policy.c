/* SPDX-License-Identifier: MIT
 *
 * What a decision costs: under ten to ten thousand rules, under a thousand that differ in one
 * clause, of a thing with two names, and of three things at once.
 */
#include "policy/policy.h"
#include "tests/bench/bench.h"

#include <stdio.h>

#define RULES 1000
#define TIMES 200000
#define TURNS 7

#define CLAUDE "/usr/bin/claude"
#define SUM "00000000000000000000000000000000000000000000000000000000000"

static const char *const names[] = { "app500/KEY", "app500", NULL };
static const char *const things[] = { "app1/KEY", "app500/KEY", "app999/KEY", NULL };
static const char *const command[] = { "/opt/500/bin/x", "a500", "b", NULL };
static const char *const chain[] = { "/usr/bin/bash", "/opt/500/bin/agent", "/usr/bin/tmux", NULL };

/* One rule: %n is its number, %5 the same in five digits, %t five minutes of its own. */
static void
append_rule (GString *text, const char *format, int number)
{
  g_auto (GStrv) parts = g_strsplit (format, "%", -1);
  int minute = number % 1435, end = minute + 5;
  g_string_append (text, parts[0]);
  for (char **part = parts + 1; *part != NULL; part++)
    {
      if (**part == 't')
        g_string_append_printf (text, "%02d:%02d-%02d:%02d", minute / 60, minute % 60, end / 60,
                                end % 60);
      else
        g_string_append_printf (text, "%0*d", **part == '5' ? 5 : 1, number);
      g_string_append (text, *part + 1);
    }
}

#define PER_FILE 1000

static Policy *
parse (const char *format, int rules)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) texts = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GArray) sources = g_array_new (FALSE, FALSE, sizeof (PolicySource));
  for (int i = 0; i < rules; i += PER_FILE)
    {
      GString *text = g_string_new (NULL);
      for (int n = i; n < MIN (i + PER_FILE, rules); n++)
        append_rule (text, format, n);
      PolicySource source = { "bench", text->str, text->len };
      g_array_append_val (sources, source);
      g_ptr_array_add (texts, g_string_free (text, FALSE));
    }
  Policy *policy = policy_parse ((PolicySource *) sources->data, sources->len, &error);
  if (policy == NULL)
    g_error ("%s", error->message);
  return policy;
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

static gint64
count (gpointer user, const char *rule, gint64 period)
{
  return 0;
}

/* The best of several turns: what else the machine does only makes one slower. */
static void
measure (const char *name, const char *rules, int n, Operation operation, Decide decide)
{
  g_autoptr (Policy) policy = parse (rules, n);
  gboolean runs = operation == OPERATION_RUN_COMMAND, http = operation == OPERATION_HTTP_REQUEST;
  PolicyQuery query = { operation, "app500/KEY", CLAUDE, 1500, runs ? command : NULL };
  query.method = http ? "GET" : NULL;
  query.path = http ? "/repos/500/issues/7" : NULL;
  query.sha256 = "00500" SUM;
  query.package = "package500";
  query.unit = "agent500.service";
  query.chain = chain;
  query.chain_whole = TRUE;
  query.cwd = "/home/ann/src/500/lib";
  query.weekday = 3;
  query.minute = 500;
  query.count = count;
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

/* The sum is asked for, and not known: it may be any. */
static void
decide_unknown (const Policy *policy, const PolicyQuery *query, PolicyDecision *decision)
{
  PolicyQuery unknown = *query;
  unknown.sha256 = NULL;
  policy_decide (policy, &unknown, decision);
}

#define SECRETS "ask get_secret of app%n/** from { /opt/%n/bin/x " CLAUDE " } max 5m\n"

/* A thousand rules that only this clause tells apart. */
static const struct
{
  const char *name, *rules;
  Operation operation;
} clauses[] = {
  { "of", "ask get_secret of app%n/**\n", OPERATION_GET_SECRET },
  { "method", "ask http_request method { GET POST } path /repos/%n/**\n", OPERATION_HTTP_REQUEST },
  { "path", "ask http_request path /repos/%n/**\n", OPERATION_HTTP_REQUEST },
  { "from", "ask get_secret from /opt/%n/bin/*\n", OPERATION_GET_SECRET },
  { "sha256", "ask get_secret sha256 %5" SUM "\n", OPERATION_GET_SECRET },
  { "package", "ask get_secret package package%n\n", OPERATION_GET_SECRET },
  { "unit", "ask get_secret unit agent%n.service\n", OPERATION_GET_SECRET },
  { "below", "ask get_secret below /opt/%n/bin/agent\n", OPERATION_GET_SECRET },
  { "uid", "ask get_secret uid 1%n\n", OPERATION_GET_SECRET },
  { "caller", "ask get_secret caller work/ann%n\n", OPERATION_GET_SECRET },
  { "in", "ask get_secret in /home/ann/src/%n\n", OPERATION_GET_SECRET },
  { "during", "ask get_secret during %t\n", OPERATION_GET_SECRET },
  { "over", "ask get_secret of app%n/** over 20/1h rate 30/1h\n", OPERATION_GET_SECRET },
};

int
main (void)
{
  static const int sizes[] = { 10, 100, 1000, 10000 };
  static const char commands[]
      = "ask run_command of app%n/** command { /opt/%n/bin/x a%n ** } sandbox\n";

  for (gsize i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autofree char *name = g_strdup_printf ("decision_%d", sizes[i]);
      measure (name, SECRETS, sizes[i], OPERATION_GET_SECRET, policy_decide);
    }
  measure ("decision_command", commands, RULES, OPERATION_RUN_COMMAND, policy_decide);
  measure ("decision_names", SECRETS, RULES, OPERATION_GET_SECRET, decide_names);
  measure ("decision_each", SECRETS, RULES, OPERATION_GET_SECRET, decide_each);
  for (gsize i = 0; i < G_N_ELEMENTS (clauses); i++)
    {
      g_autofree char *name = g_strdup_printf ("decision_by_%s", clauses[i].name);
      measure (name, clauses[i].rules, RULES, clauses[i].operation, policy_decide);
    }
  measure ("decision_unknown", "ask get_secret sha256 %5" SUM "\n", RULES, OPERATION_GET_SECRET,
           decide_unknown);
  return 0;
}
