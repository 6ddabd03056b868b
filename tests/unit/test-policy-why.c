/* SPDX-License-Identifier: MIT
 *
 * Why a policy says what it says.
 */
#include "policy/explain/policy-why.h"
#include "tests/unit/table.h"

#include <string.h>

typedef struct
{
  const char *sentence, *policy, *request;
  const char *rules; /* for each "part clause: why", a line each */
} WhyCase;

/* clang-format off */
static const WhyCase why_cases[] = {
  { "the rule that matches decides", "ask get_secret of a", "get_secret a", "decided" },
  { "a deny beats what else matches", "allow get_secret\nask get_secret\ndeny get_secret", "get_secret a from /bin/x", "beaten\nbeaten\ndecided" },
  { "all of one verdict decide together", "ask get_secret max 1m\nask any uses 1\nallow get_secret", "get_secret a from /bin/x", "decided\ndecided\nbeaten" },
  { "a rule about another operation", "deny reveal", "get_secret a", "other: it is not about get_secret" },
  { "a rule about another thing", "deny get_secret of b", "get_secret a", "other of: it is a" },
  { "a rule about another thing, of this program", "deny get_secret of b from /bin/x", "get_secret a from /bin/x", "near of: it is a" },
  { "a rule about another program", "deny get_secret of a from /bin/y", "get_secret a from /bin/x", "near from: who asks is /bin/x" },
  { "two clauses against it are not nearly", "deny get_secret of b from /bin/y", "get_secret a from /bin/x", "other of: it is a" },
  { "the first of the clauses is named", "deny get_secret from /bin/y uid 7", "get_secret a from /bin/x uid 8", "other from: who asks is /bin/x" },
  { "nothing is named", "deny list_secrets of a uid 7", "list_secrets uid 7", "near of: the request names nothing" },
  { "an unverified program could be the one that is denied", "deny get_secret from /bin/y", "get_secret a unverified", "decided from: who asks is not verified and could be any program" },
  { "so could one that is not said", "deny get_secret from /bin/y", "get_secret a", "decided from: it is not said who asks, so it could be any program" },
  { "an unverified program is allowed nothing", "allow get_secret", "get_secret a unverified", "near: who asks is not verified and could be any program, and nothing is allowed to any program" },
  { "an unverified program is not the one that is allowed", "allow get_secret from /bin/y", "get_secret a unverified", "near from: who asks is not verified and could be any program" },
  { "a caller is no program", "deny get_secret from /bin/y", "get_secret a caller work/ann", "near from: who asks calls over HTTP and is no program of this machine" },
  { "a program is no caller", "deny get_secret caller work/*", "get_secret a from /bin/x", "near caller: who asks is a program of this machine" },
  { "another caller", "deny get_secret caller work/bob", "get_secret a caller work/ann", "near caller: who calls is work/ann" },
  { "a caller is allowed by name alone", "allow get_secret", "get_secret a caller work/ann", "near: who calls over HTTP is allowed only by rules with \"caller\"" },
  { "another uid", "deny get_secret uid 7", "get_secret a uid 8", "near uid: its uid is 8" },
  { "a uid that is not said", "deny get_secret uid 7", "get_secret a", "near uid: its uid is not said" },
  { "another command", "deny launch command { /bin/y ** }", "launch command { /bin/x -c \"a b\" }", "near command: it would run /bin/x -c \"a b\"" },
  { "a command that is not said", "allow launch command { /bin/y ** }", "launch from /bin/x", "near command: what would be run is not known" },
  { "another method", "deny http_request method GET", "http_request a method POST", "near method: the method is POST" },
  { "a method that is not said", "allow http_request method GET", "http_request a from /bin/x", "near method: its method is not known" },
  { "another path", "deny http_request path /a/**", "http_request a path /b", "near path: the path is /b" },
  { "another digest", "deny get_secret sha256 0000000000000000000000000000000000000000000000000000000000000000", "get_secret a sha256 1111111111111111111111111111111111111111111111111111111111111111", "near sha256: its SHA-256 is 1111111111111111111111111111111111111111111111111111111111111111" },
  { "another package", "deny get_secret package b", "get_secret a package c", "near package: it is of the package c" },
  { "no package", "deny get_secret package b", "get_secret a package \"\"", "near package: it is of no package" },
  { "another unit", "deny get_secret unit b.service", "get_secret a unit c.service", "near unit: it runs in c.service" },
  { "no unit", "deny get_secret unit b.service", "get_secret a unit \"\"", "near unit: it runs in no unit" },
  { "a unit that it could have chosen is allowed nothing", "allow get_secret unit b.service", "get_secret a from /bin/x unit b.service chosen", "near unit: whoever asks could have chosen the unit it runs in" },
  { "other programs above it", "deny get_secret below /bin/c", "get_secret a below { /bin/a /bin/b }", "near below: it runs below /bin/a, /bin/b" },
  { "no program above it", "deny get_secret below /bin/c", "get_secret a below { }", "near below: it runs below no program of the same user" },
  { "not all of those above it", "allow get_secret below /bin/c", "get_secret a from /bin/x below { /bin/a ** }", "near below: not all programs above it are known" },
  { "elsewhere", "ask get_secret in /src", "get_secret a in /tmp", "near in: it is in /tmp" },
  { "a place is chosen", "ask get_secret in /src", "get_secret a in /src/b", "decided in: whoever asks chooses where that is" },
  { "at another time", "deny get_secret during 09:00-18:00", "get_secret a at mon 18:00", "near during: it is asked mon 18:00" },
  { "on another day", "deny get_secret on mon", "get_secret a at sun 18:00", "near on: it is asked sun 18:00" },
  { "a time that is not said", "allow get_secret on mon", "get_secret a from /bin/x", "near on: the day is not known" },
  { "not as often", "deny get_secret over 5/1h", "get_secret a after 4", "near over: it has asked 4 times" },
  { "as often", "deny get_secret over 5/1h", "get_secret a after 5", "decided" },
  { "a rate denies", "ask get_secret of a rate 5/1h\nask any", "get_secret a from /bin/x after 5", "decided rate: 5/1h is reached\nbeaten" },
  { "a deny beats a rate", "ask get_secret rate 5/1h\ndeny get_secret", "get_secret a after 9", "beaten\ndecided" },
  { "a rate that is not reached", "ask get_secret rate 5/1h", "get_secret a after 4", "decided" },
  { "the scope alone decides", "allow http_request of github/write\ndeny http_request of github/admin", "http_request github scopes { read write } from /bin/x", "decided\nother of: it is github, with the scopes read, write" },
  { "what is denied of two things beats what is asked of the other", "deny launch of b\nask launch of a", "launch { a b } command { /bin/x }", "decided\nbeaten" },
  { "a rule about one of two things decides where the other is allowed", "allow mint_token of p/a\nask mint_token of p/b", "mint_token p scopes { a b } from /bin/x", "beaten\ndecided" },
  { "a scope that is cut says nothing", "allow mint_token of p scopes a", "mint_token p scopes { a b } from /bin/x", "decided" },
  { "where all are cut the rule that cuts denies", "ask mint_token of p scopes a", "mint_token p scopes b from /bin/x", "decided scopes: it leaves b out" },
  { "a name that needs quotes is in quotes", "deny get_secret from /bin/y", "get_secret a from \"/bin/a b\"", "near from: who asks is \"/bin/a b\"" },
};
/* clang-format on */

