/* SPDX-License-Identifier: MIT */
#include "broker/base/text.h"
#include "tests/unit/table.h"

#include <string.h>

typedef struct
{
  const char *sentence, *text, *shown;
} EscapeCase;

static const EscapeCase escape_cases[] = {
  { "plain text stays", "Deploy the api to prod, 50% <b>&amp;</b>", NULL },
  { "letters of other scripts stay", "déployer 部署 деплой प्रोड 🚀", NULL },
  { "nothing is nothing", "", "" },
  { "a backslash is doubled", "\\u{1b}", "\\\\u{1b}" },
  { "newline, return and tab", "a\nb\rc\td", "a\\u{a}b\\u{d}c\\u{9}d" },
  { "CSI clears no screen", "\x1b[2J", "\\u{1b}[2J" },
  { "OSC 52 sets no clipboard", "\x1b]52;c;cm0gLXJm\a", "\\u{1b}]52;c;cm0gLXJm\\u{7}" },
  { "OSC 8 makes no link", "\x1b]8;;http://x\x1b\\y", "\\u{1b}]8;;http://x\\u{1b}\\\\y" },
  { "a backspace and DEL", "no\b\x7f", "no\\u{8}\\u{7f}" },
  { "C1 CSI in UTF-8",
    "\xc2\x9b"
    "31m",
    "\\u{9b}31m" },
  { "C1 as a bare byte",
    "\x9b"
    "31m",
    "\\x{9b}31m" },
  { "bidi override", "abc\u202Etxt.exe", "abc\\u{202e}txt.exe" },
  { "bidi isolates", "\u2066a\u2069", "\\u{2066}a\\u{2069}" },
  { "left-to-right and Arabic marks", "a\u200E\u061Cb", "a\\u{200e}\\u{61c}b" },
  { "zero width space, joiners, BOM", "a\u200B\u200C\u200D\u2060\uFEFFb",
    "a\\u{200b}\\u{200c}\\u{200d}\\u{2060}\\u{feff}b" },
  { "soft hyphen", "a\u00ADb", "a\\u{ad}b" },
  { "line and paragraph separators", "a\u2028\u2029b", "a\\u{2028}\\u{2029}b" },
  { "no-break, em, ideographic spaces", "a\u00A0\u2003\u3000b", "a\\u{a0}\\u{2003}\\u{3000}b" },
  { "Hangul fillers", "a\u115F\u1160\u3164\uFFA0", "a\\u{115f}\\u{1160}\\u{3164}\\u{ffa0}" },
  { "combining grapheme joiner", "a\u034F", "a\\u{34f}" },
  { "braille blank", "\u2800", "\\u{2800}" },
  { "Khmer inherent vowels", "a\u17B4", "a\\u{17b4}" },
  { "variation selectors", "a\uFE0F\U000E0100", "a\\u{fe0f}\\u{e0100}" },
  { "tag characters", "a\U000E0041", "a\\u{e0041}" },
  { "object replacement character", "\uFFFC", "\\u{fffc}" },
  { "private use", "\uE000\U0010FFFD", "\\u{e000}\\u{10fffd}" },
  { "unassigned and noncharacters", "\u0378\uFFFF", "\\u{378}\\u{ffff}" },
  { "bad UTF-8", "a\xff\xc0\x80\xe2\x82", "a\\x{ff}\\x{c0}\\x{80}\\x{e2}\\x{82}" },
  { "a surrogate in UTF-8", "\xed\xa0\x80", "\\x{ed}\\x{a0}\\x{80}" },
  { "four marks on one letter stay", "e\u0301\u0302\u0303\u0304.", NULL },
  { "the fifth mark and all after it", "e\u0301\u0302\u0303\u0304\u0305\u0306x",
    "e\u0301\u0302\u0303\u0304\\u{305}\\u{306}x" },
  { "a mark at the start has no letter", "\u0338a", "\\u{338}a" },
  { "a mark behind an escape has no letter", "a\u200B\u0338", "a\\u{200b}\\u{338}" },
  { "a mark behind a bad byte has no letter", "a\xff\u0338", "a\\x{ff}\\u{338}" },
};

static void
test_escape (gconstpointer data)
{
  const EscapeCase *row = data;
  g_autofree char *shown = text_escape (row->text);

  g_assert_cmpstr (shown, ==, row->shown != NULL ? row->shown : row->text);
  g_assert_true (g_utf8_validate (shown, -1, NULL));
}

/* The rule itself, for each character there is: what stays is neither control nor format nor
 * separator nor private nor unassigned. */
