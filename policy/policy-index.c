/* SPDX-License-Identifier: MIT */
#include "policy/policy-index.h"

#include <string.h>

#define ROWS 256

/* FNV-1a. Whoever writes a policy can make hashes collide: then it is slower, never wrong. */
#define HASH_START 0x811c9dc5u
#define HASH_STEP(hash, byte) (((hash) ^ (guint8) (byte)) * 0x01000193u)

static guint64 *
row (const PolicyIndex *index, const PolicyFilter *filter, guint32 hash)
{
  return filter->rows + (hash ^ hash >> 16) % ROWS * index->words;
}

static void
set_bit (guint64 *bits, gsize i)
{
  bits[i / 64] |= G_GUINT64_CONSTANT (1) << (i % 64);
}

/* A pattern without wildcards is filed whole, another under its folder: the part up to the last
 * slash in front of its first wildcard. */
static void
file_pattern (const PolicyIndex *index, PolicyFilter *filter, const PolicyPattern *pattern, gsize i)
{
  gsize len = pattern->literal;
  if (len < pattern->len)
    while (len > 0 && pattern->text[len - 1] != '/')
      len--;
  if (len == 0)
    {
      set_bit (filter->always, i);
      return;
    }
  guint32 hash = HASH_START;
  for (gsize at = 0; at < len; at++)
    hash = HASH_STEP (hash, pattern->text[at]);
  set_bit (row (index, filter, hash), i);
}

static void
file_rule (const PolicyIndex *index, PolicyFilter *filter, const GArray *patterns, gsize i)
{
  if (patterns == NULL)
    set_bit (filter->always, i);
  for (guint n = 0; patterns != NULL && n < patterns->len; n++)
    file_pattern (index, filter, &g_array_index (patterns, PolicyPattern, n), i);
}

static void
filter_init (const PolicyIndex *index, PolicyFilter *filter)
{
  filter->always = g_new0 (guint64, index->words);
  filter->rows = g_new0 (guint64, index->words * ROWS);
}

static void
filter_clear (PolicyFilter *filter)
{
  g_clear_pointer (&filter->always, g_free);
  g_clear_pointer (&filter->rows, g_free);
}

static gboolean
has_commands (const PolicyRule *rules, gsize n_rules)
{
  for (gsize i = 0; i < n_rules; i++)
    if (rules[i].command != NULL)
      return TRUE;
  return FALSE;
}

static void
file_commands (PolicyIndex *index, const PolicyRule *rules, gsize n_rules)
{
  filter_init (index, &index->command);
  for (gsize i = 0; i < n_rules; i++)
    if (rules[i].command == NULL)
      set_bit (index->command.always, i);
    else
      file_pattern (index, &index->command, &g_array_index (rules[i].command, PolicyPattern, 0), i);
}

void
policy_index_init (PolicyIndex *index, const PolicyRule *rules, gsize n_rules)
{
  index->words = n_rules / 64 + 1;
  for (guint op = 0; op < OPERATION_COUNT; op++)
    index->operations[op] = g_new0 (guint64, index->words);
  filter_init (index, &index->of);
  filter_init (index, &index->from);
  if (has_commands (rules, n_rules))
    file_commands (index, rules, n_rules);

  for (gsize i = 0; i < n_rules; i++)
    {
      for (guint op = 0; op < OPERATION_COUNT; op++)
        if ((rules[i].operations & (1u << op)) != 0)
          set_bit (index->operations[op], i);
      file_rule (index, &index->of, rules[i].of, i);
      file_rule (index, &index->from, rules[i].from, i);
    }
}

void
policy_index_clear (PolicyIndex *index)
{
  for (guint op = 0; op < OPERATION_COUNT; op++)
    g_clear_pointer (&index->operations[op], g_free);
  filter_clear (&index->of);
  filter_clear (&index->from);
  filter_clear (&index->command);
}

/* The rows for @text: of each folder above it, and of itself. */
static void
find_rows (const PolicyIndex *index, const PolicyFilter *filter, const char *text,
           PolicyRows *found)
{
  guint32 hash = HASH_START;
  found->n = 0;
  found->rows[found->n++] = filter->always;
  for (; *text != '\0'; text++)
    {
      hash = HASH_STEP (hash, *text);
      if (*text != '/')
        continue;
      if (found->n == POLICY_INDEX_DEPTH) /* room for itself only: let all through */
        {
          found->n = 0;
          return;
        }
      found->rows[found->n++] = row (index, filter, hash);
    }
  found->rows[found->n++] = row (index, filter, hash);
}

void
policy_index_look_up (const PolicyIndex *index, const PolicyQuery *query, PolicyLookup *lookup)
{
  lookup->operation = index->operations[query->operation];
  /* No resource: no "of" matches, only rules without it. An unknown executable: any "from"
   * may. A command that is not known, or that no rule is about: nothing to tell them by. */
  if (query->resource != NULL)
    find_rows (index, &index->of, query->resource, &lookup->of);
  else
    lookup->of = (PolicyRows){ 1, { index->of.always } };
  lookup->from.n = 0;
  if (query->exe != NULL)
    find_rows (index, &index->from, query->exe, &lookup->from);
  lookup->command.n = 0;
  if (index->command.always != NULL && query->command != NULL && query->command[0] != NULL)
    find_rows (index, &index->command, query->command[0], &lookup->command);
}

static guint64
word_of (const PolicyRows *rows, gsize word)
{
  guint64 bits = rows->n == 0 ? G_MAXUINT64 : 0;
  for (gsize i = 0; i < rows->n; i++)
    bits |= rows->rows[i][word];
  return bits;
}

guint64
policy_lookup_word (const PolicyLookup *lookup, gsize word)
{
  guint64 bits = lookup->operation[word];
  if (bits != 0)
    bits &= word_of (&lookup->of, word);
  if (bits != 0)
    bits &= word_of (&lookup->from, word);
  if (bits != 0 && lookup->command.n > 0)
    bits &= word_of (&lookup->command, word);
  return bits;
}
