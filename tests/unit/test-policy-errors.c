/* SPDX-License-Identifier: MIT */
#include "policy/policy.h"
#include "tests/unit/table.h"

#include <string.h>

typedef struct
{
  const char *sentence, *text;
  const char *message; /* behind "p:" */
} ErrorCase;

#define OPERATIONS                                                                                 \
  "list_secrets, get_secret, reveal, store_secret, update_secret, delete_secret, mint_token, "     \
  "revoke_token, http_request, run_command, launch, oauth_login, aws_credentials, github_token, "  \
  "ssh_certificate, any"
#define CLAUSES                                                                                    \
  "of, method, path, from, sha256, package, unit, below, uid, caller, command, in, during, on, "   \
  "over, max, uses, rate, scopes, confirm, sandbox, notify"

#define SEQUENCE                                                                                   \
  "a program's full path and its arguments in { }, as in { /usr/bin/gh pr list ** }, where ** is " \
  "any more of them"

/* clang-format off */
static const ErrorCase word_cases[] = {
  { "a misspelt verdict", "ask any\n  alow any\n",
    "2:3: \"alow\" is no verdict, and a rule begins with one; did you mean \"allow\"?" },
  { "a verdict in capitals", "DENY any",
    "1:1: \"DENY\" is no verdict, and a rule begins with one; did you mean \"deny\"?" },
  { "a verdict of another language", "block any",
    "1:1: \"block\" is no verdict, and a rule begins with one; did you mean \"deny\"?" },
  { "no verdict at all", "get_secret of a",
    "1:1: \"get_secret\" is no verdict, and a rule begins with one; write one of deny, ask, allow" },
  { "a rule that begins with a brace", "{ ask any",
    "1:1: a { is no verdict, and a rule begins with one; write one of deny, ask, allow" },
  { "a verdict in quotes", "\"ask\" any",
    "1:1: \"ask\" is in quotes, which make it a name; write it without" },
  { "a second line that lacks the backslash before it", "ask any\n  max 5m",
    "2:3: \"max\" begins no rule; if it belongs to the rule above, end that line with \\" },

  { "a verdict alone", "deny",
    "1:5: \"deny\" what? Write an operation, a list of them in { }, or any" },
  { "a verdict alone in its line", "ask \nask any",
    "1:5: \"ask\" what? Write an operation, a list of them in { }, or any" },
  { "a misspelt operation", "ask get_secert",
    "1:5: \"get_secert\" is no operation; did you mean \"get_secret\"?" },
  { "an operation with a hyphen", "ask get-secret",
    "1:5: \"get-secret\" is no operation; did you mean \"get_secret\"?" },
  { "a tool's name for reveal", "deny resolve_secret",
    "1:6: \"resolve_secret\" is no operation; did you mean \"reveal\"?" },
  { "a tool's name for a token", "deny get_github_token",
    "1:6: \"get_github_token\" is no operation; did you mean \"github_token\"?" },
  { "all for any", "deny all", "1:6: \"all\" is no operation; did you mean \"any\"?" },
  { "nothing near", "ask everything",
    "1:5: \"everything\" is no operation; write one of " OPERATIONS },
  { "an operation in quotes", "ask \"reveal\"",
    "1:5: \"reveal\" is in quotes, which make it a name; write it without" },
  { "a clause where the operation belongs", "ask of a",
    "1:5: \"of\" is no operation; write one of " OPERATIONS },
  { "any in a list", "ask { reveal any }", "1:14: \"any\" in a list; it stands alone, without { and }" },
  { "an operation twice", "ask { reveal launch reveal }",
    "1:21: \"reveal\" stands twice in this list; once is enough" },
  { "a second operation without braces", "ask reveal launch",
    "1:12: a second operation, \"launch\"; more than one stand in { }, right behind the rule's first word" },

  { "a misspelt clause", "ask any form /bin/x", "1:9: \"form\" is no clause; did you mean \"from\"?" },
  { "another word for max", "ask any for 5m", "1:9: \"for\" is no clause; did you mean \"max\"?" },
  { "no clause that is known", "ask any whenever",
    "1:9: \"whenever\" is no clause; write one of " CLAUSES },
  { "a word too many", "ask any max 5m 6m", "1:16: \"6m\" is no clause; write one of " CLAUSES },
  { "a clause in quotes", "ask any \"of\" a",
    "1:9: \"of\" is in quotes, which make it a name; write it without" },
  { "a clause twice that takes a list", "ask any of a max 1m of b",
    "1:21: a second \"of\" in one rule; write both in one list, { a b }" },
  { "a clause twice that takes none", "ask any max 1m max 2m", "1:16: a second \"max\" in one rule; keep one" },
  { "a very long word is not shown whole",
    "ask aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    "1:5: \"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa…\" is no operation; "
    "write one of " OPERATIONS },
};

