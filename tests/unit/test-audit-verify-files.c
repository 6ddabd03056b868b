/* SPDX-License-Identifier: MIT
 *
 * What is done to whole files, and to the log as a whole.
 */
#include "tests/unit/audit-case.h"

#include "broker/base/wire.h"

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

static void
remove_first_file (AuditLog *log)
{
  audit_case_remove (log, 1);
}

static void
remove_second_file (AuditLog *log)
{
  audit_case_remove (log, 2);
}

static void
remove_last_file (AuditLog *log)
{
  audit_case_remove (log, 4);
}

static void
remove_all_files (AuditLog *log)
{
  for (guint i = 1; i <= 4; i++)
    audit_case_remove (log, i);
}

static void
rename_files (AuditLog *log)
{
  g_autofree char *a = audit_log_path (log, 2), *b = audit_log_path (log, 3);
  g_autofree char *between = g_strconcat (a, ".tmp", NULL);

  g_assert_cmpint (g_rename (a, between) | g_rename (b, a) | g_rename (between, b), ==, 0);
}

/* The last file's records behind those of the one before: every record and link is as it was. */
static void
join_files (AuditLog *log)
{
  g_auto (GStrv) first = audit_log_lines (log, 3), second = audit_log_lines (log, 4);
  g_autofree char *joined = g_strjoinv ("\n", second);
  g_autofree char *rest = g_strconcat (joined, "\n", NULL);

  audit_log_put_lines (log, 3, first, rest);
  audit_case_remove (log, 4);
}

static void
empty_file (AuditLog *log, guint segment)
{
  char *none[] = { NULL };

  audit_log_put_lines (log, segment, none, NULL);
}

static void
empty_second_file (AuditLog *log)
{
  empty_file (log, 2);
}

static void
empty_last_file (AuditLog *log)
{
  empty_file (log, 4);
}

static void
empty_all (AuditLog *log)
{
  for (guint i = 2; i <= 4; i++)
    audit_case_remove (log, i);
  empty_file (log, 1);
}

static void
tear (AuditLog *log)
{
  g_auto (GStrv) lines = audit_log_lines (log, 4);

  audit_log_put_lines (log, 4, lines, "{\"seq\":32,\"time\":\"2026");
}

static void
tear_newline_only (AuditLog *log)
{
  g_auto (GStrv) lines = audit_log_lines (log, 4);
  guint n = g_strv_length (lines);
  g_autofree char *last = g_steal_pointer (&lines[n - 1]);

  audit_log_put_lines (log, 4, lines, last);
}

static void
tear_middle_file (AuditLog *log)
{
  g_auto (GStrv) lines = audit_log_lines (log, 2);

  audit_log_put_lines (log, 2, lines, "{\"seq\":");
}

static void
put_file (AuditLog *log, const AuditLog *other, guint segment)
{
  g_auto (GStrv) lines = audit_log_lines (other, segment);

  audit_log_put_lines (log, segment, lines, NULL);
}

/* Another log, just as long, begun under other keys; its id is this log's. */
static void
fresh_log (AuditLog *log)
{
  g_autoptr (AuditLog) other = audit_case_other_log (log->setup.log_id);

  for (guint i = 1; i <= 4; i++)
    put_file (log, other, i);
}

static void
other_log (AuditLog *log)
{
  g_autoptr (AuditLog) other = audit_case_other_log (AUDIT_CASE_OTHER);

  for (guint i = 1; i <= 4; i++)
    put_file (log, other, i);
}

static void
foreign_file (AuditLog *log)
{
  g_autoptr (AuditLog) other = audit_case_other_log (AUDIT_CASE_OTHER);

  put_file (log, other, 3);
}

/* As a forger with a key pair of their own would go on, who has the first key too. */
static void
other_key (AuditLog *log)
{
  g_autoptr (AuditLog) other = audit_case_other_log (log->setup.log_id);

  put_file (log, other, 3);
  put_file (log, other, 4);
  audit_case_forge (log);
}

static void
downgrade (AuditLog *log)
{
  g_auto (GStrv) lines = audit_log_lines (log, 3);
  char *key = strstr (lines[0], ",\"key\":\"");
  g_autofree char *member = g_strndup (key, strlen (",\"key\":\"") + AUDIT_HEX_LEN + 1);

  audit_case_replace (&lines[0], "\"format\":2", "\"format\":1");
  audit_case_replace (&lines[0], member, "");
  audit_log_put_lines (log, 3, lines, NULL);
  audit_case_forge (log);
}

/* As it was when it had two files. */
static void
replay_old (AuditLog *log)
{
  audit_case_remove (log, 3);
  audit_case_remove (log, 4);
}

static void
other_number (AuditLog *log)
{
  g_auto (GStrv) lines = audit_log_lines (log, 3);

  audit_case_replace (&lines[0], "\"segment\":3", "\"segment\":5");
  audit_log_put_lines (log, 3, lines, NULL);
  audit_case_forge (log);
}

