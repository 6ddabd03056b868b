/* SPDX-License-Identifier: MIT
 *
 * Records as they are chosen, told, counted and written for a spreadsheet.
 */
#include "broker/base/wire.h"
#include "broker/cli/audit/cli-audit-csv.h"
#include "broker/cli/audit/cli-audit-filter.h"
#include "broker/cli/audit/cli-audit-tally.h"
#include "broker/cli/audit/cli-audit-words.h"
#include "tests/unit/table.h"

#include <string.h>

static json_t *
parse (const char *text)
{
  json_t *record = json_loads (text, 0, NULL);

  g_assert_nonnull (record);
  return record;
}

/* ---- filters ---- */

#define HELD                                                                                       \
  "{'seq':1,'event':'request_held','request_id':'r1','operation':'get_secret','resource':'prod/"   \
  "db','resource_token':'aa','pid':42,'exe':'/usr/bin/claude'}"
#define USED "{'seq':2,'event':'grant_used','request_id':'r1','resource':'aa','pid':42}"
#define OTHER "{'seq':3,'event':'grant_used','request_id':'r2','resource':'bb','pid':43}"
#define DENIED "{'seq':4,'event':'request_denied','request_id':'r3','code':'policy','pid':44}"
#define OVER_HTTP                                                                                  \
  "{'seq':5,'event':'request_held','request_id':'r5','caller':'ci','subject':'repo:acme/site'}"

typedef struct
{
  const char *sentence;
  CliFilter filter;
  const char *fits; /* numbers of those records */
} FilterCase;

static const FilterCase filter_cases[] = {
  { "no filter chooses all", { NULL }, "12345" },
  { "an operation chooses what says it", { .operation = "get_secret" }, "1" },
  { "a decision chooses its event", { .decision = "held" }, "15" },
  { "every denial is one", { .decision = "denied" }, "4" },
  { "the reason of a denial chooses it", { .decision = "policy" }, "4" },
  { "another reason does not", { .decision = "person" }, "" },
  { "a pid chooses a requester", { .requester = "43" }, "3" },
  { "a pid chooses what is of its requests", { .requester = "42" }, "12" },
  { "a program is chosen by its path", { .requester = "/usr/bin/claude" }, "12" },
  { "a program is chosen by its name, and so is what follows", { .requester = "claude" }, "12" },
  { "a pattern chooses programs", { .requester = "cl*de" }, "12" },
  { "a pattern has to fit whole", { .requester = "laud" }, "" },
  { "a path is not part of a longer one", { .requester = "bin/claude" }, "" },
  { "a subject is chosen by its name", { .requester = "repo:acme/*" }, "5" },
  { "a caller is chosen by its name", { .requester = "ci" }, "5" },
  { "a name is chosen, and its uses", { .resource = "prod/*" }, "12" },
  { "a token is no name", { .resource = "b*" }, "" },
  { "all that is asked for has to fit", { .resource = "prod/*", .decision = "held" }, "1" },
};

static void
test_filter (gconstpointer data)
{
  const FilterCase *c = data;
  g_auto (CliFilter) filter = c->filter;
  g_autoptr (GString) fits = g_string_new (NULL);
  const char *const records[] = { HELD, USED, OTHER, DENIED, OVER_HTTP };

  for (gsize i = 0; i < G_N_ELEMENTS (records); i++)
    {
      g_autofree char *text = g_strdelimit (g_strdup (records[i]), "'", '"');
      g_autoptr (json_t) record = parse (text);
      if (cli_filter_may (&filter, record) && cli_filter_fits (&filter, record))
        g_string_append_printf (fits, "%" G_GSIZE_FORMAT, i + 1);
    }
  g_assert_cmpstr (fits->str, ==, c->fits);
}

static void
test_decisions (void)
{
  g_autofree char *known = NULL, *again = NULL;

  g_assert_true (cli_filter_check_decision ("granted", &known));
  g_assert_false (cli_filter_check_decision ("grant", &again));
  g_assert_nonnull (strstr (again, "granted, denied"));
}

/* ---- CSV ---- */

