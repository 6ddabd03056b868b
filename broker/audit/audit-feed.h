/* SPDX-License-Identifier: MIT
 *
 * Reads the files of a log and cuts them into blocks, each with the numbers and keys that its
 * records must have.
 */
#pragma once

#include "broker/audit/audit-block.h"

typedef struct
{
  const AuditExpect *expect;
  AuditHasher *hasher;
  Secret *chain;    /* audit_chain_new(): its key is that of record 1; NULL: without keys */
  guint64 next_seq; /* 0: not known before the first file is read */
  guint64 bytes;    /* read so far */
  /* Asked now and then; FALSE: nothing more is to be read. */
  gboolean (*go_on) (gpointer user);
  /* Takes over the block. FALSE: no more of them. */
  gboolean (*take) (AuditBlock *block, gpointer user);
  gpointer user;
} AuditFeed;

/* One file after the other. @last: no other follows. @empty: nothing is in it. */
gboolean audit_feed_file (AuditFeed *feed, const char *dir, guint number, gboolean last,
                          gboolean *empty, GError **error);
