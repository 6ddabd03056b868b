/* SPDX-License-Identifier: MIT */
#include "tests/unit/redact-case.h"
#include "tests/unit/table.h"

#include <string.h>

#define BEFORE "0 < before: \"x\" = "
#define AFTER " ;after\n"

/* Letters alone, all kinds of signs, blanks and a line end within, longer than a line of base64. */
static const char *const values[] = {
  "ghjklm",
  "kQ7-zT4_wX9mL2pR5vB8nC1d",
  "p'a\"s\\s%w&o<r>d$`1 2!~",
  "first line of it 0123456789\nsecond line of it, longer",
  "p\xc3\xa4ssw\xc3\xb6rd \xf0\x9f\x94\x91 key",
  "0Aa/+?>~0Bb/+?>~0Cc/+?>~0Dd/+?>~0Ee/+?>~0Ff/+?>~0Gg/+?>~0Hh/+?>~0Ii/+?>~0Jj/+?>~",
};

static void
assert_bytes (const GByteArray *got, const char *expected)
{
  if (got->len != strlen (expected) || memcmp (got->data, expected, got->len) != 0)
    g_error ("expected %s\ngot %.*s", expected, (int) got->len, (const char *) got->data);
}

/* --- Each form of each value, wherever it is cut --- */

static void
try_cut (Redactor *redactor, const GString *text, gsize at, const char *expected)
{
  g_autoptr (RedactStream) stream = redact_stream_new (redactor);
  g_autoptr (GByteArray) out = g_byte_array_new ();

  redact_stream_feed (stream, text->str, at, out);
  redact_stream_feed (stream, text->str + at, text->len - at, out);
  redact_stream_end (stream, out);
  assert_bytes (out, expected);
}

static void
try_value (Redactor *redactor, const RedactEncoding *encoding, gsize which, guint variant)
{
  g_autoptr (GString) text
      = redact_encode (encoding, values[which], strlen (values[which]), variant);
  g_autofree char *expected = g_strdup_printf (BEFORE "[redacted:%c]" AFTER, "abcdef"[which]);
  /* Of very many, each is cut elsewhere. */
  gsize every = encoding->variants < 10 ? 1 : 29;

  g_string_prepend (text, BEFORE);
  g_string_append (text, AFTER);
  for (gsize at = variant % every; at <= text->len; at += every)
    try_cut (redactor, text, at, expected);
  for (gsize size = 1; size < 8; size += every)
    {
      g_autoptr (GByteArray) out
          = redact_case_run (redactor, (const guint8 *) text->str, text->len, size);
      assert_bytes (out, expected);
    }
}

static void
try_encoding (gconstpointer data)
{
  const RedactEncoding *encoding = data;
  g_autoptr (Redactor) redactor = redact_case_new (values, G_N_ELEMENTS (values));

  for (gsize which = 0; which < G_N_ELEMENTS (values); which++)
    for (guint variant = 0; variant < encoding->variants; variant++)
      try_value (redactor, encoding, which, variant);
}

/* --- What else there is --- */

#define KEY_LINE "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj"
#define PIECE "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ+/"
#define PIECES8 PIECE PIECE PIECE PIECE PIECE PIECE PIECE PIECE

typedef struct
{
  const char *sentence, *value, *text, *expected;
} Case;

