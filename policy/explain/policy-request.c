/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "policy/explain/policy-fact.h"

/* ---- saying ---- */

PolicyRequest *
policy_request_new (Operation operation)
{
  PolicyRequest *self = g_new0 (PolicyRequest, 1);

  self->operation = operation;
  return self;
}

void
policy_request_free (PolicyRequest *self)
{
  if (self == NULL)
    return;
  for (gsize i = 0; i < POLICY_N_FACTS; i++)
    g_strfreev (self->said[i]);
  g_free (self->chain);
  g_free (self);
}

static char **
with (char **values, const char *value)
{
  gsize n = values != NULL ? g_strv_length (values) : 0;

  values = g_renew (char *, values, n + 2);
  values[n] = value != NULL ? g_strdup (value) : NULL;
  values[n + 1] = NULL;
  return values;
}

/* 007 is 7. */
static char *
plain_number (const char *digits)
{
  return g_strdup_printf ("%" G_GUINT64_FORMAT, g_ascii_strtoull (digits, NULL, 10));
}

/* As rules have it, so that it can be compared. */
static char *
canonical (PolicyFactId id, const char *value)
{
  if (value != NULL && (id == FACT_UID || id == FACT_AFTER))
    return plain_number (value);
  return value != NULL && id == FACT_SHA256 ? g_ascii_strdown (value, -1) : g_strdup (value);
}

static char *
misplaced (const PolicyRequest *self, const PolicyFact *fact, const char *value)
{
  if (value == NULL && fact->value != FACT_VALUE_NONE && fact->value != FACT_VALUE_ANY_LIST)
    return g_strdup_printf ("what is wanted is %s", fact->wants);
  return (fact->operations & (1u << self->operation)) == 0
             ? g_strdup_printf ("a request for %s has none", operation_name (self->operation))
             : NULL;
}

char *
policy_request_say (PolicyRequest *self, const char *word, const char *value)
{
  static char *const none[] = { NULL };
  int id = policy_fact_find (word);
  const PolicyFact *fact = id >= 0 ? &policy_facts[id] : NULL;

  if (fact == NULL)
    return g_strdup_printf ("\"%s\" is no word of a request", word);
  char **before = self->said[id] != NULL ? self->said[id] : (char **) none;
  char *problem = misplaced (self, fact, value);
  if (problem == NULL && fact->problem != NULL && value != NULL)
    problem = fact->problem (before, value);
  if (problem != NULL)
    return problem;
  g_autofree char *kept = canonical (id, value);
  self->said[id] = with (self->said[id], kept);
  return NULL;
}

gboolean
policy_request_says (const PolicyRequest *self, const char *word)
{
  int id = policy_fact_find (word);
  return id >= 0 && self->said[id] != NULL;
}

void
policy_request_forget (PolicyRequest *self, const char *word)
{
  int id = policy_fact_find (word);

  g_return_if_fail (id >= 0);
  self->forgotten |= 1u << id;
  if (id != FACT_FROM)
    g_clear_pointer (&self->said[id], g_strfreev);
}

char *
policy_request_words (guint32 facts)
{
  GString *out = g_string_new (NULL);

  for (gsize i = 0; i < POLICY_N_FACTS; i++)
    if ((facts & (1u << i)) != 0)
      g_string_append_printf (out, "%s%s", out->len > 0 ? ", " : "", policy_facts[i].word);
  return g_string_free (out, FALSE);
}

static char *
caller_conflict (const PolicyRequest *self)
{
  for (gsize i = 0; self->said[FACT_CALLER] != NULL && i < POLICY_N_FACTS; i++)
    if (policy_facts[i].of_program && self->said[i] != NULL)
      return g_strdup_printf ("who calls over HTTP is no program of this machine: \"caller\" and "
                              "\"%s\" are said of one request; keep one",
                              policy_facts[i].word);
  return NULL;
}

char *
policy_request_problem (const PolicyRequest *self)
{
  gboolean starts = self->operation == OPERATION_RUN_COMMAND || self->operation == OPERATION_LAUNCH;

  if (self->said[FACT_FROM] != NULL && self->said[FACT_UNVERIFIED] != NULL)
    return g_strdup ("\"from\" says that the program was verified, and \"unverified\" that it was "
                     "not; keep one");
  if (self->said[FACT_OF] != NULL && self->said[FACT_OF][1] != NULL && !starts)
    return g_strdup_printf ("a request for %s is about one thing; write one line for each",
                            operation_name (self->operation));
  if (self->said[FACT_SCOPES] != NULL && self->said[FACT_OF] == NULL)
    return g_strdup ("scopes of what? Write the name of the service or provider right behind the "
                     "operation");
  if (self->said[FACT_CHOSEN] != NULL && self->said[FACT_UNIT] == NULL)
    return g_strdup (
        "\"chosen\" says how it came to its unit; name the unit too, unit NAME chosen");
  if (self->said[FACT_AT] != NULL && self->said[FACT_AT][1] == NULL)
    return g_strdup ("a time is a day and the time of the day, as in at mon 10:30");
  return caller_conflict (self);
}

/* ---- what a policy is asked ---- */

Operation
policy_request_operation (const PolicyRequest *self)
{
  return self->operation;
}

static const char *
first (const PolicyRequest *self, PolicyFactId id)
{
  return self->said[id] != NULL ? self->said[id][0] : NULL;
}

const char *
policy_request_resource (const PolicyRequest *self)
{
  return first (self, FACT_OF);
}

gboolean
policy_request_has_scopes (const PolicyRequest *self, const char *const *scopes)
{
  char **scope = self->said[FACT_SCOPES];
  guint n = 0, found = 0;

  for (; scope != NULL && *scope != NULL; scope++, n++)
    found += g_strv_contains (scopes, *scope);
  return self->operation == OPERATION_HTTP_REQUEST ? n == 0 || found > 0 : found == n;
}

