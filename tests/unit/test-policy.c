/* SPDX-License-Identifier: MIT */
#include "policy/policy.h"
#include "tests/unit/table.h"

#include <string.h>

#define CLAUDE "/usr/bin/claude"
#define NODE "/usr/bin/node"
#define UNVERIFIED NULL
#define NO_RESOURCE NULL

typedef struct
{
  const char *sentence, *policy;
  Operation operation;
  const char *resource, *exe;
  /* The decision in words: verdict, max=, uses=, confirm, rule= */
  const char *decision;
} DecisionCase;

/* clang-format off */
static const DecisionCase decision_cases[] = {
  { "what nothing matches is asked, with the pin", "",
    OPERATION_GET_SECRET, "a", CLAUDE, "ask pin" },
  { "comments alone are an empty policy", "# deny any\n\n   # more\n",
    OPERATION_GET_SECRET, "a", CLAUDE, "ask pin" },

  { "a deny beats an ask above it", "ask any\ndeny get_secret\n",
    OPERATION_GET_SECRET, "a", CLAUDE, "deny pin rule=1" },
  { "a deny beats an ask below it", "deny get_secret\nask any\n",
    OPERATION_GET_SECRET, "a", CLAUDE, "deny pin rule=0" },
  { "a deny beats an allow", "allow any\ndeny get_secret",
    OPERATION_GET_SECRET, "a", CLAUDE, "deny pin rule=1" },
  { "an ask beats an allow above it", "allow any\nask get_secret",
    OPERATION_GET_SECRET, "a", CLAUDE, "ask pin rule=1" },
  { "an ask beats an allow below it", "ask get_secret\nallow any",
    OPERATION_GET_SECRET, "a", CLAUDE, "ask pin rule=0" },
  { "an allow alone allows", "allow get_secret",
    OPERATION_GET_SECRET, "a", CLAUDE, "allow pin rule=0" },
  { "a deny carries no bounds of the asks", "ask any max 5m uses 1 confirm click\ndeny any",
    OPERATION_GET_SECRET, "a", CLAUDE, "deny pin rule=1" },

  { "a rule is about its operations only", "deny { store_secret delete_secret }",
    OPERATION_UPDATE_SECRET, "a", CLAUDE, "ask pin" },
  { "a list of operations is each of them", "deny { store_secret delete_secret }",
    OPERATION_DELETE_SECRET, "a", CLAUDE, "deny pin rule=0" },
  { "any is the first operation", "deny any",
    OPERATION_LIST_SECRETS, NO_RESOURCE, CLAUDE, "deny pin rule=0" },
  { "any is the last operation", "deny any",
    OPERATION_SSH_CERTIFICATE, NO_RESOURCE, CLAUDE, "deny pin rule=0" },
  { "an operation that does not exist is denied", "allow any",
    OPERATION_COUNT, "a", CLAUDE, "deny pin" },
  { "an operation before the first is denied", "allow any",
    (Operation) -1, "a", CLAUDE, "deny pin" },

  { "of names one resource", "deny any of a",
    OPERATION_GET_SECRET, "a", CLAUDE, "deny pin rule=0" },
  { "of names no other resource", "deny any of a",
    OPERATION_GET_SECRET, "ab", CLAUDE, "ask pin" },
  { "case matters", "deny any of prod/db/KEY",
    OPERATION_GET_SECRET, "prod/db/key", CLAUDE, "ask pin" },
  { "a list of resources is each of them", "deny any of { a b c/** }",
    OPERATION_GET_SECRET, "c/d/e", CLAUDE, "deny pin rule=0" },
  { "of matches nothing where there is no resource", "deny any of **",
    OPERATION_LIST_SECRETS, NO_RESOURCE, CLAUDE, "ask pin" },
  { "a rule without of matches where there is no resource", "deny any",
    OPERATION_LIST_SECRETS, NO_RESOURCE, CLAUDE, "deny pin rule=0" },

  { "from names one program", "allow any from /usr/bin/claude",
    OPERATION_GET_SECRET, "a", CLAUDE, "allow pin rule=0" },
  { "the same name in another folder is another program", "allow any from /usr/bin/claude",
    OPERATION_GET_SECRET, "a", "/tmp/usr/bin/claude", "ask pin" },
  { "a longer path is another program", "allow any from /usr/bin/claude",
    OPERATION_GET_SECRET, "a", "/usr/bin/claude2", "ask pin" },
  { "a shorter path is another program", "allow any from /usr/bin/claude",
    OPERATION_GET_SECRET, "a", "/usr/bin/claud", "ask pin" },
  { "one star stays in its folder", "allow any from /opt/*/claude",
    OPERATION_GET_SECRET, "a", "/opt/x/y/claude", "ask pin" },
  { "two stars cross folders", "allow any from /opt/**/claude",
    OPERATION_GET_SECRET, "a", "/opt/x/y/claude", "allow pin rule=0" },
  { "a list of programs is each of them", "deny any from { /usr/bin/node /usr/bin/claude }",
    OPERATION_GET_SECRET, "a", NODE, "deny pin rule=0" },
  { "of and from must both match", "deny any of a from /usr/bin/node",
    OPERATION_GET_SECRET, "a", CLAUDE, "ask pin" },
  { "a path deeper than the index looks is matched all the same",
    "deny any from /1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16/17/x",
    OPERATION_GET_SECRET, "a", "/1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16/17/x", "deny pin rule=0" },

  { "an unverified program is not allowed", "allow any",
    OPERATION_HTTP_REQUEST, "a", UNVERIFIED, "ask pin" },
  { "an unverified program is not allowed by from either", "allow any from /**",
    OPERATION_HTTP_REQUEST, "a", UNVERIFIED, "ask pin" },
  { "an unverified program could be the one that is denied", "deny any from /usr/bin/node",
    OPERATION_GET_SECRET, "a", UNVERIFIED, "deny pin rule=0" },
  { "an unverified program is not denied another resource", "deny any of b from /usr/bin/node",
    OPERATION_GET_SECRET, "a", UNVERIFIED, "ask pin" },
  { "an unverified program takes the bounds of each from",
    "ask any from /usr/bin/node max 5m uses 2\nask any from /usr/bin/claude max 1m uses 3",
    OPERATION_GET_SECRET, "a", UNVERIFIED, "ask max=60 uses=2 pin rule=0" },
  { "an unverified program gets no click by from", "ask any from /usr/bin/claude confirm click",
    OPERATION_GET_SECRET, "a", UNVERIFIED, "ask pin rule=0" },
  { "an unverified program gets the pin by from",
    "ask any confirm click\nask any from /usr/bin/claude confirm pin",
    OPERATION_GET_SECRET, "a", UNVERIFIED, "ask pin rule=0" },
  { "an unverified program gets the key by from",
    "ask any confirm pin\nask any from /usr/bin/claude confirm key",
    OPERATION_GET_SECRET, "a", UNVERIFIED, "ask key rule=0" },
  { "an unverified program gets the click that is everybody's", "ask any confirm click",
    OPERATION_GET_SECRET, "a", UNVERIFIED, "ask click rule=0" },

  { "a uid matches", "deny any uid 1000",
    OPERATION_GET_SECRET, "a", CLAUDE, "deny pin rule=0" },
  { "another uid does not", "deny any uid 1001",
    OPERATION_GET_SECRET, "a", CLAUDE, "ask pin" },
  { "a list of uids is each of them", "deny any uid { 0 1000 }",
    OPERATION_GET_SECRET, "a", CLAUDE, "deny pin rule=0" },

  { "an ask bounds", "ask any max 1h30m uses 7",
    OPERATION_GET_SECRET, "a", CLAUDE, "ask max=5400 uses=7 pin rule=0" },
  { "the tightest of each bound holds", "ask any max 5m uses 9\nask get_secret max 10m uses 3",
    OPERATION_GET_SECRET, "a", CLAUDE, "ask max=300 uses=3 pin rule=0" },
  { "a rule without a bound loosens none", "ask any max 5m uses 9\nask get_secret",
    OPERATION_GET_SECRET, "a", CLAUDE, "ask max=300 uses=9 pin rule=0" },
  { "a rule that does not match bounds nothing", "ask any max 5m\nask get_secret of b max 1m",
    OPERATION_GET_SECRET, "a", CLAUDE, "ask max=300 pin rule=0" },
  { "an allow bounds no ask", "allow any max 1m\nask any max 5m",
    OPERATION_GET_SECRET, "a", CLAUDE, "ask max=300 pin rule=1" },
  { "allows bound an allow", "allow any max 1m\nallow get_secret max 5m uses 2",
    OPERATION_GET_SECRET, "a", CLAUDE, "allow max=60 uses=2 pin rule=0" },
  { "every unit of a duration", "ask any max 1d2h3m4s",
    OPERATION_GET_SECRET, "a", CLAUDE, "ask max=93784 pin rule=0" },

  { "a click that is named and nothing else", "ask any confirm click\nask get_secret",
    OPERATION_GET_SECRET, "a", CLAUDE, "ask click rule=0" },
  { "of pin and click the pin holds", "ask any confirm click\nask get_secret confirm pin",
    OPERATION_GET_SECRET, "a", CLAUDE, "ask pin rule=0" },
  { "of pin and click the pin holds in the other order", "ask any confirm pin\nask any confirm click",
    OPERATION_GET_SECRET, "a", CLAUDE, "ask pin rule=0" },
  { "of key and pin the key holds", "ask any confirm key\nask get_secret confirm pin",
    OPERATION_GET_SECRET, "a", CLAUDE, "ask key rule=0" },
  { "of click and key the key holds", "ask any confirm click\nask get_secret confirm key",
    OPERATION_GET_SECRET, "a", CLAUDE, "ask key rule=0" },
  { "a key for another resource is none here", "ask get_secret of b confirm key\nask any",
    OPERATION_GET_SECRET, "a", CLAUDE, "ask pin rule=1" },
  { "a click for another operation is none here", "ask list_secrets confirm click\nask any",
    OPERATION_GET_SECRET, "a", CLAUDE, "ask pin rule=1" },

  { "clauses stand in any order", "ask get_secret confirm click uses 1 max 9s from /usr/bin/claude of a",
    OPERATION_GET_SECRET, "a", CLAUDE, "ask max=9 uses=1 click rule=0" },
  { "a backslash goes on in the next line", "deny \\\n  get_secret \\\r\n\tof a # here",
    OPERATION_GET_SECRET, "a", CLAUDE, "deny pin rule=0" },
  { "a backslash that ends a comment swallows no rule", "# off: \\\ndeny any",
    OPERATION_GET_SECRET, "a", CLAUDE, "deny pin rule=0" },
  { "lines may end in CR LF", "ask any\r\ndeny get_secret\r\n",
    OPERATION_GET_SECRET, "a", CLAUDE, "deny pin rule=1" },
  { "blanks around braces do not matter", "deny {get_secret}of{b a}",
    OPERATION_GET_SECRET, "a", CLAUDE, "deny pin rule=0" },
  { "a name in quotes may be a word of the language", "deny any of \"from\"",
    OPERATION_GET_SECRET, "from", CLAUDE, "deny pin rule=0" },
  { "quotes keep blanks and signs, escapes name characters",
    "allow any from \"/opt/My \\\"App\\\" {1}, \\u{e9}/\\\\x\"",
    OPERATION_GET_SECRET, "a", "/opt/My \"App\" {1}, \u00e9/\\x", "allow pin rule=0" },
  { "quotes do not take the meaning of a star", "deny any of \"a*\"",
    OPERATION_GET_SECRET, "abc", CLAUDE, "deny pin rule=0" },
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
  if (decision->sandbox)
    g_string_append (out, " sandbox");
  if (decision->rule >= 0)
    g_string_append_printf (out, " rule=%d", decision->rule);
  return g_string_free (out, FALSE);
}

