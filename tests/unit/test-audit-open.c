/* SPDX-License-Identifier: MIT
 *
 * Going on with a log that is not as it was left: a crash is mended and reported, anything else is
 * refused.
 */
#include "tests/unit/audit-log.h"

#include "broker/base/wire.h"

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

/* Two files of eight records and a third of six. The head that is kept speaks of record 13, the
 * fifth of the second file; what comes after was written, and its head was not saved. */
static AuditLog *
make_log (void)
{
  AuditLog *log = audit_log_new (1600);
  g_autoptr (GBytes) head = NULL;

  audit_log_fill (log, 10);
  g_assert_cmpuint (audit_seq (log->audit), ==, 13);
  head = g_bytes_ref (log->head);
  audit_log_fill (log, 7);
  g_assert_cmpuint (audit_seq (log->audit), ==, 22);
  audit_log_close (log);
  g_bytes_unref (log->head);
  log->head = g_steal_pointer (&head);
  return log;
}

static void
nothing (AuditLog *log)
{
}

static void
edit (AuditLog *log, guint segment, guint line)
{
  g_auto (GStrv) lines = audit_log_lines (log, segment);
  char *at = strstr (lines[line - 1], "\"event\":\"use\"");

  g_assert_nonnull (at);
  memcpy (at, "\"event\":\"abc\"", 13);
  audit_log_put_lines (log, segment, lines, NULL);
}

static void
edit_head (AuditLog *log)
{
  edit (log, 2, 5);
}

static void
edit_behind_head (AuditLog *log)
{
  edit (log, 2, 7);
}

static void
cut_to (AuditLog *log, guint segment, guint n_lines, const char *rest)
{
  g_auto (GStrv) lines = audit_log_lines (log, segment);

  for (guint i = n_lines, n = g_strv_length (lines); i < n; i++)
    g_clear_pointer (&lines[i], g_free);
  audit_log_put_lines (log, segment, lines, rest);
}

static void
remove_file (AuditLog *log, guint segment)
{
  g_autofree char *path = audit_log_path (log, segment);

  g_assert_cmpint (g_remove (path), ==, 0);
}

static void
cut_before_head (AuditLog *log)
{
  remove_file (log, 3);
  cut_to (log, 2, 4, NULL);
}

static void
cut_at_head (AuditLog *log)
{
  remove_file (log, 3);
  cut_to (log, 2, 5, NULL);
}

static void
cut_behind_head (AuditLog *log)
{
  cut_to (log, 3, 2, NULL);
}

static void
tear (AuditLog *log)
{
  cut_to (log, 3, 4, "{\"seq\":21,\"time\"");
}

static void
tear_last_newline (AuditLog *log)
{
  g_auto (GStrv) lines = audit_log_lines (log, 3);

  cut_to (log, 3, 5, lines[5]);
}

/* Blocks that never reached the disk, and one behind them that did. */
static void
tear_in_the_middle (AuditLog *log)
{
  g_auto (GStrv) lines = audit_log_lines (log, 2);

  memset (lines[6], '#', 50);
  audit_log_put_lines (log, 2, lines, NULL);
}

static void
tear_first_of_file (AuditLog *log)
{
  cut_to (log, 3, 0, "{\"seq\":17");
}

static void
empty_last (AuditLog *log)
{
  cut_to (log, 3, 0, NULL);
}

static void
empty_head_file (AuditLog *log)
{
  cut_to (log, 2, 0, NULL);
}

static void
remove_first_file (AuditLog *log)
{
  remove_file (log, 1);
}

static void
remove_head_file (AuditLog *log)
{
  remove_file (log, 2);
}

static void
remove_last_file (AuditLog *log)
{
  remove_file (log, 3);
}

static void
remove_head_file_and_last (AuditLog *log)
{
  remove_file (log, 2);
  remove_file (log, 3);
}

static void
remove_all (AuditLog *log)
{
  remove_file (log, 1);
  remove_head_file_and_last (log);
}

static void
drop_behind_head (AuditLog *log)
{
  g_auto (GStrv) lines = audit_log_lines (log, 2);

  g_free (lines[6]);
  lines[6] = g_steal_pointer (&lines[7]);
  audit_log_put_lines (log, 2, lines, NULL);
}

/* Begun with another key, as long as the first. */
static void
fresh_log (AuditLog *log)
{
  guint8 *k0 = secret_data (log->k0);
  g_autoptr (GBytes) head = g_bytes_ref (log->head);

  remove_all (log);
  memset (k0, 'x', CRYPT_KEY_LEN);
  log->audit = audit_create (&log->setup, log->writer, log->k0, NULL);
  g_assert_nonnull (log->audit);
  audit_log_fill (log, 19);
  audit_log_close (log);
  memset (k0, '0', CRYPT_KEY_LEN);
  g_bytes_unref (log->head);
  log->head = g_steal_pointer (&head);
}

static void
readable_by_others (AuditLog *log)
{
  g_autofree char *path = audit_log_path (log, 3);

  g_assert_cmpint (g_chmod (path, 0644), ==, 0);
}

static void
second_name (AuditLog *log)
{
  g_autofree char *path = audit_log_path (log, 3), *other = g_strconcat (path, ".too", NULL);

  g_assert_cmpint (link (path, other), ==, 0);
}

static void
link_in_place (AuditLog *log)
{
  g_autofree char *path = audit_log_path (log, 3), *other = g_strconcat (path, ".too", NULL);

  g_assert_cmpint (g_rename (path, other), ==, 0);
  g_assert_cmpint (symlink (other, path), ==, 0);
}

static void
open_directory (AuditLog *log)
{
  g_assert_cmpint (g_chmod (log->dir, 0755), ==, 0);
}

