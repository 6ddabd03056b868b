/* SPDX-License-Identifier: MIT */
#include "broker/audit/audit-conclude.h"
#include "broker/audit/audit-file.h"

#include <string.h>

void
audit_report_damage (AuditReport *report, AuditDamage damage, guint64 seq, const char *file,
                     guint line, const char *message)
{
  char *new_file = g_strdup (file), *new_message = g_strdup (message);

  report->damage = damage;
  report->seq = seq;
  report->line = line;
  g_free (report->file);
  report->file = new_file;
  g_free (report->message);
  report->message = new_message;
}

static void
check_proof (const char *dir, const AuditProof *proof, AuditReport *report)
{
  g_autofree char *message = NULL;
  guint segment = 0;
  guint64 seq = 0;
  AuditDamage damage = audit_proof_end (proof, &segment, &seq, &message);

  if (damage == AUDIT_DAMAGE_NONE)
    return;
  g_autofree char *path = audit_file_path (dir, segment);
  audit_report_damage (report, damage, seq, path, 0, message);
}

G_GNUC_PRINTF (4, 5)
static void
report_head (AuditReport *report, AuditDamage damage, guint64 seq, const char *format, ...)
{
  va_list args;

  va_start (args, format);
  g_autofree char *message = g_strdup_vprintf (format, args);
  va_end (args);
  audit_report_damage (report, damage, seq, report->file, 0, message);
}

/* The record that is remembered elsewhere must be there. */
static void
check_head (const AuditExpect *expect, AuditReport *report)
{
  if (expect->head_hash == NULL || expect->head_seq == 0 || report->head_checked)
    return;
  if (expect->head_seq > report->last_seq)
    report_head (report, AUDIT_DAMAGE_TRUNCATED, report->last_seq + 1,
                 "the log ends with record %" G_GUINT64_FORMAT "; record %" G_GUINT64_FORMAT
                 " is remembered elsewhere",
                 report->last_seq, expect->head_seq);
  else if (expect->head_seq + 1 == report->first_seq)
    {
      report->head_checked = memcmp (report->first_prev, expect->head_hash, AUDIT_HEX_LEN) == 0;
      if (!report->head_checked)
        report_head (report, AUDIT_DAMAGE_REPLACED, report->first_seq,
                     "record %" G_GUINT64_FORMAT
                     " does not follow the one that is remembered elsewhere",
                     report->first_seq);
    }
  else if (expect->k0 == NULL)
    /* With the first key it is known that this is the log, and that it removed that record. */
    report_head (report, AUDIT_DAMAGE_REPLACED, report->first_seq,
                 "record %" G_GUINT64_FORMAT
                 ", which is remembered elsewhere, is not here any more, and the log begins with "
                 "record %" G_GUINT64_FORMAT ": use a later checkpoint, or the key",
                 expect->head_seq, report->first_seq);
}

void
audit_conclude (const char *dir, const AuditExpect *expect, const AuditProof *proof,
                AuditReport *report)
{
  audit_proof_report (proof, report);
  if (audit_damage_is_harmless (report->damage))
    check_proof (dir, proof, report);
  if (audit_damage_is_harmless (report->damage))
    check_head (expect, report);
}
