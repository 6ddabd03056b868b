/* SPDX-License-Identifier: MIT */
#include "tests/unit/policy-random.h"

#include <string.h>

#define MOST_RULES 90 /* more than the 64 that are looked at together */

#define SUM "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define OTHER "fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210"

const char *const random_resources[RANDOM_RESOURCES] = { NULL, "a", "b/c", "b/c/d", "\u00e9" };
const char *const random_programs[RANDOM_PROGRAMS] = { NULL, "/opt/x", "/opt/y/x", "/bin/sh" };
const char *const random_scopes[RANDOM_SCOPES] = { "read", "write", "repo/a", "repo/b" };
static const uid_t uids[] = { 0, 1000 };

static const char *const sh[] = { "/bin/sh", "-c", "x", NULL };
static const char *const x_alone[] = { "/opt/x", NULL };
static const char *const x_many[] = { "/opt/y/x", "a", "a b", "", "c/d", NULL };
const char *const *const random_commands[RANDOM_COMMANDS] = { NULL, sh, x_alone, x_many };

static const char *const below_none[] = { NULL };
static const char *const below_sh[] = { "/bin/sh", "/opt/y/x", NULL };
static const char *const below_x[] = { "/opt/x", NULL };
static const char *const *const chains[] = { NULL, below_none, below_sh, below_x };

static const char *const callers[] = { NULL, NULL, NULL, "work/ann", "other/ann" };
static const char *const methods[] = { NULL, "GET", "POST" };
static const char *const paths[] = { NULL, "/", "/repos/a", "/repos/a/b", "/user" };
static const char *const sums[] = { NULL, SUM, OTHER };
static const char *const packages[] = { NULL, "", "x", "y" };
static const char *const units[] = { NULL, "", "x.service", "y.scope" };
static const char *const directories[] = { NULL, "/", "/home/ann", "/home/ann/src", "/srv/x" };
static const int minutes[] = { 0, 539, 540, 720, 1079, 1080, 1439 };

/* --- Rules --- */

/* Few operations, so that rules meet; the last are those that have clauses of their own. */
static const char *const operations[]
    = { "get_secret", "reveal", "{ get_secret http_request }", "any" };
static const char *const starting[] = { "launch", "{ run_command launch }" };

static const char *const command_words[]
    = { "{ /bin/sh ** }",    "{ /opt/x }",       "{ /**/x ** }",
        "{ /opt/y/x a ** }", "{ /** ** c* ** }", "{ /** * * * ?/? }" };
static const char *const of_words[]
    = { "a", "b/**", "**/d", "*", "{ a b/c/d }", "?", "\"\u00e9\"" };
static const char *const method_words[] = { "GET", "{ GET POST }", "DELETE" };
static const char *const path_words[] = { "/", "/repos/**", "{ /user /repos/* }", "/**/b" };
static const char *const scope_words[] = { "read", "{ read write }", "repo/*", "*" };

static const struct
{
  const char *clause;
  const char *values[6];
} about_programs[] = {
  { "from", { "/opt/x", "/opt/**", "/**/x", "{ /bin/sh /opt/y/* }", "/bin/??" } },
  { "uid", { "0", "1000", "{ 0 1000 }" } },
  { "sha256", { SUM, "{ " SUM " " OTHER " }" } },
  { "package", { "x", "{ x y }", "z" } },
  { "unit", { "x.service", "*.scope", "{ x.service y.scope }" } },
  { "below", { "/bin/sh", "/opt/**", "{ /opt/x /opt/y/x }", "/usr/bin/none" } },
  { "in", { "/home/ann", "/home/*/src", "{ /srv /home/ann }", "/srv/**" } },
}, about_time[] = {
  { "during", { "09:00-18:00", "22:00-09:00", "{ 00:00-09:00 18:00-00:00 }" } },
  { "on", { "mon-fri", "sat-mon", "wed" } },
  { "over", { "1/1h", "4/1h", "4/1d" } },
};

static const char *
pick_value (const char *const *values, guint most)
{
  guint n = 0;
  while (n < most && values[n] != NULL)
    n++;
  return values[g_test_rand_int_range (0, (gint32) n)];
}

static void
add_clause (GString *out, const char *clause, const char *value)
{
  g_string_append_printf (out, " %s %s", clause, value);
}

static void
add_who (GString *out, PolicyVerdict verdict)
{
  if (ONE_IN (8))
    {
      add_clause (out, "caller", ONE_IN (2) ? "work/*" : "work/ann");
      return;
    }
  for (guint i = 0; i < G_N_ELEMENTS (about_programs); i++)
    {
      gboolean unsure = strcmp (about_programs[i].clause, "in") == 0;
      if (ONE_IN (i == 0 ? 2 : 9) && (verdict != POLICY_ALLOW || !unsure))
        add_clause (out, about_programs[i].clause,
                    pick_value (about_programs[i].values, G_N_ELEMENTS (about_programs[i].values)));
    }
}

