/* SPDX-License-Identifier: MIT
 *
 * A process that appends, closes files and removes old ones without rest is killed at any moment,
 * again and again: what it has called recorded must be there, or in a file whose removal is
 * recorded, and the log must open, verify and bear its signatures.
 *
 * COUNTERSIGN_LONG=1 kills 500 times.
 */
#include "tests/unit/audit-signed.h"

#include "broker/audit/audit-file.h"
#include "broker/base/wire.h"

#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define FILE_SIZE 50000
#define ROUNDS 30
#define ROUNDS_LONG 500
#define CLOSE_EACH 8 /* batches */

static const char *self;

/* --- The process that is killed --- */

static GThread *main_thread;

/* What retention removes (which it does on the writer thread) is put aside, to be looked at. */
int __real_unlink (const char *path);
int __wrap_unlink (const char *path);
int
__wrap_unlink (const char *path)
{
  g_autofree char *dir = g_path_get_dirname (path), *top = g_path_get_dirname (dir);
  g_autofree char *name = g_path_get_basename (path);
  g_autofree char *aside = g_build_filename (top, "removed", name, NULL);

  return g_thread_self () == main_thread ? __real_unlink (path) : rename (path, aside);
}

/* A pipe takes four bytes whole or not at all: a number that arrives was recorded. */
static void
tell (gpointer data, const GError *error)
{
  guint n = GPOINTER_TO_UINT (data);

  if (error == NULL && write (STDOUT_FILENO, &n, sizeof n) != sizeof n)
    _exit (1);
}

G_GNUC_NORETURN static void
append_for_ever (const char *top, guint first)
{
  AuditLog *log = audit_log_attach (top, FILE_SIZE);
  g_autoptr (GError) error = NULL;

  audit_log_open (log, &error);
  g_assert_no_error (error);
  for (guint n = first, batches = 1;; batches++)
    {
      if (batches % CLOSE_EACH == 0)
        audit_close_segment (log->audit, NULL, NULL);
      if (batches % CLOSE_EACH == CLOSE_EACH / 2)
        audit_retain (log->audit, 0);
      for (guint batch = n % 7 + 1; batch > 0; batch--, n++)
        {
          AuditRecord *record = audit_record_new (log->audit, "use");
          audit_record_integer (record, "n", n);
          audit_record_text (record, "purpose", "to be killed");
          audit_append (log->audit, record, n % 5 == 0 ? AUDIT_SYNCED : AUDIT_WRITTEN, tell,
                        GUINT_TO_POINTER (n));
        }
      audit_flush (log->audit);
      g_main_context_iteration (NULL, FALSE);
    }
}

/* --- The one that kills and looks --- */

/* Adds the next one that was told to @told; FALSE at the end. */
static gboolean
read_one (int fd, GHashTable *told)
{
  guint n;

  if (read (fd, &n, sizeof n) != sizeof n)
    return FALSE;
  g_hash_table_add (told, GUINT_TO_POINTER (n));
  return TRUE;
}

static gboolean
take_found (const AuditLine *scanned, const char *line, gsize len, gpointer user)
{
  const char *n = g_strstr_len (line, (gssize) len, "\"n\":");

  if (n != NULL)
    g_hash_table_remove (user, GUINT_TO_POINTER ((guint) strtoul (n + 4, NULL, 10)));
  return TRUE;
}

static gboolean
has_files (const char *dir)
{
  g_autoptr (GDir) files = g_dir_open (dir, 0, NULL);

  return files != NULL && g_dir_read_name (files) != NULL;
}

/* How many were told. With @removed it lives until a file is there: a busy machine may kill all
 * others before they come to a removal. */
static guint
run_and_kill (const char *top, guint first, const char *removed, GHashTable **told)
{
  g_autofree char *number = g_strdup_printf ("%u", first);
  char *argv[] = { (char *) self, (char *) "--append", (char *) top, number, NULL };
  g_autoptr (GError) error = NULL;
  GPid pid;
  int out;

  g_spawn_async_with_pipes (NULL, argv, NULL, G_SPAWN_DO_NOT_REAP_CHILD, NULL, NULL, &pid, NULL,
                            &out, NULL, &error);
  g_assert_no_error (error);
  *told = g_hash_table_new (NULL, NULL);
  /* Mostly in the middle of writing, however long a busy machine takes to begin; sometimes before.
   */
  for (gint n = g_test_rand_int_range (0, 200); n > 0 && read_one (out, *told);)
    n--;
  while (removed != NULL && !has_files (removed) && read_one (out, *told))
    ;
  g_usleep ((gulong) g_test_rand_int_range (0, 20000));
  kill (pid, SIGKILL);
  waitpid (pid, NULL, 0);
  while (read_one (out, *told))
    ;
  close (out);
  return g_hash_table_size (*told);
}