static void
test_escape_every_character (void)
{
  for (gunichar c = 1; c <= 0x10FFFF; c++)
    {
      char text[8] = "a";
      g_autofree char *shown = NULL;

      if (!g_unichar_validate (c))
        continue;
      text[1 + g_unichar_to_utf8 (c, text + 1)] = '\0';
      shown = text_escape (text);
      if (strcmp (shown, text) != 0)
        continue;
      g_assert_true (c == ' ' || g_unichar_isgraph (c));
      g_assert_cmpint (g_unichar_type (c), !=, G_UNICODE_PRIVATE_USE);
      g_assert_cmpint (g_unichar_type (c), !=, G_UNICODE_LINE_SEPARATOR);
      g_assert_cmpint (g_unichar_type (c), !=, G_UNICODE_PARAGRAPH_SEPARATOR);
    }
}

static void
test_blank (void)
{
  g_assert_true (text_is_blank (""));
  g_assert_true (text_is_blank (" \t\n\r\u00A0\u3000"));
  g_assert_true (text_is_blank ("\u200B\u3164\u2800\u202E"));
  g_assert_false (text_is_blank ("\u200B."));
  g_assert_false (text_is_blank ("\xff"));
}

typedef struct
{
  const char *sentence, *text;
  gint64 max, seconds; /* 0: refused */
  const char *error;
} DurationCase;

#define BAD(text) "\"" text "\" is not a duration; write it like 90s, 5m, 1h30m or 2d"

static const DurationCase duration_cases[] = {
  { "seconds", "90s", 86400, 90, NULL },
  { "bare seconds", "45", 86400, 45, NULL },
  { "minutes", "5m", 86400, 300, NULL },
  { "hours and minutes", "1h30m", 86400, 5400, NULL },
  { "every unit", "1d2h3m4s", 200000, 93784, NULL },
  { "a gap between units", "1d4s", 200000, 86404, NULL },
  { "exactly the limit", "1d", 86400, 86400, NULL },
  { "one over the limit", "86401", 86400, 0, "\"86401\" is longer than 1d" },
  { "over the limit in sum", "59m61s", 3600, 0, "\"59m61s\" is longer than 1h" },
  { "2^63", "9223372036854775808s", 86400, 0, "\"9223372036854775808s\" is longer than 1d" },
  { "more digits than any number has", "99999999999999999999999999999999d", 86400, 0,
    "\"99999999999999999999999999999999d\" is longer than 1d" },
  { "zero", "0", 86400, 0, BAD ("0") },
  { "zero minutes", "0m", 86400, 0, BAD ("0m") },
  { "negative", "-5m", 86400, 0, BAD ("-5m") },
  { "a plus", "+5m", 86400, 0, BAD ("+5m") },
  { "fractional", "1.5h", 86400, 0, BAD ("1.5h") },
  { "unknown unit", "5w", 86400, 0, BAD ("5w") },
  { "capital unit", "5M", 86400, 0, BAD ("5M") },
  { "unit alone", "m", 86400, 0, BAD ("m") },
  { "nothing", "", 86400, 0, BAD ("") },
  { "a space", "5 m", 86400, 0, BAD ("5 m") },
  { "a trailing space", "5m ", 86400, 0, BAD ("5m ") },
  { "no unit at the end", "1h30", 86400, 0, BAD ("1h30") },
  { "units the wrong way round", "30m1h", 86400, 0, BAD ("30m1h") },
  { "a unit twice", "1m1m", 86400, 0, BAD ("1m1m") },
  { "escapes in the message", "5\x1bm", 86400, 0, BAD ("5\\u{1b}m") },
};

static void
test_duration (gconstpointer data)
{
  const DurationCase *row = data;
  g_autoptr (GError) error = NULL;
  gint64 seconds = -1;
  gboolean taken = text_parse_duration (row->text, row->max, &seconds, &error);

  g_assert_cmpint (taken, ==, row->error == NULL);
  g_assert_cmpstr (error == NULL ? NULL : error->message, ==, row->error);
  g_assert_cmpint (seconds, ==, taken ? row->seconds : -1);
}

static void
test_format_duration (void)
{
  static const struct
  {
    gint64 seconds;
    const char *text;
  } rows[] = { { 90, "1m30s" }, { 3600, "1h" },     { 86400, "1d" },   { 1, "1s" },
               { 0, "0s" },     { -5, "0s" },       { 5400, "1h30m" }, { 93784, "1d2h3m4s" },
               { 60, "1m" },    { 8640000, "100d" } };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *text = text_format_duration (rows[i].seconds);
      gint64 back = 0;

      g_assert_cmpstr (text, ==, rows[i].text);
      g_assert_cmpint (text_parse_duration (text, G_MAXINT64, &back, NULL), ==,
                       rows[i].seconds > 0);
      g_assert_cmpint (back, ==, MAX (rows[i].seconds, 0));
    }
}

