/* SPDX-License-Identifier: MIT
 *
 * The trail on a good day: levels, order, members, sealed text, locking, files, going on.
 */
#include "tests/unit/audit-log.h"

#include "broker/base/wire.h"

#include <glib/gstdio.h>
#include <string.h>

/* Stands in for the library's clock. */
static gint64 clock_us = 1795253400123456; /* 2026-11-21T09:30:00.123Z */

gint64 audit_now (void);

gint64
audit_now (void)
{
  return clock_us;
}

static json_t *
last_record (const AuditLog *log)
{
  g_auto (GStrv) lines = audit_log_lines (log, 1);
  const char *line = lines[g_strv_length (lines) - 1];
  g_autoptr (GError) error = NULL;
  json_t *record = audit_parse_line (line, strlen (line), &error);

  g_assert_no_error (error);
  return record;
}

static const char *
text_of (const json_t *record, const char *key)
{
  return json_string_value (json_object_get (record, key));
}

static void
test_first_record (void)
{
  g_autoptr (AuditLog) log = audit_log_new (0);
  g_autoptr (json_t) record = last_record (log);

  g_assert_cmpstr (text_of (record, "event"), ==, "segment");
  g_assert_cmpstr (text_of (record, "log"), ==, log->setup.log_id);
  g_assert_cmpint (json_integer_value (json_object_get (record, "segment")), ==, 1);
  g_assert_cmpint (json_integer_value (json_object_get (record, "format")), ==, AUDIT_FORMAT);
  g_assert_cmpuint (audit_seq (log->audit), ==, 1);
  g_assert_cmpuint (log->heads, ==, 1);
  audit_log_assert_sound (log);
}

static void
test_written_before_synced (void)
{
  g_autoptr (AuditLog) log = audit_log_new (0);

  audit_log_add (log, 1, AUDIT_SYNCED);
  audit_log_add (log, 2, AUDIT_WRITTEN);
  audit_log_add (log, 3, AUDIT_SYNCED);
  audit_log_add (log, 4, AUDIT_WRITTEN);
  g_assert_cmpstr (log->order->str, ==, "");
  audit_flush (log->audit);
  g_assert_cmpstr (log->order->str, ==, "2 4 ");
  writer_drain (log->writer);
  g_assert_cmpstr (log->order->str, ==, "2 4 1 3 ");
  audit_log_assert_sound (log);
}

static void
test_order_over_batches (void)
{
  g_autoptr (AuditLog) log = audit_log_new (0);
  g_autoptr (GString) expected = g_string_new (NULL);

  for (guint i = 0; i < 200; i++)
    {
      audit_log_add (log, i, AUDIT_SYNCED);
      g_string_append_printf (expected, "%u ", i);
      if (i % 3 == 0)
        audit_flush (log->audit);
    }
  audit_log_settle (log);
  g_assert_cmpstr (log->order->str, ==, expected->str);
}

static void
test_written_is_synced_soon (void)
{
  g_autoptr (AuditLog) log = audit_log_new (0);

  for (guint i = 0; i < 500; i++)
    {
      audit_log_add (log, i, AUDIT_WRITTEN);
      audit_flush (log->audit);
    }
  writer_drain (log->writer);
  writer_drain (log->writer);
  /* One in the background, one behind it: not one for each batch. */
  g_assert_cmpuint (log->heads, <=, 3);
  audit_free (g_steal_pointer (&log->audit));
  AuditRepair repair = audit_log_open (log, NULL);
  g_assert_nonnull (log->audit);
  g_assert_cmpuint (repair.after_head, ==, 0);
  g_assert_cmpuint (audit_seq (log->audit), ==, 501);
}

static void
append_again (gpointer data, const GError *error)
{
  AuditLog *log = data;

  g_assert_no_error (error);
  audit_log_add (log, 7, AUDIT_WRITTEN);
  audit_flush (log->audit);
}

