/* SPDX-License-Identifier: MIT */
#include "policy/policy-command.h"

#include <string.h>

#define REST "**"

static const PolicyPattern *
word_at (const GArray *command, guint i)
{
  return &g_array_index (command, PolicyPattern, i);
}

GArray *
policy_command_new (void)
{
  GArray *command = g_array_new (FALSE, FALSE, sizeof (PolicyPattern));
  g_array_set_clear_func (command, (GDestroyNotify) policy_pattern_clear);
  return command;
}

gboolean
policy_command_is_rest (const GArray *command, guint i)
{
  return i > 0 && strcmp (word_at (command, i)->text, REST) == 0; /* the first is a path */
}

static char *
argument_problem (const GArray *command, const char *word)
{
  if (strstr (word, REST) == NULL)
    return NULL;
  if (strcmp (word, REST) != 0)
    return g_strdup ("in an argument one star takes any characters, slashes too; write one, or "
                     "** alone for any number of arguments");
  if (policy_command_is_rest (command, command->len - 1))
    return g_strdup ("one ** takes any number of arguments; a second one behind it adds nothing");
  return NULL;
}

char *
policy_command_add (GArray *command, const char *word)
{
  char *problem = command->len > 0 ? argument_problem (command, word) : NULL;
  if (problem != NULL)
    return problem;
  PolicyPattern pattern;
  policy_pattern_init (&pattern, word);
  g_array_append_val (command, pattern);
  return NULL;
}

/* Whether @word takes the argument @i of what is matched. */
typedef gboolean (*Takes) (const PolicyPattern *word, gconstpointer arguments, guint i);

/* Only the last ** is tried again with one argument more: what stands before it took the first
 * arguments that it could, and later ones would leave it less to choose from. */
static gboolean
take_all (const GArray *command, gconstpointer arguments, guint n, Takes takes)
{
  guint word = 1, i = 1, behind = 0, retry = 0;
  while (i < n)
    if (word < command->len && policy_command_is_rest (command, word))
      {
        behind = ++word;
        retry = i;
      }
    else if (word < command->len && takes (word_at (command, word), arguments, i))
      {
        word++;
        i++;
      }
    else if (behind > 0)
      {
        word = behind;
        i = ++retry;
      }
    else
      return FALSE;
  if (word < command->len && policy_command_is_rest (command, word))
    word++;
  return word == command->len;
}

static gboolean
takes_argument (const PolicyPattern *word, gconstpointer arguments, guint i)
{
  return policy_pattern_match_argument (word, ((const char *const *) arguments)[i]);
}

gboolean
policy_command_match (const GArray *command, const char *const *argv)
{
  return policy_pattern_match (word_at (command, 0), argv[0], strlen (argv[0]))
         && take_all (command, argv, g_strv_length ((char **) argv), takes_argument);
}

static gboolean
takes_word (const PolicyPattern *word, gconstpointer arguments, guint i)
{
  const PolicyPattern *narrow = word_at (arguments, i);
  if (policy_command_is_rest (arguments, i)) /* more than one argument can take */
    return FALSE;
  return strcmp (word->text, "*") == 0 || strcmp (word->text, narrow->text) == 0
         || (narrow->literal == narrow->len && policy_pattern_match_argument (word, narrow->text));
}

gboolean
policy_command_covers (const GArray *wide, const GArray *narrow)
{
  return policy_pattern_covers (word_at (wide, 0), word_at (narrow, 0))
         && take_all (wide, narrow, narrow->len, takes_word);
}
