/* SPDX-License-Identifier: MIT
 *
 * Proving the trail, here or on another machine, with a key or without.
 */
#include "broker/cli/audit/cli-audit.h"

#include <string.h>

#include "broker/audit/audit-checkpoint.h"
#include "broker/cli/audit/cli-audit-key.h"
#include "broker/cli/cli-output.h"
#include "broker/cli/cli-progress.h"
#include "broker/cli/cli-prompt.h"
#include "broker/cli/cli-session.h"

/* What the trail is held against. */
typedef struct
{
  AuditExpect expect; /* borrows from the rest */
  Secret *key;
  char *public_key;
  AuditCheckpoint checkpoint;
  gboolean remembered; /* the head is a checkpoint's, not the broker's */
  json_t *head;        /* the broker's */
} Against;

static void
against_clear (Against *against)
{
  secret_free (against->key);
  g_free (against->public_key);
  json_decref (against->head);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Against, against_clear)

/* FALSE with an error; no key when none was given. */
static gboolean
read_key (const Cli *cli, const char *dir, const char *file, Against *against, GError **error)
{
  g_autoptr (Secret) passphrase = NULL;

  if (file == NULL && cli->passphrase_fd < 0)
    return TRUE;
  if (!cli_guard (error))
    return FALSE;
  if (file != NULL)
    against->key = cli_audit_key_read (file, error);
  else if ((passphrase = cli_read_passphrase (cli, error)) != NULL)
    against->key = audit_key_from_passphrase (dir, passphrase, error);
  against->expect.k0 = against->key;
  return against->key != NULL;
}

static gboolean
is_hex (const char *text)
{
  return strlen (text) == AUDIT_HEX_LEN && strspn (text, "0123456789abcdef") == AUDIT_HEX_LEN;
}

static gboolean
read_public_key (const char *option, Against *against, GError **error)
{
  if (option == NULL)
    return TRUE;
  if (is_hex (option))
    against->public_key = g_strdup (option);
  else if (!g_file_get_contents (option, &against->public_key, NULL, error))
    return FALSE;
  g_strchomp (against->public_key);
  against->expect.public_key = against->public_key;
  if (is_hex (against->public_key))
    return TRUE;
  g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_INVAL,
               "%s: is no public key: 64 hexadecimal digits, as `countersign status --json` tells "
               "them (audit.first_key)",
               option);
  return FALSE;
}

/* "SEQ:HASH", as an earlier verify told it. */
static gboolean
parse_head (const char *text, AuditExpect *expect)
{
  char *colon;

  if (!g_ascii_isdigit (*text))
    return FALSE;
  expect->head_seq = g_ascii_strtoull (text, &colon, 10);
  expect->head_hash = colon + 1;
  return *colon == ':' && expect->head_seq > 0 && expect->head_seq <= G_MAXINT64
         && is_hex (colon + 1);
}

static gboolean
read_checkpoint (const char *option, Against *against, GError **error)
{
  g_autofree char *text = NULL;
  gsize len;

  against->remembered = option != NULL;
  if (option == NULL || parse_head (option, &against->expect))
    return TRUE;
  if (!g_file_get_contents (option, &text, &len, error))
    return FALSE;
  if (len > AUDIT_CHECKPOINT_MAX)
    g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_INVAL, "%s: is no checkpoint: it is too large",
                 option);
  else if (audit_checkpoint_parse (text, len, &against->checkpoint, error))
    {
      audit_checkpoint_expect (&against->checkpoint, &against->expect);
      return TRUE;
    }
  else
    g_prefix_error (error, "%s: is no checkpoint: ", option);
  return FALSE;
}

/* What the running broker says its trail ends with, where one answers. Asked before the files are
 * read, so that they can only have grown. */
