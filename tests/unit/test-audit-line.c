/* SPDX-License-Identifier: MIT
 *
 * The one spelling of a record: what is accepted, and what looks nearly like it.
 */
#include "broker/audit/audit-line.h"
#include "broker/audit/audit-verify.h"

#include "broker/base/wire.h"

#include <string.h>

#define HEAD "{\"seq\":7,\"time\":\"2026-11-21T09:30:00.123Z\",\"event\":\"use\""
#define PREV ",\"prev\":\"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\""
#define MAC ",\"mac\":\"fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210\"}"

static const struct
{
  const char *name, *line;
  gboolean accepted;
} cases[] = {
  { "no members", HEAD PREV MAC, TRUE },
  { "a text", HEAD ",\"a\":\"b\"" PREV MAC, TRUE },
  { "an empty text", HEAD ",\"a\":\"\"" PREV MAC, TRUE },
  { "escapes that need to be", HEAD ",\"a\":\"\\\"\\\\\\u0001\\u001f\\u007f\"" PREV MAC, TRUE },
  { "UTF-8", HEAD ",\"a\":\"\xc3\xa9\xf0\x9f\x94\x91\"" PREV MAC, TRUE },
  { "numbers",
    HEAD ",\"a\":0,\"b\":-1,\"c\":9223372036854775807,\"d\":-9223372036854775808" PREV MAC, TRUE },
  { "lists", HEAD ",\"a\":[],\"b\":[\"x\"],\"c\":[\"x\",\"y\"]" PREV MAC, TRUE },
  { "a text that looks like the end", HEAD ",\"a\":\",\\\"prev\\\":\"" PREV MAC, TRUE },

  { "nothing", "", FALSE },
  { "a space", HEAD " " PREV MAC, FALSE },
  { "something behind", HEAD PREV MAC " ", FALSE },
  { "something before", " " HEAD PREV MAC, FALSE },
  { "no MAC",
    HEAD ",\"a\":\"0123456789012345678901234567890123456789012345678901234567890123456789\"" PREV
         "}",
    FALSE },
  { "a capital in the MAC",
    HEAD PREV ",\"mac\":\"Fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210\"}",
    FALSE },
  { "a short MAC",
    HEAD ",\"a\":\"b\"" PREV
         ",\"mac\":\"edcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210\"}",
    FALSE },
  { "MAC before link",
    HEAD ",\"mac\":\"fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210\""
         ",\"prev\":\"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\"}",
    FALSE },
  { "a member twice", HEAD ",\"a\":1,\"b\":2,\"a\":3" PREV MAC, FALSE },
  { "a second sequence", HEAD ",\"seq\":8" PREV MAC, FALSE },
  { "a second MAC", HEAD ",\"mac\":\"x\"" PREV MAC, FALSE },
  { "a member without name", HEAD ",\"\":1" PREV MAC, FALSE },
  { "a member's name with an escape", HEAD ",\"\\u0061\":1" PREV MAC, FALSE },
  { "a capital in a name", HEAD ",\"A\":1" PREV MAC, FALSE },
  { "an escape that need not be", HEAD ",\"a\":\"\\u0041\"" PREV MAC, FALSE },
  { "another spelling of an escape", HEAD ",\"a\":\"\\n\"" PREV MAC, FALSE },
  { "a capital in an escape", HEAD ",\"a\":\"\\u001F\"" PREV MAC, FALSE },
  { "NUL as an escape", HEAD ",\"a\":\"\\u0000\"" PREV MAC, FALSE },
  { "half an escape", HEAD ",\"a\":\"\\u00\"" PREV MAC, FALSE },
  { "a raw control character", HEAD ",\"a\":\"\x1b[2J\"" PREV MAC, FALSE },
  { "a raw delete", HEAD ",\"a\":\"\x7f\"" PREV MAC, FALSE },
  { "bad UTF-8", HEAD ",\"a\":\"\xc3\"" PREV MAC, FALSE },
  { "an overlong form", HEAD ",\"a\":\"\xc0\xaf\"" PREV MAC, FALSE },
  { "half of a pair in UTF-8", HEAD ",\"a\":\"\xed\xa0\x80\"" PREV MAC, FALSE },
  { "a text without end", HEAD ",\"a\":\"b" PREV MAC, FALSE },
  { "a text that swallows the link", HEAD ",\"a\":\"b\\\"" PREV MAC, FALSE },
  { "a number with a leading zero", HEAD ",\"a\":01" PREV MAC, FALSE },
  { "minus zero", HEAD ",\"a\":-0" PREV MAC, FALSE },
  { "a number that is too large", HEAD ",\"a\":9223372036854775808" PREV MAC, FALSE },
  { "a number that is too small", HEAD ",\"a\":-9223372036854775809" PREV MAC, FALSE },
  { "a number far too large", HEAD ",\"a\":18446744073709551617" PREV MAC, FALSE },
  { "a real number", HEAD ",\"a\":1.5" PREV MAC, FALSE },
  { "a minus alone", HEAD ",\"a\":-" PREV MAC, FALSE },
  { "no value", HEAD ",\"a\":" PREV MAC, FALSE },
  { "true", HEAD ",\"a\":true" PREV MAC, FALSE },
  { "an object", HEAD ",\"a\":{}" PREV MAC, FALSE },
  { "a list of numbers", HEAD ",\"a\":[1]" PREV MAC, FALSE },
  { "a list that ends in a comma", HEAD ",\"a\":[\"b\",]" PREV MAC, FALSE },
  { "a list without end", HEAD ",\"a\":[\"b\"" PREV MAC, FALSE },
  { "sequence 0", "{\"seq\":0,\"time\":\"2026-11-21T09:30:00.123Z\",\"event\":\"use\"" PREV MAC,
    FALSE },
  { "a negative sequence",
    "{\"seq\":-7,\"time\":\"2026-11-21T09:30:00.123Z\",\"event\":\"use\"" PREV MAC, FALSE },
  { "a sequence that is too large",
    "{\"seq\":9223372036854775808,\"time\":\"2026-11-21T09:30:00.123Z\",\"event\":\"use\"" PREV MAC,
    FALSE },
  { "a sequence as text",
    "{\"seq\":\"7\",\"time\":\"2026-11-21T09:30:00.123Z\",\"event\":\"use\"" PREV MAC, FALSE },
  { "time in another zone",
    "{\"seq\":7,\"time\":\"2026-11-21T09:30:00.123+01:00\",\"event\":\"use\"" PREV MAC, FALSE },
  { "time without milliseconds",
    "{\"seq\":7,\"time\":\"2026-11-21T09:30:00Z\",\"event\":\"use\",\"a\":1234" PREV MAC, FALSE },
  { "time before sequence",
    "{\"time\":\"2026-11-21T09:30:00.123Z\",\"seq\":7,\"event\":\"use\"" PREV MAC, FALSE },
  { "no event", "{\"seq\":7,\"time\":\"2026-11-21T09:30:00.123Z\",\"a\":\"use\"" PREV MAC, FALSE },
  { "an empty event", "{\"seq\":7,\"time\":\"2026-11-21T09:30:00.123Z\",\"event\":\"\"" PREV MAC,
    FALSE },
};

