/* SPDX-License-Identifier: MIT
 *
 * Macros: what they stand for, and where they are refused.
 */
#include "policy/policy.h"
#include "tests/unit/table.h"

#include <string.h>

typedef struct
{
  const char *sentence, *text, *rules;
} MacroCase;

/* clang-format off */
static const MacroCase macro_cases[] = {
  { "a list is a list", "agents = { /bin/a /bin/b }\nask any from $agents\n", "ask any from { /bin/a /bin/b }" },
  { "a list in a list is part of it", "agents = { /bin/a /bin/b }\nask any from { $agents /bin/c }", "ask any from { /bin/a /bin/b /bin/c }" },
  { "one word is a word", "long = 2h\nask any max $long", "ask any max 2h" },
  { "one word in braces is a list of one", "x = { /bin/a }\nask any from $x", "ask any from /bin/a" },
  { "operations", "reads = { list_secrets get_secret }\nask $reads", "ask { list_secrets get_secret }" },
  { "any", "all_of_it = any\nask $all_of_it", "ask any" },
  { "a command", "push = { /usr/bin/git push ** }\nask launch command $push", "ask launch command { /usr/bin/git push ** }" },
  { "the beginning of a command", "git = /usr/bin/git\nask launch command { $git push ** }", "ask launch command { /usr/bin/git push ** }" },
  { "a macro of macros", "a = /bin/a\nb = { $a /bin/b }\nask any from $b", "ask any from { /bin/a /bin/b }" },
  { "a macro that is another", "a = { /bin/a }\nb = $a\nask any from $b", "ask any from /bin/a" },
  { "a quoted word stays one", "x = \"deny\"\nask any of $x", "ask any of \"deny\"" },
  { "a definition that goes on", "a = { /bin/a \\\n  /bin/b }\nask any from $a", "ask any from { /bin/a /bin/b }" },
  { "a comment behind it", "a = 5m # minutes\nask any max $a", "ask any max 5m" },
  { "a name in quotes is no macro", "ask any of \"$a\"", "ask any of \"$a\"" },
  { "names keep capitals apart", "a = 5m\nA = 6m\nask any max $A", "ask any max 6m" },
};

static const MacroCase refused_cases[] = {
  { "a macro that there is not", "ask any from $agents", "1:14: no macro has the name \"agents\" up to here; define it further up, as in name = value, or put a name that begins with $ in double quotes" },
  { "a slip of the hand", "agents = /bin/a\nask any from $agent", "2:14: no macro has the name \"agent\"; did you mean \"agents\"?" },
  { "used before it is defined", "ask any from $a\na = /bin/a", "1:14: no macro has the name \"a\" up to here; define it further up, as in name = value, or put a name that begins with $ in double quotes" },
  { "itself in its definition", "a = { $a }", "1:7: no macro has the name \"a\" up to here; define it further up, as in name = value, or put a name that begins with $ in double quotes" },
  { "defined twice", "a = /bin/a\na = /bin/b", "2:1: the macro \"a\" is defined already, at p:1; give this one another name" },
  { "named as a clause", "from = /bin/a", "1:1: \"from\" is a word of the language; give the macro another name" },
  { "named as an operation", "reveal = x", "1:1: \"reveal\" is a word of the language; give the macro another name" },
  { "named as a number", "1a = x", "1:1: \"1a\" is no name for a macro, which begins with a letter and goes on with up to 63 letters, digits, - and _" },
  { "no blank in front of the sign", "a= x", "1:1: put a blank on either side of the =, as in name = value" },
  { "no blank behind the sign", "a =x", "1:3: put a blank on either side of the =, as in name = value" },
  { "no value", "a =\n", "1:4: a macro stands for a value or for several in { }, as in name = { a b }" },
  { "two values without braces", "a = x y", "1:7: a macro's line ends behind its value; several values stand in { }" },
  { "an empty list", "a = { }", "1:7: an empty list matches nothing; name one or more" },
  { "a list that is not closed", "a = { x\nask any", "1:5: a list that is not closed; end it with } on the same line, or end the line with \\ to go on" },
  { "a list in a list", "a = { x { y } }", "1:9: a macro stands for a value or for several in { }, as in name = { a b }" },
  { "for a verdict", "v = deny\n$v any", "2:1: a macro at the beginning of a line; it stands for values, and to define one its name is written without the $" },
  { "for a clause", "c = from\nask any $c /bin/a", "2:9: a macro stands for values; the words of a rule are written out (from $c, p:1)" },
  { "a list for one value", "m = { 5m 6m }\nask any max $m", "2:13: \"max\" takes no list; write a duration, as in 15m (from $m, p:1)" },
  { "a wrong value tells where it comes from", "a = { /bin/a claude }\nask any from $a", "2:14: \"claude\" after \"from\": the name of a program is not its path, and anything can have that name; write the full path, as in \"/usr/bin/claude\" (from $a, p:1)" },
  { "a value that stands twice through it", "a = { /bin/a }\nask any from { /bin/a $a }", "2:23: \"/bin/a\" after \"from\": it stands twice in this list; once is enough (from $a, p:1)" },
  { "a word of the language in it stays one", "a = { of }\nask any of $a", "2:12: \"of\" is a word of the language, and after \"of\" comes a name or pattern; for a name that reads the same, put it in double quotes (from $a, p:1)" },
  { "in the middle of a word", "a = x\nask any of prod/$a", "2:17: a $ in the middle of a word; a macro stands alone, and a word that has a $ is put in double quotes" },
  { "right behind a quoted word", "a = x\nask any of { \"b\"$a }", "2:17: a word goes on after its closing quote; put a blank here" },
};
/* clang-format on */

