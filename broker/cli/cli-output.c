/* SPDX-License-Identifier: MIT */
#include "broker/cli/cli-output.h"

#include "broker/base/wire.h"

#include <string.h>
#include <unistd.h>

#include "approve-ui/card/card-wrap.h"
#include "broker/base/text.h"
#include "broker/cli/cli-json.h"
#include "broker/client/client.h"

struct _CliTable
{
  gsize columns;
  GPtrArray *cells; /* the headings come first */
};

gboolean
cli_colour (FILE *stream)
{
  const char *no_colour = g_getenv ("NO_COLOR"), *term = g_getenv ("TERM");

  return isatty (fileno (stream)) && (no_colour == NULL || *no_colour == '\0')
         && g_strcmp0 (term, "dumb") != 0;
}

CliTable *
cli_table_new (const char *const *headings)
{
  CliTable *table = g_new0 (CliTable, 1);

  table->cells = g_ptr_array_new_with_free_func (g_free);
  for (; headings[table->columns] != NULL; table->columns++)
    g_ptr_array_add (table->cells, g_strdup (headings[table->columns]));
  return table;
}

void
cli_table_free (CliTable *table)
{
  if (table == NULL)
    return;
  g_ptr_array_unref (table->cells);
  g_free (table);
}

void
cli_table_cell (CliTable *table, const char *text)
{
  g_ptr_array_add (table->cells, text == NULL ? g_strdup ("-") : text_escape (text));
}

void
cli_table_cellf (CliTable *table, const char *format, ...)
{
  g_autofree char *text = NULL;
  va_list list;

  va_start (list, format);
  text = g_strdup_vprintf (format, list);
  va_end (list);
  cli_table_cell (table, text);
}

static gsize
column_width (const CliTable *table, gsize column)
{
  gsize widest = 0;

  for (gsize i = column; i < table->cells->len; i += table->columns)
    widest = MAX (widest, card_text_width (table->cells->pdata[i]));
  return widest;
}

static void
print_row (const CliTable *table, gsize row, const gsize *widths, gboolean bold)
{
  fputs (bold ? "\033[1m" : "", stdout);
  for (gsize i = 0; i < table->columns; i++)
    {
      const char *cell = table->cells->pdata[row * table->columns + i];
      gsize pad = i + 1 < table->columns ? widths[i] - card_text_width (cell) + 2 : 0;
      printf ("%s%*s", cell, (int) pad, "");
    }
  fputs (bold ? "\033[0m\n" : "\n", stdout);
}

void
cli_table_print (const CliTable *table)
{
  g_autofree gsize *widths = g_new0 (gsize, table->columns);
  gboolean bold = cli_colour (stdout);

  for (gsize i = 0; i < table->columns; i++)
    widths[i] = column_width (table, i);
  for (gsize row = 0; row < table->cells->len / table->columns; row++)
    print_row (table, row, widths, bold && row == 0);
}

void
cli_line (const char *label, const char *format, ...)
{
  g_autofree char *text = NULL, *shown = NULL;
  va_list list;

  va_start (list, format);
  text = g_strdup_vprintf (format, list);
  va_end (list);
  shown = text_escape (text);
  printf ("%-12s%s\n", label, shown);
}

static int
write_all (const char *data, size_t len)
{
  while (len > 0)
    {
      ssize_t n = write (STDOUT_FILENO, data, len);
      if (n <= 0)
        return -1;
      data += n;
      len -= n;
    }
  return 0;
}

static int
write_ascii (const char *data, size_t len, void *unused)
{
  const char *control;

  while ((control = memchr (data, *CLI_JSON_DEL, len)) != NULL)
    {
      if (write_all (data, (gsize) (control - data)) != 0
          || write_all (CLI_JSON_DEL_ESCAPED, strlen (CLI_JSON_DEL_ESCAPED)) != 0)
        return -1;
      len -= (gsize) (control + 1 - data);
      data = control + 1;
    }
  return write_all (data, len);
}

void
cli_json (const json_t *value)
{
  fflush (stdout);
  if (json_dump_callback (value, write_ascii, NULL, JSON_INDENT (2) | JSON_ENSURE_ASCII) == 0)
    write_all ("\n", 1);
}

static void
set_id (json_t *object, const char *key)
{
  if (json_object_get (object, "id") == NULL && json_object_get (object, key) != NULL)
    json_object_set (object, "id", json_object_get (object, key));
}

void
cli_json_with_id (json_t *object, const char *key)
{
  set_id (object, key);
  cli_json (object);
}

void
cli_json_list (json_t *objects, const char *key)
{
  json_t *object;
  gsize i;

  json_array_foreach (objects, i, object) set_id (object, key);
  cli_json (objects);
}

char *
cli_escape_message (const char *text)
{
  g_autofree char *escaped = text_escape (text);
  GString *out = g_string_new (escaped);

  g_string_replace (out, "\\\\", "\\", 0);
  return g_string_free (out, FALSE);
}

CliStatus
cli_say_error (const Cli *cli, const char *format, ...)
{
  const char *name = cli->command == NULL ? "" : cli->command->name;
  g_autofree char *text = NULL, *shown = NULL;
  va_list list;

  va_start (list, format);
  text = g_strdup_vprintf (format, list);
  va_end (list);
  shown = cli_escape_message (text);
  fflush (stdout);
  fprintf (stderr, "countersign%s%s: %s\n", *name ? " " : "", name, shown);
  return CLI_FAILED;
}

/* The code of an error answer for "locked"; see the table in PROTOCOL.md. */
#define ANSWER_LOCKED 3

CliStatus
cli_fail (const Cli *cli, GError *error)
{
  g_autoptr (GError) owned = error;

  cli_say_error (cli, "%s", owned->message);
  if (owned->domain == CLIENT_ERROR && owned->code != CLIENT_ERROR_PROTOCOL)
    return CLI_UNREACHABLE;
  if (g_error_matches (owned, CLIENT_ANSWER_ERROR, ANSWER_LOCKED))
    return CLI_LOCKED;
  return CLI_FAILED;
}

char *
cli_join (const json_t *texts, const char *between)
{
  g_auto (GStrv) words = wire_texts (texts);

  return g_strjoinv (between, words);
}
