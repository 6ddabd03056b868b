/* SPDX-License-Identifier: MIT
 *
 * Keys of tokens: what is published is read by the same rules, and what is weak is not used.
 */
#include "broker/token/token-key.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <string.h>

#include "broker/base/wire.h"
#include "tests/unit/table.h"

/* RFC 7515, appendix A.3.1 and A.2.1; RFC 8037, appendix A.2. */
#define EC_X "'x':'f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU'"
#define EC_Y "'y':'x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0'"
#define EC "'kty':'EC','crv':'P-256'," EC_X "," EC_Y
#define RSA_N                                                                                      \
  "'n':'ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-"                         \
  "Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_"                                        \
  "YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-"                  \
  "KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_"                              \
  "I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ'"
#define RSA "'kty':'RSA'," RSA_N ",'e':'AQAB'"
#define OKP "'kty':'OKP','crv':'Ed25519','x':'11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo'"

typedef struct
{
  const char *sentence, *jwk;
  const char *refused; /* how the message begins; NULL: read */
} ReadCase;

/* clang-format off */
static const ReadCase read_cases[] = {
  { "an EC key", "{" EC ",'alg':'ES256','use':'sig','kid':'1'}", NULL },
  { "an EC key that does not say its algorithm", "{" EC "}", NULL },
  { "an RSA key", "{" RSA ",'alg':'RS256','kid':'1'}", NULL },
  { "an Ed25519 key", "{" OKP ",'alg':'EdDSA'}", NULL },
  { "a member that nobody knows is passed over", "{" EC ",'x5t':'x'}", NULL },
  { "it may verify", "{" EC ",'key_ops':['verify']}", NULL },
  { "it is a text", "'EC'", "kty, crv" },
  { "a symmetric key", "{'kty':'oct','k':'AA'}", "a published key has a private part" },
  { "a symmetric key without its bytes", "{'kty':'oct','alg':'HS256'}", "kty, crv" },
  { "its private part is there", "{" EC ",'d':'jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI'}", "a published key has a private part" },
  { "for encryption", "{" EC ",'use':'enc'}", "use" },
  { "use is a list", "{" EC ",'use':['sig']}", "use" },
  { "may do nothing", "{" EC ",'key_ops':[]}", "key_ops" },
  { "may only sign", "{" EC ",'key_ops':['sign']}", "key_ops" },
  { "kid is a number", "{" EC ",'kid':1}", "kid" },
  { "a kind that nobody knows", "{'kty':'LWE','x':'AA'}", "kty, crv" },
  { "a curve that nobody trusts", "{'kty':'EC','crv':'secp256k1'," EC_X "," EC_Y "}", "kty, crv" },
  { "HS256 for an EC key", "{" EC ",'alg':'HS256'}", "alg" },
  { "none for an EC key", "{" EC ",'alg':'none'}", "alg" },
  { "RS256 for an EC key", "{" EC ",'alg':'RS256'}", "alg" },
  { "ES384 for P-256", "{" EC ",'alg':'ES384'}", "alg" },
  { "alg is null", "{" EC ",'alg':null}", "alg" },
  { "a point beside the curve", "{'kty':'EC','crv':'P-256'," EC_X ",'y':'x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a1'}", "y" },
  { "a point beside the curve, well spelled", "{'kty':'EC','crv':'P-256'," EC_X ",'y':'x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5aw'}", "x, y" },
  { "x and y are zero", "{'kty':'EC','crv':'P-256','x':'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA','y':'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'}", "x, y" },
  { "a coordinate of P-384", "{'kty':'EC','crv':'P-384'," EC_X "," EC_Y "}", "x" },
  { "a coordinate is missing", "{'kty':'EC','crv':'P-256'," EC_X "}", "y" },
  { "a short Ed25519 key", "{'kty':'OKP','crv':'Ed25519','x':'11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHUQ'}", "x" },
  { "a key of X25519", "{'kty':'OKP','crv':'X25519','x':'11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo'}", "kty, crv" },
  { "RSA with the exponent 1", "{'kty':'RSA'," RSA_N ",'e':'AQ'}", "e" },
  { "RSA with the exponent 3", "{'kty':'RSA'," RSA_N ",'e':'Aw'}", "e" },
  { "RSA with an even exponent", "{'kty':'RSA'," RSA_N ",'e':'AQAA'}", "e" },
  { "RSA with a vast exponent", "{'kty':'RSA'," RSA_N ",'e':'AQAAAAAAAAAAAQ'}", "e" },
  { "RSA without its modulus", "{'kty':'RSA','e':'AQAB'}", "n" },
  { "RSA with a tiny modulus", "{'kty':'RSA','n':'_w','e':'AQAB'}", "n" },
};
/* clang-format on */

