/* SPDX-License-Identifier: MIT
 *
 * Requests as people write them down.
 */
#include "policy/explain/policy-describe.h"
#include "tests/unit/table.h"

#include <string.h>

typedef struct
{
  const char *sentence, *text;
  const char *canonical; /* NULL: as it was written */
} TextCase;

typedef struct
{
  const char *sentence, *text;
  const char *message; /* behind "r:" */
} ErrorCase;

#define SHA "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

/* clang-format off */
static const TextCase text_cases[] = {
  { "an operation alone", "list_secrets" },
  { "a resource right behind it", "get_secret prod/db/URL" },
  { "the word of the language for it is taken too", "get_secret of prod/db/URL", "get_secret prod/db/URL" },
  { "a resource in quotes that reads as a word", "get_secret \"from\" from /bin/a" },
  { "a resource with a blank", "get_secret \"a b\"" },
  { "quotes that nothing needs are left out", "get_secret \"a\"", "get_secret a" },
  { "a star is a star", "get_secret a*b" },
  { "a dollar is a dollar", "get_secret \"$a\"" },
  { "several resources of a command", "run_command { a b } command { /bin/x }" },
  { "a list of one is that one", "launch { a }", "launch a" },
  { "a command with its arguments", "run_command a command { /usr/bin/psql -c \"select 1\" }" },
  { "a command of one word keeps its braces", "launch command { /bin/x }" },
  { "an argument that is empty", "launch command { /bin/x \"\" }" },
  { "an argument that reads as a word", "launch command { /bin/x \"from\" \"max\" }" },
  { "facts are written in one order", "get_secret a uid 7 from /bin/x", "get_secret a from /bin/x uid 7" },
  { "a number is written plainly", "get_secret a uid 007", "get_secret a uid 7" },
  { "lines go on behind a backslash", "get_secret a \\\n  from /bin/x", "get_secret a from /bin/x" },
  { "empty lines and comments are nothing", "\n# it\nget_secret a # so\n\n", "get_secret a" },
  { "somebody unverified", "get_secret a unverified" },
  { "somebody over HTTP", "get_secret a caller work/ann@example.com" },
  { "a request to a service", "http_request github method POST path /repos/a/b/issues" },
  { "the scopes that cover it", "http_request github scopes { read issues:write }" },
  { "a path that is nothing but a slash", "http_request github path /" },
  { "a path that ends with a slash", "http_request github path /a/" },
  { "scopes of a token", "github_token github scopes contents:write" },
  { "what the program is", "get_secret a from /bin/x sha256 " SHA " package coreutils" },
  { "digits in capitals", "get_secret a sha256 0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF", "get_secret a sha256 " SHA },
  { "no package and no unit", "get_secret a package \"\" unit \"\"" },
  { "a unit that it could have chosen", "get_secret a unit run-1.scope chosen" },
  { "the program above it", "get_secret a below /usr/bin/claude" },
  { "all programs above it", "get_secret a below { /bin/a /bin/b }" },
  { "programs above it, and others", "get_secret a below { /bin/a ** }" },
  { "nothing above it", "get_secret a below { }" },
  { "where it is", "get_secret a in /home/ann/src" },
  { "at the root", "get_secret a in /" },
  { "when it is", "get_secret a at mon 10:30" },
  { "after others", "get_secret a after 20" },
};

#define FACTS \
  "of, scopes, method, path, command, from, unverified, sha256, package, unit, chosen, below, uid, caller, in, at, after"