static void
assert_holds (const AuditLog *log)
{
  AuditReport report = audit_log_verify (log, TRUE, TRUE);

  g_assert_cmpstr (report.message, ==, NULL);
  g_assert_cmpint (report.damage, ==, AUDIT_DAMAGE_NONE);
  g_assert_cmpuint (report.last_seq, ==, audit_seq (log->audit));
  audit_report_clear (&report);
}

/* What was put aside goes for good; each such file is named by a record. */
static guint
look_aside (const AuditLog *log, const char *removed, GHashTable *told)
{
  g_autofree char *last = audit_log_events (log, "segments_removed", "last");
  g_auto (GStrv) lasts = g_strsplit (last, " ", -1);
  guint n = g_strv_length (lasts); /* the last is empty */
  guint64 gone = n > 1 ? g_ascii_strtoull (lasts[n - 2], NULL, 10) : 0;
  g_autoptr (GArray) files = audit_file_list (removed, NULL);

  audit_each (removed, take_found, told, NULL);
  for (guint i = 0; i < files->len; i++)
    {
      g_autofree char *path = audit_file_path (removed, g_array_index (files, guint, i));
      g_assert_cmpuint (g_array_index (files, guint, i), <=, gone);
      g_assert_cmpint (g_remove (path), ==, 0);
    }
  return files->len;
}

/* How many files had been removed. */
static guint
look (const char *top, const char *removed, GHashTable *told)
{
  g_autoptr (GError) error = NULL;
  AuditLog *log = audit_log_attach (top, FILE_SIZE);
  guint gone;

  audit_log_open (log, &error);
  g_assert_no_error (error);
  assert_holds (log);
  g_autoptr (GArray) files = audit_file_list (log->dir, NULL);
  audit_signed_assert (log, g_array_index (files, guint, 0));
  audit_each (log->dir, take_found, told, &error);
  g_assert_no_error (error);
  gone = look_aside (log, removed, told);
  g_assert_cmpuint (g_hash_table_size (told), ==, 0);
  audit_log_detach (log);
  return gone;
}

static void
test_kill (void)
{
  guint rounds = g_getenv ("COUNTERSIGN_LONG") != NULL ? ROUNDS_LONG : ROUNDS, all = 0, gone = 0;
  AuditLog *log = audit_log_new (FILE_SIZE);
  g_autofree char *top = g_path_get_dirname (log->dir);
  g_autofree char *removed = g_build_filename (top, "removed", NULL);

  g_assert_cmpint (g_mkdir (removed, 0700), ==, 0);
  log->head_file = g_build_filename (top, "head", NULL);
  audit_log_fill (log, 1);
  audit_log_detach (log);
  for (guint i = 1; i <= rounds + 1; i++)
    {
      g_autoptr (GHashTable) told = NULL;
      all += run_and_kill (top, i * 1000000, i > rounds ? removed : NULL, &told);
      gone += look (top, removed, told);
    }
  g_test_message ("%u records in %u rounds, %u files removed", all, rounds, gone);
  g_assert_cmpuint (all, >, rounds);
  g_assert_cmpuint (gone, >, 0);
  g_assert_cmpint (g_rmdir (removed), ==, 0);
  audit_log_free (audit_log_attach (top, FILE_SIZE));
}

int
main (int argc, char **argv)
{
  wire_init ();
  self = argv[0];
  main_thread = g_thread_self ();
  if (argc == 4 && strcmp (argv[1], "--append") == 0)
    append_for_ever (argv[2], (guint) strtoul (argv[3], NULL, 10));
  g_test_init (&argc, &argv, NULL);
  g_test_add_func (
      "/audit-kill/what was called recorded is there, or its removal is, after kill -9", test_kill);
  return g_test_run ();
}
