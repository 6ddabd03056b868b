/* SPDX-License-Identifier: MIT
 *
 * Making tokens. libjwt builds them; it would read the key anew from its text for each signature,
 * so OpenSSL signs with the key that is there.
 */
#include "broker/token/token-jwt.h"

#include <jwt.h>
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <stdlib.h>
#include <string.h>

#include "broker/token/token-key-private.h"

#define SIGNATURE_MAX 1024 /* bytes: RSA with 8192 bits */

G_DEFINE_AUTOPTR_CLEANUP_FUNC (jwt_t, jwt_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ECDSA_SIG, ECDSA_SIG_free)

/* r and s one behind the other (RFC 7518, section 3.4); OpenSSL has them in DER. */
static gboolean
raw_signature (guint8 *signature, gsize *len, gsize part)
{
  const guint8 *at = signature;
  g_autoptr (ECDSA_SIG) pair = d2i_ECDSA_SIG (NULL, &at, (long) *len);

  *len = 2 * part;
  return pair != NULL && BN_bn2binpad (ECDSA_SIG_get0_r (pair), signature, (int) part) == (int) part
         && BN_bn2binpad (ECDSA_SIG_get0_s (pair), signature + part, (int) part) == (int) part;
}

static gboolean
sign (const TokenKey *key, const char *text, guint8 signature[SIGNATURE_MAX], gsize *len)
{
  const TokenAlgorithmRow *row = token_algorithm_row (token_key_algorithm (key));
  g_autoptr (EVP_MD_CTX) context = EVP_MD_CTX_new ();

  *len = SIGNATURE_MAX;
  return context != NULL && EVP_MD_CTX_copy_ex (context, token_key_signing (key)) == 1
         && EVP_DigestSign (context, signature, len, (const guint8 *) text, strlen (text)) == 1
         && (row->family != TOKEN_FAMILY_EC || raw_signature (signature, len, row->part));
}

/* Header and claims as they are signed; g_free(). */
static char *
signed_part (const TokenKey *key, gboolean with_id, const json_t *claims)
{
  g_autoptr (jwt_t) jwt = NULL;
  char *text = json_dumps (claims, JSON_COMPACT), *head = NULL, *body = NULL, *part = NULL;

  if (text != NULL && jwt_new (&jwt) == 0 && jwt_add_header (jwt, "typ", "JWT") == 0
      && jwt_add_header (jwt, "alg", token_algorithm_name (token_key_algorithm (key))) == 0
      && (!with_id || jwt_add_header (jwt, "kid", token_key_id (key)) == 0)
      && jwt_add_grants_json (jwt, text) == 0 && (head = jwt_get_headers_json (jwt, NULL)) != NULL
      && (body = jwt_get_grants_json (jwt, NULL)) != NULL)
    {
      g_autofree char *first = token_base64 (head, strlen (head));
      g_autofree char *second = token_base64 (body, strlen (body));
      part = g_strconcat (first, ".", second, NULL);
    }
  free (text);
  free (head);
  free (body);
  return part;
}

Secret *
token_jwt_sign (const TokenKey *key, gboolean with_id, const json_t *claims, GError **error)
{
  guint8 signature[SIGNATURE_MAX];
  gsize len;
  g_autofree char *part = token_key_signs (key) && json_is_object (claims)
                              ? signed_part (key, with_id, claims)
                              : NULL;

  if (part == NULL || !sign (key, part, signature, &len))
    {
      ERR_clear_error ();
      g_set_error_literal (error, TOKEN_ERROR, TOKEN_ERROR_SYSTEM, "signing a token failed");
      return NULL;
    }
  /* Only with its signature it is worth something to others. */
  char *last = token_base64 (signature, len);
  gsize part_len = strlen (part), last_len = strlen (last);
  Secret *token = secret_new (part_len + 1 + last_len, error);
  if (token != NULL)
    {
      memcpy (secret_data (token), part, part_len);
      secret_data (token)[part_len] = '.';
      memcpy (secret_data (token) + part_len + 1, last, last_len);
    }
  explicit_bzero (signature, sizeof signature);
  explicit_bzero (last, last_len);
  g_free (last);
  return token;
}