static const ErrorCase value_cases[] = {
  { "nothing behind a clause", "ask any of", "1:11: the line's end after \"of\"; what is wanted is a name or pattern" },
  { "a clause behind a clause", "ask any of from /bin/x",
    "1:12: \"from\" is a word of the language, and after \"of\" comes a name or pattern; for a name that "
    "reads the same, put it in double quotes" },
  { "any as a resource", "ask reveal of any",
    "1:15: \"any\" is a word of the language, and after \"of\" comes a name or pattern; for a name that "
    "reads the same, put it in double quotes" },
  { "a closing brace for a value", "ask any of }", "1:12: a } after \"of\"; what is wanted is a name or pattern" },
  { "an empty resource", "deny any of \"\"",
    "1:13: \"\" after \"of\": an empty pattern matches nothing; write a name, or * for any" },
  { "a resource that begins with a slash", "deny any of //prod/**",
    "1:13: \"//prod/**\" after \"of\": the name of a resource does not begin with a slash; write \"prod/**\"" },
  { "a suggestion shows what does not show", "deny any of \"/a\\u{1b}b\"",
    "1:13: \"/a\\u{1b}b\" after \"of\": the name of a resource does not begin with a slash; write \"a\\u{1b}b\"" },
  { "a path in a suggestion shows what does not show", "deny any from \"a\\u{a}b\"",
    "1:15: \"a\\u{a}b\" after \"from\": the name of a program is not its path, and anything can have that "
    "name; write the full path, as in \"/usr/bin/a\\u{a}b\"" },
  { "a resource that ends with a slash", "deny any of prod/",
    "1:13: \"prod/\" after \"of\": a slash ends it, and so it matches nothing; write /** for all that is below" },
  { "a resource with two slashes", "deny any of prod//KEY",
    "1:13: \"prod//KEY\" after \"of\": two slashes in a row match nothing; write one" },
  { "a resource with dots for a segment", "deny any of prod/../KEY",
    "1:13: \"prod/../KEY\" after \"of\": no name or path has the segment ..; write the path it leads to" },
  { "three stars", "deny any of prod/***", "1:13: \"prod/***\" after \"of\": three stars mean no more than two; write **" },
  { "a resource twice", "deny any of { a b a }", "1:19: \"a\" after \"of\": it stands twice in this list; once is enough" },

  { "a program by its name", "ask any from claude",
    "1:14: \"claude\" after \"from\": the name of a program is not its path, and anything can have that name; "
    "write the full path, as in \"/usr/bin/claude\"" },
  { "a program in the home folder", "ask any from ~/bin/x",
    "1:14: \"~/bin/x\" after \"from\": ~ is not expanded; write the full path" },
  { "a relative path", "ask any from ./x",
    "1:14: \"./x\" after \"from\": the path of a program begins with a slash; write the full path" },
  { "a pattern without a root", "ask any from **/x",
    "1:14: \"**/x\" after \"from\": the path of a program begins with a slash; write the full path" },
  { "a path with a dot for a segment", "ask any from /usr/./x",
    "1:14: \"/usr/./x\" after \"from\": no name or path has the segment .; write the path it leads to" },
  { "the root folder", "ask any from /",
    "1:14: \"/\" after \"from\": a slash ends it, and so it matches nothing; write /** for all that is below" },

  { "a command without braces", "deny launch command /usr/bin/gh",
    "1:21: \"/usr/bin/gh\" after \"command\"; what is wanted is " SEQUENCE },
  { "a command without a word", "deny launch command",
    "1:20: the line's end after \"command\"; what is wanted is " SEQUENCE },
  { "a command by its program's name", "deny launch command { gh auth token }",
    "1:23: \"gh\" after \"command\": the name of a program is not its path, and anything can have that name; "
    "write the full path, as in \"/usr/bin/gh\"" },
  { "a command with a path that no file has", "deny launch command { /usr/bin/../gh }",
    "1:23: \"/usr/bin/../gh\" after \"command\": no name or path has the segment ..; write the path it leads to" },
  { "a command in the home folder", "deny launch command { ~/gh }",
    "1:23: \"~/gh\" after \"command\": ~ is not expanded; write the full path" },
  { "two stars within an argument", "deny launch command { /usr/bin/gh --a=** }",
    "1:35: \"--a=**\" after \"command\": in an argument one star takes any characters, slashes too; write one, or "
    "** alone for any number of arguments" },
  { "two stars twice in a row", "deny launch command { /usr/bin/gh ** ** a }",
    "1:38: \"**\" after \"command\": one ** takes any number of arguments; a second one behind it adds nothing" },
  { "a word of the language as an argument", "deny launch command { /usr/bin/gh from a }",
    "1:35: \"from\" is a word of the language, and after \"command\" comes " SEQUENCE "; for a name that "
    "reads the same, put it in double quotes" },
  { "a second command in one rule", "deny launch command { /bin/x } command { /bin/y }",
    "1:32: a second \"command\" in one rule; write two rules" },
  { "a command where nothing is started", "deny { launch get_secret } command { /bin/x }",
    "1:28: \"command\" in a rule about get_secret, which starts nothing; only run_command and launch do: "
    "write a rule of its own for those" },
  { "a command of any operation", "deny any command { /bin/x }",
    "1:10: \"command\" in a rule about any: run_command and launch alone start something; name what is meant, as in "
    "{ run_command launch }" },
  { "a sandbox where nothing is started", "ask http_request sandbox",
    "1:18: \"sandbox\" in a rule about http_request, which starts nothing; only run_command and launch do: "
    "write a rule of its own for those" },
  { "a sandbox for what is denied", "deny run_command sandbox",
    "1:18: \"sandbox\" in a rule that says deny: a deny runs nothing that could be confined; remove it, or write ask" },
  { "a sandbox with a value", "ask run_command sandbox full", "1:25: \"full\" is no clause; write one of " CLAUSES },
  { "a sandbox twice", "ask run_command sandbox sandbox", "1:25: a second \"sandbox\" in one rule; keep one" },
  { "sandbox in other words", "ask run_command confined", "1:17: \"confined\" is no clause; did you mean \"sandbox\"?" },

  { "a user by name", "ask any uid root",
    "1:13: \"root\" after \"uid\": a uid is a whole number, and names are not looked up; write what \"id -u NAME\" prints" },
  { "a uid below zero", "ask any uid -1",
    "1:13: \"-1\" after \"uid\": a uid is a whole number, and names are not looked up; write what \"id -u NAME\" prints" },
  { "the uid that is nobody's", "ask any uid 4294967295",
    "1:13: \"4294967295\" after \"uid\": a uid is a whole number, and names are not looked up; write what \"id -u NAME\" prints" },
  { "a uid beyond 64 bits", "ask any uid 18446744073709551616",
    "1:13: \"18446744073709551616\" after \"uid\": a uid is a whole number, and names are not looked up; write what \"id -u NAME\" prints" },
  { "a caller without an issuer", "ask any caller ann@example.com",
    "1:16: \"ann@example.com\" after \"caller\": a caller is the name of its issuer's file, a slash and who it is; write it as in work/ann@example.com, or work/* for all of that issuer's" },
  { "an issuer without a caller", "ask any caller work/",
    "1:16: \"work/\" after \"caller\": a caller is the name of its issuer's file, a slash and who it is; write it as in work/ann@example.com, or work/* for all of that issuer's" },
  { "a caller whom any issuer may name so", "allow http_request caller */ann",
    "1:27: \"*/ann\" after \"caller\": whom one issuer calls so is not whom another does; an allow names the issuer" },
  { "a caller who is a program", "ask any from /bin/x caller work/ann",
    "1:21: \"caller\" in a rule that has \"from\": who calls over HTTP is no program of this machine, so that nobody is both; write two rules" },
  { "a caller who is a user", "ask any uid 7 caller work/ann",
    "1:15: \"caller\" in a rule that has \"uid\": who calls over HTTP is no program of this machine, so that nobody is both; write two rules" },
  { "a program that is a caller", "ask any caller work/ann from /bin/x",
    "1:25: \"from\" in a rule that has \"caller\": who calls over HTTP is no program of this machine, so that nobody is both; write two rules" },
  { "a uid twice", "ask any uid { 1 01 }", "1:17: \"01\" after \"uid\": it stands twice in this list; once is enough" },

  { "a duration without a unit", "ask any max 90", "1:13: \"90\" after \"max\": a duration needs its unit; write 90s, 90m or 90h" },
  { "a duration of nothing", "ask any max 0s", "1:13: \"0s\" after \"max\": a duration is from 1s to 30d; write one between" },
  { "a duration that is too long", "ask any max 31d", "1:13: \"31d\" after \"max\": a duration is from 1s to 30d; write one between" },
  { "a duration beyond 64 bits", "ask any max 99999999999999999999d",
    "1:13: \"99999999999999999999d\" after \"max\": this is no duration; write one as in 90s, 5m, 1h30m, 2d" },
  { "a fraction of a duration", "ask any max 1.5h", "1:13: \"1.5h\" after \"max\": this is no duration; write one as in 90s, 5m, 1h30m, 2d" },
  { "a duration below zero", "ask any max -5m", "1:13: \"-5m\" after \"max\": this is no duration; write one as in 90s, 5m, 1h30m, 2d" },
  { "units in the wrong order", "ask any max 5m1h", "1:13: \"5m1h\" after \"max\": this is no duration; write one as in 90s, 5m, 1h30m, 2d" },
  { "a unit twice", "ask any max 1m1m", "1:13: \"1m1m\" after \"max\": this is no duration; write one as in 90s, 5m, 1h30m, 2d" },
  { "a unit that there is not", "ask any max 1w", "1:13: \"1w\" after \"max\": this is no duration; write one as in 90s, 5m, 1h30m, 2d" },
  { "a unit without a number", "ask any max m", "1:13: \"m\" after \"max\": this is no duration; write one as in 90s, 5m, 1h30m, 2d" },
  { "an empty duration", "ask any max \"\"", "1:13: \"\" after \"max\": a duration is from 1s to 30d; write one between" },
  { "a list of durations", "ask any max { 1m 2m }", "1:13: \"max\" takes no list; write a duration, as in 15m" },

  { "no use at all", "ask any uses 0", "1:14: \"0\" after \"uses\": uses is a whole number from 1 to 1000000; to have none at all write deny" },
  { "too many uses", "ask any uses 1000001", "1:14: \"1000001\" after \"uses\": uses is a whole number from 1 to 1000000; to have none at all write deny" },
  { "uses in words", "ask any uses one", "1:14: \"one\" after \"uses\": uses is a whole number from 1 to 1000000; to have none at all write deny" },
  { "a confirmation that there is not", "ask any confirm touch",
    "1:17: \"touch\" after \"confirm\": a person confirms by click, by pin or by key; write one of the three" },

  { "max in a deny", "deny any max 5m", "1:10: \"max\" in a rule that says deny: a deny grants nothing that could be bounded; remove it, or write ask" },
  { "uses in a deny", "deny any uses 1", "1:10: \"uses\" in a rule that says deny: a deny grants nothing that could be bounded; remove it, or write ask" },
  { "confirm in a deny", "deny any confirm pin", "1:10: \"confirm\" in a rule that says deny: nobody is asked here who could confirm; remove it, or write ask" },
  { "confirm in an allow", "allow any confirm pin", "1:11: \"confirm\" in a rule that says allow: nobody is asked here who could confirm; remove it, or write ask" },
};

