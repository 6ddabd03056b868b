/* SPDX-License-Identifier: MIT
 *
 * Whatever the text in a record: the syslog message has that one value in that one place, read by
 * the grammar of RFC 5424; the journal's entry has as many lines as fields. Neither has a byte that
 * acts on a terminal.
 */
#include "broker/base/text.h"
#include "broker/sink/sink-journal.h"
#include "broker/sink/sink-syslog.h"
#include "tests/fuzz/fuzz.h"
#include "tests/unit/rfc5424.h"

#include <string.h>

#define FIELDS 10 /* of a journal entry with one member */

static void
check_bytes (const GString *text, char allowed)
{
  for (gsize i = 0; i < text->len; i++)
    g_assert_true (((guchar) text->str[i] >= 0x20 && text->str[i] != 0x7f)
                   || text->str[i] == allowed);
}

static void
check_syslog (const SinkRecord *record, const char *shown)
{
  g_autoptr (GString) text = sink_syslog_format (record, "log", "host", SINK_SYSLOG_MAX);
  g_auto (Rfc5424) message;
  const char *rule;

  g_assert_true (rfc5424_read (text->str, text->len, &message, &rule));
  g_assert_cmpuint (text->len, <=, SINK_SYSLOG_MAX);
  check_bytes (text, ' ');
  const char *why = rfc5424_param (&message, "countersign@32473", "why");
  if (why != NULL)
    g_assert_cmpstr (why, ==, shown);
  else
    g_assert_cmpstr (rfc5424_param (&message, "countersign@32473", "left_out"), ==, "why");
}

static void
check_journal (const SinkRecord *record, const char *shown)
{
  g_autoptr (GString) text = sink_journal_format (record, "log");
  g_autofree char *field = g_strconcat ("\nCOUNTERSIGN_WHY=", shown, "\n", NULL);
  guint lines = 0;

  check_bytes (text, '\n');
  for (gsize i = 0; i < text->len; i++)
    lines += text->str[i] == '\n';
  g_assert_cmpuint (lines, ==, FIELDS);
  g_assert_true (g_str_has_suffix (text->str, field));
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autofree char *text = g_strndup ((const char *) data, size), *shown = text_escape (text);
  g_autoptr (SinkRecord) record = sink_record_differs (1, "00", text);

  check_syslog (record, shown);
  check_journal (record, shown);
  return 0;
}
