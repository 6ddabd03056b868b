/* SPDX-License-Identifier: MIT */
#include "broker/request/question.h"

#include "broker/base/wire.h"
#include "broker/grant/facts.h"

static const char *
keep (Question *self, const char *text)
{
  return text != NULL ? g_string_chunk_insert (self->texts, text) : NULL;
}

static GPtrArray *
keep_list (Question *self, const char *const *list)
{
  if (list == NULL)
    return NULL;
  GPtrArray *kept = g_ptr_array_new ();
  for (; *list != NULL; list++)
    g_ptr_array_add (kept, (gpointer) keep (self, *list));
  g_ptr_array_add (kept, NULL);
  return kept;
}

static const char *const *
texts_of (const GPtrArray *list)
{
  return list != NULL ? (const char *const *) list->pdata : NULL;
}

Question *
question_new (const PolicyQuery *query, QuestionKind kind, char **names, guint needs,
              Counts *counts)
{
  Question *self = g_new0 (Question, 1);

  self->refs = 1;
  self->texts = g_string_chunk_new (256);
  self->query = *query;
  self->kind = kind;
  self->names = names;
  self->needs = needs;
  self->query.resource = keep (self, query->resource);
  self->query.exe = keep (self, query->exe);
  self->query.caller = keep (self, query->caller);
  self->query.method = keep (self, query->method);
  self->query.path = keep (self, query->path);
  self->query.sha256 = keep (self, query->sha256);
  self->query.package = keep (self, query->package);
  self->query.unit = keep (self, query->unit);
  self->query.cwd = keep (self, query->cwd);
  self->command = keep_list (self, query->command);
  self->query.command = texts_of (self->command);
  self->chain = keep_list (self, query->chain);
  self->query.chain = texts_of (self->chain);
  self->query.count = NULL;
  self->query.count_user = &self->of;
  if (counts != NULL && query->count != NULL)
    {
      count_of_set (&self->of, counts, query);
      self->query.count = count_of;
    }
  return self;
}

Question *
question_ref (Question *self)
{
  self->refs++;
  return self;
}

void
question_unref (Question *self)
{
  if (self == NULL || --self->refs > 0)
    return;
  count_of_clear (&self->of);
  g_strfreev (self->names);
  g_clear_pointer (&self->command, g_ptr_array_unref);
  g_clear_pointer (&self->chain, g_ptr_array_unref);
  g_string_chunk_free (self->texts);
  g_free (self);
}

void
question_decide (const Question *self, const Policy *policy, PolicyDecision *decision)
{
  const char *const *names = (const char *const *) self->names;

  switch (self->kind)
    {
    case QUESTION_NAMES:
      policy_decide_names (policy, &self->query, names, decision);
      break;
    case QUESTION_EACH:
      policy_decide_each (policy, &self->query, names, decision);
      break;
    case QUESTION_SCOPES:
      policy_decide_scopes (policy, &self->query, names, decision);
      break;
    case QUESTION_ONE:
    default:
      policy_decide (policy, &self->query, decision);
    }
}

gboolean
question_passes (const Question *self, const Policy *policy, const char *scope)
{
  return policy_scope_passes (policy, &self->query, scope);
}

/* A thing and its scopes, under all their names. */
static char **
scope_names (const Question *self)
{
  g_autoptr (GStrvBuilder) names = g_strv_builder_new ();

  if (self->query.resource != NULL)
    g_strv_builder_add (names, self->query.resource);
  for (char **scope = self->names; scope != NULL && *scope != NULL; scope++)
    {
      g_autofree char *name = g_strdup_printf ("%s/%s", self->query.resource, *scope);
      g_strv_builder_add (names, name);
    }
  return g_strv_builder_end (names);
}

void
question_count (const Question *self, const Policy *policy)
{
  const CountOf *of = &self->of;

  if (of->who == NULL)
    return;
  if (self->kind == QUESTION_ONE)
    {
      policy_counted (policy, &self->query, count_of_add, (gpointer) of);
      return;
    }
  g_auto (GStrv) scopes = self->kind == QUESTION_SCOPES ? scope_names (self) : NULL;
  policy_counted_names (policy, &self->query,
                        (const char *const *) (scopes != NULL ? scopes : self->names), count_of_add,
                        (gpointer) of);
}

static gint64
count_none (gpointer user, const char *rule, gint64 period)
{
  return 0;
}

void
question_renew (Question *self)
{
  self->query.count = count_none;
  facts_fill_time (&self->query);
}

void
question_complete (Question *self, guint needs, const char *sha256, const char *package)
{
  if (self->query.sha256 == NULL)
    self->query.sha256 = keep (self, sha256);
  if (self->query.package == NULL)
    self->query.package = keep (self, package);
  self->needs |= needs;
}

/* ---- as a row ---- */

/* What is no text stays away, and is then not known. */
static json_t *
list_json (const char *const *list)
{
  json_t *array = list != NULL ? json_array () : NULL;

  for (; array != NULL && *list != NULL; list++)
    if (json_array_append_new (array, json_string (*list)) != 0)
      g_clear_pointer (&array, json_decref);
  return array;
}

json_t *
question_to_json (const Question *self)
{
  const PolicyQuery *query = &self->query;
  json_t *chain = list_json (query->chain);

  return json_pack (
      "{s:s, s:i, s:o*, s:o*, s:I, s:o*, s:o*, s:o*, s:o*, s:o*, s:o*, s:o*, s:b, s:b, s:o*, s:o*, "
      "s:o*, s:i}",
      "operation", operation_name (query->operation), "kind", (int) self->kind, "resource",
      json_string (query->resource), "exe", json_string (query->exe), "uid",
      (json_int_t) query->uid, "caller", json_string (query->caller), "command",
      list_json (query->command), "method", json_string (query->method), "path",
      json_string (query->path), "sha256", json_string (query->sha256), "package",
      json_string (query->package), "unit", json_string (query->unit), "unit_chosen",
      query->unit_chosen, "chain_whole", query->chain_whole && chain != NULL, "chain", chain, "cwd",
      json_string (query->cwd), "names", list_json ((const char *const *) self->names), "needs",
      (int) self->needs);
}

Question *
question_from_json (const json_t *row)
{
  PolicyQuery query = { .uid = (uid_t) wire_integer (row, "uid", -1) };
  gint64 kind = wire_integer (row, "kind", -1);

  if (row == NULL || kind < QUESTION_ONE || kind > QUESTION_SCOPES
      || !operation_from_name (wire_string (row, "operation"), &query.operation))
    return NULL;
  json_t *names = json_object_get (row, "names"), *command = json_object_get (row, "command");
  json_t *chain = json_object_get (row, "chain");
  g_auto (GStrv) commands = command != NULL ? wire_texts (command) : NULL;
  g_auto (GStrv) above = chain != NULL ? wire_texts (chain) : NULL;
  query.resource = wire_string (row, "resource");
  query.exe = wire_string (row, "exe");
  query.caller = wire_string (row, "caller");
  query.command = (const char *const *) commands;
  query.method = wire_string (row, "method");
  query.path = wire_string (row, "path");
  query.sha256 = wire_string (row, "sha256");
  query.package = wire_string (row, "package");
  query.unit = wire_string (row, "unit");
  query.unit_chosen = json_is_true (json_object_get (row, "unit_chosen"));
  query.chain = (const char *const *) above;
  query.chain_whole = json_is_true (json_object_get (row, "chain_whole"));
  query.cwd = wire_string (row, "cwd");
  return question_new (&query, (QuestionKind) kind, names != NULL ? wire_texts (names) : NULL,
                       (guint) wire_integer (row, "needs", 0), NULL);
}
