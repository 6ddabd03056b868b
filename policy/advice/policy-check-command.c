/* SPDX-License-Identifier: MIT
 *
 * What a person should be told of a rule with "command".
 *
 * MUST
 *  - say of each deny that can be walked around that it can: whoever trusts it is worse off than
 *    without it
 */
#include <string.h>

#include "policy/policy-command.h"
#include "policy/advice/policy-note.h"
#include "policy/policy-words.h"

static const PolicyPattern *
word_at (const PolicyRule *rule, guint i)
{
  return &g_array_index (rule->command, PolicyPattern, i);
}

/* What is started is left open: no argument at all, or any. */
static gboolean
is_bare (const PolicyRule *rule)
{
  return rule->command->len == 1 || policy_command_is_rest (rule->command, 1);
}

/* "-c", "-e" and the like, with anything behind it: a program is what is given. */
static const char *
inline_option (const PolicyRule *rule)
{
  static const char *const options[] = { "-c", "-e", "-r", "--eval", "-lc", NULL };

  for (guint i = 1; i + 1 < rule->command->len; i++)
    {
      const PolicyPattern *next = word_at (rule, i + 1);
      if (g_strv_contains (options, word_at (rule, i)->text) && next->literal < next->len)
        return word_at (rule, i)->text;
    }
  return NULL;
}

static void
note_interpreter (PolicyChecking *check, int number, const char *path, const char *what)
{
  const PolicyRule *rule = policy_rule (check->policy, number);
  const char *option = inline_option (rule);
  PolicyNote *note;

  if (is_bare (rule))
    note = policy_note_add (check, POLICY_NOTE_WARNING, number,
                            "%s, and no argument says what it runs: it can be anything", what);
  else if (option != NULL)
    note = policy_note_add (check, POLICY_NOTE_WARNING, number,
                            "%s, and what stands behind %s is a program of whoever asks", what,
                            option);
  else
    note = policy_note_add (check, POLICY_NOTE_WARNING, number,
                            "%s: what it does is up to what it is given to run, and a file can "
                            "change behind its name",
                            what);
  policy_note_at (check, note, "command", path);
  if (rule->verdict != POLICY_DENY && (is_bare (rule) || option != NULL))
    policy_note_suggest (note, "name the file that it runs, one that agents cannot write, and all "
                               "arguments");
}

static void
note_starter (PolicyChecking *check, int number, const char *path, const char *what)
{
  PolicyNote *note = policy_note_add (
      check, POLICY_NOTE_WARNING, number,
      "%s: no rule about the program that it starts looks at that one's path", what);

  policy_note_at (check, note, "command", path);
  if (policy_rule (check->policy, number)->verdict != POLICY_DENY)
    policy_note_suggest (note, "name the program that is meant, without it");
}

/* A deny is none the worse for taking in more than was meant. */
static void
check_program (PolicyChecking *check, int number)
{
  const PolicyRule *rule = policy_rule (check->policy, number);
  const PolicyPattern *path = word_at (rule, 0);
  gboolean named = path->literal == path->len;
  const char *starter = policy_starter_in (path);
  const char *interpreter = policy_interpreter_in (path);
  g_autofree char *shown = policy_show (path->text);
  g_autofree char *what = NULL;

  if (!named && rule->verdict == POLICY_DENY)
    return;
  if (starter != NULL)
    {
      what = g_strdup_printf ("%s %s", shown,
                              named ? "starts other programs"
                                    : "takes in programs that start others, such as env");
      note_starter (check, number, path->text, what);
    }
  else if (interpreter != NULL)
    {
      what = g_strdup_printf ("%s %s%s", shown,
                              named ? "is an interpreter" : "takes in interpreters such as ",
                              named ? "" : interpreter);
      note_interpreter (check, number, path->text, what);
    }
}

/* The same command wherever the program lies, and with whatever stands between its words. */
static char *
widened (const PolicyRule *rule)
{
  GString *text = g_string_new ("{ /**/");
  const char *path = word_at (rule, 0)->text;
  g_string_append (text, strrchr (path, '/') + 1);
  for (guint i = 1; i < rule->command->len; i++)
    if (!policy_command_is_rest (rule->command, i))
      g_string_append_printf (text, " ** %s", word_at (rule, i)->text);
  g_string_append (text, " ** }");
  return g_string_free (text, FALSE);
}

static gboolean
is_every_command (const PolicyRule *rule)
{
  return strcmp (word_at (rule, 0)->text, "/**") == 0 && rule->command->len == 2
         && policy_command_is_rest (rule->command, 1);
}

/* Whether its words can stand in a note without quotes and escapes. */
static gboolean
has_plain_words (const PolicyRule *rule)
{
  for (guint i = 0; i < rule->command->len; i++)
    for (const char *p = word_at (rule, i)->text; *p != '\0'; p++)
      if (!g_ascii_isgraph (*p) || policy_special ((guchar) *p))
        return FALSE;
  return TRUE;
}

static void
check_deny (PolicyChecking *check, int number)
{
  const PolicyRule *rule = policy_rule (check->policy, number);
  g_autofree char *wide = has_plain_words (rule) ? widened (rule) : NULL;
  g_autofree char *text = policy_rule_print (rule);
  gboolean wider = wide != NULL && strstr (text, wide) == NULL;

  if (rule->verdict != POLICY_DENY || is_every_command (rule))
    return;
  PolicyNote *note = policy_note_add (
      check, POLICY_NOTE_WARNING, number,
      "a deny of a command is no fence: a copy of the program under another name, a program that "
      "starts it, or an argument that was not foreseen gets past it");
  policy_note_at (check, note, "command", NULL);
  policy_note_suggest (note,
                       "what holds is to deny the secret, as in \"deny { run_command launch } of "
                       "NAME\"%s%s",
                       wider ? "; what takes in more is: command " : "", wider ? wide : "");
}

void
policy_check_command (PolicyChecking *check, int number)
{
  check_program (check, number);
  check_deny (check, number);
}