static void
test_macro (gconstpointer data)
{
  const MacroCase *row = data;
  g_autoptr (GError) error = NULL;
  PolicySource source = { "p", row->text, strlen (row->text) };
  g_autoptr (Policy) policy = policy_parse (&source, 1, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (policy_n_rules (policy), ==, 1);
  g_autofree char *text = policy_rule_text (policy, 0);
  g_assert_cmpstr (text, ==, row->rules);
}

static void
test_refused (gconstpointer data)
{
  const MacroCase *row = data;
  g_autoptr (GError) error = NULL;
  PolicySource source = { "p", row->text, strlen (row->text) };
  g_autoptr (Policy) policy = policy_parse (&source, 1, &error);
  g_autofree char *whole = g_strconcat ("p:", row->rules, NULL);
  g_assert_null (policy);
  g_assert_cmpstr (error->message, ==, whole);
}

static void
test_later_file (void)
{
  g_autoptr (GError) error = NULL;
  PolicySource sources[]
      = { { "policy.conf", "a = /bin/a\n", 11 }, { "policy.d/b.conf", "ask any from $a\n", 16 } };
  g_autoptr (Policy) policy = policy_parse (sources, 2, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (policy_n_rules (policy), ==, 1);
  PolicySource swapped[] = { sources[1], sources[0] };
  g_assert_null (policy_parse (swapped, 2, &error));
  g_assert_true (g_str_has_prefix (error->message, "policy.d/b.conf:1:14: "));
}

/* A short text that would stand for very many words is refused before it takes memory. */
static void
test_growth (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GString) text = g_string_new ("a = {");
  for (guint i = 0; i < 256; i++)
    g_string_append_printf (text, " n%u%0100d", i, 0);
  g_string_append (text, " }\n");
  for (guint i = 0; i < 9000; i++)
    g_string_append (text, "ask any of $a\n");
  PolicySource source = { "p", text->str, text->len };
  g_assert_cmpuint (text->len, <, POLICY_MAX_FILE);
  g_assert_null (policy_parse (&source, 1, &error));
  g_assert_nonnull (strstr (error->message, "macros stand for more than 4 MiB"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD_TABLE ("/policy/macro/", macro_cases, test_macro);
  ADD_TABLE ("/policy/macro/refused: ", refused_cases, test_refused);
  g_test_add_func ("/policy/macro/one of an earlier file holds in a later one", test_later_file);
  g_test_add_func ("/policy/macro/what they stand for is bounded", test_growth);
  return g_test_run ();
}
