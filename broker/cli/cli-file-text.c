/* SPDX-License-Identifier: MIT */
#include "broker/cli/cli-file-text.h"

#include <string.h>

#include "policy/policy-macro.h"

/* The line that begins with @directive outside all braces, from 1; 0: none. @word (may be NULL)
 * gets the word behind it. */
static guint
find_line (const char *text, const char *directive, char **word)
{
  const PolicySource source = { "service", text, strlen (text) };
  gboolean begins = TRUE, wanted = FALSE;
  g_autoptr (PolicyMacros) macros = policy_macros_new ();
  g_auto (PolicyReader) reader;
  const PolicyMacro *macro;
  PolicyToken token;
  guint line = 0, depth = 0;

  policy_reader_init (&reader, &source, macros);
  while (policy_reader_next (&reader, &token, &macro, NULL) && token.kind != POLICY_TOKEN_END)
    {
      gboolean is_word = token.kind == POLICY_TOKEN_WORD || token.kind == POLICY_TOKEN_QUOTED;

      if (wanted && is_word && word != NULL)
        *word = g_strdup (token.text);
      if (wanted)
        break;
      depth += token.kind == POLICY_TOKEN_OPEN;
      depth -= token.kind == POLICY_TOKEN_CLOSE && depth > 0;
      wanted = begins && depth == 0 && is_word && strcmp (token.text, directive) == 0;
      line = wanted ? token.line : 0;
      begins = token.kind == POLICY_TOKEN_NEWLINE;
    }
  return line;
}

char *
cli_file_text_word (const char *text, const char *directive)
{
  char *word = NULL;

  find_line (text, directive, &word);
  return word;
}

char *
cli_file_text_set (const char *text, const char *directive, const char *word, const char *after,
                   GError **error)
{
  guint line = find_line (text, directive, NULL), behind = find_line (text, after, NULL);
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  GString *changed;

  if (line == 0 && behind == 0)
    {
      g_set_error (error, POLICY_ERROR, POLICY_ERROR_SYNTAX, "there is no line “%s”", after);
      return NULL;
    }
  changed = g_string_new (NULL);
  for (guint i = 0; lines[i] != NULL; i++)
    {
      if (i + 1 == line)
        g_string_append_printf (changed, "%s %s", directive, word);
      else
        g_string_append (changed, lines[i]);
      if (line == 0 && i + 1 == behind)
        g_string_append_printf (changed, "\n%s %s", directive, word);
      if (lines[i + 1] != NULL)
        g_string_append_c (changed, '\n');
    }
  return g_string_free (changed, FALSE);
}
