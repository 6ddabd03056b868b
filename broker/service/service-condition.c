/* SPDX-License-Identifier: MIT
 *
 * What a rule wants of a request beside method and path: some APIs put what is done into a value of
 * the query or into a header.
 */
#include <string.h>

#include "broker/service/service-private.h"

const char *const service_condition_words[]
    = { "query", "header", "only-query", "only-header", NULL };

ServiceCondition *
service_condition_new (ConditionKind kind, const char *name)
{
  ServiceCondition *condition = g_new0 (ServiceCondition, 1);
  condition->kind = kind;
  condition->name = g_strdup (name);
  condition->values = g_ptr_array_new_with_free_func (g_free);
  return condition;
}

void
service_condition_free (ServiceCondition *condition)
{
  g_free (condition->name);
  g_ptr_array_unref (condition->values);
  g_free (condition);
}

static gboolean
any_matches (const ServiceCondition *condition, const char *subject)
{
  for (guint i = 0; subject != NULL && i < condition->values->len; i++)
    if (service_glob_match (g_ptr_array_index (condition->values, i), subject))
      return TRUE;
  return FALSE;
}

static gboolean
all_listed (const ServiceCondition *condition, const json_t *object)
{
  gboolean headers = condition->kind == CONDITION_ONLY_HEADER; /* which capitals do not part */
  const char *name;
  json_t *value;
  json_object_foreach ((json_t *) object, name, value)
  {
    g_autofree char *small = headers ? g_ascii_strdown (name, -1) : g_strdup (name);
    gboolean listed = FALSE;
    for (guint i = 0; i < condition->values->len; i++)
      {
        const char *own = g_ptr_array_index (condition->values, i);
        g_autofree char *wanted = headers ? g_ascii_strdown (own, -1) : g_strdup (own);
        listed |= service_glob_match (wanted, small);
      }
    if (!listed)
      return FALSE;
  }
  return TRUE;
}

/* The value of @name, when it is a text, there once, and under no other name that a server could
 * take for it. */
static const char *
sole_value (const json_t *query, const char *name)
{
  g_autofree char *filed = service_key_filed_under (name);
  const char *other;
  json_t *value;
  json_object_foreach ((json_t *) query, other, value)
  {
    g_autofree char *theirs = service_key_filed_under (other);
    if (strcmp (other, name) != 0 && strcmp (theirs, filed) == 0)
      return NULL;
  }
  return json_string_value (json_object_get (query, name));
}

gboolean
service_condition_holds (const ServiceCondition *condition, const ServiceCall *call)
{
  switch (condition->kind)
    {
    case CONDITION_QUERY:
      return any_matches (condition, sole_value (call->query, condition->name));
    case CONDITION_HEADER:
      return any_matches (condition, service_headers_get (call->headers, condition->name));
    case CONDITION_ONLY_QUERY:
      return all_listed (condition, call->query);
    case CONDITION_ONLY_HEADER:
      return all_listed (condition, call->given);
    default:
      return FALSE;
    }
}

void
service_condition_append (const ServiceCondition *condition, GString *text)
{
  static const char *const words[]
      = { "with the query", "with the header", "with no query but", "with no headers but" };
  g_string_append_printf (text, " %s", words[condition->kind]);
  if (condition->name != NULL)
    g_string_append_printf (text, " %s", condition->name);
  for (guint i = 0; i < condition->values->len; i++)
    g_string_append_printf (text, "%s%s", i == 0 ? " " : " or ",
                            (const char *) g_ptr_array_index (condition->values, i));
}

static json_t *
values_json (const ServiceCondition *condition)
{
  json_t *values = json_array ();
  for (guint i = 0; i < condition->values->len; i++)
    json_array_append_new (values, json_string (g_ptr_array_index (condition->values, i)));
  return values;
}

json_t *
service_conditions_json (GPtrArray *conditions, ConditionKind kind)
{
  g_autoptr (json_t) found = NULL;
  for (guint i = 0; i < conditions->len; i++)
    {
      const ServiceCondition *condition = g_ptr_array_index (conditions, i);
      if (condition->kind != kind)
        continue;
      if (condition->name == NULL)
        return values_json (condition);
      if (found == NULL)
        found = json_object ();
      json_object_set_new (found, condition->name, values_json (condition));
    }
  return g_steal_pointer (&found);
}
