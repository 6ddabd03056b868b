/* SPDX-License-Identifier: MIT */
#include "broker/token/token-key-private.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <string.h>

#define RSA_BITS 2048
#define RSA_BITS_MAX 8192 /* a larger one is a way to keep us busy */
#define RSA_E_BITS_MAX 64

TokenKey *
token_key_ref (TokenKey *key)
{
  g_atomic_ref_count_inc (&key->refs);
  return key;
}

void
token_key_unref (TokenKey *key)
{
  if (key == NULL || !g_atomic_ref_count_dec (&key->refs))
    return;
  EVP_MD_CTX_free (key->signing);
  EVP_PKEY_free (key->pkey); /* clears what is private */
  g_free (key->id);
  g_free (key->pem);
  g_free (key);
}

gboolean
token_key_refuse (GError **error, const char *why)
{
  ERR_clear_error ();
  g_set_error_literal (error, TOKEN_ERROR, TOKEN_ERROR_KEY, why);
  return FALSE;
}

static gpointer
fail (GError **error, const char *what)
{
  ERR_clear_error ();
  g_set_error (error, TOKEN_ERROR, TOKEN_ERROR_SYSTEM, "%s failed", what);
  return NULL;
}

static gboolean
is_curve (EVP_PKEY *pkey, const TokenAlgorithmRow *row)
{
  char group[64];

  return EVP_PKEY_get_utf8_string_param (pkey, OSSL_PKEY_PARAM_GROUP_NAME, group, sizeof group,
                                         NULL)
             == 1
         && strcmp (group, row->group) == 0;
}

static gboolean
is_sound_rsa (EVP_PKEY *pkey, GError **error)
{
  BIGNUM *e = NULL;
  int bits = EVP_PKEY_get_bits (pkey);

  if (bits < RSA_BITS)
    return token_key_refuse (error, "n: an RSA key needs at least 2048 bits");
  if (bits > RSA_BITS_MAX)
    return token_key_refuse (error, "n: an RSA key has at most 8192 bits");
  gboolean sound = EVP_PKEY_get_bn_param (pkey, OSSL_PKEY_PARAM_RSA_E, &e) == 1 && BN_is_odd (e)
                   && BN_num_bits (e) >= 17 && BN_num_bits (e) <= RSA_E_BITS_MAX;
  BN_free (e);
  return sound || token_key_refuse (error, "e: the exponent is not one to be trusted");
}

/* The public part, of the right kind and strength. */
static gboolean
check_public (EVP_PKEY *pkey, const TokenAlgorithmRow *row, GError **error)
{
  if (row->family == TOKEN_FAMILY_RSA)
    return EVP_PKEY_is_a (pkey, "RSA") ? is_sound_rsa (pkey, error)
                                       : token_key_refuse (error, "is no RSA key");
  if (row->family == TOKEN_FAMILY_OKP)
    return EVP_PKEY_is_a (pkey, "ED25519") || token_key_refuse (error, "is no Ed25519 key");
  if (!EVP_PKEY_is_a (pkey, "EC") || !is_curve (pkey, row))
    return token_key_refuse (error, "crv: is not the curve that the algorithm is for");
  g_autoptr (EVP_PKEY_CTX) check = EVP_PKEY_CTX_new_from_pkey (NULL, pkey, NULL);
  return (check != NULL && EVP_PKEY_public_check (check) == 1)
         || token_key_refuse (error, "x, y: no point of the curve");
}

static gboolean
write_pem (TokenKey *key)
{
  g_autoptr (BIO) out = BIO_new (BIO_s_mem ());
  char *text;

  if (out == NULL || PEM_write_bio_PUBKEY (out, key->pkey) != 1)
    return FALSE;
  key->pem_len = BIO_get_mem_data (out, &text);
  key->pem = g_strndup (text, key->pem_len);
  return TRUE;
}

/* What is the same for each signature, which is a good part of one. */
static gboolean
begin_signing (TokenKey *key)
{
  key->signing = EVP_MD_CTX_new ();
  return key->signing != NULL
         && EVP_DigestSignInit_ex (key->signing, NULL, key->row->digest, NULL, NULL, key->pkey,
                                   NULL)
                == 1;
}

