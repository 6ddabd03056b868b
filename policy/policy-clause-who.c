/* SPDX-License-Identifier: MIT
 *
 * Clauses about who asks, and from where.
 *
 * MUST
 *  - refuse a value that no requester can have: in a deny it would be a hole that nobody sees
 *  - answer "maybe", never "no", for what is not known of a requester
 *  - answer "maybe", never "yes", for what a requester can choose for itself
 */
#include <string.h>

#include "policy/policy-clause.h"
#include "policy/policy-value.h"
#include "policy/policy-words.h"

/* --- from --- */

char *
policy_from_add (PolicyRule *rule, const char *value)
{
  char *problem = policy_program_problem (value);
  return problem != NULL ? problem : policy_list_add (&rule->from, value);
}

void
policy_from_print (const PolicyRule *rule, GPtrArray *words)
{
  policy_list_print (rule->from, words);
}

PolicyMatch
policy_from_match (const PolicyRule *rule, const PolicyQuery *query)
{
  return query->caller != NULL ? POLICY_MATCH_NO : policy_list_match (rule->from, query->exe);
}

gboolean
policy_from_covers (const PolicyRule *wide, const PolicyRule *narrow)
{
  return policy_list_covers (wide->from, narrow->from);
}

/* --- sha256 --- */

char *
policy_sha256_add (PolicyRule *rule, const char *value)
{
  g_autofree char *lower = g_ascii_strdown (value, -1);
  if (strlen (lower) != 64 || strspn (lower, "0123456789abcdef") != 64)
    return g_strdup ("a SHA-256 has 64 hexadecimal digits; write what \"sha256sum FILE\" prints");
  return policy_list_add_plain (&rule->sha256s, lower);
}

void
policy_sha256_print (const PolicyRule *rule, GPtrArray *words)
{
  policy_list_print (rule->sha256s, words);
}

PolicyMatch
policy_sha256_match (const PolicyRule *rule, const PolicyQuery *query)
{
  return query->caller != NULL ? POLICY_MATCH_NO : policy_list_match (rule->sha256s, query->sha256);
}

gboolean
policy_sha256_covers (const PolicyRule *wide, const PolicyRule *narrow)
{
  return policy_list_covers (wide->sha256s, narrow->sha256s);
}

/* --- package --- */

char *
policy_package_add (PolicyRule *rule, const char *value)
{
  if (strpbrk (value, "*?") != NULL)
    return g_strdup ("the name of a package is whole, without wildcards");
  if (!g_ascii_islower (*value) && !g_ascii_isdigit (*value))
    return g_strdup ("the name of a package begins with a small letter or a digit; write what "
                     "\"dpkg -S PROGRAM\" prints in front of the colon");
  if (value[strspn (value, "abcdefghijklmnopqrstuvwxyz0123456789+-.")] != '\0')
    return g_strdup ("the name of a package has small letters, digits and + - . only; write what "
                     "\"dpkg -S PROGRAM\" prints in front of the colon");
  return policy_list_add_plain (&rule->packages, value);
}

void
policy_package_print (const PolicyRule *rule, GPtrArray *words)
{
  policy_list_print (rule->packages, words);
}

PolicyMatch
policy_package_match (const PolicyRule *rule, const PolicyQuery *query)
{
  if (query->caller != NULL)
    return POLICY_MATCH_NO;
  return policy_list_match (rule->packages, query->package); /* no name is "" */
}

gboolean
policy_package_covers (const PolicyRule *wide, const PolicyRule *narrow)
{
  return policy_list_covers (wide->packages, narrow->packages);
}

/* --- unit --- */

/* The kinds of unit that processes run in. */
static const char *const unit_suffixes[] = { ".service", ".scope", NULL };

static gboolean
may_be_unit (const char *value)
{
  const char *wild = strrchr (value, '*');
  if (wild != NULL && strchr (wild, '.') == NULL)
    return TRUE;
  for (guint i = 0; unit_suffixes[i] != NULL; i++)
    if (g_str_has_suffix (value, unit_suffixes[i]))
      return TRUE;
  return FALSE;
}

char *
policy_unit_add (PolicyRule *rule, const char *value)
{
  if (strchr (value, '/') != NULL)
    return g_strdup ("the name of a unit has no slash; write what \"systemctl status\" calls it");
  if (!may_be_unit (value))
    return g_strdup_printf ("programs run in units whose name ends with .service or .scope; write "
                            "the whole name, or * at its end");
  return policy_list_add (&rule->units, value);
}

void
policy_unit_print (const PolicyRule *rule, GPtrArray *words)
{
  policy_list_print (rule->units, words);
}

PolicyMatch
policy_unit_match (const PolicyRule *rule, const PolicyQuery *query)
{
  if (query->caller != NULL || (query->unit != NULL && *query->unit == '\0'))
    return POLICY_MATCH_NO;
  PolicyMatch match = policy_list_match (rule->units, query->unit);
  return query->unit_chosen ? MIN (match, POLICY_MATCH_MAYBE) : match;
}

gboolean
policy_unit_covers (const PolicyRule *wide, const PolicyRule *narrow)
{
  return policy_list_covers (wide->units, narrow->units);
}

/* --- uid --- */

static gboolean
has_uid (const PolicyRule *rule, uid_t uid)
{
  for (guint i = 0; i < rule->uids->len; i++)
    if (g_array_index (rule->uids, uid_t, i) == uid)
      return TRUE;
  return FALSE;
}

