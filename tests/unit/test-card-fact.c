/* SPDX-License-Identifier: MIT
 *
 * What uses a credential, as a card shows it: requests, commands, programs.
 */
#include "approve-ui/card/card-block.h"
#include "approve-ui/card/card-host.h"
#include "approve-ui/card/card-show.h"
#include "tests/unit/card-case.h"
#include "tests/unit/table.h"

#include <string.h>

#define FACTS "{'label':'Value','value':'12 bytes'}"
#define FACT(label, value) "{'label':'" label "','value':'" value "'}"
#define WHAT "'get_secret','resource':'github-token'"
#define HTTP "'http_request','resource':'github'"
#define RUN "'run_command','resource':'github-token'"
#define LAUNCH "'launch','resource':'github-token, npm-token'"
#define AWS "'aws_credentials','resource':'aws'"
#define GITHUB "'github_token','resource':'github-app'"
#define SSH "'ssh_certificate','resource':'servers'"
#define LOGIN "'oauth_login','resource':'github'"
#define MINT "'mint_token','resource':'oauth2'"
#define REQUEST FACT ("Request", "POST https://api.github.com/repos/o/r/issues?a=b")
#define RUNS FACT ("Runs", "/usr/bin/gh")

typedef struct
{
  const char *sentence, *what, *facts, *shown;
} SentenceCase;

/* clang-format off */
static const SentenceCase sentence_cases[] = {
  { "a request says where to and which", HTTP, REQUEST, "node wants to send a request to github: POST /repos/o/r/issues?a=b" },
  { "a request to the root has a path too", HTTP, FACT ("Request", "GET https://a.example/"), "node wants to send a request to github: GET /" },
  { "a request of which nothing is known is one all the same", HTTP, FACT ("Header", "A: b"), "node wants to send a request to github" },
  { "a long path is cut where it is seen, and whole below", HTTP,
    FACT ("Request", "GET https://a.example/1234567890123456789012345678901234567890123456789012345678901234567890123456789012345"),
    "node wants to send a request to github: GET /123456789012345678901234567890123456789012345678901234567890123456789012345…" },
  { "a path that acts on the screen is escaped", HTTP, FACT ("Request", "GET https://a.example/\\u202e"),
    "node wants to send a request to github: GET /\\u{202e}" },
  { "a command says what runs with what", RUN, RUNS, "node wants to run gh with github-token" },
  { "a command without a secret says so", "'run_command'", RUNS, "node wants to run gh" },
  { "a program is started with all that it gets", LAUNCH, FACT ("Runs", "/usr/bin/npx"), "node wants to start npx with github-token, npm-token" },
  { "a program's name that is a sentence is quoted", RUN, FACT ("Runs", "/tmp/ls with nothing"), "node wants to run “ls with nothing” with github-token" },
  { "a login says where", LOGIN, FACT ("Logs in at", "github.com"), "node wants you to log in at github" },
  { "a token says for whom", MINT, FACT ("Audience", "https://a.example"), "node wants a signed token for oauth2" },
  { "credentials say of which provider", AWS, FACT ("Account", "1"), "node wants AWS credentials from aws" },
  { "a token of GitHub says of which provider", GITHUB, FACT ("Owner", "ann"), "node wants a GitHub token from github-app" },
  { "a certificate says of which authority", SSH, FACT ("Key type", "Ed25519"), "node wants an SSH certificate from servers" },
  { "names that are no names are quoted, each for itself", "'launch','resource':'a b, c'", RUNS, "node wants to start gh with “a b”, c" },
};

typedef struct
{
  const char *sentence, *what, *facts, *label, *value;
  CardEmphasis emphasis;
} LineCase;

