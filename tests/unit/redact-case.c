/* SPDX-License-Identifier: MIT */
#include "tests/unit/redact-case.h"

#include <string.h>

#define BETWEEN 3 /* bytes that base64 takes together */

static void
write_plain (GString *out, const char *value, gsize len, guint variant)
{
  g_string_append_len (out, value, (gssize) len);
}

static void
write_reversed (GString *out, const char *value, gsize len, guint variant)
{
  while (len > 0)
    g_string_append_c (out, value[--len]);
}

/* Each @width characters on a line, the first @width minus @first. */
static void
wrap (GString *out, const char *text, gsize width, gsize first, const char *line_end)
{
  for (gsize i = 0, column = first; text[i] != '\0'; i++, column++)
    {
      if (column == width)
        {
          g_string_append (out, line_end);
          column = 0;
        }
      g_string_append_c (out, text[i]);
    }
}

/* Only the characters in which nothing but the value is. */
static char *
base64_of (const char *value, gsize len, gsize skip)
{
  g_autoptr (GString) whole = g_string_new_len ("\x5a\xa5", (gssize) skip);
  g_autofree char *text = NULL;
  gsize from = skip == 0 ? 0 : skip + 1, to;

  g_string_append_len (whole, value, (gssize) len);
  to = whole->len * 4 / BETWEEN;
  g_string_append (whole, "\xc3\x3c");
  text = g_base64_encode ((const guchar *) whole->str, whole->len);
  return g_strndup (text + from, to - from);
}

static void
write_base64 (GString *out, const char *value, gsize len, guint variant)
{
  g_autofree char *text = base64_of (value, len, variant % 3);

  g_string_append (out, text);
}

static void
write_base64_url (GString *out, const char *value, gsize len, guint variant)
{
  g_autofree char *text = base64_of (value, len, variant % 3);

  g_string_append (out, g_strdelimit (g_strdelimit (text, "+", '-'), "/", '_'));
}

static void
write_base64_reversed (GString *out, const char *value, gsize len, guint variant)
{
  g_autofree char *text = base64_of (value, len, variant % 3);

  g_string_append (out, g_strreverse (text));
}

static void
wrap_base64 (GString *out, const char *value, gsize len, guint variant, gsize width,
             const char *line_end)
{
  g_autofree char *text = base64_of (value, len, variant % 3);

  wrap (out, text, width, 1 + variant / 3 % (width - 1), line_end);
}

static void
write_base64_64 (GString *out, const char *value, gsize len, guint variant)
{
  wrap_base64 (out, value, len, variant, 64, "\n");
}

static void
write_base64_76 (GString *out, const char *value, gsize len, guint variant)
{
  wrap_base64 (out, value, len, variant, 76, "\r\n");
}

static void
write_base64_indented (GString *out, const char *value, gsize len, guint variant)
{
  wrap_base64 (out, value, len, variant, 64, "\n    ");
}

static void
write_base64_json (GString *out, const char *value, gsize len, guint variant)
{
  g_autoptr (GString) plain = g_string_new (NULL);

  wrap_base64 (plain, value, len, variant, 60, "\n");
  g_string_replace (plain, "/", "\\/", 0);
  g_string_replace (plain, "\n", "\\n", 0);
  g_string_append (out, plain->str);
}

static void
write_base64_percent (GString *out, const char *value, gsize len, guint variant)
{
  g_autofree char *text = base64_of (value, len, variant % 3);
  g_autofree char *escaped = g_uri_escape_string (text, NULL, FALSE);

  g_string_append (out, escaped);
}

/* Each byte by @format, @between between them. */
static void
write_bytes (GString *out, const char *value, gsize len, const char *digits, guint base,
             const char *before, const char *between)
{
  for (gsize i = 0; i < len; i++)
    {
      guint8 byte = (guint8) value[i];
      g_string_append (out, i > 0 ? between : "");
      g_string_append (out, before);
      if (base == 8)
        g_string_append_c (out, digits[byte / 64]);
      g_string_append_c (out, digits[byte / base % base]);
      g_string_append_c (out, digits[byte % base]);
    }
}

static const char lower[] = "0123456789abcdef", upper[] = "0123456789ABCDEF";

static const char *
case_of (guint variant)
{
  return variant % 2 == 0 ? lower : upper;
}

static void
write_hex (GString *out, const char *value, gsize len, guint variant)
{
  write_bytes (out, value, len, case_of (variant), 16, "", "");
}

