/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "approve-ui/card/card-show.h"
#include "approve-ui/card/card-wrap.h"
#include "broker/base/wire.h"
#include "card-case.h"

static Card *
parse (const char *text, GError **error)
{
  return card_parse (text, strlen (text), error);
}

static void
test_reads_all (void)
{
  g_autofree char *text = card_case_json (card_case_good);
  g_autoptr (GError) error = NULL;
  g_autoptr (Card) card = parse (text, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (card->request_id, ==, "r1");
  g_assert_cmpint (card->risk, ==, CARD_RISK_READ);
  g_assert_cmpint (card->confirm, ==, CARD_CONFIRM_PIN);
  g_assert_cmpint (card->max_duration, ==, 1800);
  g_assert_cmpint (card->max_uses, ==, 5);
  g_assert_cmpint (card->deadline - card->received_at, ==, 300 * G_USEC_PER_SEC);
  g_assert_cmpstr (card->requester.argv[1], ==, "");
  g_assert_cmpstr (((CardPair *) card->requester.chain->pdata[1])->name, ==, "zsh");
  g_assert_cmpstr (((CardPair *) card->facts->pdata[0])->value, ==, "12 bytes");
  g_assert_true (card_has_scope (card, "use"));
  g_assert_false (card_has_scope (card, "us"));
  g_assert_true (card_find_holder (card, "s5") == card->holders->pdata[1]);
  g_assert_true (card_find_holder (card, "make and all below") == card->holders->pdata[1]);
  g_assert_null (card_find_holder (card, "make"));
}

static void
test_digest (void)
{
  g_autofree char *one = card_case_json (card_case_good),
                  *other = card_case_changed ("'version':1", "'version': 1");
  g_autofree char *expected = g_compute_checksum_for_string (G_CHECKSUM_SHA256, one, -1);
  g_autoptr (Card) first = parse (one, NULL), second = parse (other, NULL);

  g_assert_cmpstr (first->digest, ==, expected);
  /* The same card in other bytes is another card. */
  g_assert_cmpstr (first->digest, !=, second->digest);
}

static const struct
{
  const char *sentence, *from, *to;
} refusals[] = {
  { "a member that we do not know", "'version':1", "'version':1,'more':1" },
  { "another version", "'version':1", "'version':2" },
  { "a missing member", "'risk':'read',", "" },
  { "the same member twice", "'risk':'read',", "'risk':'read','risk':'read'," },
  { "a risk that we do not know", "'risk':'read'", "'risk':'none'" },
  { "a proof that we do not know", "'confirm':'pin'", "'confirm':''" },
  { "no scope", "['use']", "[]" },
  { "a scope that is no string", "['use']", "[1]" },
  { "no holder", "[{'id':'p7','label':'node alone'},{'id':'s5','label':'make and all below'}]",
    "[]" },
  { "a holder with more to it", "{'id':'p7',", "{'id':'p7','x':1," },
  { "a fact without a label", "{'label':'Value',", "{" },
  { "a duration that is no whole number", "'asked_duration':3600", "'asked_duration':1.5" },
  { "a negative duration", "'asked_duration':3600", "'asked_duration':-1" },
  { "a duration of more than a year", "'max_duration':1800", "'max_duration':99999999999" },
  { "a default over the maximum", "'default_duration':300", "'default_duration':1801" },
  { "a maximum without a default", "'default_duration':300", "'default_duration':0" },
  { "more uses than the maximum", "'default_uses':5", "'default_uses':6" },
  { "a negative number of uses", "'max_uses':5", "'max_uses':-5" },
  { "a time in another notation", "'2026-11-21T09:35:00.123Z'", "'tomorrow'" },
  { "a requester without a name", "'name':'node','pid':7,'exe'", "'pid':7,'exe'" },
  { "a requester with more to it", "'name':'node','pid':7,'exe'",
    "'root':true,'name':'node','pid':7,'exe'" },
  { "verified that is no yes or no", "'verified':true", "'verified':'yes'" },
  { "an argument that is no string", "['node','']", "['node',7]" },
  { "a chain of strings", "[{'pid':7,'name':'node'},{'pid':6,'name':'zsh'}]", "['node']" },
  { "a claim with more to it", "'claim':{", "'claim':{'trusted':true," },
  { "a script of a kind that we do not know", "'chain':[{'pid':7",
    "'script':{'kind':'spell','text':''},'chain':[{'pid':7" },
  { "a script without a text", "'chain':[{'pid':7", "'script':{'kind':'file'},'chain':[{'pid':7" },
  { "a rule for always that is no text", "'version':1", "'version':1,'always':true" },
  { "an earlier approval without a time", "'version':1", "'version':1,'previous':{'changed':[]}" },
  { "a change with more to it", "'version':1",
    "'version':1,'previous':{'approved_at':'2026-11-20T09:30:00Z','changed':[{'line':'who',"
    "'before':'a','now':'b'}]}" },
  { "something after the card", "all below'}]}", "all below'}]} {}" },
  { "bytes that are not UTF-8", "because", "be\xff" },
  { "a NUL in a text", "because", "be\\u0000" },
};

static void
test_refuses (gconstpointer data)
{
  const char *const *row = data;
  g_autofree char *text = card_case_changed (row[1], row[2]);
  g_autoptr (GError) error = NULL;
  g_autoptr (Card) card = parse (text, &error);

  g_assert_error (error, CARD_ERROR, CARD_ERROR_UNREADABLE);
  g_assert_null (card);
}

static const struct
{
  const char *sentence, *from, *to, *shown;
} sentences[] = {
  { "a reference is named", "", "", "node wants a reference to github-token" },
  { "a value that would be read is named", "'get_secret'", "'reveal'",
    "node wants to read the value of github-token" },
  { "a list without a resource is of all", "'get_secret','resource':'github-token'",
    "'list_secrets'", "node wants to see the names of all secrets" },
  { "an operation that we do not know is named as it is", "'get_secret'", "'frobnicate'",
    "node asks for frobnicate of github-token" },
  { "a script is named with the program that runs it", "'argv':[",
    "'interpreter':true,'script':{'kind':'file','text':'/opt/a/cli.js'},'argv':[",
    "node (running cli.js) wants a reference to github-token" },
  { "code on a command line is said to be code", "'argv':[",
    "'script':{'kind':'code','text':'x'},'argv':[",
    "node (running code from its command line) wants a reference to github-token" },
  { "a script that is a sentence is quoted", "'argv':[",
    "'script':{'kind':'file','text':'/opt/a) wants nothing. (b'},'argv':[",
    "node (running “a) wants nothing. (b”) wants a reference to github-token" },
  { "what is put into a sentence is not looked at again", "'github-token'", "'{who}'",
    "node wants a reference to “{who}”" },
  { "a name that is a sentence is quoted", "'name':'node','pid':7,'exe'",
    "'name':'root wants nothing, type grant;','pid':7,'exe'",
    "“root wants nothing, type grant;” wants a reference to github-token" },
  { "a name that acts on the screen is escaped", "'github-token'", "'a\\u001b[2Jb\\u202ec'",
    "node wants a reference to “a\\u{1b}[2Jb\\u{202e}c”" },
  { "a name from another script is quoted", "'github-token'", "'gith\\u0443b'",
    "node wants a reference to “gith\xd1\x83"
    "b”" },
};

static void
test_sentence (gconstpointer data)
{
  const char *const *row = data;
  g_autofree char *text
      = *row[1] != '\0' ? card_case_changed (row[1], row[2]) : card_case_json (card_case_good);
  g_autoptr (GError) error = NULL;
  g_autoptr (Card) card = parse (text, &error);
  g_autofree char *shown = NULL;

  g_assert_no_error (error);
  shown = card_sentence (card);
  g_assert_cmpstr (shown, ==, row[3]);
}

/* The value of the line @label, and its emphasis. */
static const CardLine *
find_line (GPtrArray *lines, const char *label)
{
  for (guint i = 0; i < lines->len; i++)
    if (strcmp (((CardLine *) lines->pdata[i])->label, label) == 0)
      return lines->pdata[i];
  return NULL;
}

static const struct
{
  const char *sentence, *from, *to, *label, *value;
  int emphasis;
} shown_lines[] = {
  { "who asks is named with pid and file", "", "", "Who", "node, pid 7, /usr/bin/node",
    CARD_STRONG },
  { "an unverified program is warned of", "'verified':true", "'verified':false", "Unverified",
    "which program", CARD_WARNING },
  { "an interpreter is named as one", "'argv':[", "'interpreter':true,'argv':[", "Who",
    "which runs other programs", CARD_STRONG },
  { "a script is what the command line says", "'argv':[",
    "'script':{'kind':'file','text':'/opt/a/cli.js'},'argv':[", "Runs",
    "/opt/a/cli.js (by its own command line)", CARD_CLAIM },
  { "code is shown whole and escaped", "'argv':[",
    "'script':{'kind':'code','text':'a\\nb'},'argv':[", "Runs", "“a\\u{a}b”", CARD_CLAIM },
  { "the first of its kind is said to be", "", "", "Before", "you have not approved this",
    CARD_STRONG },
  { "the same as before is said to be", "'version':1",
    "'version':1,'previous':{'approved_at':'2026-11-21T08:00:00Z','changed':[]}", "Before",
    "approved 1 hour ago, just as it is now", CARD_PLAIN },
  { "what is different is named", "'version':1",
    "'version':1,'previous':{'approved_at':'2026-11-18T08:00:00Z','changed':[{'line':'directory',"
    "'before':'/tmp'}]}",
    "Before", "approved 3 days ago; different now: Directory", CARD_STRONG },
  { "what was there and is not now has its line", "'version':1",
    "'version':1,'previous':{'approved_at':'2026-11-18T08:00:00Z','changed':[{'line':'script',"
    "'before':'/a.js'}]}",
    "Runs", "nothing any more", CARD_PLAIN },
  { "an empty argument is seen", "", "", "Command", "node ''", CARD_PLAIN },
  { "an argument with blanks is seen as one", "['node','']", "['sh','-c','a b']", "Command",
    "sh -c 'a b'", CARD_PLAIN },
  { "arguments that were cut are said to be", "", "", "Command", "longer than is read",
    CARD_PLAIN },
  { "the chain is drawn from the requester up", "", "", "Chain",
    "node ← zsh, by way of countersign-mcp", CARD_PLAIN },
  { "a link of the chain names its script", "'name':'zsh'", "'name':'node','script':'cli.js'",
    "Chain", "node ← node cli.js", CARD_PLAIN },
  { "a holder is named with its pid", "'p7','label':'node alone'",
    "'process:7','label':'node (pid 7)'", "Held by", "node (pid 7) alone", CARD_PLAIN },
  { "a holder's name is no words of ours", "'p7','label':'node alone'",
    "'process:7','label':'nobody (pid 1): a test (pid 7)'", "Held by",
    "“nobody (pid 1): a test” (pid 7) alone", CARD_PLAIN },
  { "an arrow in a name is quoted", "'name':'zsh'", "'name':'zsh ← sshd'", "Chain",
    "node ← “zsh ← sshd”", CARD_PLAIN },
  { "what a client calls itself is a claim", "", "", "Calls itself",
    "“claude” version “2” (its own words", CARD_CLAIM },
  { "a purpose is quoted and a claim", "because", "a\\nb", "Why", "“a\\u{a}b”", CARD_CLAIM },
  { "blanks that push words out of sight are seen", "because", "a     b", "Why",
    "“a \\u{20}\\u{20}\\u{20}\\u{20}b”", CARD_CLAIM },
  { "two blanks are two blanks", "because", "A.  B.", "Why", "“A.  B.”", CARD_CLAIM },
  { "a disclosure is warned of", "'risk':'read'", "'risk':'disclose'", "Risk",
    "disclose: ", CARD_WARNING },
  { "a fact is shown", "", "", "Fact", "Value: 12 bytes", CARD_PLAIN },
  { "time is shown with what was asked and allowed", "", "", "For",
    "5m (asked: 1h, at most: 30m), 5 uses", CARD_STRONG },
  { "one call is shown as one call", "'max_duration':1800,'default_duration':300",
    "'max_duration':0,'default_duration':0", "For", "this one call", CARD_STRONG },
  { "uses that are not limited are shown so", "'max_uses':5,'default_uses':5,", "", "For",
    "at most: 30m), any number of uses", CARD_STRONG },
  { "the deadline is counted down", "", "", "Request", "r1, denied in 4m52s", CARD_PLAIN },
  { "the rule says which proof it needs", "'confirm':'pin'", "'confirm':'click'", "Rule",
    "word alone", CARD_PLAIN },
};

static void
test_line (gconstpointer data)
{
  gsize i = GPOINTER_TO_SIZE (data);
  const char *from = shown_lines[i].from;
  g_autofree char *text = *from != '\0' ? card_case_changed (from, shown_lines[i].to)
                                        : card_case_json (card_case_good);
  g_autoptr (GError) error = NULL;
  g_autoptr (Card) card = parse (text, &error);
  g_autoptr (GPtrArray) lines = NULL;
  const CardLine *line;

  g_assert_no_error (error);
  lines = card_lines (card, card->received_at + 8 * G_USEC_PER_SEC);
  line = find_line (lines, shown_lines[i].label);
  g_assert_nonnull (line);
  if (strstr (line->value, shown_lines[i].value) == NULL)
    g_error ("“%s” is not in “%s”", shown_lines[i].value, line->value);
  g_assert_cmpint (line->emphasis, ==, shown_lines[i].emphasis);
}

#define PREVIOUS                                                                                   \
  "'version':1,'previous':{'approved_at':'2026-11-18T08:00:00Z','changed':[{'line':'directory',"   \
  "'before':'/a\\u202eb'}]}"

static void
test_before (void)
{
  g_autoptr (Card) card = card_case_new ("'version':1", PREVIOUS, NULL);
  g_autoptr (GPtrArray) lines = card_lines (card, 0);

  g_assert_true (find_line (lines, "Directory")->changed);
  g_assert_cmpstr (find_line (lines, "Directory")->before, ==, "/a\\u{202e}b");
  g_assert_false (find_line (lines, "Who")->changed);
}

static const struct
{
  const char *sentence, *risk, *to, *touched;
} touches[] = {
  { "at low risk nothing has to be read first", "'read'", PREVIOUS, "" },
  { "of the first disclosure all that it is about", "'disclose'", "'version':1", "what who " },
  { "of a later one what is different", "'disclose'", PREVIOUS, "directory " },
};

static void
test_touch (gconstpointer data)
{
  gsize n = GPOINTER_TO_SIZE (data);
  g_autoptr (Card) card
      = card_case_new ("'read'", touches[n].risk, "'version':1", touches[n].to, NULL);
  g_autoptr (GPtrArray) lines = card_lines (card, 0);
  g_autoptr (GString) touched = g_string_new (NULL);

  for (guint i = 0; i < lines->len; i++)
    if (card_line_to_touch (card, lines->pdata[i]))
      g_string_append_printf (touched, "%s ", ((CardLine *) lines->pdata[i])->id);
  g_assert_cmpstr (touched->str, ==, touches[n].touched);
}

static const struct
{
  const char *sentence, *from, *to;
  gboolean alike;
} alikes[] = {
  { "another id and purpose are alike", "'because'", "'why not'", TRUE },
  { "another process is not", "'pid':7,'exe'", "'pid':8,'exe'", FALSE },
  { "another resource is not", "'github-token'", "'gitlab-token'", FALSE },
  { "another operation is not", "'get_secret'", "'delete_secret'", FALSE },
  { "other scopes are not", "['use']", "['use','more']", FALSE },
  { "another bound is not", "'max_duration':1800", "'max_duration':900", FALSE },
  { "a disclosure is alike to nothing", "'risk':'read'", "'risk':'disclose'", FALSE },
};

static void
test_alike (gconstpointer data)
{
  gsize i = GPOINTER_TO_SIZE (data);
  g_autoptr (Card) card = card_case_new ("'use'", "'use'", NULL);
  g_autoptr (Card) other = card_case_new (alikes[i].from, alikes[i].to, NULL);

  g_assert_cmpint (card_alike (card, other), ==, alikes[i].alike);
  g_assert_cmpint (card_alike (other, card), ==, alikes[i].alike);
}

/* Two that replace a value may bring different ones, which are on no card. */
static void
test_one_execution (void)
{
  const char *from = "'max_duration':1800,'default_duration':300",
             *to = "'max_duration':0,'default_duration':0";
  g_autoptr (Card) card = card_case_new (from, to, NULL);
  g_autoptr (Card) other = card_case_new (from, to, NULL);

  g_assert_false (card_alike (card, other));
}

/* A file of that name may be another one: in a mount namespace, or in place of what was started. */
static void
test_package_of_unverified (void)
{
  g_autoptr (Card) card = card_case_new ("'/usr/bin/node'", "'/usr/bin/env'", NULL);
  g_autoptr (Card) forged = card_case_new ("'/usr/bin/node'", "'/usr/bin/env'", "'verified':true",
                                           "'verified':false", NULL);
  g_autoptr (GPtrArray) lines = card_lines_with_package (forged, 0);

  g_assert_cmpstr (card_packaged (card), ==, "/usr/bin/env");
  g_assert_null (card_packaged (forged));
  g_assert_null (find_line (lines, "Package"));
}

static const struct
{
  const char *sentence, *text;
  gsize indent, width;
  const char *wrapped;
} wraps[] = {
  { "what fits stays on its line", "one two", 0, 7, "one two" },
  { "a line is broken at a blank", "one two three", 2, 10, "one two\n  three" },
  { "the blank at which it is broken may stand over the edge", "one two three", 0, 7,
    "one two\nthree" },
  { "a long word is broken, not cut", "abcdefghij", 2, 6, "abcd\n  efgh\n  ij" },
  { "a wide character takes two columns", "日本日本", 0, 5, "日本\n日本" },
  { "a combining mark takes none",
    "a\xcc\x81"
    "bc",
    0, 3,
    "a\xcc\x81"
    "bc" },
  { "a screen narrower than the indent still shows all", "abc", 8, 4, "a\n        b\n        c" },
  { "no text is no line", "", 4, 20, "" },
};

static void
test_wrap (gconstpointer data)
{
  gsize i = GPOINTER_TO_SIZE (data);
  g_autoptr (GString) out = g_string_new (NULL);

  card_wrap (out, wraps[i].text, wraps[i].indent, wraps[i].width);
  g_assert_cmpstr (out->str, ==, wraps[i].wrapped);
}

#define ADD_ROWS(rows, group, function, datum)                                                     \
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)                                                  \
    {                                                                                              \
      g_autofree char *path = g_strconcat ("/card/" group, rows[i].sentence, NULL);                \
      g_test_add_data_func (path, datum, function);                                                \
    }

int
main (int argc, char **argv)
{
  wire_init ();
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/card/all of it is read", test_reads_all);
  g_test_add_func ("/card/the digest is of exactly the text that was read", test_digest);
  ADD_ROWS (refusals, "refused: ", test_refuses, &refusals[i]);
  ADD_ROWS (sentences, "", test_sentence, &sentences[i]);
  ADD_ROWS (shown_lines, "", test_line, GSIZE_TO_POINTER (i));
  g_test_add_func ("/card/what stood there before is told, escaped", test_before);
  ADD_ROWS (touches, "to touch: ", test_touch, GSIZE_TO_POINTER (i));
  ADD_ROWS (alikes, "alike: ", test_alike, GSIZE_TO_POINTER (i));
  g_test_add_func ("/card/what is for one execution is alike to nothing", test_one_execution);
  g_test_add_func ("/card/no package is told of a program that is not verified",
                   test_package_of_unverified);
  ADD_ROWS (wraps, "wrapped: ", test_wrap, GSIZE_TO_POINTER (i));
  return g_test_run ();
}
