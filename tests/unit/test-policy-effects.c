/* SPDX-License-Identifier: MIT
 *
 * What a rule does beside its verdict: counts, scopes that are cut, people who are told.
 */
#include "policy/policy.h"
#include "tests/unit/table.h"

#include <string.h>

#define CLAUDE "/usr/bin/claude"

static Policy *
parse (const char *text)
{
  g_autoptr (GError) error = NULL;
  PolicySource source = { "p", text, strlen (text) };
  Policy *policy = policy_parse (&source, 1, &error);
  g_assert_no_error (error);
  return policy;
}

static char *
show (const PolicyDecision *decision)
{
  return g_strdup_printf (
      "%s%s%s%s%s rule=%d", policy_verdict_name (decision->verdict),
      decision->code != NULL ? " " : "", decision->code != NULL ? decision->code : "",
      decision->notify ? " notify" : "", decision->cut ? " cut" : "", decision->rule);
}

/* ---- Counts ---- */

typedef struct
{
  const char *rule; /* NULL: every rule has this count */
  gint64 period, n;
} Counted;

static gint64
count (gpointer user, const char *rule, gint64 period)
{
  const Counted *counted = user;
  g_assert_cmpint (period, ==, counted->period);
  return counted->rule == NULL || g_str_equal (counted->rule, rule) ? counted->n : 0;
}

typedef struct
{
  const char *sentence, *policy;
  Counted counted; /* period 0: not known */
  const char *exe;
  const char *decision;
} CountCase;

static const CountCase count_cases[] = {
  { "up to the number is not over it",
    "deny get_secret over 3/1h",
    { NULL, 3600, 2 },
    CLAUDE,
    "ask rule=-1" },
  { "one more is", "deny get_secret over 3/1h", { NULL, 3600, 3 }, CLAUDE, "deny rule=0" },
  { "a count that is not known may be over",
    "deny get_secret over 3/1h",
    { 0 },
    CLAUDE,
    "deny rule=0" },
  { "an allow over a count that is not known does not match",
    "allow http_request over 3/1h",
    { 0 },
    CLAUDE,
    "ask rule=-1" },
  { "the count is that of the rule's own words",
    "deny get_secret of a over 3/1h\ndeny get_secret over 3/1h",
    { "deny get_secret of a over 3/1h", 3600, 3 },
    CLAUDE,
    "deny rule=0" },
  { "what the other clauses do not match is not counted",
    "deny get_secret of b over 3/1h",
    { NULL, 0, 9 },
    CLAUDE,
    "ask rule=-1" },
  { "an ask's rate is not reached",
    "ask get_secret rate 3/1h",
    { NULL, 3600, 2 },
    CLAUDE,
    "ask rule=0" },
  { "an ask's rate is reached",
    "ask get_secret rate 3/1h",
    { NULL, 3600, 3 },
    CLAUDE,
    "deny rate rule=0" },
  { "an allow's rate is reached",
    "allow get_secret rate 3/90s",
    { NULL, 90, 3 },
    CLAUDE,
    "deny rate rule=0" },
  { "a rate that is not known is not reached",
    "ask get_secret rate 3/1h",
    { 0 },
    CLAUDE,
    "ask rule=0" },
  { "a rate holds although another rule asks",
    "ask get_secret\nallow get_secret rate 3/1h",
    { NULL, 3600, 3 },
    CLAUDE,
    "deny rate rule=1" },
  { "a rate holds for a program that only may be meant",
    "allow get_secret from " CLAUDE " rate 3/1h",
    { NULL, 3600, 3 },
    NULL,
    "deny rate rule=0" },
  { "a rate of another program does not hold",
    "ask get_secret from /x rate 3/1h",
    { NULL, 0, 9 },
    CLAUDE,
    "ask rule=-1" },
  { "a deny says so itself",
    "ask get_secret rate 3/1h\ndeny get_secret",
    { NULL, 3600, 3 },
    CLAUDE,
    "deny rule=1" },
  { "who is told of an allow is told of its rate",
    "allow get_secret rate 3/1h notify",
    { NULL, 3600, 3 },
    CLAUDE,
    "deny rate notify rule=0" },
};

