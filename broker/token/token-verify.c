/* SPDX-License-Identifier: MIT
 *
 * Judging tokens. libjwt 1.10 verifies a signature and looks at nothing else: it takes an HS256
 * token made with the text of a public key, any curve for ES256, "none" where it has no key, and
 * never reads exp, nbf, iss, aud or crit.
 */
#include "broker/token/token-jwt.h"

#include <jwt.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/rsa.h>
#include <string.h>

#include "broker/base/wire.h"
#include "broker/token/token-key-private.h"

#define TIME_MAX ((gint64) 1 << 53) /* what every reader of JSON agrees on */

G_DEFINE_AUTOPTR_CLEANUP_FUNC (jwt_t, jwt_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ECDSA_SIG, ECDSA_SIG_free)

/* A token in its parts. */
typedef struct
{
  const char *text; /* all of it, with a NUL */
  gsize signed_len; /* of header and claims with the dot between */
  json_t *head, *claims;
  guint8 *signature;
  gsize signature_len;
} Parts;

const char *
token_verdict_name (TokenVerdict verdict)
{
  static const char *const names[] = {
    [TOKEN_MALFORMED] = "malformed",
    [TOKEN_BAD_ALGORITHM] = "algorithm",
    [TOKEN_CRITICAL] = "critical",
    [TOKEN_BAD_TYPE] = "type",
    [TOKEN_UNKNOWN_KEY] = "unknown_key",
    [TOKEN_BAD_SIGNATURE] = "signature",
    [TOKEN_BAD_CLAIMS] = "claims",
    [TOKEN_BAD_ISSUER] = "issuer",
    [TOKEN_BAD_AUDIENCE] = "audience",
    [TOKEN_EXPIRED] = "expired",
    [TOKEN_NOT_YET] = "not_yet",
    [TOKEN_REVOKED] = "revoked",
    [TOKEN_GOOD] = "good",
  };
  return names[verdict];
}

/* ---- one spelling ---- */

static json_t *
read_object (const char *text, gsize len)
{
  gsize bytes_len;
  g_autofree guint8 *bytes = token_unbase64 (text, len, &bytes_len);

  return bytes != NULL ? wire_parse ((const char *) bytes, bytes_len, FALSE, NULL) : NULL;
}

static gboolean
split (const char *text, gsize len, Parts *parts)
{
  const char *first = memchr (text, '.', len);
  const char *second = first != NULL ? strchr (first + 1, '.') : NULL;

  if (second == NULL || strlen (text) != len)
    return FALSE;
  gsize last_len = len - (gsize) (second + 1 - text);
  parts->text = text;
  parts->signed_len = (gsize) (second - text);
  parts->head = read_object (text, (gsize) (first - text));
  parts->claims = read_object (first + 1, (gsize) (second - first - 1));
  parts->signature = token_unbase64 (second + 1, last_len, &parts->signature_len);
  return parts->head != NULL && parts->claims != NULL && parts->signature != NULL;
}

static void
parts_clear (Parts *parts)
{
  json_decref (parts->head);
  json_decref (parts->claims);
  g_free (parts->signature);
}

/* ---- the signature ---- */

/* OpenSSL wants r and s in DER. NULL when they are not of the one right length. g_free(). */
static guint8 *
der_signature (const Parts *parts, gsize part, gsize *len)
{
  if (parts->signature_len != 2 * part)
    return NULL;
  g_autoptr (ECDSA_SIG) pair = ECDSA_SIG_new ();
  BIGNUM *r = BN_bin2bn (parts->signature, (int) part, NULL);
  BIGNUM *s = BN_bin2bn (parts->signature + part, (int) part, NULL);
  if (pair == NULL || r == NULL || s == NULL)
    return NULL;
  ECDSA_SIG_set0 (pair, r, s);
  guint8 *der = g_malloc (2 * part + 16), *at = der;
  *len = (gsize) i2d_ECDSA_SIG (pair, &at);
  return der;
}

static gboolean
set_pss (EVP_PKEY_CTX *context)
{
  return EVP_PKEY_CTX_set_rsa_padding (context, RSA_PKCS1_PSS_PADDING) == 1
         && EVP_PKEY_CTX_set_rsa_pss_saltlen (context, RSA_PSS_SALTLEN_DIGEST) == 1;
}

static gboolean
verified_by_openssl (const Parts *parts, const TokenKey *key, const TokenAlgorithmRow *row)
{
  g_autoptr (EVP_MD_CTX) context = EVP_MD_CTX_new ();
  EVP_PKEY_CTX *details = NULL;
  gsize len = parts->signature_len;
  g_autofree guint8 *der
      = row->family == TOKEN_FAMILY_EC ? der_signature (parts, row->part, &len) : NULL;

  if (row->family == TOKEN_FAMILY_EC && der == NULL)
    return FALSE;
  return context != NULL
         && EVP_DigestVerifyInit_ex (context, &details, row->digest, NULL, NULL,
                                     token_key_peek (key), NULL)
                == 1
         && (!row->pss || set_pss (details))
         && EVP_DigestVerify (context, der != NULL ? der : parts->signature, len,
                              (const guint8 *) parts->text, parts->signed_len)
                == 1;
}

