/* SPDX-License-Identifier: MIT
 *
 * MUST
 *  - refuse a value that no request can have: in a deny it would be a hole that nobody sees
 *  - answer "maybe", never "no", for what is not known of a requester
 */
#include "policy/policy-rule.h"

#include <errno.h>
#include <string.h>

#include "policy/policy-command.h"
#include "policy/policy-words.h"

/* --- Patterns: of, from --- */

static char *
add_plain (GArray **patterns, const char *value)
{
  if (*patterns == NULL)
    {
      *patterns = g_array_new (FALSE, FALSE, sizeof (PolicyPattern));
      g_array_set_clear_func (*patterns, (GDestroyNotify) policy_pattern_clear);
    }
  for (guint i = 0; i < (*patterns)->len; i++)
    if (strcmp (g_array_index (*patterns, PolicyPattern, i).text, value) == 0)
      return g_strdup ("it stands twice in this list; once is enough");
  PolicyPattern pattern;
  policy_pattern_init (&pattern, value);
  g_array_append_val (*patterns, pattern);
  return NULL;
}

static char *
add_pattern (GArray **patterns, const char *value)
{
  char *problem = policy_pattern_problem (value);

  return problem != NULL ? problem : add_plain (patterns, value);
}

static gboolean
any_matches (const GArray *patterns, const char *text)
{
  gsize len = strlen (text);
  for (guint i = 0; i < patterns->len; i++)
    if (policy_pattern_match (&g_array_index (patterns, PolicyPattern, i), text, len))
      return TRUE;
  return FALSE;
}

static gboolean
all_covered (const GArray *wide, const GArray *narrow)
{
  for (guint i = 0; i < narrow->len; i++)
    {
      gboolean covered = FALSE;
      for (guint j = 0; j < wide->len && !covered; j++)
        covered = policy_pattern_covers (&g_array_index (wide, PolicyPattern, j),
                                         &g_array_index (narrow, PolicyPattern, i));
      if (!covered)
        return FALSE;
    }
  return TRUE;
}

static void
print_patterns (const GArray *patterns, GPtrArray *words)
{
  for (guint i = 0; i < patterns->len; i++)
    g_ptr_array_add (words, g_strdup (g_array_index (patterns, PolicyPattern, i).text));
}

static char *
of_add (PolicyRule *rule, const char *value)
{
  if (*value == '/')
    {
      g_autofree char *right = policy_show (value + strspn (value, "/"));
      return g_strdup_printf ("the name of a resource does not begin with a slash; write %s",
                              right);
    }
  return add_pattern (&rule->of, value);
}

static void
of_print (const PolicyRule *rule, GPtrArray *words)
{
  print_patterns (rule->of, words);
}

static PolicyMatch
of_match (const PolicyRule *rule, const PolicyQuery *query)
{
  if (query->resource == NULL) /* there is none: known, and not what the rule is about */
    return POLICY_MATCH_NO;
  return any_matches (rule->of, query->resource) ? POLICY_MATCH_YES : POLICY_MATCH_NO;
}

static gboolean
of_covers (const PolicyRule *wide, const PolicyRule *narrow)
{
  return all_covered (wide->of, narrow->of);
}

/* What keeps @value from being the full path of a program, or a pattern for it; else NULL. */
static char *
path_problem (const char *value)
{
  if (*value == '~')
    return g_strdup ("~ is not expanded; write the full path");
  if (strchr (value, '/') == NULL)
    {
      g_autofree char *path = g_strconcat ("/usr/bin/", value, NULL);
      g_autofree char *right = policy_show (path);
      return g_strdup_printf ("the name of a program is not its path, and anything can have that "
                              "name; write the full path, as in %s",
                              right);
    }
  if (*value != '/')
    return g_strdup ("the path of a program begins with a slash; write the full path");
  return NULL;
}

static char *
from_add (PolicyRule *rule, const char *value)
{
  char *problem = path_problem (value);
  return problem != NULL ? problem : add_pattern (&rule->from, value);
}

static void
from_print (const PolicyRule *rule, GPtrArray *words)
{
  print_patterns (rule->from, words);
}

static PolicyMatch
from_match (const PolicyRule *rule, const PolicyQuery *query)
{
  if (query->caller != NULL)
    return POLICY_MATCH_NO;
  if (query->exe == NULL)
    return POLICY_MATCH_MAYBE;
  return any_matches (rule->from, query->exe) ? POLICY_MATCH_YES : POLICY_MATCH_NO;
}

static gboolean
from_covers (const PolicyRule *wide, const PolicyRule *narrow)
{
  return all_covered (wide->from, narrow->from);
}

/* --- uid --- */

/* Digits alone; -1 when it is not a whole number up to @most. */
static gint64
whole_number (const char *value, gint64 most)
{
  gint64 number = 0;
  if (*value == '\0')
    return -1;
  for (; *value != '\0'; value++)
    {
      if (!g_ascii_isdigit (*value))
        return -1;
      number = number * 10 + g_ascii_digit_value (*value);
      if (number > most)
        return -1;
    }
  return number;
}

