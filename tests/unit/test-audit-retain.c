/* SPDX-License-Identifier: MIT
 *
 * Old files go: as recorded, and that on disk before; nothing younger, nothing that a sink has not
 * handed on.
 */
#include "tests/unit/audit-signed.h"

#include "broker/audit/audit-private.h"
#include "broker/base/text.h"
#include "broker/base/wire.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#define HOUR (G_GINT64_CONSTANT (3600) * G_USEC_PER_SEC)
#define DAY (24 * HOUR)

/* In place of the real clock, and of what removes. */
static gint64 ahead;
gint64 __real_audit_now (void);
gint64 __wrap_audit_now (void);
gint64
__wrap_audit_now (void)
{
  return __real_audit_now () + ahead;
}

static guint unlink_from; /* the how manieth fails, counted down; 0: none does */
int __real_unlink (const char *path);
int __wrap_unlink (const char *path);
int
__wrap_unlink (const char *path)
{
  if (unlink_from == 0 || --unlink_from > 0)
    return __real_unlink (path);
  errno = EROFS;
  return -1;
}

/* One file a day, each with three uses; the clock then stands at the end of the last day. */
static AuditLog *
days (guint n)
{
  AuditLog *log;

  ahead = 0;
  log = audit_log_new (0);
  for (guint i = 0; i < n; i++)
    {
      audit_log_fill (log, 3);
      audit_close_segment (log->audit, NULL, NULL);
      audit_log_settle (log);
      ahead += DAY;
    }
  return log;
}

/* Until nothing more comes of it. */
static void
settle (AuditLog *log)
{
  for (guint i = 0; i < 4; i++)
    audit_log_settle (log);
  g_assert_false (log->audit->retaining);
}

static void
retain (AuditLog *log, gint64 age)
{
  audit_retain (log->audit, age);
  settle (log);
}

/* "3 4 5 " */
static char *
files (const AuditLog *log)
{
  GString *numbers = g_string_new (NULL);

  for (guint i = 1; i < 40; i++)
    if (audit_log_size (log, i) > 0)
      g_string_append_printf (numbers, "%u ", i);
  return g_string_free (numbers, FALSE);
}

static void
assert_files (const AuditLog *log, const char *expected)
{
  g_autofree char *there = files (log);

  g_assert_cmpstr (there, ==, expected);
}

static void
assert_recorded (const AuditLog *log, const char *firsts, const char *lasts)
{
  g_autofree char *first = audit_log_events (log, "segments_removed", "first");
  g_autofree char *last = audit_log_events (log, "segments_removed", "last");

  g_assert_cmpstr (first, ==, firsts);
  g_assert_cmpstr (last, ==, lasts);
}

/* As the verifier sees it; there are fewer records than their numbers say. */
static void
assert_holds (const AuditLog *log)
{
  AuditReport report = audit_log_verify (log, TRUE, TRUE);

  g_assert_cmpstr (report.message, ==, NULL);
  g_assert_cmpint (report.damage, ==, AUDIT_DAMAGE_NONE);
  g_assert_cmpuint (report.last_seq, ==, audit_seq (log->audit));
  audit_report_clear (&report);
}

static void
reopen (AuditLog *log)
{
  g_autoptr (GError) error = NULL;

  audit_log_close (log);
  audit_log_open (log, &error);
  g_assert_no_error (error);
}

/* --- What goes --- */

