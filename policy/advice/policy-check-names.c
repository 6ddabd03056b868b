/* SPDX-License-Identifier: MIT
 *
 * Names that nothing has: a rule about them never matches, and a deny of them is a hole.
 */
#include <string.h>

#include "policy/advice/policy-note.h"
#include "policy/policy-words.h"

#define LISTING (1u << OPERATION_LIST_SECRETS)
#define ADDING (1u << OPERATION_STORE_SECRET)
#define SECRETS                                                                                    \
  (LISTING | ADDING | 1u << OPERATION_GET_SECRET | 1u << OPERATION_REVEAL                          \
   | 1u << OPERATION_UPDATE_SECRET | 1u << OPERATION_DELETE_SECRET | 1u << OPERATION_RUN_COMMAND   \
   | 1u << OPERATION_LAUNCH)
#define SERVICES (1u << OPERATION_HTTP_REQUEST)
#define UNASKED (1u << OPERATION_REVOKE_TOKEN)
#define PROVIDERS (POLICY_ALL_OPERATIONS & ~(SECRETS | SERVICES | UNASKED))

static gboolean
matches (const PolicyPattern *pattern, const char *name)
{
  return policy_pattern_match (pattern, name, strlen (name));
}

static gboolean
is_literal (const PolicyPattern *pattern)
{
  return pattern->literal == pattern->len;
}

/* --- Secrets: NAME, or app/environment/NAME --- */

static guint
slashes (const char *text)
{
  guint n = 0;

  for (; *text != '\0'; text++)
    n += *text == '/';
  return n;
}

/* FALSE when no secret can have a name that @pattern matches, for the number of its segments. */
static gboolean
shaped_as_secret (const PolicyPattern *pattern)
{
  guint n = slashes (pattern->text);

  return n == 0 || n == 2 || strstr (pattern->text, "**") != NULL;
}

static void
note_shape (PolicyChecking *check, int number, const char *text)
{
  g_autofree char *shown = policy_show (text);
  const char *slash = strchr (text, '/');
  g_autofree char *folder = g_strndup (text, slash - text);
  PolicyNote *note
      = policy_note_add (check, POLICY_NOTE_WARNING, number,
                         "%s matches no secret: one is called NAME or app/environment/NAME, and * "
                         "takes no slash",
                         shown);

  policy_note_at (check, note, "of", text);
  if (slashes (text) > 1 || g_str_has_suffix (text, "/*"))
    policy_note_suggest (note, "%s/** is all of %s", folder, folder);
  else
    policy_note_suggest (note, "%s/*%s is that name in any environment of %s", folder, slash,
                         folder);
}

/* --- What there is --- */

static gboolean
is_service (const PolicyKnownService *services, const PolicyPattern *pattern)
{
  for (; services->name != NULL; services++)
    {
      if (matches (pattern, services->name))
        return TRUE;
      for (gsize i = 0; services->scopes[i] != NULL; i++)
        {
          g_autofree char *name = g_strdup_printf ("%s/%s", services->name, services->scopes[i]);
          if (matches (pattern, name))
            return TRUE;
        }
    }
  return FALSE;
}

static gboolean
is_listed (const char *const *names, const PolicyPattern *pattern)
{
  for (; *names != NULL; names++)
    if (matches (pattern, *names))
      return TRUE;
  return FALSE;
}

/* What scopes a provider has is its own affair. */
static gboolean
is_provider (const char *const *providers, const PolicyPattern *pattern)
{
  g_autofree char *first = g_strndup (pattern->text, strcspn (pattern->text, "/"));
  PolicyPattern name;
  policy_pattern_init (&name, first);
  gboolean found = strstr (first, "**") != NULL || is_listed (providers, &name);
  policy_pattern_clear (&name);
  return found;
}

/* FALSE only when it is sure that nothing that @operations are about is called so. A secret that is
 * to be stored has no name yet, and names are asked for by pattern. */
static gboolean
names_something (const PolicyKnown *known, guint32 operations, const PolicyPattern *pattern)
{
  if ((operations & (LISTING | ADDING)) != 0)
    return TRUE;
  if ((operations & SECRETS) != 0
      && (known->secrets == NULL || is_listed (known->secrets, pattern)))
    return TRUE;
  if ((operations & SERVICES) != 0
      && (known->services == NULL || is_service (known->services, pattern)))
    return TRUE;
  return (operations & PROVIDERS) != 0
         && (known->providers == NULL || is_provider (known->providers, pattern));
}

/* --- The nearest of them --- */