static const Case cases[] = {
  { "a text without a value is left as it is", "kQ7-zT4_wX9mL2pR", "kQ7-zT4_wX9mL2p\n%41\\u0041 ok",
    "kQ7-zT4_wX9mL2p\n%41\\u0041 ok" },
  { "two in a row are two", "ghjklmnp", "ghjklmnpghjklmnp", "[redacted:a][redacted:a]" },
  { "what overlaps is one", "abcabcabc", "xabcabcabcabcx", "x[redacted:a]x" },
  { "six bytes are found within a word", "ghjklm", "xghjklmx", "x[redacted:a]x" },
  { "five are found as a word", "gh.kl", "(gh.kl) xgh.kl gh.klx", "([redacted:a]) xgh.kl gh.klx" },
  { "five are not found in base64", "ghjkl", "Z2hqa2w=", "Z2hqa2w=" },
  { "a PIN of four digits is found as a number", "4711", "4711 47110 14711 a4711",
    "[redacted:a] 47110 14711 a4711" },
  { "three are in every text", "cat", "cat cat", "cat cat" },
  { "nothing is in none", "", "text", "text" },
  { "the line end after a value is none of it", "kQ7-zT4_wX9mL2pR\n", "x=kQ7-zT4_wX9mL2pR;",
    "x=[redacted:a];" },
  { "a long line of a value is found alone",
    "-----BEGIN X-----\n" KEY_LINE "\nshort\n-----END X-----\n",
    "> " KEY_LINE "\n> short\n-----BEGIN X-----", "> [redacted:a]\n> short\n-----BEGIN X-----" },
  { "a value that is long is found in pieces", PIECES8 "<>" PIECES8 PIECES8, "x" PIECES8 "x",
    "x[redacted:a]x" },
  { "its pieces are one where they follow each other", PIECES8 PIECES8 PIECES8,
    "x" PIECES8 PIECES8 PIECES8 "x", "x[redacted:a]x" },
  { "the end of a stream that a value begins at", "kQ7-zT4_wX9mL2pR5vB8nC1d", "x = kQ7-zT4_",
    "x = [redacted:a]" },
  { "the beginning of a stream that a value ends at", "kQ7-zT4_wX9mL2pR5vB8nC1d", "R5vB8nC1d\n",
    "[redacted:a]\n" },
  { "a stream that is a part of a value", "kQ7-zT4_wX9mL2pR5vB8nC1d", "zT4_wX9mL2p",
    "[redacted:a]" },
  { "too little of a value at the end of a stream", "kQ7-zT4_wX9mL2pR5vB8nC1d", "x = kQ7-zT4",
    "x = kQ7-zT4" },
  { "an access key of AWS", "unused", "id AKIAIOSFODNN7EXAMPLE, ASIAIOSFODNN7EXAMPLE.",
    "id [redacted:aws-access-key], [redacted:aws-access-key]." },
  { "one letter more is none", "unused", "AKIAIOSFODNN7EXAMPLES xAKIAIOSFODNN7EXAMPLE",
    "AKIAIOSFODNN7EXAMPLES xAKIAIOSFODNN7EXAMPLE" },
  { "tokens of GitHub", "unused",
    "ghp_0123456789abcdefghijABCDEFGHIJ012345 github_pat_0123456789abcdefABCDEF_0123",
    "[redacted:github-token] [redacted:github-token]" },
  { "keys of Stripe", "unused", "sk_live_0123456789abcdef rk_test_0123456789abcdef pk_live_01",
    "[redacted:stripe-key] [redacted:stripe-key] pk_live_01" },
  { "tokens of Slack", "unused", "xoxb-1234567890-abc xoxp-1234567890",
    "[redacted:slack-token] [redacted:slack-token]" },
  { "a private key", "unused",
    "x\n-----BEGIN RSA PRIVATE KEY-----\n" KEY_LINE "\n-----END RSA PRIVATE KEY-----\ny",
    "x\n[redacted:private-key]\ny" },
  { "a private key in JSON, cut off", "unused",
    "{\"key\":\"-----BEGIN PRIVATE KEY-----\\n" KEY_LINE "\\nab\"}",
    "{\"key\":\"[redacted:private-key]\"}" },
  { "a public key is none", "unused", "-----BEGIN PUBLIC KEY-----\nabc",
    "-----BEGIN PUBLIC KEY-----\nabc" },
  { "a JSON web token", "unused", "Bearer eyJhbGciOiJI.eyJzdWIiOiIx.SflKxwRJ-_x.",
    "Bearer [redacted:jwt]." },
  { "the password in a URL", "unused", "postgres://user:pa:ss%40@host/db http://host:80/a@b",
    "postgres://user:[redacted:url-password]@host/db http://host:80/a@b" },
  { "the password in a URL in JSON", "unused", "\"redis:\\/\\/:secret@host\"",
    "\"redis:\\/\\/:[redacted:url-password]@host\"" },
  { "a value that looks like a token goes by its name", "ghp_0123456789abcdefghijABCDEFGHIJ012345",
    "ghp_0123456789abcdefghijABCDEFGHIJ012345", "[redacted:a]" },
};

static void
try_case (gconstpointer data)
{
  const Case *row = data;
  g_autoptr (Redactor) redactor = redact_case_new (&row->value, 1);

  for (gsize size = 0; size < 10; size++)
    {
      g_autoptr (GByteArray) out
          = redact_case_run (redactor, (const guint8 *) row->text, strlen (row->text), size);
      assert_bytes (out, row->expected);
    }
}

static void
try_text (void)
{
  g_autoptr (Redactor) redactor = redact_case_new (values, G_N_ELEMENTS (values));
  g_autofree char *whole = redact_text (redactor, "x ghjklm y", -1);
  g_autofree char *part = redact_text (redactor, "x ghjklm y", 4);
  /* A text is whole: nobody cut it. */
  g_autofree char *end = redact_text (redactor, "x kQ7-zT4_wX9mL2p", -1);

  g_assert_cmpstr (whole, ==, "x [redacted:a] y");
  g_assert_cmpstr (part, ==, "x gh");
  g_assert_cmpstr (end, ==, "x kQ7-zT4_wX9mL2p");
}