static void
test_count (gconstpointer data)
{
  const CountCase *row = data;
  g_autoptr (Policy) policy = parse (row->policy);
  gboolean known = row->counted.period != 0 || row->counted.n != 0;
  PolicyQuery query
      = { .operation = strstr (row->policy, "http_request") != NULL ? OPERATION_HTTP_REQUEST
                                                                    : OPERATION_GET_SECRET,
          .resource = "a",
          .exe = row->exe,
          .count = known ? count : NULL,
          .count_user = (gpointer) &row->counted };
  PolicyDecision decision;
  policy_decide (policy, &query, &decision);
  g_autofree char *shown = show (&decision);
  g_assert_cmpstr (shown, ==, row->decision);
}

static void
collect (gpointer user, const char *rule, gint64 period)
{
  g_string_append_printf (user, "%s|%" G_GINT64_FORMAT "\n", rule, period);
}

typedef struct
{
  const char *sentence, *policy;
  PolicyQuery query;
  const char *names[4]; /* none: the query's resource */
  const char *counted;
} CountedCase;

#define GET .operation = OPERATION_GET_SECRET, .resource = "a", .exe = CLAUDE
/* clang-format off */
static const CountedCase counted_cases[] = {
  { "rules without counts are not named", "ask any\ndeny any of a", { GET }, { NULL }, "" },
  { "the longer of two periods", "ask get_secret over 3/1m rate 9/1h", { GET }, { NULL },
    "ask get_secret over 3/1m rate 9/1h|3600\n" },
  { "a deny counts what is not over yet", "deny get_secret of * over 3/1h", { GET }, { NULL },
    "deny get_secret of * over 3/1h|3600\n" },
  { "another operation does not count", "deny reveal over 3/1h", { GET }, { NULL }, "" },
  { "another thing does not count", "deny get_secret of b over 3/1h", { GET }, { NULL }, "" },
  { "what may be meant counts", "deny get_secret from /x package p over 3/1h",
    { .operation = OPERATION_GET_SECRET }, { NULL }, "deny get_secret from /x package p over 3/1h|3600\n" },
  { "an allow for programs counts no caller", "allow any rate 3/1h",
    { .operation = OPERATION_GET_SECRET, .caller = "work/ann" }, { NULL }, "" },
  { "a request for two things counts once", "deny get_secret of * over 3/1h", { GET }, { "a", "b" },
    "deny get_secret of * over 3/1h|3600\n" },
  { "words that stand twice count once", "deny reveal\nask any rate 2/1h\nask any rate 2/1h", { GET }, { NULL },
    "ask any rate 2/1h|3600\n" },
  { "a request counts for the second of its names", "deny get_secret of b over 3/1h", { GET }, { "a", "b" },
    "deny get_secret of b over 3/1h|3600\n" },
};
/* clang-format on */

static void
test_counted (gconstpointer data)
{
  const CountedCase *row = data;
  g_autoptr (Policy) policy = parse (row->policy);
  g_autoptr (GString) counted = g_string_new (NULL);
  if (row->names[0] == NULL)
    policy_counted (policy, &row->query, collect, counted);
  else
    policy_counted_names (policy, &row->query, row->names, collect, counted);
  g_assert_cmpstr (counted->str, ==, row->counted);
}

/* ---- Scopes ---- */

typedef struct
{
  const char *sentence, *policy;
  const char *scopes[4];
  const char *decision;
  const char *passing; /* of them, with blanks */
} ScopeCase;

