/* SPDX-License-Identifier: MIT */
#include "policy/explain/policy-why.h"

#include <string.h>

#include "policy/policy-clause.h"
#include "policy/explain/policy-fit.h"
#include "policy/policy-value.h"
#include "policy/explain/policy-why-words.h"

static void
why_free (gpointer data)
{
  PolicyWhy *why = data;

  g_free (why->why);
  g_free (why);
}

static PolicyWhy *
why_new (int number)
{
  PolicyWhy *why = g_new0 (PolicyWhy, 1);
  why->rule = number;
  return why;
}

static PolicyWhy *
about_other (int number, const PolicyRequest *request)
{
  PolicyWhy *why = why_new (number);

  why->why = g_strdup_printf ("it is not about %s", operation_name (request->operation));
  return why;
}

/* One clause alone is against it; and when that is the name of another thing, then something in it
 * speaks of this request. */
static gboolean
is_near (const PolicyFit *fit, gboolean known)
{
  guint against = fit->against + (known ? 0 : 1);
  gboolean other_thing = fit->against > 0 && strcmp (policy_clauses[fit->clause].word, "of") == 0;

  return against <= 1 && (!other_thing || fit->matched > 0);
}

static char *
rate_words (const PolicyRule *rule)
{
  g_autofree char *rate = policy_rate_text (&rule->rate);
  return g_strdup_printf ("%s is reached", rate);
}

/* Here a rule that matches is one that is beaten; why_thing() finds those that decide. */
static PolicyWhy *
judge (const PolicyThing *thing, int number, gboolean *reached)
{
  const PolicyRule *rule = policy_rule (thing->policy, number);
  PolicyQuery query = thing->request->query;
  PolicyFit fit = policy_fit (thing, rule, &query);
  PolicyWhy *why = why_new (number);
  gboolean known = rule->verdict != POLICY_ALLOW || policy_fit_known (rule, &query);

  *reached = policy_fit_rated (rule, &query, &fit) == POLICY_MATCH_YES;
  if (fit.clause >= 0)
    why->clause = policy_clauses[fit.clause].word;
  if (why->clause != NULL)
    why->why = policy_why_clause (thing->request, why->clause, fit.against > 0);
  else if (!known)
    why->why = policy_why_unknown (thing->request);
  if (policy_fit_counts (rule, &query, &fit))
    why->part = POLICY_PART_BEATEN;
  else if (is_near (&fit, known))
    why->part = POLICY_PART_NEAR;
  why->maybe = fit.against == 0 && fit.may;
  return why;
}

/* What all rules say of one thing. */
typedef struct
{
  GPtrArray *rules; /* of PolicyWhy */
  PolicyVerdict verdict;
  gboolean cut; /* it is left out of what is granted */
} Verdict;

/* The strictest verdict of what matches. */
static PolicyVerdict
verdict_of (const Policy *policy, const GPtrArray *rules)
{
  gboolean has[POLICY_ALLOW + 1] = { FALSE };

  for (guint i = 0; i < rules->len; i++)
    {
      const PolicyWhy *why = rules->pdata[i];
      has[policy_rule (policy, i)->verdict] |= why->part == POLICY_PART_BEATEN;
    }
  return policy_fit_settle (has[POLICY_DENY], has[POLICY_ASK], has[POLICY_ALLOW]);
}

static void
say_why (PolicyWhy *why, const char *clause, char *words)
{
  g_free (why->why);
  why->clause = clause;
  why->why = words;
}

static void
mark_cut (const PolicyThing *thing, Verdict *verdict, PolicyWhy *why)
{
  const PolicyRule *rule = policy_rule (thing->policy, why->rule);
  const char *scope = policy_thing_scope (thing);

  if (rule->scopes == NULL || scope == NULL || policy_list_matches_argument (rule->scopes, scope))
    return;
  verdict->cut = TRUE;
  say_why (why, "scopes", g_strdup_printf ("it leaves %s out", scope));
}

