/* SPDX-License-Identifier: MIT
 *
 * Objects, arrays, text without escapes, whole numbers and the three words. At the first sign of
 * anything else, or of a fault, all that was read is dropped and jansson decides, so that there is
 * one judge of what is refused and why.
 *
 * MUST
 *  - accept only what jansson accepts, with WIRE_MAX_DEPTH and no key twice, and make the same of
 * it
 */
#include "broker/base/wire-quick.h"

#include <string.h>

#define KEY_BYTES 64
#define NUMBER_DIGITS 18 /* as many as always fit */

typedef struct
{
  const char *at, *end;
} Cursor;

static json_t *read_value (Cursor *cursor, guint depth);

static void
skip_space (Cursor *cursor)
{
  while (
      cursor->at < cursor->end
      && (*cursor->at == ' ' || *cursor->at == '\t' || *cursor->at == '\r' || *cursor->at == '\n'))
    cursor->at++;
}

static gboolean
take (Cursor *cursor, char c)
{
  skip_space (cursor);
  if (cursor->at == cursor->end || *cursor->at != c)
    return FALSE;
  cursor->at++;
  return TRUE;
}

/* Behind the opening quote; moves behind the closing one. FALSE at an escape, a control character,
 * or what is not UTF-8. */
static gboolean
read_text (Cursor *cursor, const char **text, gsize *len)
{
  guchar all = 0;

  *text = cursor->at;
  for (; cursor->at < cursor->end; cursor->at++)
    {
      guchar c = *cursor->at;
      if (c == '"')
        {
          *len = cursor->at++ - *text;
          return all < 0x80 || g_utf8_validate_len (*text, *len, NULL);
        }
      if (c < 0x20 || c == '\\')
        return FALSE;
      all |= c;
    }
  return FALSE;
}

static json_t *
read_string (Cursor *cursor)
{
  const char *text;
  gsize len;

  return read_text (cursor, &text, &len) ? json_stringn_nocheck (text, len) : NULL;
}

static json_t *
read_number (Cursor *cursor)
{
  gboolean negative = *cursor->at == '-';
  const char *start = cursor->at += negative;
  gint64 number = 0;

  for (; cursor->at < cursor->end && g_ascii_isdigit (*cursor->at); cursor->at++)
    {
      if (cursor->at - start == NUMBER_DIGITS)
        return NULL;
      number = number * 10 + (*cursor->at - '0');
    }
  if (cursor->at == start || (*start == '0' && cursor->at - start > 1))
    return NULL;
  if (cursor->at < cursor->end && strchr (".eE", *cursor->at) != NULL)
    return NULL;
  return json_integer (negative ? -number : number);
}

static json_t *
read_word (Cursor *cursor)
{
  gsize left = cursor->end - cursor->at;

  if (left >= 4 && memcmp (cursor->at, "true", 4) == 0)
    return cursor->at += 4, json_true ();
  if (left >= 5 && memcmp (cursor->at, "false", 5) == 0)
    return cursor->at += 5, json_false ();
  if (left >= 4 && memcmp (cursor->at, "null", 4) == 0)
    return cursor->at += 4, json_null ();
  return NULL;
}

/* One "key": value, added to @object. */
static gboolean
read_member (Cursor *cursor, json_t *object, guint depth)
{
  gsize len, size = json_object_size (object);
  char key[KEY_BYTES + 1];
  const char *text;

  if (!take (cursor, '"') || !read_text (cursor, &text, &len) || len > KEY_BYTES
      || !take (cursor, ':'))
    return FALSE;
  memcpy (key, text, len);
  key[len] = '\0';
  json_t *value = read_value (cursor, depth);
  /* A key that was there already does not make it grow. */
  return value != NULL && json_object_set_new_nocheck (object, key, value) == 0
         && json_object_size (object) == size + 1;
}

static json_t *
read_object (Cursor *cursor, guint depth)
{
  g_autoptr (json_t) object = json_object ();

  if (take (cursor, '}'))
    return g_steal_pointer (&object);
  do
    if (!read_member (cursor, object, depth))
      return NULL;
  while (take (cursor, ','));
  return take (cursor, '}') ? g_steal_pointer (&object) : NULL;
}

static json_t *
read_array (Cursor *cursor, guint depth)
{
  g_autoptr (json_t) array = json_array ();

  if (take (cursor, ']'))
    return g_steal_pointer (&array);
  do
    {
      json_t *value = read_value (cursor, depth);
      if (value == NULL || json_array_append_new (array, value) != 0)
        return NULL;
    }
  while (take (cursor, ','));
  return take (cursor, ']') ? g_steal_pointer (&array) : NULL;
}

/* @depth: of the brackets around it. */
static json_t *
read_value (Cursor *cursor, guint depth)
{
  skip_space (cursor);
  if (cursor->at == cursor->end)
    return NULL;
  switch (*cursor->at)
    {
    case '"':
      cursor->at++;
      return read_string (cursor);
    case '{':
      cursor->at++;
      return depth < WIRE_MAX_DEPTH ? read_object (cursor, depth + 1) : NULL;
    case '[':
      cursor->at++;
      return depth < WIRE_MAX_DEPTH ? read_array (cursor, depth + 1) : NULL;
    case 't':
    case 'f':
    case 'n':
      return read_word (cursor);
    default:
      return *cursor->at == '-' || g_ascii_isdigit (*cursor->at) ? read_number (cursor) : NULL;
    }
}

json_t *
wire_quick_parse (const char *text, gsize len)
{
  Cursor cursor = { text, text + len };

  skip_space (&cursor);
  if (cursor.at == cursor.end || (*cursor.at != '{' && *cursor.at != '['))
    return NULL;
  g_autoptr (json_t) root = read_value (&cursor, 0);
  skip_space (&cursor);
  return root != NULL && cursor.at == cursor.end ? g_steal_pointer (&root) : NULL;
}