static void
write_hex_reversed (GString *out, const char *value, gsize len, guint variant)
{
  g_autoptr (GString) text = g_string_new (NULL);

  write_hex (text, value, len, variant);
  g_string_append (out, g_strreverse (text->str));
}

static void
write_hex_wrapped (GString *out, const char *value, gsize len, guint variant)
{
  g_autoptr (GString) text = g_string_new (NULL);

  write_hex (text, value, len, variant);
  wrap (out, text->str, 60, 1 + variant % 59, "\n");
}

static void
write_hex_apart (GString *out, const char *value, gsize len, guint variant)
{
  static const char *const between[] = { ":", "-", " ", ", 0x" };

  write_bytes (out, value, len, case_of (variant / 4), 16, "", between[variant % 4]);
}

static void
write_hex_pairs (GString *out, const char *value, gsize len, guint variant)
{
  for (gsize i = 0; i < len; i++)
    g_string_append_printf (out, i > 0 && (i + variant) % 2 == 0 ? " %02x" : "%02x",
                            (guint8) value[i]);
}

static void
write_percent (GString *out, const char *value, gsize len, guint variant)
{
  write_bytes (out, value, len, case_of (variant), 16, "%", "");
}

/* @variant says which bytes, as bits, over and over. */
static void
write_percent_some (GString *out, const char *value, gsize len, guint variant)
{
  for (gsize i = 0; i < len; i++)
    if (variant >> (i % 7) & 1 || value[i] == '%')
      write_bytes (out, value + i, 1, case_of (variant + (guint) i), 16, "%", "");
    else
      g_string_append_c (out, value[i]);
}

static void
write_form (GString *out, const char *value, gsize len, guint variant)
{
  g_autofree char *escaped = g_uri_escape_bytes ((const guint8 *) value, len, " ");

  g_string_append (out, g_strdelimit (escaped, " ", '+'));
}

static void
dump_json (GString *out, const char *value, gsize len, size_t flags)
{
  json_t *string = json_stringn (value, len);
  g_autofree char *text = json_dumps (string, JSON_ENCODE_ANY | flags);

  g_string_append_len (out, text + 1, (gssize) strlen (text) - 2);
  json_decref (string);
}

static void
write_json (GString *out, const char *value, gsize len, guint variant)
{
  dump_json (out, value, len,
             (variant & 1 ? JSON_ENSURE_ASCII : 0) | (variant & 2 ? JSON_ESCAPE_SLASH : 0));
}

static void
write_json_all (GString *out, const char *value, gsize len, guint variant)
{
  glong n;
  g_autofree gunichar2 *units = g_utf8_to_utf16 (value, (glong) len, NULL, &n, NULL);

  for (glong i = 0; i < n; i++)
    g_string_append_printf (out, variant == 0 ? "\\u%04x" : "\\u%04X", units[i]);
}

static void
write_c (GString *out, const char *value, gsize len, guint variant)
{
  write_bytes (out, value, len, case_of (variant), variant < 2 ? 16 : 8, variant < 2 ? "\\x" : "\\",
               "");
}

static void
write_entities (GString *out, const char *value, gsize len, guint variant)
{
  g_autofree char *escaped = g_markup_escape_text (value, (gssize) len);
  const char *end = value + len;

  if (variant == 2)
    g_string_append (out, escaped);
  for (; variant < 2 && value < end; value = g_utf8_next_char (value))
    g_string_append_printf (out, variant == 0 ? "&#%u;" : "&#x%x;", g_utf8_get_char (value));
}

static void
write_shell_single (GString *out, const char *value, gsize len, guint variant)
{
  static const char *const ways[] = { "'\\''", "'\"'\"'", "''" };

  for (gsize i = 0; i < len; i++)
    if (value[i] == '\'')
      g_string_append (out, ways[variant]);
    else
      g_string_append_c (out, value[i]);
}

static void
write_backslashes (GString *out, const char *value, gsize len, const char *which)
{
  for (gsize i = 0; i < len; i++)
    {
      if (value[i] != '\0' && strchr (which, value[i]) != NULL)
        g_string_append_c (out, '\\');
      g_string_append_c (out, value[i]);
    }
}

static void
write_shell_double (GString *out, const char *value, gsize len, guint variant)
{
  write_backslashes (out, value, len, "\"\\$`");
}

static void
write_shell_backslash (GString *out, const char *value, gsize len, guint variant)
{
  write_backslashes (out, value, len, " !\"#$&'()*,;<>?[\\]^`{|}~");
}

