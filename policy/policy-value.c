/* SPDX-License-Identifier: MIT */
#include "policy/policy-value.h"

#include <string.h>

#include "policy/policy-words.h"

/* --- Lists of patterns --- */

char *
policy_list_add_plain (GArray **patterns, const char *value)
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

char *
policy_list_add (GArray **patterns, const char *value)
{
  char *problem = policy_pattern_problem (value);
  return problem != NULL ? problem : policy_list_add_plain (patterns, value);
}

gboolean
policy_list_matches (const GArray *patterns, const char *text)
{
  gsize len = strlen (text);
  for (guint i = 0; i < patterns->len; i++)
    if (policy_pattern_match (&g_array_index (patterns, PolicyPattern, i), text, len))
      return TRUE;
  return FALSE;
}

gboolean
policy_list_matches_argument (const GArray *patterns, const char *text)
{
  for (guint i = 0; i < patterns->len; i++)
    if (policy_pattern_match_argument (&g_array_index (patterns, PolicyPattern, i), text))
      return TRUE;
  return FALSE;
}

PolicyMatch
policy_list_match (const GArray *patterns, const char *text)
{
  if (text == NULL)
    return POLICY_MATCH_MAYBE;
  return policy_list_matches (patterns, text) ? POLICY_MATCH_YES : POLICY_MATCH_NO;
}

gboolean
policy_list_covers (const GArray *wide, const GArray *narrow)
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

void
policy_list_print (const GArray *patterns, GPtrArray *words)
{
  for (guint i = 0; i < patterns->len; i++)
    g_ptr_array_add (words, g_strdup (g_array_index (patterns, PolicyPattern, i).text));
}

/* --- Paths --- */

char *
policy_full_path_problem (const char *value, const char *what)
{
  if (*value == '~')
    return g_strdup ("~ is not expanded; write the full path");
  if (*value != '/')
    return g_strdup_printf ("the path of %s begins with a slash; write the full path", what);
  return NULL;
}

char *
policy_program_problem (const char *value)
{
  if (*value == '~' || strchr (value, '/') != NULL)
    return policy_full_path_problem (value, "a program");
  g_autofree char *path = g_strconcat ("/usr/bin/", value, NULL);
  g_autofree char *right = policy_show (path);
  return g_strdup_printf ("the name of a program is not its path, and anything can have that "
                          "name; write the full path, as in %s",
                          right);
}

/* --- Numbers --- */

gint64
policy_whole_number (const char *value, gint64 most)
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

static const struct
{
  char letter;
  gint64 seconds;
} units[] = { { 'd', 86400 }, { 'h', 3600 }, { 'm', 60 }, { 's', 1 } };

/* -1 when it is no duration. */
static gint64
sum_of_units (const char *value)
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
      total += policy_whole_number (number, 999999999) * units[i].seconds;
      value += digits + 1;
    }
  return *value == '\0' ? total : -1;
}

char *
policy_duration (const char *value, gint64 *seconds)
{
  if (policy_whole_number (value, G_MAXINT32) > 0)
    return g_strdup_printf ("a duration needs its unit; write %ss, %sm or %sh", value, value,
                            value);
  *seconds = sum_of_units (value);
  if (*seconds < 0)
    return g_strdup ("this is no duration; write one as in 90s, 5m, 1h30m, 2d");
  if (*seconds == 0 || *seconds > POLICY_MAX_DURATION)
    return g_strdup_printf ("a duration is from 1s to %dd; write one between",
                            POLICY_MAX_DURATION / 86400);
  return NULL;
}

char *
policy_duration_text (gint64 seconds)
{
  GString *out = g_string_new (NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (units); i++)
    {
      if (seconds >= units[i].seconds)
        g_string_append_printf (out, "%" G_GINT64_FORMAT "%c", seconds / units[i].seconds,
                                units[i].letter);
      seconds %= units[i].seconds;
    }
  return g_string_free (out, FALSE);
}
