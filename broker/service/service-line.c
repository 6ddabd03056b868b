/* SPDX-License-Identifier: MIT */
#include "broker/service/service-line.h"

#include <string.h>

#include "policy/policy-words.h"

#define MAX_WORDS (2 * POLICY_MAX_LIST)

static void
word_clear (gpointer data)
{
  g_free (((ServiceWord *) data)->text);
}

void
service_line_init (ServiceLine *line, const PolicySource *source)
{
  line->macros = policy_macros_new ();
  policy_reader_init (&line->reader, source, line->macros);
  line->words = g_array_new (FALSE, FALSE, sizeof (ServiceWord));
  g_array_set_clear_func (line->words, word_clear);
  line->at = 0;
}

void
service_line_clear (ServiceLine *line)
{
  policy_reader_clear (&line->reader);
  policy_macros_free (line->macros);
  g_array_unref (line->words);
}

static gboolean
append_token (ServiceLine *line, const PolicyToken *token, const PolicyMacro *macro, GError **error)
{
  gboolean quoted = macro != NULL && token->kind == POLICY_TOKEN_WORD;
  ServiceWord word = { quoted ? POLICY_TOKEN_QUOTED : token->kind, g_strdup (token->text),
                       token->line, token->column };
  g_array_append_val (line->words, word);
  return line->words->len <= MAX_WORDS
         || policy_fail (&line->reader.lexer, token->line, token->column, error,
                         "more than %d words in a line; write two", MAX_WORDS);
}

gboolean
service_line_next (ServiceLine *line, gboolean *end, GError **error)
{
  const PolicyMacro *macro;
  PolicyToken token;
  g_array_set_size (line->words, 0);
  line->at = 0;
  *end = FALSE;
  for (;;)
    {
      if (!policy_reader_next (&line->reader, &token, &macro, error))
        return FALSE;
      *end = token.kind == POLICY_TOKEN_END;
      if (*end)
        return TRUE;
      if (token.kind == POLICY_TOKEN_NEWLINE && line->words->len == 0)
        continue;
      if (!append_token (line, &token, macro, error))
        return FALSE;
      if (token.kind == POLICY_TOKEN_NEWLINE)
        return TRUE;
    }
}

const ServiceWord *
service_line_word (const ServiceLine *line)
{
  return &g_array_index (line->words, ServiceWord, line->at);
}

gboolean
service_line_at_end (const ServiceLine *line)
{
  return service_line_word (line)->kind == POLICY_TOKEN_NEWLINE;
}

gboolean
service_line_skip (ServiceLine *line, const char *word)
{
  const ServiceWord *here = service_line_word (line);
  if (here->kind != POLICY_TOKEN_WORD || strcmp (here->text, word) != 0)
    return FALSE;
  line->at++;
  return TRUE;
}

static gboolean G_GNUC_PRINTF (4, 0)
    fail_at (const ServiceLine *line, guint at, GError **error, const char *format, va_list list)
{
  const ServiceWord *word = &g_array_index (line->words, ServiceWord, at);
  g_autofree char *message = g_strdup_vprintf (format, list);
  return policy_fail (&line->reader.lexer, word->line, word->column, error, "%s", message);
}

gboolean
service_line_fail (const ServiceLine *line, GError **error, const char *format, ...)
{
  va_list list;
  va_start (list, format);
  fail_at (line, line->at, error, format, list);
  va_end (list);
  return FALSE;
}

gboolean
service_line_fail_taken (const ServiceLine *line, GError **error, const char *format, ...)
{
  va_list list;
  va_start (list, format);
  fail_at (line, line->at - 1, error, format, list);
  va_end (list);
  return FALSE;
}

static char *
describe (const ServiceWord *word)
{
  switch (word->kind)
    {
    case POLICY_TOKEN_OPEN:
      return g_strdup ("a {");
    case POLICY_TOKEN_CLOSE:
      return g_strdup ("a }");
    case POLICY_TOKEN_WORD:
    case POLICY_TOKEN_QUOTED:
      return policy_show (word->text);
    case POLICY_TOKEN_MACRO:
    case POLICY_TOKEN_END:
    case POLICY_TOKEN_NEWLINE:
    default:
      return g_strdup ("the line's end");
    }
}

const char *
service_line_take (ServiceLine *line, const char *wants, GError **error)
{
  const ServiceWord *word = service_line_word (line);
  g_autofree char *here = describe (word);
  if (word->kind == POLICY_TOKEN_WORD || word->kind == POLICY_TOKEN_QUOTED)
    {
      line->at++;
      return word->text;
    }
  service_line_fail (line, error, "%s; what is wanted here is %s", here, wants);
  return NULL;
}

static gboolean
take_braces (ServiceLine *line, const char *wants, ServiceTake take, gpointer data, GError **error)
{
  guint n = 0;
  for (line->at++; service_line_word (line)->kind != POLICY_TOKEN_CLOSE; n++)
    {
      if (service_line_at_end (line))
        return service_line_fail (line, error,
                                  "a list that is not closed; end it with } on the same line, or "
                                  "end the line with \\ to go on");
      if (n == POLICY_MAX_LIST)
        return service_line_fail (line, error, "a list of more than %d words; write two lines",
                                  POLICY_MAX_LIST);
      const char *text = service_line_take (line, wants, error);
      if (text == NULL || !take (line, text, data, error))
        return FALSE;
    }
  if (n == 0)
    return service_line_fail (line, error, "an empty list matches nothing; name one or more");
  line->at++;
  return TRUE;
}

gboolean
service_line_take_list (ServiceLine *line, const char *wants, ServiceTake take, gpointer data,
                        GError **error)
{
  if (service_line_word (line)->kind == POLICY_TOKEN_OPEN)
    return take_braces (line, wants, take, data, error);
  const char *text = service_line_take (line, wants, error);
  return text != NULL && take (line, text, data, error);
}

int
service_line_take_of (ServiceLine *line, const char *what, const char *const *words, GError **error)
{
  g_autofree char *all = g_strjoinv (", ", (char **) words);
  g_autofree char *wants = g_strdup_printf ("one of %s", all);
  const char *text = service_line_take (line, wants, error);
  if (text == NULL)
    return -1;
  for (int i = 0; words[i] != NULL; i++)
    if (strcmp (words[i], text) == 0)
      return i;
  g_autofree char *shown = policy_show (text);
  const char *near = policy_nearest (text, words);
  if (near != NULL)
    service_line_fail_taken (line, error, "%s is no %s; did you mean \"%s\"?", shown, what, near);
  else
    service_line_fail_taken (line, error, "%s is no %s; write one of %s", shown, what, all);
  return -1;
}

const char *
service_line_take_pem (ServiceLine *line, const char *folder, GError **error)
{
  const char *name = service_line_take (line, "a file's name, as in example.pem", error);

  if (name == NULL)
    return NULL;
  if (g_str_has_suffix (name, ".pem") && strchr (name, '/') == NULL && *name != '.')
    return name;
  g_autofree char *shown = policy_show (name);
  service_line_fail_taken (line, error, "%s is not the name of a file in %s that ends with .pem",
                           shown, folder);
  return NULL;
}
