/* SPDX-License-Identifier: MIT */
#include "policy/policy-pattern.h"

#include <string.h>

/* A name or path never has these, so that a pattern with one matches nothing: in a deny that would
 * be a hole nobody sees. */
char *
policy_pattern_problem (const char *text)
{
  g_auto (GStrv) segments = g_strsplit (text, "/", -1);
  gsize last = g_strv_length (segments);
  if (last == 0)
    return g_strdup ("an empty pattern matches nothing; write a name, or * for any");
  if (strstr (text, "***") != NULL)
    return g_strdup ("three stars mean no more than two; write **");
  for (gsize i = 0; i < last; i++)
    {
      if (strcmp (segments[i], ".") == 0 || strcmp (segments[i], "..") == 0)
        return g_strdup_printf ("no name or path has the segment %s; write the path it leads to",
                                segments[i]);
      if (*segments[i] == '\0' && i > 0)
        return g_strdup (i == last - 1 ? "a slash ends it, and so it matches nothing; write /** "
                                         "for all that is below"
                                       : "two slashes in a row match nothing; write one");
    }
  return NULL;
}

void
policy_pattern_init (PolicyPattern *pattern, const char *text)
{
  pattern->text = g_strdup (text);
  pattern->len = strlen (text);
  pattern->literal = strcspn (text, "*?");
}

void
policy_pattern_clear (PolicyPattern *pattern)
{
  g_clear_pointer (&pattern->text, g_free);
}

/* Where a star stood, to let it take one more when what follows does not fit. */
typedef struct
{
  const char *pattern; /* after the star; NULL: there was none */
  const char *text;    /* where what follows it is tried next */
} Retry;

typedef enum
{
  STAR,   /* a run within one segment */
  ANY,    /* a run */
  FOLDERS /* nothing, or a run that ends with a slash */
} Star;

static Star
star_at (const char *start, const char *p)
{
  if (p[1] != '*')
    return STAR;
  return p[2] == '/' && (p == start || p[-1] == '/') ? FOLDERS : ANY;
}

/* One more character for the star, or FALSE when it cannot grow. */
static gboolean
grow (Retry *retry, Star star, const char *end)
{
  if (retry->pattern == NULL || retry->text == end || (star == STAR && *retry->text == '/'))
    return FALSE;
  if (star == FOLDERS)
    {
      const char *slash = memchr (retry->text, '/', end - retry->text);
      if (slash == NULL)
        return FALSE;
      retry->text = slash;
    }
  retry->text++;
  return TRUE;
}

/* The character at @p; what is not UTF-8 counts as one with the continuation bytes behind it. */
static const char *
next_character (const char *p, const char *end)
{
  do
    p++;
  while (p < end && ((guint8) *p & 0xC0) == 0x80);
  return p;
}

/* Only the last star of each reach is ever tried again. That is enough: what stands before it
 * matched as early as it can, and a later match would leave the star less to choose from. */
static gboolean
match_from (const char *start, const char *p, const char *t, const char *end)
{
  Retry near = { NULL }, far = { NULL };
  Star reach = ANY;
  while (t < end || *p != '\0')
    {
      if (*p == '*')
        {
          Star star = star_at (start, p);
          p += star == STAR ? 1 : star == ANY ? 2 : 3;
          if (star == STAR)
            near = (Retry){ p, t };
          else
            {
              near.pattern = NULL;
              far = (Retry){ p, t };
              reach = star;
            }
        }
      else if (t < end && *p == '?' && *t != '/')
        {
          p++;
          t = next_character (t, end);
        }
      else if (t < end && *p == *t && *p != '\0' && *p != '?')
        {
          p++;
          t++;
        }
      else if (grow (&near, STAR, end))
        {
          p = near.pattern;
          t = near.text;
        }
      else if (near.pattern != NULL && near.text == end)
        return FALSE; /* it had all the rest to choose from: a later start leaves it less */
      else if (grow (&far, near.pattern != NULL ? FOLDERS : reach, end))
        {
          /* A star that failed up to a slash would fail from each later start before that slash. */
          near.pattern = NULL;
          p = far.pattern;
          t = far.text;
        }
      else
        return FALSE;
    }
  return TRUE;
}

gboolean
policy_pattern_match (const PolicyPattern *pattern, const char *text, gsize len)
{
  gsize literal = pattern->literal;
  if (literal == pattern->len)
    return len == literal && memcmp (text, pattern->text, len) == 0;
  if (len < literal || memcmp (text, pattern->text, literal) != 0)
    return FALSE;
  return match_from (pattern->text, pattern->text + literal, text + literal, text + len);
}

gboolean
policy_pattern_match_argument (const PolicyPattern *pattern, const char *text)
{
  const char *p = pattern->text, *end = text + strlen (text);
  Retry star = { NULL };
  while (text < end)
    if (*p == '*')
      star = (Retry){ ++p, text };
    else if (*p == '?')
      {
        p++;
        text = next_character (text, end);
      }
    else if (*p == *text)
      {
        p++;
        text++;
      }
    else if (star.pattern != NULL)
      {
        p = star.pattern;
        text = star.text = next_character (star.text, end);
      }
    else
      return FALSE;
  return p[strspn (p, "*")] == '\0';
}

/* Of the many ways in which one pattern can contain another only those are looked for that people
 * write. */
gboolean
policy_pattern_covers (const PolicyPattern *wide, const PolicyPattern *narrow)
{
  if (strcmp (wide->text, narrow->text) == 0 || strcmp (wide->text, "**") == 0)
    return TRUE;
  if (narrow->literal == narrow->len)
    return policy_pattern_match (wide, narrow->text, narrow->len);
  /* "prod/" and two stars, against anything that begins with "prod/". */
  return wide->len == wide->literal + 2 && strcmp (wide->text + wide->literal, "**") == 0
         && narrow->literal >= wide->literal && wide->literal > 0
         && memcmp (wide->text, narrow->text, wide->literal) == 0;
}