static const ErrorCase shape_cases[] = {
  { "an empty list", "ask { }", "1:7: an empty list matches nothing; name one or more" },
  { "an empty list of values", "ask any of { }", "1:14: an empty list matches nothing; name one or more" },
  { "a list in a list", "ask any of { a { b } }", "1:16: a list in a list; close the first with }" },
  { "a list that its line does not close", "ask any of { a\ndeny reveal }\n",
    "1:12: a list that is not closed; end it with } on the same line, or end the line with \\ to go on" },
  { "a list that the text does not close", "ask { reveal",
    "1:5: a list that is not closed; end it with } on the same line, or end the line with \\ to go on" },
  { "a brace that nothing opened", "ask any }", "1:9: a } is no clause; write one of " CLAUSES },
  { "a list behind the operations", "ask reveal { launch }", "1:12: a { is no clause; write one of " CLAUSES },
  { "commas between words", "ask { reveal, launch }",
    "1:13: a comma; blanks part the words of a list, and a word that has a comma is put in double quotes" },
  { "a comma behind a quote", "ask any of { \"a\", b }",
    "1:17: a comma; blanks part the words of a list, and a word that has a comma is put in double quotes" },
  { "a quote that is not closed", "ask any of \"a\nask any",
    "1:12: a quote that is not closed; end it with \" on the same line" },
  { "a quote that the text does not close", "ask any of \"a", "1:12: a quote that is not closed; end it with \" on the same line" },
  { "a quote in a word", "ask any of a\"b\"",
    "1:13: a quote in the middle of a word; put the whole word in double quotes, or a blank before it" },
  { "a word behind its quote", "ask any of \"a\"b", "1:15: a word goes on after its closing quote; put a blank here" },
  { "a comment that touches a word", "ask any# all",
    "1:8: a # in the middle of a word; put the whole word in double quotes, or a blank before it" },
  { "a comment that touches a quote", "ask any of \"a\"# all", "1:15: a word goes on after its closing quote; put a blank here" },
  { "a backslash in a word", "ask any of a\\b",
    "1:13: a backslash in the middle of a line; it stands last in a line that goes on, or inside double quotes" },
  { "a blank behind the last backslash", "ask any \\ \n max 5m",
    "1:9: a backslash in the middle of a line; it stands last in a line that goes on, or inside double quotes" },
  { "a backslash that ends the text", "ask any \\",
    "1:9: a backslash in the middle of a line; it stands last in a line that goes on, or inside double quotes" },
  { "an escape that there is not", "ask any of \"a\\n\"",
    "1:14: a backslash that escapes nothing; inside double quotes write \\\\, \\\" or \\u{e9} with a character's hexadecimal number" },
  { "an escape without braces", "ask any of \"\\u00e9\"",
    "1:13: a backslash that escapes nothing; inside double quotes write \\\\, \\\" or \\u{e9} with a character's hexadecimal number" },
  { "an escape without digits", "ask any of \"\\u{}\"",
    "1:13: a backslash that escapes nothing; inside double quotes write \\\\, \\\" or \\u{e9} with a character's hexadecimal number" },
  { "an escape for NUL", "ask any of \"\\u{0}\"",
    "1:13: a backslash that escapes nothing; inside double quotes write \\\\, \\\" or \\u{e9} with a character's hexadecimal number" },
  { "an escape for half a character", "ask any of \"\\u{d800}\"",
    "1:13: a backslash that escapes nothing; inside double quotes write \\\\, \\\" or \\u{e9} with a character's hexadecimal number" },
  { "an escape beyond Unicode", "ask any of \"\\u{110000}\"",
    "1:13: a backslash that escapes nothing; inside double quotes write \\\\, \\\" or \\u{e9} with a character's hexadecimal number" },
  { "an escape of seven digits", "ask any of \"\\u{0000061}\"",
    "1:13: a backslash that escapes nothing; inside double quotes write \\\\, \\\" or \\u{e9} with a character's hexadecimal number" },
  { "a tab in quotes", "ask any of \"a\tb\"", "1:14: a tab looks like spaces; write \\u{9}" },

  { "a bad byte", "ask any\nask any of a\xff", "2:13: byte 0xff is not UTF-8; save the file as UTF-8" },
  { "a character that is cut", "ask any of \xc3", "1:12: byte 0xc3 is not UTF-8; save the file as UTF-8" },
  { "a slash written too long", "# \xc0\xaf", "1:3: byte 0xc0 is not UTF-8; save the file as UTF-8" },
  { "half a character in UTF-8", "# \xed\xa0\x80", "1:3: byte 0xed is not UTF-8; save the file as UTF-8" },
  { "a column counts characters", "# \u00e9\u00e9\u00e9\x1b", "1:6: U+001B does not show; remove it, or write \\u{1b} inside double quotes" },
  { "an escape character", "ask any of \x1b[2J", "1:12: U+001B does not show; remove it, or write \\u{1b} inside double quotes" },
  { "a return that ends no line", "ask any\rdeny any\n", "1:8: U+000D does not show; remove it, or write \\u{d} inside double quotes" },
  { "a mark of byte order", "\ufeffask any", "1:1: U+FEFF does not show; remove it, or write \\u{feff} inside double quotes" },
  { "text that is turned around, in a comment", "# \u202Eyna yned", "1:3: U+202E does not show; remove it, or write \\u{202e} inside double quotes" },
  { "a space of no width", "deny any of pro\u200Bd", "1:16: U+200B does not show; remove it, or write \\u{200b} inside double quotes" },
  { "a blank that is no space", "deny\u00A0any", "1:5: U+00A0 does not show; remove it, or write \\u{a0} inside double quotes" },
  { "a line separator", "# a\u2028deny any", "1:4: U+2028 does not show; remove it, or write \\u{2028} inside double quotes" },
  { "a letter that is drawn as nothing", "deny any of a\u3164", "1:14: U+3164 does not show; remove it, or write \\u{3164} inside double quotes" },
  { "a control in quotes", "deny any of \"\x7f\"", "1:14: U+007F does not show; remove it, or write \\u{7f} inside double quotes" },
  { "a character for private use", "deny any of \ue000", "1:13: U+E000 does not show; remove it, or write \\u{e000} inside double quotes" },
};
/* clang-format on */

