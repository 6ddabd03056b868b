/* SPDX-License-Identifier: MIT
 *
 * What becomes of requests is told in words, and nothing that widens goes unsaid: random policies
 * are compared request by request. --seed repeats a failure.
 */
#include "policy/advice/policy-compare.h"
#include "tests/unit/table.h"

#include <string.h>

static Policy *
parse (const char *text)
{
  g_autoptr (GError) error = NULL;
  PolicySource source = { "p", text, strlen (text) };
  Policy *policy = policy_parse (&source, 1, &error);
  g_assert_no_error (error);
  return policy;
}

/* --- In words --- */

/* One line for each change: "kind: about (text) line", "-" before the line of a rule that is gone.
 */
typedef struct
{
  const char *sentence, *before, *after, *changes;
} CompareCase;

/* clang-format off */
static const CompareCase compare_cases[] = {
  { "the same again", "ask any max 1h", "ask any max 1h", "" },
  { "the same in another order", "deny reveal\nask any of { a b }", "ask any of { a b }\ndeny reveal", "" },
  { "the same in other words", "deny launch of { a b }", "deny launch of a\ndeny launch of b", "" },
  { "the same in a list", "ask launch max 1h\nask reveal max 1h", "ask { launch reveal } max 1h", "" },

  { "a deny that is gone", "deny reveal", "", "newly asked: reveal (it was denied) -1\n" },
  { "a deny that is new", "", "deny reveal", "newly denied: reveal (it was asked) 1\n" },
  { "a deny in the place of an ask", "ask reveal max 1h", "deny reveal", "newly denied: reveal (it was asked) 1\n" },
  { "a name less in a deny", "deny reveal of { a b c }", "deny reveal of { a c }", "newly asked: reveal of b (it was denied) -1\n" },
  { "a name more in a deny", "deny reveal of a", "deny reveal of { a b }", "newly denied: reveal of b (it was asked) 1\n" },
  { "a narrower pattern", "deny reveal of prod/**", "deny reveal of prod/db/**",
    "newly asked: reveal of prod/** (it was denied; other rules are about some of it) -1\n" },
  { "an operation less in a deny", "deny { reveal launch get_secret }", "deny { reveal get_secret }",
    "newly asked: launch (it was denied) -1\n" },
  { "a deny of any that is narrower", "deny any of a", "deny { get_secret reveal run_command launch } of a",
    "newly asked: { list_secrets store_secret update_secret delete_secret mint_token http_request oauth_login "
    "aws_credentials github_token ssh_certificate } of a (it was denied) -1\n" },

  { "an allow that is new", "", "allow http_request of git from /x", "newly allowed: http_request of git from /x (it was asked) 1\n" },
  { "an allow that is gone", "allow http_request of git from /x", "", "newly asked: http_request of git from /x (it was allowed) -1\n" },
  { "a program more in an allow", "allow http_request of git from /x", "allow http_request of git from { /x /y }",
    "newly allowed: http_request of git from /y (it was asked) 1\n" },
  { "an allow where a deny was", "deny http_request of git", "allow http_request of git from /x",
    "newly allowed: http_request of git from /x (it was denied) 1\nnewly asked: http_request of git (it was denied) -1\n" },
  { "an allow that an ask beats", "ask http_request", "ask http_request\nallow http_request of git", "" },
  { "an ask less, under which an allow was", "ask http_request\nallow http_request of git", "allow http_request of git",
    "newly allowed: http_request (it was asked; other rules are about some of it) -1\n" },
  { "an ask that lets an allow through for some", "ask http_request of { git jira }\nallow http_request of git",
    "ask http_request of jira\nallow http_request of git",
    "newly allowed: http_request of git (it was asked) -1\n" },
  { "a scope of it is meant too", "ask http_request of git\nallow http_request of git/read", "allow http_request of git/read",
    "newly allowed: http_request of git (it was asked; other rules are about some of it) -1\n" },
  { "an allow that does not count", "", "allow get_secret max 5m", "tighter: get_secret (max 5m; it was: no limit of time) 1\n" },
  { "an allow that a deny beats", "deny http_request", "deny http_request\nallow http_request of git", "" },

  { "a longer time", "ask launch max 15m", "ask launch max 1h", "looser: launch (max 1h; it was: max 15m) -1\n" },
  { "no time any more", "ask launch max 15m", "ask launch", "looser: launch (no limit of time; it was: max 15m) -1\n" },
  { "a shorter time", "ask launch max 1h", "ask launch max 15m", "tighter: launch (max 15m; it was: max 1h) 1\n" },
  { "a longer time for one name", "ask launch of { a b } max 15m", "ask launch of a max 15m\nask launch of b max 1h",
    "looser: launch of b (max 1h; it was: max 15m) -1\n" },
  { "a longer time that another rule keeps short", "ask launch max 5m\nask launch of a max 2m", "ask launch max 5m\nask launch of a max 1h",
    "looser: launch of a (max 5m; it was: max 2m) -2\n" },
  { "a time that had no effect", "ask launch max 5m\nask launch of a max 1h", "ask launch max 5m", "" },
  { "more uses", "ask launch uses 1", "ask launch uses 3", "looser: launch (uses 3; it was: uses 1) -1\n" },
  { "no sandbox", "ask run_command sandbox", "ask run_command", "looser: run_command (no sandbox; it was: sandbox) -1\n" },
  { "a sandbox for less", "ask { run_command launch } sandbox", "ask run_command sandbox",
    "looser: launch (no sandbox; it was: sandbox) -1\n" },
  { "from sandbox to deny", "ask run_command of a sandbox", "deny run_command", "newly denied: run_command (it was asked) 1\n" },
  { "two bounds at once", "ask launch max 5m uses 1", "ask launch",
    "looser: launch (no limit of time; it was: max 5m) -1\nlooser: launch (any number of uses; it was: uses 1) -1\n" },
  { "a higher rate", "ask mint_token rate 5/1h", "ask mint_token rate 50/1h", "looser: mint_token (rate 50/1h; it was: rate 5/1h) -1\n" },
  { "a rate over a longer time", "ask mint_token rate 5/1h", "ask mint_token rate 5/1d", "tighter: mint_token (rate 5/1d; it was: rate 5/1h) 1\n" },
  { "a scope more", "ask mint_token of aws scopes a", "ask mint_token of aws scopes { a b }",
    "looser: mint_token of aws (scopes { a b }; it was: scopes a) -1\n" },
  { "nobody is told any more", "deny reveal notify", "deny reveal", "looser: reveal (you are not told; it was: you are told) -1\n" },
  { "nor of what passes", "allow mint_token notify", "allow mint_token", "looser: mint_token (you are not told; it was: you are told) -1\n" },

  { "from key to pin", "ask any confirm key", "ask any confirm pin", "looser: any (confirm pin; it was: confirm key) -1\n" },
  { "from key to click", "ask any confirm key", "ask any confirm click",
    "looser: any (confirm click; it was: confirm key) -1\nlooser: any (confirm click; it was: confirm pin) 1\n" },
  { "from key to whatever is asked without a word", "ask any confirm key", "ask any", "looser: any (confirm pin; it was: confirm key) -1\n" },
  { "a key for less than before", "ask get_secret confirm key", "ask get_secret of a confirm key",
    "looser: get_secret (confirm pin; it was: confirm key) -1\n" },
  { "a key for more than before", "ask get_secret of a confirm key", "ask get_secret confirm key",
    "tighter: get_secret (confirm key; it was: confirm pin) 1\n" },
  { "from key to no", "ask get_secret of a confirm key", "deny get_secret", "newly denied: get_secret (it was asked) 1\n" },
  { "a click", "ask launch", "ask launch confirm click", "looser: launch (confirm click; it was: confirm pin) 1\n" },
  { "a click beside a pin", "ask launch confirm pin", "ask launch confirm pin\nask launch of a confirm click", "" },
  { "a pin that goes, beside a click", "ask any confirm pin\nask launch confirm click", "ask launch confirm click",
    "looser: launch (confirm click; it was: confirm pin) -1\n" },
  { "from click to pin", "ask any confirm click", "ask any confirm pin",
    "tighter: any (confirm pin; it was: confirm click) 1\n" },

  { "a method more in an allow", "allow http_request of git method GET", "allow http_request of git method { GET POST }",
    "newly allowed: http_request of git method POST (it was asked) 1\n" },
  { "an hour more in a deny", "deny launch during 09:00-18:00", "deny launch during 08:00-18:00",
    "newly denied: launch during 08:00-18:00 (it was asked; other rules are about some of it) 1\n" },
  { "a day less in a deny", "deny launch on { sat sun }", "deny launch on sun", "newly asked: launch on sat (it was denied) -1\n" },
  { "a command that is denied no more", "deny run_command command { /bin/x a ** }", "deny run_command command { /bin/x a }",
    "newly asked: run_command command { /bin/x a ** } (it was denied; other rules are about some of it) -1\n" },
  { "a command in a wider deny", "deny run_command command { /bin/x a ** }", "deny run_command command { /bin/* ** }",
    "newly denied: run_command command { /bin/* ** } (it was asked; other rules are about some of it) 1\n" },
  { "a caller more", "allow mint_token caller work/ann", "allow mint_token caller { work/ann work/bob }",
    "newly allowed: mint_token caller work/bob (it was asked) 1\n" },
  { "a caller is no program", "ask mint_token caller work/*\nallow mint_token from /x", "allow mint_token from /x", "" },
};
/* clang-format on */