/* What becomes of @text as a purpose. */
static const struct
{
  const char *sentence, *text, *cell;
} csv_cases[] = {
  { "a plain text stands as it is", "to deploy", "to deploy" },
  { "a comma is quoted", "a, b", "\"a, b\"" },
  { "a quote is doubled", "say \"hi\"", "\"say \"\"hi\"\"\"" },
  { "a line's end is escaped, so that each record is a line", "a\nb\r\nc",
    "a\\u{a}b\\u{d}\\u{a}c" },
  { "a formula is none any more", "=HYPERLINK(\"http://x\",\"y\")",
    "\"'=HYPERLINK(\"\"http://x\"\",\"\"y\"\")\"" },
  { "a plus begins a formula", "+1+1", "'+1+1" },
  { "a minus begins a formula", "-2+3+cmd|' /C calc'!A0", "'-2+3+cmd|' /C calc'!A0" },
  { "an at begins a formula", "@SUM(A1)", "'@SUM(A1)" },
  { "a wide sign begins one too",
    "\xef\xbc\x9d"
    "1+1",
    "'\xef\xbc\x9d"
    "1+1" },
  { "blanks before it do not hide it", "  =1+1", "'  =1+1" },
  { "a tab before it is no tab any more", "\t=1+1", "\\u{9}=1+1" },
  { "a sign further on is none", "1=1", "1=1" },
  { "what acts on a terminal is escaped", "\033[2J\302\233x", "\\u{1b}[2J\\u{9b}x" },
  { "a backslash is doubled, so that no escape can be imitated", "\\u{1b}", "\\\\u{1b}" },
};

static void
test_csv (gconstpointer data)
{
  const typeof (csv_cases[0]) *c = data;
  g_autoptr (json_t) record
      = json_pack ("{s:i, s:s, s:s}", "seq", 7, "event", "request_held", "purpose", c->text);
  g_autofree char *line = cli_csv_line (record), *heading = cli_csv_heading ();
  g_autofree char *part = g_strdup_printf (",%s,", c->cell);

  g_assert_true (g_str_has_prefix (line, "7,,request_held,"));
  g_assert_nonnull (strstr (line, part));
  g_assert_true (g_str_has_suffix (line, "\r\n"));
  g_assert_true (strchr (line, '\n') == line + strlen (line) - 1);
  g_assert_true (g_str_has_suffix (heading, ",more\r\n"));
}

static void
test_csv_more (void)
{
  g_autoptr (json_t) record = parse ("{\"seq\":7,\"time\":\"t\",\"event\":\"x\",\"jti\":\"=1\","
                                     "\"scopes\":[\"a\",\"b\"],\"prev\":\"p\",\"mac\":\"m\"}");
  g_autofree char *line = cli_csv_line (record);

  g_assert_true (g_str_has_prefix (line, "7,t,x,"));
  g_assert_nonnull (strstr (line, ",a b,"));
  g_assert_true (g_str_has_suffix (line, ",\"{\"\"jti\"\":\"\"=1\"\"}\"\r\n"));
}

/* ---- words ---- */

static const struct
{
  const char *sentence, *record, *verdict, *said;
} word_cases[] = {
  { "what is held says what for",
    "{'event':'request_held','operation':'get_secret','resource':'a','resource_token':'t',"
    "'purpose':'deploy'}",
    "held", "get_secret a: deploy" },
  { "a grant says how long, how often, by whom and how fast",
    "{'event':'grant_made','operation':'get_secret','resource':'a','resource_token':'t',"
    "'scopes':['use'],'duration':900,'uses':3,'by':'ann','waited':9300}",
    "granted", "get_secret a for 15m, 3 uses, by ann, after 9.3s" },
  { "scopes that say something are said",
    "{'event':'grant_made','operation':'github_token','resource':'github','resource_token':'t',"
    "'scopes':['contents:read','issues:read'],'duration':3600,'uses':1}",
    "granted", "github_token github for 1h, 1 use, scopes contents:read issues:read" },
  { "a denial says which rule",
    "{'event':'request_denied','operation':'reveal','resource':'a','resource_token':'t',"
    "'code':'policy','by':'policy','rule':'deny reveal'}",
    "denied", "reveal a, by the policy: deny reveal" },
  { "a person's denial says who, and after what",
    "{'event':'request_denied','operation':'reveal','resource':'a','resource_token':'t',"
    "'code':'person','by':'ann','waited':65000}",
    "denied", "reveal a, by ann, after 1m5s" },
  { "other denials say why",
    "{'event':'request_denied','operation':'reveal','resource':'a','resource_token':'t',"
    "'code':'denied_for'}",
    "denied", "reveal a: denied for" },
  { "what nobody answered says so",
    "{'event':'request_expired','operation':'reveal','resource':'a','resource_token':'t',"
    "'waited':600000}",
    "expired", "reveal a: nobody answered, after 10m" },
  { "a name that is sealed is as much of its token as tells it from others",
    "{'event':'grant_used','operation':'get_secret','resource':'0123456789abcdef'}", "used",
    "get_secret 01234567…" },
  { "what has no sentence of its own is said by its members",
    "{'event':'policy_applied','pid':7,'rules':12,'services':3}", "",
    "policy applied: rules 12, services 3" },
  { "what only programs read is left to show",
    "{'event':'closed','segment':3,'records':10,'head':'ab','next':'cd','signature':'ef'}", "",
    "closed: segment 3, records 10" },
  { "lists are said with blanks", "{'event':'new_thing','names':['a','b'],'x':'y'}", "",
    "new thing: names a b, x y" },
};