static Policy *
parse_policy (const char *text)
{
  PolicySource source = { "p", text, strlen (text) };
  g_autoptr (GError) error = NULL;
  Policy *policy = policy_parse (&source, 1, &error);

  g_assert_no_error (error);
  return policy;
}

static PolicyRequest *
parse_request (const char *text)
{
  PolicySource source = { "r", text, strlen (text) };
  g_autoptr (GError) error = NULL;
  PolicyRequest *request = policy_request_parse (&source, &error);

  g_assert_no_error (error);
  return request;
}

static char *
lines_of (const GPtrArray *whys)
{
  GString *out = g_string_new (NULL);

  for (guint i = 0; i < whys->len; i++)
    {
      const PolicyWhy *why = whys->pdata[i];
      g_assert_cmpint (why->rule, ==, (int) i);
      g_string_append_printf (out, "%s%s%s%s%s%s", i > 0 ? "\n" : "", policy_part_name (why->part),
                              why->clause != NULL ? " " : "",
                              why->clause != NULL ? why->clause : "", why->why != NULL ? ": " : "",
                              why->why != NULL ? why->why : "");
    }
  return g_string_free (out, FALSE);
}

static void
test_why (gconstpointer data)
{
  const WhyCase *it = data;
  g_autoptr (Policy) policy = parse_policy (it->policy);
  g_autoptr (PolicyRequest) request = parse_request (it->request);
  g_autoptr (GPtrArray) whys = policy_why (policy, request);
  g_autofree char *lines = lines_of (whys);

  g_assert_cmpstr (lines, ==, it->rules);
}

