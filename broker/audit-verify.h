/* SPDX-License-Identifier: MIT
 *
 * Reading an audit log that somebody else may have written: verifying and listing. Needs no broker; used by the
 * command line and by the broker at opening.
 */
#pragma once

#include <jansson.h>

#include "broker/crypt.h"

typedef enum
{
  AUDIT_DAMAGE_NONE = 0,
  AUDIT_DAMAGE_MALFORMED,  /* not a record */
  AUDIT_DAMAGE_EDITED,     /* MAC or hash does not fit its own bytes */
  AUDIT_DAMAGE_REMOVED,    /* sequence jumps */
  AUDIT_DAMAGE_REORDERED,
  AUDIT_DAMAGE_TRUNCATED,  /* ends before the head or checkpoint */
  AUDIT_DAMAGE_REPLACED,   /* another log, or begins anew */
  AUDIT_DAMAGE_TORN,       /* last record incomplete: a crash; not tampering */
  AUDIT_DAMAGE_CLOCK       /* time went back between two records: a warning */
} AuditDamage;
const char *audit_damage_name (AuditDamage damage);

typedef struct
{
  guint64 records;
  gboolean macs_checked;
  AuditDamage damage;     /* the first found */
  guint64 seq;            /* where */
  char *file;
  guint line;
  char *message;          /* in words */
  guint64 clock_warnings;
  char last_hash[65];
  guint64 last_seq;
} AuditReport;
void audit_report_clear (AuditReport *report);

/* All segments of @dir in order. @k0 NULL: chain and sequence only. */
gboolean audit_verify_dir (const char *dir, const Secret *k0, AuditReport *report, GError **error);

/* K₀ from the key file beside the log, with the passphrase; blocks (Argon2id). */
Secret *audit_key_from_passphrase (const char *dir, const Secret *passphrase, GError **error);

/* Each record of @dir in order; @each returns FALSE to stop. The line is not checked beyond being a record. */
typedef gboolean (*AuditEach) (const json_t *record, const char *line, gsize len, gpointer user);
gboolean audit_each (const char *dir, AuditEach each, gpointer user, GError **error);
/* One line strictly as a record; for the fuzz target: (result == NULL) == (error != NULL). */
json_t *audit_parse_line (const char *line, gsize len, GError **error);
