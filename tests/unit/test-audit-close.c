/* SPDX-License-Identifier: MIT
 *
 * Files are closed and begun: by size, by age and on demand; over a crash at any point between the
 * closing record, the new file and the head; behind files of format 1.
 */
#include "tests/unit/audit-signed.h"

#include "broker/audit/audit-head.h"
#include "broker/audit/audit-private.h"
#include "broker/base/wire.h"

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#define HOUR (G_GINT64_CONSTANT (3600) * G_USEC_PER_SEC)

/* In place of the real clock. */
static gint64 ahead;
gint64 __real_audit_now (void);
gint64 __wrap_audit_now (void);
gint64
__wrap_audit_now (void)
{
  return __real_audit_now () + ahead;
}

static void
assert_signed (const AuditLog *log)
{
  audit_log_assert_sound (log);
  audit_signed_assert (log, 1);
}

/* --- When a file is closed --- */

static void
test_size (void)
{
  g_autoptr (AuditLog) log = audit_log_new (1600);

  audit_log_fill (log, 23);
  g_assert_cmpuint (audit_signed_last (log), ==, 4);
  g_assert_cmpuint (audit_seq (log->audit), ==, 30);
  assert_signed (log);
}

static void
test_age (void)
{
  g_autoptr (AuditLog) log = audit_log_new (0);

  audit_log_fill (log, 3);
  ahead = 23 * HOUR;
  audit_log_fill (log, 3);
  ahead = 25 * HOUR;
  audit_log_settle (log);
  g_assert_false (log->audit->committed->closed); /* nothing is appended */
  audit_log_fill (log, 1);
  g_assert_true (log->audit->committed->closed);
  g_assert_cmpuint (audit_signed_last (log), ==, 1);
  audit_log_fill (log, 1);
  g_assert_cmpuint (audit_signed_last (log), ==, 2);
  assert_signed (log);
  ahead = 0;
}

/* The time at which a file began is known to the next broker too. */
static void
test_age_over_restart (void)
{
  g_autoptr (AuditLog) log = audit_log_new (0);
  g_autoptr (GError) error = NULL;

  audit_log_fill (log, 3);
  audit_log_close (log);
  ahead = 25 * HOUR;
  audit_log_open (log, &error);
  g_assert_no_error (error);
  audit_log_fill (log, 1);
  g_assert_true (log->audit->committed->closed);
  assert_signed (log);
  ahead = 0;
}

static void
count (gpointer data, const GError *error)
{
  guint *n = data;

  g_assert_no_error (error);
  ++*n;
}

static void
test_demand (void)
{
  g_autoptr (AuditLog) log = audit_log_new (0);
  guint closed = 0;

  audit_log_fill (log, 3);
  audit_close_segment (log->audit, count, &closed);
  audit_log_add (log, 4, AUDIT_WRITTEN); /* still in the file */
  g_assert_cmpuint (closed, ==, 0);
  audit_log_settle (log);
  g_assert_cmpuint (closed, ==, 1);
  g_assert_cmpuint (audit_seq (log->audit), ==, 6);
  /* It is closed: closing it again writes nothing. */
  audit_close_segment (log->audit, count, &closed);
  audit_close_segment (log->audit, count, &closed);
  audit_log_settle (log);
  g_assert_cmpuint (closed, ==, 3);
  g_assert_cmpuint (audit_seq (log->audit), ==, 6);
  g_assert_cmpuint (audit_signed_last (log), ==, 1);
  assert_signed (log);
  audit_log_fill (log, 1);
  g_assert_cmpuint (audit_signed_last (log), ==, 2);
  assert_signed (log);
}

/* --- A crash, anywhere --- */

/* Every head that was saved, and what the log had become in the end. */
typedef struct
{
  AuditLog *log;
  GPtrArray *heads; /* GBytes */
  char *text;       /* all files, one behind the other */
  gsize ends[16];   /* of the files, in it */
  guint files;
} Past;

static gboolean
keep_each_head (gpointer user, GBytes *head, GError **error)
{
  Past *past = user;

  g_ptr_array_add (past->heads, g_bytes_ref (head));
  return TRUE;
}

static void
free_head (gpointer head)
{
  g_bytes_unref (head);
}