static void
test_format_time (void)
{
  static const struct
  {
    gint64 usec;
    const char *text;
  } rows[] = {
    { 0, "1970-01-01T00:00:00.000Z" },
    { G_GINT64_CONSTANT (1795253400123999), "2026-11-21T09:30:00.123Z" },
    { G_GINT64_CONSTANT (951782399999999), "2000-02-28T23:59:59.999Z" },
    { G_GINT64_CONSTANT (951782400000000), "2000-02-29T00:00:00.000Z" },
    { G_GINT64_CONSTANT (4102444800000000), "2100-01-01T00:00:00.000Z" },
    { -1, "1969-12-31T23:59:59.999Z" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *text = text_format_time (rows[i].usec);
      g_assert_cmpstr (text, ==, rows[i].text);
    }
}

#define S63 "a23456789012345678901234567890123456789012345678901234567890123"
#define BEGIN "must begin with a letter or a digit (character "
#define LETTERS "may have only letters, digits, '.', '_' and '-' (character "

typedef struct
{
  const char *sentence, *name, *error;
} NameCase;

static const NameCase name_cases[] = {
  { "a short name", "GITHUB_TOKEN", NULL },
  { "a full name", "billing/prod/db.password-2", NULL },
  { "it may begin with a digit", "2fa", NULL },
  { "63 characters in each part", S63 "/" S63 "/" S63, NULL },
  { "64 characters", S63 "4", "may have at most 63 characters in a part (character 64)" },
  { "64 characters in the last part", "a/b/" S63 "4",
    "may have at most 63 characters in a part (character 68)" },
  { "nothing", "", BEGIN "1)" },
  { "two parts", "billing/db", "must be NAME or app/environment/NAME" },
  { "four parts", "a/b/c/d", "must be NAME or app/environment/NAME" },
  { "an empty part in the middle", "a//c", BEGIN "3)" },
  { "a slash at the end", "a/b/", BEGIN "5)" },
  { "a slash at the start", "/b/c", BEGIN "1)" },
  { "dots climb nowhere", "a/../c", BEGIN "3)" },
  { "a dash at the start", "-rf", BEGIN "1)" },
  { "an underscore at the start of a part", "a/_b/c", BEGIN "3)" },
  { "a space", "my key", LETTERS "3)" },
  { "a letter outside ASCII", "clé", LETTERS "3)" },
  { "a newline", "key\n", LETTERS "4)" },
  { "a wildcard", "a/b/*", BEGIN "5)" },
  { "a backslash", "a\\b", LETTERS "2)" },
};

static void
test_name (gconstpointer data)
{
  const NameCase *row = data;
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (text_check_name (row->name, &error), ==, row->error == NULL);
  g_assert_cmpstr (error == NULL ? NULL : error->message, ==, row->error);
}

static void
test_segment (void)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (text_check_segment ("prod-2", NULL));
  g_assert_false (text_check_segment ("a/b/c", &error));
  g_assert_cmpstr (error->message, ==, LETTERS "2)");
}

static void
test_random_id (void)
{
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  guint used[256] = { 0 };

  for (guint i = 0; i < 1000; i++)
    {
      char *id = text_random_id (26);
      g_assert_cmpuint (strlen (id), ==, 26);
      g_assert_cmpuint (strspn (id, "0123456789abcdefghjkmnpqrstvwxyz"), ==, 26);
      for (const char *c = id; *c != '\0'; c++)
        used[(guchar) *c]++;
      g_assert_true (g_hash_table_add (seen, id));
    }
  /* 26 000 draws of 32: each letter is due 812 times; one that comes less than half as often is not
   * chance. */
  for (const char *c = "0123456789abcdefghjkmnpqrstvwxyz"; *c != '\0'; c++)
    g_assert_cmpuint (used[(guchar) *c], >, 400);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD_TABLE ("/text/escape/", escape_cases, test_escape);
  ADD_TABLE ("/text/duration/", duration_cases, test_duration);
  ADD_TABLE ("/text/name/", name_cases, test_name);
  g_test_add_func ("/text/escape/what stays is seen, for every character",
                   test_escape_every_character);
  g_test_add_func ("/text/what a person would not see is blank", test_blank);
  g_test_add_func ("/text/a duration is written as it is read", test_format_duration);
  g_test_add_func ("/text/time is RFC 3339 with milliseconds", test_format_time);
  g_test_add_func ("/text/a segment is one part of a name", test_segment);
  g_test_add_func ("/text/random identifiers differ and use all letters", test_random_id);
  return g_test_run ();
}