/* ---- what was not recorded ---- */

typedef struct
{
  const char *sentence, *policy, *request, *forgotten;
  PolicyVerdict least, most;
  const char *missing;
} OutlookCase;

/* clang-format off */
static const OutlookCase outlook_cases[] = {
  { "nothing was forgotten", "deny get_secret of a", "get_secret a", NULL, POLICY_DENY, POLICY_DENY, "" },
  { "no rule looks at it", "ask get_secret of a", "get_secret a from /bin/x", "uid", POLICY_ASK, POLICY_ASK, "" },
  { "a rule looks at it and changes nothing", "ask get_secret uid 7", "get_secret a from /bin/x", "uid", POLICY_ASK, POLICY_ASK, "uid" },
  { "it may be denied", "deny get_secret uid 7", "get_secret a from /bin/x", "uid", POLICY_DENY, POLICY_ASK, "uid" },
  { "it may be allowed", "allow get_secret uid 7", "get_secret a from /bin/x", "uid", POLICY_ASK, POLICY_ALLOW, "uid" },
  { "what is denied anyway is denied", "deny get_secret\nallow get_secret uid 7", "get_secret a from /bin/x", "uid", POLICY_DENY, POLICY_DENY, "uid" },
  { "what is asked anyway is not allowed", "ask get_secret\nallow get_secret uid 7", "get_secret a from /bin/x", "uid", POLICY_ASK, POLICY_ASK, "uid" },
  { "whether it was verified decides what is allowed", "allow get_secret", "get_secret a from /bin/x", "from", POLICY_ASK, POLICY_ALLOW, "from" },
  { "another program is allowed neither way", "allow get_secret from /bin/y", "get_secret a from /bin/x", "from", POLICY_ASK, POLICY_ASK, "" },
  { "an unverified one may be denied as any", "deny get_secret from /bin/y", "get_secret a from /bin/x", "from", POLICY_DENY, POLICY_ASK, "from" },
  { "a rule against another program of another thing", "deny get_secret of b from /bin/y", "get_secret a from /bin/x", "from", POLICY_ASK, POLICY_ASK, "" },
  { "a scope may be denied", "deny http_request of github/write", "http_request github from /bin/x", "scopes", POLICY_DENY, POLICY_ASK, "scopes" },
  { "a scope of another service is none of this", "deny http_request of gitlab/write", "http_request github from /bin/x", "scopes", POLICY_ASK, POLICY_ASK, "" },
  { "a scope may be cut", "ask mint_token of p/** scopes a", "mint_token p from /bin/x", "scopes", POLICY_DENY, POLICY_ALLOW, "scopes" },
  { "the path may be another", "allow http_request path /a", "http_request github from /bin/x", "path", POLICY_ASK, POLICY_ALLOW, "path" },
  { "a rate may be reached", "allow http_request rate 2/1h", "http_request github from /bin/x", "after", POLICY_DENY, POLICY_ALLOW, "after" },
  { "a time may be another", "allow http_request on mon", "http_request github from /bin/x", "at", POLICY_ASK, POLICY_ALLOW, "at" },
  { "of two things the one that is denied decides", "deny launch of a\nallow launch of b uid 7", "launch { a b } command { /bin/x } from /bin/x", "uid", POLICY_DENY, POLICY_DENY, "uid" },
};
/* clang-format on */

