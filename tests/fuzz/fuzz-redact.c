/* SPDX-License-Identifier: MIT
 *
 * Whatever text comes, with values in it in whatever form: none survives, however the text is cut
 * into pieces the output is the same, and it is what looking at each place of the text, one by one,
 * for each form would make of it.
 *
 * 0xff F V W in the input stands for value V in form F, variant W; the first byte says how the rest
 * is cut.
 */
#include "broker/worker/redact-private.h"
#include "broker/worker/redact-scan.h"
#include "broker/worker/redact-shape.h"
#include "tests/fuzz/fuzz.h"
#include "tests/unit/redact-case.h"

#include <string.h>

static const char *const values[] = {
  "ghjklm",
  "kQ7-zT4_wX9mL2pR5vB8nC1d",
  "p'a\"s\\s%w&o<r>d$`1 2!~",
  "first line of it 0123456789\nsecond line of it, longer",
  "p\xc3\xa4ssw\xc3\xb6rd \xf0\x9f\x94\x91 key",
  "aaaaaaaaaaaaaaaabaaaa+/",
  "4711",
};

/* The text, and after each value's end what it was written as. */
static GString *
expand (const uint8_t *data, size_t size, GPtrArray *written)
{
  GString *text = g_string_new (NULL);

  for (size_t i = 0; i < size; i++)
    if (data[i] == 0xff && i + 3 < size)
      {
        const RedactEncoding *encoding = &redact_encodings[data[i + 1] % redact_n_encodings];
        const char *value = values[data[i + 2] % G_N_ELEMENTS (values)];
        GString *form = redact_encode (encoding, value, strlen (value), data[i + 3]);
        g_string_append_len (text, form->str, (gssize) form->len);
        /* What is too short for a form of it is a word by chance. */
        if (strlen (value) >= REDACT_SHORTEST)
          g_ptr_array_add (written, form);
        else
          g_string_free (form, TRUE);
        i += 3;
      }
    else
      g_string_append_c (text, (char) data[i]);
  return text;
}

/* --- The same, slowly --- */

static void
look_at (RedactScan *scan, gsize at)
{
  for (guint pattern = 0; pattern < scan->index->n_patterns; pattern++)
    for (RedactReading reading = 0; reading < REDACT_N_READINGS; reading++)
      redact_scan_try (scan, reading, pattern, at);
}

static void
look_at_shape (RedactScan *scan, gsize at)
{
  RedactFound found;
  guint shape;

  if (redact_shape_at (&scan->text, 0, at, &found, &shape) == REDACT_MATCH_FULL)
    redact_scan_hit (scan, found.start, found.end,
                     &(RedactNeedle){ .name = scan->first_shape + shape });
}

static gboolean
is_part (const RedactScan *scan, gsize at)
{
  return at < scan->text.len
         && (g_ascii_isalnum (scan->text.data[at]) || scan->text.data[at] == '_');
}

static void
look_at_word (RedactScan *scan, gsize at)
{
  for (guint i = 0; i < scan->n_words; i++)
    if (scan->text.len - at >= scan->words[i].len
        && memcmp (scan->text.data + at, scan->words[i].value, scan->words[i].len) == 0
        && (at == 0 || !is_part (scan, at - 1)) && !is_part (scan, at + scan->words[i].len))
      redact_scan_hit (scan, at, at + scan->words[i].len, &scan->words[i]);
}

static gint
compare (gconstpointer a, gconstpointer b)
{
  const RedactHit *left = a, *right = b;

  if (left->start != right->start)
    return left->start < right->start ? -1 : 1;
  if (left->end != right->end)
    return left->end > right->end ? -1 : 1;
  return left->name < right->name ? -1 : left->name > right->name;
}

static GByteArray *
put_marks (const Redactor *redactor, const RedactScan *scan)
{
  GByteArray *out = g_byte_array_new ();
  gsize at = 0;

  g_array_sort (scan->hits, compare);
  for (guint i = 0; i < scan->hits->len; i++)
    {
      const RedactHit *hit = &g_array_index (scan->hits, RedactHit, i);
      g_autofree char *mark = NULL;
      if (hit->start >= at)
        {
          mark = g_strdup_printf ("[redacted:%s]", (char *) redactor->names->pdata[hit->name]);
          g_byte_array_append (out, scan->text.data + at, (guint) (hit->start - at));
          g_byte_array_append (out, (const guint8 *) mark, (guint) strlen (mark));
        }
      at = MAX (at, hit->end);
    }
  g_byte_array_append (out, scan->text.data + at, (guint) (scan->text.len - at));
  return out;
}

static GByteArray *
slowly (const Redactor *redactor, const GString *text)
{
  RedactScan scan = { .index = &redactor->index,
                      .words = (const RedactNeedle *) (gpointer) redactor->needles.words->data,
                      .n_words = redactor->needles.words->len,
                      .first_shape = redactor->first_shape,
                      .edges = TRUE };
  GByteArray *out;

  scan.text = (RedactText){ (const guint8 *) text->str, text->len, .ended = TRUE,
                            .plus_is_space = redactor->has_space };
  scan.hits = g_array_new (FALSE, FALSE, sizeof (RedactHit));
  for (gsize at = 0; at < text->len; at++)
    {
      look_at (&scan, at);
      look_at_shape (&scan, at);
      look_at_word (&scan, at);
    }
  redact_scan_beginning (&scan);
  out = put_marks (redactor, &scan);
  redact_scan_clear (&scan);
  return out;
}

static void
assert_same (const GByteArray *a, const GByteArray *b)
{
  g_assert_cmpmem (a->data, a->len, b->data, b->len);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static Redactor *redactor;
  g_autoptr (GPtrArray) written = g_ptr_array_new ();
  g_autoptr (GString) text = NULL;
  g_autoptr (GByteArray) whole = NULL, cut = NULL, slow = NULL;

  if (size == 0 || size > 1024)
    return 0;
  if (redactor == NULL)
    redactor = redact_case_new (values, G_N_ELEMENTS (values));
  text = expand (data + 1, size - 1, written);
  whole = redact_case_run (redactor, (const guint8 *) text->str, text->len, 0);
  cut = redact_case_run (redactor, (const guint8 *) text->str, text->len, data[0]);
  slow = slowly (redactor, text);
  assert_same (whole, cut);
  assert_same (whole, slow);
  for (guint i = 0; i < written->len; i++)
    {
      GString *form = written->pdata[i];
      g_assert_null (memmem (whole->data, whole->len, form->str, form->len));
      g_string_free (form, TRUE);
    }
  return 0;
}
