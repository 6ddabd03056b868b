/* SPDX-License-Identifier: MIT */
#include "broker/human/key-verify.h"

#include <openssl/core_names.h>
#include <openssl/params.h>
#include <string.h>

#define FLAG_PRESENT 0x01
#define FLAG_ATTESTED 0x40
#define FLAG_EXTENSIONS 0x80
#define FLAGS_AT 32
#define COUNTER_AT 33

G_DEFINE_QUARK (countersign_key_error, key_error)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (EVP_MD_CTX, EVP_MD_CTX_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (EVP_PKEY_CTX, EVP_PKEY_CTX_free)

static gboolean
refuse (GError **error, KeyError code, const char *message)
{
  g_set_error_literal (error, KEY_ERROR, code, message);
  return FALSE;
}

gboolean
key_data_read (GBytes *bytes, KeyData *data, GError **error)
{
  gsize len;
  const guint8 *at = g_bytes_get_data (bytes, &len);

  if (len != KEY_AUTHENTICATOR_DATA_LEN || (at[FLAGS_AT] & (FLAG_ATTESTED | FLAG_EXTENSIONS)) != 0)
    return refuse (error, KEY_ERROR_DATA,
                   "key.authenticator_data: must be 37 bytes, without extensions");
  memcpy (data->rp_id_hash, at, KEY_HASH_LEN);
  data->touched = (at[FLAGS_AT] & FLAG_PRESENT) != 0;
  memcpy (&data->counter, at + COUNTER_AT, sizeof data->counter);
  data->counter = GUINT32_FROM_BE (data->counter);
  return TRUE;
}

EVP_PKEY *
key_point_read (GBytes *point, GError **error)
{
  gsize len;
  const guint8 *bytes = g_bytes_get_data (point, &len);
  OSSL_PARAM params[] = {
    OSSL_PARAM_construct_utf8_string (OSSL_PKEY_PARAM_GROUP_NAME, (char *) "prime256v1", 0),
    OSSL_PARAM_construct_octet_string (OSSL_PKEY_PARAM_PUB_KEY, (void *) bytes, len),
    OSSL_PARAM_construct_end (),
  };
  g_autoptr (EVP_PKEY_CTX) ctx = EVP_PKEY_CTX_new_from_name (NULL, "EC", NULL);
  EVP_PKEY *key = NULL;

  /* Taking the point in is what checks that it lies on the curve. */
  if (len == KEY_POINT_LEN && bytes[0] == 0x04 && ctx != NULL && EVP_PKEY_fromdata_init (ctx) == 1
      && EVP_PKEY_fromdata (ctx, &key, EVP_PKEY_PUBLIC_KEY, params) == 1)
    return key;
  refuse (error, KEY_ERROR_POINT,
          "public_key: must be a point of P-256 in 65 bytes: 0x04, x and y");
  return NULL;
}

static gboolean
is_signed (EVP_PKEY *key, const KeyAssertion *assertion, const guint8 hash[KEY_HASH_LEN])
{
  g_autoptr (EVP_MD_CTX) ctx = EVP_MD_CTX_new ();
  gsize data_len, signature_len;
  const guint8 *data = g_bytes_get_data (assertion->authenticator_data, &data_len);
  const guint8 *signature = g_bytes_get_data (assertion->signature, &signature_len);

  return ctx != NULL && EVP_DigestVerifyInit (ctx, NULL, EVP_sha256 (), NULL, key) == 1
         && EVP_DigestVerifyUpdate (ctx, data, data_len) == 1
         && EVP_DigestVerifyUpdate (ctx, hash, KEY_HASH_LEN) == 1
         && EVP_DigestVerifyFinal (ctx, signature, signature_len) == 1;
}

static gboolean
is_for_us (const KeyData *data)
{
  guint8 ours[KEY_HASH_LEN];

  return EVP_Digest (KEY_RP_ID, strlen (KEY_RP_ID), ours, NULL, EVP_sha256 (), NULL) == 1
         && memcmp (ours, data->rp_id_hash, KEY_HASH_LEN) == 0;
}

gboolean
key_verify (EVP_PKEY *key, const KeyAssertion *assertion,
            const guint8 client_data_hash[KEY_HASH_LEN], guint32 *counter, GError **error)
{
  KeyData data;

  if (!key_data_read (assertion->authenticator_data, &data, error))
    return FALSE;
  if (!is_for_us (&data))
    return refuse (error, KEY_ERROR_RP, "key: what it signed is not for Countersign");
  if (!data.touched)
    return refuse (error, KEY_ERROR_TOUCH, "key: it was not touched");
  if (!is_signed (key, assertion, client_data_hash))
    return refuse (error, KEY_ERROR_SIGNATURE,
                   "key: the signature is not that key's, or not over this card");
  if (data.counter <= *counter && (data.counter != 0 || *counter != 0))
    return refuse (error, KEY_ERROR_COUNTER,
                   "key: it counts fewer signatures than were seen of it, so there may be a copy "
                   "of it; if you cannot rule that out: countersign key rm");
  *counter = data.counter;
  return TRUE;
}
