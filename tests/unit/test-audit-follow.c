/* SPDX-License-Identifier: MIT
 *
 * Behind the head stand records that bear their MAC, and that no broker writes there: the log is
 * refused.
 */
#include "tests/unit/audit-signed.h"
#include "tests/unit/table.h"

#include "broker/audit/audit-private.h"
#include "broker/base/wire.h"

#include <string.h>

/* Appends @record (taken) to the file as who holds the key of the next record could. */
static void
forge (AuditLog *log, guint segment, AuditRecord *record)
{
  g_autofree char *path = audit_log_path (log, segment);
  g_autoptr (GString) line = g_string_new (NULL);
  g_autofree char *there = NULL;
  gsize len = 0;

  g_assert_true (audit_record_finish (record, log->audit, line, NULL));
  audit_record_free (record);
  g_file_get_contents (path, &there, &len, NULL);
  g_string_prepend_len (line, there != NULL ? there : "", (gssize) len);
  g_assert_true (g_file_set_contents_full (path, line->str, (gssize) line->len,
                                           G_FILE_SET_CONTENTS_CONSISTENT, 0600, NULL));
}

#define KEY "594af0a623e3282e86646228fac13f0f5d833297b0218ea3f5a3a066c94c74b9"

static AuditRecord *
first_of (AuditLog *log, guint format, guint segment)
{
  AuditRecord *record = audit_record_new (log->audit, "segment");

  audit_record_string (record, "log", log->setup.log_id);
  audit_record_integer (record, "format", format);
  audit_record_integer (record, "segment", segment);
  if (format > 1)
    audit_record_string (record, "key", KEY);
  return record;
}

static void
use_in_place_of_first (AuditLog *log)
{
  audit_close_segment (log->audit, NULL, NULL);
  audit_log_settle (log);
  forge (log, 2, audit_record_new (log->audit, "use"));
}

static void
format_1 (AuditLog *log)
{
  audit_close_segment (log->audit, NULL, NULL);
  audit_log_settle (log);
  forge (log, 2, first_of (log, 1, 2));
}

static void
other_key (AuditLog *log)
{
  audit_close_segment (log->audit, NULL, NULL);
  audit_log_settle (log);
  forge (log, 2, first_of (log, 2, 2));
}

static void
other_number (AuditLog *log)
{
  audit_close_segment (log->audit, NULL, NULL);
  audit_log_settle (log);
  forge (log, 2, first_of (log, 2, 3));
}

static void
not_closed (AuditLog *log)
{
  forge (log, 2, first_of (log, 2, 2));
}

static void
behind_closed (AuditLog *log)
{
  audit_close_segment (log->audit, NULL, NULL);
  audit_log_settle (log);
  forge (log, 1, audit_record_new (log->audit, "use"));
}

static void
other_next (AuditLog *log)
{
  AuditRecord *record = audit_record_new (log->audit, "closed");

  audit_record_integer (record, "segment", 1);
  audit_record_string (record, "next", KEY);
  forge (log, 1, record);
}

static void
no_next (AuditLog *log)
{
  forge (log, 1, audit_record_new (log->audit, "closed"));
}

typedef struct
{
  const char *sentence;
  void (*change) (AuditLog *log);
  const char *says;
} Case;

static const Case cases[] = {
  { "a file that begins with something else", use_in_place_of_first,
    "000002.jsonl: record 8 does not begin its file" },
  { "a file of format 1 behind one that is closed", format_1,
    "000002.jsonl: record 8 begins a file that nobody began" },
  { "a file with another public key", other_key, "public key" },
  { "a file with the number of another", other_number, "does not begin its file" },
  { "a file behind one that is not closed", not_closed, "begins a file that nobody began" },
  { "a record behind the one that closes the file", behind_closed,
    "000001.jsonl: record 8 stands behind the one that closes the file" },
  { "a closing that promises another key", other_next, "public key" },
  { "a closing that promises none", no_next, "public key" },
};

static void
test_case (gconstpointer data)
{
  const Case *this = data;
  g_autoptr (AuditLog) log = audit_log_new (0);
  g_autoptr (GError) error = NULL;

  audit_log_fill (log, 5);
  g_autoptr (GBytes) head = g_bytes_ref (log->head);
  this->change (log);
  audit_log_close (log);
  g_bytes_unref (log->head);
  log->head = g_bytes_ref (head);
  audit_log_open (log, &error);
  g_assert_error (error, AUDIT_ERROR, AUDIT_ERROR_TAMPERED);
  g_assert_nonnull (strstr (error->message, this->says));
  g_assert_null (log->audit);
}

int
main (int argc, char **argv)
{
  wire_init ();
  g_test_init (&argc, &argv, NULL);
  ADD_TABLE ("/audit-follow/", cases, test_case)
  return g_test_run ();
}