static void
test_goes (void)
{
  g_autoptr (AuditLog) log = days (5);
  g_auto (GStrv) second = audit_log_lines (log, 2), third = audit_log_lines (log, 3);
  g_autofree char *head
      = g_compute_checksum_for_string (G_CHECKSUM_SHA256, second[g_strv_length (second) - 1], -1);
  g_autoptr (json_t) first = audit_parse_line (third[0], strlen (third[0]), NULL);
  g_autofree char *text = g_strdup_printf ("\"%s\" ", head);
  g_autofree char *key
      = g_strdup_printf ("\"%s\" ", json_string_value (json_object_get (first, "key")));

  /* Days 1 and 2 lie more than three days back. */
  retain (log, 3 * DAY + HOUR);
  assert_files (log, "3 4 5 6 ");
  assert_recorded (log, "1 ", "2 ");
  g_autofree char *recorded = audit_log_events (log, "segments_removed", "head");
  g_autofree char *next = audit_log_events (log, "segments_removed", "next");
  g_autofree char *last = audit_log_events (log, "segments_removed", "last_seq");
  g_assert_cmpstr (recorded, ==, text);
  g_assert_cmpstr (next, ==, key);
  g_assert_cmpstr (last, ==, "10 ");
  g_assert_cmpstr (audit_retain_trouble (log->audit), ==, NULL);
  assert_holds (log);
  audit_signed_assert (log, 3);
  reopen (log);
  assert_holds (log);
  /* Once more: nothing is to do, and nothing is recorded. */
  retain (log, 3 * DAY + HOUR);
  assert_recorded (log, "1 ", "2 ");
  retain (log, 2 * DAY + HOUR);
  assert_files (log, "4 5 6 ");
  assert_recorded (log, "1 3 ", "2 3 ");
  assert_holds (log);
}

static void
test_last_stays (void)
{
  g_autoptr (AuditLog) log = days (2);

  ahead += 100 * DAY;
  retain (log, DAY);
  assert_files (log, "2 3 ");
  ahead += 100 * DAY;
  retain (log, DAY);
  /* The record of the last removal closes that file, for its age, and is in it. */
  assert_files (log, "3 ");
  assert_holds (log);
}

static void
test_keys (void)
{
  g_autoptr (AuditLog) log = days (4);
  g_autofree char *before = g_strdup (audit_first_key (log->audit));
  g_auto (GStrv) third = audit_log_lines (log, 3);

  retain (log, 2 * DAY + HOUR);
  assert_files (log, "3 4 5 ");
  g_assert_cmpstr (audit_first_key (log->audit), !=, before);
  g_assert_nonnull (strstr (third[0], audit_first_key (log->audit)));
}

/* As the file's first record names it, another one. */
static void
rename_key (const AuditLog *log, guint segment)
{
  g_auto (GStrv) lines = audit_log_lines (log, segment);
  char *key = strstr (lines[0], "\"key\":\"");

  g_assert_nonnull (key);
  memset (key + strlen ("\"key\":\""), 'a', 64);
  audit_log_put_lines (log, segment, lines, NULL);
}

/* Who keeps the first key before they kept any other has nothing to hold it against. */
static void
test_key_in_file (void)
{
  g_autoptr (AuditLog) log = days (4);
  g_autofree char *before = g_strdup (audit_first_key (log->audit));

  rename_key (log, 1);
  g_assert_cmpstr (audit_first_key (log->audit), ==, before);
  reopen (log);
  g_assert_cmpstr (audit_first_key (log->audit), ==, before);

  /* Neither does a removal take the word of the file that is then the first. */
  rename_key (log, 3);
  retain (log, 2 * DAY + HOUR);
  assert_files (log, "1 2 3 4 ");
  g_assert_nonnull (strstr (audit_retain_trouble (log->audit), "file 000003"));
  g_assert_cmpstr (audit_first_key (log->audit), ==, before);
}

/* Random days, random ages: exactly those go whose last record is older. */
static void
test_property (void)
{
  for (guint round = 0; round < 20; round++)
    {
      guint n = (guint) g_test_rand_int_range (1, 8), gone = 0;
      gint64 at[10], age = g_test_rand_int_range (24, 300) * HOUR + HOUR / 4;
      g_autoptr (AuditLog) log = days (0);
      for (guint i = 1; i <= n; i++)
        {
          audit_log_fill (log, (guint) g_test_rand_int_range (1, 4));
          audit_close_segment (log->audit, NULL, NULL);
          audit_log_settle (log);
          at[i] = ahead;
          ahead += g_test_rand_int_range (1, 72) * HOUR + HOUR / 2;
        }
      while (gone + 1 < n && ahead - at[gone + 1] > age)
        gone++;
      retain (log, age);
      for (guint i = 1; i <= n; i++)
        g_assert_cmpint (audit_log_size (log, i) > 0, ==, i > gone);
      assert_holds (log);
      audit_signed_assert (log, gone + 1);
      reopen (log);
      audit_log_fill (log, 2);
      assert_holds (log);
    }
}

