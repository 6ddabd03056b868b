/* SPDX-License-Identifier: MIT
 *
 * Each record goes out once and in order, whatever happens to the files meanwhile; where the trail
 * is not the one that was sent, that is told and nothing is passed over.
 *
 * What is read is written down as "1 2 3": numbers of records, and "!3": it was told that the trail
 * does not go on from 3.
 */
#include "tests/unit/audit-case.h"

#include "broker/base/wire.h"
#include "broker/sink/sink-trail.h"

#include <glib/gstdio.h>
#include <string.h>

static SinkTrail *
trail_at (const AuditLog *log, const SinkCursor *cursor)
{
  const SinkCursor beginning = { 0 };
  SinkTrail *trail = sink_trail_new (log->dir, cursor != NULL ? cursor : &beginning, FALSE, NULL);

  g_assert_nonnull (trail);
  return trail;
}

/* At most @most of them. */
static char *
read_some (SinkTrail *trail, guint most)
{
  GString *out = g_string_new (NULL);
  SinkTrailRead got = SINK_TRAIL_RECORD;

  for (guint i = 0; i < most && got == SINK_TRAIL_RECORD; i++)
    {
      g_autoptr (GError) error = NULL;
      SinkRecord *record;
      got = sink_trail_next (trail, &record, &error);
      g_assert_no_error (error);
      if (got != SINK_TRAIL_RECORD)
        break;
      g_string_append_printf (out, "%s%s%" G_GUINT64_FORMAT, out->len > 0 ? " " : "",
                              strcmp (record->event, "trail_differs") == 0 ? "!" : "", record->seq);
      sink_record_free (record);
    }
  return g_string_free (out, FALSE);
}

static void
assert_reads (SinkTrail *trail, const char *wanted)
{
  g_autofree char *found = read_some (trail, 1000);

  g_assert_cmpstr (found, ==, wanted);
}

/* "4 5 6", with @before in front. */
static char *
numbers (const char *before, guint from, guint to)
{
  GString *out = g_string_new (before);

  for (guint i = from; i <= to; i++)
    g_string_append_printf (out, "%s%u", out->len > 0 ? " " : "", i);
  return g_string_free (out, FALSE);
}

static void
assert_reads_range (SinkTrail *trail, const char *before, guint from, guint to)
{
  g_autofree char *wanted = numbers (before, from, to);

  assert_reads (trail, wanted);
}

static void
test_all (void)
{
  g_autoptr (AuditLog) log = audit_case_log ();
  g_autoptr (SinkTrail) trail = trail_at (log, NULL);

  assert_reads_range (trail, "", 1, 30);
  assert_reads (trail, "");
  g_assert_cmpstr (sink_trail_cursor (trail)->hash, ==, audit_last_hash (log->audit));
  audit_log_fill (log, 3);
  assert_reads_range (trail, "", 31, (guint) audit_seq (log->audit));
}

static void
test_resume (void)
{
  g_autoptr (AuditLog) log = audit_case_log ();
  guint last = (guint) audit_seq (log->audit);

  for (guint n = 1; n <= last; n++)
    {
      g_autoptr (SinkTrail) first = trail_at (log, NULL);
      g_free (read_some (first, n));
      g_autoptr (SinkTrail) rest = trail_at (log, sink_trail_cursor (first));
      assert_reads_range (rest, "", n + 1, last);
    }
}

static void
test_half_a_line (void)
{
  g_autoptr (AuditLog) log = audit_case_log ();
  g_auto (GStrv) lines = audit_log_lines (log, 4);
  guint n = g_strv_length (lines);
  g_autofree char *last = g_steal_pointer (&lines[n - 1]), *half = g_strndup (last, 100);
  g_autoptr (SinkTrail) trail = trail_at (log, NULL);

  audit_log_put_lines (log, 4, lines, half);
  assert_reads_range (trail, "", 1, 29);
  assert_reads (trail, "");
  audit_log_put_lines (log, 4, lines, last);
  assert_reads (trail, "");
  lines[n - 1] = g_steal_pointer (&last);
  audit_log_put_lines (log, 4, lines, NULL);
  assert_reads (trail, "30");
}

/* The number of a file's first record, the first being 1. */
static guint
first_of (const AuditLog *log, guint segment)
{
  guint before = 1;

  for (guint i = 1; i < segment; i++)
    {
      g_auto (GStrv) lines = audit_log_lines (log, i);
      before += g_strv_length (lines);
    }
  return before;
}

/* As after a crash that took what was not synced: other records come in the place of those sent. */
static void
test_cut (gconstpointer resumed)
{
  g_autoptr (AuditLog) log = audit_case_log ();
  g_autoptr (SinkTrail) trail = trail_at (log, NULL);
  g_auto (GStrv) lines = audit_log_lines (log, 4);
  guint n = g_strv_length (lines), first = first_of (log, 4);

  assert_reads_range (trail, "", 1, 30);
  g_autoptr (SinkTrail) again = trail_at (log, sink_trail_cursor (trail));
  SinkTrail *reading = resumed != NULL ? again : trail;
  g_clear_pointer (&lines[n - 1], g_free);
  audit_log_put_lines (log, 4, lines, NULL);
  assert_reads_range (reading, "!30", first, 29);
  assert_reads (reading, "");
}

