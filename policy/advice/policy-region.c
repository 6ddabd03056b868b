/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "policy/advice/policy-differ.h"
#include "policy/policy-words.h"

#define UNASKED (1u << OPERATION_REVOKE_TOKEN)

/* The operations, or a clause: the words of which a part has one, unless it is not cut here. */
typedef struct
{
  const char *clause; /* NULL: the operations */
  GPtrArray *words;
  gboolean whole;    /* its words stay together */
  gboolean sequence; /* they are one value */
} Side;

struct _PolicyRegions
{
  const PolicyRule *rule;
  GArray *sides;    /* of Side */
  GPtrArray *parts; /* of Policy with one rule, made when asked for; NULL until then */
};

static void
side_clear (Side *side)
{
  g_ptr_array_unref (side->words);
}

static guint
choices (const Side *side)
{
  return side->whole ? 1 : side->words->len;
}

static guint64
count (const GArray *sides)
{
  guint64 n = 1;

  for (guint i = 0; i < sides->len; i++)
    n *= choices (&g_array_index (sides, Side, i));
  return n;
}

static void
add_operations (GArray *sides, const PolicyRule *rule)
{
  Side side = { .words = g_ptr_array_new_with_free_func (g_free) };
  guint32 operations = rule->operations != UNASKED ? rule->operations & ~UNASKED : UNASKED;

  for (guint i = 0; i < OPERATION_COUNT; i++)
    if ((operations & (1u << i)) != 0)
      g_ptr_array_add (side.words, g_strdup (operation_name (i)));
  g_array_append_val (sides, side);
}

static void
add_clause (GArray *sides, const PolicyRule *rule, const PolicyClause *clause)
{
  Side side = { .clause = clause->word, .words = g_ptr_array_new_with_free_func (g_free) };

  clause->print (rule, side.words);
  side.sequence = clause->value == POLICY_VALUE_SEQUENCE;
  side.whole = clause->value != POLICY_VALUE_LIST;
  g_array_append_val (sides, side);
}

/* The longest list that is cut, so that one list too many stays together. */
static Side *
longest (GArray *sides)
{
  Side *found = NULL;

  for (guint i = 0; i < sides->len; i++)
    {
      Side *side = &g_array_index (sides, Side, i);
      if (found == NULL || choices (side) > choices (found))
        found = side;
    }
  return found;
}

PolicyRegions *
policy_regions_new (const PolicyRule *rule, guint64 most)
{
  PolicyRegions *regions = g_new0 (PolicyRegions, 1);

  regions->rule = rule;
  regions->sides = g_array_new (FALSE, FALSE, sizeof (Side));
  g_array_set_clear_func (regions->sides, (GDestroyNotify) side_clear);
  add_operations (regions->sides, rule);
  for (gsize i = 0; i < policy_n_clauses; i++)
    if ((rule->clauses & (1u << i)) != 0 && policy_clauses[i].match != NULL)
      add_clause (regions->sides, rule, &policy_clauses[i]);
  while (count (regions->sides) > most)
    longest (regions->sides)->whole = TRUE;
  regions->parts = g_ptr_array_new_with_free_func ((GDestroyNotify) policy_free);
  g_ptr_array_set_size (regions->parts, (int) count (regions->sides));
  return regions;
}

void
policy_regions_free (PolicyRegions *regions)
{
  if (regions == NULL)
    return;
  g_array_unref (regions->sides);
  g_ptr_array_unref (regions->parts);
  g_free (regions);
}

guint
policy_regions_count (const PolicyRegions *regions)
{
  return regions->parts->len;
}

/* --- Words --- */

/* Those of @side's words that @chosen (of guint; NULL: all) names. */
static void
append_side (GString *text, const Side *side, const GArray *chosen)
{
  gboolean all = chosen == NULL || side->whole;
  guint n = all ? side->words->len : chosen->len;
  gboolean braces = n > 1 || side->sequence;

  if (side->clause != NULL)
    g_string_append_printf (text, " %s", side->clause);
  g_string_append (text, braces ? " {" : "");
  for (guint i = 0; i < n; i++)
    {
      const char *word = side->words->pdata[all ? i : g_array_index (chosen, guint, i)];
      g_autofree char *quoted = side->clause != NULL ? policy_quote (word) : g_strdup (word);
      g_string_append_printf (text, " %s", quoted);
    }
  g_string_append (text, braces ? " }" : "");
}

/* A rule that was taken apart and put together is a rule. */
static Policy *
parse (const GString *text)
{
  PolicySource source = { "region", text->str, text->len };
  g_autoptr (GError) error = NULL;
  Policy *policy = policy_parse (&source, 1, &error);

  if (policy == NULL)
    g_error ("%s", error->message);
  return policy;
}

