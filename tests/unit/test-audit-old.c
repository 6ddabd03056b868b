/* SPDX-License-Identifier: MIT
 *
 * A log of format 1, as an older version left it, is gone on with: nothing in it is closed, and the
 * next file is of today's format.
 */
#include "tests/unit/audit-signed.h"

#include "broker/base/wire.h"

#include <glib/gstdio.h>
#include <string.h>

#define FILES 4
#define RECORDS 31

/* OLD, made with the keys of audit-log.c by the version before format 2: DIR/000001.jsonl … and the
 * head that was saved last. */
static void
copy (const char *name, const char *dir)
{
  g_autofree char *from = g_build_filename (OLD, name, NULL),
                  *to = g_build_filename (dir, name, NULL);
  g_autofree char *data = NULL;
  g_autoptr (GError) error = NULL;
  gsize len;

  g_file_get_contents (from, &data, &len, &error);
  g_assert_no_error (error);
  g_file_set_contents_full (to, data, (gssize) len, G_FILE_SET_CONTENTS_NONE, 0600, &error);
  g_assert_no_error (error);
}

static AuditLog *
old_log (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *top = g_dir_make_tmp ("audit-XXXXXX", &error);
  g_autofree char *dir = g_build_filename (top, "audit", NULL);

  g_assert_no_error (error);
  g_assert_cmpint (g_mkdir (dir, 0700), ==, 0);
  for (guint i = 1; i <= FILES; i++)
    {
      g_autofree char *name = g_strdup_printf ("%06u.jsonl", i);
      copy (name, dir);
    }
  copy ("head", top);
  AuditLog *log = audit_log_attach (top, 1600);
  g_autofree char *head = g_steal_pointer (&log->head_file);
  g_assert_cmpint (g_remove (head), ==, 0);
  return log;
}

static void
open_log (AuditLog *log)
{
  g_autoptr (GError) error = NULL;
  AuditRepair repair = audit_log_open (log, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (repair.after_head + repair.torn_bytes, ==, 0);
}

static void
test_goes_on (void)
{
  g_autoptr (AuditLog) log = old_log ();
  guint64 size = audit_log_size (log, FILES);

  open_log (log);
  g_assert_cmpuint (audit_seq (log->audit), ==, RECORDS);
  audit_log_fill (log, 9);
  g_assert_cmpuint (audit_log_size (log, FILES), ==, size);
  g_assert_cmpuint (audit_signed_last (log), ==, FILES + 2);
  audit_log_assert_sound (log);
  audit_signed_assert (log, FILES + 1);
  audit_log_close (log);
  open_log (log);
  audit_log_assert_recovers (log);
  audit_signed_assert (log, FILES + 1);
}

/* The seed was saved before anything was signed with it. */
static void
test_restart (void)
{
  g_autoptr (AuditLog) log = old_log ();

  open_log (log);
  g_autoptr (GBytes) head = g_bytes_ref (log->head);
  audit_log_add (log, 1, AUDIT_WRITTEN);
  audit_log_settle (log);
  audit_log_close (log);
  /* As if nothing had been saved since. */
  g_bytes_unref (log->head);
  log->head = g_bytes_ref (head);
  g_autoptr (GError) error = NULL;
  AuditRepair repair = audit_log_open (log, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (repair.after_head, ==, 2);
  audit_log_fill (log, 9);
  audit_log_assert_sound (log);
  audit_signed_assert (log, FILES + 1);
}

static void
test_no_room (void)
{
  g_autoptr (AuditLog) log = old_log ();
  g_autoptr (GError) error = NULL;

  log->refuse_head = TRUE;
  audit_log_open (log, &error);
  g_assert_error (error, AUDIT_ERROR, AUDIT_ERROR_IO);
  g_assert_null (log->audit);
  log->refuse_head = FALSE;
  open_log (log);
  audit_log_fill (log, 9);
  audit_log_assert_sound (log);
  audit_signed_assert (log, FILES + 1);
}

static void
test_text (void)
{
  g_autoptr (AuditLog) log = old_log ();
  g_auto (GStrv) lines = audit_log_lines (log, FILES);
  const char *line = lines[g_strv_length (lines) - 1];
  g_autoptr (GError) error = NULL;
  g_autoptr (json_t) record = audit_parse_line (line, strlen (line), &error);

  g_assert_no_error (error);
  open_log (log);
  g_autofree char *text = audit_open_text (
      log->audit, json_string_value (json_object_get (record, "sealed")), RECORDS, &error);
  g_assert_no_error (error);
  g_assert_nonnull (strstr (text, "what was asked in format 1"));
}

int
main (int argc, char **argv)
{
  wire_init ();
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/audit-old/a log of format 1 is gone on with, in a new file", test_goes_on);
  g_test_add_func ("/audit-old/a crash does not lose the seed of that file", test_restart);
  g_test_add_func ("/audit-old/where the seed cannot be saved the log stays as it was",
                   test_no_room);
  g_test_add_func ("/audit-old/what was sealed in format 1 opens", test_text);
  return g_test_run ();
}