static json_t *
parse (const char *text)
{
  g_autofree char *json = g_strdelimit (g_strdup (text), "'", '"');
  json_t *value = json_loads (json, JSON_DECODE_ANY, NULL);

  g_assert_nonnull (value);
  return value;
}

static void
test_read (gconstpointer data)
{
  const ReadCase *row = data;
  g_autoptr (json_t) jwk = parse (row->jwk);
  g_autoptr (GError) error = NULL;
  g_autoptr (TokenKey) key = token_key_read_jwk (jwk, &error);

  if (row->refused == NULL)
    {
      g_assert_no_error (error);
      g_autoptr (json_t) again = token_key_jwk (key);
      g_autoptr (TokenKey) same = token_key_read_jwk (again, &error);
      g_assert_no_error (error);
      g_assert_cmpint (EVP_PKEY_eq (token_key_peek (key), token_key_peek (same)), ==, 1);
      return;
    }
  g_assert_null (key);
  g_assert_error (error, TOKEN_ERROR, TOKEN_ERROR_KEY);
  g_assert_true (g_str_has_prefix (error->message, row->refused));
}

static json_t *
rsa_jwk (guint bits)
{
  EVP_PKEY *pkey = EVP_RSA_gen (bits);
  BIGNUM *n = NULL;
  guint8 bytes[2048];

  EVP_PKEY_get_bn_param (pkey, OSSL_PKEY_PARAM_RSA_N, &n);
  g_autofree char *text = token_base64 (bytes, (gsize) BN_bn2bin (n, bytes));
  BN_free (n);
  EVP_PKEY_free (pkey);
  return json_pack ("{s:s, s:s, s:s}", "kty", "RSA", "n", text, "e", "AQAB");
}

static void
test_weak (void)
{
  g_autoptr (json_t) weak = rsa_jwk (1024), strong = rsa_jwk (2048);
  g_autoptr (GError) error = NULL;
  g_autoptr (TokenKey) refused = token_key_read_jwk (weak, &error);
  g_autoptr (TokenKey) taken = token_key_read_jwk (strong, NULL);

  g_assert_null (refused);
  g_assert_error (error, TOKEN_ERROR, TOKEN_ERROR_KEY);
  g_assert_cmpstr (error->message, ==, "n: an RSA key needs at least 2048 bits");
  g_assert_nonnull (taken);
}

/* A modulus with more bits than anybody's, which would cost more than it is worth. */
static void
test_vast (void)
{
  g_autofree guint8 *bytes = g_malloc (1025);
  memset (bytes, 0xff, 1025);
  g_autofree char *n = token_base64 (bytes, 1025);
  g_autoptr (json_t) jwk = json_pack ("{s:s, s:s, s:s}", "kty", "RSA", "n", n, "e", "AQAB");
  g_autoptr (GError) error = NULL;
  g_autoptr (TokenKey) key = token_key_read_jwk (jwk, &error);

  g_assert_null (key);
  g_assert_cmpstr (error->message, ==, "n: an RSA key has at most 8192 bits");
}

