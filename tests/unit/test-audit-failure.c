/* SPDX-License-Identifier: MIT
 *
 * The trail on a bad day: nothing is answered as recorded that is not, and what is left verifies.
 *
 * The disk's failures are played by the linker: fdatasync() and ftruncate() are wrapped. A full
 * disk is a limit on the size of files, which cuts a write in the middle as a full disk does.
 */
#include "tests/unit/audit-log.h"

#include "broker/base/wire.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

/* --- A disk that fails --- */

static gint sync_fails, cut_fails, syncs, rewrites; /* atomic */

int __real_fdatasync (int fd);
int __wrap_fdatasync (int fd);
int __real_ftruncate64 (int fd, off_t len);
int __wrap_ftruncate64 (int fd, off_t len);

int
__wrap_fdatasync (int fd)
{
  gboolean fails = g_atomic_int_get (&sync_fails);

  g_atomic_int_inc (&syncs);
  if (!fails)
    return __real_fdatasync (fd);
  errno = EIO;
  return -1;
}

int
__wrap_ftruncate64 (int fd, off_t len)
{
  if (!g_atomic_int_get (&cut_fails))
    return __real_ftruncate64 (fd, len);
  errno = EIO;
  return -1;
}

ssize_t __real_pwrite64 (int fd, const void *data, size_t len, off_t offset);
ssize_t __wrap_pwrite64 (int fd, const void *data, size_t len, off_t offset);

ssize_t
__wrap_pwrite64 (int fd, const void *data, size_t len, off_t offset)
{
  g_atomic_int_add (&rewrites, (gint) len);
  return __real_pwrite64 (fd, data, len, offset);
}

/* No file grows beyond @size; G_MAXUINT64: as large as it likes. */
static void
limit_files (guint64 size)
{
  struct rlimit limit;

  getrlimit (RLIMIT_FSIZE, &limit);
  limit.rlim_cur = size == G_MAXUINT64 ? limit.rlim_max : size;
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &limit), ==, 0);
}

static void
mended (void)
{
  limit_files (G_MAXUINT64);
  g_atomic_int_set (&sync_fails, FALSE);
  g_atomic_int_set (&cut_fails, FALSE);
}

static AuditLog *
make_log (void)
{
  AuditLog *log = audit_log_new (0);

  audit_log_fill (log, 5);
  return log;
}

/* --- Writing fails --- */

static void
test_full_disk (void)
{
  g_autoptr (AuditLog) log = make_log ();
  g_autofree char *before = g_strdup (audit_last_hash (log->audit));
  guint64 size = audit_log_size (log, 1);

  limit_files (size + 300); /* the first record fits, the second is cut */
  for (guint i = 0; i < 3; i++)
    {
      audit_log_add_three (log);
      g_assert_cmpstr (log->order->str, ==, "!1 !2 !3 ");
      g_assert_nonnull (strstr (audit_trouble (log->audit), "000001.jsonl: cannot be written"));
      g_assert_cmpuint (audit_log_size (log, 1), ==, size);
      g_assert_cmpuint (audit_seq (log->audit), ==, 6);
      g_assert_cmpstr (audit_last_hash (log->audit), ==, before);
      audit_log_assert_sound (log);
    }
  mended ();
  audit_log_assert_recovers (log);
  g_assert_cmpuint (audit_seq (log->audit), ==, 9);
}

static void
test_no_new_file (void)
{
  g_autoptr (AuditLog) log = audit_log_new (500);

  audit_log_fill (log, 1);
  limit_files (100);
  audit_log_add_three (log);
  g_assert_cmpstr (log->order->str, ==, "!1 !2 !3 ");
  g_autofree char *second = audit_log_path (log, 2);
  g_assert_false (g_file_test (second, G_FILE_TEST_EXISTS));
  audit_log_assert_sound (log);
  mended ();
  audit_log_assert_recovers (log);
  g_assert_true (g_file_test (second, G_FILE_TEST_EXISTS));
}

static void
test_read_only_directory (void)
{
  if (geteuid () == 0)
    return g_test_skip ("root writes to any directory");

  g_autoptr (AuditLog) log = audit_log_new (500);
  audit_log_fill (log, 1);
  g_assert_cmpint (g_chmod (log->dir, 0500), ==, 0);
  audit_log_add_three (log);
  g_assert_cmpint (g_chmod (log->dir, 0700), ==, 0);
  g_assert_cmpstr (log->order->str, ==, "!1 !2 !3 ");
  g_assert_nonnull (strstr (audit_trouble (log->audit), "Permission denied"));
  audit_log_assert_recovers (log);
}

