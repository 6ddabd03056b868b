/* SPDX-License-Identifier: MIT */
#include "broker/audit/audit-verify.h"

const char *
audit_damage_name (AuditDamage damage)
{
  static const char *const names[]
      = { [AUDIT_DAMAGE_NONE] = "none",           [AUDIT_DAMAGE_MALFORMED] = "malformed",
          [AUDIT_DAMAGE_EDITED] = "edited",       [AUDIT_DAMAGE_REMOVED] = "removed",
          [AUDIT_DAMAGE_REORDERED] = "reordered", [AUDIT_DAMAGE_TRUNCATED] = "truncated",
          [AUDIT_DAMAGE_REPLACED] = "replaced",   [AUDIT_DAMAGE_TORN] = "torn",
          [AUDIT_DAMAGE_CLOCK] = "clock",         [AUDIT_DAMAGE_FOREIGN] = "another-log",
          [AUDIT_DAMAGE_FORGED] = "signature" };

  return damage < G_N_ELEMENTS (names) ? names[damage] : "unknown";
}

gboolean
audit_damage_is_harmless (AuditDamage damage)
{
  return damage == AUDIT_DAMAGE_NONE || damage == AUDIT_DAMAGE_TORN || damage == AUDIT_DAMAGE_CLOCK;
}

void
audit_report_clear (AuditReport *report)
{
  g_clear_pointer (&report->file, g_free);
  g_clear_pointer (&report->message, g_free);
  g_clear_pointer (&report->log_id, g_free);
}
