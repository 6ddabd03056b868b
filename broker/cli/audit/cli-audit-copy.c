/* SPDX-License-Identifier: MIT
 *
 * MUST
 *  - copy no first key unasked: who has it and the passphrase can forge
 *  - write into a new folder of ours alone, and nowhere else
 */
#include "broker/cli/audit/cli-audit-copy.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "broker/audit/audit-checkpoint.h"
#include "broker/audit/audit-file.h"
#include "broker/base/text.h"
#include "broker/base/wire.h"
#include "broker/cli/audit/cli-audit-time.h"
#include "broker/cli/audit/cli-audit.h"
#include "broker/cli/cli-new-file.h"
#include "broker/cli/cli-output.h"
#include "broker/cli/cli-progress.h"
#include "broker/cli/cli-prompt.h"
#include "broker/cli/cli-session.h"

/* How a file begins. */
typedef struct
{
  guint number;
  guint64 seq;
  char time[AUDIT_TIME_LEN + 1], prev[AUDIT_HEX_LEN + 1], key[AUDIT_HEX_LEN + 1];
} File;

/* ---- the last file is closed, so that all that is copied is signed ---- */

/* The number of the last file that is whole. */
static gboolean
ask_to_close (Client *client, guint *last, GError **error)
{
  g_autoptr (json_t) result = client_call (client, "audit_close", NULL, -1, NULL, error);

  *last = (guint) wire_integer (result, "segment", 0);
  return result != NULL;
}

/* Where it cannot be done, says so, and @last is 0: all that is there is copied. FALSE with an
 * error when the broker was asked and refused. */
static gboolean
close_last (const Cli *cli, const CliTrail *trail, guint *last, GError **error)
{
  g_autoptr (GError) trouble = NULL;
  g_autoptr (Client) client = NULL;

  *last = 0;
  if (trail->client != NULL)
    return ask_to_close (trail->client, last, error);
  if (cli->pin_fd < 0 && !cli_has_terminal ())
    trouble = g_error_new_literal (CLI_PROMPT_ERROR, CLI_PROMPT_ERROR_NO_TERMINAL,
                                   "the PIN is needed: --pin-fd");
  else
    client = cli_connect_with_pin (cli, NULL, &trouble);
  if (client != NULL)
    return ask_to_close (client, last, error);
  if (trouble->domain == CLIENT_ANSWER_ERROR && trouble->code == CLI_ANSWER_REFUSED)
    {
      g_propagate_error (error, g_steal_pointer (&trouble));
      return FALSE;
    }
  g_printerr ("The last file is copied as it is, and not signed: %s\n", trouble->message);
  return TRUE;
}

/* ---- which files ---- */

/* FALSE without an error: there is no record in it. */
static gboolean
peek (const char *dir, guint number, File *file, GError **error)
{
  g_autofree char *path = audit_file_path (dir, number);
  struct stat st;
  int fd = audit_file_open (path, &st, error);
  const char *line, *key;
  AuditLine scanned;
  gsize len;

  *file = (File){ .number = number };
  if (fd < 0)
    return FALSE;
  g_autoptr (AuditReader) reader = audit_reader_new (fd, 0);
  if (audit_reader_next (reader, &line, &len, error) != AUDIT_READ_LINE
      || !audit_line_scan (line, len, &scanned))
    return FALSE;
  g_autoptr (json_t) record = audit_parse_line (line, len, NULL);
  file->seq = scanned.seq;
  memcpy (file->time, scanned.time, AUDIT_TIME_LEN);
  memcpy (file->prev, scanned.prev, AUDIT_HEX_LEN);
  if ((key = wire_string (record, "key")) != NULL)
    g_strlcpy (file->key, key, sizeof file->key);
  return TRUE;
}

static GArray *
list_files (const char *dir, guint last, GError **error)
{
  g_autoptr (GArray) numbers = audit_file_list (dir, error);
  g_autoptr (GArray) files = g_array_new (FALSE, FALSE, sizeof (File));

  for (guint i = 0; numbers != NULL && i < numbers->len; i++)
    {
      guint number = g_array_index (numbers, guint, i);
      g_autoptr (GError) trouble = NULL;
      File file;
      if (last > 0 && number > last)
        break;
      if (!peek (dir, number, &file, &trouble) && trouble != NULL)
        {
          g_propagate_error (error, g_steal_pointer (&trouble));
          return NULL;
        }
      g_array_append_val (files, file);
    }
  return numbers != NULL ? g_steal_pointer (&files) : NULL;
}

/* Whole files, so that each is signed; none is left out between the first and the last of that
 * time. */
static gboolean
choose (GArray *files, const char *since, const char *until, GError **error)
{
  guint first = 0, end = files->len;

  while (since != NULL && first + 1 < files->len
         && strcmp (g_array_index (files, File, first + 1).time, since) < 0)
    first++;
  while (until != NULL && end > first
         && strcmp (g_array_index (files, File, end - 1).time, until) > 0)
    end--;
  g_array_set_size (files, end);
  g_array_remove_range (files, 0, MIN (first, files->len));
  if (files->len > 0)
    return TRUE;
  g_set_error_literal (error, G_FILE_ERROR, G_FILE_ERROR_NOENT,
                       "the trail has no file of that time");
  return FALSE;
}

/* ---- copying ---- */

static gboolean
set_errno (GError **error, const char *path)
{
  g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (errno), "%s: %s", path,
               g_strerror (errno));
  return FALSE;
}

static gboolean
copy_bytes (int from, const char *from_path, int to, const char *to_path, GError **error)
{
  g_autofree char *data = g_malloc (256 * 1024);
  gssize n;

  while ((n = read (from, data, 256 * 1024)) > 0)
    for (gssize done = 0, part; done < n; done += part)
      if ((part = write (to, data + done, (gsize) (n - done))) < 0)
        return set_errno (error, to_path);
  if (n < 0)
    return set_errno (error, from_path);
  return fsync (to) == 0 || set_errno (error, to_path);
}