/* The word of each side that the part @i has. */
static void
unfold (const PolicyRegions *regions, guint i, guint *words)
{
  for (guint side = 0; side < regions->sides->len; side++)
    {
      guint n = choices (&g_array_index (regions->sides, Side, side));
      words[side] = i % n;
      i /= n;
    }
}

const PolicyRule *
policy_regions_nth (PolicyRegions *regions, guint i)
{
  if (regions->parts->pdata[i] == NULL)
    {
      g_autoptr (GString) text = g_string_new (policy_verdict_name (regions->rule->verdict));
      g_autofree guint *words = g_new (guint, regions->sides->len);
      g_string_append_c (text, ' ');
      unfold (regions, i, words);
      for (guint side = 0; side < regions->sides->len; side++)
        {
          g_autoptr (GArray) one = g_array_new (FALSE, FALSE, sizeof (guint));
          g_array_append_val (one, words[side]);
          append_side (text, &g_array_index (regions->sides, Side, side), one);
        }
      regions->parts->pdata[i] = parse (text);
    }
  return policy_rule (regions->parts->pdata[i], 0);
}

/* --- Putting parts together --- */

/* Several parts: of each side the words that they have. */
typedef struct
{
  guint n;
  GArray *words[]; /* of guint */
} Block;

static void
block_free (Block *block)
{
  for (guint i = 0; i < block->n; i++)
    g_array_unref (block->words[i]);
  g_free (block);
}

static Block *
block_new (const PolicyRegions *regions, guint part)
{
  guint n = regions->sides->len;
  Block *block = g_malloc0 (sizeof *block + n * sizeof block->words[0]);
  g_autofree guint *words = g_new (guint, n);

  block->n = n;
  unfold (regions, part, words);
  for (guint i = 0; i < n; i++)
    {
      block->words[i] = g_array_new (FALSE, FALSE, sizeof (guint));
      g_array_append_val (block->words[i], words[i]);
    }
  return block;
}

/* What @block has of all sides but one. */
static char *
all_but (const Block *block, guint side)
{
  GString *key = g_string_new (NULL);

  for (guint i = 0; i < block->n; i++)
    for (guint j = 0; i != side && j < block->words[i]->len; j++)
      g_string_append_printf (key, "%s%u", j == 0 ? "|" : " ",
                              g_array_index (block->words[i], guint, j));
  return g_string_free (key, FALSE);
}

/* Blocks that differ in @side alone become one. */
static GPtrArray *
join_along (GPtrArray *taken, guint side)
{
  g_autoptr (GPtrArray) blocks = taken;
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  GPtrArray *joined = g_ptr_array_new_with_free_func ((GDestroyNotify) block_free);

  g_ptr_array_set_free_func (blocks, NULL);
  for (guint i = 0; i < blocks->len; i++)
    {
      Block *block = blocks->pdata[i], *first;
      char *key = all_but (block, side);
      first = g_hash_table_lookup (seen, key);
      if (first == NULL)
        {
          g_hash_table_insert (seen, key, block);
          g_ptr_array_add (joined, block);
          continue;
        }
      g_free (key);
      g_array_append_vals (first->words[side], block->words[side]->data, block->words[side]->len);
      block_free (block);
    }
  return joined;
}

/* "any" where a rule about any says it of every operation. */
static char *
words_of (const PolicyRegions *regions, const Block *block)
{
  g_autoptr (GString) text = g_string_new ("deny ");

  for (guint i = 0; i < block->n; i++)
    {
      const Side *side = &g_array_index (regions->sides, Side, i);
      gboolean all = block->words[i]->len == side->words->len || side->whole;
      if (i == 0 && regions->rule->any && all)
        g_string_append (text, "any");
      else
        append_side (text, side, block->words[i]);
    }
  g_autoptr (Policy) policy = parse (text);
  g_autofree char *rule = policy_rule_text (policy, 0);
  return g_strdup (rule + strlen ("deny "));
}

GPtrArray *
policy_regions_words (const PolicyRegions *regions, const GArray *chosen)
{
  GPtrArray *blocks = g_ptr_array_new_with_free_func ((GDestroyNotify) block_free);
  GPtrArray *words = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < chosen->len; i++)
    g_ptr_array_add (blocks, block_new (regions, g_array_index (chosen, guint, i)));
  for (guint side = 0; side < regions->sides->len; side++)
    blocks = join_along (blocks, side);
  for (guint i = 0; i < blocks->len; i++)
    g_ptr_array_add (words, words_of (regions, blocks->pdata[i]));
  g_ptr_array_unref (blocks);
  return words;
}
