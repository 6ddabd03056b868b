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

static void
edit_and_link (AuditLog *log)
{
  edit_same_length (log);
  audit_case_link (log, 2);
}

/* The closing record says what the file now ends with. */
static void
edit_link_and_close (AuditLog *log)
{
  char *prev;

  edit_and_link (log);
  g_auto (GStrv) lines = audit_log_lines (log, 2);
  prev = strstr (lines[7], AUDIT_PREV) + strlen (AUDIT_PREV);
  memcpy (strstr (lines[7], "\"head\":\"") + strlen ("\"head\":\""), prev, AUDIT_HEX_LEN);
  audit_log_put_lines (log, 2, lines, NULL);
  audit_case_link (log, 2);
}

static void
edit_and_forge (AuditLog *log)
{
  edit_same_length (log);
  audit_case_forge (log);
}

static void
edit_unsigned_and_forge (AuditLog *log)
{
  g_auto (GStrv) lines = audit_log_lines (log, 4);

  audit_case_replace (&lines[2], "\"event\":\"use\"", "\"event\":\"abc\"");
  audit_log_put_lines (log, 4, lines, NULL);
  audit_case_forge (log);
}

static void
edit_link (AuditLog *log)
{
  g_auto (GStrv) lines = audit_log_lines (log, 2);
  char *prev = strstr (lines[3], AUDIT_PREV) + strlen (AUDIT_PREV);

  *prev = *prev == '0' ? '1' : '0';
  audit_log_put_lines (log, 2, lines, NULL);
}

static void
edit_number (AuditLog *log)
{
  g_auto (GStrv) lines = audit_log_lines (log, 2);

  audit_case_replace (&lines[3], "\"seq\":12,", "\"seq\":21,");
  audit_log_put_lines (log, 2, lines, NULL);
}

static void
edit_signature (AuditLog *log)
{
  g_auto (GStrv) lines = audit_log_lines (log, 2);
  char *signature = strstr (lines[7], "\"signature\":\"") + strlen ("\"signature\":\"");

  *signature = *signature == '0' ? '1' : '0';
  audit_log_put_lines (log, 2, lines, NULL);
}

