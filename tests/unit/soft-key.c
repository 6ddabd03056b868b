/* SPDX-License-Identifier: MIT */
#include "tests/unit/soft-key.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <string.h>

#define SIGNATURE_ROOM 128

struct _SoftKey
{
  EVP_PKEY *pair;
  GBytes *credential;
};

SoftKey *
soft_key_new (void)
{
  SoftKey *self = g_new0 (SoftKey, 1);
  guint8 id[32];

  g_assert_cmpint (RAND_bytes (id, sizeof id), ==, 1);
  self->credential = g_bytes_new (id, sizeof id);
  self->pair = EVP_EC_gen ("prime256v1");
  g_assert_nonnull (self->pair);
  return self;
}

SoftKey *
soft_key_from_pem (const char *pem, GBytes *credential)
{
  SoftKey *self = g_new0 (SoftKey, 1);
  BIO *bio = BIO_new_mem_buf (pem, -1);

  self->credential = g_bytes_ref (credential);
  self->pair = PEM_read_bio_PrivateKey (bio, NULL, NULL, NULL);
  BIO_free (bio);
  g_assert_nonnull (self->pair);
  return self;
}

char *
soft_key_pem (const SoftKey *self)
{
  BIO *bio = BIO_new (BIO_s_mem ());
  char *text;

  g_assert_cmpint (PEM_write_bio_PrivateKey (bio, self->pair, NULL, NULL, 0, NULL, NULL), ==, 1);
  long len = BIO_get_mem_data (bio, &text);
  char *pem = g_strndup (text, len);
  BIO_free (bio);
  return pem;
}

EVP_PKEY *
soft_key_pair (const SoftKey *self)
{
  return self->pair;
}

void
soft_key_free (SoftKey *self)
{
  EVP_PKEY_free (self->pair);
  g_bytes_unref (self->credential);
  g_free (self);
}

GBytes *
soft_key_credential (const SoftKey *self)
{
  return self->credential;
}

GBytes *
soft_key_point (const SoftKey *self)
{
  guint8 point[KEY_POINT_LEN];
  size_t len;

  g_assert_cmpint (EVP_PKEY_get_octet_string_param (self->pair, OSSL_PKEY_PARAM_PUB_KEY, point,
                                                    sizeof point, &len),
                   ==, 1);
  g_assert_cmpuint (len, ==, sizeof point);
  return g_bytes_new (point, len);
}

GBytes *
soft_key_sign (const SoftKey *self, GBytes *data, const guint8 hash[KEY_HASH_LEN])
{
  EVP_MD_CTX *ctx = EVP_MD_CTX_new ();
  guint8 signature[SIGNATURE_ROOM];
  size_t data_len, len = sizeof signature;
  const guint8 *bytes = g_bytes_get_data (data, &data_len);

  g_assert_true (EVP_DigestSignInit (ctx, NULL, EVP_sha256 (), NULL, self->pair) == 1
                 && EVP_DigestSignUpdate (ctx, bytes, data_len) == 1
                 && EVP_DigestSignUpdate (ctx, hash, KEY_HASH_LEN) == 1
                 && EVP_DigestSignFinal (ctx, signature, &len) == 1);
  EVP_MD_CTX_free (ctx);
  return g_bytes_new (signature, len);
}

GBytes *
soft_key_data (const SoftTouch *touch)
{
  guint8 data[KEY_AUTHENTICATOR_DATA_LEN];
  guint32 counter = GUINT32_TO_BE (touch->counter);

  EVP_Digest (touch->rp_id, strlen (touch->rp_id), data, NULL, EVP_sha256 (), NULL);
  data[32] = touch->flags;
  memcpy (data + 33, &counter, sizeof counter);
  return g_bytes_new (data, sizeof data);
}

KeyAssertion *
soft_key_touch (const SoftKey *self, const SoftTouch *touch, const guint8 hash[KEY_HASH_LEN])
{
  KeyAssertion *assertion = g_new0 (KeyAssertion, 1);

  assertion->credential_id = g_bytes_ref (self->credential);
  assertion->authenticator_data = soft_key_data (touch);
  assertion->signature = soft_key_sign (self, assertion->authenticator_data, hash);
  return assertion;
}