static void
test_words (gconstpointer data)
{
  const typeof (word_cases[0]) *c = data;
  g_autofree char *text = g_strdelimit (g_strdup (c->record), "'", '"');
  g_autoptr (json_t) record = parse (text);
  g_autofree char *said = cli_audit_sentence (record, NULL);
  CliTone tone;

  g_assert_cmpstr (cli_audit_verdict (record, &tone), ==, c->verdict);
  g_assert_cmpstr (said, ==, c->said);
}

static void
test_who (void)
{
  g_autoptr (json_t) held = parse ("{\"request_id\":\"r\",\"grant_id\":\"g\",\"pid\":7,"
                                   "\"exe\":\"/usr/bin/claude\",\"resource\":\"prod/db\","
                                   "\"resource_token\":\"tok\"}");
  g_autoptr (json_t) used = parse ("{\"grant_id\":\"g\",\"pid\":7,\"operation\":\"get_secret\","
                                   "\"resource\":\"tok\"}");
  g_autoptr (CliNames) names = cli_names_new ();
  g_autofree char *before = cli_audit_who (used, names, TRUE);
  cli_names_learn (names, held);
  g_autofree char *after = cli_audit_who (used, names, TRUE),
                  *bare = cli_audit_who (used, names, FALSE), *what = cli_audit_what (used, names);

  g_assert_cmpstr (before, ==, "pid 7");
  g_assert_cmpstr (after, ==, "claude 7");
  g_assert_cmpstr (bare, ==, "claude");
  g_assert_cmpstr (what, ==, "get_secret prod/db");
}

static void
test_spans (void)
{
  static const struct
  {
    gint64 ms;
    const char *text;
  } spans[] = { { -5, "0ms" },    { 950, "950ms" }, { 1000, "1.0s" },
                { 9349, "9.3s" }, { 60000, "1m" },  { 95000, "1m35s" } };

  for (gsize i = 0; i < G_N_ELEMENTS (spans); i++)
    {
      g_autofree char *text = cli_audit_span (spans[i].ms);
      g_assert_cmpstr (text, ==, spans[i].text);
    }
}

/* ---- counting ---- */

static void
count (CliCount *into, const char *event, const char *id, const char *thing, const char *rule,
       const char *code, gint64 waited)
{
  g_autoptr (json_t) record
      = json_pack ("{s:s, s:s, s:s, s:s, s:s, s:s*, s:s*, s:s}", "time", "2026-11-21T12:00:00.000Z",
                   "event", event, "request_id", id, "resource", thing, "resource_token", thing,
                   "rule", rule, "code", code, "exe", "/usr/bin/claude");

  if (waited >= 0)
    json_object_set_new (record, "waited", json_integer (waited));
  if (cli_count_wants (event, strlen (event)))
    cli_count_add (into, record);
}

static void
assert_tally (const CliTally *tally, guint asked, guint granted, guint denied, guint expired,
              guint unasked, guint refused)
{
  g_assert_cmpuint (tally->asked, ==, asked);
  g_assert_cmpuint (tally->granted, ==, granted);
  g_assert_cmpuint (tally->denied, ==, denied);
  g_assert_cmpuint (tally->expired, ==, expired);
  g_assert_cmpuint (tally->unasked, ==, unasked);
  g_assert_cmpuint (tally->refused, ==, refused);
}

