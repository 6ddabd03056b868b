/* SPDX-License-Identifier: MIT
 *
 * A disk that fails while a file is closed or the next is begun: whoever waits is told, nothing is
 * signed twice, and what comes after is signed by what was promised before.
 *
 * As in test-audit-failure.c, syncs and cuts that fail are played by the linker, and a full disk is
 * a limit on the size of files.
 */
#include "tests/unit/audit-signed.h"
#include "tests/unit/table.h"

#include "broker/base/wire.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static gint sync_fails, cut_fails; /* atomic */

int __real_fdatasync (int fd);
int __wrap_fdatasync (int fd);
int __real_ftruncate64 (int fd, off_t len);
int __wrap_ftruncate64 (int fd, off_t len);

int
__wrap_fdatasync (int fd)
{
  if (!g_atomic_int_get (&sync_fails))
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

static void
limit_files (guint64 size)
{
  struct rlimit limit;

  getrlimit (RLIMIT_FSIZE, &limit);
  limit.rlim_cur = size == G_MAXUINT64 ? limit.rlim_max : size;
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &limit), ==, 0);
}

/* --- What fails, and what is well again --- */

static void
full (AuditLog *log)
{
  limit_files (audit_log_size (log, 1) + 300); /* in the middle of the closing record */
}

static void
full_and_uncut (AuditLog *log)
{
  full (log);
  g_atomic_int_set (&cut_fails, TRUE);
}

static void
unsynced (AuditLog *log)
{
  g_atomic_int_set (&sync_fails, TRUE);
}

static void
no_head (AuditLog *log)
{
  log->refuse_head = TRUE;
}

static void
unlinked (AuditLog *log)
{
  g_autofree char *path = audit_log_path (log, 1), *kept = g_strconcat (path, ".kept", NULL);

  g_assert_cmpint (g_rename (path, kept), ==, 0);
}

static void
well (AuditLog *log)
{
  g_autofree char *path = audit_log_path (log, 1), *kept = g_strconcat (path, ".kept", NULL);

  limit_files (G_MAXUINT64);
  g_atomic_int_set (&sync_fails, FALSE);
  g_atomic_int_set (&cut_fails, FALSE);
  log->refuse_head = FALSE;
  g_rename (kept, path);
}

typedef struct
{
  const char *sentence;
  void (*fail) (AuditLog *log);
} Case;

static const Case cases[] = {
  { "the disk is full", full },
  { "the disk is full, and what was written cannot be cut", full_and_uncut },
  { "the sync fails", unsynced },
  { "the head cannot be saved", no_head },
  { "the file was unlinked", unlinked },
};

static void
told (gpointer data, const GError *error)
{
  g_string_append (data, error != NULL ? "!" : "closed ");
}

static void
settle (AuditLog *log)
{
  for (guint i = 0; i < 3; i++)
    audit_log_settle (log);
}

/* Goes on, closes, and holds; over another opening too. */
static void
assert_goes_on (AuditLog *log)
{
  g_autoptr (GString) order = g_string_new (NULL);
  g_autoptr (GError) error = NULL;

  audit_log_add (log, 5, AUDIT_SYNCED);
  audit_close_segment (log->audit, told, order);
  settle (log);
  g_assert_cmpstr (order->str, ==, "closed ");
  g_assert_null (audit_trouble (log->audit));
  audit_log_assert_sound (log);
  audit_signed_assert (log, 1);
  audit_log_close (log);
  audit_log_open (log, &error);
  g_assert_no_error (error);
  audit_log_fill (log, 2);
  audit_log_assert_sound (log);
  audit_signed_assert (log, 1);
}

/* --- While a file is closed --- */

static void
test_closing (gconstpointer data)
{
  const Case *this = data;
  g_autoptr (AuditLog) log = audit_log_new (0);
  g_autoptr (GString) order = g_string_new (NULL);

  audit_log_fill (log, 3);
  this->fail (log);
  audit_close_segment (log->audit, told, order);
  settle (log);
  g_assert_cmpstr (order->str, ==, "!");
  g_assert_nonnull (audit_trouble (log->audit));
  well (log);
  assert_goes_on (log);
}

static void
test_closing_and_crash (gconstpointer data)
{
  const Case *this = data;
  g_autoptr (AuditLog) log = audit_log_new (0);
  g_autoptr (GString) order = g_string_new (NULL);
  g_autoptr (GError) error = NULL;

  audit_log_fill (log, 3);
  this->fail (log);
  audit_close_segment (log->audit, told, order);
  settle (log);
  audit_log_close (log);
  well (log);
  audit_log_open (log, &error);
  g_assert_no_error (error);
  settle (log);
  assert_goes_on (log);
}

/* --- While the next is begun --- */

static void
no_room_for_next (AuditLog *log)
{
  limit_files (100);
}

static void
foreign_file (AuditLog *log)
{
  g_autofree char *path = audit_log_path (log, 2);

  g_assert_true (g_file_set_contents (path, "mine", -1, NULL));
}

static const Case begin_cases[] = {
  { "there is no room for it", no_room_for_next },
  { "the sync fails", unsynced },
  { "the head cannot be saved", no_head },
  { "the closed file was unlinked", unlinked },
  { "a foreign file is in its place", foreign_file },
};

static void
test_begin (gconstpointer data)
{
  const Case *this = data;
  g_autoptr (AuditLog) log = audit_log_new (0);
  g_autoptr (GString) order = g_string_new (NULL);
  g_autofree char *second = NULL;

  audit_log_fill (log, 3);
  audit_close_segment (log->audit, told, order);
  settle (log);
  g_assert_cmpstr (order->str, ==, "closed ");
  second = audit_log_path (log, 2);
  this->fail (log);
  audit_log_add (log, 4, AUDIT_SYNCED);
  settle (log);
  g_assert_cmpstr (log->order->str, ==, "!4 ");
  g_assert_nonnull (audit_trouble (log->audit));
  well (log);
  if (this->fail == foreign_file)
    g_assert_cmpint (g_remove (second), ==, 0);
  assert_goes_on (log);
}

int
main (int argc, char **argv)
{
  wire_init ();
  signal (SIGXFSZ, SIG_IGN);
  g_test_init (&argc, &argv, NULL);
  ADD_TABLE ("/audit-close-failure/while a file is closed ", cases, test_closing)
  ADD_TABLE ("/audit-close-failure/while a file is closed, and then a crash: ", cases,
             test_closing_and_crash)
  ADD_TABLE ("/audit-close-failure/while the next is begun ", begin_cases, test_begin)
  return g_test_run ();
}