static const ErrorCase error_cases[] = {
  { "nothing", "", "1:1: the line's end is no operation, and a request begins with one: " },
  { "a misspelt operation", "get_secert a", "1:1: \"get_secert\" is no operation; did you mean \"get_secret\"?" },
  { "a tool's name", "resolve_secret a", "1:1: \"resolve_secret\" is no operation; did you mean \"reveal\"?" },
  { "any, which is no request", "any a", "1:1: \"any\" is no operation, and a request begins with one: list_secrets, " },
  { "a verdict, which is expected and not asked", "deny get_secret a", "1:1: \"deny\" is no operation, and" },
  { "a misspelt word", "get_secret a form /bin/x", "1:14: \"form\" is no word of a request; did you mean \"from\"?" },
  { "a word of rules alone", "get_secret a max 5m", "1:14: \"max\" is no word of a request; write one of " FACTS },
  { "a fact twice", "get_secret a uid 1 uid 2", "1:20: a second \"uid\" in one request; keep one" },
  { "two resources without braces", "get_secret a b", "1:14: \"b\" is no word of a request; write one of " FACTS },
  { "two resources of one secret", "get_secret { a b }", "1:1: a request for get_secret is about one thing; write one line for each" },
  { "a resource twice", "launch { a a }", "1:12: \"a\" after \"of\": it stands twice in this list; once is enough" },
  { "an empty list", "launch { }", "1:10: an empty list after \"of\"; what is wanted is a name" },
  { "a list without its end", "launch { a", "1:8: a list that is not closed; end it with } on the same line, or end the line with \\ to go on" },
  { "a word without its value", "get_secret a from", "1:18: the line's end after \"from\"; what is wanted is the full path of a program" },
  { "a word where a value is wanted", "get_secret a uid { 1 }", "1:18: a { after \"uid\"; what is wanted is a number" },
  { "a program by its name", "get_secret a from node", "1:19: \"node\" after \"from\": a path begins with a slash; write the full path" },
  { "a program's path with dots", "get_secret a from /usr/../bin/x", "1:19: \"/usr/../bin/x\" after \"from\": no name or path has the segment .." },
  { "a folder as a program", "get_secret a from /", "1:19: \"/\" after \"from\": a folder is no program" },
  { "a command without braces", "launch command /bin/x", "1:16: \"/bin/x\" after \"command\"; what is wanted is a program's full path and its arguments in { }" },
  { "a command where nothing is started", "get_secret a command { /bin/x }", "1:14: \"command\": a request for get_secret has none; remove it" },
  { "a method where nothing is sent", "get_secret a method GET", "1:14: \"method\": a request for get_secret has none; remove it" },
  { "a method in small letters", "http_request a method get", "1:23: \"get\" after \"method\": a method is written as in GET or POST" },
  { "a path with its query", "http_request a path /a?b=c", "1:21: \"/a?b=c\" after \"path\": a question mark; a path is compared without what follows it" },
  { "scopes of nothing", "mint_token scopes a", "1:1: scopes of what? Write the name of the service or provider right behind the operation" },
  { "scopes of a secret", "get_secret a scopes b", "1:14: \"scopes\": a request for get_secret has none; remove it" },
  { "verified and not", "get_secret a from /bin/x unverified", "1:1: \"from\" says that the program was verified, and \"unverified\" that it was not; keep one" },
  { "a caller with a program", "get_secret a caller work/ann from /bin/x", "1:1: who calls over HTTP is no program of this machine: \"caller\" and \"from\" are said of one request; keep one" },
  { "a caller without an issuer", "get_secret a caller ann", "1:21: \"ann\" after \"caller\": a caller is the name of its issuer's file, a slash and who it is" },
  { "a name for a uid", "get_secret a uid root", "1:18: \"root\" after \"uid\": a uid is a whole number; write what \"id -u NAME\" prints" },
  { "the uid that is nobody's", "get_secret a uid 4294967295", "1:18: \"4294967295\" after \"uid\": a uid is a whole number" },
  { "half a digest", "get_secret a sha256 abc", "1:21: \"abc\" after \"sha256\": a SHA-256 has 64 hexadecimal digits" },
  { "chosen, and no unit", "get_secret a chosen", "1:1: \"chosen\" says how it came to its unit; name the unit too, unit NAME chosen" },
  { "others in the middle", "get_secret a below { ** /bin/a }", "1:25: \"/bin/a\" after \"below\": ** stands last: others above those, which are not known" },
  { "a time without its day", "get_secret a at 10:30", "1:17: \"10:30\" after \"at\": a time is a day and the time of the day, as in mon 10:30" },
  { "a day without its time", "get_secret a at mon", "1:20: the line's end after \"at\"; what is wanted is a day and a time, as in mon 10:30" },
  { "a time there is not", "get_secret a at mon 24:00", "1:21: \"24:00\" after \"at\": a time is a day and the time of the day, as in mon 10:30" },
  { "a macro", "get_secret a from $agents", "1:19: a macro, which policies alone have, after \"from\"; what is wanted is the full path of a program" },
  { "a second line", "get_secret a\nget_secret b", "2:1: a second line; one request is described at a time" },
  { "what does not show", "get_secret a\u200b", "1:13: U+200B does not show; remove it, or write \\u{200b} inside double quotes" },
};
/* clang-format on */