static void
add_bounds (GString *out, PolicyVerdict verdict)
{
  if (verdict != POLICY_DENY && ONE_IN (2))
    g_string_append_printf (out, " max %ds", g_test_rand_int_range (1, 5));
  if (verdict != POLICY_DENY && ONE_IN (2))
    g_string_append_printf (out, " uses %d", g_test_rand_int_range (1, 5));
  if (verdict != POLICY_DENY && ONE_IN (9))
    add_clause (out, "rate", ONE_IN (2) ? "3/1h" : "6/1h");
  if (verdict == POLICY_ASK && ONE_IN (2))
    add_clause (out, "confirm", ONE_IN (3) ? "key" : ONE_IN (2) ? "pin" : "click");
  if (verdict != POLICY_ASK && ONE_IN (5))
    g_string_append (out, " notify");
}

static void
add_thing (GString *out, PolicyVerdict verdict)
{
  switch (g_test_rand_int_range (0, 6))
    {
    case 0:
    case 1:
      g_string_append (out, PICK (starting));
      if (!ONE_IN (4))
        add_clause (out, "command", PICK (command_words));
      if (verdict != POLICY_DENY && ONE_IN (3))
        g_string_append (out, " sandbox");
      break;
    case 2:
      g_string_append (out, "http_request");
      if (ONE_IN (2))
        add_clause (out, "method", PICK (method_words));
      if (ONE_IN (2))
        add_clause (out, "path", PICK (path_words));
      break;
    case 3:
      g_string_append (out, "github_token");
      if (verdict != POLICY_DENY && ONE_IN (2))
        add_clause (out, "scopes", PICK (scope_words));
      break;
    default:
      g_string_append (out, PICK (operations));
    }
}

char *
random_rule (PolicyVerdict verdict)
{
  GString *out = g_string_new (policy_verdict_name (verdict));
  g_string_append_c (out, ' ');
  add_thing (out, verdict);
  if (ONE_IN (2))
    add_clause (out, "of", PICK (of_words));
  add_who (out, verdict);
  for (guint i = 0; i < G_N_ELEMENTS (about_time); i++)
    if (ONE_IN (9))
      add_clause (out, about_time[i].clause,
                  pick_value (about_time[i].values, G_N_ELEMENTS (about_time[i].values)));
  add_bounds (out, verdict);
  return g_string_free (out, FALSE);
}

GPtrArray *
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

Policy *
random_parse (const GPtrArray *rules)
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

/* --- Requests --- */

/* Of each rule something else, and the same whenever it is asked. */
static gint64
count (gpointer user, const char *rule, gint64 period)
{
  return (g_str_hash (rule) + GPOINTER_TO_UINT (user)) % 8;
}

PolicyQuery
random_query (void)
{
  static const Operation asked[]
      = { OPERATION_GET_SECRET, OPERATION_GET_SECRET, OPERATION_REVEAL,      OPERATION_HTTP_REQUEST,
          OPERATION_LAUNCH,     OPERATION_LAUNCH,     OPERATION_GITHUB_TOKEN };
  Operation operation = PICK (asked);
  gboolean http = operation == OPERATION_HTTP_REQUEST;
  const char *caller = PICK (callers);
  return (PolicyQuery){
    .operation = operation,
    .resource = PICK (random_resources),
    .exe = caller == NULL ? PICK (random_programs) : NULL,
    .uid = PICK (uids),
    .command = operation == OPERATION_LAUNCH ? PICK (random_commands) : NULL,
    .caller = caller,
    .method = http ? PICK (methods) : NULL,
    .path = http ? PICK (paths) : NULL,
    .sha256 = PICK (sums),
    .package = PICK (packages),
    .unit = PICK (units),
    .unit_chosen = ONE_IN (2),
    .chain = PICK (chains),
    .chain_whole = ONE_IN (2),
    .cwd = PICK (directories),
    .weekday = g_test_rand_int_range (0, 8),
    .minute = PICK (minutes),
    .count = count,
    .count_user = GUINT_TO_POINTER (g_test_rand_int_range (0, 8)),
  };
}

void
random_forget (PolicyQuery *query, guint fact)
{
  const char **const texts[] = { &query->exe,    &query->sha256, &query->package, &query->unit,
                                 &query->method, &query->path,   &query->cwd };
  if (fact < G_N_ELEMENTS (texts))
    *texts[fact] = NULL;
  else if (fact == 7)
    query->command = NULL;
  else if (fact == 8)
    query->chain_whole = FALSE;
  else
    query->weekday = 0;
}

void
random_explain (const PolicyQuery *query, const GPtrArray *rules)
{
  for (guint i = 0; i < rules->len; i++)
    g_test_message ("%s", (const char *) g_ptr_array_index (rules, i));
  g_test_message ("asked: %s of %s from %s uid %u caller %s in %s day %d minute %d",
                  operation_name (query->operation), query->resource, query->exe, query->uid,
                  query->caller, query->cwd, query->weekday, query->minute);
}

gboolean
random_within (gint64 bound, gint64 other)
{
  return other == 0 || (bound != 0 && bound <= other);
}