static const LineCase line_cases[] = {
  { "a request is shown whole", HTTP, REQUEST, "Sends", "POST https://api.github.com/repos/o/r/issues?a=b", CARD_STRONG },
  { "its host stands apart", HTTP, REQUEST, "Host", "api.github.com", CARD_STRONG },
  { "a port that is not the usual one belongs to the host", HTTP, FACT ("Request", "GET https://a.example:8443/"), "Host", "a.example:8443", CARD_STRONG },
  { "the usual port does not", HTTP, FACT ("Request", "GET https://a.example:443/"), "Host", "a.example", CARD_STRONG },
  { "what stands before an at sign is no host", HTTP, FACT ("Request", "GET https://api.github.com@evil.example/"), "Host", "evil.example", CARD_STRONG },
  { "of several at signs the last one counts", HTTP, FACT ("Request", "GET https://api.github.com@b@evil.example/"), "Host", "evil.example", CARD_STRONG },
  { "a backslash ends the host", HTTP, FACT ("Request", "GET https://evil.example\\\\.github.com/"), "Host", "evil.example", CARD_STRONG },
  { "a host of two scripts is warned of", HTTP, FACT ("Request", "GET https://\\u0430pi.github.com/"), "Host",
    "\u0430pi.github.com: letters of different scripts that may look alike; the network knows it as xn--pi-6kc.github.com", CARD_WARNING },
  { "a host with one letter beyond ASCII is told by its other name", HTTP, FACT ("Request", "GET https://b\\u00fccher.example/"), "Host",
    "b\u00fccher.example: letters that may look like others; the network knows it as xn--bcher-kva.example", CARD_WARNING },
  { "a credential and how it is sent", HTTP, FACT ("Credential", "github-token, as a bearer token"), "Credential", "github-token, as a bearer token", CARD_STRONG },
  { "a header is a line", HTTP, FACT ("Header", "Accept: text/plain"), "Header", "Accept: text/plain", CARD_PLAIN },
  { "a body keeps its lines", HTTP, FACT ("Body", "{\\n  \\\"a\\\": 1\\n}"), "Body", "{\n  \"a\": 1\n}", CARD_PLAIN },
  { "a body's last newline is seen", HTTP, FACT ("Body", "a\\n"), "Body", "a\\u{a}", CARD_PLAIN },
  { "where the answer goes", HTTP, FACT ("Writes the answer to", "/home/a b"), "Saves as", "“/home/a b”", CARD_STRONG },

  { "what runs is named by its path", RUN, RUNS, "Program", "/usr/bin/gh", CARD_STRONG },
  { "an argument is a word", RUN, FACT ("Argument", "--json=title,url"), "Argument 1", "--json=title,url", CARD_PLAIN },
  { "arguments are numbered", RUN, FACT ("Argument", "pr") "," FACT ("Argument", "list"), "Argument 2", "list", CARD_PLAIN },
  { "an argument with a blank is one", RUN, FACT ("Argument", "a b"), "Argument 1", "“a b”", CARD_PLAIN },
  { "an argument with a newline is one", RUN, FACT ("Argument", "a\\nArgument 2  b"), "Argument 1", "“a\\u{a}Argument 2  b”", CARD_PLAIN },
  { "an empty argument is seen", RUN, FACT ("Argument", ""), "Argument 1", "“”", CARD_PLAIN },
  { "an argument with an escape of its own is quoted", RUN, FACT ("Argument", "a\\\\u{a}"), "Argument 1", "“a\\\\u{a}”", CARD_PLAIN },
  { "an argument from another script is quoted", RUN, FACT ("Argument", "\\u0440r"), "Argument 1", "“\u0440r”", CARD_PLAIN },
  { "what the program gets, and how", RUN, FACT ("Gives", "github-token as $GITHUB_TOKEN"), "Gets", "github-token as $GITHUB_TOKEN", CARD_STRONG },
  { "a variable is quoted where its end would not be seen", RUN, FACT ("Environment", "A=b "), "Environment", "“A=b ”", CARD_PLAIN },
  { "where it runs", RUN, FACT ("Directory", "/home/ann"), "In folder", "/home/ann", CARD_PLAIN },
  { "a program without a network is not warned of", RUN, FACT ("May reach", "nothing: no network"), "May reach", "nothing: no network", CARD_PLAIN },
  { "a program that may reach a service is not", RUN, FACT ("May reach", "api.github.com:443"), "May reach", "api.github.com:443", CARD_PLAIN },
  { "a program that may reach everything is", RUN, FACT ("May reach", "everything: not confined"), "May reach", "everything: not confined", CARD_WARNING },
  { "a program that is confined is not warned of", RUN, FACT ("Confined", "bubblewrap, Landlock, seccomp"), "Confined", "bubblewrap, Landlock, seccomp", CARD_PLAIN },
  { "a program that is not is", RUN, FACT ("Confined", "not at all"), "Confined", "not at all", CARD_WARNING },
  { "what is missing of it is", RUN, FACT ("Confined", "user namespaces: not allowed"), "Confined", "user namespaces: not allowed", CARD_WARNING },
  { "a value that a program gets is disclosed to it", RUN, RUNS "," FACT ("Gives", "a as $A"), "Risk", "it gets the value", CARD_PLAIN },
  { "a program that gets no value is said to get none", "'run_command'", RUNS, "Risk", "no value goes to it", CARD_PLAIN },
  { "a program holds what it got until it exits", LAUNCH, RUNS, "For", "until it exits; started again without asking: 5m (asked: 1h, at most: 30m), 5 uses", CARD_STRONG },
  { "a role is named by its ARN", AWS, FACT ("Role", "arn:aws:iam::123456789012:role/deploy"), "Role", "arn:aws:iam::123456789012:role/deploy", CARD_STRONG },
  { "a role that is not narrowed is warned of", AWS, FACT ("Narrowed to", "not at all: all that the role may do"), "Narrowed to",
    "not at all: all that the role may do", CARD_WARNING },
  { "a role that is narrowed is not", AWS, FACT ("Narrowed to", "s3:GetObject arn:aws:s3:::b/*"), "Narrowed to", "s3:GetObject arn:aws:s3:::b/*", CARD_STRONG },
  { "every repository is warned of", GITHUB, FACT ("Repositories", "all of the installation"), "Repositories", "all of the installation", CARD_WARNING },
  { "a repository is named", GITHUB, FACT ("Repositories", "site, docs"), "Repositories", "site, docs", CARD_STRONG },
  { "every permission is warned of", GITHUB, FACT ("Permissions", "all that the App has"), "Permissions", "all that the App has", CARD_WARNING },
  { "any command over SSH is warned of", SSH, FACT ("Commands", "any command"), "Commands", "any command", CARD_WARNING },
  { "one command over SSH is not, and stands whole", SSH, FACT ("Force command", "uptime -p"), "Runs only", "“uptime -p”", CARD_STRONG },
  { "a command in the words for none is one all the same", SSH, FACT ("Force command", "any command"), "Runs only", "“any command”", CARD_STRONG },
  { "the names that are logged in as", SSH, FACT ("Principals", "deploy, root"), "Logs in as", "deploy, root", CARD_STRONG },
  { "where logins come from", SSH, FACT ("Source address", "192.0.2.0/24"), "Logs in from", "192.0.2.0/24", CARD_STRONG },
  { "how long a certificate is good for", SSH, FACT ("Valid for", "10m at most; it ends with the grant"), "Valid for", "10m at most; it ends with the grant", CARD_PLAIN },
  { "where a login is", LOGIN, FACT ("Logs in at", "github.com"), "Logs in at", "github.com", CARD_STRONG },
  { "the host of a login cannot pass for more than a host", LOGIN, FACT ("Logs in at", "github.com, safe"), "Logs in at", "“github.com, safe”", CARD_STRONG },
  { "what a login is kept as", LOGIN, FACT ("Access token", "github-token"), "Kept as", "github-token", CARD_STRONG },
  { "a login that takes the place of another is warned of", LOGIN, FACT ("Replaces", "the login that is there under this name"), "Replaces",
    "the login that is there under this name", CARD_WARNING },
  { "a login gives the agent no token", LOGIN, FACT ("Client", "a"), "Risk", "the agent gets none by this", CARD_PLAIN },
  { "whom a token is for", MINT, FACT ("Audience", "https://a.example\\u202e"), "Audience", "“https://a.example\\u{202e}”", CARD_STRONG },
  { "a label that we do not know is shown as it came", HTTP, FACT ("Sends with\\u202e", "a"), "Fact", "Sends with\\u{202e}: a", CARD_PLAIN },
};
/* clang-format on */

