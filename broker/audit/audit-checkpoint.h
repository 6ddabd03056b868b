/* SPDX-License-Identifier: MIT
 *
 * A checkpoint: what a log ended with at some time, to be kept where whoever can write the log
 * cannot write. The log must have that record for ever, and what is before it unchanged.
 *
 *   {"format":1,"log":"…","seq":N,"hash":"…","segment":N,"time":"…"[,"first_key":"…"][,"key":"…"]
 *    [,"begins":{"segment":N,"seq":N,"prev":"…"[,"key":"…"]}]}
 */
#pragma once

#include "broker/audit/audit-verify.h"

#define AUDIT_CHECKPOINT_MAX 4096 /* bytes of a file */

/* Strings end with NUL; a key is "" when there is none. */
typedef struct
{
  char log_id[65];
  guint64 seq; /* of the record… */
  char hash[AUDIT_HEX_LEN + 1];
  guint segment;                     /* …which is in this file */
  char time[AUDIT_TIME_LEN + 1];     /* when the checkpoint was made */
  char first_key[AUDIT_HEX_LEN + 1]; /* of the first file that was there and signed */
  char key[AUDIT_HEX_LEN + 1];       /* that signs what comes behind the record */
  AuditBegin begins;                 /* segment 0: with the log's own beginning */
  char begins_prev[AUDIT_HEX_LEN + 1], begins_key[AUDIT_HEX_LEN + 1];
} AuditCheckpoint;

/* One JSON object, strictly. FALSE with an error that says what is wrong. */
gboolean audit_checkpoint_parse (const char *text, gsize len, AuditCheckpoint *checkpoint,
                                 GError **error);
/* The text of the file; the caller frees it. */
char *audit_checkpoint_print (const AuditCheckpoint *checkpoint);
/* Of a log that was just verified; FALSE when it has no record. @time: when. */
gboolean audit_checkpoint_take (AuditCheckpoint *checkpoint, const AuditReport *report,
                                const char *time);
/* What a log must then be: borrows from @checkpoint. */
void audit_checkpoint_expect (const AuditCheckpoint *checkpoint, AuditExpect *expect);
