/* SPDX-License-Identifier: MIT */
#include "broker/worker/redact-index.h"

#define BITS_LEAST 12
#define BITS_MOST 20
#define SLOTS_LEAST 8
#define SLOTS_MOST 16
#define BEGINNINGS_BITS 16
#define PAIRS_LEN (65536 / 8)
#define BEGINNINGS_LEN (3 * (1U << BEGINNINGS_BITS) / 8)

/* What is done with each entry: first they are counted, then put in their places. */
typedef void (*EntryFunc) (RedactIndex *index, const RedactEntry *entry);

static void
add_patterns (RedactIndex *index)
{
  gsize shortest = G_MAXSIZE;

  index->patterns = g_new (RedactPattern, (gsize) index->n_needles * REDACT_N_FORMS);
  for (guint i = 0; i < index->n_needles; i++)
    for (RedactForm form = 0; form < REDACT_N_FORMS; form++)
      {
        if ((index->needles[i].forms & 1U << form) == 0)
          continue;
        shortest = MIN (shortest, redact_form_len (form, index->needles[i].len));
        index->patterns[index->n_patterns++] = (RedactPattern){ i, (guint8) form };
      }
  index->step = (guint) MIN (shortest - 3, REDACT_STEP_MAX);
}

/* @other: as the form may be written too; FALSE when that is no different. */
static gboolean
entry_at (const RedactIndex *index, guint pattern, guint offset, gboolean other, RedactEntry *entry)
{
  RedactForm form = index->patterns[pattern].form;
  const RedactNeedle *needle = &index->needles[index->patterns[pattern].needle];
  guint from = offset > 0 ? offset - 1 : 0;
  guint8 chars[5];
  gboolean differs = FALSE;

  for (guint i = 0; i < sizeof chars; i++)
    {
      guint8 c = redact_form_at (form, needle->value, needle->len, from + i);
      chars[i] = other ? redact_form_other (form, c) : c;
      differs = differs || chars[i] != c;
    }
  entry->pattern = pattern & 0xfffff;
  entry->offset = offset & 15;
  entry->four = redact_four (chars + (offset > 0 ? 1 : 0));
  entry->beside = chars[offset > 0 ? 0 : 4] | 0x20;
  return !other || differs;
}

static void
each_entry (RedactIndex *index, EntryFunc func)
{
  RedactEntry entry;

  for (guint pattern = 0; pattern < index->n_patterns; pattern++)
    for (guint offset = 0; offset < index->step; offset++)
      {
        entry_at (index, pattern, offset, FALSE, &entry);
        func (index, &entry);
        if (entry_at (index, pattern, offset, TRUE, &entry))
          func (index, &entry);
      }
}

static guint32 *
slots_of (RedactIndex *index)
{
  return (guint32 *) (gpointer) secret_data (index->slots);
}

static guint32
beginning_bit (const guint8 *chars, guint n)
{
  guint32 packed = 0;

  for (guint i = 0; i < n; i++)
    packed = packed << 8 | chars[i] | 0x20;
  return ((n - 1) << BEGINNINGS_BITS) + redact_hash (packed, 32 - BEGINNINGS_BITS);
}

static void
count_entry (RedactIndex *index, const RedactEntry *entry)
{
  guint32 four = entry->four, bit = redact_hash (four, index->bits_shift);
  guint8 chars[4];

  secret_data (index->bits)[bit >> 3] |= (guint8) (1U << (bit & 7));
  slots_of (index)[redact_hash (four, index->slots_shift) + 1]++;
  memcpy (chars, &four, sizeof chars);
  for (guint i = 0; i + 1 < sizeof chars; i++)
    {
      guint32 pair = ((guint32) chars[i] << 8 | chars[i + 1]) & ~0x2020U;
      secret_data (index->pairs)[pair >> 3] |= (guint8) (1U << (pair & 7));
    }
  for (guint n = 1; entry->offset == 0 && n < 4; n++)
    {
      bit = beginning_bit (chars, n);
      secret_data (index->beginnings)[bit >> 3] |= (guint8) (1U << (bit & 7));
    }
}

/* Each slot's number is where its next entry goes; afterwards, where its entries end. */
static void
place_entry (RedactIndex *index, const RedactEntry *entry)
{
  RedactEntry *entries = (RedactEntry *) (gpointer) secret_data (index->entries);
  guint32 *slot = &slots_of (index)[redact_hash (entry->four, index->slots_shift)];

  entries[(*slot)++] = *entry;
}

static guint
log2_of (gsize n, guint least, guint most)
{
  guint log = least;

  while (log < most && ((gsize) 1 << log) < n)
    log++;
  return log;
}

static gboolean
allocate (RedactIndex *index, GError **error)
{
  gsize about = (gsize) index->n_patterns * index->step;
  guint bits = log2_of (about * 64, BITS_LEAST, BITS_MOST);
  guint slots = log2_of (about, SLOTS_LEAST, SLOTS_MOST);

  index->bits_shift = 32 - bits;
  index->slots_shift = 32 - slots;
  index->bits = secret_new ((gsize) 1 << (bits - 3), error);
  index->slots = index->bits != NULL ? secret_new ((((gsize) 1 << slots) + 1) * 4, error) : NULL;
  index->beginnings = index->slots != NULL ? secret_new (BEGINNINGS_LEN, error) : NULL;
  index->pairs = index->beginnings != NULL ? secret_new (PAIRS_LEN, error) : NULL;
  return index->pairs != NULL;
}

gboolean
redact_index_init (RedactIndex *index, const RedactNeedle *needles, guint n, GError **error)
{
  guint32 *slots;
  gsize n_slots;

  index->needles = needles;
  index->n_needles = n;
  if (n == 0)
    return TRUE;
  add_patterns (index);
  if (!allocate (index, error))
    return FALSE;
  each_entry (index, count_entry);
  slots = slots_of (index);
  n_slots = (gsize) 1 << (32 - index->slots_shift);
  for (gsize i = 1; i <= n_slots; i++)
    slots[i] += slots[i - 1];
  index->entries = secret_new (slots[n_slots] * sizeof (RedactEntry), error);
  if (index->entries == NULL)
    return FALSE;
  each_entry (index, place_entry);
  index->known = secret_peek (index->bits);
  index->known_pair = secret_peek (index->pairs);
  return TRUE;
}

void
redact_index_clear (RedactIndex *index)
{
  secret_free (index->bits);
  secret_free (index->slots);
  secret_free (index->entries);
  secret_free (index->beginnings);
  secret_free (index->pairs);
  g_free (index->patterns);
}

const RedactEntry *
redact_index_find (const RedactIndex *index, guint32 four, guint *n)
{
  const guint32 *slots = (const guint32 *) (gconstpointer) secret_peek (index->slots);
  const RedactEntry *entries = (const RedactEntry *) (gconstpointer) secret_peek (index->entries);
  guint32 slot = redact_hash (four, index->slots_shift);
  guint32 from = slot > 0 ? slots[slot - 1] : 0;

  *n = slots[slot] - from;
  return entries + from;
}

gboolean
redact_index_begins (const RedactIndex *index, const guint8 *chars, guint n)
{
  guint32 bit = beginning_bit (chars, n);

  return secret_peek (index->beginnings)[bit >> 3] >> (bit & 7) & 1;
}
