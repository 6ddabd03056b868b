/* SPDX-License-Identifier: MIT
 *
 * JWK: keys as JSON. What is read is a stranger's.
 */
#include "broker/token/token-key-private.h"

#include <openssl/core_names.h>
#include <openssl/param_build.h>
#include <string.h>

#include "broker/base/wire.h"

#define ID_MAX 256 /* bytes */

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OSSL_PARAM_BLD, OSSL_PARAM_BLD_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (OSSL_PARAM, OSSL_PARAM_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BIGNUM, BN_free)

/* ---- writing ---- */

/* An integer of the key in base64url: of @len bytes, or (0) as few as it takes. g_free(). */
static char *
number_text (const TokenKey *key, const char *name, gsize len)
{
  g_autoptr (BIGNUM) number = NULL;
  guint8 bytes[1024];

  if (EVP_PKEY_get_bn_param (key->pkey, name, &number) != 1)
    return NULL;
  if (len == 0)
    len = (gsize) BN_num_bytes (number);
  if (len > sizeof bytes || BN_bn2binpad (number, bytes, (int) len) < 0)
    return NULL;
  return token_base64 (bytes, len);
}

/* The members that RFC 7638 names, and no others. */
static json_t *
required_members (const TokenKey *key)
{
  g_autofree char *one = NULL, *other = NULL;
  guint8 raw[32];
  gsize len = sizeof raw;

  switch (key->row->family)
    {
    case TOKEN_FAMILY_EC:
      one = number_text (key, OSSL_PKEY_PARAM_EC_PUB_X, key->row->part);
      other = number_text (key, OSSL_PKEY_PARAM_EC_PUB_Y, key->row->part);
      return json_pack ("{s:s, s:s, s:s, s:s}", "kty", "EC", "crv", key->row->curve, "x", one, "y",
                        other);
    case TOKEN_FAMILY_RSA:
      one = number_text (key, OSSL_PKEY_PARAM_RSA_N, 0);
      other = number_text (key, OSSL_PKEY_PARAM_RSA_E, 0);
      return json_pack ("{s:s, s:s, s:s}", "kty", "RSA", "n", one, "e", other);
    case TOKEN_FAMILY_OKP:
    default:
      EVP_PKEY_get_raw_public_key (key->pkey, raw, &len);
      one = token_base64 (raw, len);
      return json_pack ("{s:s, s:s, s:s}", "kty", "OKP", "crv", key->row->curve, "x", one);
    }
}

char *
token_key_thumbprint (const TokenKey *key)
{
  g_autoptr (json_t) members = required_members (key);
  char *text = json_dumps (members, JSON_COMPACT | JSON_SORT_KEYS);
  guint8 hash[32];

  EVP_Digest (text, strlen (text), hash, NULL, EVP_sha256 (), NULL);
  free (text);
  return token_base64 (hash, sizeof hash);
}

json_t *
token_key_jwk (const TokenKey *key)
{
  json_t *jwk = required_members (key);

  if (key->id != NULL)
    json_object_set_new (jwk, "kid", json_string (key->id));
  if (key->algorithm != TOKEN_NO_ALGORITHM)
    json_object_set_new (jwk, "alg", json_string (key->row->name));
  json_object_set_new (jwk, "use", json_string ("sig"));
  return jwk;
}

/* ---- reading ---- */

static EVP_PKEY *
from_params (const char *type, OSSL_PARAM_BLD *build)
{
  g_autoptr (OSSL_PARAM) params = OSSL_PARAM_BLD_to_param (build);
  g_autoptr (EVP_PKEY_CTX) context = EVP_PKEY_CTX_new_from_name (NULL, type, NULL);
  EVP_PKEY *pkey = NULL;

  if (params != NULL && context != NULL && EVP_PKEY_fromdata_init (context) == 1)
    EVP_PKEY_fromdata (context, &pkey, EVP_PKEY_PUBLIC_KEY, params);
  return pkey;
}

