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
#include "policy/policy-private.h"
#include "policy/policy-words.h"

static const PolicyPattern *
word_at (const PolicyRule *rule, guint i)
{
  return &g_array_index (rule->command, PolicyPattern, i);
}

#define add_note(policy, notes, number, ...)                                                       \
  policy_note_add (notes, POLICY_NOTE_WARNING, number, policy_rule_place (policy, number),         \
                   __VA_ARGS__)

/* A deny is none the worse for taking in more than was meant. */
static void
check_program (const Policy *policy, int number, GPtrArray *notes)
{
  const PolicyRule *rule = policy_rule (policy, number);
  const PolicyPattern *path = word_at (rule, 0);
  gboolean named = path->literal == path->len;
  const char *starter = policy_starter_in (path);
  const char *interpreter = policy_interpreter_in (path);
  g_autofree char *shown = policy_show (path->text);

  if (!named && rule->verdict == POLICY_DENY)
    return;
  if (starter != NULL)
    add_note (policy, notes, number,
              "%s %s: no rule about the program that it starts looks at that one's path", shown,
              named ? "starts other programs" : "takes in programs that start others, such as env");
  else if (interpreter != NULL)
    add_note (policy, notes, number,
              "%s %s%s: what it does is up to what it is given to run, and a file can change "
              "behind its name",
              shown, named ? "is an interpreter" : "takes in interpreters such as ",
              named ? "" : interpreter);
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
check_deny (const Policy *policy, int number, GPtrArray *notes)
{
  const PolicyRule *rule = policy_rule (policy, number);
  g_autofree char *wide = has_plain_words (rule) ? widened (rule) : NULL;
  g_autofree char *text = policy_rule_print (rule);
  gboolean wider = wide != NULL && strstr (text, wide) == NULL;

  if (rule->verdict != POLICY_DENY || is_every_command (rule))
    return;
  add_note (policy, notes, number,
            "a deny of a command is no fence: a copy of the program under another name, a program "
            "that starts it, or an argument that was not foreseen gets past it; what holds is to "
            "deny the secret, as in \"deny run_command of NAME\"%s%s",
            wider ? ", and what takes in more is: command " : "", wider ? wide : "");
}

void
policy_check_command (const Policy *policy, int number, GPtrArray *notes)
{
  check_program (policy, number, notes);
  check_deny (policy, number, notes);
}
