/* SPDX-License-Identifier: MIT */
#include "broker/cli/cli-dotenv.h"

#include <string.h>

#include "broker/cli/cli-reference.h"

G_DEFINE_QUARK (countersign_cli_dotenv_error, cli_dotenv_error)

typedef struct
{
  const char *at; /* ends with NUL, and has no other */
  const char *file;
  guint line;
} Reader;

static void
entry_free (gpointer data)
{
  CliDotenvEntry *entry = data;

  g_free (entry->name);
  g_free (entry->value);
  g_free (entry);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CliDotenvEntry, entry_free)

static gboolean fail (const Reader *reader, guint line, GError **error, const char *format, ...)
    G_GNUC_PRINTF (4, 5);

static gboolean
fail (const Reader *reader, guint line, GError **error, const char *format, ...)
{
  g_autofree char *words = NULL;
  va_list list;

  va_start (list, format);
  words = g_strdup_vprintf (format, list);
  va_end (list);
  g_set_error (error, CLI_DOTENV_ERROR, CLI_DOTENV_ERROR_SYNTAX, "%s:%u: %s", reader->file, line,
               words);
  return FALSE;
}

static void
skip_blanks (Reader *reader)
{
  while (*reader->at == ' ' || *reader->at == '\t')
    reader->at++;
}

static gboolean
at_line_end (const Reader *reader)
{
  return *reader->at == '\0' || *reader->at == '\n'
         || (reader->at[0] == '\r' && (reader->at[1] == '\n' || reader->at[1] == '\0'));
}

/* Over blanks, a comment and the line's end; FALSE when something else is there. */
static gboolean
skip_rest (Reader *reader)
{
  skip_blanks (reader);
  if (*reader->at == '#')
    reader->at += strcspn (reader->at, "\n");
  if (!at_line_end (reader))
    return FALSE;
  reader->at += strcspn (reader->at, "\n");
  if (*reader->at == '\n')
    {
      reader->at++;
      reader->line++;
    }
  return TRUE;
}

static gboolean
read_name (Reader *reader, CliDotenvEntry *entry, GError **error)
{
  g_autoptr (GError) fault = NULL;

  if (g_str_has_prefix (reader->at, "export ") || g_str_has_prefix (reader->at, "export\t"))
    {
      reader->at += strlen ("export");
      skip_blanks (reader);
    }
  gsize len = strcspn (reader->at, "= \t\r\n");
  entry->name = g_strndup (reader->at, len);
  if (reader->at[len] != '=')
    return fail (
        reader, reader->line, error,
        "there is no = after “%s”; a line is NAME=VALUE, without blanks around the =", entry->name);
  reader->at += len + 1;
  return cli_reference_check_variable (entry->name, &fault)
         || fail (reader, reader->line, error, "%s", fault->message);
}

/* To the end of the line, or to a # that has a blank before it. */
static gboolean
read_bare (Reader *reader, CliDotenvEntry *entry, GError **error)
{
  const char *start = reader->at;
  g_autofree char *value = NULL;

  while (!at_line_end (reader)
         && !(*reader->at == '#' && reader->at > start && strchr (" \t", reader->at[-1]) != NULL))
    reader->at++;
  value = g_strchomp (g_strndup (start, reader->at - start));
  if (strpbrk (value, "\"'\\") != NULL)
    return fail (reader, reader->line, error,
                 "the value of %s has a quote or a backslash in it; put it into single quotes",
                 entry->name);
  entry->value = g_steal_pointer (&value);
  return TRUE;
}

static gboolean
read_escape (Reader *reader, CliDotenvEntry *entry, GString *value, GError **error)
{
  static const char *const meant[] = { "n\n", "r\r", "t\t", "\"\"", "\\\\" };

  reader->at++;
  for (gsize i = 0; i < G_N_ELEMENTS (meant); i++)
    if (*reader->at == meant[i][0])
      {
        g_string_append_c (value, meant[i][1]);
        reader->at++;
        return TRUE;
      }
  return fail (reader, reader->line, error,
               "the value of %s has a backslash before something else than n r t \" \\",
               entry->name);
}

/* @reader is at the opening quote. */
static gboolean
read_quoted (Reader *reader, CliDotenvEntry *entry, GError **error)
{
  g_autoptr (GString) value = g_string_new (NULL);
  char quote = *reader->at++;

  entry->literal = quote == '\'';
  for (; *reader->at != quote && *reader->at != '\0';)
    if (*reader->at == '\\' && quote == '"')
      {
        if (!read_escape (reader, entry, value, error))
          return FALSE;
      }
    else
      {
        reader->line += *reader->at == '\n';
        g_string_append_c (value, *reader->at++);
      }
  if (*reader->at == '\0')
    return fail (reader, entry->line, error, "the quote that begins the value of %s never ends",
                 entry->name);
  reader->at++;
  entry->value = g_strdup (value->str);
  return TRUE;
}

static gboolean
read_value (Reader *reader, CliDotenvEntry *entry, GError **error)
{
  gboolean quoted = *reader->at == '"' || *reader->at == '\'';
  g_autofree char *variable = NULL;

  if (!(quoted ? read_quoted : read_bare) (reader, entry, error))
    return FALSE;
  if (!skip_rest (reader))
    return fail (reader, reader->line, error, "there is text after the value of %s", entry->name);
  if (entry->literal || !cli_reference_has_variable (entry->value))
    return TRUE;
  variable = cli_reference_variable (entry->value);
  return variable != NULL
         || fail (reader, entry->line, error,
                  "${…} in the value of %s: it can only be the whole value; in single quotes it "
                  "means nothing",
                  entry->name);
}

static gboolean
check_fresh (const Reader *reader, const GPtrArray *entries, const CliDotenvEntry *entry,
             GError **error)
{
  for (guint i = 0; i < entries->len; i++)
    {
      const CliDotenvEntry *earlier = entries->pdata[i];
      if (strcmp (earlier->name, entry->name) == 0)
        return fail (reader, entry->line, error, "%s is set already, in line %u", entry->name,
                     earlier->line);
    }
  return TRUE;
}

GPtrArray *
cli_dotenv_parse (const char *text, gsize len, const char *file, GError **error)
{
  g_autoptr (GPtrArray) entries = g_ptr_array_new_with_free_func (entry_free);
  Reader reader = { text, file, 1 };

  if (strlen (text) != len)
    {
      for (const char *at = text; *at != '\0'; at++)
        reader.line += *at == '\n';
      fail (&reader, reader.line, error, "there is a NUL byte, which no variable can hold");
      return NULL;
    }
  while (*reader.at != '\0')
    {
      g_autoptr (CliDotenvEntry) entry = NULL;

      if (skip_rest (&reader))
        continue;
      entry = g_new0 (CliDotenvEntry, 1);
      entry->line = reader.line;
      if (!read_name (&reader, entry, error) || !read_value (&reader, entry, error)
          || !check_fresh (&reader, entries, entry, error))
        return NULL;
      g_ptr_array_add (entries, g_steal_pointer (&entry));
    }
  return g_steal_pointer (&entries);
}