/* The same for each rule: what was asked before was like it. */
static gint64
count_before (gpointer user, const char *rule, gint64 period)
{
  const PolicyRequest *self = user;
  return self->before;
}

static void
fill_program (PolicyRequest *self, PolicyQuery *query)
{
  const char *uid = first (self, FACT_UID);

  query->exe = first (self, FACT_FROM);
  /* Not said: nobody's, so that no rule means it. */
  query->uid = uid != NULL ? (uid_t) g_ascii_strtoull (uid, NULL, 10) : (uid_t) -1;
  query->sha256 = first (self, FACT_SHA256);
  query->package = first (self, FACT_PACKAGE);
  query->unit = first (self, FACT_UNIT);
  query->unit_chosen = self->said[FACT_CHOSEN] != NULL;
  query->cwd = first (self, FACT_IN);
}

static void
fill_chain (PolicyRequest *self, PolicyQuery *query)
{
  char **said = self->said[FACT_BELOW];
  guint n = said != NULL ? g_strv_length (said) : 0;

  g_clear_pointer (&self->chain, g_free);
  if (said == NULL)
    return;
  query->chain_whole = n == 0 || strcmp (said[n - 1], FACT_AND_OTHERS) != 0;
  n -= query->chain_whole ? 0 : 1;
  self->chain = g_new0 (char *, n + 1); /* borrows the words */
  memcpy (self->chain, said, n * sizeof *said);
  query->chain = (const char *const *) self->chain;
}

static void
fill_count (PolicyRequest *self, PolicyQuery *query)
{
  const char *after = first (self, FACT_AFTER);

  query->count = self->count;
  query->count_user = self->count_user;
  if (after == NULL)
    return;
  self->before = (gint64) g_ascii_strtoull (after, NULL, 10);
  query->count = count_before;
  query->count_user = self;
}

void
policy_request_count (PolicyRequest *self, PolicyCount count, gpointer user)
{
  self->count = count;
  self->count_user = user;
}

const PolicyQuery *
policy_request_query (PolicyRequest *self)
{
  PolicyQuery *query = &self->query;

  *query = (PolicyQuery){
    .operation = self->operation,
    .command = (const char *const *) self->said[FACT_COMMAND],
    .caller = first (self, FACT_CALLER),
    .method = first (self, FACT_METHOD),
    .path = first (self, FACT_PATH),
    .weekday = policy_fact_weekday (self->said[FACT_AT]),
    .minute = policy_fact_minute (self->said[FACT_AT]),
  };
  fill_program (self, query);
  fill_chain (self, query);
  fill_count (self, query);
  return query;
}

static char **
names_of (const char *resource, char **scopes)
{
  char **names = with (NULL, resource);

  for (; scopes != NULL && *scopes != NULL; scopes++)
    {
      g_autofree char *name = g_strdup_printf ("%s/%s", resource, *scopes);
      names = with (names, name);
    }
  return names;
}

GPtrArray *
policy_request_things (const PolicyRequest *self)
{
  GPtrArray *things = g_ptr_array_new_with_free_func ((GDestroyNotify) g_strfreev);
  char **scopes = self->said[FACT_SCOPES];
  const char *resource = policy_request_resource (self);

  if (scopes != NULL && self->operation != OPERATION_HTTP_REQUEST)
    for (; *scopes != NULL; scopes++)
      {
        char *one[] = { *scopes, NULL };
        g_ptr_array_add (things, names_of (resource, one));
      }
  else if (scopes != NULL || resource == NULL)
    g_ptr_array_add (things, names_of (resource, scopes));
  else
    for (char **name = self->said[FACT_OF]; *name != NULL; name++)
      g_ptr_array_add (things, names_of (*name, NULL));
  return things;
}

void
policy_request_decide (PolicyRequest *self, const Policy *policy, PolicyDecision *decision)
{
  PolicyQuery query = *policy_request_query (self);
  const char *const *scopes = (const char *const *) self->said[FACT_SCOPES];

  query.resource = policy_request_resource (self);
  if (self->operation == OPERATION_HTTP_REQUEST)
    {
      g_auto (GStrv) names = names_of (query.resource, self->said[FACT_SCOPES]);
      policy_decide_names (policy, &query, (const char *const *) names, decision);
    }
  else if (scopes != NULL)
    policy_decide_scopes (policy, &query, scopes, decision);
  else
    policy_decide_each (policy, &query, (const char *const *) self->said[FACT_OF], decision);
}

char **
policy_request_cut (PolicyRequest *self, const Policy *policy)
{
  g_autoptr (GStrvBuilder) cut = g_strv_builder_new ();
  PolicyQuery query = *policy_request_query (self);
  char **scope = self->operation != OPERATION_HTTP_REQUEST ? self->said[FACT_SCOPES] : NULL;

  query.resource = policy_request_resource (self);
  for (; scope != NULL && *scope != NULL; scope++)
    if (!policy_scope_passes (policy, &query, *scope))
      g_strv_builder_add (cut, *scope);
  return g_strv_builder_end (cut);
}

void
policy_request_counted (PolicyRequest *self, const Policy *policy, PolicyCounted each,
                        gpointer user)
{
  g_autoptr (GPtrArray) things = policy_request_things (self);
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  const PolicyQuery *query = policy_request_query (self);

  for (guint i = 0; i < things->len; i++)
    for (char **name = things->pdata[i]; *name != NULL; name++)
      g_ptr_array_add (names, *name);
  g_ptr_array_add (names, NULL);
  policy_counted_names (policy, query, (const char *const *) names->pdata, each, user);
}