/* RFC 7638, section 3.1. */
static void
test_thumbprint (void)
{
  g_autoptr (json_t) jwk = parse (
      "{'kty':'RSA','n':'0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFF"
      "xuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-"
      "65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-b"
      "FTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw','e':"
      "'AQAB'}");
  g_autoptr (TokenKey) key = token_key_read_jwk (jwk, NULL);
  g_autoptr (Secret) der = token_key_public (key, NULL);
  g_autoptr (TokenKey) own = token_key_read_public (TOKEN_RS256, der, NULL);

  g_assert_null (token_key_id (key));
  g_assert_cmpstr (token_key_id (own), ==, "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
}

static void
test_round (void)
{
  g_autoptr (TokenKey) key = token_key_generate (TOKEN_ES256, NULL);
  g_autoptr (Secret) der = token_key_private (key, NULL);
  g_autoptr (TokenKey) again = token_key_read_private (TOKEN_ES256, der, NULL);
  g_autoptr (json_t) jwk = token_key_jwk (again);

  g_assert_true (token_key_signs (again));
  g_assert_cmpstr (token_key_id (key), ==, token_key_id (again));
  g_assert_null (json_object_get (jwk, "d"));
  g_assert_cmpuint (json_object_size (jwk), ==, 7);
}

typedef struct
{
  const char *sentence;
  const char *id;
  TokenAlgorithm algorithm;
  int found; /* which member; -1: none */
} FindCase;

static const FindCase find_cases[] = {
  { "by id and algorithm", "a", TOKEN_ES256, 0 },
  { "one id of two kinds: the EC key", "both", TOKEN_ES256, 1 },
  { "one id of two kinds: the RSA key", "both", TOKEN_RS256, 2 },
  { "a key that does not say is for each of its family", "both", TOKEN_PS512, 2 },
  { "no id, and two would fit", NULL, TOKEN_ES256, -1 },
  { "no id, and one fits", NULL, TOKEN_EDDSA, 3 },
  { "an id in other letters", "A", TOKEN_ES256, -1 },
  { "the beginning of an id", "bot", TOKEN_ES256, -1 },
  { "the id of a key for something else", "a", TOKEN_RS256, -1 },
  { "no algorithm", "a", TOKEN_NO_ALGORITHM, -1 },
};

static void
test_find (gconstpointer data)
{
  const FindCase *row = data;
  g_autoptr (json_t) set = parse ("{'keys':[{" EC ",'alg':'ES256','kid':'a'},{'kty':'later'},{" EC
                                  ",'kid':'both'},17,{" RSA ",'kid':'both'},{" OKP ",'kid':'c'}]}");
  g_autoptr (GPtrArray) keys = token_keys_read (set, NULL);

  g_assert_cmpuint (keys->len, ==, 4);
  g_assert_true (token_keys_find (keys, row->id, row->algorithm)
                 == (row->found < 0 ? NULL : g_ptr_array_index (keys, row->found)));
}

typedef struct
{
  const char *sentence, *text;
  int len; /* -1: refused */
} Base64Case;

static const Base64Case base64_cases[] = {
  { "nothing", "", 0 },
  { "one byte", "_w", 1 },
  { "two bytes", "-_8", 2 },
  { "three bytes", "AAAA", 3 },
  { "bits left over in one byte", "_x", -1 },
  { "bits left over in two", "-_9", -1 },
  { "a length that none has", "AAAAA", -1 },
  { "padding", "_w==", -1 },
  { "the other alphabet", "+/8", -1 },
  { "a blank", "AA AA", -1 },
};

static void
test_base64 (gconstpointer data)
{
  const Base64Case *row = data;
  gsize len;
  g_autofree guint8 *bytes = token_unbase64 (row->text, strlen (row->text), &len);

  g_assert_cmpint (bytes != NULL ? (int) len : -1, ==, row->len);
  if (bytes == NULL)
    return;
  g_autofree char *again = token_base64 (bytes, len);
  g_assert_cmpstr (again, ==, row->text);
}

static Secret *
pem_of (EVP_PKEY *pkey, gboolean traditional, const char *passphrase)
{
  BIO *out = BIO_new (BIO_s_mem ());
  char *text;
  Secret *pem;

  if (traditional)
    PEM_write_bio_PrivateKey_traditional (out, pkey, NULL, NULL, 0, NULL, NULL);
  else
    PEM_write_bio_PKCS8PrivateKey (out, pkey, passphrase != NULL ? EVP_aes_256_cbc () : NULL,
                                   passphrase, passphrase != NULL ? (int) strlen (passphrase) : 0,
                                   NULL, NULL);
  gsize len = (gsize) BIO_get_mem_data (out, &text);
  pem = secret_new_from (text, len, NULL);
  BIO_free (out);
  return pem;
}

/* As a GitHub App's is; one that needs a passphrase asks nobody for it. */
static void
test_pem (void)
{
  EVP_PKEY *pkey = EVP_RSA_gen (2048);
  g_autoptr (Secret) old = pem_of (pkey, TRUE, NULL), plain = pem_of (pkey, FALSE, NULL);
  g_autoptr (Secret) sealed = pem_of (pkey, FALSE, "passphrase"), cut = secret_copy (plain, NULL);
  g_autoptr (TokenKey) one = token_key_read_pem (TOKEN_RS256, old, NULL);
  g_autoptr (TokenKey) two = token_key_read_pem (TOKEN_RS256, plain, NULL);
  g_autoptr (GError) error = NULL;

  secret_truncate (cut, secret_len (plain) / 2);
  g_assert_cmpstr (token_key_id (one), ==, token_key_id (two));
  g_assert_null (token_key_read_pem (TOKEN_RS256, sealed, &error));
  g_assert_error (error, TOKEN_ERROR, TOKEN_ERROR_KEY);
  g_assert_null (token_key_read_pem (TOKEN_RS256, cut, NULL));
  g_assert_null (token_key_read_pem (TOKEN_ES256, plain, NULL));
  EVP_PKEY_free (pkey);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_true (secret_init (NULL));
  ADD_TABLE ("/token-key/read/", read_cases, test_read);
  ADD_TABLE ("/token-key/find/", find_cases, test_find);
  ADD_TABLE ("/token-key/base64/", base64_cases, test_base64);
  g_test_add_func ("/token-key/read/RSA with 1024 bits is refused", test_weak);
  g_test_add_func ("/token-key/read/RSA with 8200 bits is refused", test_vast);
  g_test_add_func ("/token-key/read/a private key in PEM form", test_pem);
  g_test_add_func ("/token-key/write/the thumbprint of RFC 7638", test_thumbprint);
  g_test_add_func ("/token-key/write/what is written is read again", test_round);
  return g_test_run ();
}
