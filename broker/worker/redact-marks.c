/* SPDX-License-Identifier: MIT
 *
 * Each byte is looked up by its two halves: a table of 16 for the lower, one for the upper; a bit
 * that both have is a group that the byte belongs to. A processor with AVX2 does it for 32 bytes
 * at once.
 */
#include "broker/worker/redact-marks.h"

#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

typedef struct
{
  guint8 low[16], high[16];
} Halves;

/* What is looked for is two bytes. */
typedef struct
{
  Halves first, second;
} Pairs;

static struct
{
  Pairs specials, anchors;
  gboolean wide;
} tables;

/* Bytes of one row go with each other; so may others that share halves with two of them. */
typedef struct
{
  const char *first, *second; /* @second NULL: any */
} Row;

static const Row specials[] = {
  { "\\", NULL },
  { "+", NULL },
  { "%", "0123456789abcdefABCDEF" },
  { "&", "#" },
  { "&", "abcdefghijklmnopqrstuvwxyz" },
  { "'", "'\\\"" },
};

static const Row anchors[] = {
  { "I", "A" },   /* AKIA ASIA */
  { "g", "h" },   /* ghp_ */
  { "bk", "_" },  /* github_pat_ sk_live_ */
  { "x", "o" },   /* xoxb- */
  { "y", "J" },   /* eyJ */
  { ":", "/\\" }, /* :// and the same in JSON, :\/\/ */
  { "-", "B" },   /* -----BEGIN */
};

static void
add_bytes (Halves *halves, const char *bytes, guint group)
{
  for (; *bytes != '\0'; bytes++)
    {
      halves->low[*bytes & 15] |= (guint8) (1U << group);
      halves->high[*bytes >> 4] |= (guint8) (1U << group);
    }
}

static void
add_rows (Pairs *pairs, const Row *rows, gsize n)
{
  for (guint i = 0; i < n; i++)
    {
      add_bytes (&pairs->first, rows[i].first, i);
      if (rows[i].second != NULL)
        add_bytes (&pairs->second, rows[i].second, i);
      for (guint half = 0; rows[i].second == NULL && half < 16; half++)
        {
          pairs->second.low[half] |= (guint8) (1U << i);
          pairs->second.high[half] |= (guint8) (1U << i);
        }
    }
}

static void
make_tables (void)
{
  add_rows (&tables.specials, specials, G_N_ELEMENTS (specials));
  add_rows (&tables.anchors, anchors, G_N_ELEMENTS (anchors));
#if defined(__x86_64__)
  tables.wide = __builtin_cpu_supports ("avx2") != 0;
#endif
}

static guint8
groups_of (const Halves *halves, guint8 byte)
{
  return halves->low[byte & 15] & halves->high[byte >> 4];
}

static guint64
is_pair (const Pairs *pairs, const guint8 *data)
{
  return (groups_of (&pairs->first, data[0]) & groups_of (&pairs->second, data[1])) != 0;
}

static void
find_one_by_one (RedactMarks *marks, const guint8 *data)
{
  for (gsize word = 0; word < marks->n_words; word++)
    {
      guint64 found[2] = { 0 }, breaks = 0;
      for (guint i = 0; i < 64; i++, data++)
        {
          breaks |= (guint64) (data[0] == '\n' || data[0] == '\r') << i;
          found[0] |= is_pair (&tables.specials, data) << i;
          found[1] |= is_pair (&tables.anchors, data) << i;
        }
      marks->breaks[word] = breaks;
      marks->specials[word] = found[0];
      marks->anchors[word] = found[1];
    }
}

#if defined(__x86_64__)
#define WIDE __attribute__ ((target ("avx2")))