static Card *
new_card (const char *what, const char *facts)
{
  return card_case_new (WHAT, what, FACTS, facts, NULL);
}

static void
test_sentence (gconstpointer data)
{
  const SentenceCase *row = data;
  g_autoptr (Card) card = new_card (row->what, row->facts);
  g_autofree char *shown = card_sentence (card);
  g_assert_cmpstr (shown, ==, row->shown);
}

static const CardLine *
find_line (const GPtrArray *lines, const char *label)
{
  for (guint i = 0; i < lines->len; i++)
    if (strcmp (((CardLine *) lines->pdata[i])->label, label) == 0)
      return lines->pdata[i];
  return NULL;
}

static void
test_line (gconstpointer data)
{
  const LineCase *row = data;
  g_autoptr (Card) card = new_card (row->what, row->facts);
  g_autoptr (GPtrArray) lines = card_lines (card, 0);
  const CardLine *line = find_line (lines, row->label);

  g_assert_nonnull (line);
  if (strcmp (row->label, "Risk") == 0)
    g_assert_nonnull (strstr (line->value, row->value));
  else
    g_assert_cmpstr (line->value, ==, row->value);
  g_assert_cmpint (line->emphasis, ==, row->emphasis);
  g_assert_null (line->whole);
}

/* Of sixty arguments the last is as much to be seen as the first, and what is open before all. */
static void
test_many (void)
{
  g_autoptr (GString) facts = g_string_new (RUNS);
  for (guint i = 1; i <= 60; i++)
    g_string_append_printf (facts, "," FACT ("Argument", "a%u"), i);
  g_string_append (facts, "," FACT ("Confined", "not at all"));
  g_autoptr (Card) card = new_card (RUN, facts->str);
  g_autoptr (GPtrArray) lines = card_lines (card, 0);
  guint program, open;

  g_assert_cmpstr (find_line (lines, "Argument 60")->value, ==, "a60");
  g_assert_true (g_ptr_array_find (lines, find_line (lines, "Program"), &program));
  g_assert_true (g_ptr_array_find (lines, find_line (lines, "Confined"), &open));
  g_assert_cmpuint (open, <, program);
  g_assert_cmpstr (find_line (lines, "Confined")->id, ==, "fact-62");
}

