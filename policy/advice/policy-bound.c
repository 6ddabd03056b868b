/* SPDX-License-Identifier: MIT */
#include "policy/advice/policy-bound.h"

#include <string.h>

#include "policy/policy-value.h"

static gboolean
max_there (const PolicyRule *rule)
{
  return rule->max != 0;
}

static gboolean
max_as_tight (const PolicyRule *rule, const PolicyRule *other)
{
  return other->max != 0 && other->max <= rule->max;
}

static gboolean
uses_there (const PolicyRule *rule)
{
  return rule->uses != 0;
}

static gboolean
uses_as_tight (const PolicyRule *rule, const PolicyRule *other)
{
  return other->uses != 0 && other->uses <= rule->uses;
}

static gboolean
rate_there (const PolicyRule *rule)
{
  return rule->rate.n != 0;
}

static gboolean
rate_as_tight (const PolicyRule *rule, const PolicyRule *other)
{
  return other->rate.n != 0 && other->rate.n <= rule->rate.n
         && other->rate.period >= rule->rate.period;
}

static gboolean
scopes_there (const PolicyRule *rule)
{
  return rule->scopes != NULL;
}

static gboolean
scopes_as_tight (const PolicyRule *rule, const PolicyRule *other)
{
  return other->scopes != NULL && policy_list_covers (rule->scopes, other->scopes);
}

static gboolean
sandbox_there (const PolicyRule *rule)
{
  return rule->sandbox;
}

static gboolean
sandbox_as_tight (const PolicyRule *rule, const PolicyRule *other)
{
  return other->sandbox;
}

static gboolean
notify_there (const PolicyRule *rule)
{
  return rule->notify;
}

static gboolean
notify_as_tight (const PolicyRule *rule, const PolicyRule *other)
{
  return other->notify;
}

const PolicyBound policy_bounds[POLICY_N_BOUNDS] = {
  { "max", max_there, max_as_tight, "no limit of time" },
  { "uses", uses_there, uses_as_tight, "any number of uses" },
  { "rate", rate_there, rate_as_tight, "as often as wanted" },
  { "scopes", scopes_there, scopes_as_tight, "every scope" },
  { "sandbox", sandbox_there, sandbox_as_tight, "no sandbox" },
  { "notify", notify_there, notify_as_tight, "you are not told" },
};

char *
policy_bound_words (const PolicyRule *rule, const char *clause)
{
  const PolicyClause *row = &policy_clauses[policy_clause_find (clause)];
  g_autoptr (GPtrArray) words = g_ptr_array_new_with_free_func (g_free);

  if (row->print == NULL)
    return g_strdup (strcmp (clause, "notify") == 0 ? "you are told" : clause);
  row->print (rule, words);
  g_ptr_array_add (words, NULL);
  g_autofree char *joined = g_strjoinv (" ", (char **) words->pdata);
  return words->len > 2 ? g_strdup_printf ("%s { %s }", clause, joined)
                        : g_strdup_printf ("%s %s", clause, joined);
}
