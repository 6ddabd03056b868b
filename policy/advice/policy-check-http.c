/* SPDX-License-Identifier: MIT
 *
 * Rules about requests, and what the services that are known send.
 */
#include <string.h>

#include "policy/advice/policy-differ.h"
#include "policy/advice/policy-note.h"
#include "policy/policy-words.h"

#define HTTP (1u << OPERATION_HTTP_REQUEST)

/* Each of them changes something. */
static const char *const changing[] = { "POST", "PUT", "PATCH", "DELETE", NULL };

static gboolean
is_about (const PolicyRule *rule, const PolicyKnownService *service)
{
  gsize len = strlen (service->name);

  for (guint i = 0; rule->of != NULL && i < rule->of->len; i++)
    {
      const PolicyPattern *pattern = &g_array_index (rule->of, PolicyPattern, i);
      if (policy_pattern_match (pattern, service->name, len)
          || (g_str_has_prefix (pattern->text, service->name) && pattern->text[len] == '/'))
        return TRUE;
    }
  return rule->of == NULL;
}

typedef gboolean (*Sends) (const PolicyKnownService *service, const PolicyPattern *pattern);

static gboolean
sends_method (const PolicyKnownService *service, const PolicyPattern *method)
{
  return service->methods == NULL || g_strv_contains (service->methods, method->text);
}

static gboolean
sends_path (const PolicyKnownService *service, const PolicyPattern *path)
{
  for (gsize i = 0; service->paths != NULL && service->paths[i] != NULL; i++)
    {
      PolicyPattern covered;
      policy_pattern_init (&covered, service->paths[i]);
      gboolean meet = policy_patterns_meet (&covered, path);
      policy_pattern_clear (&covered);
      if (meet)
        return TRUE;
    }
  return service->paths == NULL;
}

/* Whether a service that @rule is about sends something like @pattern. */
static gboolean
is_sent (const PolicyKnown *known, const PolicyRule *rule, const PolicyPattern *pattern,
         Sends sends)
{
  gboolean any = FALSE;

  for (const PolicyKnownService *service = known->services; service->name != NULL; service++)
    if (is_about (rule, service))
      {
        any = TRUE;
        if (sends (service, pattern))
          return TRUE;
      }
  return !any; /* that there is no such service is said elsewhere */
}

static void
note_unsent (PolicyChecking *check, int number, const char *clause, const char *word)
{
  g_autofree char *shown = policy_show (word);
  PolicyNote *note = policy_note_add (check, POLICY_NOTE_WARNING, number,
                                      "no scope of the service covers the %s %s: it is never sent",
                                      clause, shown);

  policy_note_at (check, note, clause, word);
  policy_note_suggest (note, "countersign service show NAME prints what its scopes cover");
}

/* A deny is none the worse for taking in more, as long as it takes in something. */
static void
check_sent (PolicyChecking *check, int number, const char *clause, const GArray *patterns,
            Sends sends)
{
  const PolicyRule *rule = policy_rule (check->policy, number);
  guint n = patterns != NULL && check->known->services != NULL ? patterns->len : 0, unsent = 0;

  for (guint i = 0; i < n; i++)
    unsent += !is_sent (check->known, rule, &g_array_index (patterns, PolicyPattern, i), sends);
  if (rule->verdict == POLICY_DENY && unsent < n)
    return;
  for (guint i = 0; i < n; i++)
    {
      const PolicyPattern *pattern = &g_array_index (patterns, PolicyPattern, i);
      if (!is_sent (check->known, rule, pattern, sends))
        note_unsent (check, number, clause, pattern->text);
    }
}

/* --- Denies of some methods, or of a path alone --- */

static gboolean
denied_with (const PolicyChecking *check, const PolicyRule *rule, const char *word, gboolean path)
{
  g_autoptr (GArray) list = g_array_new (FALSE, FALSE, sizeof (PolicyPattern));
  PolicyPattern pattern;
  PolicyRule other = *rule;

  policy_pattern_init (&pattern, word);
  g_array_append_val (list, pattern);
  if (path)
    other.paths = list;
  else
    other.methods = list;
  gboolean denied = policy_denied_by (check->policy, &other, HTTP) >= 0;
  policy_pattern_clear (&pattern);
  return denied;
}

static gboolean
has_method (const PolicyRule *rule, const char *method)
{
  for (guint i = 0; i < rule->methods->len; i++)
    if (strcmp (g_array_index (rule->methods, PolicyPattern, i).text, method) == 0)
      return TRUE;
  return FALSE;
}

/* The methods that change something, are not denied, and can be sent. */
static GPtrArray *
open_methods (const PolicyChecking *check, const PolicyRule *rule)
{
  GPtrArray *open = g_ptr_array_new ();

  for (gsize i = 0; changing[i] != NULL; i++)
    {
      PolicyPattern method = { (char *) changing[i], strlen (changing[i]), strlen (changing[i]) };
      if (!has_method (rule, changing[i]) && !denied_with (check, rule, changing[i], FALSE)
          && (check->known->services == NULL
              || is_sent (check->known, rule, &method, sends_method)))
        g_ptr_array_add (open, (gpointer) changing[i]);
    }
  return open;
}

static void
check_methods (PolicyChecking *check, const PolicyRule *rule, int number)
{
  g_autoptr (GPtrArray) open = open_methods (check, rule);
  gboolean some = FALSE;

  for (gsize i = 0; changing[i] != NULL; i++)
    some |= has_method (rule, changing[i]);
  if (!some || open->len == 0)
    return;
  g_ptr_array_add (open, NULL);
  g_autofree char *joined = g_strjoinv (" and ", (char **) open->pdata);
  PolicyNote *note = policy_note_add (check, POLICY_NOTE_WARNING, number,
                                      "what changes something stays open by %s", joined);
  policy_note_at (check, note, "method", NULL);
  policy_note_suggest (note, "method { POST PUT PATCH DELETE } is all that changes something");
}

static void
check_path (PolicyChecking *check, const PolicyRule *rule, int number, const PolicyPattern *path)
{
  g_autofree char *deep = g_strconcat (path->text, path->text[1] != '\0' ? "/**" : "**", NULL);
  PolicyPattern below;

  if (path->literal < path->len || check->known->services == NULL
      || denied_with (check, rule, deep, TRUE))
    return;
  policy_pattern_init (&below, deep);
  gboolean sent = is_sent (check->known, rule, &below, sends_path);
  policy_pattern_clear (&below);
  if (!sent)
    return;
  g_autofree char *shown = policy_show (path->text);
  PolicyNote *note = policy_note_add (check, POLICY_NOTE_WARNING, number,
                                      "%s is one path, and nothing that is below it", shown);
  policy_note_at (check, note, "path", path->text);
  policy_note_suggest (note, "write { %s %s } for both", path->text, deep);
}

void
policy_check_http (PolicyChecking *check, int number)
{
  const PolicyRule *rule = policy_rule (check->policy, number);

  check_sent (check, number, "method", rule->methods, sends_method);
  check_sent (check, number, "path", rule->paths, sends_path);
  if (rule->verdict == POLICY_DENY && rule->methods != NULL)
    check_methods (check, rule, number);
  for (guint i = 0; rule->verdict == POLICY_DENY && rule->paths != NULL && i < rule->paths->len;
       i++)
    check_path (check, rule, number, &g_array_index (rule->paths, PolicyPattern, i));
}
