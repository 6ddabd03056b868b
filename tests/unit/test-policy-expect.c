/* SPDX-License-Identifier: MIT
 *
 * What a policy is expected to say.
 */
#include "policy/explain/policy-expect.h"
#include "tests/unit/table.h"

#include <string.h>

typedef struct
{
  const char *sentence, *text;
  const char *canonical; /* NULL: as it was written; each on a line */
} TextCase;

typedef struct
{
  const char *sentence, *text;
  const char *message; /* behind "e:" */
} ErrorCase;

typedef struct
{
  const char *sentence, *policy, *expected;
  const char *missed; /* NULL: it holds */
} MissCase;

/* clang-format off */
static const TextCase text_cases[] = {
  { "nothing is expected", "", "" },
  { "comments and empty lines", "# a\n\n  \n", "" },
  { "a verdict and a request", "deny get_secret prod/db from /usr/bin/node" },
  { "what is granted at most", "ask get_secret a max 5m uses 1 confirm pin" },
  { "bounds are written in one order", "ask get_secret a confirm pin uses 1 max 300s", "ask get_secret a max 5m uses 1 confirm pin" },
  { "a command in the sandbox", "allow run_command a command { /bin/x } sandbox" },
  { "a person is told", "deny reveal a notify" },
  { "several lines", "deny reveal a\n# and\nallow http_request github from /bin/x max 1h", "deny reveal a\nallow http_request github from /bin/x max 1h" },
};

static const ErrorCase error_cases[] = {
  { "no verdict", "get_secret a", "1:1: a line begins with what is expected: deny, ask or allow; then the request as in: deny get_secret prod/db/URL from /usr/bin/node" },
  { "a misspelt verdict", "ask get_secret a\ndney get_secret a", "2:1: \"dney\" is no verdict; did you mean \"deny\"?" },
  { "a verdict alone", "deny", "1:5: the line's end is no operation, and a request begins with one" },
  { "a rule that is no request", "deny any", "1:6: \"any\" is no operation, and a request begins with one" },
  { "a misspelt bound", "ask get_secret a user 1", "1:18: \"user\" is no word of a request; did you mean \"uses\"?" },
  { "a bound of nothing", "ask get_secret a max", "1:21: \"max\" what? What is wanted is a duration, as in 15m" },
  { "a bound that is none", "ask get_secret a max 5", "1:22: \"5\" after \"max\": a duration needs its unit; write 5s, 5m or 5h" },
  { "a bound twice", "ask get_secret a uses 1 uses 2", "1:25: a second \"uses\" in one line; keep one" },
  { "a bound of what is denied", "deny get_secret a max 5m", "1:19: \"max\" where deny is expected: a deny grants nothing that could be bounded; remove it, or write ask" },
  { "a confirmation of what nobody is asked", "allow get_secret a confirm pin", "1:20: \"confirm\" where allow is expected: nobody is asked here who could confirm" },
  { "a sandbox where nothing runs", "ask get_secret a sandbox", "1:18: \"sandbox\" is not said of get_secret; remove it" },
  { "a fact behind a bound", "ask get_secret a max 5m uid 1", "1:25: \"uid\" says more of the request; it stands before what is expected of it, and once" },
  { "a clause that bounds otherwise", "ask get_secret a rate 5/1h", "1:18: \"rate\" is no word of a request; write one of of, scopes, " },
};

