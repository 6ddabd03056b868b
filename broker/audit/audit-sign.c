/* SPDX-License-Identifier: MIT */
#include "broker/audit/audit-sign.h"

#include <openssl/evp.h>
#include <string.h>

#define NEXT "countersign audit next segment"
#define SIGN "countersign audit sign"

G_DEFINE_AUTOPTR_CLEANUP_FUNC (EVP_PKEY, EVP_PKEY_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (EVP_MD_CTX, EVP_MD_CTX_free)

char *
audit_closing_text (const AuditClosing *closing)
{
  return g_strdup_printf ("countersign audit closed 2\n%s\n%u\n%" G_GUINT64_FORMAT
                          "\n%" G_GUINT64_FORMAT "\n%.*s\n%.*s\n",
                          closing->log_id, closing->segment, closing->first_seq, closing->records,
                          AUDIT_HEX_LEN, closing->head, AUDIT_HEX_LEN, closing->next_key);
}

void
audit_next_seed (AuditHasher *hasher, guint8 seed[AUDIT_SEED_LEN])
{
  audit_hmac (hasher, seed, NEXT, strlen (NEXT), seed);
}

/* OpenSSL keeps raw private keys in its secure heap, which is our locked pool. */
static EVP_PKEY *
key_of (AuditHasher *hasher, const guint8 seed[AUDIT_SEED_LEN], GError **error)
{
  g_autoptr (Secret) private = secret_new (AUDIT_HASH_LEN, error);
  EVP_PKEY *key;

  if (private == NULL)
    return NULL;
  audit_hmac (hasher, seed, SIGN, strlen (SIGN), secret_data (private));
  key = EVP_PKEY_new_raw_private_key (EVP_PKEY_ED25519, NULL, secret_peek (private),
                                      secret_len (private));
  if (key == NULL)
    g_set_error_literal (error, CRYPT_ERROR, CRYPT_ERROR_SYSTEM, "OpenSSL offers no Ed25519");
  return key;
}

gboolean
audit_sign_public (AuditHasher *hasher, const guint8 seed[AUDIT_SEED_LEN], char *hex,
                   GError **error)
{
  g_autoptr (EVP_PKEY) key = key_of (hasher, seed, error);
  guint8 raw[AUDIT_PUBLIC_LEN];
  gsize len = sizeof raw;

  if (key == NULL)
    return FALSE;
  if (EVP_PKEY_get_raw_public_key (key, raw, &len) != 1 || len != sizeof raw)
    {
      g_set_error_literal (error, CRYPT_ERROR, CRYPT_ERROR_SYSTEM, "no public key of Ed25519");
      return FALSE;
    }
  audit_hex (raw, hex);
  return TRUE;
}

gboolean
audit_sign_closing (AuditHasher *hasher, const guint8 seed[AUDIT_SEED_LEN],
                    const AuditClosing *closing, char *hex, GError **error)
{
  g_autofree char *text = audit_closing_text (closing);
  g_autoptr (EVP_PKEY) key = key_of (hasher, seed, error);
  g_autoptr (EVP_MD_CTX) context = EVP_MD_CTX_new ();
  guint8 raw[AUDIT_SIGNATURE_LEN];
  gsize len = sizeof raw;

  if (key == NULL)
    return FALSE;
  if (context == NULL || EVP_DigestSignInit (context, NULL, NULL, NULL, key) != 1
      || EVP_DigestSign (context, raw, &len, (const guint8 *) text, strlen (text)) != 1
      || len != sizeof raw)
    {
      g_set_error_literal (error, CRYPT_ERROR, CRYPT_ERROR_SYSTEM, "Ed25519 signed nothing");
      return FALSE;
    }
  audit_hex (raw, hex);
  audit_hex (raw + AUDIT_HASH_LEN, hex + AUDIT_HEX_LEN);
  return TRUE;
}

gboolean
audit_sign_fits (const char *key, const AuditClosing *closing, const char *signature)
{
  g_autofree char *text = audit_closing_text (closing);
  g_autoptr (EVP_MD_CTX) context = EVP_MD_CTX_new ();
  guint8 point[AUDIT_PUBLIC_LEN], raw[AUDIT_SIGNATURE_LEN];

  if (!audit_unhex (key, point) || !audit_unhex (signature, raw)
      || !audit_unhex (signature + AUDIT_HEX_LEN, raw + AUDIT_HASH_LEN))
    return FALSE;
  g_autoptr (EVP_PKEY) public
      = EVP_PKEY_new_raw_public_key (EVP_PKEY_ED25519, NULL, point, sizeof point);
  return public != NULL && context != NULL
         && EVP_DigestVerifyInit (context, NULL, NULL, NULL, public) == 1
         && EVP_DigestVerify (context, raw, sizeof raw, (const guint8 *) text, strlen (text)) == 1;
}
