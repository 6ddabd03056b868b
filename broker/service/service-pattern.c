/* SPDX-License-Identifier: MIT
 *
 * Patterns over the segments of a path: * is any run of characters within one segment, none
 * included, but an empty segment only matches an empty one; ** at the end is one or more segments.
 *
 * MUST
 *  - match whole paths, segment by segment, as they are when decoded
 *  - never take exponential time
 */
#include <string.h>

#include "broker/service/service-private.h"
#include "policy/policy-words.h"

static char *
segment_problem (const char *segment, gboolean last)
{
  if (*segment == '\0' && !last)
    return g_strdup ("two slashes in a row match nothing; write one");
  if (strcmp (segment, ".") == 0 || strcmp (segment, "..") == 0)
    return g_strdup ("no path has a segment of dots; write the path it leads to");
  if (strstr (segment, "**") == NULL)
    return NULL;
  if (strcmp (segment, "**") != 0)
    return g_strdup ("** is a segment of its own; write * for a part of one");
  if (!last)
    return g_strdup ("** stands last, for all that is left; write * for one segment");
  return NULL;
}

char *
service_pattern_problem (const char *text)
{
  if (text[0] != '/')
    return g_strdup_printf ("a path begins with a slash; write \"/%s\"", text);
  if (strchr (text, '?') != NULL)
    return g_strdup ("a question mark; a pattern is of the path alone, and * stands for what "
                     "differs");
  if (strchr (text, '%') != NULL)
    return g_strdup ("a percent sign; write the character itself, paths are compared decoded");
  if (strpbrk (text, "#;\\") != NULL)
    return g_strdup ("no path has the characters # ; \\");
  g_auto (GStrv) segments = g_strsplit (text + 1, "/", -1);
  for (guint i = 0; segments[i] != NULL; i++)
    {
      g_autofree char *problem = segment_problem (segments[i], segments[i + 1] == NULL);
      if (problem != NULL)
        return g_steal_pointer (&problem);
    }
  return NULL;
}

ServicePattern *
service_pattern_new (const char *text)
{
  ServicePattern *pattern = g_new0 (ServicePattern, 1);
  pattern->text = g_strdup (text);
  /* g_strsplit() of nothing is no segment at all, but "/" has one, which is empty. */
  pattern->segments = text[1] == '\0' ? g_strdupv ((char *[]){ (char *) "", NULL })
                                      : g_strsplit (text + 1, "/", -1);
  guint n = g_strv_length (pattern->segments);
  pattern->rest = strcmp (pattern->segments[n - 1], "**") == 0;
  return pattern;
}

void
service_pattern_free (ServicePattern *pattern)
{
  g_free (pattern->text);
  g_strfreev (pattern->segments);
  g_free (pattern);
}

/* Only the last star is ever tried again: what stands before it matched as early as it can. */
gboolean
service_glob_match (const char *glob, const char *text)
{
  const char *star = NULL, *again = NULL;
  while (*text != '\0')
    {
      if (*glob == '*')
        {
          star = ++glob;
          again = text;
        }
      else if (*glob == *text)
        {
          glob++;
          text++;
        }
      else if (star != NULL)
        {
          glob = star;
          text = ++again;
        }
      else
        return FALSE;
    }
  while (*glob == '*')
    glob++;
  return *glob == '\0';
}

static gboolean
match_segment (const char *glob, const char *segment)
{
  if (*segment == '\0')
    return *glob == '\0';
  return service_glob_match (glob, segment);
}

gboolean
service_pattern_match (const ServicePattern *pattern, const char *const *segments)
{
  char **want = pattern->segments;
  for (; *want != NULL && *segments != NULL; want++, segments++)
    {
      if (pattern->rest && want[1] == NULL)
        return **segments != '\0';
      if (!match_segment (*want, *segments))
        return FALSE;
    }
  return *want == NULL && *segments == NULL;
}