WIDE static inline __m256i
wide_groups (const Halves *halves, __m256i bytes)
{
  const __m256i half = _mm256_set1_epi8 (15);
  __m256i low = _mm256_broadcastsi128_si256 (_mm_loadu_si128 ((const __m128i *) halves->low));
  __m256i high = _mm256_broadcastsi128_si256 (_mm_loadu_si128 ((const __m128i *) halves->high));

  low = _mm256_shuffle_epi8 (low, _mm256_and_si256 (bytes, half));
  high = _mm256_shuffle_epi8 (high, _mm256_and_si256 (_mm256_srli_epi16 (bytes, 4), half));
  return _mm256_and_si256 (low, high);
}

WIDE static inline guint64
wide_pairs (const Pairs *pairs, __m256i bytes, __m256i next)
{
  __m256i groups
      = _mm256_and_si256 (wide_groups (&pairs->first, bytes), wide_groups (&pairs->second, next));

  return (guint32) ~_mm256_movemask_epi8 (_mm256_cmpeq_epi8 (groups, _mm256_setzero_si256 ()));
}

WIDE static inline guint64
wide_breaks (__m256i bytes)
{
  return (guint32) _mm256_movemask_epi8 (
      _mm256_or_si256 (_mm256_cmpeq_epi8 (bytes, _mm256_set1_epi8 ('\n')),
                       _mm256_cmpeq_epi8 (bytes, _mm256_set1_epi8 ('\r'))));
}

WIDE static void
find_wide (RedactMarks *marks, const guint8 *data)
{
  for (gsize word = 0; word < marks->n_words; word++)
    {
      guint64 found[2] = { 0 }, breaks = 0;
      for (guint i = 0; i < 64; i += 32, data += 32)
        {
          __m256i bytes = _mm256_loadu_si256 ((const __m256i *) data);
          __m256i next = _mm256_loadu_si256 ((const __m256i *) (data + 1));
          breaks |= wide_breaks (bytes) << i;
          found[0] |= wide_pairs (&tables.specials, bytes, next) << i;
          found[1] |= wide_pairs (&tables.anchors, bytes, next) << i;
        }
      marks->breaks[word] = breaks;
      marks->specials[word] = found[0];
      marks->anchors[word] = found[1];
    }
}
#endif

static void
make_room (RedactMarks *marks, gsize words)
{
  if (words <= marks->size)
    return;
  marks->size = words * 2;
  marks->breaks = g_renew (guint64, marks->breaks, marks->size);
  marks->specials = g_renew (guint64, marks->specials, marks->size);
  marks->anchors = g_renew (guint64, marks->anchors, marks->size);
}

/* What stands in the slack is nothing; the last byte may be special, whatever will follow it. */
static void
clear_slack (RedactMarks *marks, const guint8 *data, gsize len)
{
  guint64 mask = len % 64 != 0 ? ((guint64) 1 << (len % 64)) - 1 : G_MAXUINT64;

  marks->breaks[marks->n_words - 1] &= mask;
  marks->specials[marks->n_words - 1] &= mask;
  marks->anchors[marks->n_words - 1] &= mask;
  if (groups_of (&tables.specials.first, data[len - 1]) != 0)
    marks->specials[marks->n_words - 1] |= (guint64) 1 << ((len - 1) % 64);
}

void
redact_marks_find (RedactMarks *marks, const guint8 *data, gsize len)
{
  static gsize made;

  if (g_once_init_enter (&made))
    {
      make_tables ();
      g_once_init_leave (&made, 1);
    }
  marks->n_words = (len + 63) / 64;
  make_room (marks, marks->n_words + 2);
#if defined(__x86_64__)
  if (tables.wide)
    find_wide (marks, data);
  else
#endif
    find_one_by_one (marks, data);
  if (len > 0)
    clear_slack (marks, data, len);
  memset (marks->breaks + marks->n_words, 0, 2 * sizeof (guint64));
  memset (marks->specials + marks->n_words, 0, 2 * sizeof (guint64));
  memset (marks->anchors + marks->n_words, 0, 2 * sizeof (guint64));
}

void
redact_marks_clear (RedactMarks *marks)
{
  g_free (marks->breaks);
  g_free (marks->specials);
  g_free (marks->anchors);
}
