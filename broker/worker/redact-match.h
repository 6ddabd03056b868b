/* SPDX-License-Identifier: MIT
 *
 * Whether a text holds a form of a value at one place, in one reading.
 */
#pragma once

#include "broker/worker/redact-form.h"
#include "broker/worker/redact-read.h"

/* What is looked for: a value, a line of one, or a piece of a long one. */
typedef struct
{
  const guint8 *value; /* in locked memory */
  gsize len;
  guint name;     /* whose */
  guint32 forms;  /* a bit each */
  gboolean piece; /* of a long value: goes on from the one before it */
} RedactNeedle;

typedef enum
{
  REDACT_MATCH_NONE,
  REDACT_MATCH_FULL,
  REDACT_MATCH_CUT /* the text ends before the form does */
} RedactMatch;

typedef struct
{
  gsize start, end; /* in the text; after NONE @end is where they differ */
  gsize matched;    /* how many characters of the form */
} RedactFound;

/* From character @from of the form on. Inside, the form may be broken into lines, indented. */
RedactMatch redact_match (const RedactText *text, RedactReading reading, gsize at,
                          const RedactNeedle *needle, RedactForm form, gsize from,
                          RedactFound *found);
