/* SPDX-License-Identifier: MIT */
#include "policy/policy-filter.h"

#include <string.h>

/* The rules under one hash: few of them as a list, many as bits. */
struct _PolicySlot
{
  guint32 hash;
  guint16 n;      /* 0: an empty slot */
  guint16 *rules; /* NULL: they are bits */
  guint64 *bits;
};

static void
set_bit (guint64 *bits, gsize i)
{
  bits[i / 64] |= G_GUINT64_CONSTANT (1) << (i % 64);
}

void
policy_filter_init (PolicyFilter *filter, gsize words)
{
  filter->words = words;
  filter->always = g_new0 (guint64, words);
  filter->filing = g_hash_table_new_full (NULL, NULL, NULL, (GDestroyNotify) g_array_unref);
}

void
policy_filter_clear (PolicyFilter *filter)
{
  for (gsize i = 0; filter->slots != NULL && i < (gsize) 1 << (32 - filter->shift); i++)
    {
      g_free (filter->slots[i].rules);
      g_free (filter->slots[i].bits);
    }
  g_clear_pointer (&filter->slots, g_free);
  g_clear_pointer (&filter->filing, g_hash_table_unref);
  g_clear_pointer (&filter->always, g_free);
}

void
policy_filter_always (PolicyFilter *filter, gsize rule)
{
  set_bit (filter->always, rule);
}

void
policy_filter_file (PolicyFilter *filter, guint32 hash, gsize rule)
{
  guint16 number = (guint16) rule;
  GArray *rules = g_hash_table_lookup (filter->filing, GUINT_TO_POINTER (hash));
  if (rules == NULL)
    {
      rules = g_array_new (FALSE, FALSE, sizeof (guint16));
      g_hash_table_insert (filter->filing, GUINT_TO_POINTER (hash), rules);
    }
  if (rules->len == 0 || g_array_index (rules, guint16, rules->len - 1) != number)
    g_array_append_val (rules, number);
}

/* Where @hash is, or would be. */
static PolicySlot *
slot_of (const PolicyFilter *filter, guint32 hash)
{
  guint32 last = (guint32) (((gsize) 1 << (32 - filter->shift)) - 1);
  guint32 at = (hash * 0x9e3779b1u) >> filter->shift;
  while (filter->slots[at].n != 0 && filter->slots[at].hash != hash)
    at = (at + 1) & last;
  return &filter->slots[at];
}

static void
fill (const PolicyFilter *filter, guint32 hash, const GArray *rules)
{
  PolicySlot *slot = slot_of (filter, hash);
  slot->hash = hash;
  slot->n = (guint16) rules->len;
  if (rules->len <= filter->words)
    {
      slot->rules = g_memdup2 (rules->data, rules->len * sizeof (guint16));
      return;
    }
  slot->bits = g_new0 (guint64, filter->words);
  for (guint i = 0; i < rules->len; i++)
    set_bit (slot->bits, g_array_index (rules, guint16, i));
}

void
policy_filter_finish (PolicyFilter *filter)
{
  GHashTableIter iter;
  gpointer hash, rules;
  guint bits = 1;
  while ((gsize) 1 << bits < 2 * (gsize) g_hash_table_size (filter->filing) + 2)
    bits++;
  filter->shift = 32 - bits;
  filter->slots = g_new0 (PolicySlot, (gsize) 1 << bits);
  g_hash_table_iter_init (&iter, filter->filing);
  while (g_hash_table_iter_next (&iter, &hash, &rules))
    fill (filter, GPOINTER_TO_UINT (hash), rules);
  g_clear_pointer (&filter->filing, g_hash_table_unref);
}

void
policy_filter_find (const PolicyFilter *filter, guint32 hash, guint64 *hits)
{
  const PolicySlot *slot = slot_of (filter, hash);
  if (slot->bits != NULL)
    for (gsize word = 0; word < filter->words; word++)
      hits[word] |= slot->bits[word];
  else
    for (guint i = 0; i < slot->n; i++)
      set_bit (hits, slot->rules[i]);
}