static void
test_another_in_its_place (void)
{
  g_autoptr (AuditLog) log = audit_case_log ();
  g_autoptr (SinkTrail) trail = trail_at (log, NULL);
  g_auto (GStrv) lines = audit_log_lines (log, 4);
  guint n = g_strv_length (lines), first = first_of (log, 4);

  assert_reads_range (trail, "", 1, 30);
  /* The same length, another record, and one behind it. */
  g_autofree char *sent = g_strdup (lines[n - 1]);
  audit_case_replace (&lines[n - 1], "\"event\":\"use\"", "\"event\":\"abc\"");
  audit_log_put_lines (log, 4, lines, NULL);
  assert_reads (trail, "");
  audit_case_replace (&sent, "\"seq\":30", "\"seq\":31");
  g_strfreev (g_steal_pointer (&lines));
  lines = audit_log_lines (log, 4);
  audit_case_replace (&lines[n - 1], "\"event\":\"abc\"", "\"event\":\"xyz\"");
  char **longer = g_new0 (char *, n + 2);
  for (guint i = 0; i < n; i++)
    longer[i] = g_strdup (lines[i]);
  longer[n] = g_steal_pointer (&sent);
  audit_log_put_lines (log, 4, longer, NULL);
  g_strfreev (longer);
  /* 31 speaks of the record 29: that shows further in, and is told where it is. */
  g_autofree char *wanted = numbers ("!30", first, 30),
                  *all = g_strconcat (wanted, " !30 31", NULL);
  assert_reads (trail, all);
}

static void
test_garbage (void)
{
  g_autoptr (AuditLog) log = audit_case_log ();
  g_auto (GStrv) lines = audit_log_lines (log, 2);
  g_autoptr (SinkTrail) trail = trail_at (log, NULL);
  guint first = first_of (log, 2);

  for (guint i = 3; i < 5; i++)
    {
      g_free (lines[i]);
      lines[i] = g_strdup ("no record");
    }
  audit_log_put_lines (log, 2, lines, NULL);
  g_autofree char *before = numbers ("", 1, first + 2),
                  *told = g_strdup_printf ("%s !%u", before, first + 2);
  assert_reads_range (trail, told, first + 5, 30);
  assert_reads (trail, "");
}

static void
test_edited (void)
{
  g_autoptr (AuditLog) log = audit_case_log ();
  g_auto (GStrv) lines = audit_log_lines (log, 2);
  g_autoptr (SinkTrail) trail = trail_at (log, NULL);
  guint first = first_of (log, 2);

  audit_case_replace (&lines[3], "\"event\":\"use\"", "\"event\":\"abc\"");
  audit_log_put_lines (log, 2, lines, NULL);
  g_autofree char *before = numbers ("", 1, first + 3),
                  *told = g_strdup_printf ("%s !%u", before, first + 3);
  assert_reads_range (trail, told, first + 4, 30);
}

static void
test_removed_in_front (void)
{
  g_autoptr (AuditLog) log = audit_case_log ();
  g_autoptr (SinkTrail) trail = trail_at (log, NULL);
  guint first = first_of (log, 3);
  g_free (read_some (trail, first - 1));
  g_autoptr (SinkTrail) again = trail_at (log, sink_trail_cursor (trail));

  /* All that was in them has been sent. */
  audit_case_remove (log, 1);
  audit_case_remove (log, 2);
  assert_reads_range (again, "", first, 30);
}

static void
test_gone (void)
{
  g_autoptr (AuditLog) log = audit_case_log ();
  g_autoptr (SinkTrail) trail = trail_at (log, NULL);
  guint n = first_of (log, 2) + 2, first = first_of (log, 3);
  g_free (read_some (trail, n));
  g_autofree char *told = g_strdup_printf ("!%u", n);
  g_autoptr (SinkTrail) again = trail_at (log, sink_trail_cursor (trail));

  audit_case_remove (log, 2);
  assert_reads_range (again, told, first, 30);
}

static void
test_another_log (void)
{
  g_autoptr (AuditLog) log = audit_case_log (), other = audit_case_log ();
  g_autoptr (SinkTrail) trail = trail_at (log, NULL);

  assert_reads_range (trail, "", 1, 30);
  for (guint i = 1; i <= 4; i++)
    {
      g_auto (GStrv) lines = audit_log_lines (other, i);
      if (i < 4)
        audit_log_put_lines (log, i, lines, NULL);
      else
        audit_case_remove (log, i);
    }
  assert_reads_range (trail, "!30", 1, first_of (other, 4) - 1);
  assert_reads (trail, "");
}

