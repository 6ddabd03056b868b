/* SPDX-License-Identifier: MIT
 *
 * A process that appends without rest is killed at any moment, again and again: what it has called
 * recorded must be there, and the log must open and verify.
 *
 * COUNTERSIGN_LONG=1 kills ten times as often.
 */
#include "tests/unit/audit-log.h"

#include "broker/base/wire.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define FILE_SIZE 50000
#define ROUNDS 30

static const char *self;

/* --- The process that is killed --- */

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
  for (guint n = first;;)
    {
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

/* How many were told. */
static guint
run_and_kill (const char *top, guint first, GHashTable **told)
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
  if (g_test_rand_int_range (0, 4) > 0)
    read_one (out, *told);
  g_usleep ((gulong) g_test_rand_int_range (0, 20000));
  kill (pid, SIGKILL);
  waitpid (pid, NULL, 0);
  while (read_one (out, *told))
    ;
  close (out);
  return g_hash_table_size (*told);
}

static void
look (const char *top, GHashTable *told)
{
  g_autoptr (GError) error = NULL;
  AuditLog *log = audit_log_attach (top, FILE_SIZE);

  audit_log_open (log, &error);
  g_assert_no_error (error);
  audit_log_assert_sound (log);
  audit_each (log->dir, take_found, told, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_hash_table_size (told), ==, 0);
  audit_log_detach (log);
}

static void
test_kill (void)
{
  guint rounds = g_getenv ("COUNTERSIGN_LONG") != NULL ? 10 * ROUNDS : ROUNDS, all = 0;
  AuditLog *log = audit_log_new (FILE_SIZE);
  g_autofree char *top = g_path_get_dirname (log->dir);

  log->head_file = g_build_filename (top, "head", NULL);
  audit_log_fill (log, 1);
  audit_log_detach (log);
  for (guint i = 1; i <= rounds; i++)
    {
      g_autoptr (GHashTable) told = NULL;
      all += run_and_kill (top, i * 1000000, &told);
      look (top, told);
    }
  g_test_message ("%u records in %u rounds", all, rounds);
  g_assert_cmpuint (all, >, rounds);
  audit_log_free (audit_log_attach (top, FILE_SIZE));
}

int
main (int argc, char **argv)
{
  wire_init ();
  self = argv[0];
  if (argc == 4 && strcmp (argv[1], "--append") == 0)
    append_for_ever (argv[2], (guint) strtoul (argv[3], NULL, 10));
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/audit-kill/what was called recorded is there after kill -9", test_kill);
  return g_test_run ();
}