static void
test_decision (gconstpointer data)
{
  const DecisionCase *row = data;
  g_autoptr (Policy) policy = parse (row->policy);
  PolicyQuery query = { row->operation, row->resource, row->exe, 1000 };
  PolicyDecision decision;

  policy_decide (policy, &query, &decision);
  g_autofree char *words = in_words (&decision);
  g_assert_cmpstr (words, ==, row->decision);
}

typedef struct
{
  const char *sentence, *written, *canonical;
} TextCase;

static const TextCase text_cases[] = {
  { "clauses are put in their order",
    "ask\tget_secret confirm pin uses 1 max 900s from /bin/x of prod/**",
    "ask get_secret of prod/** from /bin/x max 15m uses 1 confirm pin" },
  { "a list of one is a word", "deny { reveal } of { a } uid { 7 }", "deny reveal of a uid 7" },
  { "operations are put in their order", "ask { delete_secret list_secrets }",
    "ask { list_secrets delete_secret }" },
  { "any stays any", "ask any", "ask any" },
  { "a list stays a list", "ask any of { b a }", "ask any of { b a }" },
  { "needless quotes go", "deny any of \"a\"", "deny any of a" },
  { "quotes stay where a word needs them",
    "deny any of { \"max\" \"a b\" \"#\" \"a,b\" \"{\" \"\\\\\" \"\\\"\" }",
    "deny any of { \"max\" \"a b\" \"#\" \"a,b\" \"{\" \"\\\\\" \"\\\"\" }" },
  { "what does not show is written by its number", "deny any of \"a\\u{202E}b\\u{a}\"",
    "deny any of \"a\\u{202e}b\\u{a}\"" },
  { "what shows is written as it is", "deny any of \"\\u{e9}\"", "deny any of \u00e9" },
  { "a command keeps its order and its braces", "deny launch command { /bin/x }",
    "deny launch command { /bin/x }" },
  { "arguments are quoted where they need it",
    "ask run_command sandbox command { \"/bin/x\" \"\" \"a b\" ** \"from\" \"\\u{a}\" - } max 60s",
    "ask run_command command { /bin/x \"\" \"a b\" ** \"from\" \"\\u{a}\" - } max 1m sandbox" },
  { "a duration uses each unit it can", "ask any max 93784s", "ask any max 1d2h3m4s" },
};

