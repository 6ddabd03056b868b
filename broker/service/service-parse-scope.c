/* SPDX-License-Identifier: MIT
 *
 *   scope     = name methods paths { condition }
 *   condition = ( "query" | "header" ) name values | ( "only-query" | "only-header" ) names
 *             | "graphql" type
 *   test      = method path { ( "query" | "header" ) name value } [ "body" text ]
 */
#include <string.h>

#include "broker/base/text.h"
#include "broker/service/service-parse.h"
#include "policy/policy-words.h"

static gboolean
fail_problem (ServiceLine *line, char *problem, GError **error)
{
  g_autofree char *owned = problem;
  return owned == NULL || service_line_fail_taken (line, error, "%s", owned);
}

/* The method that was meant, or NULL. */
static const char *
near_method (const char *text)
{
  static const char *const small[]
      = { "get", "head", "options", "post", "put", "patch", "delete", NULL };
  const char *near = policy_nearest (text, small);
  for (guint i = 0; near != NULL && small[i] != NULL; i++)
    if (strcmp (small[i], near) == 0)
      return service_method_words[i];
  return NULL;
}

static gboolean
find_method (ServiceLine *line, const char *text, guint *bit, GError **error)
{
  g_autofree char *shown = policy_show (text);
  g_autofree char *all = g_strjoinv (", ", (char **) service_method_words);
  const char *near = near_method (text);
  *bit = service_method_bit (text);
  if (*bit != 0)
    return TRUE;
  if (near != NULL)
    return service_line_fail_taken (line, error, "%s is no method; did you mean \"%s\"?", shown,
                                    near);
  return service_line_fail_taken (line, error, "%s is no method; write one of %s", shown, all);
}

static gboolean
take_method (ServiceLine *line, const char *text, gpointer data, GError **error)
{
  ServiceRule *rule = data;
  guint bit;
  if (!find_method (line, text, &bit, error))
    return FALSE;
  if ((rule->methods & bit) != 0)
    return service_line_fail_taken (line, error, "%s stands twice in this list; once is enough",
                                    text);
  rule->methods |= bit;
  return TRUE;
}

static gboolean
take_path (ServiceLine *line, const char *text, gpointer data, GError **error)
{
  ServiceRule *rule = data;
  g_autofree char *shown = policy_show (text);
  g_autofree char *problem = service_pattern_problem (text);
  if (problem != NULL)
    return service_line_fail_taken (line, error, "%s: %s", shown, problem);
  for (guint i = 0; i < rule->paths->len; i++)
    if (strcmp (((ServicePattern *) g_ptr_array_index (rule->paths, i))->text, text) == 0)
      return service_line_fail_taken (line, error, "%s stands twice in this list; once is enough",
                                      shown);
  g_ptr_array_add (rule->paths, service_pattern_new (text));
  return TRUE;
}

static gboolean
take_value (ServiceLine *line, const char *text, gpointer data, GError **error)
{
  ServiceCondition *condition = data;
  g_autofree char *shown = policy_show (text);
  if (*text == '\0')
    return service_line_fail_taken (line, error, "an empty text; leave it out");
  if (g_ptr_array_find_with_equal_func (condition->values, text, g_str_equal, NULL))
    return service_line_fail_taken (line, error, "%s stands twice in this list; once is enough",
                                    shown);
  if (strspn (text, "*") == strlen (text))
    return service_line_fail_taken (
        line, error, "%s is anything, which is no condition; name what may be", shown);
  g_ptr_array_add (condition->values, g_strdup (text));
  return TRUE;
}

/* The second of a kind, or of a name, would have to hold as well, which is never meant. */
static gboolean
check_first (ServiceLine *line, const ServiceRule *rule, ConditionKind kind, const char *name,
             GError **error)
{
  for (guint i = 0; i < rule->conditions->len; i++)
    {
      const ServiceCondition *other = g_ptr_array_index (rule->conditions, i);
      if (other->kind == kind && (name == NULL || g_ascii_strcasecmp (other->name, name) == 0))
        return service_line_fail_taken (line, error,
                                        "a second condition of this kind; write all "
                                        "in one list, { a b }");
    }
  return TRUE;
}