static PolicyRequest *
parse (const char *text, GError **error)
{
  PolicySource source = { "r", text, strlen (text) };
  return policy_request_parse (&source, error);
}

static void
test_text (gconstpointer data)
{
  const TextCase *it = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (PolicyRequest) request = parse (it->text, &error);

  g_assert_no_error (error);
  g_autofree char *text = policy_request_text (request);
  g_assert_cmpstr (text, ==, it->canonical != NULL ? it->canonical : it->text);
  g_autoptr (PolicyRequest) again = parse (text, &error);
  g_assert_no_error (error);
  g_autofree char *same = policy_request_text (again);
  g_assert_cmpstr (same, ==, text);
}

static void
test_error (gconstpointer data)
{
  const ErrorCase *it = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (PolicyRequest) request = parse (it->text, &error);
  g_autofree char *message = g_strconcat ("r:", it->message, NULL);

  g_assert_null (request);
  g_assert_error (error, POLICY_ERROR, POLICY_ERROR_SYNTAX);
  if (!g_str_has_prefix (error->message, message))
    g_assert_cmpstr (error->message, ==, message);
}

/* ---- what a policy is asked ---- */

static void
test_query (void)
{
  g_autoptr (PolicyRequest) request = parse (
      "http_request github scopes { a b } method GET path /x from /bin/x sha256 " SHA
      " package p unit u.service chosen below { /bin/a ** } uid 7 in /src at sun 23:59 after 3",
      NULL);
  const PolicyQuery *query = policy_request_query (request);

  g_assert_cmpint (query->operation, ==, OPERATION_HTTP_REQUEST);
  g_assert_cmpstr (policy_request_resource (request), ==, "github");
  g_assert_cmpstr (query->exe, ==, "/bin/x");
  g_assert_cmpuint (query->uid, ==, 7);
  g_assert_cmpstr (query->method, ==, "GET");
  g_assert_cmpstr (query->path, ==, "/x");
  g_assert_cmpstr (query->sha256, ==, SHA);
  g_assert_cmpstr (query->package, ==, "p");
  g_assert_cmpstr (query->unit, ==, "u.service");
  g_assert_true (query->unit_chosen);
  g_assert_cmpstr (query->chain[0], ==, "/bin/a");
  g_assert_null (query->chain[1]);
  g_assert_false (query->chain_whole);
  g_assert_cmpstr (query->cwd, ==, "/src");
  g_assert_cmpint (query->weekday, ==, 7);
  g_assert_cmpint (query->minute, ==, 23 * 60 + 59);
  g_assert_cmpint (query->count (query->count_user, "any rule", 60), ==, 3);
}

static void
test_nothing_known (void)
{
  g_autoptr (PolicyRequest) request = parse ("get_secret a", NULL);
  const PolicyQuery *query = policy_request_query (request);

  g_assert_true (query->resource == NULL && query->exe == NULL && query->caller == NULL);
  g_assert_true (query->command == NULL && query->method == NULL && query->path == NULL);
  g_assert_true (query->sha256 == NULL && query->package == NULL && query->unit == NULL);
  g_assert_true (query->chain == NULL && query->cwd == NULL && query->count == NULL);
  g_assert_cmpint (query->weekday, ==, 0);
  g_assert_cmpuint (query->uid, ==, (uid_t) -1);
}