/* Who reads it reads what is left out, when that is shorter. */
static void
test_shown (void)
{
  g_autoptr (Policy) before = parse ("deny reveal"), after = parse ("deny reveal\ndeny any of a");
  g_autoptr (GPtrArray) changes
      = policy_compare (before, after, &(PolicyKnown){ .user_mode = TRUE });
  g_assert_cmpuint (changes->len, ==, 1);
  const PolicyChange *change = changes->pdata[0];
  g_assert_cmpstr (change->shown, ==, "any but reveal, of a");
  g_assert_true (g_str_has_prefix (change->about, "{ list_secrets get_secret store_secret "));
}

static void
test_words (gconstpointer data)
{
  const CompareCase *row = data;
  g_autoptr (Policy) before = parse (row->before), after = parse (row->after);
  g_autoptr (GPtrArray) changes
      = policy_compare (before, after, &(PolicyKnown){ .user_mode = TRUE });
  g_autoptr (GString) out = g_string_new (NULL);

  for (guint i = 0; i < changes->len; i++)
    {
      const PolicyChange *change = changes->pdata[i];
      g_string_append_printf (out, "%s: %s (%s) %s%u\n", policy_change_kind_name (change->kind),
                              change->about, change->text, change->removed ? "-" : "",
                              change->line);
      g_assert_cmpstr (change->file, ==, "p");
      g_assert_true (i == 0 || !change->widens || ((PolicyChange *) changes->pdata[i - 1])->widens);
    }
  g_assert_cmpstr (out->str, ==, row->changes);
}