static void
assert_error (const char *text, gsize len, const char *message)
{
  g_autoptr (GError) error = NULL;
  PolicySource source = { "p", text, len };
  g_autoptr (Policy) policy = policy_parse (&source, 1, &error);
  g_autofree char *whole = g_strconcat ("p:", message, NULL);

  g_assert_null (policy);
  g_assert_error (error, POLICY_ERROR, POLICY_ERROR_SYNTAX);
  g_assert_cmpstr (error->message, ==, whole);
}

static void
test_error (gconstpointer data)
{
  const ErrorCase *row = data;
  assert_error (row->text, strlen (row->text), row->message);
}

static void
test_nul (void)
{
  assert_error ("ask any\n# \0\n", 12, "2:3: a NUL byte; a policy is text");
}

static void
test_second_source (void)
{
  g_autoptr (GError) error = NULL;
  const PolicySource sources[]
      = { { "a.conf", "ask any\n\n", 9 }, { "policy.d/b.conf", "\ndeny", 5 } };
  g_autoptr (Policy) policy = policy_parse (sources, 2, &error);
  g_assert_null (policy);
  g_assert_nonnull (error);
  g_assert_true (g_str_has_prefix (error->message, "policy.d/b.conf:2:5: \"deny\" what?"));
}

/* --- Limits: what is just within passes, one more does not --- */

