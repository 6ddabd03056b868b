/* SPDX-License-Identifier: MIT
 *
 * The signature that closes a file of the trail: Ed25519 (RFC 8032), with a key for each file.
 *
 * seed_(n+1) = HMAC-SHA256 (seed_n, "countersign audit next segment"); the private key of file n is
 * HMAC-SHA256 (seed_n, "countersign audit sign"). So the seed of one file opens the keys of those
 * behind it, never of those before. The first seed is random, and independent of the first MAC key:
 * who may verify MACs can forge no signature.
 *
 * MUST
 *  - keep seeds and private keys in locked memory
 *  - say the same of a wrong key, of changed values and of a broken signature
 */
#pragma once

#include "broker/audit/audit-chain.h"

#define AUDIT_SEED_LEN 32
#define AUDIT_PUBLIC_LEN 32
#define AUDIT_SIGNATURE_LEN 64
#define AUDIT_SIGNATURE_HEX (2 * AUDIT_SIGNATURE_LEN)

/* What a closing record vouches for. Hex is lower-case, and need not end with NUL. */
typedef struct
{
  const char *log_id;
  guint segment;        /* number of the file */
  guint64 first_seq;    /* of its first record */
  guint64 records;      /* before the closing one */
  const char *head;     /* SHA-256 of the line before it: AUDIT_HEX_LEN bytes */
  const char *next_key; /* public key of the file behind it: AUDIT_HEX_LEN bytes */
} AuditClosing;

/* The text that is signed; the caller frees it. */
char *audit_closing_text (const AuditClosing *closing);

/* Replaces @seed by that of the next file. */
void audit_next_seed (AuditHasher *hasher, guint8 seed[AUDIT_SEED_LEN]);
/* The public key that goes with @seed, in hex (AUDIT_HEX_LEN bytes, no NUL). */
gboolean audit_sign_public (AuditHasher *hasher, const guint8 seed[AUDIT_SEED_LEN], char *hex,
                            GError **error);
/* @hex gets AUDIT_SIGNATURE_HEX bytes, no NUL. */
gboolean audit_sign_closing (AuditHasher *hasher, const guint8 seed[AUDIT_SEED_LEN],
                             const AuditClosing *closing, char *hex, GError **error);
/* Whether @signature (hex, AUDIT_SIGNATURE_HEX bytes) is of @closing by @key (hex, AUDIT_HEX_LEN
 * bytes). What is no hex, or no point of the curve, is none. */
gboolean audit_sign_fits (const char *key, const AuditClosing *closing, const char *signature);