/* --- Long text --- */

/* The text that an escaped one stands for, without its newlines. */
static char *
unescape (const char *text)
{
  GString *out = g_string_new (NULL);

  while (*text != '\0')
    if (g_str_has_prefix (text, "\\u{"))
      {
        char *end;
        gunichar c = g_ascii_strtoull (text + 3, &end, 16);
        g_assert_true (*end == '}');
        if (c != '\n')
          g_string_append_unichar (out, c);
        text = end + 1;
      }
    else
      {
        text += g_str_has_prefix (text, "\\\\") ? 1 : 0;
        if (*text != '\n')
          g_string_append_c (out, *text);
        text++;
      }
  return g_string_free (out, FALSE);
}

static char *
random_text (gsize units)
{
  static const char *const pieces[]
      = { "a",  " ",      "      ", "\n",           "\n\n\n\n", "\\",      "\\u{a}", "\x1b",
          "\t", "\u202e", "\u200b", "\u65e5\u672c", "\r\n",     "e\u0301", "}",      "word word" };
  GString *out = g_string_new (NULL);

  for (gsize i = 0; i < units; i++)
    g_string_append (out, pieces[g_test_rand_int_range (0, G_N_ELEMENTS (pieces))]);
  return g_string_free (out, FALSE);
}

/* Nothing is lost, nothing acts on a screen, and no line is long. */
static void
check_block (const char *text, const char *block)
{
  g_autofree char *back = unescape (block);
  g_auto (GStrv) lines = g_strsplit (block, "\n", -1);
  g_auto (GStrv) parts = g_strsplit (text, "\n", -1);
  g_autofree char *flat = g_strjoinv ("", parts);

  g_assert_cmpstr (back, ==, flat);
  for (char **line = lines; *line != NULL; line++)
    {
      g_assert_cmpint (g_utf8_strlen (*line, -1), <=, CARD_BLOCK_COLUMNS);
      for (const char *p = *line; *p != '\0'; p = g_utf8_next_char (p))
        g_assert_true (g_unichar_isprint (g_utf8_get_char (p))
                       || g_unichar_ismark (g_utf8_get_char (p)));
    }
  g_assert_null (strstr (block, "\n\n\n\n"));
}