static void
ask_head (const Cli *cli, Against *against)
{
  g_autoptr (Client) client = cli_connect (cli, NULL);
  g_autoptr (json_t) status
      = client != NULL ? client_call (client, "status", NULL, -1, NULL, NULL) : NULL;

  against->head = json_incref (json_object_get (status, "audit"));
  if (against->head == NULL)
    return;
  against->expect.head_seq = (guint64) wire_integer (against->head, "seq", 0);
  against->expect.head_hash = wire_string (against->head, "hash");
  against->expect.log_id = wire_string (against->head, "log");
}

/* ---- what was found ---- */

/* The last record that somebody without the first key knows to be as it was written. */
static guint64
proven (const Against *against, const AuditReport *report)
{
  guint64 remembered = against->remembered && report->head_checked ? against->expect.head_seq : 0;

  return MAX (report->proven_seq, remembered);
}

static json_t *
report_json (const char *dir, const Against *against, const AuditReport *report)
{
  json_t *object = json_pack (
      "{s:s, s:b, s:I, s:b, s:b, s:s, s:I, s:s, s:I, s:I, s:I, s:i, s:I}", "id", dir, "sound",
      audit_damage_is_harmless (report->damage), "records", (json_int_t) report->records,
      "macs_checked", report->macs_checked, "head_checked", report->head_checked, "damage",
      audit_damage_name (report->damage), "last_seq", (json_int_t) report->last_seq, "last_hash",
      report->last_hash, "clock_warnings", (json_int_t) report->clock_warnings, "signatures",
      (json_int_t) report->signatures, "proven_seq", (json_int_t) proven (against, report),
      "first_file", (int) report->first_segment, "first_seq", (json_int_t) report->first_seq);

  if (*report->first_key != '\0')
    json_object_set_new (object, "first_key", json_string (report->first_key));
  if (report->message != NULL)
    json_object_set_new (object, "message", json_string (report->message));
  if (report->file != NULL)
    json_object_set_new (object, "place",
                         json_pack ("{s:s, s:I, s:I}", "file", report->file, "line",
                                    (json_int_t) report->line, "seq", (json_int_t) report->seq));
  return object;
}

static void
print_signatures (const Against *against, const AuditReport *report)
{
  guint64 sure = proven (against, report);

  if (sure > 0 && sure >= report->last_seq)
    cli_line ("Signatures", "every record is proven");
  else if (sure > 0)
    cli_line ("Signatures",
              "proven up to record %" G_GUINT64_FORMAT ": the last %" G_GUINT64_FORMAT
              " are not signed yet",
              sure, report->last_seq - sure);
  else if (against->public_key != NULL || *against->checkpoint.key != '\0')
    cli_line ("Signatures", "nothing is signed yet by the key given: nothing is proven");
  else if (report->signatures > 0)
    cli_line ("Signatures",
              "%" G_GUINT64_FORMAT " fit the trail's own keys: --public-key or --checkpoint proves "
              "them",
              report->signatures);
  else
    cli_line ("Signatures", "no file is closed and signed yet");
}

static void
print_head (const Against *against, const AuditReport *report)
{
  const char *whose = against->remembered ? "the checkpoint's record" : "the broker's last record";

  if (against->expect.head_seq == 0)
    cli_line ("Head", "not checked: no broker runs, and no --checkpoint");
  else if (report->head_checked)
    cli_line ("Head", "checked: %s, %" G_GUINT64_FORMAT ", is there", whose,
              against->expect.head_seq);
  else
    cli_line ("Head", "%s, %" G_GUINT64_FORMAT ", is not there", whose, against->expect.head_seq);
}

static const char *
verdict (const Against *against, const AuditReport *report)
{
  if (!audit_damage_is_harmless (report->damage))
    return "THE TRAIL DOES NOT HOLD";
  return report->macs_checked || proven (against, report) > 0
             ? "the trail holds"
             : "the trail holds together, but nothing proves it";
}