static void
test_text (gconstpointer data)
{
  const TextCase *row = data;
  g_autoptr (Policy) policy = parse (row->written);
  g_autofree char *text = policy_rule_text (policy, 0);
  g_assert_cmpstr (text, ==, row->canonical);

  g_autoptr (Policy) again = parse (text);
  g_autofree char *text_again = policy_rule_text (again, 0);
  g_assert_cmpstr (text_again, ==, text);
}

static void
test_sources (void)
{
  g_autoptr (GError) error = NULL;
  const PolicySource sources[] = { { "policy.conf", "\n# one\nask any", 14 },
                                   { "policy.d/x.conf", "ask any\n\ndeny get_secret\n", 24 } };
  g_autoptr (Policy) policy = policy_parse (sources, 2, &error);
  g_assert_no_error (error);
  PolicyQuery query = { OPERATION_GET_SECRET, "a", CLAUDE, 1000 };
  PolicyDecision decision;

  policy_decide (policy, &query, &decision);
  g_autofree char *place = policy_rule_place (policy, decision.rule);
  g_autofree char *first = policy_rule_place (policy, 0);
  g_assert_cmpuint (policy_n_rules (policy), ==, 3);
  g_assert_cmpstr (place, ==, "policy.d/x.conf:3");
  g_assert_cmpstr (first, ==, "policy.conf:3");
}