/* --- What stays --- */

static void
put_cursor (const AuditLog *log, const char *name, const char *text)
{
  g_autofree char *path = g_build_filename (log->dir, name, NULL);

  g_assert_true (g_file_set_contents (path, text, -1, NULL));
}

static void
test_sinks (void)
{
  g_autoptr (AuditLog) log = days (5);

  put_cursor (log, "sink-fast.json", "{\"file\":5,\"offset\":9,\"seq\":24,\"hash\":\"00\"}");
  put_cursor (log, "sink-slow.json", "{\"file\":2,\"offset\":9,\"seq\":9,\"hash\":\"00\"}");
  retain (log, DAY + HOUR);
  assert_files (log, "2 3 4 5 6 ");
  g_assert_nonnull (strstr (audit_retain_trouble (log->audit), "sink-slow.json"));
  put_cursor (log, "sink-slow.json", "{\"file\":3,\"offset\":300,\"seq\":11,\"hash\":\"00\"}");
  retain (log, DAY + HOUR);
  assert_files (log, "3 4 5 6 ");
  put_cursor (log, "sink-slow.json", "{\"file\":\"all\"}");
  retain (log, DAY + HOUR);
  assert_files (log, "3 4 5 6 ");
  g_assert_nonnull (strstr (audit_retain_trouble (log->audit), "sink-slow.json"));
  put_cursor (log, "sink-slow.json", "");
  retain (log, DAY + HOUR);
  assert_files (log, "3 4 5 6 ");
  g_autofree char *path = g_build_filename (log->dir, "sink-slow.json", NULL);
  g_assert_cmpint (g_remove (path), ==, 0);
  retain (log, DAY + HOUR);
  assert_files (log, "5 6 ");
  g_assert_cmpstr (audit_retain_trouble (log->audit), ==, NULL);
  assert_holds (log);
}

static void
test_not_recorded (void)
{
  g_autoptr (AuditLog) log = days (5);

  log->refuse_head = TRUE;
  retain (log, 2 * DAY + HOUR);
  assert_files (log, "1 2 3 4 5 6 ");
  g_assert_nonnull (audit_retain_trouble (log->audit));
  /* What failed was written; it says so itself, and the files wait for a record that holds. */
  log->refuse_head = FALSE;
  audit_log_fill (log, 1);
  settle (log);
  retain (log, 2 * DAY + HOUR);
  assert_files (log, "1 2 3 4 5 6 ");
  retain (log, DAY + HOUR);
  assert_files (log, "5 6 ");
  assert_holds (log);
}

static void
test_damaged (void)
{
  g_autoptr (AuditLog) log = days (5);
  g_autofree char *path = audit_log_path (log, 2);

  g_assert_cmpint (truncate (path, 500), ==, 0);
  retain (log, DAY + HOUR);
  assert_files (log, "2 3 4 5 6 ");
  g_assert_nonnull (strstr (audit_retain_trouble (log->audit), "000002.jsonl"));
}

static void
make_old (char *line)
{
  char *time = strstr (line, "\"time\":\"");

  memcpy (time + strlen ("\"time\":\""), "1999", 4);
}

/* Somebody writes a time of long ago into the first and last record of a file that is not old. */
static void
test_made_old (void)
{
  g_autoptr (AuditLog) log = days (5);
  g_auto (GStrv) lines = audit_log_lines (log, 4);

  make_old (lines[0]);
  make_old (lines[g_strv_length (lines) - 1]);
  audit_log_put_lines (log, 4, lines, NULL);
  retain (log, 2 * DAY + HOUR);
  assert_files (log, "4 5 6 ");
  assert_recorded (log, "1 ", "3 ");
  g_assert_nonnull (strstr (audit_retain_trouble (log->audit), "file 000004 is kept"));
}

