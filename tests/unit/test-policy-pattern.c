/* SPDX-License-Identifier: MIT */
#include "policy/policy-pattern.h"
#include "tests/unit/table.h"

#include <string.h>

typedef struct
{
  const char *sentence, *pattern, *text;
  gboolean matches;
} MatchCase;

static const MatchCase match_cases[] = {
  { "a name is itself", "prod/db/KEY", "prod/db/KEY", TRUE },
  { "a name is not its beginning", "prod/db/KEY", "prod/db/KE", FALSE },
  { "a name is not more than itself", "prod/db/KEY", "prod/db/KEY2", FALSE },
  { "nothing is no name", "a", "", FALSE },
  { "a star is a name", "*", "github-token", TRUE },
  { "a star is nothing", "a*", "a", TRUE },
  { "a star does not cross a slash", "*", "a/b", FALSE },
  { "a star does not begin before a slash", "a*/c", "a/b/c", FALSE },
  { "a star stands in the middle", "a*c", "abbbc", TRUE },
  { "a star gives back", "a*bc", "abcbc", TRUE },
  { "stars in each segment", "*/*/KEY", "prod/db/KEY", TRUE },
  { "stars for each segment, one too few", "*/KEY", "prod/db/KEY", FALSE },
  { "two stars are anything", "**", "a/b/c", TRUE },
  { "two stars cross slashes", "prod/**", "prod/db/KEY", TRUE },
  { "two stars are below, not beside", "prod/**", "production", FALSE },
  { "two stars are below, not it itself", "prod/**", "prod", FALSE },
  { "two stars in a word", "p**Y", "prod/db/KEY", TRUE },
  { "folders may be none at the beginning", "**/KEY", "KEY", TRUE },
  { "folders may be many at the beginning", "**/KEY", "prod/db/KEY", TRUE },
  { "folders are whole", "**/KEY", "prod/db/MYKEY", FALSE },
  { "folders may be none in the middle", "/usr/**/node", "/usr/node", TRUE },
  { "folders may be many in the middle", "/usr/**/node", "/usr/lib/x/bin/node", TRUE },
  { "folders do not end in a word", "/usr/**/node", "/usr/lib/mynode", FALSE },
  { "folders twice", "**/a/**/b", "a/a/x/b", TRUE },
  { "folders twice in a row", "**/**/a", "a", TRUE },
  { "folders, then a star", "**/x*", "a/b/xyz", TRUE },
  { "folders, then a star that may not cross", "**/x*", "a/xb/z", FALSE },
  { "folders, tried again behind a star", "**/a*c", "ab/abc", TRUE },
  { "two stars behind a letter are no folders", "a**/b", "ab", FALSE },
  { "a question mark is one character", "a?c", "abc", TRUE },
  { "a question mark is not none", "a?c", "ac", FALSE },
  { "a question mark is no slash", "a?c", "a/c", FALSE },
  { "a question mark is a character of three bytes", "a?c", "a\u20acc", TRUE },
  { "two question marks are not one of three bytes", "a??c", "a\u20acc", FALSE },
  { "a question mark is a bad byte", "a?c",
    "a\xff"
    "c",
    TRUE },
  { "a question mark matches itself", "a?c", "a?c", TRUE },
  { "brackets are brackets", "[ab]", "[ab]", TRUE },
  { "brackets are no class", "[ab]", "a", FALSE },
  { "a dot is a dot", "a.c", "abc", FALSE },
  { "a star matches a hidden name", "*", ".env", TRUE },
};

static gboolean
match (const char *pattern, const char *text)
{
  PolicyPattern compiled;
  policy_pattern_init (&compiled, pattern);
  gboolean matches = policy_pattern_match (&compiled, text, strlen (text));
  policy_pattern_clear (&compiled);
  return matches;
}

static void
test_match (gconstpointer data)
{
  const MatchCase *row = data;
  g_autofree char *problem = policy_pattern_problem (row->pattern);
  g_assert_cmpstr (problem, ==, NULL);
  g_assert_cmpint (match (row->pattern, row->text), ==, row->matches);
}

