/* SPDX-License-Identifier: MIT
 *
 * A text, read as it is or as one of the ways to write any character so that it survives being
 * quoted. Reading begins anywhere: what is read from a place depends on nothing before it.
 */
#pragma once

#include <glib.h>

typedef struct
{
  const guint8 *data;
  gsize len;
  gboolean ended;         /* nothing comes after @len */
  gboolean plus_is_space; /* in a percent-encoded form */
} RedactText;

typedef enum
{
  REDACT_READ_PLAIN,
  REDACT_READ_ESCAPES,  /* JSON, C, shell: \" \n \x41 \101 \u0041 */
  REDACT_READ_QUOTES,   /* ' within single quotes: '\'' or '"'"' in a shell, '' in SQL and YAML */
  REDACT_READ_PERCENT,  /* RFC 3986 section 2.1 */
  REDACT_READ_ENTITIES, /* &amp; &#38; &#x26; */
  REDACT_N_READINGS
} RedactReading;

typedef struct
{
  guint8 bytes[4];
  guint8 n;   /* how many it stands for: none for a backslash before the end of a line */
  guint8 len; /* how many it takes in the text */
} RedactUnit;

/* Which readings may see something else than is there, a bit each. */
static inline guint
redact_read_introduced (guint8 byte)
{
  static const guint8 readings[256] = { ['\\'] = 1U << REDACT_READ_ESCAPES,
                                        ['\''] = 1U << REDACT_READ_QUOTES,
                                        ['%'] = 1U << REDACT_READ_PERCENT,
                                        ['+'] = 1U << REDACT_READ_PERCENT,
                                        ['&'] = 1U << REDACT_READ_ENTITIES };

  return readings[byte];
}

/* FALSE when the text is cut inside. At a place before its end. */
gboolean redact_read (const RedactText *text, RedactReading reading, gsize at, RedactUnit *unit);
