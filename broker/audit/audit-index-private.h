/* SPDX-License-Identifier: MIT
 *
 * The file of an index, as who makes it and who reads it agree on it; nobody else includes this.
 *
 *   header   magic 8 · binding 32 · blocks 8 · first entry of each bucket and the end, 257 × 4
 *   blocks   offset, lowest and highest seq, lowest and highest time, events: 8 each
 *   buckets  256 times: block 4 · hash 8, sorted
 *
 * Numbers are big-endian. Behind each of these parts is HMAC-SHA256 of binding, number of the part
 * (4) and its bytes.
 */
#pragma once

#include "broker/audit/audit-chain.h"
#include "broker/audit/audit-index.h"

#define INDEX_MAGIC "csindex1"
#define INDEX_BUCKETS 256
#define INDEX_HEADER_LEN (8 + AUDIT_HASH_LEN + 8 + 4 * (INDEX_BUCKETS + 1))
#define INDEX_BLOCK_LEN 48
#define INDEX_ENTRY_LEN 12
#define INDEX_BLOCK_RECORDS 128 /* about 50 KB: read in no time, and 80 000 of them in 10 million  \
                                 */
#define INDEX_BLOCKS_MAX (1 << 22)
/* A part is authenticated with this before its bytes. */
#define INDEX_PREFIX_LEN (AUDIT_HASH_LEN + 4)
#define INDEX_PART_HEADER 0
#define INDEX_PART_BLOCKS 1
#define INDEX_PART_BUCKET 2 /* and the 255 after it */

typedef struct
{
  guint64 offset, first_seq, last_seq, first_time, last_time;
  guint64 events; /* a bit for each event's looks */
} AuditIndexBlock;

struct _AuditCache
{
  char *dir;
  Secret *key;
  AuditHasher *hasher;
  guint made;
};

/* What an index is bound to: the file's number, inode, size, times, and its last bytes, with the
 * record that closes it. FALSE when that cannot be said. */
gboolean audit_index_binding (const AuditCache *cache, guint number, int fd, const struct stat *st,
                              guint8 binding[AUDIT_HASH_LEN]);
/* Of @part: @bytes begin with room for INDEX_PREFIX_LEN bytes, which is overwritten. */
void audit_index_mac (const AuditCache *cache, const guint8 binding[AUDIT_HASH_LEN], guint part,
                      guint8 *bytes, gsize len, guint8 mac[AUDIT_HASH_LEN]);
char *audit_index_path (const AuditCache *cache, guint number);

guint64 audit_index_hash (const char *text, gsize len);
guint64 audit_index_event (const char *event, gsize len);
/* "2026-11-21T09:30:00.123Z" as 20261121093000123: in the order of the texts. */
guint64 audit_index_time (const char *text);
/* Bytes before bucket @i of an index with so many blocks, @first entries before it. */
gsize audit_index_place (guint64 blocks, guint first, guint i);

/* Reads the whole file and writes its index; FALSE when there is none then. */
gboolean audit_index_make (AuditCache *cache, guint number, int fd, const struct stat *st,
                           const guint8 binding[AUDIT_HASH_LEN]);
