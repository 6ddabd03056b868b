/* SPDX-License-Identifier: MIT
 *
 * What is done to records.
 */
#include "tests/unit/audit-case.h"

#include "broker/audit/audit-chain.h"
#include "broker/base/wire.h"

#include <string.h>

static void
nothing (AuditLog *log)
{
}

static void
edit (AuditLog *log)
{
  g_auto (GStrv) lines = audit_log_lines (log, 2);

  audit_case_replace (&lines[3], "\"event\":\"use\"", "\"event\":\"deny\"");
  audit_log_put_lines (log, 2, lines, NULL);
}

static void
edit_same_length (AuditLog *log)
{
  g_auto (GStrv) lines = audit_log_lines (log, 2);

  audit_case_replace (&lines[3], "\"event\":\"use\"", "\"event\":\"abc\"");
  audit_log_put_lines (log, 2, lines, NULL);
}

/* As somebody without the key would: new links, old MACs. */
static void
chain_again (AuditLog *log, guint first)
{
  g_autoptr (AuditHasher) hasher = audit_hasher_new (NULL);
  char last[AUDIT_HEX_LEN + 1] = "";

  for (guint segment = first; segment <= 4; segment++)
    {
      g_auto (GStrv) lines = audit_log_lines (log, segment);
      for (guint i = 0; lines[i] != NULL; i++)
        {
          guint8 hash[AUDIT_HASH_LEN];
          if (last[0] != '\0')
            memcpy (strstr (lines[i], AUDIT_PREV) + strlen (AUDIT_PREV), last, AUDIT_HEX_LEN);
          audit_hash (hasher, lines[i], strlen (lines[i]), hash);
          audit_hex (hash, last);
        }
      audit_log_put_lines (log, segment, lines, NULL);
    }
}

static void
edit_and_chain (AuditLog *log)
{
  edit_same_length (log);
  chain_again (log, 2);
}

static void
edit_mac (AuditLog *log)
{
  g_auto (GStrv) lines = audit_log_lines (log, 2);
  char *mac = strstr (lines[3], AUDIT_MAC) + strlen (AUDIT_MAC);

  *mac = *mac == '0' ? '1' : '0';
  audit_log_put_lines (log, 2, lines, NULL);
}

static void
edit_first (AuditLog *log)
{
  g_auto (GStrv) lines = audit_log_lines (log, 1);

  audit_case_replace (&lines[0], "00112233", "ff112233");
  audit_log_put_lines (log, 1, lines, NULL);
}

static void
edit_last (AuditLog *log)
{
  g_auto (GStrv) lines = audit_log_lines (log, 4);
  guint n = g_strv_length (lines);

  audit_case_replace (&lines[n - 1], "\"event\":\"use\"", "\"event\":\"abc\"");
  audit_log_put_lines (log, 4, lines, NULL);
}

static void
edit_last_of_file (AuditLog *log)
{
  g_auto (GStrv) lines = audit_log_lines (log, 2);

  audit_case_replace (&lines[7], "\"event\":\"closed\"", "\"event\":\"abcdef\"");
  audit_log_put_lines (log, 2, lines, NULL);
}

static void
swap (AuditLog *log)
{
  g_auto (GStrv) lines = audit_log_lines (log, 2);
  char *line = lines[3];

  lines[3] = lines[4];
  lines[4] = line;
  audit_log_put_lines (log, 2, lines, NULL);
}

static void
repeat (AuditLog *log)
{
  g_auto (GStrv) lines = audit_log_lines (log, 2);

  g_free (lines[4]);
  lines[4] = g_strdup (lines[3]);
  audit_log_put_lines (log, 2, lines, NULL);
}

static void
remove_middle (AuditLog *log)
{
  g_auto (GStrv) lines = audit_log_lines (log, 2);

  g_free (lines[3]);
  memmove (&lines[3], &lines[4], (g_strv_length (lines + 4) + 1) * sizeof *lines);
  audit_log_put_lines (log, 2, lines, NULL);
}

static void
remove_last (AuditLog *log)
{
  g_auto (GStrv) lines = audit_log_lines (log, 4);

  for (guint n = g_strv_length (lines), i = n - 3; i < n; i++)
    g_clear_pointer (&lines[i], g_free);
  audit_log_put_lines (log, 4, lines, NULL);
}

