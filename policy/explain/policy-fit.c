/* SPDX-License-Identifier: MIT */
#include "policy/explain/policy-fit.h"

#include <string.h>

#include "policy/policy-clause.h"

/* Which fact a clause looks at, where they are not called the same. */
static const struct
{
  const char *clause;
  PolicyFactId fact;
} looks_at[] = {
  { "of", FACT_SCOPES },  { "during", FACT_AT },  { "on", FACT_AT },
  { "over", FACT_AFTER }, { "rate", FACT_AFTER },
};

static PolicyFactId
fact_of (const char *clause)
{
  for (gsize i = 0; i < G_N_ELEMENTS (looks_at); i++)
    if (strcmp (looks_at[i].clause, clause) == 0)
      return looks_at[i].fact;
  return (PolicyFactId) policy_fact_find (clause);
}

guint32
policy_fit_facts (const PolicyClause *clause)
{
  gboolean looks = clause->match != NULL || strcmp (clause->word, "rate") == 0
                   || strcmp (clause->word, "scopes") == 0;
  return looks ? 1u << fact_of (clause->word) : 0;
}

/* Whether a scope of the resource could be what the rule is about. */
static gboolean
may_be_scope (const PolicyRule *rule, const PolicyRequest *request)
{
  const char *resource = policy_request_resource (request);
  g_autofree char *below = resource != NULL ? g_strconcat (resource, "/", NULL) : NULL;

  for (guint i = 0; below != NULL && i < rule->of->len; i++)
    {
      const PolicyPattern *pattern = &g_array_index (rule->of, PolicyPattern, i);
      if (strncmp (pattern->text, below, MIN (pattern->literal, strlen (below))) == 0)
        return TRUE;
    }
  return FALSE;
}

static gboolean
hangs_on_forgotten (const PolicyRule *rule, const PolicyRequest *request, const char *clause,
                    PolicyMatch match)
{
  PolicyFactId fact = fact_of (clause);

  if ((request->forgotten & (1u << fact)) == 0)
    return FALSE;
  if (fact == FACT_SCOPES)
    return match == POLICY_MATCH_NO && may_be_scope (rule, request);
  if (fact == FACT_AFTER) /* it is counted nonetheless */
    return request->query.count == NULL;
  /* The program is known, and only not whether it was verified: nobody else is allowed by it. */
  return fact != FACT_FROM || request->query.exe == NULL || rule->verdict != POLICY_ALLOW
         || match != POLICY_MATCH_NO;
}

PolicyFit
policy_fit_one (const PolicyRule *rule, const PolicyRequest *request, const PolicyQuery *query)
{
  PolicyFit fit = { .clause = -1 };

  for (gsize i = 0; i < policy_n_clauses; i++)
    {
      if ((rule->clauses & (1u << i)) == 0 || policy_clauses[i].match == NULL)
        continue;
      PolicyMatch match = policy_clauses[i].match (rule, query);
      gboolean forgotten = hangs_on_forgotten (rule, request, policy_clauses[i].word, match);

      if (forgotten)
        fit.forgotten |= 1u << fact_of (policy_clauses[i].word);
      fit.matched += match == POLICY_MATCH_YES;
      if (match == POLICY_MATCH_YES && !forgotten)
        continue;
      if (match == POLICY_MATCH_NO && !forgotten && fit.against++ == 0)
        fit.clause = (int) i;
      fit.may |= match != POLICY_MATCH_NO || forgotten;
      if (fit.clause < 0)
        fit.clause = (int) i;
    }
  return fit;
}

/* Who asks is known well enough to be allowed something by the rule. */
gboolean
policy_fit_known (const PolicyRule *rule, const PolicyQuery *query)
{
  return policy_rule_is_for (rule, query) && (query->caller != NULL || query->exe != NULL);
}

gboolean
policy_fit_counts (const PolicyRule *rule, const PolicyQuery *query, const PolicyFit *fit)
{
  return fit->against == 0
         && (rule->verdict != POLICY_ALLOW || (!fit->may && policy_fit_known (rule, query)));
}

/* The rule bounds how often such a thing is asked, and that is reached. */
PolicyMatch
policy_fit_rated (const PolicyRule *rule, const PolicyQuery *query, const PolicyFit *fit)
{
  if (rule->rate.n == 0 || fit->against > 0 || !policy_rule_is_for (rule, query))
    return POLICY_MATCH_NO;
  return policy_rate_reached (rule, &rule->rate, query);
}

/* The scope that it is about, where scopes can be cut; else NULL. */
const char *
policy_thing_scope (const PolicyThing *thing)
{
  const PolicyRequest *request = thing->request;
  gboolean cut = request->said[FACT_SCOPES] != NULL && request->operation != OPERATION_HTTP_REQUEST;

  return cut ? thing->names[1] + strlen (thing->names[0]) + 1 : NULL;
}

/* The best that @rule has to say, of all its names. */
PolicyFit
policy_fit (const PolicyThing *thing, const PolicyRule *rule, PolicyQuery *query)
{
  char **name = thing->names;
  PolicyFit best;

  query->resource = *name;
  best = policy_fit_one (rule, thing->request, query);
  for (; *name != NULL && *++name != NULL;)
    {
      query->resource = *name;
      PolicyFit next = policy_fit_one (rule, thing->request, query);
      if (next.against < best.against || (next.against == best.against && next.may < best.may))
        best = next;
    }
  return best;
}

gboolean
policy_fit_about (const PolicyRule *rule, const PolicyRequest *request)
{
  return (rule->operations & (1u << request->operation)) != 0;
}

PolicyVerdict
policy_fit_settle (gboolean deny, gboolean ask, gboolean allow)
{
  return deny ? POLICY_DENY : !ask && allow ? POLICY_ALLOW : POLICY_ASK;
}
