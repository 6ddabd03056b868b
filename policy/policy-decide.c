/* SPDX-License-Identifier: MIT
 *
 * MUST
 *  - look at every rule that can match: the first is not the last word
 *  - let an unverified requester have what narrows and nothing that widens
 */
#include "policy/policy-clause.h"
#include "policy/policy-private.h"
#include "policy/policy-value.h"

/* What the rules of one verdict say together. */
typedef struct
{
  gint64 max, uses;
  PolicyConfirm confirm;
  gboolean sandbox, notify, cut;
  int rule;   /* the first of them */
  int cutter; /* the first whose "scopes" leave the scope out that is looked at; -1: none does */
} Bounds;

typedef struct
{
  const char *scope;           /* that is looked at; NULL: none */
  Bounds of[POLICY_ALLOW + 1]; /* by PolicyVerdict */
  Bounds rated;                /* those whose "rate" is reached, whatever their verdict */
} Tally;

static const Bounds none = { .rule = -1, .cutter = -1 };

static void
tally_init (Tally *tally, const char *scope)
{
  tally->scope = scope;
  tally->rated = none;
  for (guint i = 0; i < G_N_ELEMENTS (tally->of); i++)
    tally->of[i] = none;
}

static void
tighten (gint64 *bound, gint64 limit)
{
  if (limit != 0 && (*bound == 0 || limit < *bound))
    *bound = limit;
}

static int
first_rule (int a, int b)
{
  return a < 0 || (b >= 0 && b < a) ? b : a;
}

static void
add_rule (Bounds *bounds, const PolicyRule *rule, int number, PolicyMatch match)
{
  bounds->rule = first_rule (bounds->rule, number);
  tighten (&bounds->max, rule->max);
  tighten (&bounds->uses, rule->uses);
  bounds->sandbox |= rule->sandbox;
  bounds->notify |= rule->notify;
  bounds->cut |= rule->scopes != NULL;
  /* A click is less than what is asked without a word: not for whoever only may be meant. */
  if (match == POLICY_MATCH_YES || rule->confirm >= CONFIRM_PIN)
    bounds->confirm = MAX (bounds->confirm, rule->confirm);
}

static void
answer (PolicyDecision *decision, PolicyVerdict verdict, const Bounds *bounds)
{
  *decision = (PolicyDecision){
    .verdict = verdict,
    .max_duration = bounds->max,
    .max_uses = bounds->uses,
    .confirm = bounds->confirm != CONFIRM_UNSET ? bounds->confirm : CONFIRM_PIN,
    .sandbox = bounds->sandbox,
    .notify = bounds->notify,
    .cut = bounds->cut,
    .rule = bounds->rule,
  };
}

static void
refuse (PolicyDecision *decision, int rule, gboolean notify, const char *code)
{
  const Bounds refused = { .rule = rule, .notify = notify };
  answer (decision, POLICY_DENY, &refused);
  decision->code = code;
}

/* Which rules decide. */
static PolicyVerdict
verdict_of (const Tally *tally)
{
  if (tally->of[POLICY_DENY].rule >= 0)
    return POLICY_DENY;
  if (tally->of[POLICY_ASK].rule < 0 && tally->of[POLICY_ALLOW].rule >= 0)
    return POLICY_ALLOW;
  return POLICY_ASK;
}

static void
settle (PolicyDecision *decision, const Tally *tally)
{
  PolicyVerdict verdict = verdict_of (tally);
  if (verdict != POLICY_DENY && tally->rated.rule >= 0)
    refuse (decision, tally->rated.rule, tally->rated.notify, "rate");
  else
    answer (decision, verdict, &tally->of[verdict]);
}

static gboolean
cuts (const PolicyRule *rule, const char *scope)
{
  return rule->scopes != NULL && scope != NULL
         && !policy_list_matches_argument (rule->scopes, scope);
}

static void
try_rule (const Policy *policy, const PolicyQuery *query, int number, Tally *tally)
{
  const PolicyRule *rule = policy_rule (policy, number);
  PolicyMatch match
      = policy_rule_is_for (rule, query) ? policy_rule_match (rule, query) : POLICY_MATCH_NO;
  if (match == POLICY_MATCH_NO)
    return;
  /* A rate bounds all that the rule is about, also what another rule asks for: else one more ask
   * would let in what the rate kept out. */
  if (rule->rate.n != 0 && policy_rate_reached (rule, &rule->rate, query) == POLICY_MATCH_YES)
    add_rule (&tally->rated, rule, number, match);
  /* An allow that only may be meant allows nothing, and bounds what another one allows. */
  gboolean known = query->caller != NULL || query->exe != NULL;
  gboolean sure = rule->verdict != POLICY_ALLOW || (match == POLICY_MATCH_YES && known);
  Bounds *bounds = &tally->of[rule->verdict];
  add_rule (bounds, rule, sure ? number : -1, match);
  if (cuts (rule, tally->scope))
    bounds->cutter = first_rule (bounds->cutter, number);
}

/* Up to the first deny, which nothing beats, unless another may say that a person is told. */
static void
try_rules (const Policy *policy, const PolicyQuery *query, Tally *tally)
{
  guint64 hits[POLICY_INDEX_WORDS];
  policy_index_look_up (&policy->index, query, hits);
  for (gsize word = 0; word < policy->index.words; word++)
    for (guint64 bits = hits[word]; bits != 0; bits &= bits - 1)
      {
        try_rule (policy, query, (int) (word * 64) + __builtin_ctzll (bits), tally);
        if (tally->of[POLICY_DENY].rule >= 0 && !policy->tells)
          return;
      }
}