static void
test_chain (void)
{
  g_autoptr (PolicyRequest) none = parse ("get_secret a below { }", NULL);
  g_autoptr (PolicyRequest) two = parse ("get_secret a below { /bin/a /bin/b }", NULL);

  g_assert_true (policy_request_query (none)->chain_whole);
  g_assert_null (policy_request_query (none)->chain[0]);
  g_assert_true (policy_request_query (two)->chain_whole);
  g_assert_cmpuint (g_strv_length ((char **) policy_request_query (two)->chain), ==, 2);
}

typedef struct
{
  const char *sentence, *policy, *request;
  PolicyVerdict verdict;
} DecideCase;

/* clang-format off */
static const DecideCase decide_cases[] = {
  { "a rule about one scope is about a request that it covers", "deny http_request of github/write", "http_request github scopes { read write } from /bin/x", POLICY_DENY },
  { "of a service any scope that covers it may be allowed", "allow http_request of github/read", "http_request github scopes { read write } from /bin/x", POLICY_ALLOW },
  { "of other scopes each has to pass", "allow mint_token of p/a", "mint_token p scopes { a b } from /bin/x", POLICY_ASK },
  { "a scope that is cut need not pass", "allow mint_token of p scopes a\nallow mint_token of p/a", "mint_token p scopes { a b } from /bin/x", POLICY_ALLOW },
  { "of several secrets each has to pass", "deny launch of b", "launch { a b } command { /bin/x }", POLICY_DENY },
  { "what is not said narrows", "deny http_request path /a", "http_request github from /bin/x", POLICY_DENY },
  { "what is not said does not widen", "allow http_request path /a", "http_request github from /bin/x", POLICY_ASK },
  { "nobody who asks is allowed nothing", "allow http_request", "http_request github", POLICY_ASK },
  { "a uid that is not said is no rule's", "deny get_secret uid 0", "get_secret a from /bin/x", POLICY_ASK },
  { "so many requests", "allow http_request rate 3/1h", "http_request github from /bin/x after 2", POLICY_ALLOW },
  { "too many requests", "allow http_request rate 3/1h", "http_request github from /bin/x after 3", POLICY_DENY },
};
/* clang-format on */

static void
test_decide (gconstpointer data)
{
  const DecideCase *it = data;
  PolicySource source = { "p", it->policy, strlen (it->policy) };
  g_autoptr (GError) error = NULL;
  g_autoptr (Policy) policy = policy_parse (&source, 1, &error);
  g_assert_no_error (error);
  g_autoptr (PolicyRequest) request = parse (it->request, &error);
  PolicyDecision decision;

  g_assert_no_error (error);
  policy_request_decide (request, policy, &decision);
  g_assert_cmpint (decision.verdict, ==, it->verdict);
}

/* ---- said word by word ---- */

static void
test_say (void)
{
  g_autoptr (PolicyRequest) request = policy_request_new (OPERATION_GET_SECRET);
  g_autofree char *problem = NULL, *other = NULL, *text = NULL;

  g_assert_null (policy_request_say (request, "of", "a b"));
  g_assert_null (policy_request_say (request, "from", "/bin/\u00e9"));
  problem = policy_request_say (request, "from", "node");
  g_assert_nonnull (problem);
  other = policy_request_say (request, "form", "/bin/x");
  g_assert_cmpstr (other, ==, "\"form\" is no word of a request");
  g_assert_true (policy_request_says (request, "from"));
  g_assert_false (policy_request_says (request, "uid"));
  text = policy_request_text (request);
  g_assert_cmpstr (text, ==, "get_secret \"a b\" from /bin/\u00e9");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD_TABLE ("/policy-describe/written/", text_cases, test_text);
  ADD_TABLE ("/policy-describe/refused/", error_cases, test_error);
  ADD_TABLE ("/policy-describe/decided/", decide_cases, test_decide);
  g_test_add_func ("/policy-describe/each fact is what the policy is asked", test_query);
  g_test_add_func ("/policy-describe/what is not said is not known", test_nothing_known);
  g_test_add_func ("/policy-describe/a chain is whole, or not", test_chain);
  g_test_add_func ("/policy-describe/said word by word, each is checked", test_say);
  return g_test_run ();
}
