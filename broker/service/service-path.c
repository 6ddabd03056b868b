/* SPDX-License-Identifier: MIT
 *
 * A path that is read the same by everyone: by a scope, by a proxy on the way, and by whatever
 * framework serves it.
 *
 * MUST
 *  - let a segment through in one spelling only (RFC 3986, section 6.2.2): capital hexadecimal
 *    digits, and no escape for a character that needs none
 *  - refuse what is taken for a dot segment or a slash after one decoding, after two, by a reader
 *    that cuts off path parameters, or by one that folds compatibility characters
 *  - repair nothing
 */
#include <string.h>

#include "broker/service/service-private.h"
#include "policy/policy-words.h"

static gboolean
is_unreserved (guchar c)
{
  return g_ascii_isalnum (c) || (c != '\0' && strchr ("-._~", c) != NULL);
}

/* Stands in a path as it is: RFC 3986's pchar, without the semicolon. */
static gboolean
is_plain (guchar c)
{
  return is_unreserved (c) || (c != '\0' && strchr ("!$&'()*+,=:@", c) != NULL);
}

static char *
problem_at (const char *path, const char *at, const char *text)
{
  return g_strdup_printf ("%s (character %ld)", text, g_utf8_pointer_to_offset (path, at) + 1);
}

/* Characters that mean something in a URL, or to some server. */
static const struct
{
  char c;
  const char *problem;
} meaning[] = {
  { '?', "a question mark; what follows it goes into query" },
  { '#', "a fragment, which is never sent; leave it out" },
  { '\\', "a backslash, which some servers read as a slash" },
  { ';',
    "a semicolon, behind which some servers stop reading; write %3B where it is part of a name" },
  { '{', "a brace; put in the value that belongs there" },
  { '}', "a brace; put in the value that belongs there" },
};

static char *
plain_problem (const char *path, const char *at)
{
  guchar c = (guchar) *at;
  for (gsize i = 0; i < G_N_ELEMENTS (meaning); i++)
    if (meaning[i].c == *at)
      return problem_at (path, at, meaning[i].problem);
  if (c < 0x20 || c == 0x7F)
    return problem_at (path, at, "a control character");
  if (c >= 0x80)
    return problem_at (path, at, "a character that is not ASCII; percent-encode it as UTF-8");
  g_autofree char *text
      = g_strdup_printf ("%s, which a path cannot have; write %%%02X",
                         c == ' ' ? "a blank" : (char[]){ '"', (char) c, '"', '\0' }, c);
  return problem_at (path, at, text);
}

static gboolean
is_escape (const char *at)
{
  return at[0] == '%' && g_ascii_isxdigit (at[1]) && g_ascii_isxdigit (at[2]);
}

/* @at is a % with two hexadecimal digits behind it, which stand for @c. */
static char *
escape_problem (const char *path, const char *at, guchar c, gboolean encoded_slashes)
{
  g_autofree char *text = NULL;
  if (g_ascii_islower (at[1]) || g_ascii_islower (at[2]))
    text = g_strdup_printf ("%.3s is written with capitals, %%%02X", at, c);
  else if (is_unreserved (c))
    text = g_strdup_printf ("%.3s needs no escape; write %c", at, c);
  else if (c < 0x20 || c == 0x7F)
    text = g_strdup_printf ("%.3s, a control character", at);
  else if (c == '\\')
    text = g_strdup ("%5C, a backslash, which some servers read as a slash");
  else if (c == '/' && !encoded_slashes)
    text = g_strdup ("%2F, a slash that some servers decode and others do not");
  else if (c == '%' && g_ascii_isxdigit (at[3]) && g_ascii_isxdigit (at[4]))
    text = g_strdup_printf ("%.5s is encoded twice; encode once", at);
  return text == NULL ? NULL : problem_at (path, at, text);
}

/* Dots and blanks only, also in front of what some servers cut off. */
static gboolean
is_dots (const char *text, gsize len)
{
  const char *cut = memchr (text, ';', len);
  gsize end = cut != NULL ? (gsize) (cut - text) : len;
  return memchr (text, '.', end) != NULL && strspn (text, ". ") >= end;
}

/* What lies between two slashes, decoded. */
static char *
piece_problem (const char *text, gsize len)
{
  if (is_dots (text, len))
    return g_strdup ("a segment of dots, which leads elsewhere; write the path it leads to");
  return NULL;
}