/* --- Every request --- */

#define ROUNDS 1500
#define PICK(words) ((words)[g_test_rand_int_range (0, G_N_ELEMENTS (words))])
#define ONE_IN(n) (g_test_rand_int_range (0, (n)) == 0)

static const char *const of_words[]
    = { "a", "b/**", "{ a b/c/d }", "b/*/d", "*", "{ b a/r }", "a/*" };
static const char *const from_words[] = { "/x", "/y/**", "{ /x /y/z }", "/?" };
static const char *const who_words[]
    = { "uid 0",          "uid { 0 1000 }", "caller w/a",      "caller w/*",     "below /x",
        "below { /y/z }", "unit a.service", "unit { a* b.* }", "package { p q }" };
static const char *const when_words[] = { "on mon",
                                          "on mon-fri",
                                          "on { sat mon }",
                                          "during 09:00-18:00",
                                          "during { 10:00-11:00 20:00-02:00 }",
                                          "over 2/1h",
                                          "over 4/1d" };
static const char *const http_words[] = { "method GET", "method { GET POST }", "path /r",
                                          "path /r/**", "method POST path { /r /s/* }" };
static const char *const command_words[] = { "{ /c ** }", "{ /c a }", "{ /** ** }", "{ /c a ** }" };

static const char *
random_operation (PolicyVerdict verdict)
{
  static const char *const operations[] = { "get_secret",
                                            "http_request",
                                            "mint_token",
                                            "{ get_secret http_request }",
                                            "{ mint_token http_request get_secret }",
                                            "any" };
  return PICK (operations);
}