static void
test_case (gconstpointer data)
{
  guint i = GPOINTER_TO_UINT (data);
  const char *line = cases[i].line;
  g_autoptr (GError) error = NULL;
  AuditLine scanned;
  gsize len = strlen (line);
  gboolean accepted = audit_line_scan (line, len, &scanned);
  g_autoptr (json_t) record = audit_parse_line (line, len, &error);

  g_assert_cmpint (accepted, ==, cases[i].accepted);
  g_assert_true ((record != NULL) == accepted);
  g_assert_true ((error != NULL) == !accepted);
  if (!accepted)
    {
      g_assert_cmpuint (scanned.fault, <=, len);
      return;
    }
  g_assert_cmpuint (scanned.seq, ==, 7);
  g_assert_true (audit_line_is_event (&scanned, "use"));
  g_assert_false (audit_line_is_event (&scanned, "us"));
  g_assert_true (g_str_has_prefix (scanned.time, "2026-11-21T09:30:00.123Z"));
  g_assert_true (g_str_has_prefix (scanned.prev, "0123456789abcdef"));
  g_assert_true (g_str_has_prefix (scanned.mac, "fedcba9876543210"));
  g_assert_cmpuint (scanned.signed_len, ==, len - strlen (MAC));
}

static void
test_fault_is_told (void)
{
  static const char line[] = HEAD ",\"a\":nonsense" PREV MAC;
  g_autoptr (GError) error = NULL;

  g_assert_null (audit_parse_line (line, strlen (line), &error));
  g_assert_cmpstr (error->message, ==, "not a record: column 62");
}

/* Any byte changed: never accepted as something else than it says. */
static void
test_every_byte (void)
{
  static const char line[] = HEAD ",\"a\":[\"x\",\"\\u0001\"],\"n\":-12" PREV MAC;

  for (gsize i = 0; i < strlen (line); i++)
    for (guint c = 0; c < 256; c++)
      {
        g_autofree char *changed = g_strdup (line);
        g_autoptr (GError) error = NULL;
        AuditLine scanned;
        changed[i] = (char) c;
        if (!audit_line_scan (changed, strlen (line), &scanned))
          continue;
        g_autoptr (json_t) record = wire_parse (changed, strlen (line), FALSE, &error);
        g_assert_no_error (error);
        g_assert_cmpuint (scanned.seq, ==, json_integer_value (json_object_get (record, "seq")));
      }
}

int
main (int argc, char **argv)
{
  wire_init ();
  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *name = g_strdup_printf (
          "/audit-line/%s: %s", cases[i].accepted ? "accepted" : "refused", cases[i].name);
      g_test_add_data_func (name, GUINT_TO_POINTER (i), test_case);
    }
  g_test_add_func ("/audit-line/an error says where", test_fault_is_told);
  g_test_add_func ("/audit-line/a changed byte is not read in two ways", test_every_byte);
  return g_test_run ();
}