static void
try_counts (void)
{
  g_autoptr (Redactor) redactor = redact_case_new (values, G_N_ELEMENTS (values));
  g_autofree char *some = redact_text (redactor, "ghjklm Z2hqa2xt x://u:p@h", -1);
  g_autofree char *more = redact_text (redactor, "ghjklm kQ7-zT4_wX9mL2pR5vB8nC1d", -1);
  json_t *counts = redactor_counts (redactor);

  g_assert_true (g_str_has_prefix (some, "[redacted:a]")
                 && g_str_has_prefix (more, "[redacted:a]"));
  g_assert_cmpuint (json_object_size (counts), ==, 3);
  g_assert_cmpint (json_integer_value (json_object_get (counts, "a")), ==, 3);
  g_assert_cmpint (json_integer_value (json_object_get (counts, "b")), ==, 1);
  g_assert_cmpint (json_integer_value (json_object_get (counts, "url-password")), ==, 1);
  json_decref (counts);
}

/* Much that comes at once is looked at in blocks. */
static void
try_blocks (void)
{
  g_autoptr (Redactor) redactor = redact_case_new (values, G_N_ELEMENTS (values));
  const gsize block = 16 * 1024, before = 40;

  for (gsize at = block - before; at <= block; at++)
    for (gsize i = 0; i < 2; i++)
      {
        g_autoptr (GString) text = g_string_new (NULL), expected = NULL;
        g_autoptr (GByteArray) out = NULL;
        while (text->len < at)
          g_string_append_c (text, '.');
        expected = g_string_new (text->str);
        g_string_append (text, i == 0 ? values[1] : "a1E3LXpUNF93WDltT\r\n  DJwUjV2QjhuQzFk");
        g_string_append (expected, "[redacted:b]");
        for (gsize k = 0; k < 3 * block; k++)
          {
            g_string_append_c (text, ',');
            g_string_append_c (expected, ',');
          }
        out = redact_case_run (redactor, (const guint8 *) text->str, text->len, 0);
        g_assert_cmpmem (out->data, out->len, expected->str, expected->len);
      }
}

/* Whoever waits for a prompt sees it. */
static void
try_shown_at_once (void)
{
  g_autoptr (Redactor) redactor = redact_case_new (values, G_N_ELEMENTS (values));
  g_autoptr (RedactStream) stream = redact_stream_new (redactor);
  g_autoptr (GByteArray) out = g_byte_array_new ();

  redact_stream_feed (stream, "Continue? (y) #", 15, out);
  g_assert_cmpmem (out->data, out->len, "Continue? (y) #", 15);
  redact_stream_feed (stream, "kQ7-zT4_w", 9, out);
  g_assert_cmpuint (out->len, ==, 15);
}

/* Without a value there is no locked memory to be had. */
static void
try_shapes_alone (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (Redactor) redactor = redactor_new (NULL, 0, &error);
  g_autofree char *text = NULL;

  g_assert_no_error (error);
  text = redact_text (redactor, "a\\u0041%41 AKIAIOSFODNN7EXAMPLE", -1);
  g_assert_cmpstr (text, ==, "a\\u0041%41 [redacted:aws-access-key]");
}

static void
try_no_room (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (Secret) first = NULL, second = NULL, third = NULL;

  g_assert_true (secret_init (&error));
  first = secret_new (SECRET_MAX, &error);
  g_assert_no_error (error);
  second = secret_new (SECRET_MAX, NULL);
  third = secret_new (SECRET_MAX, NULL);
  g_assert_true (second != NULL && third != NULL);
  memset (secret_data (first), 'x', SECRET_MAX);
  g_assert_null (redactor_new ((RedactSecret[]){ { "x", first }, { "y", first } }, 2, &error));
  g_assert_error (error, SECRET_ERROR, SECRET_ERROR_FULL);
  g_assert_nonnull (strstr (error->message, "cannot look for the values of 2 secrets: "));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/redact/without a value there are shapes", try_shapes_alone);
  for (gsize i = 0; i < redact_n_encodings; i++)
    {
      g_autofree char *path = g_strconcat ("/redact/a value ", redact_encodings[i].sentence, NULL);
      g_test_add_data_func (path, &redact_encodings[i], try_encoding);
    }
  ADD_TABLE ("/redact/", cases, try_case);
  g_test_add_func ("/redact/a text at once", try_text);
  g_test_add_func ("/redact/all are counted", try_counts);
  g_test_add_func ("/redact/a value over the end of a block", try_blocks);
  g_test_add_func ("/redact/what cannot be a value is shown at once", try_shown_at_once);
  g_test_add_func ("/redact/no room is no redactor", try_no_room);
  return g_test_run ();
}