static char *
uid_add (PolicyRule *rule, const char *value)
{
  /* (uid_t) -1 is nobody's: it stands for "unchanged" in the system's calls. */
  gint64 number = whole_number (value, (gint64) G_MAXUINT32 - 1);
  if (number < 0)
    return g_strdup ("a uid is a whole number, and names are not looked up; write what \"id -u "
                     "NAME\" prints");
  uid_t uid = (uid_t) number;
  if (rule->uids == NULL)
    rule->uids = g_array_new (FALSE, FALSE, sizeof (uid_t));
  for (guint i = 0; i < rule->uids->len; i++)
    if (g_array_index (rule->uids, uid_t, i) == uid)
      return g_strdup ("it stands twice in this list; once is enough");
  g_array_append_val (rule->uids, uid);
  return NULL;
}

static void
uid_print (const PolicyRule *rule, GPtrArray *words)
{
  for (guint i = 0; i < rule->uids->len; i++)
    g_ptr_array_add (words, g_strdup_printf ("%u", g_array_index (rule->uids, uid_t, i)));
}

static gboolean
has_uid (const PolicyRule *rule, uid_t uid)
{
  for (guint i = 0; i < rule->uids->len; i++)
    if (g_array_index (rule->uids, uid_t, i) == uid)
      return TRUE;
  return FALSE;
}

static PolicyMatch
uid_match (const PolicyRule *rule, const PolicyQuery *query)
{
  return query->caller == NULL && has_uid (rule, query->uid) ? POLICY_MATCH_YES : POLICY_MATCH_NO;
}

static gboolean
uid_covers (const PolicyRule *wide, const PolicyRule *narrow)
{
  for (guint i = 0; i < narrow->uids->len; i++)
    if (!has_uid (wide, g_array_index (narrow->uids, uid_t, i)))
      return FALSE;
  return TRUE;
}

/* --- caller --- */

static char *
caller_add (PolicyRule *rule, const char *value)
{
  const char *slash = strchr (value, '/');

  if (slash == NULL || slash == value || slash[1] == '\0')
    return g_strdup (
        "a caller is the name of its issuer's file, a slash and who it is; write it as "
        "in work/ann@example.com, or work/* for all of that issuer's");
  if (rule->verdict == POLICY_ALLOW && strcspn (value, "*?") < (gsize) (slash - value))
    return g_strdup (
        "whom one issuer calls so is not whom another does; an allow names the issuer");
  return add_plain (&rule->callers, value);
}

static void
caller_print (const PolicyRule *rule, GPtrArray *words)
{
  print_patterns (rule->callers, words);
}

static PolicyMatch
caller_match (const PolicyRule *rule, const PolicyQuery *query)
{
  if (query->caller == NULL) /* a program of this machine: known, and not who the rule is about */
    return POLICY_MATCH_NO;
  /* Who somebody is is no path: a slash in a name leads past no deny of a whole issuer. */
  for (guint i = 0; i < rule->callers->len; i++)
    if (policy_pattern_match_argument (&g_array_index (rule->callers, PolicyPattern, i),
                                       query->caller))
      return POLICY_MATCH_YES;
  return POLICY_MATCH_NO;
}

static gboolean
caller_covers (const PolicyRule *wide, const PolicyRule *narrow)
{
  return all_covered (wide->callers, narrow->callers);
}

/* --- command --- */

static char *
command_add (PolicyRule *rule, const char *value)
{
  if (rule->command == NULL)
    {
      char *problem = path_problem (value);
      if (problem == NULL)
        problem = policy_pattern_problem (value);
      if (problem != NULL)
        return problem;
      rule->command = policy_command_new ();
    }
  return policy_command_add (rule->command, value);
}

static void
command_print (const PolicyRule *rule, GPtrArray *words)
{
  print_patterns (rule->command, words);
}

static PolicyMatch
command_match (const PolicyRule *rule, const PolicyQuery *query)
{
  if (query->command == NULL || query->command[0] == NULL)
    return POLICY_MATCH_MAYBE;
  return policy_command_match (rule->command, query->command) ? POLICY_MATCH_YES : POLICY_MATCH_NO;
}

static gboolean
command_covers (const PolicyRule *wide, const PolicyRule *narrow)
{
  return policy_command_covers (wide->command, narrow->command);
}

/* --- max, uses --- */

static const struct
{
  char letter;
  gint64 seconds;
} units[] = { { 'd', 86400 }, { 'h', 3600 }, { 'm', 60 }, { 's', 1 } };

/* "1h30m": each unit once, the longest first. -1 when it is no duration. */
static gint64
duration (const char *value)
{
  gint64 total = 0;
  for (gsize i = 0; *value != '\0' && i < G_N_ELEMENTS (units); i++)
    {
      gsize digits = strspn (value, "0123456789");
      if (digits == 0 || digits > 9)
        return -1;
      if (value[digits] != units[i].letter)
        continue;
      g_autofree char *number = g_strndup (value, digits);
      total += whole_number (number, 999999999) * units[i].seconds;
      value += digits + 1;
    }
  return *value == '\0' ? total : -1;
}