/* What a server makes of it that folds characters which look alike (⁄ and /, ‥ and ..). */
static char *
folded_problem (const char *segment)
{
  g_autofree char *folded = g_utf8_normalize (segment, -1, G_NORMALIZE_ALL);
  for (const char *p = folded; *p != '\0'; p++)
    if ((*p == '/' || *p == '\\' || *p == '%' || *p == ';') && strchr (segment, *p) == NULL)
      return g_strdup ("a character that some servers read as a slash, backslash or percent sign");
  if (is_dots (folded, strlen (folded)))
    return g_strdup ("a segment that some servers read as dots");
  return NULL;
}

static char *
segment_problem (const char *segment)
{
  if (!g_utf8_validate (segment, -1, NULL))
    return g_strdup ("percent escapes that are not UTF-8");
  for (const char *at = segment;; at++)
    {
      gsize len = strcspn (at, "/"); /* where encoded ones are allowed */
      if (len == 0 && (at != segment || *at == '/'))
        return g_strdup ("two slashes in a row, one of them encoded; write one");
      g_autofree char *problem = piece_problem (at, len);
      if (problem != NULL)
        return g_steal_pointer (&problem);
      at += len;
      if (*at == '\0')
        return folded_problem (segment);
    }
}

/* One byte of the path, decoded, and how many bytes it took; 0 with *@problem. */
static gsize
take_byte (const char *path, const char *at, gboolean encoded_slashes, guchar *c, char **problem)
{
  *c = (guchar) *at;
  if (*at != '%')
    {
      *problem = is_plain (*c) ? NULL : plain_problem (path, at);
      return *problem == NULL ? 1 : 0;
    }
  if (!is_escape (at))
    *problem = problem_at (path, at,
                           "a percent sign without two hexadecimal digits behind it; "
                           "write %25 for the sign itself");
  else
    {
      *c = (guchar) (g_ascii_xdigit_value (at[1]) << 4 | g_ascii_xdigit_value (at[2]));
      *problem = escape_problem (path, at, *c, encoded_slashes);
    }
  return *problem == NULL ? 3 : 0;
}

/* From *@at to the next slash or the end. */
static char *
take_segment (const char *path, const char **at, gboolean encoded_slashes, char **problem)
{
  const char *start = *at;
  g_autoptr (GString) segment = g_string_new (NULL);
  while (**at != '\0' && **at != '/')
    {
      guchar c;
      gsize taken = take_byte (path, *at, encoded_slashes, &c, problem);
      if (taken == 0)
        return NULL;
      g_string_append_c (segment, (char) c);
      *at += taken;
    }
  g_autofree char *wrong = *at == start ? NULL : segment_problem (segment->str);
  if (wrong != NULL)
    {
      *problem = problem_at (path, start, wrong);
      return NULL;
    }
  return g_string_free (g_steal_pointer (&segment), FALSE);
}

static char *
start_problem (const char *path)
{
  if (strlen (path) > SERVICE_MAX_PATH)
    return g_strdup_printf ("more than %d bytes", SERVICE_MAX_PATH);
  if (path[0] == '/')
    return NULL;
  if (path[0] == '\0')
    return g_strdup ("empty; write / for the top");
  if (strstr (path, "://") != NULL)
    return g_strdup ("a whole URL; write only what comes after the service's base");
  return g_strdup ("must begin with a slash");
}

char **
service_path_split (const char *path, gboolean encoded_slashes, char **problem)
{
  g_autoptr (GPtrArray) segments = g_ptr_array_new_with_free_func (g_free);
  const char *at = path;
  *problem = start_problem (path);
  while (*problem == NULL && *at == '/')
    {
      at++;
      if (*at == '/')
        {
          *problem = problem_at (path, at, "two slashes in a row; write one");
          break;
        }
      char *segment = take_segment (path, &at, encoded_slashes, problem);
      if (segment != NULL)
        g_ptr_array_add (segments, segment);
    }
  if (*problem != NULL)
    return NULL;
  g_ptr_array_add (segments, NULL);
  return (char **) g_ptr_array_free (g_steal_pointer (&segments), FALSE);
}

char *
service_base_path_problem (const char *path)
{
  char *problem = NULL;
  if (*path == '\0')
    return NULL;
  if (g_str_has_suffix (path, "/"))
    return g_strdup ("a slash at the end; leave it out, paths begin with one");
  g_strfreev (service_path_split (path, FALSE, &problem));
  return problem;
}
