/* SPDX-License-Identifier: MIT
 *
 * Something is done to a log, and it shows: with the first key, without it, and against a head kept
 * elsewhere.
 */
#pragma once

#include "tests/unit/audit-log.h"

/* Four files, 30 records: 9 to 16 are the second file's, and its line 4 is record 12. */
AuditLog *audit_case_log (void);
#define AUDIT_CASE_SIZE 1600 /* of its files */

typedef struct
{
  const char *name;
  void (*tamper) (AuditLog *log);
  AuditDamage bare;   /* neither key nor head */
  AuditDamage keyed;  /* with the key, no head */
  AuditDamage headed; /* with both */
  guint64 seq;        /* where, with both */
  guint segment, line;
} AuditCase;
/* Adds a test for each of @cases, which must last. */
void audit_case_add (const char *path, const AuditCase *cases, gsize n);

void audit_case_assert (const AuditLog *log, gboolean key, gboolean head, AuditDamage damage);

/* The first @what in *@line, which must be there. */
void audit_case_replace (char **line, const char *what, const char *by);
void audit_case_remove (const AuditLog *log, guint segment);

#define NONE AUDIT_DAMAGE_NONE
#define MALFORMED AUDIT_DAMAGE_MALFORMED
#define EDITED AUDIT_DAMAGE_EDITED
#define REMOVED AUDIT_DAMAGE_REMOVED
#define REORDERED AUDIT_DAMAGE_REORDERED
#define TRUNCATED AUDIT_DAMAGE_TRUNCATED
#define REPLACED AUDIT_DAMAGE_REPLACED
#define TORN AUDIT_DAMAGE_TORN
#define FOREIGN AUDIT_DAMAGE_FOREIGN
#define FORGED AUDIT_DAMAGE_FORGED