static gboolean
take_condition (ServiceLine *line, ServiceRule *rule, ConditionKind kind, GError **error)
{
  const char *name = NULL;
  if (kind == CONDITION_QUERY || kind == CONDITION_HEADER)
    {
      name = service_line_take (line, "a name", error);
      if (name == NULL)
        return FALSE;
    }
  if (kind == CONDITION_HEADER
      && !fail_problem (line, service_header_name_problem (NULL, name), error))
    return FALSE;
  if (!check_first (line, rule, kind, name, error))
    return FALSE;
  ServiceCondition *condition = service_condition_new (kind, name);
  g_ptr_array_add (rule->conditions, condition);
  return service_line_take_list (
      line, name != NULL ? "a value, or several in { }" : "a name, or several in { }", take_value,
      condition, error);
}

static gboolean
take_graphql (ServiceLine *line, ServiceRule *rule, GError **error)
{
  if (rule->graphql != GRAPHQL_NONE)
    return service_line_fail_taken (line, error, "a second graphql in one line; keep one");
  if (rule->methods != service_method_bit ("POST"))
    return service_line_fail_taken (line, error,
                                    "graphql looks into bodies; the method before it "
                                    "has to be POST alone");
  int type = service_line_take_of (line, "type of operation", service_graphql_words, error);
  rule->graphql = GRAPHQL_NONE + 1 + MAX (type, 0);
  return type >= 0;
}

static gboolean
take_conditions (ServiceLine *line, ServiceRule *rule, GError **error)
{
  static const char *const words[]
      = { "query", "header", "only-query", "only-header", "graphql", NULL };
  while (!service_line_at_end (line))
    {
      int word = service_line_take_of (line, "condition", words, error);
      if (word < 0)
        return FALSE;
      if (words[word + 1] == NULL ? !take_graphql (line, rule, error)
                                  : !take_condition (line, rule, (ConditionKind) word, error))
        return FALSE;
    }
  return TRUE;
}

gboolean
service_parse_scope (ServiceLine *line, Service *service, GError **error)
{
  g_autoptr (GError) problem = NULL;
  if (service->rules->len == SERVICE_MAX_RULES)
    return service_line_fail (line, error, "more than %d scope lines; use lists and patterns",
                              SERVICE_MAX_RULES);
  const char *name = service_line_take (line, "the name of a scope, as in read", error);
  if (name == NULL)
    return FALSE;
  if (!text_check_segment (name, &problem))
    return service_line_fail_taken (line, error, "the name of a scope %s", problem->message);
  ServiceRule *rule = service_rule_new (name);
  g_ptr_array_add (service->rules, rule);
  return service_line_take_list (line, "a method, or several in { }", take_method, rule, error)
         && service_line_take_list (line, "a path, or several in { }", take_path, rule, error)
         && take_conditions (line, rule, error);
}

/* --- The test line; whether the service allows it is seen when all of it is read --- */

static gboolean
take_pair (ServiceLine *line, json_t **pairs, GError **error)
{
  const char *name = service_line_take (line, "a name", error);
  if (name == NULL)
    return FALSE;
  if (*pairs == NULL)
    *pairs = json_object ();
  if (json_object_get (*pairs, name) != NULL)
    return service_line_fail_taken (line, error, "this name stands twice; write it once");
  const char *value = service_line_take (line, "a value", error);
  return value != NULL && json_object_set_new (*pairs, name, json_string (value)) == 0;
}

static gboolean
take_body (ServiceLine *line, ServiceTest *test, GError **error)
{
  const char *body;
  if (test->body != NULL)
    return service_line_fail_taken (line, error, "a second body; keep one");
  body = service_line_take (line, "a text in double quotes", error);
  test->body = g_strdup (body);
  return body != NULL;
}

static gboolean
take_part (ServiceLine *line, ServiceTest *test, GError **error)
{
  static const char *const words[] = { "query", "header", "body", NULL };
  switch (service_line_take_of (line, "part of a test", words, error))
    {
    case 0:
      return take_pair (line, &test->query, error);
    case 1:
      return take_pair (line, &test->headers, error);
    case 2:
      return take_body (line, test, error);
    default:
      return FALSE;
    }
}

gboolean
service_parse_test (ServiceLine *line, Service *service, GError **error)
{
  ServiceTest *test = &service->test;
  guint bit;
  const char *method = service_line_take (line, "a method, as in GET", error);
  if (method == NULL || !find_method (line, method, &bit, error))
    return FALSE;
  test->method = g_strdup (method);
  const char *path = service_line_take (line, "a path, as in /user", error);
  test->path = g_strdup (path);
  if (path == NULL)
    return FALSE;
  while (!service_line_at_end (line))
    if (!take_part (line, test, error))
      return FALSE;
  return TRUE;
}
