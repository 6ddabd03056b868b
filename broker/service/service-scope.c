/* SPDX-License-Identifier: MIT
 *
 * Which scopes cover a request.
 *
 * MUST
 *  - cover nothing by accident: each part of a rule has to hold
 */
#include <string.h>

#include "broker/service/service-private.h"
#include "policy/policy-words.h"

#define NAMED 8 /* rules that a refusal names */

ServiceRule *
service_rule_new (const char *scope)
{
  ServiceRule *rule = g_new0 (ServiceRule, 1);
  rule->scope = g_strdup (scope);
  rule->paths = g_ptr_array_new_with_free_func ((GDestroyNotify) service_pattern_free);
  rule->conditions = g_ptr_array_new_with_free_func ((GDestroyNotify) service_condition_free);
  return rule;
}

void
service_rule_free (ServiceRule *rule)
{
  g_free (rule->scope);
  g_ptr_array_unref (rule->paths);
  g_ptr_array_unref (rule->conditions);
  g_free (rule);
}

/* In UTF-8: in another character set the same bytes are another document. */
static gboolean
is_json (const char *type)
{
  g_auto (GStrv) parts = g_strsplit (type == NULL ? "" : type, ";", 2);
  for (guint i = 0; parts[i] != NULL; i++)
    g_strstrip (parts[i]);
  return parts[0] != NULL && g_ascii_strcasecmp (parts[0], "application/json") == 0
         && (parts[1] == NULL || g_ascii_strcasecmp (parts[1], "charset=utf-8") == 0);
}

/* A document in the query of the URL would be taken before the one in the body by some servers. */
static gboolean
graphql_holds (const Service *service, GraphqlType type, const ServiceCall *call)
{
  if (!is_json (service_body_type (service, call->headers)))
    return FALSE;
  return json_object_size (call->query) == 0
         && service_graphql_body (call->body, call->body_len, type);
}

static gboolean
path_holds (const ServiceRule *rule, const ServiceCall *call)
{
  for (guint i = 0; i < rule->paths->len; i++)
    if (service_pattern_match (g_ptr_array_index (rule->paths, i),
                               (const char *const *) call->segments))
      return TRUE;
  return FALSE;
}

static gboolean
rule_covers (const Service *service, const ServiceRule *rule, const ServiceCall *call)
{
  if ((rule->methods & call->method_bit) == 0 || !path_holds (rule, call))
    return FALSE;
  for (guint i = 0; i < rule->conditions->len; i++)
    if (!service_condition_holds (g_ptr_array_index (rule->conditions, i), call))
      return FALSE;
  return rule->graphql == GRAPHQL_NONE || graphql_holds (service, rule->graphql, call);
}

static void
append_paths (const ServiceRule *rule, guint most, GString *text)
{
  for (guint i = 0; i < rule->paths->len; i++)
    {
      const ServicePattern *pattern = g_ptr_array_index (rule->paths, i);
      if (i == most)
        {
          g_string_append (text, " …");
          return;
        }
      g_string_append_printf (text, " %s", pattern->text);
    }
}

static void
append_conditions (const ServiceRule *rule, GString *text)
{
  for (guint i = 0; i < rule->conditions->len; i++)
    service_condition_append (g_ptr_array_index (rule->conditions, i), text);
  if (rule->graphql != GRAPHQL_NONE)
    g_string_append_printf (text, " with a GraphQL document that only has operations of type %s",
                            service_graphql_words[rule->graphql - GRAPHQL_QUERY]);
}

static void
append_rule (GString *text, const ServiceRule *rule, gboolean whole)
{
  g_autofree char *methods = service_methods_text (rule->methods);
  g_string_append_printf (text, "%s%s", text->len > 0 ? "; " : "", methods);
  if (whole)
    append_paths (rule, NAMED, text);
  append_conditions (rule, text);
  g_string_append_printf (text, " (%s)", rule->scope);
}

/* The rules that are about the path, else those that are about the method, else all. */
static gboolean
is_near (const ServiceRule *rule, const ServiceCall *call, guint distance)
{
  return distance == 2 || (distance == 0 && path_holds (rule, call))
         || (distance == 1 && (rule->methods & call->method_bit) != 0);
}

static char *
what_is_covered (const Service *service, const ServiceCall *call, gboolean *path)
{
  g_autoptr (GString) text = g_string_new (NULL);
  for (guint distance = 0; distance <= 2 && text->len == 0; distance++)
    {
      guint n = 0;
      *path = distance == 0;
      for (guint i = 0; i < service->rules->len; i++)
        {
          const ServiceRule *rule = g_ptr_array_index (service->rules, i);
          if (is_near (rule, call, distance) && n++ < NAMED)
            append_rule (text, rule, distance > 0);
        }
      if (n > NAMED)
        g_string_append_printf (text, "; and %u more", n - NAMED);
    }
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static void
fail_scope (const Service *service, const ServiceCall *call, GError **error)
{
  gboolean path = FALSE;
  g_autofree char *covered = what_is_covered (service, call, &path);
  if (service->rules->len == 0)
    g_set_error (error, SERVICE_ERROR, SERVICE_ERROR_SCOPE, "the service %s has no scopes",
                 service->name);
  else
    g_set_error (error, SERVICE_ERROR, SERVICE_ERROR_SCOPE,
                 "no scope of %s covers %s %s; %s covered: %s", service->name, call->method,
                 call->path, path ? "of this path these are" : "these are", covered);
}

char **
service_covering (const Service *service, const ServiceCall *call, GError **error)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < service->rules->len; i++)
    {
      const ServiceRule *rule = g_ptr_array_index (service->rules, i);
      if (!g_ptr_array_find_with_equal_func (names, rule->scope, g_str_equal, NULL)
          && rule_covers (service, rule, call))
        g_ptr_array_add (names, g_strdup (rule->scope));
    }
  if (names->len == 0)
    {
      fail_scope (service, call, error);
      return NULL;
    }
  g_ptr_array_add (names, NULL);
  return (char **) g_ptr_array_free (g_steal_pointer (&names), FALSE);
}

