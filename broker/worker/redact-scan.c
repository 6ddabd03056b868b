/* SPDX-License-Identifier: MIT */
#include "broker/worker/redact-scan.h"
#include "broker/worker/redact-shape.h"

void
redact_scan_hold (RedactScan *scan, gsize at)
{
  scan->hold = MIN (scan->hold, at);
}

void
redact_scan_hit (RedactScan *scan, gsize start, gsize end, const RedactNeedle *needle)
{
  RedactHit hit = { start, end, needle->name, needle->piece };

  g_array_append_val (scan->hits, hit);
}

gsize
redact_scan_enough (gsize total)
{
  return MAX (REDACT_SHORTEST, (total + 2) / 3);
}

/* Another reading can only differ from the plain one where one of its bytes was met. */
static RedactMatch
match_otherwise (const RedactScan *scan, const RedactPattern *pattern, RedactFound *found)
{
  const RedactNeedle *needle = &scan->index->needles[pattern->needle];
  gsize start = found->start, stop = MIN (found->end + 1, scan->text.len);
  RedactMatch got = REDACT_MATCH_NONE;
  guint readings = 0;

  for (gsize at = start; at < stop; at++)
    readings |= redact_read_introduced (scan->text.data[at]);
  for (RedactReading reading = REDACT_READ_ESCAPES;
       reading < REDACT_N_READINGS && got == REDACT_MATCH_NONE; reading++)
    if (readings & 1U << reading)
      got = redact_match (&scan->text, reading, start, needle, pattern->form, 0, found);
  return got;
}

void
redact_scan_try (RedactScan *scan, RedactReading reading, guint number, gsize start)
{
  const RedactPattern *pattern = &scan->index->patterns[number];
  const RedactNeedle *needle = &scan->index->needles[pattern->needle];
  RedactFound found = { 0 };
  RedactMatch got = redact_match (&scan->text, reading, start, needle, pattern->form, 0, &found);

  if (got == REDACT_MATCH_NONE && reading == REDACT_READ_PLAIN)
    got = match_otherwise (scan, pattern, &found);
  if (got == REDACT_MATCH_FULL)
    redact_scan_hit (scan, found.start, found.end, needle);
  if (got != REDACT_MATCH_CUT)
    return;
  if (!scan->text.ended)
    redact_scan_hold (scan, start);
  else if (scan->edges
           && found.matched >= redact_scan_enough (redact_form_len (pattern->form, needle->len)))
    redact_scan_hit (scan, start, scan->text.len, needle);
}

static void
try_four (RedactScan *scan, gsize at)
{
  guint32 four = redact_four (scan->text.data + at);
  guint n;
  const RedactEntry *entries = redact_index_find (scan->index, four, &n);

  for (guint i = 0; i < n; i++)
    if (redact_entry_is (&entries[i], four, scan->text.data + at)
        && at - entries[i].offset >= scan->from)
      redact_scan_try (scan, REDACT_READ_PLAIN, entries[i].pattern, at - entries[i].offset);
}

static void
scan_fours (RedactScan *scan)
{
  const RedactIndex *index = scan->index;
  const guint8 *data = scan->text.data;
  gsize step = index->step, len = scan->text.len, at = scan->from + step - 1;

  for (; at + 3 * step + 4 <= len; at += 4 * step)
    {
      gboolean a = redact_index_knows (index, redact_four (data + at));
      gboolean b = redact_index_knows (index, redact_four (data + at + step));
      gboolean c = redact_index_knows (index, redact_four (data + at + 2 * step));
      gboolean d = redact_index_knows (index, redact_four (data + at + 3 * step));

      if (G_LIKELY (!(a | b | c | d)))
        continue;
      for (gsize i = 0; i < 4; i++)
        if ((const gboolean[]){ a, b, c, d }[i])
          try_four (scan, at + i * step);
    }
  for (; at + 4 <= len; at += step)
    if (redact_index_knows (index, redact_four (data + at)))
      try_four (scan, at);
}

static void
scan_shapes (RedactScan *scan)
{
  for (gsize word = scan->from / 64; word < scan->marks.n_words; word++)
    for (guint64 bits = scan->marks.anchors[word]; bits != 0; bits &= bits - 1)
      {
        gsize at = 64 * word + (gsize) __builtin_ctzll (bits);
        RedactFound found;
        guint shape;
        RedactMatch got;

        if (at < scan->from)
          continue;
        got = redact_shape_at (&scan->text, scan->from, at, &found, &shape);
        if (got == REDACT_MATCH_FULL)
          redact_scan_hit (scan, found.start, found.end,
                           &(RedactNeedle){ .name = scan->first_shape + shape });
        else if (got == REDACT_MATCH_CUT)
          redact_scan_hold (scan, found.start);
      }
  if (!scan->text.ended)
    redact_scan_hold (scan, redact_shape_tail (&scan->text, scan->from));
}

static gboolean
is_word (guint8 byte)
{
  return g_ascii_isalnum (byte) || byte == '_';
}

static void
scan_word (RedactScan *scan, const RedactNeedle *word)
{
  const RedactText *text = &scan->text;
  gsize at = scan->from;

  while (at < text->len)
    {
      gsize rest = text->len - at, n = MIN (rest, word->len);
      const guint8 *found = memchr (text->data + at, word->value[0], rest);
      if (found == NULL)
        return;
      at = (gsize) (found - text->data);
      n = MIN (text->len - at, word->len);
      if (memcmp (found, word->value, n) == 0 && (at == 0 || !is_word (found[-1])))
        {
          if (at + n == text->len && !text->ended)
            redact_scan_hold (scan, at);
          else if (n == word->len && (at + n == text->len || !is_word (found[n])))
            redact_scan_hit (scan, at, at + n, word);
        }
      at++;
    }
}

void
redact_scan (RedactScan *scan)
{
  scan->hold = scan->text.len;
  g_array_set_size (scan->hits, 0);
  redact_marks_find (&scan->marks, scan->text.data, scan->text.len);
  scan_shapes (scan);
  for (guint i = 0; i < scan->n_words; i++)
    scan_word (scan, &scan->words[i]);
  if (scan->index->step == 0)
    return;
  scan_fours (scan);
  redact_scan_bends (scan);
  if (scan->begins)
    redact_scan_beginning (scan);
}

void
redact_scan_clear (RedactScan *scan)
{
  redact_marks_clear (&scan->marks);
  g_array_unref (scan->hits);
}