static void
change_head (AuditLog *log)
{
  gsize len = g_bytes_get_size (log->head);
  g_autofree char *bytes = g_memdup2 (g_bytes_get_data (log->head, NULL), len);

  bytes[len / 2] ^= 1;
  g_bytes_unref (log->head);
  log->head = g_bytes_new (bytes, len);
}

#define FINE (-1)
#define IO AUDIT_ERROR_IO
#define TAMPERED AUDIT_ERROR_TAMPERED
#define UNSAFE AUDIT_ERROR_UNSAFE

static const struct
{
  const char *name;
  void (*change) (AuditLog *log);
  int error;
  guint64 after_head; /* accepted behind the head */
  gboolean torn;
  const char *says;
} cases[] = {
  { "whole records behind the head are accepted", nothing, FINE, 9, FALSE, NULL },
  { "some of them", cut_behind_head, FINE, 5, FALSE, NULL },
  { "none of them", cut_at_head, FINE, 0, FALSE, NULL },
  { "without the file behind the head", remove_last_file, FINE, 3, FALSE, NULL },
  { "a torn record is cut", tear, FINE, 7, TRUE, NULL },
  { "a record without its end is cut", tear_last_newline, FINE, 8, TRUE, NULL },
  { "what follows a torn record is cut with it", tear_in_the_middle, FINE, 1, TRUE, NULL },
  { "a file begun with a torn record is removed", tear_first_of_file, FINE, 3, TRUE, NULL },
  { "a file begun with nothing is removed", empty_last, FINE, 3, FALSE, NULL },
  { "the log ends before the head", cut_before_head, TAMPERED, 0, FALSE,
    "000002.jsonl: record 13 is not there as the store remembers it: the log ends before it" },
  { "the head's record is edited", edit_head, TAMPERED, 0, FALSE, "it was changed" },
  { "a record behind the head is edited", edit_behind_head, TAMPERED, 0, FALSE,
    "000002.jsonl: record 15 where record 15 must be: edited" },
  { "a record behind the head is missing", drop_behind_head, TAMPERED, 0, FALSE,
    "000002.jsonl: record 16 where record 15 must be: removed" },
  { "the head's file is empty", empty_head_file, TAMPERED, 0, FALSE, "the log ends before it" },
  { "the first file is missing", remove_first_file, TAMPERED, 0, FALSE,
    "000001.jsonl: is missing" },
  { "the head's file is missing", remove_head_file, TAMPERED, 0, FALSE,
    "000002.jsonl: is missing" },
  { "the head's file and those behind are missing", remove_head_file_and_last, TAMPERED, 0, FALSE,
    "000002.jsonl: is missing" },
  { "all files are missing", remove_all, TAMPERED, 0, FALSE, "000001.jsonl: is missing" },
  { "a fresh log of the same length", fresh_log, TAMPERED, 0, FALSE, "it was changed" },
  { "the head was changed", change_head, TAMPERED, 0, FALSE, "does not open" },
  { "others may read a file", readable_by_others, UNSAFE, 0, FALSE, "0600" },
  { "a file has a second name", second_name, UNSAFE, 0, FALSE, "second name" },
  { "a link in place of a file", link_in_place, IO, 0, FALSE, "000003.jsonl" },
};

static void
test_case (gconstpointer data)
{
  guint i = GPOINTER_TO_UINT (data);
  g_autoptr (AuditLog) log = make_log ();
  g_autoptr (GError) error = NULL;

  cases[i].change (log);
  AuditRepair repair = audit_log_open (log, &error);
  if (cases[i].error != FINE)
    {
      g_assert_error (error, AUDIT_ERROR, cases[i].error);
      g_assert_nonnull (strstr (error->message, cases[i].says));
      g_assert_null (log->audit);
      return;
    }
  g_assert_no_error (error);
  g_assert_cmpuint (repair.after_head, ==, cases[i].after_head);
  g_assert_cmpint (repair.torn_bytes > 0, ==, cases[i].torn);
  g_assert_cmpuint (audit_seq (log->audit), ==, 13 + cases[i].after_head);
  audit_log_assert_sound (log);
  /* And it goes on, twice: what was mended stays mended. */
  audit_log_fill (log, 9);
  audit_log_assert_sound (log);
  audit_log_close (log);
  repair = audit_log_open (log, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (repair.after_head + repair.torn_bytes, ==, 0);
  audit_log_assert_sound (log);
}

static void
test_open_directory (void)
{
  g_autoptr (AuditLog) log = make_log ();
  g_autoptr (GError) error = NULL;

  open_directory (log);
  audit_log_open (log, &error);
  g_assert_nonnull (error);
  g_assert_null (log->audit);
}

/* The key in a head opens nothing that was written before it. */
static void
test_does_not_read_all (void)
{
  g_autoptr (AuditLog) log = make_log ();

  edit (log, 1, 3);
  audit_log_open (log, NULL);
  g_assert_nonnull (log->audit); /* left to verifying, which takes the first key */
  AuditReport report = audit_log_verify (log, TRUE, TRUE);
  g_assert_cmpint (report.damage, ==, AUDIT_DAMAGE_EDITED);
  g_assert_cmpuint (report.seq, ==, 3);
  audit_report_clear (&report);
}

int
main (int argc, char **argv)
{
  wire_init ();
  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *name = g_strdup_printf (
          "/audit-open/%s%s", cases[i].error == FINE ? "" : "refused: ", cases[i].name);
      g_test_add_data_func (name, GUINT_TO_POINTER (i), test_case);
    }
  g_test_add_func ("/audit-open/refused: the directory is open to others", test_open_directory);
  g_test_add_func ("/audit-open/what lies before the head is not read", test_does_not_read_all);
  return g_test_run ();
}