static const MissCase miss_cases[] = {
  { "as expected", "deny get_secret of a", "deny get_secret a", NULL },
  { "another verdict", "deny get_secret of a", "ask get_secret a", "it is denied" },
  { "asked and not denied", "", "deny get_secret a", "it is asked" },
  { "allowed and not asked", "allow get_secret", "ask get_secret a from /bin/x", "it is allowed" },
  { "what is not expected may be anything", "ask get_secret max 5m uses 1 confirm key", "ask get_secret a", NULL },
  { "the bounds that are expected", "ask get_secret max 5m uses 1 confirm key", "ask get_secret a max 5m uses 1 confirm key", NULL },
  { "for longer than expected", "ask get_secret max 1h", "ask get_secret a max 5m", "it has max 1h, not max 5m" },
  { "for as long as anybody likes", "ask get_secret", "ask get_secret a max 5m", "it has no max, not max 5m" },
  { "shorter is another too", "ask get_secret max 1m", "ask get_secret a max 5m", "it has max 1m, not max 5m" },
  { "more often than expected", "ask get_secret uses 9", "ask get_secret a uses 1", "it has uses 9, not uses 1" },
  { "less proof than expected", "ask get_secret confirm click", "ask get_secret a from /bin/x confirm pin", "it has confirm click, not confirm pin" },
  { "the PIN where no rule says how", "ask get_secret", "ask get_secret a confirm pin", NULL },
  { "outside of the sandbox", "ask launch", "ask launch a command { /bin/x } sandbox", "it has no sandbox, not sandbox" },
  { "in the sandbox", "ask launch sandbox", "ask launch a command { /bin/x } sandbox", NULL },
  { "a person who is not told", "deny reveal", "deny reveal a notify", "it has no notify, not notify" },
  { "a person who is told", "deny reveal notify", "deny reveal a notify", NULL },
};
/* clang-format on */

static GPtrArray *
parse (const char *text, GError **error)
{
  PolicySource source = { "e", text, strlen (text) };
  return policy_expectations_parse (&source, error);
}

static char *
text_of (const GPtrArray *expectations)
{
  GString *out = g_string_new (NULL);

  for (guint i = 0; i < expectations->len; i++)
    {
      g_autofree char *line = policy_expectation_text (expectations->pdata[i]);
      g_string_append_printf (out, "%s%s", i > 0 ? "\n" : "", line);
    }
  return g_string_free (out, FALSE);
}

static void
test_text (gconstpointer data)
{
  const TextCase *it = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) expectations = parse (it->text, &error);

  g_assert_no_error (error);
  g_autofree char *text = text_of (expectations);
  g_assert_cmpstr (text, ==, it->canonical != NULL ? it->canonical : it->text);
  g_autoptr (GPtrArray) again = parse (text, &error);
  g_assert_no_error (error);
  g_autofree char *same = text_of (again);
  g_assert_cmpstr (same, ==, text);
}

static void
test_error (gconstpointer data)
{
  const ErrorCase *it = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) expectations = parse (it->text, &error);
  g_autofree char *message = g_strconcat ("e:", it->message, NULL);

  g_assert_null (expectations);
  g_assert_error (error, POLICY_ERROR, POLICY_ERROR_SYNTAX);
  if (!g_str_has_prefix (error->message, message))
    g_assert_cmpstr (error->message, ==, message);
}

static void
test_miss (gconstpointer data)
{
  const MissCase *it = data;
  PolicySource source = { "p", it->policy, strlen (it->policy) };
  g_autoptr (GError) error = NULL;
  g_autoptr (Policy) policy = policy_parse (&source, 1, &error);
  g_assert_no_error (error);
  g_autoptr (GPtrArray) expectations = parse (it->expected, &error);
  PolicyDecision decision;

  g_assert_no_error (error);
  g_assert_cmpuint (expectations->len, ==, 1);
  policy_request_decide (policy_expectation_request (expectations->pdata[0]), policy, &decision);
  g_autofree char *missed = policy_expectation_missed (expectations->pdata[0], &decision);
  g_assert_cmpstr (missed, ==, it->missed);
}

static void
test_place (void)
{
  g_autoptr (GPtrArray) expectations = parse ("# one\n\nask get_secret a\n", NULL);
  g_autofree char *place = policy_expectation_place (expectations->pdata[0]);

  g_assert_cmpstr (place, ==, "e:3");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD_TABLE ("/policy-expect/written/", text_cases, test_text);
  ADD_TABLE ("/policy-expect/refused/", error_cases, test_error);
  ADD_TABLE ("/policy-expect/held against/", miss_cases, test_miss);
  g_test_add_func ("/policy-expect/each has its place", test_place);
  return g_test_run ();
}
