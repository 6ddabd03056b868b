/* SPDX-License-Identifier: MIT
 *
 * Denies that keep less out than who wrote them believes, because something near them stays open.
 *
 * MUST
 *  - name what stays open, and the rule that opens it
 */
#include <string.h>

#include "policy/advice/policy-note.h"
#include "policy/policy-value.h"
#include "policy/policy-words.h"

/* --- Other ways to the same secret --- */

/* Each gives what asks, or a program that it starts, the value; get_secret is the way to them. */
static const Operation ways[] = { OPERATION_REVEAL, OPERATION_RUN_COMMAND, OPERATION_LAUNCH };
#define USING (1u << OPERATION_GET_SECRET | 1u << OPERATION_RUN_COMMAND | 1u << OPERATION_LAUNCH)

/* The first rule that lets some of what @deny is about pass in the way @operation, or asks for it;
 * -1: none does, so that it is asked. */
static int
opened_by (const Policy *policy, const PolicyRule *deny, Operation operation)
{
  for (guint i = 0; i < policy->rules->len; i++)
    {
      const PolicyRule *rule = policy_rule (policy, i);
      if (rule->verdict != POLICY_DENY && policy_rule_covers (rule, deny, 1u << operation))
        return (int) i;
    }
  return -1;
}

static char *
opening_words (const Policy *policy, int opening)
{
  if (opening < 0)
    return g_strdup ("no rule is about it, so that a person is asked");
  g_autofree char *place = policy_rule_place (policy, opening);
  return g_strdup_printf (
      "%s %s", place,
      policy_rule (policy, opening)->verdict == POLICY_ALLOW ? "allows that" : "has that asked");
}

/* What of @rule is written behind "of". */
static char *
names_of (const PolicyRule *rule)
{
  g_autoptr (GPtrArray) words = g_ptr_array_new_with_free_func (g_free);

  policy_clauses[policy_clause_find ("of")].print (rule, words);
  g_ptr_array_add (words, NULL);
  g_autofree char *joined = g_strjoinv (" ", (char **) words->pdata);
  return words->len > 2 ? g_strdup_printf ("{ %s }", joined) : g_steal_pointer (&joined);
}

static void
note_ways (PolicyChecking *check, int number, const GPtrArray *open, int opening)
{
  const PolicyRule *rule = policy_rule (check->policy, number);
  g_autofree char *joined = g_strjoinv (" and ", (char **) open->pdata);
  g_autofree char *words = opening_words (check->policy, opening), *names = names_of (rule);
  PolicyNote *note = policy_note_add (check, POLICY_NOTE_WARNING, number,
                                      "through %s the value still gets out: %s", joined, words);

  policy_note_at_head (check, note, "deny");
  policy_note_suggest (note, "deny { get_secret reveal run_command launch } of %s", names);
}

static void
check_ways (PolicyChecking *check, const PolicyRule *rule, int number)
{
  g_autoptr (GPtrArray) open = g_ptr_array_new ();
  int opening = -1;

  if (rule->of == NULL || (rule->operations & USING) == 0 || rule->command != NULL)
    return;
  for (gsize i = 0; i < G_N_ELEMENTS (ways); i++)
    {
      guint32 bit = 1u << ways[i];
      if ((rule->operations & bit) != 0 || policy_denied_by (check->policy, rule, bit) >= 0)
        continue;
      if (open->len == 0)
        opening = opened_by (check->policy, rule, ways[i]);
      g_ptr_array_add (open, (gpointer) operation_name (ways[i]));
    }
  g_ptr_array_add (open, NULL);
  if (open->len > 1)
    note_ways (check, number, open, opening);
}

/* --- Services that send it --- */

static gboolean
denies_service (const PolicyChecking *check, const PolicyRule *deny, const char *service)
{
  PolicyPattern pattern;
  policy_pattern_init (&pattern, service);
  g_autoptr (GArray) of = g_array_new (FALSE, FALSE, sizeof (PolicyPattern));
  g_array_append_val (of, pattern);
  PolicyRule request = *deny;
  request.of = of;
  request.operations = 1u << OPERATION_HTTP_REQUEST;
  gboolean denied = policy_denied_by (check->policy, &request, request.operations) >= 0;
  policy_pattern_clear (&pattern);
  return denied;
}

/* A reference is what a service's credential is not: nobody has to ask for it. */
static void
check_services (PolicyChecking *check, const PolicyRule *rule, int number)
{
  const PolicyKnownService *service = check->known->services;

  if (rule->of == NULL || rule->command != NULL
      || (rule->operations & (1u << OPERATION_GET_SECRET)) == 0)
    return;
  for (; service != NULL && service->name != NULL; service++)
    {
      if (service->credential == NULL || !policy_list_matches (rule->of, service->credential)
          || denies_service (check, rule, service->name))
        continue;
      g_autofree char *shown = policy_show (service->credential);
      PolicyNote *note
          = policy_note_add (check, POLICY_NOTE_WARNING, number,
                             "http_request of %s sends %s all the same", service->name, shown);
      policy_note_at (check, note, "of", NULL);
      policy_note_suggest (note, "if that is not meant: deny http_request of %s", service->name);
    }
}

/* --- Names beside and below --- */