static char *
repeated (const char *before, const char *piece, gsize n, const char *after)
{
  GString *out = g_string_new (before);
  for (gsize i = 0; i < n; i++)
    g_string_append (out, piece);
  g_string_append (out, after);
  return g_string_free (out, FALSE);
}

static void
assert_rules (const char *text, gsize n)
{
  g_autoptr (GError) error = NULL;
  PolicySource source = { "p", text, strlen (text) };
  g_autoptr (Policy) policy = policy_parse (&source, 1, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (policy_n_rules (policy), ==, n);
}

static void
test_file_limit (void)
{
  g_autofree char *most = repeated ("ask any\n#", "x", POLICY_MAX_FILE - 9, "");
  g_autofree char *more = g_strconcat (most, "x", NULL);
  assert_rules (most, 1);
  assert_error (more, strlen (more),
                "1:1: more than 256 KiB; write lists and patterns, or more than one file");
}

static void
test_rule_limit (void)
{
  g_autofree char *most = repeated ("", "ask any\n", POLICY_MAX_RULES, "");
  g_autofree char *more = repeated ("\n", "ask any\n", POLICY_MAX_RULES, " ask any");
  assert_rules (most, POLICY_MAX_RULES);
  assert_error (more, strlen (more), "10002:2: more than 10000 rules; use lists and patterns");
}

static void
test_rule_limit_over_all (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *most = repeated ("", "ask any\n", POLICY_MAX_RULES, "");
  const PolicySource sources[] = { { "a", most, strlen (most) }, { "b", "ask any", 7 } };
  g_assert_null (policy_parse (sources, 2, &error));
  g_assert_nonnull (error);
  g_assert_cmpstr (error->message, ==, "b:1:1: more than 10000 rules; use lists and patterns");
}

static void
test_list_limit (void)
{
  g_autoptr (GString) most = g_string_new ("ask any of {");
  for (int i = 0; i < POLICY_MAX_LIST; i++)
    g_string_append_printf (most, " %03d", i);
  g_autofree char *fits = g_strconcat (most->str, " }", NULL);
  g_autofree char *more = g_strconcat (most->str, " x }", NULL);
  assert_rules (fits, 1);
  assert_error (more, strlen (more), "1:1038: a list of more than 256 words; write two rules");
}

static void
test_word_limit (void)
{
  g_autofree char *most = repeated ("ask any of ", "x", POLICY_MAX_WORD, "");
  g_autofree char *more = repeated ("ask any of \"", "x", POLICY_MAX_WORD, "\\u{78}\"");
  assert_rules (most, 1);
  assert_error (more, strlen (more),
                "1:12: a word of more than 4096 bytes; no name or path is as long");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD_TABLE ("/policy/error/word/", word_cases, test_error);
  ADD_TABLE ("/policy/error/value/", value_cases, test_error);
  ADD_TABLE ("/policy/error/shape/", shape_cases, test_error);
  g_test_add_func ("/policy/error/shape/a NUL byte", test_nul);
  g_test_add_func ("/policy/error/one bad source is no policy", test_second_source);
  g_test_add_func ("/policy/limit/bytes of a file", test_file_limit);
  g_test_add_func ("/policy/limit/rules", test_rule_limit);
  g_test_add_func ("/policy/limit/rules of all files together", test_rule_limit_over_all);
  g_test_add_func ("/policy/limit/words of a list", test_list_limit);
  g_test_add_func ("/policy/limit/bytes of a word", test_word_limit);
  return g_test_run ();
}
