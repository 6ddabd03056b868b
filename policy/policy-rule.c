/* SPDX-License-Identifier: MIT */
#include "policy/policy-rule.h"

#include <string.h>

#include "policy/policy-clause.h"
#include "policy/policy-words.h"

static void
clear_list (GArray **list)
{
  g_clear_pointer (list, g_array_unref);
}

void
policy_rule_clear (PolicyRule *rule)
{
  clear_list (&rule->of);
  clear_list (&rule->from);
  clear_list (&rule->uids);
  clear_list (&rule->callers);
  clear_list (&rule->command);
  clear_list (&rule->methods);
  clear_list (&rule->paths);
  clear_list (&rule->sha256s);
  clear_list (&rule->packages);
  clear_list (&rule->units);
  clear_list (&rule->below);
  clear_list (&rule->in);
  clear_list (&rule->scopes);
  clear_list (&rule->during);
  g_clear_pointer (&rule->text, g_free);
  g_clear_pointer (&rule->spots, g_free);
}

static PolicyMatch
match_clauses (const PolicyRule *rule, const PolicyQuery *query, gboolean counted)
{
  PolicyMatch least = POLICY_MATCH_YES;
  for (guint32 bits = rule->clauses; bits != 0 && least != POLICY_MATCH_NO; bits &= bits - 1)
    {
      const PolicyClause *clause = &policy_clauses[__builtin_ctz (bits)];
      if (clause->match != NULL && (counted || clause->match != policy_over_match))
        least = MIN (least, clause->match (rule, query));
    }
  return least;
}

PolicyMatch
policy_rule_match (const PolicyRule *rule, const PolicyQuery *query)
{
  return match_clauses (rule, query, TRUE);
}

PolicyMatch
policy_rule_match_uncounted (const PolicyRule *rule, const PolicyQuery *query)
{
  return match_clauses (rule, query, FALSE);
}

gboolean
policy_rule_counts (const PolicyRule *rule)
{
  return rule->over.n != 0 || rule->rate.n != 0;
}

gboolean
policy_rule_covers (const PolicyRule *wide, const PolicyRule *narrow, guint32 operations)
{
  if ((operations & ~wide->operations) != 0)
    return FALSE;
  /* An allow that names no caller is about programs alone. */
  if (wide->verdict == POLICY_ALLOW && wide->callers == NULL && narrow->callers != NULL)
    return FALSE;
  for (guint32 bits = wide->clauses; bits != 0; bits &= bits - 1)
    {
      const PolicyClause *clause = &policy_clauses[__builtin_ctz (bits)];
      gboolean both = (narrow->clauses & bits & -bits) != 0;
      if (clause->covers != NULL && (!both || !clause->covers (wide, narrow)))
        return FALSE;
    }
  return TRUE;
}

static gboolean
needs_quotes (const char *word)
{
  if (*word == '\0' || policy_reserved (word))
    return TRUE;
  for (; *word != '\0'; word = g_utf8_next_char (word))
    {
      gunichar c = g_utf8_get_char (word);
      if (policy_special (c) || policy_hidden (c))
        return TRUE;
    }
  return FALSE;
}

static void
append_words (GString *out, const GPtrArray *words, gboolean braces)
{
  g_string_append (out, braces ? " {" : "");
  for (guint i = 0; i < words->len; i++)
    {
      const char *word = g_ptr_array_index (words, i);
      g_autofree char *quoted = needs_quotes (word) ? policy_quote (word) : NULL;
      g_string_append_printf (out, " %s", quoted != NULL ? quoted : word);
    }
  g_string_append (out, braces ? " }" : "");
}

static void
append_operations (GString *out, const PolicyRule *rule)
{
  g_autoptr (GPtrArray) words = g_ptr_array_new ();
  if (rule->any)
    {
      g_string_append (out, " any"); /* not a name: never in quotes */
      return;
    }
  for (guint i = 0; i < OPERATION_COUNT; i++)
    if ((rule->operations & (1u << i)) != 0)
      g_ptr_array_add (words, (gpointer) operation_name (i));
  append_words (out, words, words->len > 1);
}

static void
append_clause (GString *out, const PolicyRule *rule, const PolicyClause *clause)
{
  g_autoptr (GPtrArray) words = g_ptr_array_new_with_free_func (g_free);
  if (clause->print != NULL)
    clause->print (rule, words);
  g_string_append_printf (out, " %s", clause->word);
  append_words (out, words, words->len > 1 || clause->value == POLICY_VALUE_SEQUENCE);
}

char *
policy_rule_print (const PolicyRule *rule)
{
  GString *out = g_string_new (policy_verdict_name (rule->verdict));
  append_operations (out, rule);
  for (gsize i = 0; i < policy_n_clauses; i++)
    if ((rule->clauses & (1u << i)) != 0)
      append_clause (out, rule, &policy_clauses[i]);
  return g_string_free (out, FALSE);
}

static gboolean
is_literal (const char *word)
{
  return strpbrk (word, "*?") == NULL && g_utf8_validate (word, -1, NULL);
}

/* " word { … }" with each of @words, which have to stand for themselves alone. */
static gboolean
append_literals (GString *out, const char *word, const char *const *words)
{
  g_string_append_printf (out, " %s {", word);
  for (; *words != NULL; words++)
    {
      g_autofree char *quoted = policy_quote (*words);
      if (!is_literal (*words))
        return FALSE;
      g_string_append_printf (out, " %s", quoted);
    }
  g_string_append (out, " }");
  return TRUE;
}

/* In canonical words; NULL when it is no rule. */
static char *
canonical (const char *text)
{
  PolicySource source = { "rule", text, strlen (text) };
  g_autoptr (Policy) policy = policy_parse (&source, 1, NULL);

  return policy != NULL && policy_n_rules (policy) == 1 ? policy_rule_text (policy, 0) : NULL;
}

char *
policy_allow_command_text (Operation operation, const char *const *resources,
                           const char *const *command, const char *exe, gint64 max)
{
  g_autoptr (GString) text = g_string_new ("allow ");
  const char *from[] = { exe, NULL };

  g_string_append (text, operation_name (operation));
  if (!append_literals (text, "of", resources) || !append_literals (text, "command", command)
      || !append_literals (text, "from", from))
    return NULL;
  g_string_append_printf (text, " max %" G_GINT64_FORMAT "s", max);
  return canonical (text->str);
}

char *
policy_allow_text (Operation operation, const char *resource, const char *exe, gint64 max)
{
  g_autoptr (GString) text = g_string_new ("allow ");
  const char *of[] = { resource, NULL }, *from[] = { exe, NULL };

  g_string_append (text, operation_name (operation));
  if ((resource != NULL && !append_literals (text, "of", of))
      || !append_literals (text, "from", from))
    return NULL;
  g_string_append_printf (text, " max %" G_GINT64_FORMAT "s", max);
  return canonical (text->str);
}
