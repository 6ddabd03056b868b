/* SPDX-License-Identifier: MIT */
#include "approve-ui/card/card-block.h"

#include <string.h>

#include "approve-ui/card/card-words.h"

#define EMPTY_LINES 2 /* in a row; of more, the newlines are written out */
#define INDENT 40     /* blanks that a line may begin with */

/* Of @n newlines in a row, those that end a line: behind them text goes on or does not, and at the
 * end they would not be seen. The others are written out, as part of the line before them. */
static gsize
broken_newlines (gsize n, gboolean last)
{
  return last ? 0 : MIN (n, EMPTY_LINES + 1);
}

/* A character as it is written: one, or an escape, which is not torn. */
static gsize
unit_length (const char *p)
{
  if (p[0] == '\\' && p[1] != '\0' && p[2] == '{')
    return strcspn (p, "}") + 1;
  return *p == '\\' ? 2 : (gsize) (g_utf8_next_char (p) - p);
}

/* A line in pieces, so that a toolkit never has to lay out a very long one. */
static void
append_pieces (GString *out, const char *line)
{
  gsize n = 0;

  for (gsize unit; *line != '\0'; line += unit)
    {
      unit = unit_length (line);
      gsize columns = *line == '\\' ? unit : 1;
      if (n + columns > CARD_BLOCK_COLUMNS)
        {
          g_string_append_c (out, '\n');
          n = 0;
        }
      g_string_append_len (out, line, unit);
      n += columns;
    }
}

/* Indentation stays, as it is a text's form; other blanks in a row, and those at its end, show, and
 * @newlines behind it. */
static void
append_line (GString *out, const char *line, gsize len, gsize newlines)
{
  g_autofree char *whole = g_strndup (line, len);
  gsize indent = MIN (strspn (whole, " "), INDENT), end = len;

  while (end > indent && whole[end - 1] == ' ')
    end--;
  g_autofree char *middle = g_strndup (whole + indent, end - indent);
  g_autofree char *shown = card_escape (middle);
  g_autoptr (GString) escaped = g_string_new (NULL);
  for (gsize i = 0; i < indent; i++)
    g_string_append (escaped, end > indent ? " " : "\\u{20}");
  g_string_append (escaped, shown);
  for (gsize i = MAX (end, indent); i < len; i++)
    g_string_append (escaped, "\\u{20}");
  for (gsize i = 0; i < newlines; i++)
    g_string_append (escaped, "\\u{a}");
  append_pieces (out, escaped->str);
}

char *
card_block (const char *text)
{
  GString *out = g_string_new (NULL);

  while (*text != '\0')
    {
      gsize len = strcspn (text, "\n"), newlines = strspn (text + len, "\n");
      gsize broken = broken_newlines (newlines, text[len + newlines] == '\0');
      append_line (out, text, len, newlines - broken);
      for (gsize i = 0; i < broken; i++)
        g_string_append_c (out, '\n');
      text += len + newlines;
    }
  return g_string_free (out, FALSE);
}

/* What @len bytes of @text are as they are written. */
static gsize
written (const char *text, gsize len)
{
  g_autofree char *begin = g_strndup (text, len);
  g_autofree char *block = card_block (begin);

  return g_utf8_strlen (block, -1);
}

gsize
card_block_begin (const char *text)
{
  gsize len = strlen (text), at = 0;

  for (guint lines = 0; at < len && at < CARD_BLOCK_ROOM && lines < CARD_BLOCK_LINES; lines++)
    {
      const char *newline = strchr (text + at, '\n');
      at = newline != NULL ? (gsize) (newline - text) + 1 : len;
    }
  at = MIN (at, CARD_BLOCK_ROOM);
  /* One byte may be written as eight characters. */
  while (at > 1 && written (text, at) > CARD_BLOCK_ROOM)
    at /= 2;
  while (at < len && at > 0 && ((guint8) text[at] & 0xC0) == 0x80)
    at--;
  return at;
}