static void
add_who (GString *out)
{
  const char *who = PICK (who_words);
  gboolean caller = g_str_has_prefix (who, "caller");

  if (ONE_IN (2) && !caller)
    g_string_append_printf (out, " from %s", PICK (from_words));
  if (ONE_IN (3))
    g_string_append_printf (out, " %s", who);
}

static void
add_bounds (GString *out, PolicyVerdict verdict, gboolean scoped)
{
  if (verdict != POLICY_DENY && ONE_IN (2))
    g_string_append_printf (out, " max %ds", g_test_rand_int_range (1, 4));
  if (verdict != POLICY_DENY && ONE_IN (3))
    g_string_append_printf (out, " uses %d", g_test_rand_int_range (1, 4));
  if (verdict != POLICY_DENY && ONE_IN (4))
    g_string_append_printf (out, " rate %d/1%s", g_test_rand_int_range (1, 4),
                            ONE_IN (2) ? "h" : "d");
  if (verdict != POLICY_DENY && scoped && ONE_IN (2))
    g_string_append (out, ONE_IN (2) ? " scopes r" : " scopes { r w* }");
  if (verdict != POLICY_ASK && ONE_IN (4))
    g_string_append (out, " notify");
  if (verdict == POLICY_ASK && ONE_IN (2))
    g_string_append (out, ONE_IN (3)   ? " confirm key"
                          : ONE_IN (2) ? " confirm pin"
                                       : " confirm click");
}

static char *
random_rule (void)
{
  PolicyVerdict verdict = ONE_IN (4) ? POLICY_DENY : ONE_IN (2) ? POLICY_ASK : POLICY_ALLOW;
  GString *out = g_string_new (policy_verdict_name (verdict));
  gboolean http = ONE_IN (4), starts = !http && ONE_IN (5), scoped = !http && !starts && ONE_IN (4);

  g_string_append_printf (out, " %s",
                          http     ? "http_request"
                          : starts ? "run_command"
                          : scoped ? "mint_token"
                                   : random_operation (verdict));
  if (ONE_IN (2))
    g_string_append_printf (out, " of %s", PICK (of_words));
  if (http)
    g_string_append_printf (out, " %s", PICK (http_words));
  if (starts && ONE_IN (2))
    g_string_append_printf (out, " command %s", PICK (command_words));
  if (starts && verdict != POLICY_DENY && ONE_IN (2))
    g_string_append (out, " sandbox");
  add_who (out);
  if (ONE_IN (4))
    g_string_append_printf (out, " %s", PICK (when_words));
  add_bounds (out, verdict, scoped);
  return g_string_free (out, FALSE);
}

static char *
join (const GPtrArray *rules)
{
  GString *text = g_string_new (NULL);
  for (guint i = 0; i < rules->len; i++)
    g_string_append_printf (text, "%s\n", (const char *) rules->pdata[i]);
  return g_string_free (text, FALSE);
}

/* A few rules more, less, or other. */
static void
edit (GPtrArray *rules)
{
  for (gint n = g_test_rand_int_range (1, 4); n > 0; n--)
    {
      if (rules->len > 0 && !ONE_IN (3))
        g_ptr_array_remove_index (rules, g_test_rand_int_range (0, rules->len));
      if (!ONE_IN (3))
        g_ptr_array_add (rules, random_rule ());
    }
}

