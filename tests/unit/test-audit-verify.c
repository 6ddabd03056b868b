/* SPDX-License-Identifier: MIT
 *
 * What is done to logs, and how it shows: with the first key, without it, and against a head kept
 * elsewhere.
 */
#include "tests/unit/audit-log.h"

#include "broker/base/wire.h"
#include "broker/audit/audit-chain.h"

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#define FILE_SIZE 1600

/* Four files, 31 records; the tamperer works on lines of the second. */
static AuditLog *
make_log (void)
{
  AuditLog *log = audit_log_new (FILE_SIZE);

  audit_log_fill (log, 27);
  g_assert_cmpuint (audit_seq (log->audit), ==, 31);

  return log;
}

static void
replace_in (char **line, const char *what, const char *by)
{
  g_autofree char *before = *line;
  char *at = strstr (before, what);

  g_assert_nonnull (at);
  *at = '\0';
  *line = g_strconcat (before, by, at + strlen (what), NULL);
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
nothing (AuditLog *log)
{
}

static void
edit (AuditLog *log)
{
  g_auto (GStrv) lines = audit_log_lines (log, 2);

  replace_in (&lines[3], "\"event\":\"use\"", "\"event\":\"deny\"");
  audit_log_put_lines (log, 2, lines, NULL);
}

static void
edit_same_length (AuditLog *log)
{
  g_auto (GStrv) lines = audit_log_lines (log, 2);

  replace_in (&lines[3], "\"event\":\"use\"", "\"event\":\"abc\"");
  audit_log_put_lines (log, 2, lines, NULL);
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

  replace_in (&lines[0], "00112233", "ff112233");
  audit_log_put_lines (log, 1, lines, NULL);
}

static void
edit_last (AuditLog *log)
{
  g_auto (GStrv) lines = audit_log_lines (log, 4);
  guint n = g_strv_length (lines);

  replace_in (&lines[n - 1], "\"event\":\"use\"", "\"event\":\"abc\"");
  audit_log_put_lines (log, 4, lines, NULL);
}

static void
edit_last_of_file (AuditLog *log)
{
  g_auto (GStrv) lines = audit_log_lines (log, 2);

  replace_in (&lines[7], "\"event\":\"use\"", "\"event\":\"abc\"");
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
remove_file (AuditLog *log, guint segment)
{
  g_autofree char *path = audit_log_path (log, segment);

  g_assert_cmpint (g_remove (path), ==, 0);
}

static void
remove_first_file (AuditLog *log)
{
  remove_file (log, 1);
}

static void
remove_second_file (AuditLog *log)
{
  remove_file (log, 2);
}

static void
remove_last_file (AuditLog *log)
{
  remove_file (log, 4);
}

static void
remove_all_files (AuditLog *log)
{
  for (guint i = 1; i <= 4; i++)
    remove_file (log, i);
}

static void
rename_files (AuditLog *log)
{
  g_autofree char *a = audit_log_path (log, 2), *b = audit_log_path (log, 3);
  g_autofree char *between = g_strconcat (a, ".tmp", NULL);

  g_assert_cmpint (g_rename (a, between) | g_rename (b, a) | g_rename (between, b), ==, 0);
}

/* The second file's records behind those of the first: every record and link is as it was. */
static void
join_files (AuditLog *log)
{
  g_auto (GStrv) first = audit_log_lines (log, 3), second = audit_log_lines (log, 4);
  g_autofree char *joined = g_strjoinv ("\n", second);
  g_autofree char *rest = g_strconcat (joined, "\n", NULL);

  audit_log_put_lines (log, 3, first, rest);
  remove_file (log, 4);
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
    remove_file (log, i);
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
not_json (AuditLog *log)
{
  g_auto (GStrv) lines = audit_log_lines (log, 2);

  replace_in (&lines[3], "\"n\":", "\"n\": ");
  audit_log_put_lines (log, 2, lines, NULL);
}

static void
empty_line (AuditLog *log)
{
  g_auto (GStrv) lines = audit_log_lines (log, 2);

  replace_in (&lines[3], "{\"seq\"", "\n{\"seq\"");
  audit_log_put_lines (log, 2, lines, NULL);
}

static void
huge_line (AuditLog *log)
{
  g_auto (GStrv) lines = audit_log_lines (log, 2);
  g_autofree char *huge = g_strnfill (3 * AUDIT_LINE_MAX, 'x');

  replace_in (&lines[3], "\"n\":", huge);
  audit_log_put_lines (log, 2, lines, NULL);
}

/* Another log, just as long, begun under another key; @log_id as it was. */
static void
fresh_log (AuditLog *log)
{
  g_autoptr (AuditLog) other = audit_log_new (FILE_SIZE);

  audit_log_close (other);
  for (guint i = 1; i <= 4; i++)
    {
      g_autofree char *path = audit_log_path (other, i);
      g_remove (path);
    }
  memset (secret_data (other->k0), 'x', CRYPT_KEY_LEN);
  other->audit = audit_create (&other->setup, other->writer, other->k0, NULL);
  g_assert_nonnull (other->audit);
  audit_log_fill (other, 27);
  for (guint i = 1; i <= 4; i++)
    {
      g_auto (GStrv) lines = audit_log_lines (other, i);
      audit_log_put_lines (log, i, lines, NULL);
    }
}

static void
begins_anew (AuditLog *log)
{
  g_auto (GStrv) lines = audit_log_lines (log, 1), second = audit_log_lines (log, 2);

  g_free (second[4]);
  second[4] = g_strdup (lines[0]);
  audit_log_put_lines (log, 2, second, NULL);
}

/* As it was when it had two files. */
static void
replay_old (AuditLog *log)
{
  remove_file (log, 3);
  remove_file (log, 4);
}

#define NONE AUDIT_DAMAGE_NONE
#define MALFORMED AUDIT_DAMAGE_MALFORMED
#define EDITED AUDIT_DAMAGE_EDITED
#define REMOVED AUDIT_DAMAGE_REMOVED
#define REORDERED AUDIT_DAMAGE_REORDERED
#define TRUNCATED AUDIT_DAMAGE_TRUNCATED
#define REPLACED AUDIT_DAMAGE_REPLACED
#define TORN AUDIT_DAMAGE_TORN

/* Records 9 to 16 are the second file's; its line 4 is record 12. */
static const struct
{
  const char *name;
  void (*tamper) (AuditLog *log);
  AuditDamage bare;   /* neither key nor head */
  AuditDamage keyed;  /* with the key, no head */
  AuditDamage headed; /* with both */
  guint64 seq;        /* where, with both */
  guint segment, line;
} cases[] = {
  { "a sound log", nothing, NONE, NONE, NONE, 0, 0, 0 },
  { "a record is edited", edit, EDITED, EDITED, EDITED, 12, 2, 4 },
  { "a record is edited to the same length", edit_same_length, EDITED, EDITED, EDITED, 12, 2, 4 },
  { "a record is edited and all links are made new", edit_and_chain, NONE, EDITED, EDITED, 12, 2,
    4 },
  { "a MAC is edited", edit_mac, EDITED, EDITED, EDITED, 12, 2, 4 },
  { "the first record is edited", edit_first, EDITED, EDITED, EDITED, 1, 1, 1 },
  { "the last record is edited", edit_last, NONE, EDITED, EDITED, 31, 4, 7 },
  { "the last record of a file is edited", edit_last_of_file, EDITED, EDITED, EDITED, 16, 2, 8 },
  { "two records change places", swap, REORDERED, REORDERED, REORDERED, 12, 2, 4 },
  { "a record is there twice", repeat, REORDERED, REORDERED, REORDERED, 12, 2, 5 },
  { "a record is missing in the middle", remove_middle, REMOVED, REMOVED, REMOVED, 12, 2, 4 },
  { "the last three records are missing", remove_last, NONE, NONE, TRUNCATED, 29, 0, 0 },
  { "the first file is missing", remove_first_file, REMOVED, REMOVED, REMOVED, 1, 1, 1 },
  { "a file is missing", remove_second_file, REMOVED, REMOVED, REMOVED, 9, 2, 1 },
  { "the last file is missing", remove_last_file, NONE, NONE, TRUNCATED, 25, 0, 0 },
  { "all files are missing", remove_all_files, TRUNCATED, TRUNCATED, TRUNCATED, 1, 1, 1 },
  { "two files change names", rename_files, REORDERED, REORDERED, REORDERED, 9, 2, 1 },
  { "two files are joined", join_files, NONE, NONE, NONE, 0, 0, 0 },
  { "a file is empty", empty_second_file, REMOVED, REMOVED, REMOVED, 9, 2, 1 },
  { "the last file is empty", empty_last_file, TORN, TORN, TRUNCATED, 25, 4, 0 },
  { "the only file is empty", empty_all, TRUNCATED, TRUNCATED, TRUNCATED, 1, 1, 1 },
  { "the last record is torn", tear, TORN, TORN, TORN, 32, 4, 8 },
  { "the last record lacks its end", tear_newline_only, TORN, TORN, TRUNCATED, 31, 4, 0 },
  { "a record in the middle is torn", tear_middle_file, MALFORMED, MALFORMED, MALFORMED, 17, 2, 9 },
  { "a record is spelt otherwise", not_json, MALFORMED, MALFORMED, MALFORMED, 12, 2, 4 },
  { "there is an empty line", empty_line, MALFORMED, MALFORMED, MALFORMED, 12, 2, 4 },
  { "a line is larger than any record", huge_line, MALFORMED, MALFORMED, MALFORMED, 12, 2, 4 },
  { "a fresh log of the same length", fresh_log, NONE, REPLACED, REPLACED, 1, 1, 1 },
  { "the log begins anew in the middle", begins_anew, REPLACED, REPLACED, REPLACED, 13, 2, 5 },
  { "an old log is put back", replay_old, NONE, NONE, TRUNCATED, 17, 0, 0 },
};

static void
assert_damage (const AuditLog *log, gboolean key, gboolean head, AuditDamage damage)
{
  AuditReport report = audit_log_verify (log, key, head);

  g_assert_cmpstr (audit_damage_name (report.damage), ==, audit_damage_name (damage));
  g_assert_true ((report.message == NULL) == (damage == NONE));
  g_assert_true (report.macs_checked == key);
  audit_report_clear (&report);
}

static void
test_case (gconstpointer data)
{
  guint i = GPOINTER_TO_UINT (data);
  g_autoptr (AuditLog) log = make_log ();
  g_autofree char *path = cases[i].segment > 0 ? audit_log_path (log, cases[i].segment) : NULL;

  cases[i].tamper (log);
  assert_damage (log, FALSE, FALSE, cases[i].bare);
  assert_damage (log, TRUE, FALSE, cases[i].keyed);
  assert_damage (log, TRUE, TRUE, cases[i].headed);
  AuditReport report = audit_log_verify (log, TRUE, TRUE);
  g_assert_cmpuint (report.seq, ==, cases[i].seq);
  g_assert_cmpuint (report.line, ==, cases[i].line);
  g_assert_cmpstr (report.file, ==, path);
  audit_report_clear (&report);
}

/* A head says which log it is of: a log that grew on another way shows even without the key. */
static void
test_head_without_key (void)
{
  g_autoptr (AuditLog) log = make_log ();

  assert_damage (log, FALSE, TRUE, NONE);
  fresh_log (log);
  assert_damage (log, FALSE, TRUE, REPLACED);
}

static void
test_other_log_id (void)
{
  g_autoptr (AuditLog) log = make_log ();
  AuditExpect expect = { .k0 = log->k0, .log_id = "another" };
  AuditReport report;

  g_assert_true (audit_verify_dir (log->dir, &expect, &report, NULL));
  g_assert_cmpint (report.damage, ==, REPLACED);
  audit_report_clear (&report);
}

static void
test_wrong_key (void)
{
  g_autoptr (AuditLog) log = make_log ();

  memset (secret_data (log->k0), 'y', CRYPT_KEY_LEN);
  assert_damage (log, TRUE, FALSE, REPLACED);
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
  g_autoptr (AuditLog) log = make_log ();
  g_autofree char *path = audit_log_path (log, 5);
  g_autoptr (GError) error = NULL;
  AuditReport report;

  g_assert_cmpint (symlink ("/dev/zero", path), ==, 0);
  g_assert_false (audit_verify_dir (log->dir, NULL, &report, &error));
  g_assert_error (error, AUDIT_ERROR, AUDIT_ERROR_IO);
}

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
  replace_in (&lines[11999], "\"event\":\"use\"", "\"event\":\"abc\"");
  replace_in (&lines[15999], "\"event\":\"use\"", "\"event\":\"abc\"");
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
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *name = g_strconcat ("/audit-verify/", cases[i].name, NULL);
      g_test_add_data_func (name, GUINT_TO_POINTER (i), test_case);
    }
  g_test_add_func ("/audit-verify/a head shows a replaced log without the key",
                   test_head_without_key);
  g_test_add_func ("/audit-verify/the log of another store", test_other_log_id);
  g_test_add_func ("/audit-verify/a wrong key is not taken for an edit", test_wrong_key);
  g_test_add_func ("/audit-verify/no log at all is an error", test_no_dir);
  g_test_add_func ("/audit-verify/a link in place of a file is an error", test_not_a_file);
  g_test_add_func ("/audit-verify/the first damage of a large log is found", test_many_blocks);
  return g_test_run ();
}