static void
test_done_may_append (void)
{
  g_autoptr (AuditLog) log = audit_log_new (0);

  audit_append (log->audit, audit_record_new (log->audit, "grant"), AUDIT_WRITTEN, append_again,
                log);
  audit_append (log->audit, audit_record_new (log->audit, "grant"), AUDIT_SYNCED, append_again,
                log);
  audit_log_settle (log);
  g_assert_cmpstr (log->order->str, ==, "7 7 ");
  audit_log_assert_sound (log);
}

static void
test_members (void)
{
  static const char *const scopes[] = { "read", "wri\"te", NULL }, *const none[] = { NULL };
  g_autoptr (AuditLog) log = audit_log_new (0);
  AuditRecord *record = audit_record_new (log->audit, "grant");

  audit_record_string (record, "a", "quote \" back \\ line \n bell \a del \x7f \xc3\xa9");
  audit_record_string (record, "b", "bad \xff\xc3 end");
  audit_record_string (record, "c", NULL);
  audit_record_string (record, "d", "");
  audit_record_integer (record, "least", G_MININT64);
  audit_record_integer (record, "most", G_MAXINT64);
  audit_record_integer (record, "zero", 0);
  audit_record_strings (record, "scopes", scopes);
  audit_record_strings (record, "none", none);
  audit_append (log->audit, record, AUDIT_WRITTEN, NULL, NULL);
  audit_log_settle (log);

  g_autoptr (json_t) got = last_record (log);
  g_assert_cmpstr (text_of (got, "time"), ==, "2026-11-21T09:30:00.123Z");
  g_assert_cmpstr (text_of (got, "a"), ==, "quote \" back \\ line \n bell \a del \x7f \xc3\xa9");
  g_assert_cmpstr (text_of (got, "b"), ==, "bad \\x{ff}\\x{c3} end");
  g_assert_null (json_object_get (got, "c"));
  g_assert_cmpstr (text_of (got, "d"), ==, "");
  g_assert_cmpint (json_integer_value (json_object_get (got, "least")), ==, G_MININT64);
  g_assert_cmpint (json_integer_value (json_object_get (got, "most")), ==, G_MAXINT64);
  g_assert_cmpint (json_integer_value (json_object_get (got, "zero")), ==, 0);
  g_assert_cmpuint (json_array_size (json_object_get (got, "scopes")), ==, 2);
  g_assert_cmpuint (json_array_size (json_object_get (got, "none")), ==, 0);
  audit_log_assert_sound (log);
}

static void
test_template (void)
{
  g_autoptr (AuditLog) log = audit_log_new (0);
  AuditRecord *model = audit_record_new (log->audit, "use");

  audit_record_string (model, "grant_id", "g1");
  audit_record_name (model, "name", "github");
  AuditTemplate *template = audit_template_new (model);
  for (guint i = 0; i < 3; i++)
    {
      AuditRecord *record = audit_record_from (log->audit, template);
      audit_record_integer (record, "n", i);
      audit_append (log->audit, record, AUDIT_WRITTEN, NULL, NULL);
    }
  audit_template_free (template);
  audit_log_settle (log);
  g_autofree char *grants = audit_log_events (log, "use", "grant_id");
  g_autofree char *numbers = audit_log_events (log, "use", "n");
  g_autofree char *sealed = audit_log_events (log, "use", "sealed");
  g_assert_cmpstr (grants, ==, "\"g1\" \"g1\" \"g1\" ");
  g_assert_cmpstr (numbers, ==, "0 1 2 ");
  g_assert_cmpstr (sealed, ==, "- - - ");
  audit_log_assert_sound (log);
}

static json_t *
append_text (AuditLog *log, const char *purpose)
{
  AuditRecord *record = audit_record_new (log->audit, "received");

  audit_record_name (record, "name", "app/prod/TOKEN");
  audit_record_text (record, "purpose", purpose);
  audit_append (log->audit, record, AUDIT_WRITTEN, NULL, NULL);
  audit_log_settle (log);
  return last_record (log);
}

