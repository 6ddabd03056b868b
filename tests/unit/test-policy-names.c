/* SPDX-License-Identifier: MIT
 *
 * One thing under several names, and several things at once.
 */
#include "policy/policy.h"
#include "tests/unit/table.h"

#include <string.h>

#define CLAUDE "/usr/bin/claude"
#define MOST 4

typedef struct
{
  const char *sentence, *policy;
  const char *names[MOST];
  const char *exe;
  const char *decision; /* verdict, max=, uses=, confirm, rule= */
} NameCase;

/* clang-format off */
static const NameCase name_cases[] = {
  { "a deny of the service is one of its scopes", "deny http_request of github", { "github", "github/write" }, CLAUDE, "deny pin rule=0" },
  { "a deny of a scope is one of that scope", "deny http_request of github/write", { "github", "github/write" }, CLAUDE, "deny pin rule=0" },
  { "a deny of a scope leaves the others", "deny http_request of github/write", { "github", "github/read" }, CLAUDE, "ask pin" },
  { "an allow of one name is enough", "allow http_request of github/read max 5m", { "github", "github/read" }, CLAUDE, "allow max=300 pin rule=0" },
  { "an ask of the other name beats it", "allow http_request of github/read\nask http_request of github", { "github", "github/read" }, CLAUDE, "ask pin rule=1" },
  { "a deny of the other name beats it", "allow http_request of github/read\ndeny http_request of github", { "github", "github/read" }, CLAUDE, "deny pin rule=1" },
  { "the bounds of all names hold", "ask http_request of github max 1h uses 9\nask http_request of github/* max 5m confirm key", { "github", "github/read" }, CLAUDE, "ask max=300 uses=9 key rule=0" },
  { "a rule that both names match counts once", "ask http_request of { github github/* } uses 2", { "github", "github/read" }, CLAUDE, "ask uses=2 pin rule=0" },
  { "the first rule is named whichever name found it", "ask http_request of github/read\nask http_request of github", { "github", "github/read" }, CLAUDE, "ask pin rule=0" },
  { "a rule without of is about every name", "ask http_request max 5m", { "github", "github/read" }, CLAUDE, "ask max=300 pin rule=0" },
  { "no name is no resource", "deny http_request of **\nask http_request", { NULL }, CLAUDE, "ask pin rule=1" },
  { "an unverified program could be the one that is denied by either name", "deny http_request of github/read from /bin/x", { "github", "github/read" }, NULL, "deny pin rule=0" },
  { "an unverified program is allowed by no name", "allow http_request of github/read", { "github", "github/read" }, NULL, "ask pin" },
};

static const NameCase each_cases[] = {
  { "one thing alone is what it is", "ask http_request of a max 5m uses 2 confirm key", { "a" }, CLAUDE, "ask max=300 uses=2 key rule=0" },
  { "nothing is what has no resource", "deny http_request of **\nask http_request max 1m", { NULL }, CLAUDE, "ask max=60 pin rule=1" },
  { "a deny of one is a deny of all", "allow http_request of { a c }\ndeny http_request of b", { "a", "b", "c" }, CLAUDE, "deny pin rule=1" },
  { "a deny carries no bounds of the others", "ask http_request of a max 5m confirm key\ndeny http_request of b", { "a", "b" }, CLAUDE, "deny pin rule=1" },
  { "all are allowed when each is", "allow http_request of a max 5m\nallow http_request of b max 1m uses 3", { "a", "b" }, CLAUDE, "allow max=60 uses=3 pin rule=0" },
  { "what no rule matches is asked, and so are the others", "allow http_request of a max 5m", { "a", "b" }, CLAUDE, "ask max=300 pin" },
  { "an ask of one is an ask of all", "allow http_request of a max 1m\nask http_request of b max 5m confirm click", { "a", "b" }, CLAUDE, "ask max=60 click rule=1" },
  { "the strictest confirm holds", "ask http_request of a confirm click\nask http_request of b confirm key", { "a", "b" }, CLAUDE, "ask key rule=0" },
  { "a click for one is none for the other", "ask http_request of a confirm click", { "a", "b" }, CLAUDE, "ask pin rule=0" },
  { "an unverified program gets the worst of each", "allow http_request of a\nask http_request of b max 1m\ndeny http_request of c from /bin/x", { "a", "b", "c" }, NULL, "deny pin rule=2" },
};