static Past
make_past (void)
{
  Past past = { .log = audit_log_new (1100), .heads = g_ptr_array_new_with_free_func (free_head) };
  GString *text = g_string_new (NULL);

  g_ptr_array_add (past.heads, g_bytes_ref (past.log->head));
  past.log->audit->save_head = keep_each_head;
  past.log->audit->user = &past;
  audit_log_fill (past.log, 14);
  audit_log_close (past.log);
  past.files = audit_signed_last (past.log);
  g_assert_cmpuint (past.files, ==, 4);
  for (guint i = 1; i <= past.files; i++)
    {
      g_autofree char *path = audit_log_path (past.log, i), *file = NULL;
      g_assert_true (g_file_get_contents (path, &file, NULL, NULL));
      g_string_append (text, file);
      past.ends[i] = text->len;
    }
  past.text = g_string_free (text, FALSE);
  return past;
}

/* The files as they were when @len bytes had been written: @begun has the next one made too,
 * without a byte in it. */
static void
put_past (const Past *past, gsize len, gboolean begun)
{
  for (guint i = 1; i < G_N_ELEMENTS (past->ends); i++)
    {
      g_autofree char *path = audit_log_path (past->log, i);
      gsize from = past->ends[i - 1], to = MIN (past->ends[i], MAX (len, from));

      g_remove (path);
      if (i > past->files)
        continue;
      if (to > from || (begun && len == from))
        g_assert_true (g_file_set_contents_full (path, past->text + from, (gssize) (to - from),
                                                 G_FILE_SET_CONTENTS_NONE, 0600, NULL));
    }
}

/* How many bytes of the log the head speaks of. */
static gsize
head_reaches (const Past *past, GBytes *head)
{
  g_autoptr (Secret) chain = audit_chain_new (1, NULL);
  AuditChain *at = audit_chains (chain);

  g_assert_true (audit_head_open (past->log->head_key, past->log->setup.log_id, head, at, NULL));
  return past->ends[at->segment - 1] + (gsize) at->offset;
}

/* Opens it with that head, and goes on. */
static void
go_on (const Past *past, GBytes *head)
{
  AuditLog *log = past->log;
  g_autoptr (GError) error = NULL;

  g_bytes_unref (log->head);
  log->head = g_bytes_ref (head);
  audit_log_open (log, &error);
  g_assert_no_error (error);
  assert_signed (log);
  audit_log_fill (log, 5);
  assert_signed (log);
  audit_log_close (log);
  audit_log_open (log, &error);
  g_assert_no_error (error);
  assert_signed (log);
  audit_log_close (log);
}

/* Every record's end, and bytes before and behind it. */
static void
crash_at_each (const Past *past, GBytes *head)
{
  gsize known = head_reaches (past, head), all = strlen (past->text);

  for (gsize end = known; end <= all; end++)
    if (end == known || past->text[end - 1] == '\n')
      for (gint off = -1; off <= 2; off++)
        {
          gsize len = end + (gsize) (off == 2 ? 100 : off);
          if (len < known || len > all)
            continue;
          put_past (past, len, FALSE);
          go_on (past, head);
          if (off != 0)
            continue;
          put_past (past, len, TRUE);
          go_on (past, head);
        }
}

static void
test_crash (void)
{
  Past past = make_past ();
  gsize last = 0, known = 0;

  for (guint i = 0; i < past.heads->len; i++)
    {
      GBytes *head = g_ptr_array_index (past.heads, i);
      known = head_reaches (&past, head);
      g_assert_cmpuint (known, >=, last);
      if (known > last)
        crash_at_each (&past, head);
      last = known;
    }
  g_assert_cmpuint (known, ==, strlen (past.text));
  g_ptr_array_unref (past.heads);
  g_free (past.text);
  audit_log_free (past.log);
}

int
main (int argc, char **argv)
{
  wire_init ();
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/audit-close/a full file is closed, signed, and the next begun", test_size);
  g_test_add_func ("/audit-close/a file of yesterday is closed with the next record", test_age);
  g_test_add_func ("/audit-close/its age is known after a restart", test_age_over_restart);
  g_test_add_func ("/audit-close/a file is closed on demand, once", test_demand);
  g_test_add_func ("/audit-close/a crash at any point between closing, new file and head",
                   test_crash);
  return g_test_run ();
}
