/* SPDX-License-Identifier: MIT */
#include "broker/audit/audit-json.h"

#include <string.h>

static const char hex_digits[] = "0123456789abcdef";

/* One character that may not stand for itself; returns how many bytes of @at it took. */
static gsize
put_odd (GString *out, const char *at)
{
  guint8 c = (guint8) *at;
  const char u00[] = { '\\', 'u', '0', '0', hex_digits[c >> 4], hex_digits[c & 15] };
  const char bad[] = { '\\', '\\', 'x', '{', hex_digits[c >> 4], hex_digits[c & 15], '}' };
  gunichar wide;

  if (c == '"' || c == '\\')
    {
      const char escaped[] = { '\\', (char) c };
      g_string_append_len (out, escaped, sizeof escaped);
      return 1;
    }
  if (c < 0x80)
    {
      g_string_append_len (out, u00, sizeof u00);
      return 1;
    }
  wide = g_utf8_get_char_validated (at, -1);
  if (wide == (gunichar) -1 || wide == (gunichar) -2)
    {
      /* Not UTF-8: shown as a person will see it elsewhere, see text_escape(). */
      g_string_append_len (out, bad, sizeof bad);
      return 1;
    }
  g_string_append_len (out, at, g_utf8_skip[c]);
  return (gsize) g_utf8_skip[c];
}

void
audit_json_text (GString *out, const char *text)
{
  const char *at = text;

  g_string_append_c (out, '"');
  for (;;)
    {
      const char *first = at;
      while ((guint8) *at >= 0x20 && (guint8) *at < 0x7f && *at != '"' && *at != '\\')
        at++;
      g_string_append_len (out, first, at - first);
      if (*at == '\0')
        break;
      at += put_odd (out, at);
    }
  g_string_append_c (out, '"');
}

void
audit_json_integer (GString *out, gint64 value)
{
  char digits[24], *at = digits + sizeof digits;
  guint64 rest = value < 0 ? -(guint64) value : (guint64) value;

  do
    *--at = (char) ('0' + rest % 10);
  while ((rest /= 10) > 0);
  if (value < 0)
    *--at = '-';
  g_string_append_len (out, at, digits + sizeof digits - at);
}

void
audit_json_key (GString *out, const char *key)
{
  g_string_append_len (out, ",\"", 2);
  g_string_append (out, key);
  g_string_append_len (out, "\":", 2);
}
