/* SPDX-License-Identifier: MIT
 *
 * What other programs make of a value: written again here, from other parts than what undoes it.
 */
#pragma once

#include "broker/worker/redact.h"

/* @variant, from 0 up to one below @variants, is what else there is to choose: alignments, widths
 * of lines, which characters are escaped. */
typedef struct
{
  const char *sentence;
  void (*write) (GString *out, const char *value, gsize len, guint variant);
  guint variants;
} RedactEncoding;

extern const RedactEncoding redact_encodings[];
extern const gsize redact_n_encodings;

/* Without what surrounds it. */
GString *redact_encode (const RedactEncoding *encoding, const char *value, gsize len,
                        guint variant);

/* A redactor for these, named "a", "b", "c"…; makes the pool. */
Redactor *redact_case_new (const char *const *values, gsize n);
/* What comes of @text in pieces of @size bytes; @size 0: in one. */
GByteArray *redact_case_run (Redactor *redactor, const guint8 *text, gsize len, gsize size);