static void
test_block (void)
{
  for (guint i = 0; i < 300; i++)
    {
      g_autofree char *text = random_text (g_test_rand_int_range (0, 200));
      g_autofree char *block = card_block (text);
      check_block (text, block);
    }
  g_autofree char *long_line = g_strnfill (CARD_BLOCK_COLUMNS - 1, 'a');
  g_autofree char *newlines = g_strconcat (long_line, "\n\n\n\n\n\nb", NULL);
  g_autofree char *block = card_block (newlines);
  check_block (newlines, block);
}

static const struct
{
  const char *sentence, *text, *block;
} blocks[] = {
  { "a text without a line is none", "", "" },
  { "indentation stays", "a\n    b", "a\n    b" },
  { "blanks at the end of a line are seen", "a \nb", "a\\u{20}\nb" },
  { "blanks that push words out of sight are seen", "a    b", "a \\u{20}\\u{20}\\u{20}b" },
  { "a line of blanks is seen", "a\n  \nb", "a\n\\u{20}\\u{20}\nb" },
  { "two empty lines are two", "a\n\n\nb", "a\n\n\nb" },
  { "many are written out", "a\n\n\n\n\nb", "a\\u{a}\\u{a}\n\n\nb" },
  { "a tab is seen", "\ta", "\\u{9}a" },
};

static void
test_block_row (gconstpointer data)
{
  gsize i = GPOINTER_TO_SIZE (data);
  g_autofree char *block = card_block (blocks[i].text);
  g_assert_cmpstr (block, ==, blocks[i].block);
}

/* What is shown without being asked for is a beginning, ends with a character, and is not much. */
static void
test_begin (void)
{
  for (guint i = 0; i < 300; i++)
    {
      g_autofree char *text = random_text (g_test_rand_int_range (0, 2000));
      gsize len = card_block_begin (text);
      g_autofree char *begin = g_strndup (text, len), *block = card_block (begin);
      g_auto (GStrv) lines = g_strsplit (block, "\n", -1);
      g_assert_true (g_utf8_validate (begin, -1, NULL));
      g_assert_cmpint (g_utf8_strlen (block, -1), <=, CARD_BLOCK_ROOM);
      g_assert_cmpuint (g_strv_length (lines), <=,
                        CARD_BLOCK_LINES + CARD_BLOCK_ROOM / CARD_BLOCK_COLUMNS);
      g_assert_true (len > 0 || *text == '\0');
    }
}

static void
test_long (void)
{
  g_autofree char *body = g_strnfill (256 * 1024, '.');
  memcpy (body + strlen (body) - 4, "\\t!!", 4);
  g_autofree char *fact = g_strdup_printf (FACT ("Body", "%s"), body);
  g_autoptr (Card) card = new_card (HTTP, fact);
  g_autoptr (GPtrArray) lines = card_lines (card, 0);
  const CardLine *line = find_line (lines, "Body");
  g_autofree char *whole = card_line_whole (line), *more = card_line_more (line);

  g_assert_cmpuint (strlen (line->value), <=, 2 * CARD_BLOCK_ROOM);
  g_assert_true (line->block);
  g_assert_cmpstr (more, ==, "show all 262143 bytes");
  g_assert_true (g_str_has_suffix (whole, "\\u{9}!!"));
}