/* A file of another trail among ours: passing it does not lead back to the beginning. */
static void
test_foreign_file (void)
{
  g_autoptr (AuditLog) log = audit_case_log (), other = audit_case_log ();
  g_auto (GStrv) lines = audit_log_lines (other, 3);
  g_autoptr (SinkTrail) trail = trail_at (log, NULL);
  guint third = first_of (log, 3), fourth = first_of (log, 4);

  audit_log_put_lines (log, 3, lines, NULL);
  g_autofree char *before = numbers ("", 1, third - 1),
                  *told = g_strdup_printf ("%s !%u", before, third - 1),
                  *foreign = numbers (told, third, fourth - 1),
                  *after = g_strdup_printf ("%s !%u", foreign, fourth - 1);
  assert_reads_range (trail, after, fourth, 30);
  assert_reads (trail, "");
}

/* It goes out with each record, as it is. */
static void
test_log_name (void)
{
  g_autoptr (AuditLog) log = audit_case_log ();
  g_auto (GStrv) lines = audit_log_lines (log, 1);
  g_autoptr (SinkTrail) trail = trail_at (log, NULL);

  audit_case_replace (&lines[0], "00112233445566778899aabbccddeeff",
                      "x\\u000aMESSAGE=a record of my own\\u000a");
  audit_log_put_lines (log, 1, lines, NULL);
  g_autofree char *found = read_some (trail, 1);
  g_assert_cmpstr (found, ==, "1");
  g_assert_cmpstr (sink_trail_cursor (trail)->log, ==, NULL);
}

/* What a cursor's file says is sent too, before anything was read. */
static void
test_cursor_texts (void)
{
  static const char *const logs[] = { "x\nMESSAGE=mine", "00112233445566778899AABBCCDDEEFF", "x" };
  g_autoptr (AuditLog) log = audit_case_log ();
  g_auto (SinkCursor) cursor = { .log = g_strdup ("00112233445566778899aabbccddeeff"), .hash = "" };
  g_autoptr (GError) error = NULL;
  gboolean missing;

  memset (cursor.hash, 'a', AUDIT_HEX_LEN);
  g_assert_true (sink_cursor_save (log->dir, "x", "here", &cursor, NULL));
  g_clear_pointer (&cursor.log, g_free);
  g_assert_true (sink_cursor_load (log->dir, "x", "here", &cursor, &missing, NULL));
  for (gsize i = 0; i < G_N_ELEMENTS (logs); i++)
    {
      g_auto (SinkCursor) loaded = { 0 };
      g_free (cursor.log);
      cursor.log = g_strdup (logs[i]);
      g_assert_true (sink_cursor_save (log->dir, "x", "here", &cursor, NULL));
      g_assert_false (sink_cursor_load (log->dir, "x", "here", &loaded, &missing, &error));
      g_assert_nonnull (strstr (error->message, "sink-x.json: log and hash"));
      g_clear_error (&error);
    }
}

static void
test_no_trail (void)
{
  const SinkCursor beginning = { 0 };
  g_autoptr (SinkTrail) trail = sink_trail_new ("/nonexistent", &beginning, FALSE, NULL);
  g_autoptr (GError) error = NULL;
  SinkRecord *record;

  g_assert_cmpint (sink_trail_next (trail, &record, &error), ==, SINK_TRAIL_FAILED);
  g_assert_nonnull (strstr (error->message, "/nonexistent"));
}

int
main (int argc, char **argv)
{
  wire_init ();
  g_test_init (&argc, &argv, NULL);
  g_assert_true (secret_init (NULL));
  g_test_add_func ("/sink-trail/each record once, over all files, and then what is new", test_all);
  g_test_add_func ("/sink-trail/from any record on, nothing is missing and nothing comes twice",
                   test_resume);
  g_test_add_func ("/sink-trail/half a line is waited for", test_half_a_line);
  g_test_add_data_func ("/sink-trail/a trail that was cut meanwhile", NULL, test_cut);
  g_test_add_data_func ("/sink-trail/a trail that was cut while nobody sent it", "", test_cut);
  g_test_add_func ("/sink-trail/another record in the place of one that was sent",
                   test_another_in_its_place);
  g_test_add_func ("/sink-trail/lines that are no records", test_garbage);
  g_test_add_func ("/sink-trail/a record that does not follow the one before", test_edited);
  g_test_add_func ("/sink-trail/files that were sent may be removed", test_removed_in_front);
  g_test_add_func ("/sink-trail/a file that was not sent may not", test_gone);
  g_test_add_func ("/sink-trail/another trail in its place is sent from its beginning",
                   test_another_log);
  g_test_add_func ("/sink-trail/a file of another trail is passed once", test_foreign_file);
  g_test_add_func ("/sink-trail/a trail's name that is none is not taken", test_log_name);
  g_test_add_func ("/sink-trail/a cursor's texts are as they are written", test_cursor_texts);
  g_test_add_func ("/sink-trail/no trail is an error", test_no_trail);
  return g_test_run ();
}
