/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "approve-ui/card-show.h"
#include "approve-ui/card-wrap.h"
#include "broker/base/wire.h"

static const char good[]
    = "{'version':1,'request_id':'r1','operation':'get_secret','resource':'github-token','purpose':"
      "'because',"
      "'risk':'read','facts':[{'label':'Value','value':'12 "
      "bytes'}],'scopes':['use'],'asked_duration':3600,"
      "'max_duration':1800,'default_duration':300,'max_uses':5,'default_uses':5,'confirm':'pin',"
      "'rule':'ask "
      "any','received_at':'2026-11-21T09:30:00.123Z','deadline':'2026-11-21T09:35:00.123Z',"
      "'requester':{'name':'node','pid':7,'exe':'/usr/bin/node','verified':true,'argv':['node',''],"
      "'argv_cut':true,'cwd':'/home','unit':'a.scope','via':'countersign-mcp',"
      "'claim':{'name':'claude','version':'2'},'chain':[{'pid':7,'name':'node'},{'pid':6,'name':'"
      "zsh'}]},"
      "'holders':[{'id':'p7','label':'node alone'},{'id':'s5','label':'make and all below'}]}";

/* JSON with ' for ": readable in C. */
static char *
json (const char *text)
{
  return g_strdelimit (g_strdup (text), "'", '"');
}

/* The good card with @from replaced by @to. Rows that have an empty @from take it as it is. */
static char *
changed (const char *from, const char *to)
{
  GString *text = g_string_new (good);
  char *result;

  g_assert_nonnull (strstr (good, from));
  g_string_replace (text, from, to, 1);
  result = json (text->str);
  g_string_free (text, TRUE);
  return result;
}

static Card *
parse (const char *text, GError **error)
{
  return card_parse (text, strlen (text), error);
}

static void
test_reads_all (void)
{
  g_autofree char *text = json (good);
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
  g_assert_cmpstr (card->requester.chain[1], ==, "zsh");
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
  g_autofree char *one = json (good), *other = changed ("'version':1", "'version': 1");
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
  { "something after the card", "all below'}]}", "all below'}]} {}" },
  { "bytes that are not UTF-8", "because", "be\xff" },
  { "a NUL in a text", "because", "be\\u0000" },
};

static void
test_refuses (gconstpointer data)
{
  const char *const *row = data;
  g_autofree char *text = changed (row[1], row[2]);
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
  g_autofree char *text = *row[1] != '\0' ? changed (row[1], row[2]) : json (good);
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
  { "an empty argument is seen", "", "", "Command", "node ''", CARD_PLAIN },
  { "an argument with blanks is seen as one", "['node','']", "['sh','-c','a b']", "Command",
    "sh -c 'a b'", CARD_PLAIN },
  { "arguments that were cut are said to be", "", "", "Command", "longer than is read",
    CARD_PLAIN },
  { "the chain is drawn from the requester up", "", "", "Chain", "node ← zsh", CARD_PLAIN },
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
  { "time is shown with what was asked and allowed", "", "", "For", "5m (asked: 1h, at most: 30m)",
    CARD_STRONG },
  { "one call is shown as one call", "'max_duration':1800,'default_duration':300",
    "'max_duration':0,'default_duration':0", "For", "this one call", CARD_STRONG },
  { "uses that are not limited are shown so", "'max_uses':5,'default_uses':5,", "", "Uses",
    "any number", CARD_PLAIN },
  { "the deadline is counted down", "", "", "Request", "r1, denied in 4m52s", CARD_PLAIN },
  { "the rule says which proof it needs", "'confirm':'pin'", "'confirm':'click'", "Rule",
    "word alone", CARD_PLAIN },
};

static void
test_line (gconstpointer data)
{
  gsize i = GPOINTER_TO_SIZE (data);
  const char *from = shown_lines[i].from;
  g_autofree char *text = *from != '\0' ? changed (from, shown_lines[i].to) : json (good);
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
  ADD_ROWS (wraps, "wrapped: ", test_wrap, GSIZE_TO_POINTER (i));
  return g_test_run ();
}
