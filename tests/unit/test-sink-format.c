/* SPDX-License-Identifier: MIT
 *
 * A record as the journal and syslog get it, to the byte; and whatever its texts are, a parser that
 * follows RFC 5424 reads them and nothing else.
 */
#include "tests/unit/rfc5424.h"

#include "broker/base/text.h"
#include "broker/base/wire.h"
#include "broker/sink/sink-journal.h"
#include "broker/sink/sink-syslog.h"

#include <string.h>

#define OURS "countersign@32473"
#define HEX "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define SHA "89abcdef0123456789abcdef0123456789abcdef0123456789abcdef01234567"
#define END ",\"prev\":\"" HEX "\",\"mac\":\"" HEX "\"}"
#define LINE(seq, event, members)                                                                  \
  "{\"seq\":" seq ",\"time\":\"2026-11-21T09:30:00.123Z\",\"event\":\"" event "\"" members END
#define HEAD(pri, event) "<" pri ">1 2026-11-21T09:30:00.123Z host countersign - " event " "
#define DATA(seq, event) "[" OURS " log=\"L\" seq=\"" seq "\" event=\"" event "\" hash=\"" SHA "\""
#define META(id) "][meta sequenceId=\"" id "\"] "

static const struct
{
  const char *name, *line, *syslog, *journal;
  gboolean sealed;
} cases[] = {
  { "a request",
    LINE ("7", "request_held",
          ",\"request_id\":\"r1\",\"operation\":\"get_secret\",\"pid\":42,\"sealed\":\"AAAA\""),
    HEAD ("85", "request_held") DATA (
        "7", "request_held") " request_id=\"r1\" operation=\"get_secret\" "
                             "pid=\"42\"" META (
                                 "7") "record 7: request held, get_secret, request r1, process 42",
    "MESSAGE=record 7: request held, get_secret, request r1, process 42\nPRIORITY=5\n"
    "SYSLOG_IDENTIFIER=countersign\nSYSLOG_FACILITY=10\nCOUNTERSIGN_SEQ=7\nCOUNTERSIGN_LOG=L\n"
    "COUNTERSIGN_TIME=2026-11-21T09:30:00.123Z\nCOUNTERSIGN_EVENT=request_held\nCOUNTERSIGN_"
    "HASH=" SHA "\n"
    "COUNTERSIGN_REQUEST_ID=r1\nCOUNTERSIGN_OPERATION=get_secret\nCOUNTERSIGN_PID=42\n",
    FALSE },
  { "what is sealed goes as it is, when that is asked for", LINE ("7", "x", ",\"sealed\":\"AA]\""),
    HEAD ("85", "x") DATA ("7", "x") " sealed=\"AA\\]\"" META ("7") "record 7: x", NULL, TRUE },
  { "a list comes several times", LINE ("8", "grant_made", ",\"scopes\":[\"a\",\"b\"]"),
    HEAD ("85", "grant_made")
        DATA ("8", "grant_made") " scopes=\"a\" scopes=\"b\"" META ("8") "record 8: grant made",
    NULL, FALSE },
  { "panic is critical", LINE ("9", "broker_panic", ",\"pid\":1"),
    HEAD ("82", "broker_panic")
        DATA ("9", "broker_panic") " pid=\"1\"" META ("9") "record 9: broker panic, process 1",
    NULL, FALSE },
  { "a wrong PIN is a warning", LINE ("9", "pin_wrong", ""),
    HEAD ("84", "pin_wrong") DATA ("9", "pin_wrong") META ("9") "record 9: pin wrong", NULL,
    FALSE },
  { "quote, backslash and bracket end nothing", LINE ("1", "x", ",\"code\":\"a\\\"]\\\\[b\""),
    HEAD ("85", "x")
        DATA ("1", "x") " code=\"a\\\"\\]\\\\\\\\[b\"" META ("1") "record 1: x, a\"]\\\\[b",
    NULL, FALSE },
  { "a newline is no new line", LINE ("1", "x", ",\"code\":\"a\\u000a<0>1 b\""),
    HEAD ("85", "x")
        DATA ("1", "x") " code=\"a\\\\u{a}<0>1 b\"" META ("1") "record 1: x, a\\u{a}<0>1 b",
    NULL, FALSE },
  { "what is not ASCII has a mark", LINE ("1", "x", ",\"code\":\"\xc3\xa9\""),
    HEAD ("85", "x")
        DATA ("1", "x") " code=\"\xc3\xa9\"" META ("1") "\xef\xbb\xbfrecord 1: x, \xc3\xa9",
    NULL, FALSE },
  { "sequenceId begins again where RFC 5424 has it", LINE ("2147483648", "x", ""),
    HEAD ("85", "x") DATA ("2147483648", "x") META ("1") "record 2147483648: x", NULL, FALSE },
  { "the log's name comes once", LINE ("1", "segment", ",\"log\":\"L\",\"format\":1,\"segment\":1"),
    HEAD ("86", "segment")
        DATA ("1", "segment") " format=\"1\" segment=\"1\"" META ("1") "record 1: segment",
    NULL, FALSE },
};

