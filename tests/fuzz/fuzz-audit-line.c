/* SPDX-License-Identifier: MIT
 *
 * Whatever bytes come: what the fast scanner takes for a record (as verifying does), the strict
 * parser (as listing does) reads too, and with the same sequence, time, event, link and MAC; what
 * it refuses, both refuse, and say where.
 */
#include "broker/audit/audit-line.h"
#include "broker/audit/audit-verify.h"
#include "broker/base/wire.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

static void
assert_text (const json_t *record, const char *key, const char *at, gsize len)
{
  const json_t *value = json_object_get (record, key);

  g_assert_true (json_is_string (value) && json_string_length (value) == len
                 && memcmp (json_string_value (value), at, len) == 0);
}

/* As it was written: in this form and no other. */
static void
assert_same_spelling (const json_t *record, const char *line, gsize len)
{
  g_autoptr (GString) again = g_string_new (NULL);
  g_autofree char *dump = json_dumps (record, JSON_COMPACT);

  /* jansson writes three characters otherwise than records do. */
  for (const char *at = dump; *at != '\0'; at++)
    {
      const char *const shorts = "bfnrt", *const values = "\b\f\n\r\t";
      const char *found = at[0] == '\\' && at[1] != '\0' ? strchr (shorts, at[1]) : NULL;
      if (found != NULL)
        g_string_append_printf (again, "\\u%04x", (guint) values[found - shorts]);
      else if (g_str_has_prefix (at, "\\u"))
        g_string_append_printf (again, "\\u00%c%c", at[4], g_ascii_tolower (at[5]));
      else if (*at == 0x7f)
        g_string_append (again, "\\u007f");
      else
        g_string_append_len (again, at, at[0] == '\\' ? 2 : 1);
      at += found != NULL || at[0] == '\\' ? (at[1] == 'u' ? 5 : 1) : 0;
    }
  g_assert_true (again->len == len && memcmp (again->str, line, len) == 0);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  const char *line = size > 0 ? (const char *) data : "";
  g_autoptr (GError) error = NULL;
  AuditLine scanned;
  gboolean fits = audit_line_scan (line, size, &scanned);
  g_autoptr (json_t) record = audit_parse_line (line, size, &error);

  g_assert_true ((record == NULL) == (error != NULL));
  g_assert_true ((record != NULL) == fits);
  if (!fits)
    {
      g_assert_true (scanned.fault <= size);
      return 0;
    }
  g_assert_true (json_integer_value (json_object_get (record, "seq")) == (json_int_t) scanned.seq);
  assert_text (record, "time", scanned.time, AUDIT_TIME_LEN);
  assert_text (record, "event", scanned.event, scanned.event_len);
  assert_text (record, "prev", scanned.prev, AUDIT_HEX_LEN);
  assert_text (record, "mac", scanned.mac, AUDIT_HEX_LEN);
  g_assert_true (memcmp (line + scanned.signed_len, AUDIT_MAC, strlen (AUDIT_MAC)) == 0);
  assert_same_spelling (record, line, size);
  return 0;
}