static void
test_outlook (gconstpointer data)
{
  const OutlookCase *it = data;
  g_autoptr (Policy) policy = parse_policy (it->policy);
  g_autoptr (PolicyRequest) request = parse_request (it->request);
  PolicyOutlook outlook;

  if (it->forgotten != NULL)
    policy_request_forget (request, it->forgotten);
  policy_outlook (policy, request, &outlook);
  g_autofree char *missing = policy_request_words (outlook.missing);
  g_assert_cmpstr (missing, ==, it->missing);
  g_assert_cmpint (outlook.least, ==, it->least);
  g_assert_cmpint (outlook.most, ==, it->most);
}

/* ---- as the verdict ---- */

#define ROUNDS 3000
#define PICK(words) ((words)[g_test_rand_int_range (0, G_N_ELEMENTS (words))])
#define ONE_IN(n) (g_test_rand_int_range (0, (n)) == 0)

static const char *const operations[] = { "get_secret", "http_request", "mint_token", "launch" };
static const char *const clauses[]
    = { "of a",        "of { a b }",     "of a/r",       "of a/*",       "of **",
        "from /bin/x", "from /bin/*",    "uid 7",        "caller w/ann", "caller w/*",
        "package p",   "unit u.service", "below /bin/a", "on mon",       "during 09:00-18:00",
        "over 2/1h" };
static const char *const of_http[] = { "method GET", "path /a/**" };
static const char *const bounds[] = { "max 1m", "uses 2", "rate 3/1h" };

static char *
first_word (const char *text)
{
  return g_strndup (text, strcspn (text, " "));
}

/* One that parses, as most do. */
static char *
random_rule (void)
{
  static const char *const verdicts[] = { "deny", "ask", "ask", "allow", "allow" };
  const char *operation = PICK (operations);
  GString *rule = g_string_new (PICK (verdicts));
  g_string_append_printf (rule, " %s", ONE_IN (3) ? "any" : operation);
  gboolean http = g_str_has_suffix (rule->str, "http_request");

  for (gint n = g_test_rand_int_range (0, 4); n > 0; n--)
    {
      const char *clause = http && ONE_IN (3) ? PICK (of_http) : PICK (clauses);
      g_string_append_printf (rule, " %s", clause);
    }
  if (!g_str_has_prefix (rule->str, "deny") && ONE_IN (2))
    g_string_append_printf (rule, " %s", PICK (bounds));
  if (g_str_has_suffix (operation, "token") && g_str_has_prefix (rule->str, "ask mint"))
    g_string_append (rule, " scopes r*");
  return g_string_free (rule, FALSE);
}

static gboolean
parses (const char *rule)
{
  PolicySource source = { "p", rule, strlen (rule) };
  g_autoptr (Policy) policy = policy_parse (&source, 1, NULL);
  return policy != NULL;
}

static Policy *
random_policy (void)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (gint n = g_test_rand_int_range (0, 8); n > 0; n--)
    {
      g_autofree char *rule = random_rule ();
      if (parses (rule))
        g_string_append_printf (text, "%s\n", rule);
    }
  return parse_policy (text->str);
}

static PolicyRequest *
random_request (void)
{
  static const char *const asked[] = { "get_secret a",
                                       "http_request a",
                                       "http_request a scopes { r w }",
                                       "mint_token a",
                                       "mint_token a scopes { r w }",
                                       "mint_token a scopes w",
                                       "launch { a b }",
                                       "http_request a method GET path /a/b",
                                       "launch command { /bin/a b }" };
  static const char *const who[] = { "from /bin/x",
                                     "from /bin/y uid 7",
                                     "unverified",
                                     "",
                                     "caller w/ann",
                                     "caller v/bob",
                                     "from /bin/x package p below { /bin/a }",
                                     "from /bin/x unit u.service",
                                     "from /bin/x unit u.service chosen below { }" };
  static const char *const when[] = { "", "at mon 10:00", "at tue 20:00", "after 1", "after 4" };
  g_autofree char *text = g_strjoin (" ", PICK (asked), PICK (who), PICK (when), NULL);

  return parse_request (text);
}

