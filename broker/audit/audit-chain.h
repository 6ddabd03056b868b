/* SPDX-License-Identifier: MIT
 *
 * What binds one record to the next: SHA-256 over lines, HMAC-SHA256 under a key that moves
 * forward.
 *
 * Record N (counted from 1) is authenticated by K_N; K_N = HMAC (K_(N-1), "countersign audit
 * next"). K_0 is the first key, and authenticates nothing itself.
 *
 * MUST
 *  - leave no key behind that a record was authenticated with
 */
#pragma once

#include "broker/audit/audit-line.h"
#include "broker/audit/audit-verify.h"

/* Where a log stands after a record. Holds a key: lives in a Secret, see audit_chain_new(). */
typedef struct
{
  guint64 seq;                /* of the last record; 0 before the first */
  guint32 segment;            /* number of the file that it is in */
  guint64 offset;             /* where the next line begins in that file */
  char last[AUDIT_HEX_LEN];   /* hash of the last line; zeros before the first */
  guint8 key[AUDIT_HASH_LEN]; /* of the next record */

  /* For who writes alone. */
  guint8 seed[AUDIT_HASH_LEN]; /* of the file's signature; once it is closed, of the next file's */
  gboolean closed;             /* the file takes no more records */
  gboolean format1;            /* the file is of format 1, and there is no seed yet */
  guint32 first_file;          /* those before it are removed, or about to be: that is recorded */
  guint64 first_seq;           /* of the file's first record */
  gint64 began;                /* when that was written, µs since 1970 */
  char first_key[AUDIT_HEX_LEN]; /* public key of the first signed file that stays; begins with NUL:
                                    there is none, or it was never told */
} AuditChain;

/* One for each thread: it reuses OpenSSL's contexts. */
typedef struct _AuditHasher AuditHasher;
AuditHasher *audit_hasher_new (GError **error);
void audit_hasher_free (AuditHasher *hasher);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AuditHasher, audit_hasher_free)

void audit_hash (AuditHasher *hasher, const void *data, gsize len, guint8 out[AUDIT_HASH_LEN]);
void audit_hmac (AuditHasher *hasher, const guint8 key[AUDIT_HASH_LEN], const void *data, gsize len,
                 guint8 out[AUDIT_HASH_LEN]);
/* Replaces @key by the one after it. */
void audit_next_key (AuditHasher *hasher, guint8 key[AUDIT_HASH_LEN]);

/* Locked memory for @n chains, zeroed; as an array by audit_chains(). */
Secret *audit_chain_new (guint n, GError **error);
#define audit_chains(secret) ((AuditChain *) (void *) secret_data (secret))
/* Before the first record of a log whose first key is @k0; FALSE when that is no key. */
gboolean audit_chain_start (AuditChain *chain, AuditHasher *hasher, const Secret *k0,
                            GError **error);

/* Whether @scanned, which was found in @line, is the record after @chain: its number, its MAC
 * unless @key is NULL, its link unless chain->last is not known (begins with NUL). The first that
 * does not fit is told. */
AuditDamage audit_chain_check (const AuditChain *chain, AuditHasher *hasher, const guint8 *key,
                               const char *line, const AuditLine *scanned);
/* @line (@len bytes, without its end) is now the last record. Moves everything but the key. */
void audit_chain_step (AuditChain *chain, AuditHasher *hasher, const char *line, gsize len);