/* --- For people --- */

static json_t *
rule_json (const ServiceRule *rule)
{
  json_t *object = json_object (), *paths = json_array ();
  json_object_set_new (object, "methods", service_methods_json (rule->methods));
  for (guint i = 0; i < rule->paths->len; i++)
    {
      const ServicePattern *pattern = g_ptr_array_index (rule->paths, i);
      json_array_append_new (paths, json_string (pattern->text));
    }
  json_object_set_new (object, "paths", paths);
  if (rule->graphql != GRAPHQL_NONE)
    json_object_set_new (object, "graphql",
                         json_string (service_graphql_words[rule->graphql - GRAPHQL_QUERY]));
  for (ConditionKind kind = 0; service_condition_words[kind] != NULL; kind++)
    {
      json_t *conditions = service_conditions_json (rule->conditions, kind);
      if (conditions != NULL)
        json_object_set_new (object, service_condition_words[kind], conditions);
    }
  return object;
}

static json_t *
scope_in (json_t *scopes, const char *name)
{
  gsize i;
  json_t *scope;
  json_array_foreach (scopes, i,
                      scope) if (strcmp (json_string_value (json_object_get (scope, "name")), name)
                                 == 0) return scope;
  scope = json_pack ("{s:s, s:[]}", "name", name, "rules");
  json_array_append_new (scopes, scope);
  return scope;
}

json_t *
service_scopes_json (const Service *service)
{
  json_t *scopes = json_array ();
  for (guint i = 0; i < service->rules->len; i++)
    {
      const ServiceRule *rule = g_ptr_array_index (service->rules, i);
      json_array_append_new (json_object_get (scope_in (scopes, rule->scope), "rules"),
                             rule_json (rule));
    }
  return scopes;
}

gboolean
service_has_scope (const Service *service, const char *scope)
{
  for (guint i = 0; i < service->rules->len; i++)
    if (strcmp (((const ServiceRule *) g_ptr_array_index (service->rules, i))->scope, scope) == 0)
      return TRUE;
  return FALSE;
}

static gboolean
is_plain (const ServiceRule *rule)
{
  return rule->conditions->len == 0 && rule->graphql == GRAPHQL_NONE;
}

/* The paths of all rules of @scope that have just these methods. */
static char *
methods_line (const Service *service, const char *scope, guint methods)
{
  g_autofree char *words = service_methods_text (methods);
  g_autoptr (GString) text = g_string_new (words);
  for (guint i = 0; i < service->rules->len; i++)
    {
      const ServiceRule *rule = g_ptr_array_index (service->rules, i);
      if (rule->methods == methods && is_plain (rule) && strcmp (rule->scope, scope) == 0)
        append_paths (rule, G_MAXUINT, text);
    }
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static char *
rule_line (const ServiceRule *rule)
{
  g_autofree char *methods = service_methods_text (rule->methods);
  g_autoptr (GString) text = g_string_new (methods);
  append_paths (rule, G_MAXUINT, text);
  append_conditions (rule, text);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

char **
service_scope_lines (const Service *service, const char *scope)
{
  g_autoptr (GPtrArray) lines = g_ptr_array_new ();
  guint64 seen[2] = { 0 }; /* sets of methods, of which there are 128 */
  G_STATIC_ASSERT (SERVICE_METHODS == 7);
  for (guint i = 0; i < service->rules->len; i++)
    {
      const ServiceRule *rule = g_ptr_array_index (service->rules, i);
      guint64 *set = &seen[rule->methods / 64], bit = (guint64) 1 << rule->methods % 64;
      if (strcmp (rule->scope, scope) != 0)
        continue;
      if (!is_plain (rule))
        g_ptr_array_add (lines, rule_line (rule));
      else if ((*set & bit) == 0)
        g_ptr_array_add (lines, methods_line (service, scope, rule->methods));
      if (is_plain (rule))
        *set |= bit;
    }
  g_ptr_array_add (lines, NULL);
  return (char **) g_ptr_array_free (g_steal_pointer (&lines), FALSE);
}

gboolean
service_scope_reads (const Service *service, const char *scope)
{
  guint reading = service_method_bit ("GET") | service_method_bit ("HEAD");
  gboolean found = FALSE;
  for (guint i = 0; i < service->rules->len; i++)
    {
      const ServiceRule *rule = g_ptr_array_index (service->rules, i);
      if (strcmp (rule->scope, scope) != 0)
        continue;
      if (strcmp (scope, "read") != 0
          && ((rule->methods & ~reading) != 0 || rule->conditions->len > 0))
        return FALSE; /* a value that is chosen may well be an action */
      found = TRUE;
    }
  return found;
}