/* The bytes of member @name: exactly @want of them, or (0) any number. */
static guint8 *
member_bytes (const json_t *jwk, const char *name, gsize want, gsize *len, GError **error)
{
  const char *text = wire_string (jwk, name);
  g_autofree guint8 *bytes = text != NULL ? token_unbase64 (text, strlen (text), len) : NULL;

  if (bytes != NULL && *len > 0 && (want == 0 || *len == want))
    return g_steal_pointer (&bytes);
  g_set_error (error, TOKEN_ERROR, TOKEN_ERROR_KEY, "%s: is not what such a key has", name);
  return NULL;
}

static EVP_PKEY *
read_ec (const json_t *jwk, const TokenAlgorithmRow *row, GError **error)
{
  g_autoptr (OSSL_PARAM_BLD) build = OSSL_PARAM_BLD_new ();
  gsize len;
  g_autofree guint8 *x = member_bytes (jwk, "x", row->part, &len, error);
  g_autofree guint8 *y = x != NULL ? member_bytes (jwk, "y", row->part, &len, error) : NULL;

  if (y == NULL)
    return NULL;
  g_autofree guint8 *point = g_malloc (1 + 2 * row->part);
  point[0] = 0x04;
  memcpy (point + 1, x, row->part);
  memcpy (point + 1 + row->part, y, row->part);
  OSSL_PARAM_BLD_push_utf8_string (build, OSSL_PKEY_PARAM_GROUP_NAME, row->group, 0);
  OSSL_PARAM_BLD_push_octet_string (build, OSSL_PKEY_PARAM_PUB_KEY, point, 1 + 2 * row->part);
  EVP_PKEY *pkey = from_params ("EC", build);
  if (pkey == NULL)
    token_key_refuse (error, "x, y: no point of the curve");
  return pkey;
}

static EVP_PKEY *
read_rsa (const json_t *jwk, GError **error)
{
  g_autoptr (OSSL_PARAM_BLD) build = OSSL_PARAM_BLD_new ();
  gsize n_len, e_len;
  g_autofree guint8 *n_bytes = member_bytes (jwk, "n", 0, &n_len, error);
  g_autofree guint8 *e_bytes = n_bytes != NULL ? member_bytes (jwk, "e", 0, &e_len, error) : NULL;

  if (e_bytes == NULL)
    return NULL;
  g_autoptr (BIGNUM) n = BN_bin2bn (n_bytes, (int) n_len, NULL);
  g_autoptr (BIGNUM) e = BN_bin2bn (e_bytes, (int) e_len, NULL);
  OSSL_PARAM_BLD_push_BN (build, OSSL_PKEY_PARAM_RSA_N, n);
  OSSL_PARAM_BLD_push_BN (build, OSSL_PKEY_PARAM_RSA_E, e);
  EVP_PKEY *pkey = from_params ("RSA", build);
  if (pkey == NULL)
    token_key_refuse (error, "n, e: no RSA key");
  return pkey;
}

static EVP_PKEY *
read_okp (const json_t *jwk, const TokenAlgorithmRow *row, GError **error)
{
  gsize len;
  g_autofree guint8 *x = member_bytes (jwk, "x", row->part, &len, error);

  return x != NULL ? EVP_PKEY_new_raw_public_key (EVP_PKEY_ED25519, NULL, x, len) : NULL;
}

/* An algorithm of the key's kind, by what it says of itself; NO_ALGORITHM with an error. */
static TokenAlgorithm
kind_of (const json_t *jwk, GError **error)
{
  const char *kty = wire_string (jwk, "kty"), *crv = wire_string (jwk, "crv");

  if (g_strcmp0 (kty, "RSA") == 0)
    return TOKEN_RS256;
  for (int i = TOKEN_NO_ALGORITHM + 1; i < TOKEN_ALGORITHMS; i++)
    {
      const TokenAlgorithmRow *row = token_algorithm_row ((TokenAlgorithm) i);
      const char *type = row->family == TOKEN_FAMILY_EC ? "EC" : "OKP";
      if (row->curve != NULL && g_strcmp0 (kty, type) == 0 && g_strcmp0 (crv, row->curve) == 0)
        return (TokenAlgorithm) i;
    }
  token_key_refuse (error, "kty, crv: no kind of key that verifies tokens here");
  return TOKEN_NO_ALGORITHM;
}

static gboolean
may_verify (const json_t *operations)
{
  gsize i;
  json_t *operation;

  if (operations == NULL)
    return TRUE;
  json_array_foreach (operations, i, operation)
  {
    if (g_strcmp0 (json_string_value (operation), "verify") == 0)
      return TRUE;
  }
  return FALSE;
}