TokenKey *
token_key_adopt (EVP_PKEY *pkey, TokenAlgorithm algorithm, const TokenAlgorithmRow *row,
                 gboolean signs, GError **error)
{
  if (pkey == NULL)
    {
      token_key_refuse (error, "is no key");
      return NULL;
    }
  TokenKey *key = g_new0 (TokenKey, 1);

  g_atomic_ref_count_init (&key->refs);
  key->pkey = pkey;
  key->algorithm = algorithm;
  key->row = row;
  if (check_public (pkey, row, error) && ((signs && !begin_signing (key)) || !write_pem (key)))
    fail (error, "preparing a key");
  if (key->pem == NULL)
    g_clear_pointer (&key, token_key_unref);
  return key;
}

/* One of ours, named by its thumbprint. */
static TokenKey *
adopt_own (EVP_PKEY *pkey, TokenAlgorithm algorithm, gboolean signs, GError **error)
{
  TokenKey *key = token_key_adopt (pkey, algorithm, token_algorithm_row (algorithm), signs, error);

  if (key != NULL)
    key->id = token_key_thumbprint (key);
  return key;
}

TokenKey *
token_key_generate (TokenAlgorithm algorithm, GError **error)
{
  const TokenAlgorithmRow *row = token_algorithm_row (algorithm);
  EVP_PKEY *pkey
      = row->family == TOKEN_FAMILY_EC ? EVP_EC_gen (row->group) : EVP_RSA_gen (RSA_BITS);

  return pkey != NULL ? adopt_own (pkey, algorithm, TRUE, error) : fail (error, "making a key");
}

TokenKey *
token_key_read_private (TokenAlgorithm algorithm, const Secret *der, GError **error)
{
  const guint8 *at = secret_peek (der);

  return adopt_own (d2i_AutoPrivateKey (NULL, &at, (long) secret_len (der)), algorithm, TRUE,
                    error);
}

TokenKey *
token_key_read_public (TokenAlgorithm algorithm, const Secret *der, GError **error)
{
  const guint8 *at = secret_peek (der);

  return adopt_own (d2i_PUBKEY (NULL, &at, (long) secret_len (der)), algorithm, FALSE, error);
}

/* Without this OpenSSL would ask at whatever terminal there is. */
static int
no_passphrase (char *buffer, int size, int writing, void *user)
{
  return -1;
}

TokenKey *
token_key_read_pem (TokenAlgorithm algorithm, const Secret *pem, GError **error)
{
  g_autoptr (BIO) in = BIO_new_mem_buf (secret_peek (pem), (int) secret_len (pem));
  EVP_PKEY *pkey = in != NULL ? PEM_read_bio_PrivateKey (in, NULL, no_passphrase, NULL) : NULL;

  if (pkey != NULL)
    return adopt_own (pkey, algorithm, TRUE, error);
  token_key_refuse (error, "is no private key in PEM form without a passphrase");
  return NULL;
}

static Secret *
write_der (const TokenKey *key, int (*write) (const EVP_PKEY *, unsigned char **), GError **error)
{
  int len = write (key->pkey, NULL);
  Secret *der = len > 0 ? secret_new ((gsize) len, error) : fail (error, "writing a key");
  guint8 *at = der != NULL ? secret_data (der) : NULL;

  if (der == NULL || write (key->pkey, &at) == len)
    return der;
  secret_free (der);
  return fail (error, "writing a key");
}

Secret *
token_key_private (const TokenKey *key, GError **error)
{
  return write_der (key, i2d_PrivateKey, error);
}

Secret *
token_key_public (const TokenKey *key, GError **error)
{
  return write_der (key, i2d_PUBKEY, error);
}

const char *
token_key_id (const TokenKey *key)
{
  return key->id;
}

TokenAlgorithm
token_key_algorithm (const TokenKey *key)
{
  return key->algorithm;
}

gboolean
token_key_fits (const TokenKey *key, TokenAlgorithm algorithm)
{
  if (algorithm == TOKEN_NO_ALGORITHM)
    return FALSE;
  if (key->algorithm != TOKEN_NO_ALGORITHM)
    return key->algorithm == algorithm;
  const TokenAlgorithmRow *row = token_algorithm_row (algorithm);
  return row->family == key->row->family && g_strcmp0 (row->curve, key->row->curve) == 0;
}

gboolean
token_key_signs (const TokenKey *key)
{
  return key->signing != NULL;
}

EVP_PKEY *
token_key_peek (const TokenKey *key)
{
  return key->pkey;
}

const EVP_MD_CTX *
token_key_signing (const TokenKey *key)
{
  return key->signing;
}

const char *
token_key_pem (const TokenKey *key, gsize *len)
{
  *len = key->pem_len;
  return key->pem;
}