/* Scopes of "github". */
static const NameCase scope_cases[] = {
  { "no scope is the provider itself", "deny http_request of github/*\nask http_request of github uses 3", { NULL }, CLAUDE, "ask uses=3 pin rule=1" },
  { "a deny of the provider is one of each scope", "deny http_request of github", { "contents:read" }, CLAUDE, "deny pin rule=0" },
  { "a deny of one scope is one of all that are asked with it", "allow http_request of github\ndeny http_request of github/contents:write", { "contents:read", "contents:write" }, CLAUDE, "deny pin rule=1" },
  { "an allow of one scope is none of another", "allow http_request of github/contents:read", { "contents:read", "contents:write" }, CLAUDE, "ask pin" },
  { "an allow of each is an allow", "allow http_request of github/contents:read max 5m\nallow http_request of github/issues:* max 1m", { "contents:read", "issues:write" }, CLAUDE, "allow max=60 pin rule=0" },
  { "an allow of the provider is one of each", "allow http_request of github max 5m", { "a", "b" }, CLAUDE, "allow max=300 pin rule=0" },
  { "a scope with slashes is matched by two stars", "deny http_request of github/repo/**", { "repo/app" }, CLAUDE, "deny pin rule=0" },
  { "a scope of another provider is another", "deny http_request of gitlab/api", { "api" }, CLAUDE, "ask pin" },
};
/* clang-format on */

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
in_words (const PolicyDecision *decision)
{
  GString *out = g_string_new (policy_verdict_name (decision->verdict));
  if (decision->max_duration != 0)
    g_string_append_printf (out, " max=%" G_GINT64_FORMAT, decision->max_duration);
  if (decision->max_uses != 0)
    g_string_append_printf (out, " uses=%" G_GINT64_FORMAT, decision->max_uses);
  g_string_append_printf (out, " %s", policy_confirm_name (decision->confirm));
  if (decision->rule >= 0)
    g_string_append_printf (out, " rule=%d", decision->rule);
  return g_string_free (out, FALSE);
}

/* The query has a resource of its own, which must not be looked at. */
static const char *const stray = "stray";

static void
test_names (gconstpointer data)
{
  const NameCase *row = data;
  g_autoptr (Policy) policy = parse (row->policy);
  PolicyQuery query = { OPERATION_HTTP_REQUEST, stray, row->exe, 1000, NULL };
  PolicyDecision decision;
  policy_decide_names (policy, &query, row->names, &decision);
  g_autofree char *words = in_words (&decision);
  g_assert_cmpstr (words, ==, row->decision);
}

static void
test_each (gconstpointer data)
{
  const NameCase *row = data;
  g_autoptr (Policy) policy = parse (row->policy);
  PolicyQuery query = { OPERATION_HTTP_REQUEST, stray, row->exe, 1000, NULL };
  PolicyDecision decision;
  policy_decide_each (policy, &query, row->names, &decision);
  g_autofree char *words = in_words (&decision);
  g_assert_cmpstr (words, ==, row->decision);
}

static void
test_scopes (gconstpointer data)
{
  const NameCase *row = data;
  g_autoptr (Policy) policy = parse (row->policy);
  PolicyQuery query = { OPERATION_HTTP_REQUEST, "github", row->exe, 1000, NULL };
  PolicyDecision decision;
  policy_decide_scopes (policy, &query, row->names, &decision);
  g_autofree char *words = in_words (&decision);
  g_assert_cmpstr (words, ==, row->decision);
}

static void
test_each_sandbox (void)
{
  static const char *const command[] = { "/bin/x", NULL };
  static const char *const both[] = { "a", "b", NULL }, *const one[] = { "a", NULL };
  g_autoptr (Policy) policy = parse ("ask run_command of b sandbox");
  PolicyQuery query = { OPERATION_RUN_COMMAND, NULL, CLAUDE, 1000, command };
  PolicyDecision decision;
  policy_decide_each (policy, &query, both, &decision);
  g_assert_true (decision.sandbox);
  policy_decide_each (policy, &query, one, &decision);
  g_assert_false (decision.sandbox);
}

static void
test_no_list (void)
{
  g_autoptr (Policy) policy = parse ("deny any of **\nask any max 1m");
  PolicyQuery query = { OPERATION_RUN_COMMAND, stray, CLAUDE, 1000, NULL };
  PolicyDecision decision;
  policy_decide_names (policy, &query, NULL, &decision);
  g_assert_cmpint (decision.verdict, ==, POLICY_ASK);
  policy_decide_each (policy, &query, NULL, &decision);
  g_assert_cmpint (decision.verdict, ==, POLICY_ASK);
}

static void
test_no_operation (void)
{
  static const char *const names[] = { "a", "b", NULL };
  g_autoptr (Policy) policy = parse ("allow any");
  PolicyQuery query = { OPERATION_COUNT, NULL, CLAUDE, 1000, NULL };
  PolicyDecision decision;
  policy_decide_names (policy, &query, names, &decision);
  g_assert_cmpint (decision.verdict, ==, POLICY_DENY);
  policy_decide_each (policy, &query, names, &decision);
  g_assert_cmpint (decision.verdict, ==, POLICY_DENY);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD_TABLE ("/policy/names/", name_cases, test_names);
  ADD_TABLE ("/policy/each/", each_cases, test_each);
  ADD_TABLE ("/policy/scopes/", scope_cases, test_scopes);
  g_test_add_func ("/policy/each/the sandbox of one is that of all", test_each_sandbox);
  g_test_add_func ("/policy/names and each/no list is an empty one", test_no_list);
  g_test_add_func ("/policy/names and each/an operation that does not exist is denied",
                   test_no_operation);
  return g_test_run ();
}