/* clang-format off */
static const ScopeCase scope_cases[] = {
  { "all that are named pass", "ask github_token scopes { contents:read issues:* }",
    { "contents:read", "issues:write" }, "ask cut rule=0", "contents:read issues:write" },
  { "one that is not named is cut", "ask github_token scopes contents:read",
    { "contents:read", "contents:write" }, "ask cut rule=0", "contents:read" },
  { "none that is named is left", "ask github_token scopes contents:read",
    { "contents:write" }, "deny scopes cut rule=0", "" },
  { "a star takes slashes too", "ask github_token scopes https://example.com/auth/*",
    { "https://example.com/auth/a/b" }, "ask cut rule=0", "https://example.com/auth/a/b" },
  { "two rules leave what both leave", "ask github_token scopes { a b }\nask github_token scopes { b c }",
    { "a", "b", "c" }, "ask cut rule=0", "b" },
  { "an allow that is beaten cuts nothing", "ask github_token\nallow github_token scopes a",
    { "a", "b" }, "ask rule=0", "a b" },
  { "an allow cuts what it allows", "allow github_token scopes a",
    { "a", "b" }, "allow cut rule=0", "a" },
  { "a deny of one scope denies all, cut or not", "deny github_token of github/b\nask github_token scopes a",
    { "a", "b" }, "deny rule=0", "a b" },
  { "what is cut is not asked for", "ask github_token of github/b scopes x\nallow github_token",
    { "a", "b" }, "allow cut rule=1", "a" },
  { "no scopes are asked for", "ask github_token scopes a", { NULL }, "ask cut rule=0", "" },
};
/* clang-format on */

static void
test_scopes (gconstpointer data)
{
  const ScopeCase *row = data;
  g_autoptr (Policy) policy = parse (row->policy);
  g_autoptr (GString) passing = g_string_new (NULL);
  PolicyQuery query = { .operation = OPERATION_GITHUB_TOKEN, .resource = "github", .exe = CLAUDE };
  PolicyDecision decision;

  for (const char *const *scope = row->scopes; *scope != NULL; scope++)
    if (policy_scope_passes (policy, &query, *scope))
      g_string_append_printf (passing, "%s%s", passing->len > 0 ? " " : "", *scope);
  g_assert_cmpstr (passing->str, ==, row->passing);
  policy_decide_scopes (policy, &query, row->scopes, &decision);
  g_autofree char *shown = show (&decision);
  g_assert_cmpstr (shown, ==, row->decision);
}

/* ---- People who are told ---- */

typedef struct
{
  const char *sentence, *policy;
  const char *things[3];
  const char *decision;
} NotifyCase;

static const NotifyCase notify_cases[] = {
  { "a deny tells", "deny get_secret notify", { "a" }, "deny notify rule=0" },
  { "a deny tells although another comes first",
    "deny get_secret\ndeny get_secret of a notify",
    { "a" },
    "deny notify rule=0" },
  { "an allow tells", "allow get_secret of a notify", { "a" }, "allow notify rule=0" },
  { "an allow that is beaten does not",
    "allow get_secret notify\nask get_secret",
    { "a" },
    "ask rule=1" },
  { "a deny in the place of an allow does not",
    "allow get_secret notify\ndeny get_secret",
    { "a" },
    "deny rule=1" },
  { "one of two that are denied tells",
    "deny get_secret of b notify\ndeny get_secret of a",
    { "a", "b" },
    "deny notify rule=1" },
  { "and in the other order",
    "deny get_secret of b notify\ndeny get_secret of a",
    { "b", "a" },
    "deny notify rule=0" },
  { "an allow beside an ask does not",
    "allow get_secret of a notify\nask get_secret of b",
    { "a", "b" },
    "ask rule=1" },
  { "and in the other order not either",
    "allow get_secret of a notify\nask get_secret of b",
    { "b", "a" },
    "ask rule=1" },
};

static void
test_notify (gconstpointer data)
{
  const NotifyCase *row = data;
  g_autoptr (Policy) policy = parse (row->policy);
  PolicyQuery query = { .operation = OPERATION_GET_SECRET, .exe = CLAUDE };
  PolicyDecision decision;
  policy_decide_each (policy, &query, row->things, &decision);
  g_autofree char *shown = show (&decision);
  g_assert_cmpstr (shown, ==, row->decision);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD_TABLE ("/policy/count/", count_cases, test_count);
  ADD_TABLE ("/policy/counted/", counted_cases, test_counted);
  ADD_TABLE ("/policy/scopes/", scope_cases, test_scopes);
  ADD_TABLE ("/policy/notify/", notify_cases, test_notify);
  return g_test_run ();
}