static void
not_json (AuditLog *log)
{
  g_auto (GStrv) lines = audit_log_lines (log, 2);

  audit_case_replace (&lines[3], "\"n\":", "\"n\": ");
  audit_log_put_lines (log, 2, lines, NULL);
}

static void
empty_line (AuditLog *log)
{
  g_auto (GStrv) lines = audit_log_lines (log, 2);

  audit_case_replace (&lines[3], "{\"seq\"", "\n{\"seq\"");
  audit_log_put_lines (log, 2, lines, NULL);
}

static void
huge_line (AuditLog *log)
{
  g_auto (GStrv) lines = audit_log_lines (log, 2);
  g_autofree char *huge = g_strnfill (3 * AUDIT_LINE_MAX, 'x');

  audit_case_replace (&lines[3], "\"n\":", huge);
  audit_log_put_lines (log, 2, lines, NULL);
}

static void
begins_anew (AuditLog *log)
{
  g_auto (GStrv) lines = audit_log_lines (log, 1), second = audit_log_lines (log, 2);

  g_free (second[4]);
  second[4] = g_strdup (lines[0]);
  audit_log_put_lines (log, 2, second, NULL);
}

static const AuditCase cases[] = {
  { "a sound log", nothing, NONE, NONE, NONE, 0, 0, 0 },
  { "a record is edited", edit, EDITED, EDITED, EDITED, 12, 2, 4 },
  { "a record is edited to the same length", edit_same_length, EDITED, EDITED, EDITED, 12, 2, 4 },
  { "a record is edited and all links are made new", edit_and_chain, FORGED, EDITED, EDITED, 12, 2,
    4 },
  { "a MAC is edited", edit_mac, EDITED, EDITED, EDITED, 12, 2, 4 },
  { "the first record is edited", edit_first, EDITED, EDITED, EDITED, 1, 1, 1 },
  { "the last record is edited", edit_last, NONE, EDITED, EDITED, 30, 4, 6 },
  { "the last record of a file is edited", edit_last_of_file, EDITED, EDITED, EDITED, 16, 2, 8 },
  { "two records change places", swap, REORDERED, REORDERED, REORDERED, 12, 2, 4 },
  { "a record is there twice", repeat, REORDERED, REORDERED, REORDERED, 12, 2, 5 },
  { "a record is missing in the middle", remove_middle, REMOVED, REMOVED, REMOVED, 12, 2, 4 },
  { "the last three records are missing", remove_last, NONE, NONE, TRUNCATED, 28, 0, 0 },
  { "a record is spelt otherwise", not_json, MALFORMED, MALFORMED, MALFORMED, 12, 2, 4 },
  { "there is an empty line", empty_line, MALFORMED, MALFORMED, MALFORMED, 12, 2, 4 },
  { "a line is larger than any record", huge_line, MALFORMED, MALFORMED, MALFORMED, 12, 2, 4 },
  { "the log begins anew in the middle", begins_anew, REPLACED, REPLACED, REPLACED, 13, 2, 5 },
};

/* Larger than the blocks that are checked side by side, with damage in one in the middle. */
static void
test_many_blocks (void)
{
  g_autoptr (AuditLog) log = audit_log_new (0);

  for (guint i = 0; i < 20000; i++)
    audit_log_add (log, i, AUDIT_WRITTEN);
  audit_log_settle (log);
  audit_log_assert_sound (log);

  g_auto (GStrv) lines = audit_log_lines (log, 1);
  audit_case_replace (&lines[11999], "\"event\":\"use\"", "\"event\":\"abc\"");
  audit_case_replace (&lines[15999], "\"event\":\"use\"", "\"event\":\"abc\"");
  audit_log_put_lines (log, 1, lines, NULL);
  AuditReport report = audit_log_verify (log, TRUE, FALSE);
  g_assert_cmpint (report.damage, ==, EDITED);
  g_assert_cmpuint (report.seq, ==, 12000);
  g_assert_cmpuint (report.line, ==, 12000);
  g_assert_cmpuint (report.records, ==, 11999);
  audit_report_clear (&report);
}

int
main (int argc, char **argv)
{
  wire_init ();
  g_test_init (&argc, &argv, NULL);
  audit_case_add ("/audit-verify/", cases, G_N_ELEMENTS (cases));
  g_test_add_func ("/audit-verify/the first damage of a large log is found", test_many_blocks);
  return g_test_run ();
}