static void
test_count (void)
{
  g_autoptr (CliCount) all = cli_count_new ();

  count (all, "request_held", "r1", "a", "ask a", NULL, -1);
  count (all, "grant_made", "r1", "a", NULL, NULL, 1000);
  count (all, "grant_used", "r1", "a", NULL, NULL, -1);
  count (all, "request_held", "r2", "a", "ask a", NULL, -1);
  count (all, "grant_made", "r2", "a", NULL, NULL, 4000);
  count (all, "request_held", "r3", "b", "ask b", NULL, -1);
  count (all, "request_denied", "r3", "b", NULL, "person", 9000);
  count (all, "request_held", "r4", "b", "ask b", NULL, -1);
  count (all, "request_expired", "r4", "b", NULL, NULL, 600000);
  count (all, "request_denied", "r5", "b", NULL, "policy", -1);
  count (all, "grant_made", "r6", "c", NULL, NULL, -1);
  /* It was held before the time that is counted. */
  count (all, "grant_made", "r7", "a", NULL, NULL, 2000);

  assert_tally (cli_count_all (all), 4, 3, 1, 1, 1, 1);
  g_assert_cmpint (cli_tally_median (cli_count_all (all)), ==, 3000);
  g_assert_cmpint (cli_tally_p90 (cli_count_all (all)), ==, 9000);
  g_autoptr (GPtrArray) things = cli_count_things (all), rules = cli_count_rules (all),
                        who = cli_count_requesters (all), days = cli_count_days (all),
                        why = cli_count_denials (all);
  const CliTally *first = things->pdata[0], *rule = rules->pdata[1];
  g_assert_cmpuint (things->len, ==, 3);
  g_assert_cmpstr (first->name, ==, "b");
  assert_tally (first, 2, 0, 1, 1, 0, 1);
  g_assert_cmpstr (rule->name, ==, "ask a");
  assert_tally (rule, 2, 2, 0, 0, 0, 0);
  g_assert_cmpstr (((CliTally *) who->pdata[0])->name, ==, "/usr/bin/claude");
  g_assert_cmpuint (days->len, ==, 1);
  g_assert_cmpuint (((CliTally *) days->pdata[0])->asked, ==, 4);
  g_assert_cmpuint (why->len, ==, 2);
}

static void
test_percentiles (void)
{
  CliTally tally = { .waited = g_array_new (FALSE, FALSE, sizeof (gint64)) };

  g_assert_cmpint (cli_tally_median (&tally), ==, -1);
  g_assert_cmpint (cli_tally_p90 (&tally), ==, -1);
  for (gint64 i = 10; i >= 1; i--)
    g_array_append_val (tally.waited, i);
  g_assert_cmpint (cli_tally_median (&tally), ==, 5);
  g_assert_cmpint (cli_tally_p90 (&tally), ==, 9);
  gint64 more = 11;
  g_array_append_val (tally.waited, more);
  g_assert_cmpint (cli_tally_median (&tally), ==, 6);
  g_assert_cmpint (cli_tally_p90 (&tally), ==, 10);
  g_array_unref (tally.waited);
}

int
main (int argc, char **argv)
{
  g_setenv ("TZ", "UTC", TRUE);
  g_test_init (&argc, &argv, NULL);
  ADD_TABLE ("/cli-records/filter/", filter_cases, test_filter);
  g_test_add_func ("/cli-records/filter/the decisions that there are can be told", test_decisions);
  ADD_TABLE ("/cli-records/csv/", csv_cases, test_csv);
  g_test_add_func ("/cli-records/csv/what has no column is in the last one", test_csv_more);
  ADD_TABLE ("/cli-records/words/", word_cases, test_words);
  g_test_add_func ("/cli-records/words/a use is known by its grant", test_who);
  g_test_add_func ("/cli-records/words/spans are short", test_spans);
  g_test_add_func ("/cli-records/count/a made trail is counted", test_count);
  g_test_add_func ("/cli-records/count/median and p90 are those of the list", test_percentiles);
  return g_test_run ();
}