static char *
max_add (PolicyRule *rule, const char *value)
{
  if (whole_number (value, G_MAXINT32) > 0)
    return g_strdup_printf ("a duration needs its unit; write %ss, %sm or %sh", value, value,
                            value);
  gint64 seconds = duration (value);
  if (seconds < 0)
    return g_strdup ("this is no duration; write one as in 90s, 5m, 1h30m, 2d");
  if (seconds == 0 || seconds > POLICY_MAX_DURATION)
    return g_strdup_printf ("a duration is from 1s to %dd; write one between",
                            POLICY_MAX_DURATION / 86400);
  rule->max = seconds;
  return NULL;
}

static void
max_print (const PolicyRule *rule, GPtrArray *words)
{
  GString *out = g_string_new (NULL);
  gint64 left = rule->max;
  for (gsize i = 0; i < G_N_ELEMENTS (units); i++)
    {
      if (left >= units[i].seconds)
        g_string_append_printf (out, "%" G_GINT64_FORMAT "%c", left / units[i].seconds,
                                units[i].letter);
      left %= units[i].seconds;
    }
  g_ptr_array_add (words, g_string_free (out, FALSE));
}

static char *
uses_add (PolicyRule *rule, const char *value)
{
  rule->uses = whole_number (value, POLICY_MAX_USES);
  if (rule->uses > 0)
    return NULL;
  return g_strdup_printf ("uses is a whole number from 1 to %d; to have none at all write deny",
                          POLICY_MAX_USES);
}

static void
uses_print (const PolicyRule *rule, GPtrArray *words)
{
  g_ptr_array_add (words, g_strdup_printf ("%" G_GINT64_FORMAT, rule->uses));
}

/* --- confirm, sandbox --- */

static char *
confirm_add (PolicyRule *rule, const char *value)
{
  if (policy_confirm_from_name (value, &rule->confirm))
    return NULL;
  return g_strdup ("a person confirms by click, by pin or by key; write one of the three");
}

static void
confirm_print (const PolicyRule *rule, GPtrArray *words)
{
  g_ptr_array_add (words, g_strdup (policy_confirm_name (rule->confirm)));
}

static char *
sandbox_add (PolicyRule *rule, const char *value)
{
  rule->sandbox = TRUE;
  return NULL;
}

#define ALL (1 << POLICY_DENY | 1 << POLICY_ASK | 1 << POLICY_ALLOW)
#define GRANTING (1 << POLICY_ASK | 1 << POLICY_ALLOW)
#define ASKING (1 << POLICY_ASK)
#define NOTHING_GRANTED "a deny grants nothing that could be bounded; remove it, or write ask"

#define NOTHING_RUNS "a deny runs nothing that could be confined; remove it, or write ask"
#define EVERY POLICY_ALL_OPERATIONS
#define STARTING (1u << OPERATION_RUN_COMMAND | 1u << OPERATION_LAUNCH)

const PolicyClause policy_clauses[] = {
  { "of", "a name or pattern", POLICY_VALUE_LIST, ALL, NULL, EVERY, of_add, of_print, of_match,
    of_covers },
  { "from", "the full path of a program", POLICY_VALUE_LIST, ALL, NULL, EVERY, from_add, from_print,
    from_match, from_covers },
  { "uid", "a number", POLICY_VALUE_LIST, ALL, NULL, EVERY, uid_add, uid_print, uid_match,
    uid_covers },
  { "caller", "who calls over HTTP, as in work/ann@example.com", POLICY_VALUE_LIST, ALL, NULL,
    EVERY, caller_add, caller_print, caller_match, caller_covers },
  { "command",
    "a program's full path and its arguments in { }, as in { /usr/bin/gh pr list ** }, where ** "
    "is any more of them",
    POLICY_VALUE_SEQUENCE, ALL, NULL, STARTING, command_add, command_print, command_match,
    command_covers },
  { "max", "a duration, as in 15m", POLICY_VALUE_ONE, GRANTING, NOTHING_GRANTED, EVERY, max_add,
    max_print },
  { "uses", "a number", POLICY_VALUE_ONE, GRANTING, NOTHING_GRANTED, EVERY, uses_add, uses_print },
  { "confirm", "click, pin or key", POLICY_VALUE_ONE, ASKING,
    "nobody is asked here who could confirm; remove it, or write ask", EVERY, confirm_add,
    confirm_print },
  { "sandbox", NULL, POLICY_VALUE_NONE, GRANTING, NOTHING_RUNS, STARTING, sandbox_add },
};
const gsize policy_n_clauses = G_N_ELEMENTS (policy_clauses);

int
policy_clause_find (const char *word)
{
  for (gsize i = 0; i < policy_n_clauses; i++)
    if (strcmp (policy_clauses[i].word, word) == 0)
      return (int) i;
  return -1;
}

gboolean
policy_reserved (const char *word)
{
  return policy_clause_find (word) >= 0 || g_strv_contains (policy_verdict_words, word)
         || strcmp (word, "any") == 0;
}

const char **
policy_clause_words (void)
{
  const char **words = g_new0 (const char *, policy_n_clauses + 1);
  for (gsize i = 0; i < policy_n_clauses; i++)
    words[i] = policy_clauses[i].word;
  return words;
}