/* Columns: with nothing, with the public key, with the key, with a checkpoint. */
static const AuditCase cases[] = {
  { "the first file is missing", remove_first_file, ALL (REMOVED, 8), 1, 0 },
  { "a file is missing", remove_second_file, ALL (REMOVED, 9), 2, 1 },
  { "the last file is missing",
    remove_last_file,
    { UNSEEN, UNSEEN, UNSEEN, { TRUNCATED, 25 } },
    0,
    0 },
  { "all files are missing", remove_all_files, ALL (TRUNCATED, 1), 1, 1 },
  { "two files change names", rename_files, ALL (REORDERED, 9), 2, 1 },
  { "two files are joined", join_files, ALL (REORDERED, 25), 3, 9 },
  { "a file is empty", empty_second_file, ALL (REMOVED, 9), 2, 1 },
  { "the last file is empty",
    empty_last_file,
    { { TORN, 25 }, { TORN, 25 }, { TORN, 25 }, { TRUNCATED, 25 } },
    4,
    1 },
  { "the only file is empty", empty_all, ALL (TRUNCATED, 1), 1, 1 },
  { "the last record is torn", tear, ALL (TORN, 31), 4, 7 },
  { "the last record lacks its end",
    tear_newline_only,
    { { TORN, 30 }, { TORN, 30 }, { TORN, 30 }, { TRUNCATED, 30 } },
    4,
    6 },
  { "a record in the middle is torn", tear_middle_file, ALL (MALFORMED, 17), 2, 9 },
  { "a fresh log of the same length",
    fresh_log,
    { UNSEEN, { REPLACED, 1 }, { REPLACED, 1 }, { REPLACED, 30 } },
    1,
    1 },
  { "all files are of another log",
    other_log,
    { UNSEEN, { REPLACED, 1 }, { REPLACED, 1 }, { FOREIGN, 1 } },
    1,
    1 },
  { "an old log is put back", replay_old, { UNSEEN, UNSEEN, UNSEEN, { TRUNCATED, 17 } }, 0, 0 },
  { "a file of another log stands in the place of one", foreign_file, ALL (FOREIGN, 17), 3, 1 },
  { "files are signed by another key, by who has the first key", other_key, ALL (FORGED, 17), 3,
    1 },
  { "a file calls itself by another number, by who has the first key", other_number,
    ALL (REORDERED, 17), 3, 1 },
  { "files are not signed any more, by who has the first key", downgrade, ALL (FORGED, 17), 3, 1 },
};

/* A head says which log it is of: a log that grew on another way shows even without the key. */
static void
test_head_without_key (void)
{
  g_autoptr (AuditLog) log = audit_case_log ();

  audit_case_assert (log, FALSE, TRUE, NONE);
  fresh_log (log);
  audit_case_assert (log, FALSE, TRUE, REPLACED);
}

static void
test_other_log_id (void)
{
  g_autoptr (AuditLog) log = audit_case_log ();
  AuditExpect expect = { .k0 = log->k0, .log_id = "another" };
  AuditReport report;

  g_assert_true (audit_verify_dir (log->dir, &expect, &report, NULL));
  g_assert_cmpint (report.damage, ==, FOREIGN);
  audit_report_clear (&report);
}

static void
test_wrong_key (void)
{
  g_autoptr (AuditLog) log = audit_case_log ();

  memset (secret_data (log->k0), 'y', CRYPT_KEY_LEN);
  audit_case_assert (log, TRUE, FALSE, REPLACED);
}

static void
test_no_dir (void)
{
  g_autoptr (GError) error = NULL;
  AuditReport report;

  g_assert_false (audit_verify_dir ("/nonexistent/audit", NULL, &report, &error));
  g_assert_nonnull (error);
}

static void
test_not_a_file (void)
{
  g_autoptr (AuditLog) log = audit_case_log ();
  g_autofree char *path = audit_log_path (log, 5);
  g_autoptr (GError) error = NULL;
  AuditReport report;

  g_assert_cmpint (symlink ("/dev/zero", path), ==, 0);
  g_assert_false (audit_verify_dir (log->dir, NULL, &report, &error));
  g_assert_error (error, AUDIT_ERROR, AUDIT_ERROR_IO);
}

int
main (int argc, char **argv)
{
  wire_init ();
  g_test_init (&argc, &argv, NULL);
  audit_case_add ("/audit-verify-files/", cases, G_N_ELEMENTS (cases));
  g_test_add_func ("/audit-verify-files/a head shows a replaced log without the key",
                   test_head_without_key);
  g_test_add_func ("/audit-verify-files/the log of another store", test_other_log_id);
  g_test_add_func ("/audit-verify-files/a wrong key is not taken for an edit", test_wrong_key);
  g_test_add_func ("/audit-verify-files/no log at all is an error", test_no_dir);
  g_test_add_func ("/audit-verify-files/a link in place of a file is an error", test_not_a_file);
  return g_test_run ();
}