/* A file begins in our days and ends, by a clock that forgot them, in 1970. */
static void
test_clock_set_back (void)
{
  g_autoptr (AuditLog) log = days (0);

  audit_log_fill (log, 3);
  ahead = -__real_audit_now ();
  audit_close_segment (log->audit, NULL, NULL);
  audit_log_settle (log);
  ahead = 0;
  audit_log_fill (log, 3);
  retain (log, DAY);
  assert_files (log, "1 2 ");
  ahead = 2 * DAY;
  retain (log, DAY);
  assert_files (log, "2 ");
}

/* --- A crash, and a directory that does not let go --- */

static void
test_unlink_fails (void)
{
  g_autoptr (AuditLog) log = days (5);

  unlink_from = 2;
  retain (log, 2 * DAY + HOUR);
  assert_files (log, "2 3 4 5 6 ");
  g_assert_nonnull (strstr (audit_retain_trouble (log->audit), "Read-only"));
  assert_holds (log); /* three were to go, one has */
  retain (log, 2 * DAY + HOUR);
  assert_files (log, "4 5 6 ");
  assert_recorded (log, "1 ", "3 ");
  assert_holds (log);
}

/* The record is on disk, the head too or not, and so many files have gone. */
static void
crash (guint gone, gboolean head_saved)
{
  g_autoptr (AuditLog) log = days (5);
  g_autoptr (GBytes) head = g_bytes_ref (log->head);

  unlink_from = gone + 1;
  retain (log, 2 * DAY + HOUR);
  unlink_from = 0;
  audit_log_close (log);
  if (!head_saved)
    {
      g_bytes_unref (log->head);
      log->head = g_bytes_ref (head);
    }
  g_autoptr (GError) error = NULL;
  audit_log_open (log, &error);
  g_assert_no_error (error);
  assert_holds (log);
  settle (log);
  audit_log_close (log);
  audit_log_open (log, &error);
  g_assert_no_error (error);
  retain (log, 2 * DAY + HOUR);
  assert_files (log, "4 5 6 ");
  assert_recorded (log, "1 ", "3 ");
  assert_holds (log);
}

static void
test_crash (void)
{
  crash (0, FALSE); /* nothing goes before the head is saved */
  for (guint gone = 0; gone < 3; gone++)
    crash (gone, TRUE);
}

/* More is missing than was recorded. */
static void
test_too_much (void)
{
  g_autoptr (AuditLog) log = days (5);
  g_autoptr (GError) error = NULL;
  g_autofree char *fourth = audit_log_path (log, 4);

  retain (log, 2 * DAY + HOUR);
  assert_files (log, "4 5 6 ");
  audit_log_close (log);
  g_assert_cmpint (g_remove (fourth), ==, 0);
  audit_log_open (log, &error);
  g_assert_error (error, AUDIT_ERROR, AUDIT_ERROR_TAMPERED);
  g_assert_nonnull (strstr (error->message, "000004.jsonl: is missing"));
}

int
main (int argc, char **argv)
{
  wire_init ();
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/audit-retain/what goes is recorded", test_goes);
  g_test_add_func ("/audit-retain/the last file stays, however old it is", test_last_stays);
  g_test_add_func ("/audit-retain/the first key is that of the first file left", test_keys);
  g_test_add_func ("/audit-retain/exactly what is old enough goes", test_property);
  g_test_add_func ("/audit-retain/what a sink has not handed on stays", test_sinks);
  g_test_add_func ("/audit-retain/what cannot be recorded stays", test_not_recorded);
  g_test_add_func ("/audit-retain/nothing goes behind a damaged file", test_damaged);
  g_test_add_func ("/audit-retain/the first key is the one that was made, whatever a file says",
                   test_key_in_file);
  g_test_add_func ("/audit-retain/a file does not go for a time that was written into it",
                   test_made_old);
  g_test_add_func ("/audit-retain/a file that the clock was set back in is as old as its first",
                   test_clock_set_back);
  g_test_add_func ("/audit-retain/what could not be removed goes the next time", test_unlink_fails);
  g_test_add_func ("/audit-retain/a crash between record and removal", test_crash);
  g_test_add_func ("/audit-retain/a file more is missing than was recorded", test_too_much);
  return g_test_run ();
}
