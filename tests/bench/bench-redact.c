/* SPDX-License-Identifier: MIT
 *
 * Redaction: how long a worker that starts waits for its redactor, and how fast texts pass through
 * one. Where libvectorscan-dev is installed, beside it what Vectorscan needs merely to find the
 * same forms, each in one way of writing it.
 */
#include "broker/worker/redact-form.h"
#include "broker/worker/redact.h"
#include "tests/bench/bench.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#ifdef WITH_VECTORSCAN
#include <hs/hs.h>
#endif

#define SECRETS 100
#define TEXT (32 * 1024 * 1024)
#define PIECE (64 * 1024) /* what a pipe holds */
#define STARTS 21
#define TURNS 5

typedef struct
{
  const char *name;
  void (*write) (guint8 *text, GRand *rand);
} Kind;

/* What else the machine does does not count. */
static gint64
processor_time (void)
{
  struct timespec now;

  clock_gettime (CLOCK_PROCESS_CPUTIME_ID, &now);
  return now.tv_sec * G_GINT64_CONSTANT (1000000000) + now.tv_nsec;
}

static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

static char *values[SECRETS];

static void
make_values (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (1);

  for (guint i = 0; i < SECRETS; i++)
    {
      gint len = g_rand_int_range (rand, 16, 49);
      values[i] = g_malloc0 ((gsize) len + 1);
      for (gint k = 0; k < len; k++)
        values[i][k] = letters[g_rand_int_range (rand, 0, 64)];
    }
}

/* --- Texts --- */

static void
write_words (guint8 *text, GRand *rand, gboolean with_values)
{
  static const char *const words[] = { "return value;\n",
                                       "the ",
                                       "\"name\": ",
                                       "{\n    \"id\": 1234,\n",
                                       "foo_bar (",
                                       "https://example.org/a?b=c ",
                                       "Lorem ipsum dolor sit amet, ",
                                       "0x7fff5694dc58 ",
                                       "it's 100% & more\n",
                                       "2026-11-21T10:00:00Z info: nothing to do\n" };
  gsize at = 0;

  while (at < TEXT)
    {
      const char *word = words[g_rand_int_range (rand, 0, G_N_ELEMENTS (words))];
      if (with_values && g_rand_int_range (rand, 0, 100) == 0)
        word = values[g_rand_int_range (rand, 0, SECRETS)];
      for (; *word != '\0' && at < TEXT; word++)
        text[at++] = (guint8) *word;
    }
}

static void
write_clean (guint8 *text, GRand *rand)
{
  write_words (text, rand, FALSE);
}

static void
write_hits (guint8 *text, GRand *rand)
{
  write_words (text, rand, TRUE);
}

static void
write_binary (guint8 *text, GRand *rand)
{
  for (gsize i = 0; i < TEXT; i += 4)
    memcpy (text + i, &(guint32){ g_rand_int (rand) }, 4);
}

static void
write_base64 (guint8 *text, GRand *rand)
{
  for (gsize i = 0; i < TEXT; i++)
    text[i] = i % 77 == 76 ? '\n' : (guint8) letters[g_rand_int_range (rand, 0, 62)];
}

/* The worst: each character is to be read as another. */
static void
write_escapes (guint8 *text, GRand *rand)
{
  static const char digits[] = "0123456789abcdef";

  for (gsize i = 0; i < TEXT; i++)
    text[i] = (guint8) "\\u00xx"[i % 6];
  for (gsize i = 0; i < TEXT - 6; i += 6)
    {
      text[i + 4] = (guint8) digits[g_rand_int_range (rand, 2, 8)];
      text[i + 5] = (guint8) digits[g_rand_int_range (rand, 0, 16)];
    }
}

static const Kind kinds[] = { { "clean", write_clean },
                              { "hits", write_hits },
                              { "binary", write_binary },
                              { "base64", write_base64 },
                              { "escapes", write_escapes } };

/* --- Ours --- */

static Redactor *
make_redactor (gsize n)
{
  g_autoptr (GError) error = NULL;
  RedactSecret secrets[SECRETS];
  Secret *kept[SECRETS];
  char name[SECRETS][8];
  Redactor *redactor;

  for (gsize i = 0; i < n; i++)
    {
      kept[i] = secret_new_from (values[i], strlen (values[i]), &error);
      g_assert_no_error (error);
      snprintf (name[i], sizeof name[i], "s%zu", i);
      secrets[i] = (RedactSecret){ name[i], kept[i] };
    }
  redactor = redactor_new (secrets, n, &error);
  g_assert_no_error (error);
  for (gsize i = 0; i < n; i++)
    secret_free (kept[i]);
  return redactor;
}

static void
measure_start (gsize n)
{
  BenchTimes times = { 0 };

  for (guint i = 0; i < STARTS; i++)
    {
      gint64 before = processor_time ();
      Redactor *redactor = make_redactor (n);
      bench_times_add (&times, processor_time () - before);
      redactor_free (redactor);
    }
  printf ("start_%zu_us %.1f\n", n, bench_times_at (&times, 0.5));
  g_free (times.values);
}