/* Of rules that match, those that decide; @reached: those whose rate is. */
static void
mark_decided (const PolicyThing *thing, Verdict *verdict, const gboolean *reached)
{
  gboolean any = FALSE;

  verdict->verdict = verdict_of (thing->policy, verdict->rules);
  for (guint i = 0; i < verdict->rules->len && verdict->verdict != POLICY_DENY; i++)
    any |= reached[i];
  for (guint i = 0; i < verdict->rules->len; i++)
    {
      PolicyWhy *why = verdict->rules->pdata[i];
      gboolean says = why->part == POLICY_PART_BEATEN
                      && policy_rule (thing->policy, i)->verdict == verdict->verdict;
      if (any ? !reached[i] : !says)
        continue;
      why->part = POLICY_PART_DECIDED;
      if (any)
        say_why (why, "rate", rate_words (policy_rule (thing->policy, i)));
      else if (verdict->verdict != POLICY_DENY)
        mark_cut (thing, verdict, why);
    }
  if (any)
    verdict->verdict = POLICY_DENY;
}

/* Of one thing alone. */
static Verdict
why_thing (const PolicyThing *thing)
{
  Verdict verdict = { .rules = g_ptr_array_new_with_free_func (why_free) };
  g_autofree gboolean *reached = g_new0 (gboolean, thing->policy->rules->len + 1);

  for (guint i = 0; i < thing->policy->rules->len; i++)
    g_ptr_array_add (verdict.rules,
                     policy_fit_about (policy_rule (thing->policy, i), thing->request)
                         ? judge (thing, (int) i, &reached[i])
                         : about_other ((int) i, thing->request));
  mark_decided (thing, &verdict, reached);
  return verdict;
}

static void
beat (PolicyWhy *why, gboolean beaten)
{
  if (beaten && why->part == POLICY_PART_DECIDED)
    why->part = POLICY_PART_BEATEN;
}

/* What decided for one of several things is beaten where another is stricter, and says nothing of a
 * thing that is left out; of each rule the part that matters most is kept. */
static void
join (Verdict *all, Verdict *other)
{
  gboolean mine_beaten = !other->cut && (all->cut || other->verdict < all->verdict);
  gboolean theirs_beaten = !all->cut && (other->cut || all->verdict < other->verdict);

  for (guint i = 0; i < all->rules->len; i++)
    {
      PolicyWhy *mine = all->rules->pdata[i], *theirs = other->rules->pdata[i];
      beat (mine, mine_beaten);
      beat (theirs, theirs_beaten);
      if (theirs->part <= mine->part)
        continue;
      all->rules->pdata[i] = theirs;
      other->rules->pdata[i] = mine;
    }
  if (mine_beaten)
    all->verdict = other->verdict;
  all->cut &= other->cut;
}

static GPtrArray *
why_all (const Policy *policy, PolicyRequest *request)
{
  g_autoptr (GPtrArray) things = policy_request_things (request);
  PolicyThing thing = { policy, request, things->pdata[0] };

  policy_request_query (request);
  Verdict verdict = why_thing (&thing);
  for (guint i = 1; i < things->len; i++)
    {
      thing.names = things->pdata[i];
      Verdict next = why_thing (&thing);
      join (&verdict, &next);
      g_ptr_array_unref (next.rules);
    }
  return verdict.rules;
}

GPtrArray *
policy_why (const Policy *policy, PolicyRequest *request)
{
  guint32 forgotten = request->forgotten;

  /* The verdict is that of what is known; what else is possible is policy_outlook()'s. */
  request->forgotten = 0;
  GPtrArray *whys = why_all (policy, request);
  request->forgotten = forgotten;
  return whys;
}

const char *
policy_part_name (PolicyPart part)
{
  static const char *const names[] = { "other", "near", "beaten", "decided" };

  g_return_val_if_fail ((guint) part < G_N_ELEMENTS (names), "other");
  return names[part];
}
