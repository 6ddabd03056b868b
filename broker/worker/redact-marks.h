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

/* Whether no byte from @from on and before @to is special or ends a line. At most 64 bytes. */
static inline gboolean
redact_marks_none (const RedactMarks *marks, gsize from, gsize to)
{
  gsize word = from / 64;
  guint64 bits = (marks->specials[word] | marks->breaks[word]) >> (from % 64);

  if (from % 64 != 0)
    bits |= (marks->specials[word + 1] | marks->breaks[word + 1]) << (64 - from % 64);
  return to - from >= 64 ? bits == 0 : (bits & (((guint64) 1 << (to - from)) - 1)) == 0;
}