/* Of char*. */
static GPtrArray *
candidates (const PolicyKnown *known, guint32 operations)
{
  GPtrArray *names = g_ptr_array_new_with_free_func (g_free);

  for (gsize i = 0; (operations & SECRETS) != 0 && known->secrets != NULL && known->secrets[i]; i++)
    g_ptr_array_add (names, g_strdup (known->secrets[i]));
  for (gsize i = 0; (operations & PROVIDERS) != 0 && known->providers && known->providers[i]; i++)
    g_ptr_array_add (names, g_strdup (known->providers[i]));
  const PolicyKnownService *service = (operations & SERVICES) != 0 ? known->services : NULL;
  for (; service != NULL && service->name != NULL; service++)
    {
      g_ptr_array_add (names, g_strdup (service->name));
      for (gsize i = 0; service->scopes[i] != NULL; i++)
        g_ptr_array_add (names, g_strdup_printf ("%s/%s", service->name, service->scopes[i]));
    }
  g_ptr_array_add (names, NULL);
  return names;
}

static const char *
kind_words (guint32 operations)
{
  gboolean secrets = (operations & SECRETS) != 0, services = (operations & SERVICES) != 0,
           providers = (operations & PROVIDERS) != 0;

  if (secrets + services + providers > 1)
    return "nothing that this rule is about";
  return secrets ? "no secret" : services ? "no service, and no scope of one," : "no provider";
}

static void
suggest_near (const PolicyChecking *check, PolicyNote *note, guint32 operations, const char *text)
{
  g_autoptr (GPtrArray) names = candidates (check->known, operations);
  const char *near = policy_nearest (text, (const char *const *) names->pdata);
  g_autofree char *shown = near != NULL ? policy_show (near) : NULL;

  if (shown != NULL)
    policy_note_suggest (note, "did you mean %s?", shown);
  else
    policy_note_suggest (note, "%s those there are",
                         (operations & ~SECRETS) == 0     ? "countersign secret list names"
                         : (operations & ~SERVICES) == 0  ? "countersign service list names"
                         : (operations & ~PROVIDERS) == 0 ? "countersign provider list names"
                                                          : "countersign service list and "
                                                            "countersign provider list name");
}

static void
check_name (PolicyChecking *check, int number, const PolicyPattern *pattern)
{
  guint32 operations = policy_rule (check->policy, number)->operations & ~UNASKED;
  g_autofree char *shown = policy_show (pattern->text);
  PolicyNote *note;

  if ((operations & ~SECRETS) == 0 && !shaped_as_secret (pattern))
    note_shape (check, number, pattern->text);
  else if (operations != 0 && !names_something (check->known, operations, pattern))
    {
      note = policy_note_add (check, POLICY_NOTE_WARNING, number, "%s is called %s%s",
                              kind_words (operations), shown,
                              is_literal (pattern) ? "" : " or like it");
      policy_note_at (check, note, "of", pattern->text);
      suggest_near (check, note, operations, pattern->text);
    }
}

static void
check_letters (PolicyChecking *check, int number, const char *text)
{
  g_autofree char *shown = policy_show (text);
  PolicyNote *note;

  if (g_str_is_ascii (text))
    return;
  note = policy_note_add (check, POLICY_NOTE_WARNING, number,
                          "%s has letters beyond ASCII, which the name of a secret cannot have; "
                          "they may only look like the ones that are meant",
                          shown);
  policy_note_at (check, note, "of", text);
}

/* The part of a caller before the slash, which names an issuer's file; "local" is our own. */
static void
check_issuer (PolicyChecking *check, int number, const PolicyPattern *caller)
{
  g_autofree char *name = g_strndup (caller->text, strcspn (caller->text, "/"));
  const char *const *callers = check->known->callers;

  if (callers == NULL || strpbrk (name, "*?") != NULL || strcmp (name, "local") == 0
      || g_strv_contains (callers, name))
    return;
  g_autofree char *shown = policy_show (name);
  PolicyNote *note
      = policy_note_add (check, POLICY_NOTE_WARNING, number,
                         "there is no issuer of callers %s: nobody is called so", shown);
  policy_note_at (check, note, "caller", caller->text);
  const char *near = policy_nearest (name, callers);
  if (near != NULL)
    policy_note_suggest (note, "did you mean \"%s/…\"?", near);
  else
    policy_note_suggest (note, "countersign caller trust accepts one; local/NAME is a local token");
}

void
policy_check_names (PolicyChecking *check, int number)
{
  const PolicyRule *rule = policy_rule (check->policy, number);

  for (guint i = 0; rule->of != NULL && i < rule->of->len; i++)
    {
      const PolicyPattern *pattern = &g_array_index (rule->of, PolicyPattern, i);
      check_letters (check, number, pattern->text);
      check_name (check, number, pattern);
    }
  for (guint i = 0; rule->callers != NULL && i < rule->callers->len; i++)
    check_issuer (check, number, &g_array_index (rule->callers, PolicyPattern, i));
}
