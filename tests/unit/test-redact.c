/* SPDX-License-Identifier: MIT */
#include "broker/worker/redact.h"
#include "tests/unit/table.h"

#include <string.h>

#define VALUE "kQ7-zT4_wX9\"mL2"

typedef struct
{
  const char *sentence, *text, *expected;
} Case;

static const Case cases[] = {
  { "the value itself", "token=" VALUE "&x", "token=[redacted:demo]&x" },
  { "hexadecimal", "6b51372d7a54345f775839226d4c32", "[redacted:demo]" },
  { "hexadecimal, upper case", "6B51372D7A54345F775839226D4C32", "[redacted:demo]" },
  { "base64", "a1E3LXpUNF93WDkibUwy", "[redacted:demo]" },
  { "base64, one byte before it", "OmtRNy16VDRfd1g5Im1MMg==", "Om[redacted:demo]g==" },
  { "base64, two bytes before it", "dTprUTctelQ0X3dYOSJtTDI=", "dTp[redacted:demo]I=" },
  { "nothing of it", "nothing of it: kQ7-zT4_wX9", "nothing of it: kQ7-zT4_wX9" },
};

static Redactor *
make (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (Secret) value = NULL;
  Redactor *redactor;

  secret_init (&error);
  g_assert_no_error (error);
  value = secret_new_from (VALUE, strlen (VALUE), &error);
  g_assert_no_error (error);
  redactor = redactor_new (&(RedactSecret){ "demo", value }, 1, &error);
  g_assert_no_error (error);
  return redactor;
}

static void
try_whole (gconstpointer data)
{
  const Case *row = data;
  g_autoptr (Redactor) redactor = make ();
  g_autofree char *got = redact_text (redactor, row->text, -1);

  g_assert_cmpstr (got, ==, row->expected);
}

static void
try_split (gconstpointer data)
{
  const Case *row = data;
  gsize len = strlen (row->text);

  for (gsize at = 0; at <= len; at++)
    {
      g_autoptr (Redactor) redactor = make ();
      g_autoptr (RedactStream) stream = redact_stream_new (redactor);
      g_autoptr (GByteArray) out = g_byte_array_new ();

      redact_stream_feed (stream, row->text, at, out);
      redact_stream_feed (stream, row->text + at, len - at, out);
      redact_stream_end (stream, out);
      g_assert_cmpmem (out->data, out->len, row->expected, strlen (row->expected));
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD_TABLE ("/redact/", cases, try_whole);
  ADD_TABLE ("/redact/cut anywhere: ", cases, try_split);
  return g_test_run ();
}
