/* SPDX-License-Identifier: MIT */
#include "broker/base/text.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

G_DEFINE_QUARK (countersign_text_error, text_error)

#define MAX_MARKS 4

/* Letters, marks and symbols by category, but drawn as nothing or as blank: Unicode's
 * Default_Ignorable_Code_Point beyond Cf and Cn, and the blanks that are called symbols. U+FFFC
 * stands for an object that is not there. */
static gboolean
is_invisible (gunichar c)
{
  static const struct
  {
    gunichar first, last;
  } ranges[] = {
    { 0x034F, 0x034F }, { 0x115F, 0x1160 },   { 0x17B4, 0x17B5 },   { 0x180B, 0x180F },
    { 0x2800, 0x2800 }, { 0x3164, 0x3164 },   { 0xFE00, 0xFE0F },   { 0xFFA0, 0xFFA0 },
    { 0xFFFC, 0xFFFC }, { 0x16FE4, 0x16FE4 }, { 0x1D159, 0x1D159 }, { 0xE0000, 0xE0FFF },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (ranges); i++)
    if (c >= ranges[i].first && c <= ranges[i].last)
      return TRUE;
  return FALSE;
}

static gboolean
must_escape (gunichar c)
{
  const guint hidden = 1u << G_UNICODE_CONTROL | 1u << G_UNICODE_FORMAT | 1u << G_UNICODE_SURROGATE
                       | 1u << G_UNICODE_PRIVATE_USE | 1u << G_UNICODE_UNASSIGNED
                       | 1u << G_UNICODE_LINE_SEPARATOR | 1u << G_UNICODE_PARAGRAPH_SEPARATOR
                       | 1u << G_UNICODE_SPACE_SEPARATOR;

  return c != ' ' && ((hidden >> g_unichar_type (c) & 1) != 0 || is_invisible (c));
}

/* @marks counts the combining marks since the last character that can carry some; MAX_MARKS when
 * there is none, so that a mark never lands on our own text. */
static void
append_char (GString *out, gunichar c, guint *marks)
{
  gboolean is_mark = g_unichar_ismark (c);

  if (must_escape (c) || (is_mark && *marks >= MAX_MARKS))
    {
      g_string_append_printf (out, "\\u{%x}", c);
      *marks = MAX_MARKS;
      return;
    }
  *marks = is_mark ? *marks + 1 : 0;
  if (c == '\\')
    g_string_append_c (out, '\\');
  g_string_append_unichar (out, c);
}

char *
text_escape (const char *text)
{
  GString *out = g_string_sized_new (strlen (text) + 1);
  guint marks = MAX_MARKS;

  while (*text != '\0')
    {
      gunichar c = g_utf8_get_char_validated (text, -1);
      if (c == (gunichar) -1 || c == (gunichar) -2)
        {
          g_string_append_printf (out, "\\x{%02x}", (guchar) *text++);
          marks = MAX_MARKS;
          continue;
        }
      append_char (out, c, &marks);
      text = g_utf8_next_char (text);
    }
  return g_string_free (out, FALSE);
}

gboolean
text_is_blank (const char *text)
{
  for (; *text != '\0'; text = g_utf8_next_char (text))
    {
      gunichar c = g_utf8_get_char_validated (text, -1);
      if (c == (gunichar) -1 || c == (gunichar) -2)
        return FALSE;
      if (c != ' ' && !must_escape (c))
        return FALSE;
    }
  return TRUE;
}

static const struct
{
  char unit;
  gint64 seconds;
} units[] = { { 'd', 86400 }, { 'h', 3600 }, { 'm', 60 }, { 's', 1 } };

/* Digits at *@at, which is moved behind them. -1 when there are none. Stops growing far above any
 * limit, so that it cannot overflow. */
static gint64
read_number (const char **at)
{
  gint64 n = g_ascii_isdigit (**at) ? 0 : -1;

  for (; g_ascii_isdigit (**at); (*at)++)
    if (n < G_GINT64_CONSTANT (1000000000000))
      n = n * 10 + g_ascii_digit_value (**at);
  return n;
}

/* Units from the largest down, each at most once; -1 when @text is anything else. */
static gint64
read_duration (const char *text)
{
  gint64 total = 0;
  gsize next_unit = 0;
  const char *at = text;

  do
    {
      gint64 n = read_number (&at);
      if (n < 0)
        return -1;
      if (*at == '\0' && next_unit == 0)
        return n;
      while (next_unit < G_N_ELEMENTS (units) && units[next_unit].unit != *at)
        next_unit++;
      if (next_unit == G_N_ELEMENTS (units))
        return -1;
      total += n * units[next_unit++].seconds;
      at++;
    }
  while (*at != '\0');
  return total;
}