static gboolean
copy_file (const char *from_dir, const char *to_dir, const char *name, GError **error)
{
  g_autofree char *from_path = g_build_filename (from_dir, name, NULL);
  g_autofree char *to_path = g_build_filename (to_dir, name, NULL);
  struct stat st;
  int from = audit_file_open (from_path, &st, error), to;
  gboolean copied;

  if (from < 0)
    return FALSE;
  to = open (to_path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  copied = to >= 0 ? copy_bytes (from, from_path, to, to_path, error) : set_errno (error, to_path);
  close (from);
  if (to >= 0)
    close (to);
  return copied;
}

static gboolean
sync_dir (const char *dir, GError **error)
{
  int fd = open (dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  gboolean synced = fd >= 0 && fsync (fd) == 0;

  if (!synced)
    set_errno (error, dir);
  if (fd >= 0)
    close (fd);
  return synced;
}

static gboolean
copy_all (const char *from, const char *to, const GArray *files, gboolean with_key, GError **error)
{
  if (mkdir (to, 0700) != 0)
    return set_errno (error, to);
  for (guint i = 0; i < files->len; i++)
    {
      g_autofree char *path = audit_file_path (to, g_array_index (files, File, i).number);
      g_autofree char *name = g_path_get_basename (path);
      if (!copy_file (from, to, name, error))
        return FALSE;
    }
  return !with_key || copy_file (from, to, "key", error);
}

/* ---- what was copied ---- */

static gboolean
on_progress (guint64 bytes, guint64 of_bytes, guint64 records, gpointer user)
{
  return cli_progress_tell (user, bytes, of_bytes, records);
}

/* The chain of what was copied, so that no checkpoint vouches for a trail that does not hold. */
static gboolean
check (const Cli *cli, const char *dir, const File *first, AuditReport *report, GError **error)
{
  g_autoptr (CliProgress) progress = cli_progress_new (cli, "records");
  const AuditExpect expect = { .begins = { .segment = first->number,
                                           .seq = first->seq,
                                           .prev = first->prev,
                                           .key = *first->key != '\0' ? first->key : NULL },
                               .progress = on_progress,
                               .user = progress };

  return audit_verify_dir (dir, &expect, report, error);
}

static void
print_copy (const Cli *cli, const char *dir, const GArray *files, const AuditReport *report,
            const char *path)
{
  if (cli->json)
    {
      g_autoptr (json_t) object = json_pack (
          "{s:s, s:i, s:I, s:I, s:I, s:s}", "id", dir, "files", (int) files->len, "records",
          (json_int_t) report->records, "first_seq", (json_int_t) report->first_seq, "last_seq",
          (json_int_t) report->last_seq, "checkpoint", path);
      cli_json (object);
      return;
    }
  cli_line ("Copied", "%u files, records %" G_GUINT64_FORMAT " to %" G_GUINT64_FORMAT, files->len,
            report->first_seq, report->last_seq);
  cli_line ("Signatures", "%" G_GUINT64_FORMAT, report->signatures);
  cli_line ("Checkpoint", "%s: keep a copy where the files are not", path);
  cli_line ("To prove it", "countersign audit verify --checkpoint %s %s", path, dir);
}

static CliStatus
finish (const Cli *cli, const char *dir, const GArray *files, const AuditReport *report)
{
  g_autofree char *path = g_build_filename (dir, "checkpoint", NULL);
  g_autofree char *now = text_format_time (g_get_real_time ());
  AuditCheckpoint checkpoint;
  GError *error = NULL;

  if (!audit_damage_is_harmless (report->damage)
      || !audit_checkpoint_take (&checkpoint, report, now))
    return cli_say_error (cli,
                          "the files were copied to %s, but the trail does not hold, so no "
                          "checkpoint vouches for it: %s: %s",
                          dir, audit_damage_name (report->damage), report->message);
  g_autofree char *text = audit_checkpoint_print (&checkpoint);
  if (!cli_new_file (path, text, strlen (text), FALSE, &error) || !sync_dir (dir, &error))
    return cli_fail (cli, error);
  print_copy (cli, dir, files, report, path);
  return CLI_DONE;
}

static gboolean
parse_times (const CliCopy *copy, char **since, char **until, GError **error)
{
  gint64 now = g_get_real_time ();

  return (copy->since == NULL || (*since = cli_audit_time (copy->since, FALSE, now, error)) != NULL)
         && (copy->until == NULL
             || (*until = cli_audit_time (copy->until, TRUE, now, error)) != NULL);
}

CliStatus
cli_audit_copy (Cli *cli, const char *dir, const CliCopy *copy)
{
  g_autofree char *since = NULL, *until = NULL;
  g_auto (CliTrail) trail = { 0 };
  g_autoptr (GArray) files = NULL;
  AuditReport report;
  GError *error = NULL;
  guint last;

  if (!parse_times (copy, &since, &until, &error))
    {
      CliStatus status = cli_usage (cli, "%s", error->message);
      g_error_free (error);
      return status;
    }
  if (!cli_trail_open (cli, &trail, &error) || !close_last (cli, &trail, &last, &error)
      || (files = list_files (trail.dir, last, &error)) == NULL
      || !choose (files, since, until, &error)
      || !copy_all (trail.dir, dir, files, copy->with_key, &error)
      || !check (cli, dir, &g_array_index (files, File, 0), &report, &error))
    return cli_fail (cli, error);
  CliStatus status = finish (cli, dir, files, &report);
  audit_report_clear (&report);
  return status;
}
