/* SPDX-License-Identifier: MIT
 *
 * Verifying in parallel: a run of lines of one file that is checked by itself. Its place in the log
 * (number of its first record, keys of all) is known beforehand; what joins it to the run before is
 * compared afterwards.
 */
#pragma once

#include "broker/audit/audit-chain.h"
#include "broker/audit/audit-proof.h"

#define AUDIT_BEHIND_CLOSED                                                                        \
  "record %" G_GUINT64_FORMAT " is in a file that was closed and signed before it"

typedef struct
{
  /* Given. */
  char *data;
  gsize len;         /* whole lines; in the last block of a file perhaps a rest */
  char *path;        /* of the file */
  guint segment;     /* its number */
  guint first_line;  /* from 1 */
  guint64 first_seq; /* that the first record must have */
  gboolean begins;   /* the first of the log */
  gboolean opens;    /* begins its file */
  gboolean ends;     /* nothing follows in the log */
  Secret *keys;      /* one for each line; NULL: MACs are not checked */
  guint64 head_seq;
  const char *head_hash; /* borrowed */
  AuditHasher *hasher;

  /* Found. Times and links are only set when there is a record. */
  guint64 records; /* that are as they must be */
  char first_prev[AUDIT_HEX_LEN], last_hash[AUDIT_HEX_LEN];
  char first_time[AUDIT_TIME_LEN], last_time[AUDIT_TIME_LEN];
  guint64 clock_warnings, clock_seq; /* how many, and the first */
  GArray *marks;                     /* AuditMark, in order; NULL: none */
  AuditDamage damage;
  guint64 seq;
  guint line;
  char *message;
  gboolean unlinked; /* the damage is that a number, a MAC or a link does not fit */
  gboolean done;     /* under the lock of whoever shares the block */
} AuditBlock;

void audit_block_check (AuditBlock *block);
void audit_block_free (AuditBlock *block);