/* clang-format off */
static const struct
{
  const char *sentence, *policy;
  const char *ann, *program; /* what work/ann@example.com is told, and what a program is */
} caller_cases[] = {
  { "a rule about a caller", "deny any caller work/ann@example.com", "deny pin rule=0", "ask pin" },
  { "a rule about all of an issuer's", "deny any caller work/*", "deny pin rule=0", "ask pin" },
  { "a rule about another issuer's of that name", "deny any caller home/ann@example.com", "ask pin", "ask pin" },
  { "a rule about another", "deny any caller work/bob@example.com", "ask pin", "ask pin" },
  { "a rule about one whose name only begins so", "deny any caller work/ann", "ask pin", "ask pin" },
  { "several callers", "deny any caller { work/bob work/ann@example.com }", "deny pin rule=0", "ask pin" },
  { "an allow about a caller", "allow any caller work/ann@example.com", "allow pin rule=0", "ask pin" },
  { "an allow about nobody is about programs", "allow any", "ask pin", "allow pin rule=0" },
  { "an ask about nobody is about everybody", "ask any confirm key max 1m", "ask max=60 key rule=0", "ask max=60 key rule=0" },
  { "a deny about nobody is about everybody", "deny any", "deny pin rule=0", "deny pin rule=0" },
  { "no program is a caller's, not even for a deny", "deny any from /**", "ask pin", "deny pin rule=0" },
  { "no user is a caller's", "deny any uid 1000", "ask pin", "deny pin rule=0" },
  { "an ask beats the allow of a caller", "allow any caller work/*\nask any max 5m", "ask max=300 pin rule=1", "ask max=300 pin rule=1" },
};
/* clang-format on */