/* The algorithm was held against the key before; that libjwt saw the same one is held again. */
static gboolean
verified_by_libjwt (const Parts *parts, const TokenKey *key, jwt_alg_t algorithm)
{
  g_autoptr (jwt_t) jwt = NULL;
  gsize len;
  const char *pem = token_key_pem (key, &len);

  return jwt_decode (&jwt, parts->text, (const unsigned char *) pem, (int) len) == 0
         && jwt_get_alg (jwt) == algorithm;
}

/* libjwt knows neither PS* nor EdDSA, and no token of another type than JWT. */
static gboolean
is_signed (const Parts *parts, const TokenKey *key, TokenAlgorithm algorithm)
{
  const TokenAlgorithmRow *row = token_algorithm_row (algorithm);
  const char *type = wire_string (parts->head, "typ");
  jwt_alg_t known = row->pss ? JWT_ALG_INVAL : jwt_str_alg (row->name);
  gboolean holds;

  if (row->family == TOKEN_FAMILY_EC && parts->signature_len != 2 * row->part)
    return FALSE;
  if (known != JWT_ALG_INVAL && (type == NULL || g_ascii_strcasecmp (type, "JWT") == 0))
    holds = verified_by_libjwt (parts, key, known);
  else
    holds = verified_by_openssl (parts, key, row);
  ERR_clear_error ();
  return holds;
}

static gboolean
is_type (const json_t *head, const char *type)
{
  const json_t *typ = json_object_get (head, "typ");

  if (typ == NULL)
    return type == NULL;
  return json_is_string (typ)
         && g_ascii_strcasecmp (json_string_value (typ), type != NULL ? type : "JWT") == 0;
}

static TokenVerdict
check_head (const Parts *parts, const GPtrArray *keys, const TokenExpect *expect)
{
  const json_t *id = json_object_get (parts->head, "kid");
  TokenAlgorithm algorithm = token_algorithm_find (wire_string (parts->head, "alg"));

  if (algorithm == TOKEN_NO_ALGORITHM)
    return TOKEN_BAD_ALGORITHM;
  /* Whatever is listed there, none of it is known here. "b64" changes what is signed. */
  if (json_object_get (parts->head, "crit") != NULL || json_object_get (parts->head, "b64") != NULL)
    return TOKEN_CRITICAL;
  if (!is_type (parts->head, expect->type))
    return TOKEN_BAD_TYPE;
  if (id != NULL && !json_is_string (id))
    return TOKEN_MALFORMED;
  const TokenKey *key = token_keys_find (keys, json_string_value (id), algorithm);
  if (key == NULL)
    return TOKEN_UNKNOWN_KEY;
  return is_signed (parts, key, algorithm) ? TOKEN_GOOD : TOKEN_BAD_SIGNATURE;
}

/* ---- the claims ---- */

/* NumericDate (RFC 7519, section 2), which may have a fraction. FALSE: is no time. */
static gboolean
read_time (const json_t *claims, const char *name, gboolean required, gint64 *seconds)
{
  const json_t *value = json_object_get (claims, name);

  *seconds = 0;
  if (value == NULL)
    return !required;
  if (!json_is_number (value))
    return FALSE;
  double number = json_number_value (value);
  if (!(number >= 0 && number <= (double) TIME_MAX))
    return FALSE;
  *seconds = json_is_integer (value) ? json_integer_value (value) : (gint64) number;
  return TRUE;
}

static gboolean
is_for (const json_t *claims, const char *audience)
{
  const json_t *aud = json_object_get (claims, "aud");
  const json_t *one;
  gsize i;

  if (audience == NULL)
    return TRUE;
  json_array_foreach (aud, i, one)
  {
    if (g_strcmp0 (json_string_value (one), audience) == 0)
      return TRUE;
  }
  return g_strcmp0 (json_string_value (aud), audience) == 0;
}

static TokenVerdict
check_claims (const json_t *claims, const TokenExpect *expect)
{
  gint64 exp, nbf, iat;

  if (!read_time (claims, "exp", TRUE, &exp) || !read_time (claims, "nbf", FALSE, &nbf)
      || !read_time (claims, "iat", FALSE, &iat))
    return TOKEN_BAD_CLAIMS;
  if (expect->issuer != NULL && g_strcmp0 (wire_string (claims, "iss"), expect->issuer) != 0)
    return TOKEN_BAD_ISSUER;
  if (!is_for (claims, expect->audience))
    return TOKEN_BAD_AUDIENCE;
  if (expect->now >= exp + expect->leeway)
    return TOKEN_EXPIRED;
  return MAX (nbf, iat) > expect->now + expect->leeway ? TOKEN_NOT_YET : TOKEN_GOOD;
}

TokenVerdict
token_jwt_verify (const char *text, gsize len, const GPtrArray *keys, const TokenExpect *expect,
                  json_t **claims)
{
  Parts parts = { 0 };
  TokenVerdict verdict = TOKEN_MALFORMED;

  if (len > TOKEN_MAX)
    return TOKEN_MALFORMED;
  char *copy = g_strndup (text, len);
  if (split (copy, len, &parts))
    verdict = check_head (&parts, keys, expect);
  if (verdict == TOKEN_GOOD)
    verdict = check_claims (parts.claims, expect);
  if (verdict == TOKEN_GOOD)
    *claims = json_incref (parts.claims);
  parts_clear (&parts);
  explicit_bzero (copy, len);
  g_free (copy);
  return verdict;
}
