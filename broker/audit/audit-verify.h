/* SPDX-License-Identifier: MIT
 *
 * Reading an audit log that somebody else may have written: verifying and listing. Needs no broker.
 *
 * What verifying does not prove. Without the first key and without a public key, who can write the
 * log can rewrite it whole. With the first key, records can still be taken off the end, which shows
 * only against a head or a checkpoint kept elsewhere; and who took the running broker holds the key
 * of all that comes after. With a public key that is so for what no signature closes yet.
 */
#pragma once

#include "broker/audit/audit-line.h"
#include "broker/base/crypt.h"

#include <jansson.h>

typedef enum
{
  AUDIT_DAMAGE_NONE = 0,
  AUDIT_DAMAGE_MALFORMED, /* not a record */
  AUDIT_DAMAGE_EDITED,    /* MAC or hash does not fit its own bytes */
  AUDIT_DAMAGE_REMOVED,   /* sequence jumps, or a file is missing */
  AUDIT_DAMAGE_REORDERED,
  AUDIT_DAMAGE_TRUNCATED, /* ends before the head or checkpoint */
  AUDIT_DAMAGE_REPLACED,  /* not the log that the key or checkpoint is of, or begins anew */
  AUDIT_DAMAGE_TORN,      /* last record incomplete: a crash, not tampering */
  AUDIT_DAMAGE_CLOCK,     /* time went back between two records: a warning */
  AUDIT_DAMAGE_FOREIGN,   /* a record or a file of another log */
  AUDIT_DAMAGE_FORGED /* a signature does not fit, or a file is not signed by the key it must be */
} AuditDamage;
const char *audit_damage_name (AuditDamage damage);
/* TRUE for what happens to an honest log: NONE, TORN, CLOCK. */
gboolean audit_damage_is_harmless (AuditDamage damage);

/* Where an export begins that leaves out the files before. */
typedef struct
{
  guint segment;
  guint64 seq;      /* of its first record */
  const char *prev; /* that this names: AUDIT_HEX_LEN characters */
  const char *key;  /* public key of the file; NULL: it is of format 1 */
} AuditBegin;

/* Now and then, on the calling thread; FALSE ends the verifying with AUDIT_ERROR_STOPPED. */
typedef gboolean (*AuditProgress) (guint64 bytes, guint64 of_bytes, guint64 records, gpointer user);

/* What the log is held against; each may be missing. */
typedef struct
{
  const Secret *k0; /* NULL: chain, sequence and signatures only */
  const char *log_id;
  guint64 head_seq;       /* 0: none. A record that must be there… */
  const char *head_hash;  /* …and the SHA-256 of its line, hex */
  const char *public_key; /* hex: of a file that must be there, which proves what is closed from
                             then on and, by the links, all before */
  const char *head_key;   /* the same, of the file that signs what comes behind that record */
  AuditBegin begins; /* segment 0: with file 1, or behind files that the log says were removed */
  AuditProgress progress;
  gpointer user;
} AuditExpect;

typedef struct
{
  guint64 records;
  gboolean macs_checked, head_checked;
  AuditDamage damage; /* the first found that is not harmless; else the first harmless one */
  guint64 seq;        /* where */
  char *file;
  guint line;
  char *message; /* in words */
  guint64 clock_warnings;
  guint64 signatures; /* that fit the keys that the log itself names */
  guint64 proven_seq; /* the last record that a signature proves to who has the key; 0: none */

  /* Where it begins and ends, for a checkpoint. Keys are "" in files of format 1. */
  char *log_id; /* NULL: no record was sound */
  guint first_segment, last_segment;
  guint64 first_seq, last_seq;
  char first_prev[AUDIT_HEX_LEN + 1], last_hash[AUDIT_HEX_LEN + 1];
  char first_key[AUDIT_HEX_LEN + 1];
  char next_key[AUDIT_HEX_LEN + 1]; /* that signs what comes behind the last record */
  char last_time[AUDIT_TIME_LEN + 1];
} AuditReport;
void audit_report_clear (AuditReport *report);

/* All segments of @dir in order, up to the first damage. FALSE with an error only when the log
 * cannot be read, or was stopped; @report is then not set. Uses all cores, and locked memory for
 * keys. @expect may be NULL. */
gboolean audit_verify_dir (const char *dir, const AuditExpect *expect, AuditReport *report,
                           GError **error);

/* K₀ from the key file beside the log (DIR/key), with the passphrase; blocks (Argon2id). */
Secret *audit_key_from_passphrase (const char *dir, const Secret *passphrase, GError **error);

/* Each record of @dir in order; @each returns FALSE to stop. A record is not checked beyond being
 * one. A torn end is passed over; anything else that is no record is an error. */
typedef gboolean (*AuditEach) (const AuditLine *scanned, const char *line, gsize len,
                               gpointer user);
gboolean audit_each (const char *dir, AuditEach each, gpointer user, GError **error);
/* One line strictly as a record; the caller owns it. (result == NULL) == (error != NULL). */
json_t *audit_parse_line (const char *line, gsize len, GError **error);