static void
test_caller (gconstpointer data)
{
  typeof (caller_cases[0]) const *row = data;
  g_autoptr (Policy) policy = parse (row->policy);
  PolicyQuery ann = { .operation = OPERATION_GET_SECRET,
                      .resource = "a",
                      .uid = 1000,
                      .caller = "work/ann@example.com" };
  PolicyQuery program
      = { .operation = OPERATION_GET_SECRET, .resource = "a", .exe = CLAUDE, .uid = 1000 };
  PolicyDecision decision;

  policy_decide (policy, &ann, &decision);
  g_autofree char *told = in_words (&decision);
  g_assert_cmpstr (told, ==, row->ann);
  policy_decide (policy, &program, &decision);
  g_autofree char *other = in_words (&decision);
  g_assert_cmpstr (other, ==, row->program);
}

static const struct
{
  const char *sentence, *rule;
  gboolean concerns;
} concern_cases[] = {
  { "a rule about everybody", "deny reveal", TRUE },
  { "a rule about a thing, whatever it is asked of", "deny any of prod/**", TRUE },
  { "a rule about some commands", "deny run_command command { /usr/bin/gh auth ** }", TRUE },
  { "a rule about this program", "ask any from " CLAUDE, TRUE },
  { "a rule about another program", "allow http_request from /usr/bin/other", FALSE },
  { "a rule about another user", "deny any uid 7", FALSE },
  { "a rule about a program above it", "deny any below /bin/sh", TRUE },
  { "a rule about a program that is not above it", "deny any below /bin/zsh", FALSE },
  { "a rule about another package", "ask any package other", FALSE },
  { "a rule about its unit, which it could have chosen", "ask any unit a.service", TRUE },
  { "a rule about a sum that is not known",
    "deny any sha256 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", TRUE },
  { "a rule about where it is not", "deny any in /srv", TRUE },
  { "a rule about when it is not", "deny any on sun during 00:00-00:01", TRUE },
  { "a rule about many requests", "deny any over 100/1h", TRUE },
  { "a rule about a method", "deny http_request method DELETE", TRUE },
  { "a rule about callers", "deny any caller work/*", FALSE },
};

static void
test_concerns (gconstpointer data)
{
  typeof (concern_cases[0]) const *row = data;
  g_autoptr (Policy) policy = parse (row->rule);
  const char *const chain[] = { "/bin/sh", NULL };
  PolicyQuery query = { .exe = CLAUDE,
                        .uid = 1000,
                        .package = "claude-code",
                        .unit = "a.service",
                        .unit_chosen = TRUE,
                        .chain = chain,
                        .chain_whole = TRUE,
                        .cwd = "/home/ann",
                        .weekday = 1,
                        .minute = 720 };

  g_assert_cmpint (policy_rule_concerns (policy, 0, &query), ==, row->concerns);
  g_assert_false (policy_rule_concerns (policy, 1, &query));
}

static void
test_no_such_rule (void)
{
  g_autoptr (Policy) policy = parse ("ask any");
  g_assert_null (policy_rule_text (policy, -1));
  g_assert_null (policy_rule_text (policy, 1));
  g_assert_null (policy_rule_place (policy, -1));
  g_assert_null (policy_rule_place (policy, 1));
}

static void
test_no_source (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (Policy) policy = policy_parse (NULL, 0, &error);
  PolicyQuery query = { OPERATION_REVEAL, "a", CLAUDE, 1000 };
  PolicyDecision decision;

  g_assert_no_error (error);
  policy_decide (policy, &query, &decision);
  g_assert_cmpint (decision.verdict, ==, POLICY_ASK);
}