/* What the key is for, and that nobody else can sign with it. */
static gboolean
check_use (const json_t *jwk, GError **error)
{
  static const char *const private_members[] = { "d", "p", "q", "dp", "dq", "qi", "oth", "k" };
  const json_t *use = json_object_get (jwk, "use"), *id = json_object_get (jwk, "kid");

  for (gsize i = 0; i < G_N_ELEMENTS (private_members); i++)
    if (json_object_get (jwk, private_members[i]) != NULL)
      return token_key_refuse (error, "a published key has a private part: anybody signs with it");
  if (use != NULL && g_strcmp0 (json_string_value (use), "sig") != 0)
    return token_key_refuse (error, "use: is not for signatures");
  if (!may_verify (json_object_get (jwk, "key_ops")))
    return token_key_refuse (error, "key_ops: is not for verifying");
  if (id != NULL && (!json_is_string (id) || json_string_length (id) > ID_MAX))
    return token_key_refuse (error, "kid: must be a text of at most 256 bytes");
  return TRUE;
}

TokenKey *
token_key_read_jwk (const json_t *jwk, GError **error)
{
  TokenAlgorithm kind;
  const json_t *alg = json_object_get (jwk, "alg");
  TokenAlgorithm algorithm = token_algorithm_find (json_string_value (alg));

  if (!check_use (jwk, error) || (kind = kind_of (jwk, error)) == TOKEN_NO_ALGORITHM)
    return NULL;
  const TokenAlgorithmRow *row = token_algorithm_row (kind);
  if (alg != NULL
      && (algorithm == TOKEN_NO_ALGORITHM || token_algorithm_row (algorithm)->family != row->family
          || g_strcmp0 (token_algorithm_row (algorithm)->curve, row->curve) != 0))
    {
      token_key_refuse (error, "alg: is none that a key of this kind is for");
      return NULL;
    }
  EVP_PKEY *pkey = row->family == TOKEN_FAMILY_EC    ? read_ec (jwk, row, error)
                   : row->family == TOKEN_FAMILY_RSA ? read_rsa (jwk, error)
                                                     : read_okp (jwk, row, error);
  if (pkey == NULL)
    return NULL;
  TokenKey *key = token_key_adopt (
      pkey, algorithm, alg != NULL ? token_algorithm_row (algorithm) : row, FALSE, error);
  if (key != NULL)
    key->id = g_strdup (wire_string (jwk, "kid"));
  return key;
}

/* ---- sets ---- */

GPtrArray *
token_keys_new (void)
{
  return g_ptr_array_new_with_free_func ((GDestroyNotify) token_key_unref);
}

GPtrArray *
token_keys_read (const json_t *jwks, GError **error)
{
  const json_t *members = json_object_get (jwks, "keys");
  GPtrArray *keys;
  json_t *jwk;
  gsize i;

  if (!json_is_array (members) || json_array_size (members) > TOKEN_KEYS_MAX)
    {
      token_key_refuse (error, "keys: must be a list of at most 64 keys");
      return NULL;
    }
  keys = token_keys_new ();
  json_array_foreach (members, i, jwk)
  {
    TokenKey *key = token_key_read_jwk (jwk, NULL);
    if (key != NULL)
      g_ptr_array_add (keys, key);
  }
  return keys;
}

json_t *
token_keys_json (const GPtrArray *keys)
{
  json_t *list = json_array ();

  for (guint i = 0; i < keys->len; i++)
    json_array_append_new (list, token_key_jwk (g_ptr_array_index (keys, i)));
  return json_pack ("{s:o}", "keys", list);
}

TokenKey *
token_keys_find (const GPtrArray *keys, const char *id, TokenAlgorithm algorithm)
{
  TokenKey *found = NULL;

  for (guint i = 0; i < keys->len; i++)
    {
      TokenKey *key = g_ptr_array_index (keys, i);
      if (!token_key_fits (key, algorithm) || (id != NULL && g_strcmp0 (key->id, id) != 0))
        continue;
      if (id != NULL)
        return key;
      if (found != NULL)
        return NULL; /* the token does not say which */
      found = key;
    }
  return found;
}