typedef struct
{
  PolicyQuery query;
  const char *scope; /* NULL: of none */
  gint64 count;
} Asked;

static gint64
count (gpointer user, const char *rule, gint64 period)
{
  return *(gint64 *) user;
}

static const char *const chain[] = { "/x", NULL }, *const long_chain[] = { "/q", "/y/z", NULL };
static const char *const no_chain[] = { NULL };
static const char *const c_alone[] = { "/c", NULL }, *const c_a[] = { "/c", "a", NULL },
                         *const other[] = { "/d/e", "b", "a", NULL };

static void
random_request (Asked *asked)
{
  static const Operation operations[] = { OPERATION_GET_SECRET, OPERATION_HTTP_REQUEST,
                                          OPERATION_MINT_TOKEN, OPERATION_RUN_COMMAND };
  static const char *const resources[] = { NULL, "a", "b", "b/c/d", "b/x/d", "c" };
  static const char *const programs[] = { NULL, "/x", "/y/z", "/q" };
  static const char *const methods[] = { NULL, "GET", "POST", "PUT" };
  static const char *const paths[] = { NULL, "/r", "/r/1", "/s/1" };
  static const char *const units[] = { NULL, "", "a.service", "b.scope" };
  static const char *const packages[] = { NULL, "", "p", "r" };
  static const char *const scopes[] = { NULL, "r", "w:x", "z" };
  static const char *const *const chains[] = { NULL, chain, long_chain, no_chain };
  static const char *const *const commands[] = { NULL, c_alone, c_a, other };
  Operation operation = PICK (operations);

  *asked = (Asked){
    { .operation = operation, .resource = PICK (resources), .exe = PICK (programs) },
    operation == OPERATION_MINT_TOKEN || operation == OPERATION_HTTP_REQUEST ? PICK (scopes) : NULL,
    g_test_rand_int_range (0, 6)
  };
  PolicyQuery *query = &asked->query;
  query->uid = ONE_IN (2) ? 0 : 1000;
  query->command = operation == OPERATION_RUN_COMMAND ? PICK (commands) : NULL;
  if (ONE_IN (5))
    {
      query->caller = ONE_IN (2) ? "w/a" : "w/b";
      query->exe = NULL;
    }
  query->method = operation == OPERATION_HTTP_REQUEST ? PICK (methods) : NULL;
  query->path = operation == OPERATION_HTTP_REQUEST ? PICK (paths) : NULL;
  query->package = PICK (packages);
  query->unit = PICK (units);
  query->unit_chosen = ONE_IN (2);
  query->chain = PICK (chains);
  query->chain_whole = query->chain != NULL && ONE_IN (2);
  query->weekday = g_test_rand_int_range (0, 8);
  query->minute = g_test_rand_int_range (0, 24) * 60 + 30;
  query->count = ONE_IN (4) ? NULL : count;
}

static void
decide (const Policy *policy, Asked *asked, PolicyDecision *decision)
{
  const char *scopes[] = { asked->scope, NULL };

  asked->query.count_user = &asked->count;
  policy_decide_scopes (policy, &asked->query, scopes, decision);
  if (decision->verdict == POLICY_ALLOW && !policy_may_allow (asked->query.operation, TRUE))
    decision->verdict = POLICY_ASK;
}

/* No bound is the widest. */
static gboolean
longer (gint64 bound, gint64 than)
{
  return than != 0 && (bound == 0 || bound > than);
}

static gboolean
is_wider (const PolicyDecision *after, const PolicyDecision *before)
{
  if (after->verdict != before->verdict)
    return after->verdict > before->verdict;
  if (after->verdict == POLICY_DENY)
    return before->code == NULL && after->code == NULL && before->notify && !after->notify;
  if (longer (after->max_duration, before->max_duration)
      || longer (after->max_uses, before->max_uses) || before->sandbox > after->sandbox)
    return TRUE;
  return after->verdict == POLICY_ASK ? after->confirm < before->confirm
                                      : before->notify && !after->notify;
}