static void
test_text_is_sealed (void)
{
  g_autoptr (AuditLog) log = audit_log_new (0);
  g_autoptr (json_t) record = append_text (log, "deploy \"now\"");
  g_autoptr (json_t) other = append_text (log, "deploy later");
  const char *sealed = text_of (record, "sealed");
  g_autofree char *path = audit_log_path (log, 1), *text = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_cmpuint (strlen (text_of (record, "name")), ==, 32);
  g_assert_cmpstr (text_of (record, "name"), ==, text_of (other, "name"));
  g_file_get_contents (path, &text, NULL, NULL);
  g_assert_null (strstr (text, "TOKEN"));
  g_assert_null (strstr (text, "deploy"));

  g_autofree char *opened = audit_open_text (log->audit, sealed, 2, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (opened, ==, "{\"name\":\"app/prod/TOKEN\",\"purpose\":\"deploy \\\"now\\\"\"}");
  /* Moved to another record, it does not open. */
  g_assert_null (audit_open_text (log->audit, sealed, 3, &error));
  g_assert_error (error, CRYPT_ERROR, CRYPT_ERROR_OPEN);
  audit_log_assert_sound (log);
}

static void
test_lock (void)
{
  g_autoptr (AuditLog) log = audit_log_new (0);
  g_autoptr (json_t) before = append_text (log, "before");
  AuditRecord *made_before = audit_record_new (log->audit, "revoke");
  AuditRecord *owed = audit_record_new (log->audit, "panic");
  g_autoptr (GError) error = NULL;

  audit_record_text (made_before, "purpose", "not sealed yet");
  audit_record_text (owed, "purpose", "not sealed yet");
  audit_append_owed (log->audit, owed);
  audit_lock (log->audit);
  g_assert_null (audit_open_text (log->audit, text_of (before, "sealed"), 2, &error));
  g_assert_error (error, CRYPT_ERROR, CRYPT_ERROR_OPEN);

  audit_append (log->audit, made_before, AUDIT_WRITTEN, NULL, NULL);
  g_autoptr (json_t) after = append_text (log, "after");
  g_assert_null (json_object_get (after, "sealed"));
  g_assert_null (json_object_get (after, "name"));
  g_autofree char *revoke = audit_log_events (log, "revoke", "text");
  g_autofree char *panic = audit_log_events (log, "panic", "text");
  g_assert_cmpstr (revoke, ==, "\"lost\" ");
  g_assert_cmpstr (panic, ==, "\"lost\" ");
  audit_log_assert_sound (log);
}

static void
test_files (void)
{
  g_autoptr (AuditLog) log = audit_log_new (2000);
  g_autofree char *third = audit_log_path (log, 3);
  GStatBuf st;

  audit_log_fill (log, 30);
  g_assert_cmpint (g_stat (third, &st), ==, 0);
  g_assert_cmpint (st.st_mode & 0777, ==, 0600);
  audit_log_assert_sound (log);
  audit_log_close (log);
  audit_log_open (log, NULL);
  audit_log_fill (log, 30);
  audit_log_assert_sound (log);
}

static void
test_batch_in_one_file (void)
{
  g_autoptr (AuditLog) log = audit_log_new (2000);
  g_autofree char *second = audit_log_path (log, 2), *third = audit_log_path (log, 3);

  for (guint i = 0; i < 50; i++)
    audit_log_add (log, i, AUDIT_WRITTEN);
  audit_log_settle (log);
  g_assert_false (g_file_test (second, G_FILE_TEST_EXISTS));
  for (guint i = 0; i < 50; i++)
    audit_log_add (log, i, AUDIT_SYNCED);
  audit_log_settle (log);
  g_assert_true (g_file_test (second, G_FILE_TEST_EXISTS));
  g_assert_false (g_file_test (third, G_FILE_TEST_EXISTS));
  audit_log_assert_sound (log);
}

static void
test_goes_on (void)
{
  g_autoptr (AuditLog) log = audit_log_new (0);
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < 5; i++)
    {
      audit_log_fill (log, 3);
      audit_log_close (log);
      AuditRepair repair = audit_log_open (log, &error);
      g_assert_no_error (error);
      g_assert_cmpuint (repair.after_head, ==, 0);
      g_assert_cmpuint (repair.torn_bytes, ==, 0);
    }
  g_assert_cmpuint (audit_seq (log->audit), ==, 16);
  audit_log_assert_sound (log);
}

