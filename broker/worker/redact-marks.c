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

static struct
{
  Halves special, first, second; /* of an anchor, which is two bytes */
  gboolean wide;
} tables;

/* Bytes that stand for an anchor; those of one row go with each other. */
static const struct
{
  const char *first, *second;
} anchors[] = {
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
make_tables (void)
{
  add_bytes (&tables.special, "\n\r", 0);
  add_bytes (&tables.special, "%&'+", 1);
  add_bytes (&tables.special, "\\", 2);
  for (guint i = 0; i < G_N_ELEMENTS (anchors); i++)
    {
      add_bytes (&tables.first, anchors[i].first, i);
      add_bytes (&tables.second, anchors[i].second, i);
    }
#if defined(__x86_64__)
  tables.wide = __builtin_cpu_supports ("avx2") != 0;
#endif
}

static guint8
groups_of (const Halves *halves, guint8 byte)
{
  return halves->low[byte & 15] & halves->high[byte >> 4];
}

static void
find_one_by_one (RedactMarks *marks, const guint8 *data)
{
  for (gsize word = 0; word < marks->n_words; word++)
    {
      guint64 specials = 0, found = 0;
      for (guint i = 0; i < 64; i++, data++)
        {
          specials |= (guint64) (groups_of (&tables.special, data[0]) != 0) << i;
          found |= (guint64) ((groups_of (&tables.first, data[0])
                               & groups_of (&tables.second, data[1]))
                              != 0)
                   << i;
        }
      marks->specials[word] = specials;
      marks->anchors[word] = found;
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
wide_bits (__m256i groups)
{
  return (guint32) ~_mm256_movemask_epi8 (_mm256_cmpeq_epi8 (groups, _mm256_setzero_si256 ()));
}

WIDE static void
find_wide (RedactMarks *marks, const guint8 *data)
{
  for (gsize word = 0; word < marks->n_words; word++)
    {
      guint64 specials = 0, found = 0;
      for (guint i = 0; i < 64; i += 32, data += 32)
        {
          __m256i bytes = _mm256_loadu_si256 ((const __m256i *) data);
          __m256i next = _mm256_loadu_si256 ((const __m256i *) (data + 1));
          specials |= wide_bits (wide_groups (&tables.special, bytes)) << i;
          found |= wide_bits (_mm256_and_si256 (wide_groups (&tables.first, bytes),
                                                wide_groups (&tables.second, next)))
                   << i;
        }
      marks->specials[word] = specials;
      marks->anchors[word] = found;
    }
}
#endif

static void
make_room (RedactMarks *marks, gsize words)
{
  if (words <= marks->size)
    return;
  marks->size = words * 2;
  marks->specials = g_renew (guint64, marks->specials, marks->size);
  marks->anchors = g_renew (guint64, marks->anchors, marks->size);
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
  /* What stands in the slack is nothing; what follows may be looked up. */
  if (len % 64 != 0)
    {
      guint64 mask = ((guint64) 1 << (len % 64)) - 1;
      marks->specials[marks->n_words - 1] &= mask;
      marks->anchors[marks->n_words - 1] &= mask;
    }
  memset (marks->specials + marks->n_words, 0, 2 * sizeof (guint64));
  memset (marks->anchors + marks->n_words, 0, 2 * sizeof (guint64));
}

void
redact_marks_clear (RedactMarks *marks)
{
  g_free (marks->specials);
  g_free (marks->anchors);
}
