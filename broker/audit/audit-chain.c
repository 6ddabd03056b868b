/* SPDX-License-Identifier: MIT
 *
 * Verifying hashes each record five times (twice for its MAC, twice for the next key, once for the
 * link), most of them so short that what surrounds the hashing costs more than it does. OpenSSL's
 * low-level SHA-256 over 32 bytes takes 66 ns, EVP over a fetched EVP_MD and a reused context 96,
 * EVP_MAC and HMAC() several times that: with EVP, verifying takes a third longer. They are
 * deprecated for applications that must be able to change the digest; a format names its own.
 */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "broker/audit/audit-chain.h"

#include <openssl/crypto.h>
#include <openssl/sha.h>
#include <string.h>

#define BLOCK 64 /* of SHA-256, in bytes */
#define NEXT "countersign audit next"

struct _AuditHasher
{
  SHA256_CTX context;
};

AuditHasher *
audit_hasher_new (GError **error)
{
  g_autoptr (AuditHasher) self = g_new0 (AuditHasher, 1);

  if (SHA256_Init (&self->context) == 1)
    return g_steal_pointer (&self);
  g_set_error_literal (error, CRYPT_ERROR, CRYPT_ERROR_SYSTEM, "OpenSSL offers no SHA-256");
  return NULL;
}

void
audit_hasher_free (AuditHasher *self)
{
  if (self == NULL)
    return;
  OPENSSL_cleanse (self, sizeof *self);
  g_free (self);
}

/* SHA-256 of @a followed by @b. */
static void
hash_two (AuditHasher *self, const void *a, gsize a_len, const void *b, gsize b_len,
          guint8 out[AUDIT_HASH_LEN])
{
  /* Fails only when memory is broken. To go on would write records that bind nothing. */
  if (SHA256_Init (&self->context) != 1 || SHA256_Update (&self->context, a, a_len) != 1
      || SHA256_Update (&self->context, b, b_len) != 1 || SHA256_Final (out, &self->context) != 1)
    g_error ("SHA-256 failed: the audit trail cannot go on");
}

void
audit_hash (AuditHasher *self, const void *data, gsize len, guint8 out[AUDIT_HASH_LEN])
{
  hash_two (self, data, len, NULL, 0, out);
}

/* RFC 2104. */
void
audit_hmac (AuditHasher *self, const guint8 key[AUDIT_HASH_LEN], const void *data, gsize len,
            guint8 out[AUDIT_HASH_LEN])
{
  guint8 pad[BLOCK];

  memset (pad, 0x36, sizeof pad);
  for (guint i = 0; i < AUDIT_HASH_LEN; i++)
    pad[i] ^= key[i];
  hash_two (self, pad, sizeof pad, data, len, out);
  for (guint i = 0; i < BLOCK; i++)
    pad[i] ^= 0x36 ^ 0x5c;
  hash_two (self, pad, sizeof pad, out, AUDIT_HASH_LEN, out);
  OPENSSL_cleanse (pad, sizeof pad);
  /* What it ended with is what it returned: perhaps the next key. */
  OPENSSL_cleanse (&self->context, sizeof self->context);
}

void
audit_next_key (AuditHasher *self, guint8 key[AUDIT_HASH_LEN])
{
  audit_hmac (self, key, NEXT, strlen (NEXT), key);
}

Secret *
audit_chain_new (guint n, GError **error)
{
  return secret_new (n * sizeof (AuditChain), error);
}

gboolean
audit_chain_start (AuditChain *chain, AuditHasher *hasher, const Secret *k0, GError **error)
{
  if (secret_len (k0) != AUDIT_HASH_LEN)
    {
      g_set_error (error, CRYPT_ERROR, CRYPT_ERROR_FORMAT, "the first key must have %d bytes",
                   AUDIT_HASH_LEN);
      return FALSE;
    }
  memset (chain, 0, sizeof *chain);
  memset (chain->last, '0', AUDIT_HEX_LEN);
  memcpy (chain->key, secret_peek (k0), AUDIT_HASH_LEN);
  audit_next_key (hasher, chain->key);
  return TRUE;
}

/* In the same time whatever differs. CRYPTO_memcmp() goes byte by byte: 40 ns more for each record.
 */
static gboolean
hex_equal (const char *a, const char *b)
{
  guint64 x[AUDIT_HEX_LEN / 8], y[AUDIT_HEX_LEN / 8], differ = 0;

  memcpy (x, a, sizeof x);
  memcpy (y, b, sizeof y);
  for (guint i = 0; i < G_N_ELEMENTS (x); i++)
    differ |= x[i] ^ y[i];
  return differ == 0;
}

static gboolean
mac_fits (AuditHasher *hasher, const guint8 *key, const char *line, const AuditLine *scanned)
{
  guint8 mac[AUDIT_HASH_LEN];
  char hex[AUDIT_HEX_LEN];

  audit_hmac (hasher, key, line, scanned->signed_len, mac);
  audit_hex (mac, hex);
  return hex_equal (hex, scanned->mac);
}

AuditDamage
audit_chain_check (const AuditChain *chain, AuditHasher *hasher, const guint8 *key,
                   const char *line, const AuditLine *scanned)
{
  if (scanned->seq != chain->seq + 1)
    return scanned->seq > chain->seq ? AUDIT_DAMAGE_REMOVED : AUDIT_DAMAGE_REORDERED;
  if (key != NULL && !mac_fits (hasher, key, line, scanned))
    return AUDIT_DAMAGE_EDITED;
  if (chain->last[0] != '\0' && memcmp (chain->last, scanned->prev, AUDIT_HEX_LEN) != 0)
    return AUDIT_DAMAGE_EDITED;
  return AUDIT_DAMAGE_NONE;
}

void
audit_chain_step (AuditChain *chain, AuditHasher *hasher, const char *line, gsize len)
{
  guint8 hash[AUDIT_HASH_LEN];

  audit_hash (hasher, line, len, hash);
  audit_hex (hash, chain->last);
  chain->seq++;
  chain->offset += len + 1;
}
