/* SPDX-License-Identifier: MIT */
#include "tests/unit/audit-log.h"

#include "broker/base/wire.h"

#include <glib/gstdio.h>
#include <string.h>

/* Old or new after a kill, as the store does it. */
static void
keep_in_file (const AuditLog *log, GBytes *head)
{
  gsize len;
  const char *data = g_bytes_get_data (head, &len);
  g_autoptr (GError) error = NULL;

  g_file_set_contents_full (log->head_file, data, (gssize) len, G_FILE_SET_CONTENTS_CONSISTENT,
                            0600, &error);
  g_assert_no_error (error);
}

static gboolean
save_head (gpointer user, GBytes *head, GError **error)
{
  AuditLog *log = user;
  gboolean saved;

  g_mutex_lock (&log->lock);
  saved = !log->refuse_head;
  if (saved)
    {
      g_clear_pointer (&log->head, g_bytes_unref);
      log->head = g_bytes_ref (head);
      log->heads++;
      if (log->head_file != NULL)
        keep_in_file (log, head);
    }
  g_mutex_unlock (&log->lock);
  if (!saved)
    g_set_error_literal (error, AUDIT_ERROR, AUDIT_ERROR_IO, "no room for the head");
  return saved;
}

static Secret *
key_of (char c)
{
  g_autoptr (GError) error = NULL;
  Secret *key;

  secret_init (&error);
  g_assert_no_error (error);
  key = secret_new (CRYPT_KEY_LEN, &error);
  g_assert_no_error (error);
  memset (secret_data (key), c, CRYPT_KEY_LEN);
  return key;
}

static AuditLog *
log_at (const char *top, guint64 segment_size)
{
  AuditLog *log = g_new0 (AuditLog, 1);

  g_mutex_init (&log->lock);
  log->dir = g_build_filename (top, "audit", NULL);
  log->writer = writer_new (NULL);
  log->k0 = key_of ('0');
  log->head_key = key_of ('h');
  log->text_key = key_of ('t');
  log->token_key = key_of ('n');
  log->order = g_string_new (NULL);
  log->setup = (AuditSetup){ .dir = log->dir,
                             .log_id = "00112233445566778899aabbccddeeff",
                             .head_key = log->head_key,
                             .text_key = log->text_key,
                             .token_key = log->token_key,
                             .save_head = save_head,
                             .user = log,
                             .segment_size = segment_size };
  return log;
}

AuditLog *
audit_log_new (guint64 segment_size)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *top = g_dir_make_tmp ("audit-XXXXXX", &error);

  g_assert_no_error (error);
  AuditLog *log = log_at (top, segment_size);
  log->audit = audit_create (&log->setup, log->writer, log->k0, &error);
  g_assert_no_error (error);
  return log;
}

AuditLog *
audit_log_attach (const char *top, guint64 segment_size)
{
  AuditLog *log = log_at (top, segment_size);
  g_autoptr (GError) error = NULL;
  char *data;
  gsize len;

  log->head_file = g_build_filename (top, "head", NULL);
  g_file_get_contents (log->head_file, &data, &len, &error);
  g_assert_no_error (error);
  log->head = g_bytes_new_take (data, len);
  return log;
}

void
audit_log_close (AuditLog *log)
{
  g_clear_pointer (&log->audit, audit_free);
}

AuditRepair
audit_log_open (AuditLog *log, GError **error)
{
  AuditRepair repair = { 0 };

  g_assert_null (log->audit);
  log->audit = audit_open (&log->setup, log->writer, log->head, &repair, error);
  return repair;
}

static void
remove_tree (const char *dir)
{
  GDir *open = g_dir_open (dir, 0, NULL);
  const char *name;

  while (open != NULL && (name = g_dir_read_name (open)) != NULL)
    {
      g_autofree char *path = g_build_filename (dir, name, NULL);
      g_remove (path);
    }
  g_clear_pointer (&open, g_dir_close);
  g_rmdir (dir);
}

void
audit_log_detach (AuditLog *log)
{
  audit_log_close (log);
  writer_free (log->writer);
  g_clear_pointer (&log->head, g_bytes_unref);
  secret_free (log->k0);
  secret_free (log->head_key);
  secret_free (log->text_key);
  secret_free (log->token_key);
  g_string_free (log->order, TRUE);
  g_mutex_clear (&log->lock);
  g_free (log->head_file);
  g_free (log->dir);
  g_free (log);
}

void
audit_log_free (AuditLog *log)
{
  g_autofree char *dir = g_strdup (log->dir), *top = g_path_get_dirname (dir);

  audit_log_detach (log);
  remove_tree (dir);
  remove_tree (top);
}

typedef struct
{
  AuditLog *log;
  guint n;
} Answer;

static void
answered (gpointer data, const GError *error)
{
  Answer *answer = data;

  g_string_append_printf (answer->log->order, "%s%u ", error != NULL ? "!" : "", answer->n);
  g_free (answer);
}

void
audit_log_add (AuditLog *log, guint n, AuditLevel level)
{
  AuditRecord *record = audit_record_new (log->audit, "use");
  Answer *answer = g_new (Answer, 1);

  answer->log = log;
  answer->n = n;
  audit_record_integer (record, "n", n);
  audit_append (log->audit, record, level, answered, answer);
}

