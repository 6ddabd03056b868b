/* SPDX-License-Identifier: MIT
 *
 * Rules about what is started: program, arguments, sandbox.
 */
#include "policy/policy.h"
#include "tests/unit/table.h"

#include <string.h>

#define GH "/usr/bin/gh"
#define CLAUDE "/usr/bin/claude"
#define MOST 6

typedef struct
{
  const char *sentence, *rule; /* without its verdict and operation */
  const char *command[MOST];
  gboolean matches;
} CommandCase;

/* clang-format off */
static const CommandCase command_cases[] = {
  { "a command of one word is the program without arguments", "command { /usr/bin/gh }", { GH }, TRUE },
  { "a command of one word has no argument", "command { /usr/bin/gh }", { GH, "auth" }, FALSE },
  { "gh pr list is gh pr list", "command { /usr/bin/gh pr list }", { GH, "pr", "list" }, TRUE },
  { "gh pr list is not gh auth token", "command { /usr/bin/gh pr list ** }", { GH, "auth", "token" }, FALSE },
  { "gh pr list is not gh pr", "command { /usr/bin/gh pr list }", { GH, "pr" }, FALSE },
  { "gh pr list is not gh pr list --web", "command { /usr/bin/gh pr list }", { GH, "pr", "list", "--web" }, FALSE },
  { "two arguments are not one with a blank", "command { /usr/bin/gh pr list }", { GH, "pr list" }, FALSE },
  { "one with a blank is not two", "command { /usr/bin/gh \"pr list\" }", { GH, "pr", "list" }, FALSE },
  { "an argument that hides another behind a newline is another", "command { /usr/bin/gh pr list }", { GH, "pr", "list\nauth" }, FALSE },
  { "an empty argument counts", "command { /usr/bin/gh pr list }", { GH, "", "pr", "list" }, FALSE },
  { "an empty argument is written as one", "command { /usr/bin/gh \"\" }", { GH, "" }, TRUE },
  { "an empty argument is not none", "command { /usr/bin/gh \"\" }", { GH }, FALSE },
  { "case matters", "command { /usr/bin/gh pr }", { GH, "PR" }, FALSE },

  { "two stars at the end are any more arguments", "command { /usr/bin/gh pr list ** }", { GH, "pr", "list", "--limit", "3" }, TRUE },
  { "two stars at the end are no argument too", "command { /usr/bin/gh pr list ** }", { GH, "pr", "list" }, TRUE },
  { "two stars do not stand in for what is before them", "command { /usr/bin/gh pr list ** }", { GH, "--web", "pr", "list" }, FALSE },
  { "two stars alone are any arguments", "command { /usr/bin/gh ** }", { GH, "auth", "token" }, TRUE },
  { "two stars alone are none of them", "command { /usr/bin/gh ** }", { GH }, TRUE },
  { "two stars in between are any arguments", "command { /usr/bin/gh ** auth token ** }", { GH, "-R", "a/b", "auth", "token" }, TRUE },
  { "two stars in between are none too", "command { /usr/bin/gh ** auth token ** }", { GH, "auth", "token" }, TRUE },
  { "what stands behind two stars may come again", "command { /usr/bin/gh ** a b }", { GH, "a", "a", "b" }, TRUE },
  { "what stands behind two stars ends the command", "command { /usr/bin/gh ** a b }", { GH, "a", "b", "c" }, FALSE },
  { "what stands behind two stars is needed", "command { /usr/bin/gh ** a }", { GH, "b" }, FALSE },
  { "two stars twice", "command { /usr/bin/gh ** a ** b }", { GH, "a", "x", "a", "b" }, TRUE },
  { "two stars twice, in the wrong order", "command { /usr/bin/gh ** a ** b }", { GH, "b", "x", "a" }, FALSE },

  { "a star is one argument", "command { /usr/bin/gh pr view * }", { GH, "pr", "view", "7" }, TRUE },
  { "a star is not two", "command { /usr/bin/gh pr view * }", { GH, "pr", "view", "7", "--web" }, FALSE },
  { "a star is not none", "command { /usr/bin/gh pr view * }", { GH, "pr", "view" }, FALSE },
  { "a star is an empty argument too", "command { /usr/bin/gh * }", { GH, "" }, TRUE },
  { "a star takes slashes in an argument", "command { /usr/bin/gh --repo=me/* }", { GH, "--repo=me/a/b" }, TRUE },
  { "a star takes the end of an argument only", "command { /usr/bin/gh --repo=me/* }", { GH, "--repo=you/a" }, FALSE },
  { "a star in the middle goes on", "command { /usr/bin/gh a*bc }", { GH, "abcabc" }, TRUE },
  { "a star in the middle ends with what follows it", "command { /usr/bin/gh a*bc }", { GH, "abcab" }, FALSE },
  { "a question mark is one character, a slash too", "command { /usr/bin/gh a?b }", { GH, "a/b" }, TRUE },
  { "a question mark is one character of several bytes", "command { /usr/bin/gh ? }", { GH, "\u00e9" }, TRUE },
  { "a question mark is not none", "command { /usr/bin/gh a? }", { GH, "a" }, FALSE },
  { "folders mean nothing in an argument", "command { /usr/bin/gh ./a//b/.. }", { GH, "./a//b/.." }, TRUE },

  { "another program of the same name", "command { /usr/bin/gh pr ** }", { "/tmp/gh", "pr" }, FALSE },
  { "the program by its name alone", "command { /usr/bin/gh pr ** }", { "gh", "pr" }, FALSE },
  { "a program in any folder", "command { /**/gh pr ** }", { "/opt/a/gh", "pr" }, TRUE },
  { "a star in the program's path keeps to its folder", "command { /opt/*/gh }", { "/opt/a/b/gh" }, FALSE },
  { "any program at all", "command { /** ** }", { "/a/b", "c" }, TRUE },
  { "any program at all, without arguments", "command { /** }", { "/a/b", "c" }, FALSE },
  { "two stars for the program are a path, and no argument", "command { /** a }", { "/b", "c", "a" }, FALSE },
  { "of and command must both match", "of other command { /usr/bin/gh ** }", { GH }, FALSE },
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
test_command (gconstpointer data)
{
  const CommandCase *row = data;
  static const char *const verdicts[] = { "deny", "ask", "allow" };
  static const Operation operations[] = { OPERATION_RUN_COMMAND, OPERATION_LAUNCH };
  for (gsize v = 0; v < G_N_ELEMENTS (verdicts); v++)
    for (gsize o = 0; o < G_N_ELEMENTS (operations); o++)
      {
        g_autofree char *text
            = g_strdup_printf ("%s { run_command launch } %s", verdicts[v], row->rule);
        g_autoptr (Policy) policy = parse (text);
        PolicyQuery query = { operations[o], "token", CLAUDE, 1000, row->command };
        PolicyDecision decision;
        policy_decide (policy, &query, &decision);
        g_assert_cmpint (decision.rule, ==, row->matches ? 0 : -1);
        g_assert_cmpint (decision.verdict, ==, row->matches ? (PolicyVerdict) v : POLICY_ASK);
      }
}

typedef struct
{
  const char *sentence, *policy;
  Operation operation;
  const char *exe;
  gboolean known; /* the command is gh auth token; else it is not known */
  PolicyVerdict verdict;
  gint64 max;
  PolicyConfirm confirm;
  gboolean sandbox;
} SandboxCase;

#define RUN OPERATION_RUN_COMMAND

/* clang-format off */
static const SandboxCase sandbox_cases[] = {
  { "an ask may demand the sandbox", "ask run_command sandbox", RUN, CLAUDE, TRUE, POLICY_ASK, 0, CONFIRM_PIN, TRUE },
  { "what no rule matches demands none", "", RUN, CLAUDE, TRUE, POLICY_ASK, 0, CONFIRM_PIN, FALSE },
  { "one ask of several is enough", "ask run_command\nask run_command of token sandbox\nask any", RUN, CLAUDE, TRUE, POLICY_ASK, 0, CONFIRM_PIN, TRUE },
  { "an ask for another command demands none", "ask run_command command { /bin/x } sandbox", RUN, CLAUDE, TRUE, POLICY_ASK, 0, CONFIRM_PIN, FALSE },
  { "an ask for another operation demands none", "ask launch sandbox", RUN, CLAUDE, TRUE, POLICY_ASK, 0, CONFIRM_PIN, FALSE },
  { "an allow may demand it", "allow run_command sandbox", RUN, CLAUDE, TRUE, POLICY_ALLOW, 0, CONFIRM_PIN, TRUE },
  { "an allow that an ask beats demands none", "allow run_command sandbox\nask run_command", RUN, CLAUDE, TRUE, POLICY_ASK, 0, CONFIRM_PIN, FALSE },
  { "a deny needs none", "deny run_command\nask run_command sandbox", RUN, CLAUDE, TRUE, POLICY_DENY, 0, CONFIRM_PIN, FALSE },
  { "an unverified program could be the one that is confined", "ask run_command from /bin/x sandbox", RUN, NULL, TRUE, POLICY_ASK, 0, CONFIRM_PIN, TRUE },

  { "a command that is not known could be the one that is denied", "deny run_command command { /bin/x }", RUN, CLAUDE, FALSE, POLICY_DENY, 0, CONFIRM_PIN, FALSE },
  { "a command that is not known is not allowed", "allow run_command command { /** ** }", RUN, CLAUDE, FALSE, POLICY_ASK, 0, CONFIRM_PIN, FALSE },
  { "a command that is not known is bounded", "ask run_command command { /bin/x } max 1m sandbox", RUN, CLAUDE, FALSE, POLICY_ASK, 60, CONFIRM_PIN, TRUE },
  { "a command that is not known gets no click", "ask run_command command { /bin/x } confirm click", RUN, CLAUDE, FALSE, POLICY_ASK, 0, CONFIRM_PIN, FALSE },
  { "a known command gets the click", "ask run_command command { /usr/bin/gh ** } confirm click", RUN, CLAUDE, TRUE, POLICY_ASK, 0, CONFIRM_CLICK, FALSE },
  { "an unverified program is allowed no command", "allow run_command command { /usr/bin/gh ** }", RUN, NULL, TRUE, POLICY_ASK, 0, CONFIRM_PIN, FALSE },
  { "an unverified program is denied the command", "deny run_command command { /usr/bin/gh ** }", RUN, NULL, TRUE, POLICY_DENY, 0, CONFIRM_PIN, FALSE },
  { "what starts nothing is not touched by commands", "deny { run_command launch } command { /** ** }", OPERATION_GET_SECRET, CLAUDE, FALSE, POLICY_ASK, 0, CONFIRM_PIN, FALSE },
};
/* clang-format on */

static void
test_sandbox (gconstpointer data)
{
  static const char *const command[] = { GH, "auth", "token", NULL };
  const SandboxCase *row = data;
  g_autoptr (Policy) policy = parse (row->policy);
  PolicyQuery query = { row->operation, "token", row->exe, 1000, row->known ? command : NULL };
  PolicyDecision decision;

  policy_decide (policy, &query, &decision);
  g_assert_cmpint (decision.verdict, ==, row->verdict);
  g_assert_cmpint (decision.max_duration, ==, row->max);
  g_assert_cmpint (decision.confirm, ==, row->confirm);
  g_assert_cmpint (decision.sandbox, ==, row->sandbox);
}

/* More rules than the index looks at together, and more arguments than a person reads. */
static void
test_each_of_many_rules (void)
{
  g_autoptr (GString) text = g_string_new ("deny run_command of never\n");
  for (int i = 0; i < 1000; i++)
    g_string_append_printf (text, "deny run_command command { /opt/%d/%s a%d ** }\n", i,
                            i % 3 == 0 ? "x" : "?", i);
  g_autoptr (Policy) policy = parse (text->str);
  for (int i = 0; i < 1000; i++)
    {
      g_autofree char *path = g_strdup_printf ("/opt/%d/x", i);
      g_autofree char *argument = g_strdup_printf ("a%d", i);
      const char *command[] = { path, argument, "more", NULL };
      PolicyQuery query = { RUN, "token", CLAUDE, 0, command };
      PolicyDecision decision;
      policy_decide (policy, &query, &decision);
      g_assert_cmpint (decision.rule, ==, i + 1);
      command[1] = "b";
      policy_decide (policy, &query, &decision);
      g_assert_cmpint (decision.rule, ==, -1);
    }
}

/* It would take for ever if every star were tried with every other. */
static void
test_many_stars (void)
{
  g_autoptr (GString) text = g_string_new ("deny run_command command { /x");
  const char *command[3000] = { "/x" };
  for (guint i = 0; i < 120; i++)
    g_string_append (text, " ** *a*a*");
  g_string_append (text, " b }");
  for (gsize i = 1; i + 1 < G_N_ELEMENTS (command); i++)
    command[i] = "aaaaaaaaaaaaaaaa";
  g_autoptr (Policy) policy = parse (text->str);
  PolicyQuery query = { RUN, "token", CLAUDE, 0, command };
  PolicyDecision decision;
  policy_decide (policy, &query, &decision);
  g_assert_cmpint (decision.verdict, ==, POLICY_ASK);
  command[G_N_ELEMENTS (command) - 2] = "b";
  policy_decide (policy, &query, &decision);
  g_assert_cmpint (decision.verdict, ==, POLICY_DENY);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD_TABLE ("/policy/command/", command_cases, test_command);
  ADD_TABLE ("/policy/sandbox/", sandbox_cases, test_sandbox);
  g_test_add_func ("/policy/command/each of a thousand rules is found", test_each_of_many_rules);
  g_test_add_func ("/policy/command/many stars take no longer than few", test_many_stars);
  return g_test_run ();
}
