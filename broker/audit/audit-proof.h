/* SPDX-License-Identifier: MIT
 *
 * What binds the files of a log: each begins by naming its public key, each closed one ends with a
 * signature over what is in it and the key of the next, and those that are missing at the front
 * must have been removed by the log's own word.
 *
 * MUST
 *  - take no file for signed whose closing record the key before it does not vouch for
 *  - say of no record that it is proven unless a key is known that the log did not name itself
 */
#pragma once

#include "broker/audit/audit-verify.h"

/* A record that says something of the files themselves. */
typedef struct
{
  guint64 seq;
  guint line; /* in its file, from 1 */
  char prev[AUDIT_HEX_LEN];
  json_t *record; /* owned */
} AuditMark;
void audit_mark_clear (AuditMark *mark);
/* Whether the record is one. */
gboolean audit_mark_is (const AuditLine *scanned);

typedef struct _AuditProof AuditProof;
AuditProof *audit_proof_new (const AuditExpect *expect);
void audit_proof_free (AuditProof *proof);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AuditProof, audit_proof_free)

/* The next mark, which is found in the file @segment and is sound by itself. @message gets the
 * damage in words. */
AuditDamage audit_proof_take (AuditProof *proof, guint segment, const AuditMark *mark,
                              char **message);
/* The file was closed: no record may follow in it. */
gboolean audit_proof_is_closed (const AuditProof *proof);
/* Behind the last record: whether what is missing at the front may be, and the keys are those that
 * were expected. @segment gets the file that the damage is in. */
AuditDamage audit_proof_end (const AuditProof *proof, guint *segment, guint64 *seq, char **message);
void audit_proof_report (const AuditProof *proof, AuditReport *report);