/* What the rules that decide say together. */
static PolicyVerdict
verdict_of (const Policy *policy, const GPtrArray *whys)
{
  for (guint i = 0; i < whys->len; i++)
    {
      const PolicyWhy *why = whys->pdata[i];
      g_autofree char *rule = policy_rule_text (policy, why->rule);
      g_autofree char *verdict = first_word (rule);
      if (why->part != POLICY_PART_DECIDED)
        continue;
      if (g_strcmp0 (why->clause, "rate") == 0 || strcmp (verdict, "deny") == 0)
        return POLICY_DENY;
      return strcmp (verdict, "allow") == 0 ? POLICY_ALLOW : POLICY_ASK;
    }
  return POLICY_ASK;
}

static gboolean
has_part (const GPtrArray *whys, int rule, PolicyPart part)
{
  return rule < 0 || ((const PolicyWhy *) whys->pdata[rule])->part == part;
}

static void
test_same_verdict (void)
{
  for (guint i = 0; i < ROUNDS && !g_test_failed (); i++)
    {
      g_autoptr (Policy) policy = random_policy ();
      g_autoptr (PolicyRequest) request = random_request ();
      g_autoptr (GPtrArray) whys = policy_why (policy, request);
      PolicyDecision decision;
      PolicyOutlook outlook;

      policy_request_decide (request, policy, &decision);
      policy_outlook (policy, request, &outlook);
      gboolean cut = g_strcmp0 (decision.code, "scopes") == 0;
      if ((cut || verdict_of (policy, whys) == decision.verdict)
          && has_part (whys, decision.rule, POLICY_PART_DECIDED)
          && outlook.least == decision.verdict && outlook.most == decision.verdict)
        continue;
      g_autofree char *text = policy_request_text (request), *lines = lines_of (whys);
      for (guint rule = 0; rule < whys->len; rule++)
        {
          g_autofree char *shown = policy_rule_text (policy, (int) rule);
          g_test_message ("%s", shown);
        }
      g_test_message ("%s\n%s\nis %s by rule %d, not %s", text, lines,
                      policy_verdict_name (decision.verdict), decision.rule,
                      policy_verdict_name (verdict_of (policy, whys)));
      g_test_fail ();
    }
}

/* Whatever a forgotten fact was, the verdict lies between. */
static void
test_between (void)
{
  static const struct
  {
    const char *word, *values[3];
  } facts[] = {
    { "uid", { "6", "7", "8" } },
    { "method", { "GET", "POST", "PUT" } },
    { "path", { "/a/b", "/b", "/a" } },
    { "package", { "p", "q", "" } },
    { "unit", { "u.service", "v.service", "" } },
    { "below", { "/bin/a", "/bin/b", NULL } },
  };

  for (guint i = 0; i < ROUNDS && !g_test_failed (); i++)
    {
      g_autoptr (Policy) policy = random_policy ();
      const char *operation = ONE_IN (2) ? "http_request" : "get_secret";
      g_autofree char *text = g_strconcat (operation, " a from /bin/x", NULL);
      gsize which = (gsize) g_test_rand_int_range (0, G_N_ELEMENTS (facts));
      g_autoptr (PolicyRequest) less = parse_request (text);
      g_autoptr (PolicyRequest) more = parse_request (text);
      PolicyDecision decision;
      PolicyOutlook outlook;

      g_autofree char *none
          = policy_request_say (more, facts[which].word, PICK (facts[which].values));
      if (none != NULL)
        continue;
      policy_request_forget (less, facts[which].word);
      policy_outlook (policy, less, &outlook);
      policy_request_decide (more, policy, &decision);
      if (outlook.least <= decision.verdict && decision.verdict <= outlook.most)
        continue;
      g_test_message ("%s, %s: not between", text, facts[which].word);
      g_test_fail ();
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD_TABLE ("/policy-why/", why_cases, test_why);
  ADD_TABLE ("/policy-why/not recorded/", outlook_cases, test_outlook);
  g_test_add_func ("/policy-why/it comes to the same verdict", test_same_verdict);
  g_test_add_func ("/policy-why/whatever it was, the verdict lies between", test_between);
  return g_test_run ();
}
