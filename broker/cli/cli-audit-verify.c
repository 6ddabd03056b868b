/* SPDX-License-Identifier: MIT
 *
 * Proving the trail, here or on another machine, with a key or without.
 */
#include "broker/cli/cli-audit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "broker/audit/audit-verify.h"
#include "broker/cli/cli-output.h"
#include "broker/cli/cli-prompt.h"
#include "broker/cli/cli-session.h"

#define KEY_HEX (2 * CRYPT_KEY_LEN)

/* The file that export-key writes: 64 hexadecimal digits. */
static Secret *
read_key_file (const char *path, GError **error)
{
  int fd = open (path, O_RDONLY | O_CLOEXEC);

  if (fd < 0)
    {
      g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (errno), "%s: %s", path,
                   g_strerror (errno));
      return NULL;
    }
  g_autoptr (Secret) text = secret_read_fd (fd, KEY_HEX + 2, error);
  close (fd);
  if (text == NULL)
    return NULL;
  Secret *key = secret_new (CRYPT_KEY_LEN, error);
  if (key == NULL)
    return NULL;
  gsize len = secret_len (text);
  if (len > 0 && secret_peek (text)[len - 1] == '\n')
    len--;
  if (len == KEY_HEX && audit_unhex ((const char *) secret_peek (text), secret_data (key)))
    return key;
  g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_INVAL,
               "%s: is no key; `countersign audit export-key` writes one", path);
  secret_free (key);
  return NULL;
}

/* FALSE with an error; *key stays NULL when none was given. */
static gboolean
read_key (const Cli *cli, const char *dir, const char *file, Secret **key, GError **error)
{
  if (file == NULL && cli->passphrase_fd < 0)
    return TRUE;
  if (!cli_guard (error))
    return FALSE;
  if (file != NULL)
    *key = read_key_file (file, error);
  else
    {
      g_autoptr (Secret) passphrase = cli_read_passphrase (cli, error);
      *key = passphrase != NULL ? audit_key_from_passphrase (dir, passphrase, error) : NULL;
    }
  return *key != NULL;
}

/* "SEQ:HASH", as `status --json` and an earlier verify tell it. */
static gboolean
parse_checkpoint (const char *text, AuditExpect *expect)
{
  guint8 hash[AUDIT_HASH_LEN];
  char *colon;

  expect->head_seq = g_ascii_strtoull (text, &colon, 10);
  expect->head_hash = colon + 1;
  return colon != text && *colon == ':' && expect->head_seq > 0
         && strlen (colon + 1) == AUDIT_HEX_LEN && audit_unhex (colon + 1, hash);
}

/* What the running broker says its trail ends with; NULL where none answers. Asked before the files
 * are read, so that they can only have grown. */
static json_t *
ask_head (const Cli *cli)
{
  g_autoptr (Client) client = cli_connect (cli, NULL);
  g_autoptr (json_t) status
      = client != NULL ? client_call (client, "status", NULL, -1, NULL, NULL) : NULL;

  return json_incref (json_object_get (status, "audit"));
}

static void
print_report (const Cli *cli, const char *dir, const AuditReport *report, gboolean head)
{
  gboolean sound = audit_damage_is_harmless (report->damage);

  if (cli->json)
    {
      g_autoptr (json_t) object = json_pack (
          "{s:s, s:b, s:I, s:b, s:b, s:s, s:I, s:s, s:I}", "id", dir, "sound", sound, "records",
          (json_int_t) report->records, "macs_checked", report->macs_checked, "head_checked", head,
          "damage", audit_damage_name (report->damage), "last_seq", (json_int_t) report->last_seq,
          "last_hash", report->last_hash, "clock_warnings", (json_int_t) report->clock_warnings);
      if (report->message != NULL)
        json_object_set_new (object, "message", json_string (report->message));
      if (report->file != NULL)
        json_object_set_new (object, "place",
                             json_pack ("{s:s, s:I, s:I}", "file", report->file, "line",
                                        (json_int_t) report->line, "seq",
                                        (json_int_t) report->seq));
      cli_json (object);
      return;
    }
  cli_line ("Trail", "%s", dir);
  cli_line ("Records", "%" G_GUINT64_FORMAT, report->records);
  cli_line ("MACs", "%s",
            report->macs_checked ? "checked" : "MACs not checked: give --passphrase-fd or --key");
  cli_line ("Head", "%s", head ? "checked" : "not checked: no broker runs, and no --checkpoint");
  if (report->clock_warnings > 0)
    cli_line ("Clock", "went back before %" G_GUINT64_FORMAT " records", report->clock_warnings);
  if (report->damage != AUDIT_DAMAGE_NONE)
    cli_line ("Damage", "%s: %s", audit_damage_name (report->damage),
              report->message != NULL ? report->message : "");
  cli_line ("Checkpoint", "%" G_GUINT64_FORMAT ":%s", report->last_seq, report->last_hash);
  cli_line ("Verdict", "%s", sound ? "the trail holds" : "THE TRAIL DOES NOT HOLD");
}

