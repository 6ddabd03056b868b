/* SPDX-License-Identifier: MIT
 *
 * Finds out fast that nothing is there. Of the first characters of each form of each needle, every
 * four that stand together are known (in either case), so that a text need only be looked at every
 * few bytes; what is looked up there is nearly always unknown.
 */
#pragma once

#include "broker/base/secret.h"
#include "broker/worker/redact-match.h"

#include <string.h>

#define REDACT_SHORTEST 6 /* of a needle */
#define REDACT_STEP_MAX 8

/* A form of a needle. */
typedef struct
{
  guint32 needle;
  guint8 form;
} RedactPattern;

typedef struct
{
  guint32 four;
  guint32 pattern : 20, offset : 4; /* @four begins at character @offset of the form */
  guint32 beside : 8;               /* the character before it, at the beginning the one after it */
} RedactEntry;

typedef struct
{
  const RedactNeedle *needles;
  RedactPattern *patterns;
  guint n_needles, n_patterns;
  guint step; /* how far apart a text is looked at; 0 without needles */
  guint bits_shift, slots_shift;
  /* In locked memory: who has them has the values. */
  Secret *bits, *slots, *entries, *beginnings, *pairs;
  const guint8 *known;      /* @bits */
  const guint8 *known_pair; /* @pairs */
} RedactIndex;

/* @needles outlive it; each is at least REDACT_SHORTEST long. */
gboolean redact_index_init (RedactIndex *index, const RedactNeedle *needles, guint n,
                            GError **error);
void redact_index_clear (RedactIndex *index);

/* Every start of a form is followed by this many characters, one of whose fours is looked at. */
static inline guint
redact_index_window (const RedactIndex *index)
{
  return index->step + 3;
}

static inline guint32
redact_four (const guint8 *at)
{
  guint32 four;

  memcpy (&four, at, sizeof four);
  return four | 0x20202020U;
}

/* As redact_four() of them one after another, without a way through memory. */
static inline guint32
redact_four_of (guint32 a, guint32 b, guint32 c, guint32 d)
{
  guint32 four = a | b << 8 | c << 16 | d << 24;

  return GUINT32_TO_LE (four) | 0x20202020U;
}

static inline guint32
redact_hash (guint32 four, guint shift)
{
  return four * 0x9e3779b1U >> shift;
}

/* FALSE: it is in no beginning of a form. */
static inline gboolean
redact_index_knows (const RedactIndex *index, guint32 four)
{
  guint32 bit = redact_hash (four, index->bits_shift);

  return index->known[bit >> 3] >> (bit & 7) & 1;
}

/* FALSE: no beginning of a form has these two characters next to each other. */
static inline gboolean
redact_index_knows_pair (const RedactIndex *index, guint8 first, guint8 second)
{
  guint32 pair = ((guint32) first << 8 | second) & ~0x2020U;

  return index->known_pair[pair >> 3] >> (pair & 7) & 1;
}

static inline gboolean
redact_entry_is (const RedactEntry *entry, guint32 four, const guint8 *at)
{
  return entry->four == four
         && entry->beside == (guint32) ((entry->offset > 0 ? at[-1] : at[4]) | 0x20);
}

/* Those that may have it; the caller compares. */
const RedactEntry *redact_index_find (const RedactIndex *index, guint32 four, guint *n);
/* Whether a form may begin with these one to three characters; there are false yeses. */
gboolean redact_index_begins (const RedactIndex *index, const guint8 *chars, guint n);