/* All that the changes say of one direction is about, as a policy that denies it. */
static Policy *
told (const GPtrArray *changes, gboolean widens, gboolean allowed)
{
  g_autoptr (GString) text = g_string_new (NULL);
  for (guint i = 0; i < changes->len; i++)
    {
      const PolicyChange *change = changes->pdata[i];
      if (change->widens == widens && (!allowed || change->kind == POLICY_CHANGE_ALLOWED))
        g_string_append_printf (text, "deny %s\n", change->about);
    }
  return parse (text->str);
}

static gboolean
is_told (const Policy *told, Asked *asked)
{
  PolicyDecision decision;
  decide (told, asked, &decision);
  return decision.verdict == POLICY_DENY;
}

typedef struct
{
  const char *before, *after;
  Policy *wider, *narrower, *allowed;
} Telling;

static void
complain (const Telling *telling, const Asked *asked, const char *what)
{
  const PolicyQuery *q = &asked->query;
  g_test_message ("before:\n%s\nafter:\n%s\n%s: %s of %s scope %s from %s caller %s uid %u method "
                  "%s path %s unit %s "
                  "package %s count %d day %d minute %d",
                  telling->before, telling->after, what, operation_name (q->operation), q->resource,
                  asked->scope, q->exe, q->caller, q->uid, q->method, q->path, q->unit, q->package,
                  (int) asked->count, q->weekday, q->minute);
  g_test_fail ();
}

static void
try_request (const Policy *before, const Policy *after, const Telling *telling, Asked *asked)
{
  PolicyDecision was, is;

  decide (before, asked, &was);
  decide (after, asked, &is);
  if (is_wider (&is, &was) && !is_told (telling->wider, asked))
    complain (telling, asked, "a widening goes unsaid");
  if (is.verdict == POLICY_ALLOW && was.verdict < POLICY_ALLOW && was.code == NULL
      && !is_told (telling->allowed, asked))
    complain (telling, asked, "what passes is not called newly allowed");
  if (is_wider (&was, &is) && !is_told (telling->narrower, asked))
    complain (telling, asked, "a narrowing goes unsaid");
}

static void
try_pair (const GPtrArray *rules, const GPtrArray *edited)
{
  g_autofree char *first = join (rules), *second = join (edited);
  g_autoptr (Policy) before = parse (first), after = parse (second);
  g_autoptr (GPtrArray) changes
      = policy_compare (before, after, &(PolicyKnown){ .user_mode = TRUE });
  g_autoptr (Policy) wider = told (changes, TRUE, FALSE), narrower = told (changes, FALSE, FALSE),
                     allowed = told (changes, TRUE, TRUE);
  const Telling telling = { first, second, wider, narrower, allowed };

  for (guint i = 0; i < 300; i++)
    {
      Asked asked;
      random_request (&asked);
      try_request (before, after, &telling, &asked);
    }
}

static void
test_nothing_unsaid (void)
{
  for (guint i = 0; i < ROUNDS && !g_test_failed (); i++)
    {
      g_autoptr (GPtrArray) rules = g_ptr_array_new_with_free_func (g_free);
      g_autoptr (GPtrArray) edited = g_ptr_array_new_with_free_func (g_free);
      for (gint n = g_test_rand_int_range (0, 7); n > 0; n--)
        g_ptr_array_add (rules, random_rule ());
      for (guint n = 0; n < rules->len; n++)
        g_ptr_array_add (edited, g_strdup (rules->pdata[n]));
      edit (edited);
      try_pair (rules, edited);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD_TABLE ("/policy/compare/", compare_cases, test_words);
  g_test_add_func ("/policy/compare/most operations are told by the others", test_shown);
  g_test_add_func ("/policy/compare/no request changes unsaid, in random policies",
                   test_nothing_unsaid);
  return g_test_run ();
}