static void
try_names (const Policy *policy, const PolicyQuery *query, const char *const *names, Tally *tally)
{
  PolicyQuery one = *query;
  one.resource = names != NULL ? names[0] : NULL;
  try_rules (policy, &one, tally);
  for (gsize i = 1; one.resource != NULL && names[i] != NULL; i++)
    {
      one.resource = names[i];
      try_rules (policy, &one, tally);
    }
}

static gboolean
refuse_unknown (const PolicyQuery *query, PolicyDecision *decision)
{
  refuse (decision, -1, FALSE, NULL);
  return (guint) query->operation >= OPERATION_COUNT;
}

void
policy_decide (const Policy *policy, const PolicyQuery *query, PolicyDecision *decision)
{
  Tally tally;
  if (refuse_unknown (query, decision))
    return;
  tally_init (&tally, NULL);
  try_rules (policy, query, &tally);
  settle (decision, &tally);
}

void
policy_decide_names (const Policy *policy, const PolicyQuery *query, const char *const *names,
                     PolicyDecision *decision)
{
  Tally tally;
  if (refuse_unknown (query, decision))
    return;
  tally_init (&tally, NULL);
  try_names (policy, query, names, &tally);
  settle (decision, &tally);
}

/* Of two denials the one that a deny says, which no waiting changes. */
static void
join_denials (PolicyDecision *both, const PolicyDecision *other)
{
  gboolean notify = both->notify || other->notify;
  if (both->code != NULL && other->code == NULL)
    *both = *other;
  both->notify = notify;
}

/* What is left for two things that are asked at once. Where nobody is asked a decision's confirm
 * is no rule's. */
static void
join (PolicyDecision *both, const PolicyDecision *other)
{
  if (both->verdict == POLICY_DENY && other->verdict == POLICY_DENY)
    join_denials (both, other);
  else if (other->verdict == POLICY_DENY)
    *both = *other;
  if (both->verdict == POLICY_DENY)
    return;
  tighten (&both->max_duration, other->max_duration);
  tighten (&both->max_uses, other->max_uses);
  both->sandbox |= other->sandbox;
  both->cut |= other->cut;
  if (other->verdict == both->verdict)
    {
      both->confirm = MAX (both->confirm, other->confirm);
      both->notify |= other->notify;
      both->rule = first_rule (both->rule, other->rule);
    }
  else if (other->verdict == POLICY_ASK)
    {
      both->verdict = POLICY_ASK;
      both->confirm = other->confirm;
      both->notify = FALSE;
      both->rule = other->rule;
    }
}

void
policy_decide_each (const Policy *policy, const PolicyQuery *query, const char *const *resources,
                    PolicyDecision *decision)
{
  PolicyQuery one = *query;
  one.resource = resources != NULL ? resources[0] : NULL;
  policy_decide (policy, &one, decision);
  for (gsize i = 1; one.resource != NULL && resources[i] != NULL; i++)
    {
      PolicyDecision other;
      one.resource = resources[i];
      policy_decide (policy, &one, &other);
      join (decision, &other);
    }
}

/* About one scope; returns the rule that cuts it, -1: it is not cut. */
static int
decide_scope (const Policy *policy, const PolicyQuery *query, const char *scope,
              PolicyDecision *decision)
{
  g_autofree char *full
      = query->resource != NULL ? g_strdup_printf ("%s/%s", query->resource, scope) : NULL;
  const char *names[] = { query->resource, full, NULL };
  Tally tally;
  tally_init (&tally, scope);
  try_names (policy, query, names, &tally);
  settle (decision, &tally);
  return decision->verdict == POLICY_DENY ? -1 : tally.of[verdict_of (&tally)].cutter;
}

gboolean
policy_scope_passes (const Policy *policy, const PolicyQuery *query, const char *scope)
{
  PolicyDecision decision;
  return !refuse_unknown (query, &decision) && decide_scope (policy, query, scope, &decision) < 0;
}

void
policy_decide_scopes (const Policy *policy, const PolicyQuery *query, const char *const *scopes,
                      PolicyDecision *decision)
{
  int cutter = -1;
  gsize left = 0;
  if (scopes == NULL || scopes[0] == NULL || refuse_unknown (query, decision))
    {
      policy_decide (policy, query, decision);
      return;
    }
  for (; *scopes != NULL; scopes++)
    {
      PolicyDecision one;
      int cut = decide_scope (policy, query, *scopes, &one);
      cutter = first_rule (cutter, cut);
      if (cut >= 0)
        continue;
      if (left++ == 0)
        *decision = one;
      else
        join (decision, &one);
    }
  if (left == 0)
    refuse (decision, cutter, FALSE, "scopes");
  decision->cut |= cutter >= 0;
}

gboolean
policy_may_allow (Operation operation, gboolean user_mode)
{
  if (operation == OPERATION_LIST_SECRETS || operation == OPERATION_GET_SECRET)
    return !user_mode;
  return operation == OPERATION_HTTP_REQUEST || operation == OPERATION_MINT_TOKEN;
}