static void
forge_signature (AuditLog *log)
{
  edit_signature (log);
  audit_case_forge (log);
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

static void
put_foreign (AuditLog *log, guint line, gboolean in_place, const char *number)
{
  g_autoptr (AuditLog) other = audit_case_other_log (AUDIT_CASE_OTHER);
  g_auto (GStrv) theirs = audit_log_lines (other, 2), lines = audit_log_lines (log, 2);
  g_autofree char *ours = g_steal_pointer (&lines[line]);

  if (number != NULL)
    audit_case_replace (&theirs[line], "\"seq\":12,", number);
  lines[line] = in_place ? g_strdup (theirs[line]) : g_strconcat (theirs[line], "\n", ours, NULL);
  audit_log_put_lines (log, 2, lines, NULL);
}

static void
graft (AuditLog *log)
{
  put_foreign (log, 3, TRUE, NULL);
}

static void
graft_between (AuditLog *log)
{
  put_foreign (log, 3, FALSE, NULL);
}

static void
graft_with_number (AuditLog *log)
{
  put_foreign (log, 3, TRUE, "\"seq\":27,");
}

static void
graft_the_rest (AuditLog *log)
{
  g_autoptr (AuditLog) other = audit_case_other_log (AUDIT_CASE_OTHER);

  for (guint segment = 2; segment <= 4; segment++)
    {
      g_auto (GStrv) lines = audit_log_lines (log, segment);
      g_auto (GStrv) theirs = audit_log_lines (other, segment);
      for (guint i = segment == 2 ? 3 : 0; theirs[i] != NULL; i++)
        {
          g_free (lines[i]);
          lines[i] = g_strdup (theirs[i]);
        }
      audit_log_put_lines (log, segment, lines, NULL);
    }
}

static void
turn_clock_back (AuditLog *log)
{
  g_auto (GStrv) lines = audit_log_lines (log, 4);

  memcpy (strstr (lines[2], "\"time\":\"") + strlen ("\"time\":\""), "2001", 4);
  audit_log_put_lines (log, 4, lines, NULL);
  audit_case_forge (log);
}

static void
append_behind_closing (AuditLog *log)
{
  g_auto (GStrv) lines = audit_log_lines (log, 2);

  audit_log_put_lines (log, 2, lines, lines[3]);
  g_autofree char *path = audit_log_path (log, 2), *text = NULL;
  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  g_autofree char *whole = g_strconcat (text, "\n", NULL);
  g_assert_true (g_file_set_contents (path, whole, -1, NULL));
  audit_case_forge (log);
}

static void
drop_closing (AuditLog *log)
{
  g_auto (GStrv) lines = audit_log_lines (log, 2);

  g_clear_pointer (&lines[7], g_free);
  audit_log_put_lines (log, 2, lines, NULL);
}

static void
drop_closing_and_forge (AuditLog *log)
{
  drop_closing (log);
  audit_case_forge (log);
}

/* Columns: with nothing, with the public key, with the key, with a checkpoint. */
static const AuditCase cases[] = {
  { "a sound log", nothing, ALL (NONE, 0), 0, 0 },
  { "a record is edited", edit, ALL (EDITED, 12), 2, 4 },
  { "a record is edited to the same length", edit_same_length, ALL (EDITED, 12), 2, 4 },
  { "a record is edited and all links are made new",
    edit_and_link,
    { { FORGED, 16 }, { FORGED, 16 }, { EDITED, 12 }, { FORGED, 16 } },
    2,
    4 },
  { "a record is edited, links and closing records are made to fit",
    edit_link_and_close,
    { { FORGED, 16 }, { FORGED, 16 }, { EDITED, 12 }, { FORGED, 16 } },
    2,
    4 },
  { "a signed record is edited by who has the first key", edit_and_forge, ALL (FORGED, 16), 2, 8 },
  { "a record that is not signed yet is edited by who has the first key",
    edit_unsigned_and_forge,
    { UNSEEN, UNSEEN, UNSEEN, { REPLACED, 30 } },
    4,
    6 },
  { "a MAC is edited", edit_mac, ALL (EDITED, 12), 2, 4 },
  { "a link is edited",
    edit_link,
    { { FOREIGN, 12 }, { FOREIGN, 12 }, { EDITED, 12 }, { FOREIGN, 12 } },
    2,
    4 },
  { "a number is edited", edit_number, ALL (EDITED, 12), 2, 4 },
  { "the first record is edited",
    edit_first,
    { { EDITED, 1 }, { EDITED, 1 }, { EDITED, 1 }, { FOREIGN, 1 } },
    1,
    1 },
  { "the last record is edited",
    edit_last,
    { UNSEEN, UNSEEN, { EDITED, 30 }, { REPLACED, 30 } },
    4,
    6 },
  { "the last record of a file is edited", edit_last_of_file, ALL (EDITED, 16), 2, 8 },
  { "two records change places", swap, ALL (REORDERED, 12), 2, 4 },
  { "a record is there twice", repeat, ALL (REORDERED, 12), 2, 5 },
  { "a record is missing in the middle", remove_middle, ALL (REMOVED, 12), 2, 4 },
  { "the last three records are missing",
    remove_last,
    { UNSEEN, UNSEEN, UNSEEN, { TRUNCATED, 28 } },
    0,
    0 },
  { "a record is spelt otherwise", not_json, ALL (MALFORMED, 12), 2, 4 },
  { "there is an empty line", empty_line, ALL (MALFORMED, 12), 2, 4 },
  { "a line is larger than any record", huge_line, ALL (MALFORMED, 12), 2, 4 },
  { "the log begins anew in the middle", begins_anew, ALL (REPLACED, 13), 2, 5 },
  { "a record of another log stands in the place of one", graft, ALL (FOREIGN, 12), 2, 4 },
  { "a record of another log stands between two", graft_between, ALL (FOREIGN, 12), 2, 4 },
  { "a record of another log has a number of its own", graft_with_number, ALL (FOREIGN, 12), 2, 4 },
  { "from a record on it is another log", graft_the_rest, ALL (FOREIGN, 12), 2, 4 },
  { "a signature is edited",
    edit_signature,
    { { FORGED, 16 }, { FORGED, 16 }, { EDITED, 16 }, { FORGED, 16 } },
    2,
    8 },
  { "a signature is forged by who has the first key", forge_signature, ALL (FORGED, 16), 2, 8 },
  { "a record is written behind the closing one", append_behind_closing, ALL (FORGED, 17), 2, 9 },
  { "a closing record is missing", drop_closing, ALL (REMOVED, 16), 3, 1 },
  { "a closing record is missing, and all numbers fit", drop_closing_and_forge, ALL (REMOVED, 16),
    3, 1 },
  { "the clock went back",
    turn_clock_back,
    { { CLOCK, 27 }, { CLOCK, 27 }, { CLOCK, 27 }, { REPLACED, 30 } },
    4,
    3 },
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