static gboolean
is_below (const char *name, const PolicyPattern *folder)
{
  return strlen (name) > folder->len && g_str_has_prefix (name, folder->text)
         && name[folder->len] == '/';
}

/* A name, or what another rule says of one, that is below @folder; NULL: there is none. Not of a
 * service: what is asked of one of its scopes is asked of it too. */
static const char *
find_below (const PolicyChecking *check, const PolicyPattern *folder)
{
  const char *const *secret = check->known->secrets;

  for (; secret != NULL && *secret != NULL; secret++)
    if (is_below (*secret, folder))
      return *secret;
  for (guint i = 0; i < check->policy->rules->len; i++)
    {
      const PolicyRule *rule = policy_rule (check->policy, i);
      for (guint j = 0; rule->verdict != POLICY_DENY && rule->of != NULL && j < rule->of->len; j++)
        if (is_below (g_array_index (rule->of, PolicyPattern, j).text, folder))
          return g_array_index (rule->of, PolicyPattern, j).text;
    }
  return NULL;
}

static void
check_below (PolicyChecking *check, int number, const PolicyPattern *name)
{
  const char *below = strchr (name->text, '/') == NULL ? find_below (check, name) : NULL;

  if (below == NULL)
    return;
  g_autofree char *shown = policy_show (name->text), *open = policy_show (below);
  PolicyNote *note = policy_note_add (check, POLICY_NOTE_WARNING, number,
                                      "%s is one name, and nothing that is below it: %s stays open",
                                      shown, open);
  policy_note_at (check, note, "of", name->text);
  policy_note_suggest (note, "write { %s %s/** } for both", name->text, name->text);
}

/* Whether a deny has the secret @name as well. */
static gboolean
denied_too (const PolicyChecking *check, const PolicyRule *rule, const char *name)
{
  PolicyPattern pattern;
  policy_pattern_init (&pattern, name);
  g_autoptr (GArray) of = g_array_new (FALSE, FALSE, sizeof (PolicyPattern));
  g_array_append_val (of, pattern);
  PolicyRule other = *rule;
  other.of = of;
  gboolean denied = policy_denied_by (check->policy, &other, rule->operations) >= 0;
  policy_pattern_clear (&pattern);
  return denied;
}

/* A secret whose name goes on where that one ends, or is the same in other letters. */
static const char *
find_beside (const PolicyChecking *check, const PolicyRule *rule, const PolicyPattern *name)
{
  const char *const *secret = check->known->secrets;

  for (; secret != NULL && *secret != NULL; secret++)
    if (g_ascii_strncasecmp (*secret, name->text, name->len) == 0 && !is_below (*secret, name)
        && strcmp (*secret, name->text) != 0 && !denied_too (check, rule, *secret))
      return *secret;
  return NULL;
}

static void
check_beside (PolicyChecking *check, int number, const PolicyPattern *name)
{
  const char *beside = find_beside (check, policy_rule (check->policy, number), name);

  if (beside == NULL)
    return;
  g_autofree char *shown = policy_show (name->text), *open = policy_show (beside);
  PolicyNote *note = policy_note_add (
      check, POLICY_NOTE_WARNING, number,
      "%s is denied, and %s, which is called nearly the same, is not", shown, open);
  policy_note_at (check, note, "of", name->text);
  policy_note_suggest (note, "if it is the same in another version, add it, or write %s*",
                       name->text);
}

/* The first allow by pattern that would take @name too, were it not denied. */
static int
allowed_around (const PolicyChecking *check, const PolicyRule *deny, const PolicyPattern *name)
{
  for (guint i = 0; i < check->policy->rules->len; i++)
    {
      const PolicyRule *rule = policy_rule (check->policy, i);
      if (rule->verdict != POLICY_ALLOW || rule->of == NULL
          || (rule->operations & deny->operations) == 0)
        continue;
      for (guint j = 0; j < rule->of->len; j++)
        {
          const PolicyPattern *wide = &g_array_index (rule->of, PolicyPattern, j);
          if (wide->literal < wide->len && policy_pattern_covers (wide, name))
            return (int) i;
        }
    }
  return -1;
}

static void
check_around (PolicyChecking *check, int number, const PolicyPattern *name)
{
  int allow = allowed_around (check, policy_rule (check->policy, number), name);

  if (allow < 0)
    return;
  g_autofree char *place = policy_rule_place (check->policy, allow),
                  *shown = policy_show (name->text);
  PolicyNote *note
      = policy_note_add (check, POLICY_NOTE_WARNING, number,
                         "%s alone is taken out of what %s allows: whatever is added beside it "
                         "passes without asking",
                         shown, place);
  policy_note_at (check, note, "of", name->text);
  policy_note_suggest (note, "have the allow name what it means, one by one");
}

void
policy_check_fence (PolicyChecking *check, int number)
{
  const PolicyRule *rule = policy_rule (check->policy, number);

  check_ways (check, rule, number);
  check_services (check, rule, number);
  for (guint i = 0; rule->of != NULL && i < rule->of->len; i++)
    {
      const PolicyPattern *name = &g_array_index (rule->of, PolicyPattern, i);
      if (name->literal < name->len)
        continue;
      check_below (check, number, name);
      check_beside (check, number, name);
      check_around (check, number, name);
    }
}