static gint64
pass_once (Redactor *redactor, const guint8 *text)
{
  g_autoptr (RedactStream) stream = redact_stream_new (redactor);
  g_autoptr (GByteArray) out = g_byte_array_sized_new (2 * PIECE);
  gint64 before = processor_time ();

  for (gsize at = 0; at < TEXT; at += PIECE)
    {
      redact_stream_feed (stream, text + at, PIECE, out);
      g_byte_array_set_size (out, 0);
    }
  redact_stream_end (stream, out);
  return processor_time () - before;
}

static void
measure_pass (Redactor *redactor, const Kind *kind, const guint8 *text)
{
  BenchTimes times = { 0 };

  for (guint i = 0; i < TURNS; i++)
    bench_times_add (&times, pass_once (redactor, text));
  printf ("%s_gb_per_second %.3f\n", kind->name, TEXT / bench_times_at (&times, 0.5) / 1000.0);
  g_free (times.values);
}

/* --- Vectorscan --- */

#ifdef WITH_VECTORSCAN
static hs_database_t *database;
static hs_scratch_t *scratch;
static gsize allocated;

static void *
count (size_t size)
{
  allocated += size;
  return malloc (size);
}

static int
on_match (unsigned id, unsigned long long from, unsigned long long to, unsigned flags,
          void *matches)
{
  (*(gsize *) matches)++;
  return 0;
}

/* Without the ways of writing that are read on the way: percent, JSON, entities, quotes. */
static void
compile (void)
{
  static char *forms[2 * SECRETS * REDACT_N_FORMS];
  size_t lens[G_N_ELEMENTS (forms)];
  unsigned flags[G_N_ELEMENTS (forms)] = { 0 }, ids[G_N_ELEMENTS (forms)] = { 0 };
  hs_compile_error_t *error = NULL;
  guint n = 0;
  gint64 before = processor_time ();

  for (guint i = 0; i < SECRETS; i++)
    for (RedactForm form = 0; form < REDACT_N_FORMS; form++)
      {
        gsize len = strlen (values[i]), form_len = redact_form_len (form, len);
        char *text = g_malloc0 (form_len + 1);
        for (gsize k = 0; k < form_len; k++)
          text[k] = (char) redact_form_at (form, (const guint8 *) values[i], len, k);
        lens[n] = form_len;
        forms[n++] = text;
        /* Both cases as two literals: that compiles faster than one without case. */
        if (form < REDACT_FORM_HEX)
          continue;
        lens[n] = form_len;
        forms[n++] = g_ascii_strup (text, (gssize) form_len);
      }
  for (guint i = 0; i < n; i++)
    ids[i] = i; /* it takes seconds to compile what all has one */
  hs_set_allocator (count, free);
  if (hs_compile_lit_multi ((const char *const *) forms, flags, ids, lens, n, HS_MODE_STREAM, NULL,
                            &database, &error)
          != HS_SUCCESS
      || hs_alloc_scratch (database, &scratch) != HS_SUCCESS)
    g_error ("Vectorscan: %s", error != NULL ? error->message : "no memory");
  printf ("vectorscan_start_%d_us %.1f\nvectorscan_allocated_kib %zu\n", SECRETS,
          (double) (processor_time () - before) / 1000.0, allocated / 1024);
}

static void
measure_vectorscan (const Kind *kind, const guint8 *text)
{
  BenchTimes times = { 0 };
  gsize matches = 0;

  if (database == NULL)
    compile ();
  for (guint i = 0; i < TURNS; i++)
    {
      hs_stream_t *stream;
      gint64 before = processor_time ();
      hs_open_stream (database, 0, &stream);
      for (gsize at = 0; at < TEXT; at += PIECE)
        hs_scan_stream (stream, (const char *) text + at, PIECE, 0, scratch, on_match, &matches);
      hs_close_stream (stream, scratch, on_match, &matches);
      bench_times_add (&times, processor_time () - before);
    }
  printf ("vectorscan_%s_gb_per_second %.3f\n", kind->name,
          TEXT / bench_times_at (&times, 0.5) / 1000.0);
  g_free (times.values);
}
#endif

int
main (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree guint8 *text = g_malloc (TEXT);
  g_autoptr (Redactor) redactor = NULL;
  g_autoptr (GRand) rand = g_rand_new_with_seed (2);

  secret_init (&error);
  g_assert_no_error (error);
  make_values ();
  measure_start (1);
  measure_start (SECRETS);
  redactor = make_redactor (SECRETS);
  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      kinds[i].write (text, rand);
      measure_pass (redactor, &kinds[i], text);
#ifdef WITH_VECTORSCAN
      measure_vectorscan (&kinds[i], text);
#endif
    }
  return 0;
}