static void
test_operation_names (void)
{
  for (Operation i = 0; i < OPERATION_COUNT; i++)
    {
      Operation found = OPERATION_COUNT;
      g_assert_true (operation_from_name (operation_name (i), &found));
      g_assert_cmpint (found, ==, i);
    }
  Operation untouched = OPERATION_REVEAL;
  g_assert_false (operation_from_name ("any", &untouched));
  g_assert_false (operation_from_name ("", &untouched));
  g_assert_false (operation_from_name ("Reveal", &untouched));
  g_assert_cmpint (untouched, ==, OPERATION_REVEAL);
  g_assert_cmpstr (operation_name (OPERATION_SSH_CERTIFICATE), ==, "ssh_certificate");
}

static void
test_user_mode (void)
{
  for (Operation i = 0; i < OPERATION_COUNT; i++)
    g_assert_cmpint (policy_may_allow (i, TRUE), ==,
                     i == OPERATION_HTTP_REQUEST || i == OPERATION_MINT_TOKEN);
}

static void
test_system_mode (void)
{
  for (Operation i = 0; i < OPERATION_COUNT; i++)
    g_assert_cmpint (policy_may_allow (i, FALSE), ==,
                     i == OPERATION_HTTP_REQUEST || i == OPERATION_MINT_TOKEN
                         || i == OPERATION_LIST_SECRETS || i == OPERATION_GET_SECRET);
}

/* The index looks at 64 rules at a time: the borders are where it would go wrong. */
static void
test_each_of_many_rules (void)
{
  g_autoptr (GString) text = g_string_new (NULL);
  for (int i = 0; i < 1000; i++)
    g_string_append_printf (text, "deny get_secret of app%d/%s from /opt/%d/bin/x\n", i,
                            i % 3 == 0 ? "KEY" : "**", i);
  g_autoptr (Policy) policy = parse (text->str);
  for (int i = 0; i < 1000; i++)
    {
      g_autofree char *resource = g_strdup_printf ("app%d/KEY", i);
      g_autofree char *exe = g_strdup_printf ("/opt/%d/bin/x", i);
      PolicyDecision decision;
      policy_decide (policy, &(PolicyQuery){ OPERATION_GET_SECRET, resource, exe, 0 }, &decision);
      g_assert_cmpint (decision.rule, ==, i);
      policy_decide (policy, &(PolicyQuery){ OPERATION_GET_SECRET, resource, NULL, 0 }, &decision);
      g_assert_cmpint (decision.rule, ==, i);
      policy_decide (policy, &(PolicyQuery){ OPERATION_GET_SECRET, resource, CLAUDE, 0 },
                     &decision);
      g_assert_cmpint (decision.rule, ==, -1);
    }
}

/* The index keeps a row for each folder, up to a depth; behind it everything is tried. */
static void
test_each_depth (void)
{
  g_autoptr (GString) folder = g_string_new ("/");
  for (int depth = 0; depth < 40; depth++)
    {
      g_autofree char *text = g_strdup_printf ("deny any of \"%sx\"\nallow any of %sy from %s*\n",
                                               folder->str + 1, folder->str + 1, folder->str);
      g_autofree char *exe = g_strconcat (folder->str, "x", NULL);
      g_autofree char *other = g_strconcat (folder->str, "y", NULL);
      g_autoptr (Policy) policy = parse (text);
      PolicyDecision decision;
      policy_decide (policy, &(PolicyQuery){ OPERATION_LAUNCH, exe + 1, exe, 0 }, &decision);
      g_assert_cmpint (decision.verdict, ==, POLICY_DENY);
      policy_decide (policy, &(PolicyQuery){ OPERATION_LAUNCH, other + 1, other, 0 }, &decision);
      g_assert_cmpint (decision.verdict, ==, POLICY_ALLOW);
      g_string_append (folder, "d/");
    }
}

