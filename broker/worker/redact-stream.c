/* SPDX-License-Identifier: MIT
 *
 * MUST
 *  - show nothing of which it is not certain that no value begins there
 *  - wipe what it held: it may have values in it
 */
#include "broker/worker/redact-private.h"
#include "broker/worker/redact-scan.h"

#include <openssl/crypto.h>
#include <string.h>

#define BLOCK (16 * 1024) /* stays in the processor's cache while it is looked at several times */

struct _RedactStream
{
  Redactor *redactor;
  RedactScan scan;
  guint8 *held; /* one byte that was shown, then what was not */
  gsize size, len;
  gsize covered;     /* up to here a mark stands for what is held, or was */
  guint covered_for; /* its name */
};

RedactStream *
redact_stream_new_full (Redactor *redactor, gboolean edges)
{
  RedactStream *stream = g_new0 (RedactStream, 1);

  stream->redactor = redactor;
  stream->covered_for = G_MAXUINT;
  stream->scan.index = &redactor->index;
  stream->scan.words = (const RedactNeedle *) (gpointer) redactor->needles.words->data;
  stream->scan.n_words = redactor->needles.words->len;
  stream->scan.first_shape = redactor->first_shape;
  stream->scan.edges = stream->scan.begins = edges;
  stream->scan.text.plus_is_space = redactor->has_space;
  stream->scan.hits = g_array_new (FALSE, FALSE, sizeof (RedactHit));
  return stream;
}

RedactStream *
redact_stream_new (Redactor *redactor)
{
  return redact_stream_new_full (redactor, TRUE);
}

void
redact_stream_free (RedactStream *stream)
{
  if (stream == NULL)
    return;
  OPENSSL_cleanse (stream->held, stream->size);
  g_free (stream->held);
  redact_scan_clear (&stream->scan);
  g_free (stream);
}

/* Which mark is put: for what begins first, then for the longest, then for the first that was
 * asked for; known shapes come last. */
static int
compare (gconstpointer a, gconstpointer b)
{
  const RedactHit *left = a, *right = b;

  if (left->start != right->start)
    return left->start < right->start ? -1 : 1;
  if (left->end != right->end)
    return left->end > right->end ? -1 : 1;
  return (left->name > right->name) - (left->name < right->name);
}

static void
mark (RedactStream *stream, guint name, GByteArray *out)
{
  const char *text = stream->redactor->names->pdata[name];

  g_byte_array_append (out, (const guint8 *) "[redacted:", 10);
  g_byte_array_append (out, (const guint8 *) text, (guint) strlen (text));
  g_byte_array_append (out, (const guint8 *) "]", 1);
  stream->redactor->counts[name]++;
  stream->covered_for = name;
}

/* What is held from @at on, before @end, and not covered. Returns @end. */
static gsize
show (RedactStream *stream, gsize at, gsize end, GByteArray *out)
{
  at = MAX (at, stream->covered);
  if (at < end)
    g_byte_array_append (out, stream->held + at, (guint) (end - at));
  return end;
}

/* What overlaps is one. */
static void
show_certain (RedactStream *stream, GByteArray *out)
{
  const RedactScan *scan = &stream->scan;
  gsize at = scan->from;

  g_array_sort (scan->hits, compare);
  for (guint i = 0; i < scan->hits->len; i++)
    {
      const RedactHit *hit = &g_array_index (scan->hits, RedactHit, i);
      if (hit->start >= scan->hold)
        break;
      if (hit->start > stream->covered || (hit->start == stream->covered && !hit->piece)
          || (hit->start == stream->covered && hit->name != stream->covered_for))
        {
          at = show (stream, at, hit->start, out);
          mark (stream, hit->name, out);
        }
      stream->covered = MAX (stream->covered, hit->end);
    }
  show (stream, at, scan->hold, out);
}

/* All but its last byte. */
static void
forget_shown (RedactStream *stream)
{
  RedactScan *scan = &stream->scan;
  gsize gone = scan->hold > 0 ? scan->hold - 1 : 0;

  scan->begins = scan->begins && scan->hold == 0;
  stream->len -= gone;
  memmove (stream->held, stream->held + gone, stream->len);
  scan->from = scan->hold - gone;
  /* What ended further back can no longer be gone on from. */
  stream->covered = stream->covered >= gone ? stream->covered - gone : 0;
}

static void
look (RedactStream *stream, GByteArray *out)
{
  stream->scan.text.data = stream->held;
  stream->scan.text.len = stream->len;
  redact_scan (&stream->scan);
  show_certain (stream, out);
  forget_shown (stream);
}

static void
hold (RedactStream *stream, const guint8 *data, gsize len)
{
  gsize needed = stream->len + len + REDACT_MARKS_SLACK;

  if (needed > stream->size)
    {
      gsize size = MAX (needed, 2 * stream->size);
      guint8 *larger = g_malloc0 (size);
      if (stream->len > 0)
        memcpy (larger, stream->held, stream->len);
      OPENSSL_cleanse (stream->held, stream->size);
      g_free (stream->held);
      stream->held = larger;
      stream->size = size;
    }
  memcpy (stream->held + stream->len, data, len);
  stream->len += len;
}

void
redact_stream_feed (RedactStream *stream, const void *data, gsize len, GByteArray *out)
{
  const guint8 *at = data;

  while (len > 0)
    {
      gsize n = MIN (len, BLOCK);
      hold (stream, at, n);
      look (stream, out);
      at += n;
      len -= n;
    }
}

void
redact_stream_end (RedactStream *stream, GByteArray *out)
{
  stream->scan.text.ended = TRUE;
  if (stream->len > stream->scan.from)
    look (stream, out);
}
