/* SPDX-License-Identifier: MIT
 *
 * Somebody else is at the file while the broker writes it: it takes no records until it is as it
 * was written.
 */
#include "tests/unit/audit-log.h"

#include "broker/base/wire.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

static AuditLog *
make_log (void)
{
  AuditLog *log = audit_log_new (0);

  audit_log_fill (log, 5);
  return log;
}

static void
test_new_file_in_the_way (void)
{
  g_autoptr (AuditLog) log = audit_log_new (500);
  g_autofree char *second = audit_log_path (log, 2);

  audit_log_fill (log, 1);
  g_assert_true (g_file_set_contents (second, "mine", -1, NULL));
  audit_log_add_three (log);
  g_assert_cmpstr (log->order->str, ==, "!1 !2 !3 ");
  g_assert_nonnull (strstr (audit_trouble (log->audit), "000002.jsonl: File exists"));
  g_assert_cmpuint (audit_log_size (log, 2), ==, 4);
  g_remove (second);
  audit_log_assert_recovers (log);
}

static void
test_unlinked (void)
{
  g_autoptr (AuditLog) log = make_log ();
  g_autofree char *path = audit_log_path (log, 1), *kept = g_strconcat (path, ".kept", NULL);

  g_assert_cmpint (g_rename (path, kept), ==, 0);
  for (guint i = 0; i < 2; i++)
    {
      audit_log_add_three (log);
      g_assert_cmpstr (log->order->str, ==, "!1 !2 !3 ");
    }
  g_assert_nonnull (strstr (audit_trouble (log->audit), "No such file"));
  g_assert_cmpint (g_rename (kept, path), ==, 0);
  audit_log_assert_recovers (log);
}

static void
test_replaced (void)
{
  g_autoptr (AuditLog) log = make_log ();
  g_auto (GStrv) lines = audit_log_lines (log, 1);

  audit_log_put_lines (log, 1, lines, NULL); /* the same bytes in another file */
  audit_log_add_three (log);
  g_assert_cmpstr (log->order->str, ==, "!1 !2 !3 ");
  g_assert_nonnull (strstr (audit_trouble (log->audit), "was replaced"));
  audit_log_assert_recovers (log);
  g_autofree char *replaced = audit_log_events (log, "mended", "file_replaced");
  g_assert_cmpstr (replaced, ==, "1 ");
}

static void
test_shortened (void)
{
  g_autoptr (AuditLog) log = make_log ();
  g_autofree char *path = audit_log_path (log, 1);

  g_assert_cmpint (truncate (path, (off_t) audit_log_size (log, 1) - 10), ==, 0);
  for (guint i = 0; i < 2; i++)
    {
      audit_log_add_three (log);
      g_assert_cmpstr (log->order->str, ==, "!1 !2 !3 ");
    }
  g_assert_nonnull (strstr (audit_trouble (log->audit), "the log ends before it"));
}

static void
test_appended_by_others (void)
{
  g_autoptr (AuditLog) log = make_log ();
  g_auto (GStrv) lines = audit_log_lines (log, 1);
  g_autofree char *path = audit_log_path (log, 1);
  int fd = open (path, O_WRONLY | O_APPEND | O_CLOEXEC);

  g_assert_cmpint (write (fd, lines[3], strlen (lines[3])), ==, strlen (lines[3]));
  close (fd);
  audit_log_add_three (log);
  g_assert_cmpstr (log->order->str, ==, "!1 !2 !3 ");
  g_assert_nonnull (strstr (audit_trouble (log->audit), "somebody else changed it"));
  audit_log_assert_recovers (log);
}

int
main (int argc, char **argv)
{
  wire_init ();
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/audit-others/a foreign file where the next must be is left alone",
                   test_new_file_in_the_way);
  g_test_add_func ("/audit-others/an unlinked log takes no records", test_unlinked);
  g_test_add_func ("/audit-others/a replaced log is looked through first", test_replaced);
  g_test_add_func ("/audit-others/a shortened log takes no records", test_shortened);
  g_test_add_func ("/audit-others/what others append is cut", test_appended_by_others);
  return g_test_run ();
}