static void
print_report (const char *dir, const Against *against, const AuditReport *report)
{
  gboolean sound = audit_damage_is_harmless (report->damage);

  cli_line ("Trail", "%s", dir);
  if (report->first_segment > 1)
    cli_line ("Begins", "with record %" G_GUINT64_FORMAT ", in file %u", report->first_seq,
              report->first_segment);
  cli_line (sound ? "Records" : "Sound", "%" G_GUINT64_FORMAT "%s", report->records,
            sound ? "" : " records before the damage");
  cli_line ("MACs", "%s",
            report->macs_checked ? "checked" : "MACs not checked: give --passphrase-fd or --key");
  if (sound)
    print_signatures (against, report);
  print_head (against, report);
  if (report->clock_warnings > 0)
    cli_line ("Clock", "went back before %" G_GUINT64_FORMAT " records", report->clock_warnings);
  if (report->damage != AUDIT_DAMAGE_NONE)
    cli_line ("Damage", "%s: %s", audit_damage_name (report->damage),
              report->message != NULL ? report->message : "");
  if (report->damage != AUDIT_DAMAGE_NONE && report->file != NULL)
    cli_line ("Place", report->line > 0 ? "%s, line %u" : "%s", report->file, report->line);
  /* What is to be kept, only of what is worth it. */
  if (sound && *report->first_key != '\0')
    cli_line ("Public key", "%s", report->first_key);
  if (sound)
    cli_line ("Checkpoint", "%" G_GUINT64_FORMAT ":%s", report->last_seq, report->last_hash);
  cli_line ("Verdict", "%s", verdict (against, report));
}

static gboolean
on_progress (guint64 bytes, guint64 of_bytes, guint64 records, gpointer user)
{
  return cli_progress_tell (user, bytes, of_bytes, records);
}

static CliStatus
verify (const Cli *cli, const char *dir, Against *against)
{
  CliProgress *progress = cli_progress_new (cli, "records");
  GError *error = NULL;
  AuditReport report;

  against->expect.progress = on_progress;
  against->expect.user = progress;
  gboolean read = audit_verify_dir (dir, &against->expect, &report, &error);
  cli_progress_free (progress);
  if (!read)
    return cli_fail (cli, error);
  if (cli->json)
    {
      g_autoptr (json_t) object = report_json (dir, against, &report);
      cli_json (object);
    }
  else
    print_report (dir, against, &report);
  CliStatus status = audit_damage_is_harmless (report.damage) ? CLI_DONE : CLI_FAILED;
  audit_report_clear (&report);
  return status;
}

CliStatus
cli_audit_verify (Cli *cli)
{
  g_autofree char *key_file = NULL, *public_key = NULL, *checkpoint = NULL;
  g_auto (CliTrail) ours = { 0 };
  g_auto (Against) against = { 0 };
  const GOptionEntry entries[]
      = { { "key", 0, 0, G_OPTION_ARG_FILENAME, &key_file, "Check MACs with this exported key",
            "FILE" },
          { "public-key", 0, 0, G_OPTION_ARG_FILENAME, &public_key,
            "Check signatures from this key on, which can forge none", "HEX|FILE" },
          { "checkpoint", 0, 0, G_OPTION_ARG_FILENAME, &checkpoint,
            "What must be there, as audit export --checkpoint wrote it, or an earlier verify "
            "told it",
            "FILE|SEQ:HASH" },
          G_OPTION_ENTRY_NULL };
  GError *error = NULL;

  if (!cli_options (cli, entries, 0, 1))
    return cli->status;
  if (!read_public_key (public_key, &against, &error)
      || !read_checkpoint (checkpoint, &against, &error))
    return cli_fail (cli, error);
  if (checkpoint == NULL && cli->n_args == 0)
    ask_head (cli, &against);
  if (cli->n_args == 0 && !cli_trail_open (cli, &ours, &error))
    return cli_fail (cli, error);
  const char *dir = cli->n_args == 1 ? cli->args[0] : ours.dir;
  if (!read_key (cli, dir, key_file, &against, &error))
    return cli_fail (cli, error);
  return verify (cli, dir, &against);
}
