/* SPDX-License-Identifier: MIT */
#include "broker/cli/policy/cli-notes.h"

#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "approve-ui/card/card-wrap.h"
#include "broker/cli/cli-output.h"

#define INDENT 4 /* of further lines */
#define DEEPER 6 /* of those of what is indented itself */
#define GUTTER 7 /* "   12 | " without its last space */

/* Columns of the terminal; 0: it is none. */
static gsize
columns (FILE *stream)
{
  struct winsize size;

  if (!isatty (fileno (stream)))
    return 0;
  if (ioctl (fileno (stream), TIOCGWINSZ, &size) != 0 || size.ws_col < 40)
    return 80;
  return size.ws_col;
}

void
cli_notes_colour (FILE *stream, const char *colour)
{
  if (cli_colour (stream))
    fprintf (stream, "\033[%sm", colour);
}

/* As much of @lines as @part and the colon behind it; what follows. */
static const char *
write_part (FILE *stream, const char *lines, const char *part, const char *colour)
{
  gsize len = strlen (part);

  if (!g_str_has_prefix (lines, part) || lines[len] != ':')
    return lines; /* the screen is so narrow that it was broken */
  cli_notes_colour (stream, colour);
  fprintf (stream, "%s:", part);
  cli_notes_colour (stream, CLI_PLAIN);
  return lines + len + 1;
}

void
cli_notes_text (FILE *stream, const char *label, const char *kind, const char *colour,
                const char *text)
{
  gsize width = columns (stream);
  g_autofree char *shown = cli_escape_message (text);
  g_autofree char *place = label != NULL ? cli_escape_message (label) : g_strdup ("");
  g_autofree char *whole
      = g_strdup_printf ("%s%s%s%s%s", place, label != NULL ? ": " : "", kind != NULL ? kind : "",
                         kind != NULL ? ": " : "", shown);
  g_autoptr (GString) lines = g_string_new (NULL);
  gsize indent = label != NULL ? INDENT : DEEPER;

  if (width == 0)
    g_string_append (lines, whole);
  else
    card_wrap (lines, whole, indent, width);
  const char *rest = lines->str;
  if (label != NULL)
    rest = write_part (stream, rest, place, CLI_BOLD);
  if (kind != NULL && label != NULL && *rest == ' ')
    {
      fputc (' ', stream);
      rest++;
    }
  if (kind != NULL)
    rest = write_part (stream, rest, kind, colour);
  fprintf (stream, "%s\n", rest);
}

/* --- The line, and the mark below it --- */

/* The line @number of @text, from 1; g_free(). NULL: there is none. */
static char *
line_of (const char *text, guint number)
{
  for (guint i = 1; i < number && text != NULL; i++)
    {
      text = strchr (text, '\n');
      text = text != NULL ? text + 1 : NULL;
    }
  if (text == NULL || number == 0)
    return NULL;
  char *line = g_strndup (text, strcspn (text, "\n"));
  g_strchomp (line);
  return g_strdelimit (line, "\t", ' ');
}

/* The characters from @from on, @n of them at most, as they are shown; g_free(). */
static char *
shown_part (const char *line, glong from, glong n)
{
  glong length = g_utf8_strlen (line, -1), first = CLAMP (from, 0, length);
  g_autofree char *part = g_utf8_substring (line, first, CLAMP (first + n, first, length));

  return cli_escape_message (part);
}

/* Where a long line begins to be shown, so that the mark is on the screen. */
static glong
window_start (glong column, glong length, gsize width)
{
  glong room = width > GUTTER + 4 ? (glong) width - GUTTER - 4 : G_MAXINT, end = column + length;

  return end <= room ? 0 : MIN (column, end - room);
}

void
cli_notes_excerpt (FILE *stream, const GPtrArray *files, const char *file, guint line, guint column,
                   guint length)
{
  const char *text = cli_proposals_text (files, file);
  g_autofree char *whole = text != NULL ? line_of (text, line) : NULL;
  gsize width = columns (stream);

  if (whole == NULL || column == 0)
    return;
  glong start = width > 0 ? window_start (column - 1, length, width) : 0;
  glong room = width > 0 ? (glong) width - GUTTER - 4 : G_MAXINT / 2;
  g_autofree char *shown = shown_part (whole, start, room);
  g_autofree char *before = shown_part (whole, start, column - 1 - start);
  g_autofree char *marked = shown_part (whole, column - 1, length);
  gsize run = MAX (card_text_width (marked), 1);
  g_autofree char *mark = g_strnfill (run, '~');

  *mark = '^';
  fprintf (stream, "%5u | %s%s%s\n", line, start > 0 ? "…" : "", shown,
           start + room < g_utf8_strlen (whole, -1) ? "…" : "");
  fprintf (stream, "      | %*s", (int) (card_text_width (before) + (start > 0 ? 1 : 0)), "");
  cli_notes_colour (stream, CLI_GREEN);
  fputs (mark, stream);
  cli_notes_colour (stream, CLI_PLAIN);
  fputs ("\n", stream);
}

/* --- Notes --- */

static const char *
kind_colour (PolicyNoteKind kind)
{
  return kind == POLICY_NOTE_ERROR ? CLI_RED : CLI_YELLOW;
}