/* The words of the manual page, one after the other, tried in every way there is. */
static gboolean
slow_match (const char *start, const char *p, const char *t)
{
  if (*p == '\0')
    return *t == '\0';
  if (p[0] == '*' && p[1] == '*' && p[2] == '/' && (p == start || p[-1] == '/'))
    {
      if (slow_match (start, p + 3, t))
        return TRUE;
      for (; *t != '\0'; t++)
        if (*t == '/' && slow_match (start, p + 3, t + 1))
          return TRUE;
      return FALSE;
    }
  if (*p == '*')
    {
      gboolean two = p[1] == '*';
      do
        if (slow_match (start, p + (two ? 2 : 1), t))
          return TRUE;
      while (*t != '\0' && (two || *t != '/') && *t++ != '\0');
      return FALSE;
    }
  return *t != '\0' && (*p == '?' ? *t != '/' : *p == *t) && slow_match (start, p + 1, t + 1);
}

static void
random_word (char *out, guint most, const char *letters)
{
  guint len = g_test_rand_int_range (1, most + 1);
  for (guint i = 0; i < len; i++)
    out[i] = letters[g_test_rand_int_range (0, strlen (letters))];
  out[len] = '\0';
}

static char *
random_pattern (char *out, guint most)
{
  g_autofree char *problem = NULL;
  do
    {
      g_free (problem);
      random_word (out, most, "ab/**?");
      problem = policy_pattern_problem (out);
    }
  while (problem != NULL);
  return out;
}

static void
test_match_every_way (void)
{
  guint matched = 0;
  for (guint i = 0; i < 200000; i++)
    {
      char pattern[16], text[16];
      random_pattern (pattern, 9);
      random_word (text, 9, "ab/");
      gboolean expected = slow_match (pattern, pattern, text);
      matched += expected;
      if (match (pattern, text) != expected)
        g_error ("\"%s\" and \"%s\": should be %d", pattern, text, expected);
    }
  g_assert_cmpuint (matched, >, 10000); /* or the words were too wild to tell anything */
}

typedef struct
{
  const char *sentence, *wide, *narrow;
  gboolean covers;
} CoverCase;

static const CoverCase cover_cases[] = {
  { "a pattern covers itself", "a*b", "a*b", TRUE },
  { "two stars cover all", "**", "a/**/b*", TRUE },
  { "one star does not cover two", "*", "**", FALSE },
  { "a pattern covers a name that it matches", "prod/*", "prod/KEY", TRUE },
  { "a pattern does not cover a name that it does not match", "prod/*", "prod/db/KEY", FALSE },
  { "what is below covers what is further below", "prod/**", "prod/db/*", TRUE },
  { "what is below does not cover what is beside", "prod/**", "pro*", FALSE },
  { "what is below does not cover what may be above", "prod/db/**", "prod/**", FALSE },
  { "a name covers no pattern", "a", "?", FALSE },
};

static void
test_cover (gconstpointer data)
{
  const CoverCase *row = data;
  PolicyPattern wide, narrow;
  policy_pattern_init (&wide, row->wide);
  policy_pattern_init (&narrow, row->narrow);
  g_assert_cmpint (policy_pattern_covers (&wide, &narrow), ==, row->covers);
  policy_pattern_clear (&wide);
  policy_pattern_clear (&narrow);
}

/* What is said to be covered must be: a warning that a rule never matters would be a lie. */
static void
test_cover_is_true (void)
{
  guint covered = 0;
  for (guint i = 0; i < 200000; i++)
    {
      char a[16], b[16], text[16];
      PolicyPattern wide, narrow;
      policy_pattern_init (&wide, random_pattern (a, 5));
      policy_pattern_init (&narrow, random_pattern (b, 5));
      random_word (text, 6, "ab/");
      gsize len = strlen (text);
      if (policy_pattern_covers (&wide, &narrow) && policy_pattern_match (&narrow, text, len))
        {
          covered++;
          if (!policy_pattern_match (&wide, text, len))
            g_error ("\"%s\" does not cover \"%s\": \"%s\"", a, b, text);
        }
      policy_pattern_clear (&wide);
      policy_pattern_clear (&narrow);
    }
  g_assert_cmpuint (covered, >, 1000);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD_TABLE ("/policy/pattern/", match_cases, test_match);
  ADD_TABLE ("/policy/cover/", cover_cases, test_cover);
  g_test_add_func ("/policy/pattern/quick and slow agree on random words", test_match_every_way);
  g_test_add_func ("/policy/cover/what is said to be covered is", test_cover_is_true);
  return g_test_run ();
}