/* --- What has to be read, and what is the same --- */

static void
test_touch (void)
{
  g_autofree char *facts = g_strdup (RUNS "," FACT ("Argument", "a") "," FACT ("Gives", "t as $T"));
  g_autoptr (Card) card = card_case_new (WHAT, RUN, FACTS, facts, "'read'", "'disclose'", NULL);
  g_autoptr (GPtrArray) lines = card_lines (card, 0);
  g_autoptr (GString) touched = g_string_new (NULL);

  for (guint i = 0; i < lines->len; i++)
    if (card_line_to_touch (card, lines->pdata[i]))
      g_string_append_printf (touched, "%s ", ((CardLine *) lines->pdata[i])->label);
  g_assert_cmpstr (touched->str, ==, "Program Gets Who ");
  g_assert_true (
      g_str_has_prefix (find_line (lines, "Risk")->value, "discloses to this program: "));
}

#define PREVIOUS                                                                                   \
  "'version':1,'previous':{'approved_at':'2026-11-18T08:00:00Z','changed':["                       \
  "{'line':'fact-2','before':'Argument: pr list'},{'line':'fact-3','before':''},"                  \
  "{'line':'fact-4','before':'Argument: --web'}]}"

static void
test_changes (void)
{
  g_autofree char *facts = g_strdup (RUNS "," FACT ("Argument", "a") "," FACT ("Argument", "b"));
  g_autoptr (Card) card = card_case_new (WHAT, RUN, FACTS, facts, "'version':1", PREVIOUS, NULL);
  g_autoptr (GPtrArray) lines = card_lines (card, 0);

  g_assert_true (find_line (lines, "Argument 1")->changed);
  g_assert_cmpstr (find_line (lines, "Argument 1")->before, ==, "“pr list”");
  g_assert_true (find_line (lines, "Argument 2")->changed);
  g_assert_null (find_line (lines, "Argument 2")->before);
  g_assert_cmpstr (find_line (lines, "Arguments")->value, ==, "nothing any more");
  g_assert_cmpstr (find_line (lines, "Arguments")->before, ==, "--web");
  g_assert_nonnull (strstr (find_line (lines, "Before")->value, "different now: Arguments"));
  g_assert_null (strstr (find_line (lines, "Before")->value, "Arguments, Arguments"));
}

/* One answer for two requests is for two that do the same. */
static void
test_alike (void)
{
  g_autoptr (Card) one = new_card (HTTP, REQUEST);
  g_autoptr (Card) same = new_card (HTTP, REQUEST);
  g_autoptr (Card) other = new_card (HTTP, FACT ("Request", "POST https://api.github.com/other"));
  g_autoptr (Card) more = new_card (HTTP, REQUEST "," FACT ("Body", "x"));

  g_assert_true (card_alike (one, same));
  g_assert_false (card_alike (one, other));
  g_assert_false (card_alike (one, more));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD_TABLE ("/card/use/", sentence_cases, test_sentence);
  ADD_TABLE ("/card/use/", line_cases, test_line);
  for (gsize i = 0; i < G_N_ELEMENTS (blocks); i++)
    {
      g_autofree char *path = g_strconcat ("/card/block/", blocks[i].sentence, NULL);
      g_test_add_data_func (path, GSIZE_TO_POINTER (i), test_block_row);
    }
  g_test_add_func ("/card/block/whatever the text, none of it is lost or acts", test_block);
  g_test_add_func ("/card/block/whatever the text, its beginning is short", test_begin);
  g_test_add_func ("/card/block/a body of 256 KiB is shown by its beginning, and whole", test_long);
  g_test_add_func ("/card/use/sixty arguments hide nothing", test_many);
  g_test_add_func ("/card/use/of the first one program and gifts have to be read", test_touch);
  g_test_add_func ("/card/use/what is different now is marked", test_changes);
  g_test_add_func ("/card/use/requests are alike when they are the same", test_alike);
  return g_test_run ();
}