void
audit_log_fill (AuditLog *log, guint n)
{
  for (guint i = 0; i < n; i++)
    {
      audit_log_add (log, i, AUDIT_WRITTEN);
      audit_flush (log->audit);
    }
  writer_drain (log->writer);
  writer_drain (log->writer); /* the sync that waited for the one before */
  g_string_truncate (log->order, 0);
}

void
audit_log_settle (AuditLog *log)
{
  audit_flush (log->audit);
  writer_drain (log->writer);
}

char *
audit_log_path (const AuditLog *log, guint segment)
{
  return g_strdup_printf ("%s/%06u.jsonl", log->dir, segment);
}

char **
audit_log_lines (const AuditLog *log, guint segment)
{
  g_autofree char *path = audit_log_path (log, segment), *text = NULL;
  GPtrArray *lines = g_ptr_array_new ();
  g_autoptr (GError) error = NULL;

  g_file_get_contents (path, &text, NULL, &error);
  g_assert_no_error (error);
  for (char *at = text, *end; *at != '\0'; at = end + 1)
    {
      end = strchr (at, '\n');
      g_assert_nonnull (end);
      g_ptr_array_add (lines, g_strndup (at, (gsize) (end - at)));
    }
  g_ptr_array_add (lines, NULL);
  return (char **) g_ptr_array_free (lines, FALSE);
}

void
audit_log_put_lines (const AuditLog *log, guint segment, char **lines, const char *rest)
{
  g_autofree char *path = audit_log_path (log, segment);
  g_autofree char *joined = g_strjoinv ("\n", lines);
  g_autofree char *text = g_strconcat (joined, *joined != '\0' ? "\n" : "", rest, NULL);
  g_autoptr (GError) error = NULL;

  g_file_set_contents_full (path, text, -1, G_FILE_SET_CONTENTS_CONSISTENT, 0600, &error);
  g_assert_no_error (error);
}

typedef struct
{
  const char *event, *member;
  GString *out;
} Wanted;

static gboolean
collect (const AuditLine *scanned, const char *line, gsize len, gpointer user)
{
  Wanted *wanted = user;
  g_autoptr (GError) error = NULL;
  g_autoptr (json_t) record = audit_parse_line (line, len, &error);

  g_assert_no_error (error);
  if (audit_line_is_event (scanned, wanted->event))
    {
      json_t *value = json_object_get (record, wanted->member);
      g_autofree char *text = value != NULL ? json_dumps (value, JSON_ENCODE_ANY) : NULL;
      g_string_append_printf (wanted->out, "%s ", text != NULL ? text : "-");
    }
  return TRUE;
}

char *
audit_log_events (const AuditLog *log, const char *event, const char *member)
{
  Wanted wanted = { event, member, g_string_new (NULL) };
  g_autoptr (GError) error = NULL;

  audit_each (log->dir, collect, &wanted, &error);
  g_assert_no_error (error);
  return g_string_free (wanted.out, FALSE);
}

AuditReport
audit_log_verify (const AuditLog *log, gboolean with_key, gboolean with_head)
{
  AuditExpect expect = { .k0 = with_key ? log->k0 : NULL };
  g_autoptr (GError) error = NULL;
  AuditReport report;

  if (with_head)
    {
      expect.log_id = log->setup.log_id;
      expect.head_seq = audit_seq (log->audit);
      expect.head_hash = audit_last_hash (log->audit);
    }
  audit_verify_dir (log->dir, &expect, &report, &error);
  g_assert_no_error (error);
  return report;
}

void
audit_log_assert_sound (const AuditLog *log)
{
  AuditReport report = audit_log_verify (log, TRUE, TRUE);

  g_assert_cmpstr (report.message, ==, NULL);
  g_assert_cmpint (report.damage, ==, AUDIT_DAMAGE_NONE);
  g_assert_cmpuint (report.records, ==, audit_seq (log->audit));
  g_assert_cmpstr (report.last_hash, ==, audit_last_hash (log->audit));
  audit_report_clear (&report);
}

guint64
audit_log_size (const AuditLog *log, guint segment)
{
  g_autofree char *path = audit_log_path (log, segment);
  GStatBuf st;

  return g_stat (path, &st) == 0 ? (guint64) st.st_size : 0;
}

void
audit_log_add_three (AuditLog *log)
{
  g_string_truncate (log->order, 0);
  audit_log_add (log, 1, AUDIT_WRITTEN);
  audit_log_add (log, 2, AUDIT_SYNCED);
  audit_log_add (log, 3, AUDIT_WRITTEN);
  audit_log_settle (log);
}

/* The next batch is written, the log is sound, and goes on being so after it was opened again. */
void
audit_log_assert_recovers (AuditLog *log)
{
  g_autoptr (GError) error = NULL;

  audit_log_add_three (log);
  /* After a sync that failed all of them wait for one that does not. */
  if (strcmp (log->order->str, "1 2 3 ") != 0)
    g_assert_cmpstr (log->order->str, ==, "1 3 2 ");
  g_assert_null (audit_trouble (log->audit));
  audit_log_settle (log);
  audit_log_assert_sound (log);
  audit_log_close (log);
  AuditRepair repair = audit_log_open (log, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (repair.torn_bytes, ==, 0);
  g_assert_cmpuint (repair.after_head, ==, 0);
  audit_log_assert_sound (log);
}
