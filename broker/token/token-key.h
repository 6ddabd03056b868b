/* SPDX-License-Identifier: MIT
 *
 * Keys that sign and verify tokens, and their form on paper: JWK (RFC 7517, RFC 7518, RFC 8037).
 *
 * MUST
 *  - be used with the algorithm that the key is for, never with one that a token names
 *  - refuse a key that is weak, beside its curve, symmetric, or carries a private part in public
 *  - keep private parts in OpenSSL's keys and in Secrets, nowhere else
 */
#pragma once

#include <jansson.h>
#include <openssl/evp.h>

#include "broker/base/secret.h"

#define TOKEN_ERROR (token_error_quark ())
typedef enum
{
  TOKEN_ERROR_KEY,   /* is no key that may be used; the message says which member and why */
  TOKEN_ERROR_CLAIM, /* what is to be signed is not as it has to be */
  TOKEN_ERROR_SYSTEM /* OpenSSL or memory failed */
} TokenError;
GQuark token_error_quark (void);

/* Of RFC 7518 and RFC 8037: those that verify. No HS*: whoever verifies could also sign. */
typedef enum
{
  TOKEN_NO_ALGORITHM = 0, /* verifies nothing */
  TOKEN_ES256,
  TOKEN_ES384,
  TOKEN_ES512,
  TOKEN_RS256,
  TOKEN_RS384,
  TOKEN_RS512,
  TOKEN_PS256,
  TOKEN_PS384,
  TOKEN_PS512,
  TOKEN_EDDSA,
  TOKEN_ALGORITHMS
} TokenAlgorithm;

typedef enum
{
  TOKEN_FAMILY_EC,
  TOKEN_FAMILY_RSA,
  TOKEN_FAMILY_OKP
} TokenFamily;

/* What is to be known of each. */
typedef struct
{
  const char *name; /* as "alg" has it, exactly */
  TokenFamily family;
  const char *group; /* EC: OpenSSL's name of the curve */
  const char *curve; /* "crv", or NULL */
  const char *digest;
  gsize part; /* EC: bytes of r, s and of a coordinate */
  gboolean pss;
} TokenAlgorithmRow;
const TokenAlgorithmRow *token_algorithm_row (TokenAlgorithm algorithm); /* not of NO_ALGORITHM */
const char *token_algorithm_name (TokenAlgorithm algorithm);
/* NO_ALGORITHM for any text that is none of the names, "none" and "es256" among them. */
TokenAlgorithm token_algorithm_find (const char *name);

/* Reference-counted, immutable. */
typedef struct _TokenKey TokenKey;
TokenKey *token_key_ref (TokenKey *key);
void token_key_unref (TokenKey *key); /* the last one wipes what is private; NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TokenKey, token_key_unref)

/* TOKEN_ES256, or TOKEN_RS256 with 2048 bits, which takes up to a second: not on the main loop. */
TokenKey *token_key_generate (TokenAlgorithm algorithm, GError **error);
/* As token_key_private() wrote it. */
TokenKey *token_key_read_private (TokenAlgorithm algorithm, const Secret *der, GError **error);
/* PKCS #1 or PKCS #8, without a passphrase, as GitHub hands them out. */
TokenKey *token_key_read_pem (TokenAlgorithm algorithm, const Secret *pem, GError **error);
/* As token_key_public() wrote it. */
TokenKey *token_key_read_public (TokenAlgorithm algorithm, const Secret *der, GError **error);
Secret *token_key_private (const TokenKey *key, GError **error);
Secret *token_key_public (const TokenKey *key, GError **error); /* SubjectPublicKeyInfo */

/* One member of a JWKS. A key whose "alg" is left out is good for each algorithm of its family (EC
 * and OKP: of its curve). */
TokenKey *token_key_read_jwk (const json_t *jwk, GError **error);
/* kty, crv, x, y (or n, e), kid, alg, use. The public part only. */
json_t *token_key_jwk (const TokenKey *key);

/* The id by which tokens name it; of our own keys the thumbprint of RFC 7638 (SHA-256, base64url).
 * NULL: a foreign one without an id. */
const char *token_key_id (const TokenKey *key);
/* NO_ALGORITHM: any of its family. */
TokenAlgorithm token_key_algorithm (const TokenKey *key);
gboolean token_key_fits (const TokenKey *key, TokenAlgorithm algorithm);
gboolean token_key_signs (const TokenKey *key);            /* has its private part */
EVP_PKEY *token_key_peek (const TokenKey *key);            /* borrowed */
const EVP_MD_CTX *token_key_signing (const TokenKey *key); /* begun, to be copied; or NULL */
/* The public part as libjwt reads it, with its length; borrowed. */
const char *token_key_pem (const TokenKey *key, gsize *len);

/* What is published together; of TokenKey. */
GPtrArray *token_keys_new (void);
/* RFC 7517, section 5: keys that this does not understand or would not use are passed over. NULL
 * with an error when @jwks is no such set, or has more than TOKEN_KEYS_MAX. */
#define TOKEN_KEYS_MAX 64
GPtrArray *token_keys_read (const json_t *jwks, GError **error);
/* {"keys":[…]} */
json_t *token_keys_json (const GPtrArray *keys);
/* By id and algorithm. @id NULL: the only one that the algorithm fits, else none. Borrowed. */
TokenKey *token_keys_find (const GPtrArray *keys, const char *id, TokenAlgorithm algorithm);

/* Base64url without padding (RFC 7515, section 2). g_free(). */
char *token_base64 (const void *data, gsize len);
/* NULL when @text is not the one spelling of some bytes. The bytes end with a NUL beyond @len. */
guint8 *token_unbase64 (const char *text, gsize text_len, gsize *len);