static const struct
{
  const char *sentence;
  const char *resource, *exe;
  const char *text; /* NULL: there is no such rule */
} allowed[] = {
  { "allows just this of just that program", "github-token", "/usr/bin/gh",
    "allow get_secret of github-token from /usr/bin/gh max 5m" },
  { "a name with a blank is quoted", "github-token", "/opt/my app/run",
    "allow get_secret of github-token from \"/opt/my app/run\" max 5m" },
  { "what has no resource has none in the rule", NULL, "/usr/bin/gh",
    "allow get_secret from /usr/bin/gh max 5m" },
  { "a star in a path would stand for more", "github-token", "/usr/bin/g*h", NULL },
  { "a question mark in a name would stand for more", "token?", "/usr/bin/gh", NULL },
  { "a path that is not UTF-8 is in no rule", "token", "/usr/bin/\xff", NULL },
  { "a path that names no file is in no rule", "token", "gh", NULL },
};

static void
test_allow_text (gconstpointer data)
{
  gsize i = GPOINTER_TO_SIZE (data);
  g_autofree char *text
      = policy_allow_text (OPERATION_GET_SECRET, allowed[i].resource, allowed[i].exe, 300);

  g_assert_cmpstr (text, ==, allowed[i].text);
}

static void
test_allow_command_text (void)
{
  static const char *const names[] = { "a", "app/prod/B", NULL };
  static const char *const command[] = { "/usr/bin/npx", "-y", "@scope/server", "a b", NULL };
  static const char *const wild[] = { "/usr/bin/npx", "*", NULL };
  g_autofree char *text
      = policy_allow_command_text (OPERATION_LAUNCH, names, command, "/usr/bin/claude", 60);
  PolicyDecision decision;

  g_autoptr (Policy) policy = parse (text);
  PolicyQuery query
      = { .operation = OPERATION_LAUNCH, .exe = "/usr/bin/claude", .command = command };
  policy_decide_each (policy, &query, names, &decision);
  g_assert_cmpint (decision.verdict, ==, POLICY_ALLOW);
  g_assert_cmpint (decision.max_duration, ==, 60);
  query.command = wild;
  policy_decide_each (policy, &query, names, &decision);
  g_assert_cmpint (decision.rule, ==, -1);
  g_assert_null (policy_allow_command_text (OPERATION_LAUNCH, names, wild, "/usr/bin/claude", 60));
}

static const struct
{
  const char *exe, *name;
} interpreted[] = { { "/usr/bin/python3.11", "python" },
                    { "/usr/bin/node", "node" },
                    { "/bin/dash", "dash" },
                    { "/usr/bin/gh", NULL } };

static void
test_interpreter (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (interpreted); i++)
    g_assert_cmpstr (policy_interpreter (interpreted[i].exe), ==, interpreted[i].name);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD_TABLE ("/policy/decision/", decision_cases, test_decision);
  ADD_TABLE ("/policy/text/", text_cases, test_text);
  ADD_TABLE ("/policy/concerns/", concern_cases, test_concerns);
  ADD_TABLE ("/policy/caller/", caller_cases, test_caller);
  g_test_add_func ("/policy/each source's rules count, and are named by file and line",
                   test_sources);
  g_test_add_func ("/policy/a rule that there is not has no text", test_no_such_rule);
  g_test_add_func ("/policy/no source at all asks everything", test_no_source);
  g_test_add_func ("/policy/an operation and its name are one to one", test_operation_names);
  g_test_add_func ("/policy/in user mode two operations can be allowed", test_user_mode);
  g_test_add_func ("/policy/in system mode two that read can be allowed besides", test_system_mode);
  g_test_add_func ("/policy/each of a thousand rules is found", test_each_of_many_rules);
  g_test_add_func ("/policy/names and paths of each depth are found", test_each_depth);
  for (gsize i = 0; i < G_N_ELEMENTS (allowed); i++)
    {
      g_autofree char *path
          = g_strconcat ("/policy/the rule for always: ", allowed[i].sentence, NULL);
      g_test_add_data_func (path, GSIZE_TO_POINTER (i), test_allow_text);
    }
  g_test_add_func ("/policy/the rule for always: allows just this command just these secrets",
                   test_allow_command_text);
  g_test_add_func ("/policy/an interpreter is known by its name", test_interpreter);
  return g_test_run ();
}