CliStatus
cli_audit_verify (Cli *cli)
{
  g_autofree char *key_file = NULL, *checkpoint = NULL;
  g_auto (CliTrail) ours = { 0 };
  const GOptionEntry entries[]
      = { { "key", 0, 0, G_OPTION_ARG_FILENAME, &key_file, "Check MACs with this exported key",
            "FILE" },
          { "checkpoint", 0, 0, G_OPTION_ARG_FILENAME, &checkpoint,
            "A record that must be there, as an earlier verify told it", "SEQ:HASH" },
          G_OPTION_ENTRY_NULL };
  g_autoptr (Secret) key = NULL;
  g_autoptr (json_t) head = NULL;
  AuditExpect expect = { 0 };
  AuditReport report;
  GError *error = NULL;

  if (!cli_options (cli, entries, 0, 1))
    return cli->status;
  if (checkpoint != NULL && !parse_checkpoint (checkpoint, &expect))
    return cli_usage (cli, "--checkpoint: “%s” is not SEQ:HASH", checkpoint);
  if (checkpoint == NULL && cli->n_args == 0 && (head = ask_head (cli)) != NULL)
    {
      expect.head_seq = wire_integer (head, "seq", 0);
      expect.head_hash = wire_string (head, "hash");
    }
  if (cli->n_args == 0 && !cli_trail_open (cli, &ours, &error))
    return cli_fail (cli, error);
  const char *dir = cli->n_args == 1 ? cli->args[0] : ours.dir;
  if (!read_key (cli, dir, key_file, &key, &error))
    return cli_fail (cli, error);
  expect.k0 = key;
  if (!audit_verify_dir (dir, &expect, &report, &error))
    return cli_fail (cli, error);
  print_report (cli, dir, &report, expect.head_seq > 0);
  CliStatus status = audit_damage_is_harmless (report.damage) ? CLI_DONE : CLI_FAILED;
  audit_report_clear (&report);
  return status;
}

/* ---- export-key ---- */

static gboolean
write_key (int fd, const Secret *key, GError **error)
{
  g_autoptr (Secret) text = secret_new (KEY_HEX + 1, error);

  if (text == NULL)
    return FALSE;
  audit_hex (secret_peek (key), (char *) secret_data (text));
  secret_data (text)[KEY_HEX] = '\n';
  if (write (fd, secret_peek (text), KEY_HEX + 1) == KEY_HEX + 1)
    return TRUE;
  g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (errno), "the key: %s",
               g_strerror (errno));
  return FALSE;
}

CliStatus
cli_audit_export_key (Cli *cli)
{
  g_autofree char *output = NULL;
  g_auto (CliTrail) trail = { 0 };
  const GOptionEntry entries[]
      = { { "output", 'o', 0, G_OPTION_ARG_FILENAME, &output,
            "A new file (0600); without it to standard output, unless that is a terminal", "FILE" },
          G_OPTION_ENTRY_NULL };
  g_autoptr (Secret) passphrase = NULL, key = NULL;
  GError *error = NULL;

  if (!cli_options (cli, entries, 0, 0))
    return cli->status;
  if (output == NULL && isatty (STDOUT_FILENO))
    return cli_usage (cli, "the key is not shown on a terminal; name a file with --output");
  if (!cli_guard (&error) || !cli_trail_open (cli, &trail, &error)
      || (passphrase = cli_read_passphrase (cli, &error)) == NULL
      || (key = audit_key_from_passphrase (trail.dir, passphrase, &error)) == NULL)
    return cli_fail (cli, error);
  /* Never over a file that is there: it may be the key of another trail. */
  int fd = output == NULL
               ? dup (STDOUT_FILENO)
               : open (output, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0)
    return cli_say_error (cli, "%s: %s", output != NULL ? output : "standard output",
                          g_strerror (errno));
  gboolean written = write_key (fd, key, &error);
  close (fd);
  return written ? CLI_DONE : cli_fail (cli, error);
}
