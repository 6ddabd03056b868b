/* SPDX-License-Identifier: MIT */
#include "policy/explain/policy-why.h"

#include <string.h>

#include "policy/explain/policy-fit.h"

/* How sure a rule of each verdict is. */
typedef struct
{
  gboolean sure[POLICY_ALLOW + 1], possible[POLICY_ALLOW + 1];
  gboolean cuts; /* scopes may be left out */
  guint32 missing;
} Tally;

static void
tally_rate (Tally *tally, const PolicyRule *rule, const PolicyRequest *request,
            const PolicyQuery *query, const PolicyFit *fit)
{
  gboolean forgotten = (request->forgotten & (1u << FACT_AFTER)) != 0 && query->count == NULL;
  PolicyMatch match = policy_fit_rated (rule, query, fit);

  tally->sure[POLICY_DENY] |= match == POLICY_MATCH_YES && fit->forgotten == 0;
  tally->possible[POLICY_DENY]
      |= match == POLICY_MATCH_YES || (match == POLICY_MATCH_MAYBE && forgotten);
  if (match == POLICY_MATCH_MAYBE && forgotten)
    tally->missing |= 1u << FACT_AFTER;
}

static void
tally_rule (Tally *tally, const PolicyRule *rule, const PolicyRequest *request,
            const PolicyQuery *query, const PolicyFit *fit)
{
  gboolean who = (request->forgotten & (1u << FACT_FROM)) != 0 && query->caller == NULL;

  if (fit->against > 0)
    return;
  tally->cuts |= rule->scopes != NULL;
  tally_rate (tally, rule, request, query, fit);
  tally->missing |= fit->forgotten | (who && rule->verdict == POLICY_ALLOW ? 1u << FACT_FROM : 0);
  if (rule->verdict != POLICY_ALLOW)
    {
      tally->possible[rule->verdict] = TRUE;
      tally->sure[rule->verdict] |= fit->forgotten == 0;
      return;
    }
  tally->sure[POLICY_ALLOW] |= policy_fit_counts (rule, query, fit) && !who;
  tally->possible[POLICY_ALLOW]
      |= (policy_fit_known (rule, query) || who) && (!fit->may || fit->forgotten != 0);
}

/* The index knows what is not known, but not what is known and may have been otherwise. */
#define BEYOND_INDEX (1u << FACT_SCOPES | 1u << FACT_FROM | 1u << FACT_UID)

/* The rules that may match under the one name that @query has: a bit for each. */
static void
look_up (const PolicyThing *thing, const PolicyQuery *query, guint64 *hits)
{
  if ((thing->request->forgotten & BEYOND_INDEX) == 0)
    policy_index_look_up (&thing->policy->index, query, hits);
  else
    memcpy (hits, thing->policy->index.operations[query->operation],
            thing->policy->index.words * sizeof *hits);
}

static void
tally_name (Tally *tally, const PolicyThing *thing, const PolicyQuery *query)
{
  guint64 hits[POLICY_INDEX_WORDS];

  look_up (thing, query, hits);
  for (gsize word = 0; word < thing->policy->index.words; word++)
    for (guint64 bits = hits[word]; bits != 0; bits &= bits - 1)
      {
        const PolicyRule *rule
            = policy_rule (thing->policy, (guint) (word * 64) + (guint) __builtin_ctzll (bits));
        PolicyFit fit = policy_fit_one (rule, thing->request, query);
        tally_rule (tally, rule, thing->request, query, &fit);
      }
}

static void
outlook_of (const PolicyThing *thing, PolicyOutlook *outlook)
{
  PolicyQuery query = thing->request->query;
  Tally tally = { 0 };

  query.resource = thing->names[0];
  tally_name (&tally, thing, &query);
  for (gsize i = 1; query.resource != NULL && thing->names[i] != NULL; i++)
    {
      query.resource = thing->names[i];
      tally_name (&tally, thing, &query);
    }
  outlook->least = policy_fit_settle (tally.possible[POLICY_DENY], tally.possible[POLICY_ASK],
                                      tally.sure[POLICY_ALLOW]);
  outlook->most = policy_fit_settle (tally.sure[POLICY_DENY], tally.sure[POLICY_ASK],
                                     tally.possible[POLICY_ALLOW]);
  if (tally.cuts && tally.missing != 0)
    *outlook = (PolicyOutlook){ POLICY_DENY, POLICY_ALLOW, 0 }; /* all cut, or what is left */
  outlook->missing = tally.missing;
}

static void
outlook_of_all (const Policy *policy, const PolicyRequest *request, PolicyOutlook *outlook)
{
  g_autoptr (GPtrArray) things = policy_request_things (request);

  for (guint i = 0; i < things->len; i++)
    {
      PolicyThing thing = { policy, request, things->pdata[i] };
      PolicyOutlook one;
      outlook_of (&thing, &one);
      outlook->least = MIN (outlook->least, one.least);
      outlook->most = MIN (outlook->most, one.most);
      outlook->missing |= one.missing;
    }
}

/* What the rules about such a request look at, of all that it may lack. */
static guint32
looked_at (const Policy *policy, const PolicyRequest *request)
{
  guint32 clauses = 0, facts = 0;
  gboolean allows = FALSE;

  for (guint i = 0; i < policy->rules->len; i++)
    {
      const PolicyRule *rule = policy_rule (policy, i);
      if (!policy_fit_about (rule, request))
        continue;
      clauses |= rule->clauses;
      allows |= rule->verdict == POLICY_ALLOW;
    }
  for (gsize i = 0; i < policy_n_clauses; i++)
    if ((clauses & (1u << i)) != 0)
      facts |= policy_fit_facts (&policy_clauses[i]);
  return facts | (allows ? 1u << FACT_FROM : 0); /* nobody unverified is allowed anything */
}

void
policy_outlook (const Policy *policy, PolicyRequest *request, PolicyOutlook *outlook)
{
  PolicyDecision decision;

  *outlook = (PolicyOutlook){ POLICY_ALLOW, POLICY_ALLOW, 0 };
  policy_request_query (request);
  if ((request->forgotten & looked_at (policy, request)) != 0)
    outlook_of_all (policy, request, outlook);
  if (outlook->missing != 0)
    return;
  policy_request_decide (request, policy, &decision);
  outlook->least = outlook->most = decision.verdict;
}
