/* SPDX-License-Identifier: MIT
 *
 * Where in a text there is something to look at more closely, a bit for each byte.
 */
#pragma once

#include <glib.h>

#define REDACT_MARKS_SLACK                                                                         \
  64 /* bytes that must be readable after the text; what they are is not used */

typedef struct
{
  guint64 *breaks;   /* ends of lines */
  guint64 *specials; /* bytes that may not stand for themselves: \ ' % & + */
  guint64 *anchors;  /* what each known shape of a credential has, see redact-shape.c */
  gsize n_words, size;
} RedactMarks;

void redact_marks_find (RedactMarks *marks, const guint8 *data, gsize len);
void redact_marks_clear (RedactMarks *marks);

/* The bits of @bits from @from on and before @to, at most 63 of them. */
static inline guint64
redact_marks_between (const guint64 *bits, gsize from, gsize to)
{
  guint64 low = bits[from / 64] >> (from % 64);
  guint64 high = bits[from / 64 + 1] << 1 << (63 - from % 64);

  return (low | high) & (((guint64) 1 << (to - from)) - 1);
}