static void
print_note (FILE *stream, const PolicyNote *note, const GPtrArray *files)
{
  g_autofree char *place = policy_note_place (note);

  cli_notes_text (stream, place, policy_note_kind_name (note->kind), kind_colour (note->kind),
                  note->text);
  if (note->file != NULL)
    cli_notes_excerpt (stream, files, note->file, note->line, note->column, note->length);
  if (note->suggestion == NULL)
    return;
  g_autofree char *advice = g_strdup_printf ("    = %s", note->suggestion);
  cli_notes_text (stream, NULL, NULL, NULL, advice);
}

gboolean
cli_notes_sound (const GPtrArray *notes)
{
  for (guint i = 0; i < notes->len; i++)
    if (((const PolicyNote *) notes->pdata[i])->kind == POLICY_NOTE_ERROR)
      return FALSE;
  return TRUE;
}

gboolean
cli_notes_print (FILE *stream, const GPtrArray *notes, const GPtrArray *files)
{
  for (guint i = 0; i < notes->len; i++)
    {
      print_note (stream, notes->pdata[i], files);
      fputc ('\n', stream);
    }
  return cli_notes_sound (notes);
}

/* Up to the blank behind it: what is wrong is a word. */
static guint
word_length (const GPtrArray *files, const char *file, guint line, guint column)
{
  const char *text = cli_proposals_text (files, file);
  g_autofree char *whole = text != NULL ? line_of (text, line) : NULL;

  if (whole == NULL || column > (gulong) g_utf8_strlen (whole, -1))
    return 1;
  const char *at = g_utf8_offset_to_pointer (whole, column - 1);
  gsize word = strcspn (at, " #{}");
  return word > 0 ? (guint) g_utf8_strlen (at, word) : 1;
}

/* The one note that @error, "file:line:column: what is wrong; what would be right", is. */
static GPtrArray *
note_of_error (const GError *error, const GPtrArray *files)
{
  GPtrArray *notes = g_ptr_array_new_with_free_func ((GDestroyNotify) policy_note_free);
  PolicyNote *note = g_new0 (PolicyNote, 1);

  note->kind = POLICY_NOTE_ERROR;
  note->rule = -1;
  g_ptr_array_add (notes, note);
  for (guint i = 0; files != NULL && i < files->len && note->file == NULL; i++)
    {
      const char *name = ((const CliProposal *) files->pdata[i])->name;
      const char *rest = error->message;
      int read = 0;
      if (!g_str_has_prefix (rest, name)
          || sscanf (rest + strlen (name), ":%u:%u: %n", &note->line, &note->column, &read) != 2
          || read == 0)
        continue;
      note->file = g_strdup (name);
      note->length = word_length (files, name, note->line, note->column);
      note->text = g_strdup (rest + strlen (name) + read);
    }
  if (note->file == NULL)
    note->text = g_strdup (error->message);
  return notes;
}

json_t *
cli_notes_json (const GPtrArray *notes, const Policy *policy)
{
  json_t *array = json_array ();

  for (guint i = 0; i < notes->len; i++)
    {
      const PolicyNote *note = notes->pdata[i];
      g_autofree char *rule = policy != NULL ? policy_rule_text (policy, note->rule) : NULL;
      g_autofree char *place = policy_note_place (note);
      json_t *one = json_pack ("{s:i, s:s, s:s, s:s, s:s*, s:s*}", "id", (int) i + 1, "kind",
                               policy_note_kind_name (note->kind), "place", place, "text",
                               note->text, "suggestion", note->suggestion, "rule", rule);
      if (note->file != NULL)
        json_object_set_new (one, "file", json_string (note->file));
      if (note->line > 0)
        json_object_set_new (one, "line", json_integer (note->line));
      if (note->column > 0)
        json_object_update_new (one, json_pack ("{s:i, s:i}", "column", (int) note->column,
                                                "length", (int) note->length));
      json_array_append_new (array, one);
    }
  return array;
}

char *
cli_notes_count (const GPtrArray *notes)
{
  guint counts[POLICY_NOTE_WARNING + 1] = { 0 };
  GString *out = g_string_new (NULL);

  for (guint i = 0; i < notes->len; i++)
    counts[((const PolicyNote *) notes->pdata[i])->kind]++;
  for (guint kind = 0; kind < G_N_ELEMENTS (counts); kind++)
    if (counts[kind] > 0)
      g_string_append_printf (out, "%s%u %s%s", out->len > 0 ? ", " : "", counts[kind],
                              policy_note_kind_name (kind), counts[kind] == 1 ? "" : "s");
  return g_string_free (out, out->len == 0);
}

CliStatus
cli_notes_fail (const Cli *cli, const GPtrArray *files, GError *error)
{
  g_autoptr (GError) owned = error;

  if (owned->domain != POLICY_ERROR)
    return cli_fail (cli, g_steal_pointer (&owned));
  g_autoptr (GPtrArray) notes = note_of_error (owned, files);
  if (cli->json)
    {
      g_autoptr (json_t) array = cli_notes_json (notes, NULL);
      cli_json (array);
    }
  else
    cli_notes_print (stderr, notes, files);
  return CLI_FAILED;
}