static SinkRecord *
record_of (const char *line, gboolean sealed)
{
  g_autoptr (GError) error = NULL;
  AuditLine scanned;

  g_assert_true (audit_line_scan (line, strlen (line), &scanned));
  SinkRecord *record = sink_record_new (line, strlen (line), &scanned, SHA, sealed, &error);
  g_assert_no_error (error);
  return record;
}

static void
test_case (gconstpointer data)
{
  gsize i = GPOINTER_TO_SIZE (data);
  g_autoptr (SinkRecord) record = record_of (cases[i].line, cases[i].sealed);
  g_autoptr (GString) syslog = sink_syslog_format (record, "L", "host", SINK_SYSLOG_MAX);
  g_autoptr (GString) journal = sink_journal_format (record, "L");

  g_assert_cmpstr (syslog->str, ==, cases[i].syslog);
  if (cases[i].journal != NULL)
    g_assert_cmpstr (journal->str, ==, cases[i].journal);
}

/* ---- whatever is in it ---- */

static const char *const hostile[] = {
  "",
  " ",
  "\"",
  "\\",
  "]",
  "\\]",
  "\\\"",
  "\"] [evil@1 a=\"b\"",
  "a\nb",
  "a\r\n<34>1 - - - - - - b",
  "\nMESSAGE=all is well\n",
  "\x1b]52;c;ZXZpbA==\x07",
  "\x1b[2J\x1b[31m",
  "\xc2\x9b"
  "31m",
  "\xe2\x80\xae"
  "evil",
  "\xe2\x80\xa8"
  "x\xe2\x80\xa9",
  "\xef\xbb\xbf",
  "\xef\xbf\xbe",
  "\xff\xfe",
  "\xed\xa0\x80",
  "%s%n%d",
  "=cmd|' /C calc'!A0",
  "\x7f\x01\x1f",
  "a\tb",
  "{\"a\":1}",
  "12 <34>1",
  "\xf0\x9f\x94\x91",
  "\xc3\xa9\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xcc\x81",
};

static void
assert_no_control (const GString *text, const char *allowed)
{
  for (gsize i = 0; i < text->len; i++)
    g_assert_true (((guchar) text->str[i] >= 0x20 && text->str[i] != 0x7f)
                   || strchr (allowed, text->str[i]) != NULL);
  g_assert_true (g_utf8_validate (text->str, (gssize) text->len, NULL));
}

static void
assert_syslog (const SinkRecord *record, const char *text)
{
  g_autoptr (GString) syslog = sink_syslog_format (record, "L", "host", SINK_SYSLOG_MAX);
  g_autofree char *shown = text_escape (text);
  g_auto (Rfc5424) message;
  const char *rule;

  if (!rfc5424_read (syslog->str, syslog->len, &message, &rule))
    g_error ("%s: %s", rule, syslog->str);
  assert_no_control (syslog, "");
  g_assert_cmpint (message.facility, ==, 10);
  g_assert_cmpstr (rfc5424_param (&message, OURS, "why"), ==, shown);
  g_assert_cmpstr (rfc5424_param (&message, OURS, "seq"), ==, "7");
  g_assert_cmpuint (message.params->len, ==, 6);
  g_assert_true (g_str_has_suffix (message.message, shown));
}

static void
assert_journal (const SinkRecord *record, const char *text)
{
  g_autoptr (GString) journal = sink_journal_format (record, "L");
  g_autofree char *shown = text_escape (text),
                  *field = g_strconcat ("COUNTERSIGN_WHY=", shown, NULL);
  g_auto (GStrv) lines = g_strsplit (journal->str, "\n", -1);

  assert_no_control (journal, "\n");
  g_assert_cmpuint (g_strv_length (lines), ==, 11);
  g_assert_cmpstr (lines[9], ==, field);
  g_assert_cmpstr (lines[10], ==, "");
}

