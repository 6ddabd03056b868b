/* SPDX-License-Identifier: MIT
 *
 * MUST
 *  - wipe on the stack whatever was derived from a key
 *  - hand out plaintext only after the tag has been checked
 */
#include "broker/base/crypt.h"

#include <argon2.h>
#include <errno.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>

#define HMAC_BLOCK 64
#define SEAL_VERSION 1
#define NONCE_LEN 12
#define TAG_LEN 16
#define SEAL_EXTRA (1 + NONCE_LEN + TAG_LEN)

G_DEFINE_QUARK (countersign_crypt_error, crypt_error)

G_DEFINE_AUTOPTR_CLEANUP_FUNC (EVP_CIPHER_CTX, EVP_CIPHER_CTX_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (EVP_KDF, EVP_KDF_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (EVP_KDF_CTX, EVP_KDF_CTX_free)

/* What is left in OpenSSL's queue belongs to this call; it must not be read as the cause of a later
 * one. */
static void
set_openssl_error (GError **error, const char *what)
{
  const char *reason = ERR_reason_error_string (ERR_peek_last_error ());

  g_set_error (error, CRYPT_ERROR, CRYPT_ERROR_SYSTEM, "%s failed: %s", what,
               reason != NULL ? reason : "no reason given");
  ERR_clear_error ();
}

static gboolean
check_key (const Secret *key, GError **error)
{
  if (secret_len (key) == CRYPT_KEY_LEN)
    return TRUE;
  g_set_error (error, CRYPT_ERROR, CRYPT_ERROR_FORMAT,
               "a key has %" G_GSIZE_FORMAT " bytes, not %d", secret_len (key), CRYPT_KEY_LEN);
  return FALSE;
}

gboolean
crypt_random (void *out, gsize len, GError **error)
{
  guint8 *at = out;

  while (len > 0)
    {
      ssize_t got = getrandom (at, len, 0);
      if (got < 0 && errno == EINTR)
        continue;
      if (got <= 0)
        {
          g_set_error (error, CRYPT_ERROR, CRYPT_ERROR_SYSTEM, "no random bytes: %s",
                       g_strerror (errno));
          return FALSE;
        }
      at += got;
      len -= (gsize) got;
    }
  return TRUE;
}

Secret *
crypt_random_key (GError **error)
{
  g_autoptr (Secret) key = secret_new (CRYPT_KEY_LEN, error);

  if (key == NULL || !crypt_random (secret_data (key), CRYPT_KEY_LEN, error))
    return NULL;
  return g_steal_pointer (&key);
}

gboolean
crypt_kdf_fresh (CryptKdf *kdf, GError **error)
{
  *kdf = (CryptKdf){ .passes = 3, .memory_kib = 64 * 1024, .lanes = 4 };
  return crypt_random (kdf->salt, sizeof kdf->salt, error);
}

/* Argon2's working memory cannot be locked (it is larger than any usual limit); it is at least kept
 * out of core files, and libargon2 wipes it. */
static int
kdf_allocate (uint8_t **memory, size_t len)
{
  void *map = mmap (NULL, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

  *memory = map == MAP_FAILED ? NULL : map;
  if (*memory == NULL)
    return ARGON2_MEMORY_ALLOCATION_ERROR;
  (void) madvise (map, len, MADV_DONTDUMP);
  return ARGON2_OK;
}

static void
kdf_release (uint8_t *memory, size_t len)
{
  munmap (memory, len);
}

static gboolean
kdf_check (const CryptKdf *kdf, GError **error)
{
  if (kdf->passes >= 1 && kdf->passes <= CRYPT_PASSES_MAX && kdf->memory_kib >= CRYPT_MEMORY_KIB_MIN
      && kdf->memory_kib <= CRYPT_MEMORY_KIB_MAX && kdf->lanes >= 1
      && kdf->lanes <= CRYPT_LANES_MAX)
    return TRUE;
  g_set_error (error, CRYPT_ERROR, CRYPT_ERROR_FORMAT,
               "key derivation with %u passes, %u KiB and %u lanes is out of bounds", kdf->passes,
               kdf->memory_kib, kdf->lanes);
  return FALSE;
}

Secret *
crypt_kdf (const CryptKdf *kdf, const Secret *passphrase, GError **error)
{
  g_autoptr (Secret) key = NULL;
  CryptKdf copy = *kdf;
  int rc;

  if (!kdf_check (kdf, error) || (key = secret_new (CRYPT_KEY_LEN, error)) == NULL)
    return NULL;
  /* libargon2 takes the passphrase unconst, for a flag that would wipe it; the flag is not set. */
  argon2_context context = { .out = secret_data (key),
                             .outlen = CRYPT_KEY_LEN,
                             .pwd = (uint8_t *) secret_peek (passphrase),
                             .pwdlen = (uint32_t) secret_len (passphrase),
                             .salt = copy.salt,
                             .saltlen = sizeof copy.salt,
                             .t_cost = kdf->passes,
                             .m_cost = kdf->memory_kib,
                             .lanes = kdf->lanes,
                             .threads = kdf->lanes,
                             .version = ARGON2_VERSION_13,
                             .allocate_cbk = kdf_allocate,
                             .free_cbk = kdf_release,
                             .flags = ARGON2_DEFAULT_FLAGS };
  rc = argon2id_ctx (&context);
  if (rc == ARGON2_OK)
    return g_steal_pointer (&key);
  g_set_error (error, CRYPT_ERROR, CRYPT_ERROR_SYSTEM, "deriving a key with %u KiB of memory: %s",
               kdf->memory_kib, argon2_error_message (rc));
  return NULL;
}

Secret *
crypt_derive (const Secret *key, const char *label, GError **error)
{
  g_autoptr (EVP_KDF) kdf = EVP_KDF_fetch (NULL, "HKDF", NULL);
  g_autoptr (EVP_KDF_CTX) ctx = kdf != NULL ? EVP_KDF_CTX_new (kdf) : NULL;
  g_autoptr (Secret) out = NULL;
  OSSL_PARAM params[] = {
    OSSL_PARAM_construct_utf8_string ("digest", (char *) "SHA256", 0),
    OSSL_PARAM_construct_octet_string ("key", (void *) secret_peek (key), secret_len (key)),
    OSSL_PARAM_construct_octet_string ("info", (void *) label, strlen (label)),
    OSSL_PARAM_construct_end (),
  };

  if ((out = secret_new (CRYPT_KEY_LEN, error)) == NULL)
    return NULL;
  if (ctx == NULL || EVP_KDF_derive (ctx, secret_data (out), CRYPT_KEY_LEN, params) != 1)
    {
      set_openssl_error (error, "HKDF");
      return NULL;
    }
  return g_steal_pointer (&out);
}

/* Each record of the audit trail is authenticated under a key of its own. OpenSSL's HMAC() spends
 * three times the hashing on looking up its parts, and an EVP_MAC that is kept would keep the last
 * key in ordinary memory; a digest context that is kept holds the last result only. */
static void
digest_free (gpointer ctx)
{
  EVP_MD_CTX_free (ctx);
}

static GPrivate digest_ctx = G_PRIVATE_INIT (digest_free);

static gboolean
digest_block_then (const guint8 block[HMAC_BLOCK], const void *data, gsize len,
                   guint8 out[CRYPT_MAC_LEN])
{
  static gsize once;
  static EVP_MD *sha256;
  EVP_MD_CTX *ctx = g_private_get (&digest_ctx);

  if (g_once_init_enter (&once))
    {
      sha256 = EVP_MD_fetch (NULL, "SHA256", NULL);
      g_once_init_leave (&once, 1);
    }
  if (ctx == NULL)
    g_private_set (&digest_ctx, ctx = EVP_MD_CTX_new ());
  return sha256 != NULL && ctx != NULL && EVP_DigestInit_ex (ctx, sha256, NULL) == 1
         && EVP_DigestUpdate (ctx, block, HMAC_BLOCK) == 1 && EVP_DigestUpdate (ctx, data, len) == 1
         && EVP_DigestFinal_ex (ctx, out, NULL) == 1;
}

gboolean
crypt_mac (const Secret *key, const void *data, gsize len, guint8 out[CRYPT_MAC_LEN],
           GError **error)
{
  guint8 inner[HMAC_BLOCK], outer[HMAC_BLOCK], digest[CRYPT_MAC_LEN];
  const guint8 *bytes = secret_peek (key);
  gboolean done;

  if (secret_len (key) > HMAC_BLOCK)
    {
      g_set_error (error, CRYPT_ERROR, CRYPT_ERROR_FORMAT, "a key has at most %d bytes",
                   HMAC_BLOCK);
      return FALSE;
    }
  memset (inner, 0x36, sizeof inner);
  memset (outer, 0x5c, sizeof outer);
  for (gsize i = 0; i < secret_len (key); i++)
    {
      inner[i] ^= bytes[i];
      outer[i] ^= bytes[i];
    }
  done = digest_block_then (inner, data, len, digest)
         && digest_block_then (outer, digest, sizeof digest, out);
  OPENSSL_cleanse (inner, sizeof inner);
  OPENSSL_cleanse (outer, sizeof outer);
  OPENSSL_cleanse (digest, sizeof digest);
  if (!done)
    set_openssl_error (error, "HMAC");
  return done;
}

static gboolean
seal_run (EVP_CIPHER_CTX *ctx, const void *aad, gsize aad_len, const void *data, gsize len,
          guint8 *out)
{
  int n = 0;

  return (aad_len == 0 || EVP_EncryptUpdate (ctx, NULL, &n, aad, (int) aad_len) == 1)
         && (len == 0 || EVP_EncryptUpdate (ctx, out, &n, data, (int) len) == 1)
         && EVP_EncryptFinal_ex (ctx, out + len, &n) == 1
         && EVP_CIPHER_CTX_ctrl (ctx, EVP_CTRL_GCM_GET_TAG, TAG_LEN, out + len) == 1;
}

GBytes *
crypt_seal (const Secret *key, const void *aad, gsize aad_len, const void *data, gsize len,
            GError **error)
{
  g_autoptr (EVP_CIPHER_CTX) ctx = EVP_CIPHER_CTX_new ();
  g_autofree guint8 *out = NULL;

  if (!check_key (key, error))
    return NULL;
  if (len > G_MAXINT - SEAL_EXTRA || aad_len > G_MAXINT)
    {
      g_set_error (error, CRYPT_ERROR, CRYPT_ERROR_FORMAT, "too large to seal");
      return NULL;
    }
  out = g_malloc (len + SEAL_EXTRA);
  out[0] = SEAL_VERSION;
  if (!crypt_random (out + 1, NONCE_LEN, error))
    return NULL;
  if (ctx == NULL
      || EVP_EncryptInit_ex (ctx, EVP_aes_256_gcm (), NULL, secret_peek (key), out + 1) != 1
      || !seal_run (ctx, aad, aad_len, data, len, out + 1 + NONCE_LEN))
    {
      set_openssl_error (error, "AES-256-GCM");
      return NULL;
    }
  return g_bytes_new_take (g_steal_pointer (&out), len + SEAL_EXTRA);
}

static gboolean
open_run (EVP_CIPHER_CTX *ctx, const void *aad, gsize aad_len, const guint8 *data, gsize len,
          guint8 *out)
{
  int n = 0;

  return (aad_len == 0 || EVP_DecryptUpdate (ctx, NULL, &n, aad, (int) aad_len) == 1)
         && (len == 0 || EVP_DecryptUpdate (ctx, out, &n, data, (int) len) == 1)
         && EVP_CIPHER_CTX_ctrl (ctx, EVP_CTRL_GCM_SET_TAG, TAG_LEN, (void *) (data + len)) == 1
         && EVP_DecryptFinal_ex (ctx, out + len, &n) == 1;
}

/* FALSE leaves in @out what must not be used: its owner frees it. */
static gboolean
open_into (const Secret *key, const void *aad, gsize aad_len, const guint8 *sealed, gsize len,
           guint8 *out, GError **error)
{
  g_autoptr (EVP_CIPHER_CTX) ctx = EVP_CIPHER_CTX_new ();

  if (ctx == NULL
      || EVP_DecryptInit_ex (ctx, EVP_aes_256_gcm (), NULL, secret_peek (key), sealed + 1) != 1)
    {
      set_openssl_error (error, "AES-256-GCM");
      return FALSE;
    }
  if (open_run (ctx, aad, aad_len, sealed + 1 + NONCE_LEN, len - SEAL_EXTRA, out))
    return TRUE;
  ERR_clear_error ();
  g_set_error (error, CRYPT_ERROR, CRYPT_ERROR_OPEN, "wrong key, or the bytes were changed");
  return FALSE;
}

static gboolean
check_sealed (const Secret *key, gsize aad_len, const guint8 *sealed, gsize len, GError **error)
{
  if (!check_key (key, error))
    return FALSE;
  if (len >= SEAL_EXTRA && len <= G_MAXINT && aad_len <= G_MAXINT && sealed[0] == SEAL_VERSION)
    return TRUE;
  g_set_error (error, CRYPT_ERROR, CRYPT_ERROR_FORMAT, "not sealed by this version");
  return FALSE;
}

Secret *
crypt_open (const Secret *key, const void *aad, gsize aad_len, const void *sealed, gsize len,
            GError **error)
{
  g_autoptr (Secret) out = NULL;

  if (!check_sealed (key, aad_len, sealed, len, error)
      || (out = secret_new (len - SEAL_EXTRA, error)) == NULL
      || !open_into (key, aad, aad_len, sealed, len, secret_data (out), error))
    return NULL;
  return g_steal_pointer (&out);
}

typedef struct
{
  gsize len;
  guint8 bytes[];
} Plain;

static void
plain_free (gpointer data)
{
  Plain *plain = data;

  OPENSSL_cleanse (plain->bytes, plain->len);
  g_free (plain);
}

GBytes *
crypt_open_bytes (const Secret *key, const void *aad, gsize aad_len, const void *sealed, gsize len,
                  GError **error)
{
  Plain *plain;

  if (!check_sealed (key, aad_len, sealed, len, error))
    return NULL;
  plain = g_malloc (sizeof *plain + len);
  plain->len = len - SEAL_EXTRA;
  if (open_into (key, aad, aad_len, sealed, len, plain->bytes, error))
    return g_bytes_new_with_free_func (plain->bytes, plain->len, plain_free, plain);
  plain_free (plain);
  return NULL;
}
