/* SPDX-License-Identifier: MIT
 *
 * What each clause about a requester, a request and the moment matches: surely, maybe, or not at
 * all. A deny and an ask's bounds go with "maybe"; an allow and a click go with "surely" alone.
 */
#include "policy/policy.h"
#include "tests/unit/table.h"

#include <string.h>

#define CLAUDE "/usr/bin/claude"
#define SUM "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define OTHER "fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210"
#define HTTP .operation = OPERATION_HTTP_REQUEST, .exe = CLAUDE, .resource = "github"
#define GET .operation = OPERATION_GET_SECRET, .exe = CLAUDE, .resource = "a"
#define CALLED .operation = OPERATION_HTTP_REQUEST, .caller = "work/ann", .resource = "github"

static const char *const none[] = { NULL };
static const char *const claude[] = { "/usr/bin/bash", CLAUDE, "/usr/bin/tmux", NULL };

typedef struct
{
  const char *sentence, *clause;
  const char *matches; /* "yes", "maybe", "no" */
  PolicyQuery query;
} MatchCase;

/* clang-format off */
static const MatchCase match_cases[] = {
  { "a method is one of the list", "method { GET HEAD }", "yes", { HTTP, .method = "HEAD" } },
  { "another method is not", "method { GET HEAD }", "no", { HTTP, .method = "POST" } },
  { "a method that is not known may be it", "method GET", "maybe", { HTTP } },

  { "a path below a folder", "path /repos/ann/**", "yes", { HTTP, .path = "/repos/ann/site/issues" } },
  { "a path beside it", "path /repos/ann/**", "no", { HTTP, .path = "/repos/annie/site" } },
  { "one star is one segment", "path /repos/*/issues", "no", { HTTP, .path = "/repos/a/b/issues" } },
  { "two stars in the middle are any folders", "path /repos/**/issues", "yes", { HTTP, .path = "/repos/a/b/issues" } },
  { "all that is below takes the folder with its slash", "path /admin/**", "yes", { HTTP, .path = "/admin/" } },
  { "a slash at the end counts", "path /admin/", "no", { HTTP, .path = "/admin" } },
  { "a slash within a segment is none between two", "path /files/*", "yes", { HTTP, .path = "/files/a%2Fb" } },
  { "a slash within a segment can be named", "path /files/a%2F*", "yes", { HTTP, .path = "/files/a%2Fb" } },
  { "the top is a path", "path /", "yes", { HTTP, .path = "/" } },
  { "a path that is not known may be it", "path /user", "maybe", { HTTP } },
  { "method and path have both to match", "method GET path /user", "no", { HTTP, .method = "GET", .path = "/users" } },

  { "the executable's sum", "sha256 " SUM, "yes", { GET, .sha256 = SUM } },
  { "a sum in capitals is the same", "sha256 0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF", "yes", { GET, .sha256 = SUM } },
  { "one of several sums", "sha256 { " OTHER " " SUM " }", "yes", { GET, .sha256 = SUM } },
  { "another sum", "sha256 " SUM, "no", { GET, .sha256 = OTHER } },
  { "a sum that is not known may be it", "sha256 " SUM, "maybe", { GET } },

  { "the package that owns it", "package { nodejs claude-code }", "yes", { GET, .package = "nodejs" } },
  { "another package", "package nodejs", "no", { GET, .package = "nodejs-legacy" } },
  { "no package owns it", "package nodejs", "no", { GET, .package = "" } },
  { "a package that is not known may be it", "package nodejs", "maybe", { GET } },

  { "the unit it runs in", "unit agent.service", "yes", { GET, .unit = "agent.service" } },
  { "a pattern for units", "unit agent@*.service", "yes", { GET, .unit = "agent@7.service" } },
  { "a unit that it could have chosen only may be meant", "unit agent.service", "maybe", { GET, .unit = "agent.service", .unit_chosen = TRUE } },
  { "another unit that it could have chosen", "unit agent.service", "no", { GET, .unit = "x.scope", .unit_chosen = TRUE } },
  { "another unit", "unit agent.service", "no", { GET, .unit = "agents.service" } },
  { "no unit, known to be none, and a pattern for any", "unit *.service", "no", { GET, .unit = "" } },
  { "a unit that is not known may be it", "unit agent.service", "maybe", { GET } },

  { "a program above it", "below " CLAUDE, "yes", { GET, .chain = claude, .chain_whole = TRUE } },
  { "a program above it, though others are not known", "below " CLAUDE, "yes", { GET, .chain = claude } },
  { "no such program above it", "below /usr/bin/codex", "no", { GET, .chain = claude, .chain_whole = TRUE } },
  { "no such program among those that are known", "below /usr/bin/codex", "maybe", { GET, .chain = claude } },
  { "nothing is above it", "below " CLAUDE, "no", { GET, .chain = none, .chain_whole = TRUE } },
  { "itself is not above itself", "below " CLAUDE, "no", { .operation = OPERATION_GET_SECRET, .resource = "a", .exe = CLAUDE, .chain = none, .chain_whole = TRUE } },
  { "what is above it is not known", "below " CLAUDE, "maybe", { GET } },
  { "what is above it is not known, whole or not", "below " CLAUDE, "maybe", { GET, .chain_whole = TRUE } },

  { "the directory itself, which whoever asks chose", "in /home/ann/src", "maybe", { GET, .cwd = "/home/ann/src" } },
  { "a directory below", "in /home/ann/src", "maybe", { GET, .cwd = "/home/ann/src/a/b" } },
  { "a directory whose name goes on", "in /home/ann/src", "no", { GET, .cwd = "/home/ann/src2" } },
  { "the directory above", "in /home/ann/src", "no", { GET, .cwd = "/home/ann" } },
  { "the top", "in /home", "no", { GET, .cwd = "/" } },
  { "below a pattern", "in /home/*/src", "maybe", { GET, .cwd = "/home/bob/src/x" } },
  { "a directory that is not known", "in /home/ann/src", "maybe", { GET } },

  { "within the hours", "during 09:00-18:00", "yes", { GET, .weekday = 1, .minute = 600 } },
  { "the first minute belongs to the hours", "during 09:00-18:00", "yes", { GET, .weekday = 1, .minute = 540 } },
  { "the minute before them does not", "during 09:00-18:00", "no", { GET, .weekday = 1, .minute = 539 } },
  { "the last named minute does not belong to them", "during 09:00-18:00", "no", { GET, .weekday = 1, .minute = 1080 } },
  { "in the middle of an hour not either", "during 09:00-18:07", "no", { GET, .weekday = 1, .minute = 1087 } },
  { "the minute before it does", "during 09:00-18:00", "yes", { GET, .weekday = 1, .minute = 1079 } },
  { "over midnight, in the evening", "during 22:00-06:00", "yes", { GET, .weekday = 7, .minute = 1439 } },
  { "over midnight, in the morning", "during 22:00-06:00", "yes", { GET, .weekday = 1, .minute = 0 } },
  { "over midnight, at noon", "during 22:00-06:00", "no", { GET, .weekday = 1, .minute = 720 } },
  { "up to midnight", "during 18:00-00:00", "yes", { GET, .weekday = 1, .minute = 1439 } },
  { "up to midnight and no longer", "during 18:00-00:00", "no", { GET, .weekday = 2, .minute = 0 } },
  { "the second of two", "during { 08:00-12:00 13:00-17:00 }", "yes", { GET, .weekday = 1, .minute = 780 } },
  { "between two", "during { 08:00-12:00 13:00-17:00 }", "no", { GET, .weekday = 1, .minute = 750 } },
  { "a time that is not known", "during 09:00-18:00", "maybe", { GET, .minute = 600 } },

  { "a day of the row", "on mon-fri", "yes", { GET, .weekday = 5 } },
  { "a day behind the row", "on mon-fri", "no", { GET, .weekday = 6 } },
  { "a row over the week's end", "on sat-mon", "yes", { GET, .weekday = 1 } },
  { "a row over the week's end, and the day behind it", "on sat-mon", "no", { GET, .weekday = 2 } },
  { "a row and a day", "on { mon-wed sun }", "yes", { GET, .weekday = 7 } },
  { "a day that is not known", "on mon", "maybe", { GET } },
  { "hours and days have both to match", "during 09:00-18:00 on mon-fri", "no", { GET, .weekday = 6, .minute = 600 } },

  { "who calls over HTTP has no sum", "sha256 " SUM, "no", { CALLED, .sha256 = SUM } },
  { "who calls over HTTP is of no package", "package nodejs", "no", { CALLED, .package = "nodejs" } },
  { "who calls over HTTP runs in no unit", "unit a.service", "no", { CALLED, .unit = "a.service" } },
  { "who calls over HTTP is below nothing", "below " CLAUDE, "no", { CALLED, .chain = claude } },
  { "who calls over HTTP is nowhere", "in /srv", "no", { CALLED, .cwd = "/srv" } },
  { "who calls over HTTP asks at some time", "on mon", "yes", { CALLED, .weekday = 1 } },
  { "who calls over HTTP asks with a method", "method GET", "yes", { CALLED, .method = "GET" } },
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

static void
test_match (gconstpointer data)
{
  const MatchCase *row = data;
  const char *operation = operation_name (row->query.operation);
  g_autofree char *deny = g_strdup_printf ("deny %s %s", operation, row->clause);
  g_autofree char *ask = g_strdup_printf ("ask %s %s max 5m confirm click", operation, row->clause);
  g_autoptr (Policy) denying = parse (deny);
  g_autoptr (Policy) asking = parse (ask);
  PolicyDecision decision;

  policy_decide (denying, &row->query, &decision);
  g_assert_cmpint (decision.verdict, ==,
                   g_str_equal (row->matches, "no") ? POLICY_ASK : POLICY_DENY);
  policy_decide (asking, &row->query, &decision);
  g_assert_cmpint (decision.max_duration, ==, g_str_equal (row->matches, "no") ? 0 : 300);
  g_assert_cmpint (decision.confirm, ==,
                   g_str_equal (row->matches, "yes") ? CONFIRM_CLICK : CONFIRM_PIN);
}

/* An allow that could never match is no rule. */
static void
test_allow (gconstpointer data)
{
  const MatchCase *row = data;
  gboolean called = row->query.caller != NULL;
  gboolean never
      = g_str_has_prefix (row->clause, "in ") || (called && !g_str_equal (row->matches, "yes"));
  g_autofree char *allow = g_strdup_printf ("allow %s %s %s", operation_name (row->query.operation),
                                            row->clause, called ? "caller work/*" : "");
  PolicySource source = { "p", allow, strlen (allow) };
  g_autoptr (Policy) policy = policy_parse (&source, 1, NULL);
  PolicyDecision decision;

  g_assert_cmpint (policy == NULL, ==, never);
  if (never)
    return;
  policy_decide (policy, &row->query, &decision);
  g_assert_cmpint (decision.verdict, ==,
                   g_str_equal (row->matches, "yes") ? POLICY_ALLOW : POLICY_ASK);
}

/* ---- What a policy looks at ---- */

typedef struct
{
  const char *sentence, *policy;
  guint needs;
} NeedsCase;

static const NeedsCase needs_cases[] = {
  { "an empty policy needs nothing", "", 0 },
  { "names, programs, commands and bounds need nothing more",
    "ask launch of a from /x uid 1 command { /y } max 5m uses 1 confirm pin sandbox", 0 },
  { "a sum", "deny any sha256 " SUM, POLICY_NEEDS_SHA256 },
  { "a package", "deny any package a", POLICY_NEEDS_PACKAGE },
  { "a unit", "deny any unit a.scope", POLICY_NEEDS_UNIT },
  { "a program above", "deny any below /a", POLICY_NEEDS_CHAIN },
  { "a directory", "deny any in /a", POLICY_NEEDS_CWD },
  { "hours", "deny any during 01:00-02:00", POLICY_NEEDS_TIME },
  { "days", "deny any on mon", POLICY_NEEDS_TIME },
  { "what is over a rate", "deny any over 1/1h", POLICY_NEEDS_COUNT },
  { "a rate", "ask any rate 1/1h", POLICY_NEEDS_COUNT },
  { "a method", "deny http_request method GET", POLICY_NEEDS_HTTP },
  { "a path", "deny http_request path /a", POLICY_NEEDS_HTTP },
  { "all rules together", "deny any on mon\nask any in /a\n",
    POLICY_NEEDS_TIME | POLICY_NEEDS_CWD },
};

static void
test_needs (gconstpointer data)
{
  const NeedsCase *row = data;
  g_autoptr (Policy) policy = parse (row->policy);
  g_assert_cmpuint (policy_needs (policy), ==, row->needs);
}

/* ---- The next change ---- */

typedef struct
{
  const char *sentence, *policy;
  int weekday, minute;
  gint64 minutes;
} ChangeCase;

static const ChangeCase change_cases[] = {
  { "no hours, no change", "ask any", 1, 0, -1 },
  { "the hours begin", "ask any during 09:00-18:00", 1, 500, 40 },
  { "the hours end", "ask any during 09:00-18:00", 1, 540, 540 },
  { "now is a day away", "ask any during 09:00-09:01", 1, 541, 1439 },
  { "over midnight", "ask any during 22:00-06:00", 1, 1380, 420 },
  { "the day ends", "ask any on mon", 1, 1400, 40 },
  { "the day begins", "ask any on mon", 6, 0, 2880 },
  { "a row of days ends", "ask any on mon-fri", 1, 0, 7200 },
  { "a row over the week's end", "ask any on sat-mon", 6, 60, 4260 },
  { "every day never changes", "ask any on mon-sun", 3, 0, -1 },
  { "the soonest of all rules", "ask any on mon\ndeny any during 10:00-11:00", 1, 590, 10 },
};

static void
test_change (gconstpointer data)
{
  const ChangeCase *row = data;
  g_autoptr (Policy) policy = parse (row->policy);
  g_assert_cmpint (policy_next_change (policy, row->weekday, row->minute), ==, row->minutes);
}

/* Stepping minute by minute through a week, no decision changes where no change was told. */
static void
test_every_minute (void)
{
  g_autoptr (Policy) policy
      = parse ("deny any during { 09:00-18:00 22:00-06:00 } on { mon-thu sat }\n");
  gint64 until = 0;
  PolicyVerdict before = POLICY_ASK;
  for (int at = 0; at < 7 * 1440; at++)
    {
      PolicyQuery query = { GET, .weekday = at / 1440 + 1, .minute = at % 1440 };
      PolicyDecision decision;
      policy_decide (policy, &query, &decision);
      if (at > 0 && until > 0)
        g_assert_cmpint (decision.verdict, ==, before);
      if (until <= 0)
        until = policy_next_change (policy, query.weekday, query.minute);
      before = decision.verdict;
      until--;
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD_TABLE ("/policy/clause/", match_cases, test_match);
  ADD_TABLE ("/policy/clause/allowed: ", match_cases, test_allow);
  ADD_TABLE ("/policy/needs/", needs_cases, test_needs);
  ADD_TABLE ("/policy/change/", change_cases, test_change);
  g_test_add_func ("/policy/change/no decision changes between two changes", test_every_minute);
  return g_test_run ();
}
