/* SPDX-License-Identifier: MIT
 *
 * Finds all that is to be replaced in a piece of text, and how far that is certain.
 */
#pragma once

#include "broker/worker/redact-index.h"
#include "broker/worker/redact-marks.h"

/* What is replaced. */
typedef struct
{
  gsize start, end;
  guint name;
  gboolean piece; /* see RedactNeedle */
} RedactHit;

typedef struct
{
  const RedactIndex *index;
  const RedactNeedle *words; /* too short to be looked for but as words of their own */
  guint n_words;
  guint first_shape; /* the name of the first shape */

  RedactText text; /* REDACT_MARKS_SLACK readable bytes follow it */
  gsize
      from; /* what starts before is none of ours; one byte before it says whether a word begins */
  gboolean edges;  /* the text is all of a stream: what it cuts counts if long enough */
  gboolean begins; /* ... and this is its first byte */

  /* Out. Starts before @hold are certain, but for @begins: then nothing may be shown yet. */
  GArray *hits; /* of RedactHit */
  gsize hold;
  RedactMarks marks;
} RedactScan;

void redact_scan (RedactScan *scan);
void redact_scan_clear (RedactScan *scan);

/* For its parts. */
void redact_scan_hold (RedactScan *scan, gsize at);
void redact_scan_hit (RedactScan *scan, gsize start, gsize end, const RedactNeedle *needle);
/* A pattern, at a start. */
void redact_scan_try (RedactScan *scan, RedactReading reading, guint pattern, gsize start);
/* What is written otherwise than it reads, and lines that are broken. redact-bend.c */
void redact_scan_bends (RedactScan *scan);
/* Values that began in another stream. redact-edge.c */
void redact_scan_beginning (RedactScan *scan);
/* How many characters of a form of @total make it that form, where a stream cuts it. */
gsize redact_scan_enough (gsize total);