static void
test_hostile (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (hostile); i++)
    {
      g_autoptr (SinkRecord) record = sink_record_differs (7, SHA, hostile[i]);
      assert_syslog (record, hostile[i]);
      assert_journal (record, hostile[i]);
    }
}

/* ---- room ---- */

static void
test_room (void)
{
  g_autofree char *large = g_strnfill (9000, 'x'), *medium = g_strnfill (3000, 'y');
  g_autoptr (SinkRecord) record = sink_record_differs (7, SHA, "why");
  const char *rule;

  sink_record_add (record, "large", large);
  for (guint i = 0; i < 3; i++)
    sink_record_add (record, "listed", medium);
  sink_record_add (record, "small", "z");
  g_autoptr (GString) syslog = sink_syslog_format (record, "L", "host", SINK_SYSLOG_MAX);
  g_auto (Rfc5424) message;
  g_assert_true (rfc5424_read (syslog->str, syslog->len, &message, &rule));
  g_assert_cmpuint (syslog->len, <=, SINK_SYSLOG_MAX);
  g_assert_cmpstr (rfc5424_param (&message, OURS, "left_out"), ==, "listed,large");
  g_assert_cmpstr (rfc5424_param (&message, OURS, "small"), ==, "z");
  g_assert_null (rfc5424_param (&message, OURS, "large"));
  /* The journal has room. */
  g_autoptr (GString) journal = sink_journal_format (record, "L");
  g_assert_nonnull (strstr (journal->str, large));
}

static void
test_host (void)
{
  static const struct
  {
    const char *name, *host;
  } names[] = {
    { "a.example", "a.example" }, { "", "-" }, { "a b", "-" }, { "a\nb", "-" }, { "\xc3\xa9", "-" }
  };
  g_autofree char *long_name = g_strnfill (256, 'a');

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *host = sink_syslog_host (names[i].name);
      g_assert_cmpstr (host, ==, names[i].host);
    }
  g_autofree char *host = sink_syslog_host (long_name);
  g_assert_cmpstr (host, ==, "-");
}

/* The reader that all this leans on. */
static void
test_reader (void)
{
  static const struct
  {
    const char *text, *rule;
  } wrong[] = {
    { "<192>1 2026-11-21T09:30:00.123Z h a p m -", "PRIVAL" },
    { "<1>2 2026-11-21T09:30:00.123Z h a p m -", "VERSION" },
    { "<1>1 2026-11-21 09:30:00.123Z h a p m -", "TIMESTAMP" },
    { "<1>1 2026-11-21T09:30:00.123Z h a p\xc3\xa9 m -", "HEADER" },
    { "<1>1 2026-11-21T09:30:00.123Z h a p m [x a=\"b\"]", "SD-ID" },
    { "<1>1 2026-11-21T09:30:00.123Z h a p m [x@1 a=\"]\"]", "PARAM-VALUE" },
    { "<1>1 2026-11-21T09:30:00.123Z h a p m [x@1 a=\"b]", "PARAM-VALUE" },
    { "<1>1 2026-11-21T09:30:00.123Z h a p m [x@1 a=\"b\"", "SD-ELEMENT" },
    { "<1>1 2026-11-21T09:30:00.123Z h a p m -x", "MSG" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_auto (Rfc5424) message;
      const char *rule;
      g_assert_false (rfc5424_read (wrong[i].text, strlen (wrong[i].text), &message, &rule));
      g_assert_cmpstr (rule, ==, wrong[i].rule);
    }
}

int
main (int argc, char **argv)
{
  wire_init ();
  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *name = g_strdup_printf ("/sink-format/%s", cases[i].name);
      g_test_add_data_func (name, GSIZE_TO_POINTER (i), test_case);
    }
  g_test_add_func ("/sink-format/no text ends a line, a value or a message", test_hostile);
  g_test_add_func ("/sink-format/what does not fit is named", test_room);
  g_test_add_func ("/sink-format/a host without a usable name has none", test_host);
  g_test_add_func ("/sink-format/the reader knows the grammar", test_reader);
  return g_test_run ();
}