gboolean
text_parse_duration (const char *text, gint64 max, gint64 *seconds, GError **error)
{
  gint64 total = read_duration (text);
  g_autofree char *shown = text_escape (text), *limit = text_format_duration (max);

  if (total > 0 && total <= max)
    {
      *seconds = total;
      return TRUE;
    }
  if (total > max)
    g_set_error (error, TEXT_ERROR, TEXT_ERROR_DURATION, "\"%s\" is longer than %s", shown, limit);
  else
    g_set_error (error, TEXT_ERROR, TEXT_ERROR_DURATION,
                 "\"%s\" is not a duration; write it like 90s, 5m, 1h30m or 2d", shown);
  return FALSE;
}

char *
text_format_duration (gint64 seconds)
{
  GString *out = g_string_new (NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (units); i++)
    if (seconds >= units[i].seconds)
      {
        g_string_append_printf (out, "%" G_GINT64_FORMAT "%c", seconds / units[i].seconds,
                                units[i].unit);
        seconds %= units[i].seconds;
      }
  if (out->len == 0)
    g_string_append (out, "0s");
  return g_string_free (out, FALSE);
}

char *
text_format_time (gint64 usec)
{
  gint64 within = usec % G_USEC_PER_SEC;
  time_t seconds = usec / G_USEC_PER_SEC;
  struct tm utc;

  if (within < 0)
    {
      within += G_USEC_PER_SEC;
      seconds--;
    }
  gmtime_r (&seconds, &utc);
  return g_strdup_printf ("%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", utc.tm_year + 1900, utc.tm_mon + 1,
                          utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec, (int) (within / 1000));
}

static gboolean
refuse_name (GError **error, const char *words, gsize at)
{
  g_set_error (error, TEXT_ERROR, TEXT_ERROR_NAME, "%s (character %" G_GSIZE_FORMAT ")", words,
               at + 1);
  return FALSE;
}

/* @start is where the segment begins in the whole name. */
static gboolean
check_segment (const char *segment, gsize len, gsize start, GError **error)
{
  if (len == 0 || !g_ascii_isalnum (segment[0]))
    return refuse_name (error, "must begin with a letter or a digit", start);
  for (gsize i = 0; i < len; i++)
    if (!g_ascii_isalnum (segment[i]) && strchr ("._-", segment[i]) == NULL)
      return refuse_name (error, "may have only letters, digits, '.', '_' and '-'", start + i);
  if (len > TEXT_SEGMENT_MAX)
    return refuse_name (error,
                        "may have at most " G_STRINGIFY (TEXT_SEGMENT_MAX) " characters in a part",
                        start + TEXT_SEGMENT_MAX);
  return TRUE;
}

gboolean
text_check_segment (const char *segment, GError **error)
{
  return check_segment (segment, strlen (segment), 0, error);
}

gboolean
text_check_name (const char *name, GError **error)
{
  gsize n_segments = 0;

  for (const char *at = name;; at++)
    {
      gsize len = strcspn (at, "/");
      if (!check_segment (at, len, at - name, error))
        return FALSE;
      n_segments++;
      at += len;
      if (*at == '\0')
        break;
    }
  if (n_segments == 1 || n_segments == 3)
    return TRUE;
  g_set_error_literal (error, TEXT_ERROR, TEXT_ERROR_NAME, "must be NAME or app/environment/NAME");
  return FALSE;
}

char *
text_random_id (gsize n)
{
  static const char letters[] = "0123456789abcdefghjkmnpqrstvwxyz";
  guint8 bytes[256];
  char *id = g_malloc (n + 1);

  g_assert (n <= sizeof bytes);
  /* Up to 256 bytes come whole or not at all; a guessable identifier must never go out. */
  if (getrandom (bytes, n, 0) != (gssize) n)
    g_error ("the kernel gives no random bytes: %s", g_strerror (errno));
  for (gsize i = 0; i < n; i++)
    id[i] = letters[bytes[i] % 32];
  id[n] = '\0';
  return id;
}

char *
text_utf8 (const char *text)
{
  GString *valid = g_string_new (NULL);

  for (const char *end; *text != '\0'; text = end)
    {
      gboolean good = g_utf8_validate (text, -1, &end);
      g_string_append_len (valid, text, end - text);
      if (!good)
        g_string_append_printf (valid, "\\x{%02x}", (guint8) *end++);
    }
  return g_string_free (valid, FALSE);
}
