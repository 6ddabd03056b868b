/* SPDX-License-Identifier: MIT
 *
 * Clauses that bound what is granted. They do not choose whose requests match.
 */
#include <string.h>

#include "policy/policy-clause.h"
#include "policy/policy-value.h"
#include "policy/policy-words.h"

/* --- max, uses --- */

char *
policy_max_add (PolicyRule *rule, const char *value)
{
  return policy_duration (value, &rule->max);
}

void
policy_max_print (const PolicyRule *rule, GPtrArray *words)
{
  g_ptr_array_add (words, policy_duration_text (rule->max));
}

char *
policy_uses_add (PolicyRule *rule, const char *value)
{
  rule->uses = policy_whole_number (value, POLICY_MAX_USES);
  if (rule->uses > 0)
    return NULL;
  return g_strdup_printf ("uses is a whole number from 1 to %d; to have none at all write deny",
                          POLICY_MAX_USES);
}

void
policy_uses_print (const PolicyRule *rule, GPtrArray *words)
{
  g_ptr_array_add (words, g_strdup_printf ("%" G_GINT64_FORMAT, rule->uses));
}

/* --- rate --- */

char *
policy_rate_read (const char *value, PolicyRate *rate)
{
  g_auto (GStrv) parts = g_strsplit (value, "/", -1);
  if (g_strv_length (parts) != 2)
    return g_strdup ("a number of requests, a slash and in how long, as in 20/1h");
  rate->n = policy_whole_number (parts[0], POLICY_MAX_COUNT);
  if (rate->n <= 0)
    return g_strdup_printf ("the number of requests is from 1 to %d; to have none at all write "
                            "deny",
                            POLICY_MAX_COUNT);
  return policy_duration (parts[1], &rate->period);
}

char *
policy_rate_text (const PolicyRate *rate)
{
  g_autofree char *period = policy_duration_text (rate->period);
  return g_strdup_printf ("%" G_GINT64_FORMAT "/%s", rate->n, period);
}

PolicyMatch
policy_rate_reached (const PolicyRule *rule, const PolicyRate *rate, const PolicyQuery *query)
{
  if (query->count == NULL)
    return POLICY_MATCH_MAYBE;
  gint64 n = query->count (query->count_user, rule->text, rate->period);
  return n >= rate->n ? POLICY_MATCH_YES : POLICY_MATCH_NO;
}

char *
policy_rate_add (PolicyRule *rule, const char *value)
{
  return policy_rate_read (value, &rule->rate);
}

void
policy_rate_print (const PolicyRule *rule, GPtrArray *words)
{
  g_ptr_array_add (words, policy_rate_text (&rule->rate));
}

/* --- scopes --- */

/* A scope is text of any kind, often with slashes, as in https://example.com/auth/read. */
char *
policy_scopes_add (PolicyRule *rule, const char *value)
{
  if (*value == '\0')
    return g_strdup ("no scope has an empty name; to grant none write deny");
  if (strpbrk (value, " \t\n") != NULL)
    return g_strdup ("no scope has a blank in it; write each as a word of its own");
  return policy_list_add_plain (&rule->scopes, value);
}

void
policy_scopes_print (const PolicyRule *rule, GPtrArray *words)
{
  policy_list_print (rule->scopes, words);
}

/* --- confirm, sandbox, notify --- */

char *
policy_confirm_add (PolicyRule *rule, const char *value)
{
  if (policy_confirm_from_name (value, &rule->confirm))
    return NULL;
  return g_strdup ("a person confirms by click, by pin or by key; write one of the three");
}

void
policy_confirm_print (const PolicyRule *rule, GPtrArray *words)
{
  g_ptr_array_add (words, g_strdup (policy_confirm_name (rule->confirm)));
}

char *
policy_sandbox_add (PolicyRule *rule, const char *value)
{
  rule->sandbox = TRUE;
  return NULL;
}

char *
policy_notify_add (PolicyRule *rule, const char *value)
{
  rule->notify = TRUE;
  return NULL;
}
