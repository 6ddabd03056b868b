/* SPDX-License-Identifier: MIT */
#include "broker/worker/redact-needle.h"
#include "broker/worker/redact-index.h"

#include <string.h>

#define WORD_SHORTEST 4
#define WHOLE_LONGEST 1024 /* so that no more than a few KiB of a stream have to be held */
#define PIECE_SHORTEST 512
#define PIECES_MOST 128
#define LINE_SHORTEST 16
#define LINES_MOST 512

#define ALL_FORMS ((1U << REDACT_N_FORMS) - 1)
/* Windows writes UTF-16 in this order, and PowerShell takes commands as base64 of it. */
#define LITTLE_ENDIAN_FORMS                                                                        \
  (1U << REDACT_FORM_PLAIN | 1U << REDACT_FORM_BASE64 | 1U << REDACT_FORM_BASE64_1                 \
   | 1U << REDACT_FORM_BASE64_2)
#define BIG_ENDIAN_FORMS (1U << REDACT_FORM_PLAIN)

void
redact_needles_init (RedactNeedles *needles)
{
  needles->needles = g_array_new (FALSE, FALSE, sizeof (RedactNeedle));
  needles->words = g_array_new (FALSE, FALSE, sizeof (RedactNeedle));
  needles->bytes = g_ptr_array_new_with_free_func ((GDestroyNotify) secret_free);
}

void
redact_needles_clear (RedactNeedles *needles)
{
  g_array_unref (needles->needles);
  g_array_unref (needles->words);
  g_ptr_array_unref (needles->bytes);
}

static gboolean
is_space (guint8 byte)
{
  return byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r';
}

static void
add (RedactNeedles *needles, const RedactNeedle *needle)
{
  if (needle->len >= REDACT_SHORTEST)
    g_array_append_vals (needles->needles, needle, 1);
  else if (needle->len >= WORD_SHORTEST && needle->forms == ALL_FORMS)
    g_array_append_vals (needles->words, needle, 1);
}

/* What stands around a value in a file is not the value. */
static void
trim (RedactNeedle *needle)
{
  while (needle->len > 0 && is_space (needle->value[needle->len - 1]))
    needle->len--;
  for (; needle->len > 0 && is_space (needle->value[0]); needle->len--)
    needle->value++;
}

static void
add_lines (RedactNeedles *needles, const RedactNeedle *whole)
{
  const guint8 *end = whole->value + whole->len;
  RedactNeedle line = *whole;
  guint n = 0;

  for (const guint8 *at = whole->value; at < end && n < LINES_MOST;)
    {
      const guint8 *next = memchr (at, '\n', (gsize) (end - at));
      line.value = at;
      line.len = (gsize) ((next != NULL ? next : end) - at);
      at += line.len + 1;
      trim (&line);
      /* The first and last line of a key in PEM are everybody's. */
      if (line.len < LINE_SHORTEST || line.len == whole->len
          || memcmp (line.value, "-----", 5) == 0)
        continue;
      add (needles, &line);
      n++;
    }
}

static void
add_pieces (RedactNeedles *needles, const RedactNeedle *whole)
{
  gsize size = MAX (PIECE_SHORTEST, whole->len / PIECES_MOST + 1);
  RedactNeedle piece = *whole;

  piece.piece = TRUE;
  for (gsize at = 0; at < whole->len; at += piece.len)
    {
      gsize rest = whole->len - at;
      piece.value = whole->value + at;
      /* The last is not left so short that it is everywhere. */
      piece.len = rest < 2 * size ? rest : size;
      add (needles, &piece);
    }
}

static gboolean
add_utf16 (RedactNeedles *needles, const RedactNeedle *whole, gboolean big_endian, GError **error)
{
  const char *text = (const char *) whole->value, *end = text + whole->len;
  RedactNeedle needle = *whole;
  Secret *secret = secret_new (2 * whole->len, error);
  guint8 *out;

  if (secret == NULL)
    return FALSE;
  g_ptr_array_add (needles->bytes, secret);
  needle.value = out = secret_data (secret);
  for (; text < end; text = g_utf8_next_char (text))
    {
      gunichar c = g_utf8_get_char (text);
      gunichar units[2] = { c, 0 };
      if (c > 0xffff)
        {
          units[0] = 0xd800 + ((c - 0x10000) >> 10);
          units[1] = 0xdc00 + (c & 0x3ff);
        }
      for (guint i = 0; i < (c > 0xffff ? 2 : 1); i++, out += 2)
        {
          out[big_endian] = (guint8) units[i];
          out[!big_endian] = (guint8) (units[i] >> 8);
        }
    }
  needle.len = (gsize) (out - needle.value);
  needle.forms = big_endian ? BIG_ENDIAN_FORMS : LITTLE_ENDIAN_FORMS;
  add (needles, &needle);
  return TRUE;
}

gboolean
redact_needles_add (RedactNeedles *needles, const Secret *value, guint name, GError **error)
{
  Secret *copy = secret_copy (value, error);
  RedactNeedle whole = { .name = name, .forms = ALL_FORMS };

  if (copy == NULL)
    return FALSE;
  g_ptr_array_add (needles->bytes, copy);
  whole.value = secret_peek (copy);
  whole.len = secret_len (copy);
  trim (&whole);
  add_lines (needles, &whole);
  if (whole.len > WHOLE_LONGEST)
    {
      add_pieces (needles, &whole);
      return TRUE;
    }
  add (needles, &whole);
  if (whole.len < REDACT_SHORTEST
      || !g_utf8_validate_len ((const char *) whole.value, whole.len, NULL))
    return TRUE;
  return add_utf16 (needles, &whole, FALSE, error) && add_utf16 (needles, &whole, TRUE, error);
}