static void
write_shell_c (GString *out, const char *value, gsize len, guint variant)
{
  g_autofree char *escaped = g_strescape (value, "");

  g_string_append (out, escaped);
}

static void
write_utf16 (GString *out, const char *value, gsize len, guint variant)
{
  glong n;
  g_autofree gunichar2 *units = g_utf8_to_utf16 (value, (glong) len, NULL, &n, NULL);

  for (glong i = 0; i < n; i++)
    {
      char bytes[2] = { (char) (units[i] & 0xff), (char) (units[i] >> 8) };
      g_string_append_c (out, bytes[variant]);
      g_string_append_c (out, bytes[!variant]);
    }
}

static void
write_utf16_base64 (GString *out, const char *value, gsize len, guint variant)
{
  g_autoptr (GString) units = g_string_new (NULL);

  write_utf16 (units, value, len, 0);
  write_base64 (out, units->str, units->len, variant);
}

const RedactEncoding redact_encodings[] = {
  { "as it is", write_plain, 1 },
  { "reversed", write_reversed, 1 },
  { "in base64", write_base64, 3 },
  { "in base64 for URLs", write_base64_url, 3 },
  { "in base64, reversed", write_base64_reversed, 3 },
  { "in base64 in lines of 64", write_base64_64, 3 * 63 },
  { "in base64 in lines of 76 that end with CR LF", write_base64_76, 3 * 75 },
  { "in base64 in lines that are indented", write_base64_indented, 3 * 63 },
  { "in base64 in lines, in JSON", write_base64_json, 3 * 59 },
  { "in base64, percent-encoded", write_base64_percent, 3 },
  { "in hexadecimal, either case", write_hex, 2 },
  { "in hexadecimal, reversed", write_hex_reversed, 2 },
  { "in hexadecimal in lines of 60", write_hex_wrapped, 59 },
  { "in hexadecimal, its bytes apart", write_hex_apart, 8 },
  { "in hexadecimal by pairs of bytes", write_hex_pairs, 2 },
  { "percent-encoded, all of it", write_percent, 2 },
  { "percent-encoded here and there", write_percent_some, 128 },
  { "in a form", write_form, 1 },
  { "in JSON", write_json, 4 },
  { "in JSON, all as \\u", write_json_all, 2 },
  { "as \\x or octal escapes", write_c, 3 },
  { "as entities", write_entities, 3 },
  { "in single quotes of a shell, or of SQL", write_shell_single, 3 },
  { "in double quotes of a shell", write_shell_double, 1 },
  { "with backslashes of a shell", write_shell_backslash, 1 },
  { "in $'' of a shell", write_shell_c, 1 },
  { "in UTF-16", write_utf16, 2 },
  { "in base64 of UTF-16", write_utf16_base64, 3 },
};
const gsize redact_n_encodings = G_N_ELEMENTS (redact_encodings);

GString *
redact_encode (const RedactEncoding *encoding, const char *value, gsize len, guint variant)
{
  GString *out = g_string_new (NULL);

  encoding->write (out, value, len, variant % encoding->variants);
  return out;
}

Redactor *
redact_case_new (const char *const *values, gsize n)
{
  g_autoptr (GError) error = NULL;
  g_autofree RedactSecret *secrets = g_new0 (RedactSecret, n);
  g_autoptr (GPtrArray) kept = g_ptr_array_new_with_free_func ((GDestroyNotify) secret_free);
  static const char *const names[] = { "a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l" };
  Redactor *redactor;

  g_assert_true (n <= G_N_ELEMENTS (names));
  secret_init (&error);
  g_assert_no_error (error);
  for (gsize i = 0; i < n; i++)
    {
      Secret *value = secret_new_from (values[i], strlen (values[i]), &error);
      g_assert_no_error (error);
      g_ptr_array_add (kept, value);
      secrets[i] = (RedactSecret){ names[i], value };
    }
  redactor = redactor_new (secrets, n, &error);
  g_assert_no_error (error);
  return redactor;
}

GByteArray *
redact_case_run (Redactor *redactor, const guint8 *text, gsize len, gsize size)
{
  g_autoptr (RedactStream) stream = redact_stream_new (redactor);
  GByteArray *out = g_byte_array_new ();

  for (gsize at = 0; at < len;)
    {
      gsize n = size > 0 ? MIN (size, len - at) : len;
      redact_stream_feed (stream, text + at, n, out);
      at += n;
    }
  redact_stream_end (stream, out);
  return out;
}