static void
test_second_log_refused (void)
{
  g_autoptr (AuditLog) log = audit_log_new (0);
  g_autoptr (GError) error = NULL;

  g_assert_null (audit_create (&log->setup, log->writer, log->k0, &error));
  g_assert_error (error, AUDIT_ERROR, AUDIT_ERROR_UNSAFE);
  audit_log_assert_sound (log);
}

static void
test_head_of_another_log (void)
{
  g_autoptr (AuditLog) log = audit_log_new (0);
  g_autoptr (GError) error = NULL;

  audit_log_close (log);
  log->setup.log_id = "another";
  audit_log_open (log, &error);
  g_assert_error (error, AUDIT_ERROR, AUDIT_ERROR_TAMPERED);
  g_assert_null (log->audit);
}

static void
test_ill_formed_record_refused (void)
{
  g_autoptr (AuditLog) log = audit_log_new (0);
  AuditRecord *record = audit_record_new (log->audit, "grant");
  g_autofree char *huge = g_strnfill (AUDIT_LINE_MAX, 'x');

  audit_record_string (record, "twice", "a");
  audit_record_string (record, "twice", "b");
  audit_append (log->audit, record, AUDIT_SYNCED, NULL, NULL);
  record = audit_record_new (log->audit, "grant");
  audit_record_string (record, "huge", huge);
  audit_append (log->audit, record, AUDIT_SYNCED, NULL, NULL);
  audit_log_add (log, 1, AUDIT_SYNCED);
  audit_log_settle (log);
  g_assert_cmpstr (log->order->str, ==, "1 ");
  g_assert_cmpuint (audit_seq (log->audit), ==, 2);
  audit_log_assert_sound (log);
}

static void
test_clock (void)
{
  g_autoptr (AuditLog) log = audit_log_new (0);
  gint64 before = clock_us;

  audit_log_fill (log, 2);
  clock_us -= G_TIME_SPAN_HOUR;
  audit_log_fill (log, 2);
  clock_us = before;
  audit_log_fill (log, 2);
  AuditReport report = audit_log_verify (log, TRUE, TRUE);
  g_assert_cmpint (report.damage, ==, AUDIT_DAMAGE_CLOCK);
  g_assert_true (audit_damage_is_harmless (report.damage));
  g_assert_cmpuint (report.seq, ==, 4);
  g_assert_cmpuint (report.line, ==, 4);
  g_assert_cmpuint (report.clock_warnings, ==, 1);
  g_assert_cmpuint (report.records, ==, 7);
  audit_report_clear (&report);
}

int
main (int argc, char **argv)
{
  wire_init ();
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/audit/a log begins with a record that names it", test_first_record);
  g_test_add_func ("/audit/written answers come before synced ones", test_written_before_synced);
  g_test_add_func ("/audit/synced answers keep their order", test_order_over_batches);
  g_test_add_func ("/audit/what is only written is synced in the background",
                   test_written_is_synced_soon);
  g_test_add_func ("/audit/who was answered may append again", test_done_may_append);
  g_test_add_func ("/audit/members come out as they went in", test_members);
  g_test_add_func ("/audit/a template repeats the members and not the sealed text", test_template);
  g_test_add_func ("/audit/names and text are sealed to their record", test_text_is_sealed);
  g_test_add_func ("/audit/locked, records go on without text", test_lock);
  g_test_add_func ("/audit/a full file is followed by the next", test_files);
  g_test_add_func ("/audit/a batch lies in one file", test_batch_in_one_file);
  g_test_add_func ("/audit/a log is gone on with", test_goes_on);
  g_test_add_func ("/audit/a log is not begun over another", test_second_log_refused);
  g_test_add_func ("/audit/the head of another log does not open", test_head_of_another_log);
  g_test_add_func ("/audit/an ill-formed record is refused alone", test_ill_formed_record_refused);
  g_test_add_func ("/audit/a clock that went back is a warning", test_clock);
  return g_test_run ();
}