char *
policy_uid_add (PolicyRule *rule, const char *value)
{
  /* (uid_t) -1 is nobody's: it stands for "unchanged" in the system's calls. */
  gint64 number = policy_whole_number (value, (gint64) G_MAXUINT32 - 1);
  if (number < 0)
    return g_strdup ("a uid is a whole number, and names are not looked up; write what \"id -u "
                     "NAME\" prints");
  uid_t uid = (uid_t) number;
  if (rule->uids == NULL)
    rule->uids = g_array_new (FALSE, FALSE, sizeof (uid_t));
  if (has_uid (rule, uid))
    return g_strdup ("it stands twice in this list; once is enough");
  g_array_append_val (rule->uids, uid);
  return NULL;
}

void
policy_uid_print (const PolicyRule *rule, GPtrArray *words)
{
  for (guint i = 0; i < rule->uids->len; i++)
    g_ptr_array_add (words, g_strdup_printf ("%u", g_array_index (rule->uids, uid_t, i)));
}

PolicyMatch
policy_uid_match (const PolicyRule *rule, const PolicyQuery *query)
{
  return query->caller == NULL && has_uid (rule, query->uid) ? POLICY_MATCH_YES : POLICY_MATCH_NO;
}

gboolean
policy_uid_covers (const PolicyRule *wide, const PolicyRule *narrow)
{
  for (guint i = 0; i < narrow->uids->len; i++)
    if (!has_uid (wide, g_array_index (narrow->uids, uid_t, i)))
      return FALSE;
  return TRUE;
}

/* --- below --- */

char *
policy_below_add (PolicyRule *rule, const char *value)
{
  char *problem = policy_program_problem (value);
  return problem != NULL ? problem : policy_list_add (&rule->below, value);
}

void
policy_below_print (const PolicyRule *rule, GPtrArray *words)
{
  policy_list_print (rule->below, words);
}

PolicyMatch
policy_below_match (const PolicyRule *rule, const PolicyQuery *query)
{
  if (query->caller != NULL)
    return POLICY_MATCH_NO;
  for (const char *const *program = query->chain; program != NULL && *program != NULL; program++)
    if (policy_list_matches (rule->below, *program))
      return POLICY_MATCH_YES;
  return query->chain == NULL || !query->chain_whole ? POLICY_MATCH_MAYBE : POLICY_MATCH_NO;
}

gboolean
policy_below_covers (const PolicyRule *wide, const PolicyRule *narrow)
{
  return policy_list_covers (wide->below, narrow->below);
}

/* --- caller --- */

char *
policy_caller_add (PolicyRule *rule, const char *value)
{
  const char *slash = strchr (value, '/');

  if (slash == NULL || slash == value || slash[1] == '\0')
    return g_strdup (
        "a caller is the name of its issuer's file, a slash and who it is; write it as "
        "in work/ann@example.com, or work/* for all of that issuer's");
  if (rule->verdict == POLICY_ALLOW && strcspn (value, "*?") < (gsize) (slash - value))
    return g_strdup (
        "whom one issuer calls so is not whom another does; an allow names the issuer");
  return policy_list_add_plain (&rule->callers, value);
}

void
policy_caller_print (const PolicyRule *rule, GPtrArray *words)
{
  policy_list_print (rule->callers, words);
}

PolicyMatch
policy_caller_match (const PolicyRule *rule, const PolicyQuery *query)
{
  if (query->caller == NULL) /* a program of this machine: known, and not who the rule is about */
    return POLICY_MATCH_NO;
  /* Who somebody is is no path: a slash in a name leads past no deny of a whole issuer. */
  return policy_list_matches_argument (rule->callers, query->caller) ? POLICY_MATCH_YES
                                                                     : POLICY_MATCH_NO;
}

gboolean
policy_caller_covers (const PolicyRule *wide, const PolicyRule *narrow)
{
  return policy_list_covers (wide->callers, narrow->callers);
}

/* --- in --- */

char *
policy_in_add (PolicyRule *rule, const char *value)
{
  char *problem = policy_full_path_problem (value, "a directory");
  if (strcmp (value, "/") == 0)
    return g_strdup ("every directory lies in it; leave \"in\" out");
  if (problem == NULL && g_str_has_suffix (value, "/"))
    return g_strdup ("a slash at the end; leave it out, all that lies below is meant too");
  return problem != NULL ? problem : policy_list_add (&rule->in, value);
}

void
policy_in_print (const PolicyRule *rule, GPtrArray *words)
{
  policy_list_print (rule->in, words);
}

/* The directory or one above it. */
static gboolean
lies_in (const GArray *directories, const char *path)
{
  for (gsize len = strlen (path); len > 0; len--)
    if (path[len] == '\0' || path[len] == '/')
      for (guint i = 0; i < directories->len; i++)
        if (policy_pattern_match (&g_array_index (directories, PolicyPattern, i), path, len))
          return TRUE;
  return FALSE;
}

PolicyMatch
policy_in_match (const PolicyRule *rule, const PolicyQuery *query)
{
  if (query->caller != NULL)
    return POLICY_MATCH_NO;
  if (query->cwd == NULL)
    return POLICY_MATCH_MAYBE;
  return lies_in (rule->in, query->cwd) ? POLICY_MATCH_MAYBE : POLICY_MATCH_NO;
}

gboolean
policy_in_covers (const PolicyRule *wide, const PolicyRule *narrow)
{
  for (guint i = 0; i < narrow->in->len; i++)
    {
      const PolicyPattern *directory = &g_array_index (narrow->in, PolicyPattern, i);
      GArray one = { (char *) (gpointer) directory, 1 };
      gboolean above = directory->literal == directory->len && lies_in (wide->in, directory->text);
      if (!above && !policy_list_covers (wide->in, &one))
        return FALSE;
    }
  return TRUE;
}