static void
test_cut_fails_too (void)
{
  g_autoptr (AuditLog) log = make_log ();
  guint64 size = audit_log_size (log, 1);

  limit_files (size + 300);
  g_atomic_int_set (&cut_fails, TRUE);
  audit_log_add_three (log);
  g_assert_cmpstr (log->order->str, ==, "!1 !2 !3 ");
  g_assert_cmpuint (audit_log_size (log, 1), ==, size + 300);
  /* There is room again, and still nothing may be put behind the torn bytes. */
  limit_files (G_MAXUINT64);
  audit_log_add_three (log);
  g_assert_cmpstr (log->order->str, ==, "!1 !2 !3 ");
  g_assert_cmpuint (audit_log_size (log, 1), ==, size + 300);

  mended ();
  audit_log_assert_recovers (log);
  g_autofree char *cut = audit_log_events (log, "mended", "cut_bytes");
  g_assert_cmpstr (cut, ==, "300 ");
}

static void
test_crash_with_torn_bytes (void)
{
  g_autoptr (AuditLog) log = make_log ();
  guint64 size = audit_log_size (log, 1);
  g_autoptr (GError) error = NULL;

  limit_files (size + 300);
  g_atomic_int_set (&cut_fails, TRUE);
  audit_log_add_three (log);
  audit_log_close (log);
  mended ();
  AuditRepair repair = audit_log_open (log, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (repair.after_head, ==, 1);
  g_assert_cmpuint (repair.torn_bytes + audit_log_size (log, 1), ==, size + 300);
  audit_log_assert_sound (log);
}

/* --- Syncing fails --- */

static void
test_sync_fails (void)
{
  g_autoptr (AuditLog) log = make_log ();

  guint64 size = audit_log_size (log, 1);

  g_atomic_int_set (&rewrites, 0);
  g_atomic_int_set (&sync_fails, TRUE);
  audit_log_add (log, 1, AUDIT_WRITTEN); /* 7 */
  audit_log_add (log, 2, AUDIT_SYNCED);  /* 8 */
  audit_log_add (log, 3, AUDIT_SYNCED);  /* 9 */
  audit_log_add (log, 4, AUDIT_WRITTEN); /* 10 */
  audit_log_add (log, 5, AUDIT_SYNCED);  /* 11 */
  audit_log_settle (log);
  g_assert_cmpstr (log->order->str, ==, "1 4 !2 !3 !5 ");
  g_assert_nonnull (strstr (audit_trouble (log->audit), "cannot be synced"));
  g_assert_cmpuint (audit_owed (log->audit), ==, 2);

  mended ();
  size = audit_log_size (log, 1) - size;
  audit_log_assert_recovers (log);
  /* The kernel calls those pages clean: they must be made dirty again. */
  g_assert_cmpint (g_atomic_int_get (&rewrites), ==, (gint) size);
  g_assert_cmpuint (audit_owed (log->audit), ==, 0);
  g_autofree char *first = audit_log_events (log, "unreleased", "first");
  g_autofree char *last = audit_log_events (log, "unreleased", "last");
  g_assert_cmpstr (first, ==, "8 11 ");
  g_assert_cmpstr (last, ==, "9 11 ");
}

/* Jobs that were pushed before the failure is known must not be saved by their own, good sync: the
 * kernel reports a failure once. */
/* The file takes what is written, and the disk never does: a use that is only written would go on
 * for ever. */
static void
test_written_waits (void)
{
  g_autoptr (AuditLog) log = make_log ();

  g_atomic_int_set (&sync_fails, TRUE);
  audit_log_add (log, 1, AUDIT_SYNCED); /* 7 */
  audit_log_settle (log);
  for (guint i = 2; i < 5; i++)
    {
      audit_log_add (log, i, AUDIT_WRITTEN);
      audit_log_settle (log);
      g_assert_nonnull (strstr (audit_trouble (log->audit), "cannot be synced"));
    }
  g_assert_cmpstr (log->order->str, ==, "!1 !2 !3 !4 ");
  mended ();
  audit_log_assert_recovers (log);
  audit_log_add_three (log);
  g_assert_cmpstr (log->order->str, ==, "1 3 2 ");
}

static void
test_later_sync_does_not_hide_it (void)
{
  g_autoptr (AuditLog) log = make_log ();
  guint heads = log->heads;
  gint before = g_atomic_int_get (&syncs);

  g_atomic_int_set (&sync_fails, TRUE);
  audit_log_add (log, 1, AUDIT_SYNCED);
  audit_flush (log->audit);
  while (g_atomic_int_get (&syncs) == before)
    g_usleep (1000);
  g_atomic_int_set (&sync_fails, FALSE);
  audit_log_add (log, 2, AUDIT_SYNCED);
  audit_log_settle (log);
  g_assert_cmpstr (log->order->str, ==, "!1 !2 ");
  g_assert_cmpuint (log->heads, ==, heads);
  audit_log_assert_recovers (log);
}

static void
test_head_not_saved (void)
{
  g_autoptr (AuditLog) log = make_log ();

  log->refuse_head = TRUE;
  audit_log_add (log, 1, AUDIT_SYNCED);
  audit_log_settle (log);
  g_assert_cmpstr (log->order->str, ==, "!1 ");
  g_assert_cmpstr (audit_trouble (log->audit), ==, "no room for the head");
  log->refuse_head = FALSE;
  audit_log_assert_recovers (log);
  g_autofree char *first = audit_log_events (log, "unreleased", "first");
  g_assert_cmpstr (first, ==, "7 ");
}

static void
test_create_fails (void)
{
  g_autoptr (AuditLog) log = make_log ();
  g_autofree char *path = audit_log_path (log, 1);
  g_autoptr (GError) error = NULL;

  audit_log_close (log);
  g_remove (path);
  g_atomic_int_set (&sync_fails, TRUE);
  g_assert_null (audit_create (&log->setup, log->writer, log->k0, &error));
  g_assert_error (error, AUDIT_ERROR, AUDIT_ERROR_IO);
  g_assert_false (g_file_test (path, G_FILE_TEST_EXISTS));
  mended ();
  g_clear_error (&error);
  log->audit = audit_create (&log->setup, log->writer, log->k0, &error);
  g_assert_no_error (error);
  audit_log_assert_sound (log);
}

/* --- What is owed --- */

static void
owe (AuditLog *log, gint64 n)
{
  AuditRecord *record = audit_record_new (log->audit, "panic");

  audit_record_integer (record, "n", n);
  audit_record_text (record, "reason", "the words");
  audit_append_owed (log->audit, record);
}

static void
test_owed (void)
{
  g_autoptr (AuditLog) log = make_log ();

  limit_files (audit_log_size (log, 1));
  owe (log, 1);
  audit_log_settle (log);
  owe (log, 2);
  audit_log_settle (log);
  g_assert_cmpuint (audit_owed (log->audit), ==, 2);
  mended ();
  audit_log_settle (log);
  g_assert_cmpuint (audit_owed (log->audit), ==, 0);
  g_autofree char *numbers = audit_log_events (log, "panic", "n");
  g_autofree char *lost = audit_log_events (log, "panic", "text");
  g_assert_cmpstr (numbers, ==, "1 2 ");
  g_assert_cmpstr (lost, ==, "- - ");
  audit_log_assert_recovers (log);
}

static void
test_owed_over_lock (void)
{
  g_autoptr (AuditLog) log = make_log ();

  limit_files (audit_log_size (log, 1));
  owe (log, 1);
  audit_log_settle (log);
  audit_lock (log->audit);
  mended ();
  audit_log_settle (log);
  g_autofree char *lost = audit_log_events (log, "panic", "text");
  g_autofree char *sealed = audit_log_events (log, "panic", "sealed");
  g_assert_cmpstr (lost, ==, "\"lost\" ");
  g_assert_cmpstr (sealed, ==, "- ");
  audit_log_assert_sound (log);
}

int
main (int argc, char **argv)
{
  wire_init ();
  signal (SIGXFSZ, SIG_IGN);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/audit-failure/a full disk refuses the batch and leaves the log as it was",
                   test_full_disk);
  g_test_add_func ("/audit-failure/a new file that cannot be written is taken back",
                   test_no_new_file);
  g_test_add_func ("/audit-failure/a directory that takes no new file refuses the batch",
                   test_read_only_directory);
  g_test_add_func ("/audit-failure/nothing is written behind torn bytes", test_cut_fails_too);
  g_test_add_func ("/audit-failure/torn bytes left by a crash are cut at opening",
                   test_crash_with_torn_bytes);
  g_test_add_func ("/audit-failure/what was not synced is named as unreleased", test_sync_fails);
  g_test_add_func ("/audit-failure/after a failed sync a write alone is not enough",
                   test_written_waits);
  g_test_add_func ("/audit-failure/a good sync after a bad one releases nobody",
                   test_later_sync_does_not_hide_it);
  g_test_add_func ("/audit-failure/a head that is not saved releases nobody", test_head_not_saved);
  g_test_add_func ("/audit-failure/a log that cannot be begun is taken back", test_create_fails);
  g_test_add_func ("/audit-failure/what is owed is written when there is room", test_owed);
  g_test_add_func ("/audit-failure/what is owed loses its text when locked", test_owed_over_lock);
  return g_test_run ();
}
