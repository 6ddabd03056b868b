/* SPDX-License-Identifier: MIT
 *
 * Clauses about what is asked for.
 *
 * MUST
 *  - refuse a value that no request can have: in a deny it would be a hole that nobody sees
 *  - answer "maybe", never "no", for what is not known
 */
#include <string.h>

#include "policy/policy-clause.h"
#include "policy/policy-command.h"
#include "policy/policy-value.h"
#include "policy/policy-words.h"

/* --- of --- */

char *
policy_of_add (PolicyRule *rule, const char *value)
{
  if (*value == '/')
    {
      g_autofree char *right = policy_show (value + strspn (value, "/"));
      return g_strdup_printf ("the name of a resource does not begin with a slash; write %s",
                              right);
    }
  return policy_list_add (&rule->of, value);
}

void
policy_of_print (const PolicyRule *rule, GPtrArray *words)
{
  policy_list_print (rule->of, words);
}

PolicyMatch
policy_of_match (const PolicyRule *rule, const PolicyQuery *query)
{
  if (query->resource == NULL) /* there is none: known, and not what the rule is about */
    return POLICY_MATCH_NO;
  return policy_list_match (rule->of, query->resource);
}

gboolean
policy_of_covers (const PolicyRule *wide, const PolicyRule *narrow)
{
  return policy_list_covers (wide->of, narrow->of);
}

/* --- method --- */

static const char *const methods[]
    = { "GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE", NULL };

char *
policy_method_add (PolicyRule *rule, const char *value)
{
  g_autofree char *upper = g_ascii_strup (value, -1);
  if (g_strv_contains (methods, value))
    return policy_list_add_plain (&rule->methods, value);
  if (g_strv_contains (methods, upper))
    return g_strdup_printf ("a method is written in capitals; write %s", upper);
  g_autofree char *all = g_strjoinv (", ", (char **) methods);
  return g_strdup_printf ("no request has this method; write one of %s", all);
}

void
policy_method_print (const PolicyRule *rule, GPtrArray *words)
{
  policy_list_print (rule->methods, words);
}

PolicyMatch
policy_method_match (const PolicyRule *rule, const PolicyQuery *query)
{
  return policy_list_match (rule->methods, query->method);
}

gboolean
policy_method_covers (const PolicyRule *wide, const PolicyRule *narrow)
{
  return policy_list_covers (wide->methods, narrow->methods);
}

/* --- path --- */

/* A slash within a segment keeps its escape, or it would be one between two. */
static gboolean
has_other_escape (const char *value)
{
  while ((value = strchr (value, '%')) != NULL)
    if (!g_str_has_prefix (++value, "2F"))
      return TRUE;
  return FALSE;
}

static char *
url_path_problem (const char *value)
{
  if (strstr (value, "://") != NULL)
    return g_strdup ("a whole URL; write only what comes after the service's base");
  if (*value != '/')
    return g_strdup ("a path begins with a slash");
  if (strchr (value, '?') != NULL)
    return g_strdup ("a question mark; a path is compared without what follows it, and * stands "
                     "for what differs");
  if (has_other_escape (value))
    return g_strdup ("a percent sign; write the character itself, paths are compared decoded, but "
                     "for %2F");
  if (strpbrk (value, "#;\\") != NULL)
    return g_strdup ("no path has the characters # ; \\");
  /* Unlike a file's, a request's path may be nothing but a slash, or end with one. */
  g_autofree char *bare = g_strndup (value, strlen (value) - g_str_has_suffix (value, "/"));
  return *bare == '\0' ? NULL : policy_pattern_problem (bare);
}

char *
policy_path_add (PolicyRule *rule, const char *value)
{
  char *problem = url_path_problem (value);
  return problem != NULL ? problem : policy_list_add_plain (&rule->paths, value);
}

void
policy_path_print (const PolicyRule *rule, GPtrArray *words)
{
  policy_list_print (rule->paths, words);
}

PolicyMatch
policy_path_match (const PolicyRule *rule, const PolicyQuery *query)
{
  return policy_list_match (rule->paths, query->path);
}

gboolean
policy_path_covers (const PolicyRule *wide, const PolicyRule *narrow)
{
  return policy_list_covers (wide->paths, narrow->paths);
}

/* --- command --- */

char *
policy_command_clause_add (PolicyRule *rule, const char *value)
{
  if (rule->command == NULL)
    {
      char *problem = policy_program_problem (value);
      if (problem == NULL)
        problem = policy_pattern_problem (value);
      if (problem != NULL)
        return problem;
      rule->command = policy_command_new ();
    }
  return policy_command_add (rule->command, value);
}

void
policy_command_clause_print (const PolicyRule *rule, GPtrArray *words)
{
  policy_list_print (rule->command, words);
}

PolicyMatch
policy_command_clause_match (const PolicyRule *rule, const PolicyQuery *query)
{
  if (query->command == NULL || query->command[0] == NULL)
    return POLICY_MATCH_MAYBE;
  return policy_command_match (rule->command, query->command) ? POLICY_MATCH_YES : POLICY_MATCH_NO;
}

gboolean
policy_command_clause_covers (const PolicyRule *wide, const PolicyRule *narrow)
{
  return policy_command_covers (wide->command, narrow->command);
}
