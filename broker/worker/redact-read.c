/* SPDX-License-Identifier: MIT */
#include "broker/worker/redact-read.h"

#include <string.h>

#define ENTITY_MAX 10 /* &#x10ffff; */

static int
digit_of (guint8 c)
{
  if (c >= '0' && c <= '9')
    return c - '0';
  c |= 0x20;
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* How many digits of @base stand at @at, @max at most. -1 when more may come. */
static int
read_number (const RedactText *text, gsize at, guint base, int max, guint32 *value)
{
  int n = 0;

  for (*value = 0; n < max; n++)
    {
      int digit;
      if (at + (gsize) n >= text->len)
        return text->ended ? n : -1;
      digit = digit_of (text->data[at + (gsize) n]);
      if (digit < 0 || digit >= (int) base)
        return n;
      *value = *value * base + (guint32) digit;
    }
  return n;
}

static gboolean
take (RedactUnit *unit, guint8 byte, gsize len)
{
  *unit = (RedactUnit){ .bytes = { byte }, .n = 1, .len = (guint8) len };
  return TRUE;
}

static gboolean
take_char (RedactUnit *unit, guint32 c, gsize len)
{
  char bytes[6];

  if (c < 0x80)
    return take (unit, (guint8) c, len);
  if (c > 0x10ffff)
    return take (unit, '?', len);
  unit->n = (guint8) g_unichar_to_utf8 (c, bytes);
  unit->len = (guint8) len;
  memcpy (unit->bytes, bytes, MIN (unit->n, sizeof unit->bytes));
  return TRUE;
}

/* \uXXXX, two of them for what lies beyond (RFC 8259 section 7). */
static gboolean
read_utf16 (const RedactText *text, gsize at, RedactUnit *unit)
{
  guint32 high, low;
  int n = read_number (text, at + 2, 16, 4, &high);

  if (n >= 0 && n < 4)
    return take (unit, 'u', 2);
  if (n < 0)
    return FALSE;
  if (high < 0xd800 || high > 0xdbff)
    return take_char (unit, high, 6);
  for (gsize i = 0; i < 2; i++)
    {
      if (at + 6 + i >= text->len && !text->ended)
        return FALSE;
      if (at + 6 + i >= text->len || text->data[at + 6 + i] != "\\u"[i])
        return take_char (unit, high, 6);
    }
  n = read_number (text, at + 8, 16, 4, &low);
  if (n < 0)
    return FALSE;
  if (n < 4 || low < 0xdc00 || low > 0xdfff)
    return take_char (unit, high, 6);
  return take_char (unit, 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00), 12);
}

/* Digits of @base after @skip characters; @letter itself when there are none, or too few. */
static gboolean
read_digits (const RedactText *text, gsize at, gsize skip, guint base, int least, int most,
             RedactUnit *unit)
{
  guint32 value;
  int n = read_number (text, at + skip, base, most, &value);

  if (n < 0)
    return FALSE;
  if (n < least)
    return take (unit, text->data[at + 1], 2);
  if (most == 8)
    return take_char (unit, value, skip + (gsize) n);
  return take (unit, (guint8) value, skip + (gsize) n);
}

static gboolean
read_backslash (const RedactText *text, gsize at, RedactUnit *unit)
{
  static const char letters[] = "abefnrtvE", values[] = "\a\b\x1b\f\n\r\t\v\x1b";
  const char *letter;
  guint8 c;

  if (at + 1 >= text->len)
    return text->ended ? take (unit, '\\', 1) : FALSE;
  c = text->data[at + 1];
  if (c >= '0' && c <= '7')
    return read_digits (text, at, 1, 8, 1, 3, unit);
  if (c == 'x')
    return read_digits (text, at, 2, 16, 1, 2, unit);
  if (c == 'U')
    return read_digits (text, at, 2, 16, 8, 8, unit);
  if (c == 'u')
    return read_utf16 (text, at, unit);
  letter = c != '\0' ? strchr (letters, c) : NULL;
  take (unit, letter != NULL ? (guint8) values[letter - letters] : c, 2);
  if (c == '\n')
    unit->n = 0;
  return TRUE;
}

/* A shell leaves the quotes for it, others double it. */
static gboolean
read_quote (const RedactText *text, gsize at, RedactUnit *unit)
{
  static const char *const ways[] = { "'\\''", "'\"'\"'", "''" };

  for (gsize i = 0; i < G_N_ELEMENTS (ways); i++)
    {
      gsize len = strlen (ways[i]), there = MIN (len, text->len - at);
      if (memcmp (text->data + at, ways[i], there) != 0)
        continue;
      if (there == len)
        return take (unit, '\'', len);
      if (!text->ended)
        return FALSE;
    }
  return take (unit, '\'', 1);
}

static gboolean
read_percent (const RedactText *text, gsize at, RedactUnit *unit)
{
  guint32 value;
  int n = read_number (text, at + 1, 16, 2, &value);

  if (n < 0)
    return FALSE;
  return n == 2 ? take (unit, (guint8) value, 3) : take (unit, '%', 1);
}

static gboolean
decode_entity (const char *name, gsize len, RedactUnit *unit)
{
  static const struct
  {
    const char *name;
    guint8 byte;
  } known[] = { { "amp", '&' }, { "lt", '<' }, { "gt", '>' }, { "quot", '"' }, { "apos", '\'' } };
  gboolean hex = len > 1 && (name[1] | 0x20) == 'x';
  RedactText digits = { (const guint8 *) name, len, .ended = TRUE };
  gsize from = hex ? 2 : 1;
  guint32 value;

  for (gsize i = 0; i < G_N_ELEMENTS (known); i++)
    if (strlen (known[i].name) == len && memcmp (name, known[i].name, len) == 0)
      return take (unit, known[i].byte, len + 2);
  if (len <= from || name[0] != '#'
      || from + (gsize) read_number (&digits, from, hex ? 16 : 10, 8, &value) != len)
    return FALSE;
  return take_char (unit, value, len + 2);
}

static gboolean
read_entity (const RedactText *text, gsize at, RedactUnit *unit)
{
  gsize len = MIN (text->len - at, ENTITY_MAX), end = 1;

  while (end < len && (g_ascii_isalnum (text->data[at + end]) || text->data[at + end] == '#'))
    end++;
  if (at + end == text->len && end < ENTITY_MAX && !text->ended)
    return FALSE;
  if (end == len || text->data[at + end] != ';'
      || !decode_entity ((const char *) text->data + at + 1, end - 1, unit))
    return take (unit, '&', 1);
  return TRUE;
}

gboolean
redact_read (const RedactText *text, RedactReading reading, gsize at, RedactUnit *unit)
{
  guint8 byte = text->data[at];

  if (G_LIKELY ((redact_read_introduced (byte) & 1U << reading) == 0))
    return take (unit, byte, 1);
  if (byte == '\\')
    return read_backslash (text, at, unit);
  if (byte == '\'')
    return read_quote (text, at, unit);
  if (byte == '%')
    return read_percent (text, at, unit);
  if (byte == '&')
    return read_entity (text, at, unit);
  return take (unit, text->plus_is_space ? ' ' : '+', 1);
}
