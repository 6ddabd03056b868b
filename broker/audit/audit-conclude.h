/* SPDX-License-Identifier: MIT
 *
 * What only the whole log tells, once its records were checked one by one: of which kind the first
 * damage most likely is, whether files are missing at the front, and whether what is remembered
 * elsewhere is there.
 */
#pragma once

#include "broker/audit/audit-chain.h"
#include "broker/audit/audit-proof.h"

/* Puts it in @report in place of what is there; strings are copied, and @file may be the report's
 * own. */
void audit_report_damage (AuditReport *report, AuditDamage damage, guint64 seq, const char *file,
                          guint line, const char *message);
/* @report tells of a record whose number, MAC or link does not fit. Finds out whether it was
 * changed, or is of another place or log; for that the log is read again. */
void audit_cause_find (const char *dir, const AuditExpect *expect, AuditHasher *hasher,
                       AuditReport *report);
/* Fills in what @proof knows. */
void audit_conclude (const char *dir, const AuditExpect *expect, const AuditProof *proof,
                     AuditReport *report);
