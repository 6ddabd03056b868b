/* SPDX-License-Identifier: MIT */
#include "policy/advice/policy-spot.h"

#include <string.h>

#include "policy/policy-lex.h"

typedef struct
{
  PolicyTokenKind kind;
  char *text; /* NULL when it is no word */
  guint line, column, end;
} Word;

typedef struct
{
  const char *name;
  GArray *words; /* of Word, in the order of the text */
} Text;

struct _PolicySpots
{
  GArray *texts; /* of Text */
};

static void
word_clear (Word *word)
{
  g_free (word->text);
}

static void
text_clear (Text *text)
{
  g_array_unref (text->words);
}

static void
cut (const PolicySource *source, GArray *words)
{
  PolicyLexer lexer;
  PolicyToken token;

  policy_lexer_init (&lexer, source);
  while (policy_lexer_next (&lexer, &token, NULL) && token.kind != POLICY_TOKEN_END)
    {
      gboolean word = token.kind == POLICY_TOKEN_WORD || token.kind == POLICY_TOKEN_QUOTED;
      Word one = { token.kind, word ? g_strdup (token.text) : NULL, token.line, token.column,
                   lexer.column };
      g_array_append_val (words, one);
    }
  policy_lexer_clear (&lexer);
}

PolicySpots *
policy_spots_new (const PolicySource *sources, gsize n_sources)
{
  PolicySpots *spots = g_new0 (PolicySpots, 1);

  spots->texts = g_array_new (FALSE, FALSE, sizeof (Text));
  g_array_set_clear_func (spots->texts, (GDestroyNotify) text_clear);
  for (gsize i = 0; i < n_sources; i++)
    {
      Text text = { sources[i].name, g_array_new (FALSE, FALSE, sizeof (Word)) };
      g_array_set_clear_func (text.words, (GDestroyNotify) word_clear);
      cut (&sources[i], text.words);
      g_array_append_val (spots->texts, text);
    }
  return spots;
}

void
policy_spots_free (PolicySpots *spots)
{
  if (spots == NULL)
    return;
  g_array_unref (spots->texts);
  g_free (spots);
}

/* The first word at or behind @line: each rule begins a line. */
static guint
first_at (const GArray *words, guint line)
{
  guint low = 0, high = words->len;

  while (low < high)
    {
      guint middle = low + (high - low) / 2;
      if (g_array_index (words, Word, middle).line < line)
        low = middle + 1;
      else
        high = middle;
    }
  return low;
}

/* The words of a rule: from the first up to the end of its line. */
typedef struct
{
  const Word *first;
  guint n;
} Run;

static gboolean
run_of (const PolicySpots *spots, const PolicyRule *rule, Run *run)
{
  for (guint i = 0; i < spots->texts->len; i++)
    {
      const Text *text = &g_array_index (spots->texts, Text, i);
      if (strcmp (text->name, rule->source) != 0)
        continue;
      guint at = first_at (text->words, rule->spot.line), end = at;
      while (end < text->words->len
             && g_array_index (text->words, Word, end).kind != POLICY_TOKEN_NEWLINE)
        end++;
      *run = (Run){ at < end ? &g_array_index (text->words, Word, at) : NULL, end - at };
      return at < end;
    }
  return FALSE;
}

static gboolean
is_bare (const Word *word, const char *text)
{
  return word->kind == POLICY_TOKEN_WORD && strcmp (word->text, text) == 0;
}

static gboolean
begins_clause (const Word *word)
{
  return word->kind == POLICY_TOKEN_WORD && policy_clause_find (word->text) >= 0;
}

/* The clause @word with its values; the words of the language in a list are names in quotes. */
static gboolean
narrow_to_clause (Run *run, const char *word)
{
  guint at = 1, end;

  while (at < run->n && !is_bare (&run->first[at], word))
    at++;
  if (at >= run->n)
    return FALSE;
  for (end = at + 1; end < run->n && !begins_clause (&run->first[end]);)
    end++;
  *run = (Run){ &run->first[at], end - at };
  return TRUE;
}

static PolicySpot
spot_of (const Word *word)
{
  return (PolicySpot){ word->line, word->column, word->end - word->column };
}

static gboolean
find_value (const PolicySpots *spots, const PolicyRule *rule, const char *clause, const char *value,
            PolicySpot *spot)
{
  Run run;

  if (!run_of (spots, rule, &run) || !narrow_to_clause (&run, clause))
    return FALSE;
  for (guint i = 1; i < run.n; i++)
    if (run.first[i].text != NULL && strcmp (run.first[i].text, value) == 0)
      {
        *spot = spot_of (&run.first[i]);
        return TRUE;
      }
  return FALSE;
}

gboolean
policy_spots_find (const PolicySpots *spots, const PolicyRule *rule, const char *clause,
                   const char *value, PolicySpot *spot)
{
  if (clause != NULL && value != NULL && find_value (spots, rule, clause, value, spot))
    return TRUE;
  *spot = clause != NULL && rule->spots != NULL ? rule->spots[policy_clause_find (clause)]
                                                : rule->spot;
  return spot->column > 0;
}

gboolean
policy_spots_head (const PolicySpots *spots, const PolicyRule *rule, const char *word,
                   PolicySpot *spot)
{
  Run run;

  if (!run_of (spots, rule, &run))
    return FALSE;
  for (guint i = 0; i < run.n && (i == 0 || !begins_clause (&run.first[i])); i++)
    if (is_bare (&run.first[i], word))
      {
        *spot = spot_of (&run.first[i]);
        return TRUE;
      }
  *spot = spot_of (run.first);
  return TRUE;
}
