/* SPDX-License-Identifier: MIT
 *
 * Judging tokens: each thing that libjwt does not look at has a row, which says whether libjwt
 * alone would have taken it.
 */
#include "broker/token/token-jwt.h"

#include <jwt.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/hmac.h>
#include <openssl/rsa.h>
#include <string.h>

#include "broker/base/wire.h"
#include "tests/unit/table.h"

#define NOW 1000000
#define ISSUER "https://issuer.example"
#define AUDIENCE "https://api.example"

/* Who signs. */
typedef enum
{
  BY_NOBODY, /* an empty signature */
  BY_ES256,
  BY_OTHER_ES256, /* a key that is not published */
  BY_ES384,
  BY_RS256,
  BY_PS256,
  BY_EDDSA,
  BY_PUBLIC_TEXT, /* HMAC under the text of the public key of ES256 */
  BY_EMPTY_HMAC,
  SIGNERS
} Signer;

static TokenKey *signers[SIGNERS];
static GPtrArray *published;

static TokenKey *
adopt_raw (EVP_PKEY *pkey, TokenAlgorithm algorithm)
{
  g_autoptr (Secret) der = NULL;
  unsigned char *bytes = NULL;
  int len = i2d_PrivateKey (pkey, &bytes);
  TokenKey *key;

  der = secret_new_from (bytes, (gsize) len, NULL);
  OPENSSL_free (bytes);
  EVP_PKEY_free (pkey);
  key = token_key_read_private (algorithm, der, NULL);
  g_assert_nonnull (key);
  return key;
}

static void
make_keys (void)
{
  g_assert_true (secret_init (NULL));
  signers[BY_ES256] = token_key_generate (TOKEN_ES256, NULL);
  signers[BY_OTHER_ES256] = token_key_generate (TOKEN_ES256, NULL);
  signers[BY_ES384] = token_key_generate (TOKEN_ES384, NULL);
  signers[BY_RS256] = token_key_generate (TOKEN_RS256, NULL);
  signers[BY_PS256] = adopt_raw (EVP_RSA_gen (2048), TOKEN_PS256);
  signers[BY_EDDSA] = adopt_raw (EVP_PKEY_Q_keygen (NULL, NULL, "ED25519"), TOKEN_EDDSA);
  published = token_keys_new ();
  for (int i = 0; i < SIGNERS; i++)
    if (signers[i] != NULL && i != BY_OTHER_ES256)
      {
        g_autoptr (json_t) jwk = token_key_jwk (signers[i]);
        g_ptr_array_add (published, token_key_read_jwk (jwk, NULL));
      }
}

/* ---- by hand, also what no honest issuer makes ---- */

static char *
encode (const char *text)
{
  g_autofree char *json = g_strdelimit (g_strdup (text), "'", '"');
  return token_base64 (json, strlen (json));
}

static char *
hmac (const char *key, gsize key_len, const char *text)
{
  guint8 mac[32];
  guint len;

  HMAC (EVP_sha256 (), key, (int) key_len, (const guint8 *) text, strlen (text), mac, &len);
  return token_base64 (mac, len);
}

static char *
signature_of (const TokenKey *key, const char *text)
{
  const TokenAlgorithmRow *row = token_algorithm_row (token_key_algorithm (key));
  EVP_MD_CTX *context = EVP_MD_CTX_new ();
  EVP_PKEY_CTX *details;
  guint8 signature[512], raw[256];
  gsize len = sizeof signature;

  EVP_DigestSignInit_ex (context, &details, row->digest, NULL, NULL, token_key_peek (key), NULL);
  if (row->pss)
    {
      EVP_PKEY_CTX_set_rsa_padding (details, RSA_PKCS1_PSS_PADDING);
      EVP_PKEY_CTX_set_rsa_pss_saltlen (details, RSA_PSS_SALTLEN_DIGEST);
    }
  g_assert_cmpint (EVP_DigestSign (context, signature, &len, (const guint8 *) text, strlen (text)),
                   ==, 1);
  EVP_MD_CTX_free (context);
  if (row->family != TOKEN_FAMILY_EC)
    return token_base64 (signature, len);
  const guint8 *at = signature;
  ECDSA_SIG *pair = d2i_ECDSA_SIG (NULL, &at, (long) len);
  BN_bn2binpad (ECDSA_SIG_get0_r (pair), raw, (int) row->part);
  BN_bn2binpad (ECDSA_SIG_get0_s (pair), raw + row->part, (int) row->part);
  ECDSA_SIG_free (pair);
  return token_base64 (raw, 2 * row->part);
}

/* @head: "$" stands for the id of the ES256 key, "@" for that of ES384, "#" for that of @by. */
static char *
make (const char *head, const char *claims, Signer by)
{
  g_auto (GStrv) parts = g_strsplit (head, "$", -1);
  g_autofree char *with_id = g_strjoinv (token_key_id (signers[BY_ES256]), parts);
  g_auto (GStrv) again = g_strsplit (with_id, "@", -1);
  g_autofree char *with_both = g_strjoinv (token_key_id (signers[BY_ES384]), again);
  g_auto (GStrv) own = g_strsplit (with_both, "#", -1);
  g_autofree char *whole = g_strjoinv (signers[by] != NULL ? token_key_id (signers[by]) : "", own);
  g_autofree char *first = encode (whole), *second = encode (claims);
  g_autofree char *text = g_strconcat (first, ".", second, NULL), *last = NULL;
  gsize pem_len;
  const char *pem = token_key_pem (signers[BY_ES256], &pem_len);

  if (by == BY_PUBLIC_TEXT)
    last = hmac (pem, pem_len, text);
  else if (by == BY_EMPTY_HMAC)
    last = hmac ("", 0, text);
  else
    last = by == BY_NOBODY ? g_strdup ("") : signature_of (signers[by], text);
  return g_strconcat (text, ".", last, NULL);
}

/* libjwt alone, given the public key that was meant. */
static gboolean
libjwt_takes (const char *token, const TokenKey *key)
{
  jwt_t *jwt = NULL;
  gsize len = 0;
  const char *pem = key != NULL ? token_key_pem (key, &len) : NULL;
  gboolean taken = jwt_decode (&jwt, token, (const unsigned char *) pem, (int) len) == 0;

  jwt_free (jwt);
  return taken;
}

#define HEAD "{'alg':'ES256','typ':'JWT','kid':'$'}"
#define CLAIMS "{'iss':'" ISSUER "','aud':'" AUDIENCE "','exp':1000060,'nbf':1000000,'iat':1000000}"
#define CLAIMS_WITH(more) "{'iss':'" ISSUER "','aud':'" AUDIENCE "'," more "}"

typedef struct
{
  const char *sentence, *head, *claims;
  Signer by;
  TokenVerdict verdict;
  gboolean libjwt; /* takes it, with the key of ES256 */
} JudgeCase;

/* clang-format off */
static const JudgeCase judge_cases[] = {
  { "a token as it should be", HEAD, CLAIMS, BY_ES256, TOKEN_GOOD, TRUE },
  { "no typ is a JWT", "{'alg':'ES256','kid':'$'}", CLAIMS, BY_ES256, TOKEN_GOOD, TRUE },
  { "no kid, and one key alone fits", "{'alg':'ES384'}", CLAIMS, BY_ES384, TOKEN_GOOD, FALSE },
  { "RS256", "{'alg':'RS256','kid':'#'}", CLAIMS, BY_RS256, TOKEN_GOOD, FALSE },
  { "PS256, which libjwt does not know", "{'alg':'PS256','kid':'#'}", CLAIMS, BY_PS256, TOKEN_GOOD, FALSE },
  { "EdDSA, which libjwt does not know", "{'alg':'EdDSA','kid':'#'}", CLAIMS, BY_EDDSA, TOKEN_GOOD, FALSE },

  { "alg none without a signature", "{'alg':'none'}", CLAIMS, BY_NOBODY, TOKEN_BAD_ALGORITHM, FALSE },
  { "alg none by the id of a key", "{'alg':'none','kid':'$'}", CLAIMS, BY_NOBODY, TOKEN_BAD_ALGORITHM, FALSE },
  { "alg none with a signature", "{'alg':'none','kid':'$'}", CLAIMS, BY_ES256, TOKEN_BAD_ALGORITHM, FALSE },
  { "alg None", "{'alg':'None','kid':'$'}", CLAIMS, BY_NOBODY, TOKEN_BAD_ALGORITHM, FALSE },
  { "no alg", "{'kid':'$'}", CLAIMS, BY_ES256, TOKEN_BAD_ALGORITHM, FALSE },
  { "alg is a number", "{'alg':256,'kid':'$'}", CLAIMS, BY_ES256, TOKEN_BAD_ALGORITHM, FALSE },
  { "alg in small letters", "{'alg':'es256','kid':'$'}", CLAIMS, BY_ES256, TOKEN_BAD_ALGORITHM, TRUE },
  { "HS256 under the text of the public key", "{'alg':'HS256','kid':'$'}", CLAIMS, BY_PUBLIC_TEXT, TOKEN_BAD_ALGORITHM, TRUE },
  { "HS256 under an empty key", "{'alg':'HS256','kid':'$'}", CLAIMS, BY_EMPTY_HMAC, TOKEN_BAD_ALGORITHM, FALSE },
  { "RS256 by the id of an EC key", "{'alg':'RS256','kid':'$'}", CLAIMS, BY_ES256, TOKEN_UNKNOWN_KEY, FALSE },
  { "RS256 by a key for PS256", "{'alg':'RS256','kid':'#'}", CLAIMS, BY_PS256, TOKEN_UNKNOWN_KEY, FALSE },
  { "ES256 under a key of P-384", "{'alg':'ES256','kid':'@'}", CLAIMS, BY_ES384, TOKEN_UNKNOWN_KEY, FALSE },
  { "ES384 by the id of a key of P-256", "{'alg':'ES384','kid':'$'}", CLAIMS, BY_ES256, TOKEN_UNKNOWN_KEY, FALSE },

  { "crit names what nobody knows", "{'alg':'ES256','kid':'$','crit':['exp2'],'exp2':1}", CLAIMS, BY_ES256, TOKEN_CRITICAL, TRUE },
  { "crit names what everybody knows", "{'alg':'ES256','kid':'$','crit':['exp'],'exp':1}", CLAIMS, BY_ES256, TOKEN_CRITICAL, TRUE },
  { "an empty crit", "{'alg':'ES256','kid':'$','crit':[]}", CLAIMS, BY_ES256, TOKEN_CRITICAL, TRUE },
  { "crit is null", "{'alg':'ES256','kid':'$','crit':null}", CLAIMS, BY_ES256, TOKEN_CRITICAL, TRUE },
  { "b64 without crit", "{'alg':'ES256','kid':'$','b64':false}", CLAIMS, BY_ES256, TOKEN_CRITICAL, TRUE },

  { "the kid of another key", "{'alg':'ES256','kid':'@'}", CLAIMS, BY_ES256, TOKEN_UNKNOWN_KEY, TRUE },
  { "a kid that nobody has", "{'alg':'ES256','kid':'nobody'}", CLAIMS, BY_ES256, TOKEN_UNKNOWN_KEY, TRUE },
  { "an empty kid", "{'alg':'ES256','kid':''}", CLAIMS, BY_ES256, TOKEN_UNKNOWN_KEY, TRUE },
  { "a kid that is a path", "{'alg':'ES256','kid':'../../../../dev/null'}", CLAIMS, BY_ES256, TOKEN_UNKNOWN_KEY, TRUE },
  { "a kid that is a statement", "{'alg':'ES256','kid':'x OR 1=1'}", CLAIMS, BY_ES256, TOKEN_UNKNOWN_KEY, TRUE },
  { "a kid that is a number", "{'alg':'ES256','kid':1}", CLAIMS, BY_ES256, TOKEN_MALFORMED, TRUE },
  { "the key comes along as jwk", "{'alg':'ES256','kid':'#','jwk':{'kty':'EC'}}", CLAIMS, BY_OTHER_ES256, TOKEN_UNKNOWN_KEY, FALSE },
  { "the key is elsewhere, by jku", "{'alg':'ES256','kid':'#','jku':'https://evil.example/'}", CLAIMS, BY_OTHER_ES256, TOKEN_UNKNOWN_KEY, FALSE },
  { "somebody else's key under our id", HEAD, CLAIMS, BY_OTHER_ES256, TOKEN_BAD_SIGNATURE, FALSE },
  { "no signature", HEAD, CLAIMS, BY_NOBODY, TOKEN_BAD_SIGNATURE, FALSE },

  { "an access token where a JWT is due", "{'alg':'ES256','typ':'at+jwt','kid':'$'}", CLAIMS, BY_ES256, TOKEN_BAD_TYPE, FALSE },
  { "typ is a list", "{'alg':'ES256','typ':['JWT'],'kid':'$'}", CLAIMS, BY_ES256, TOKEN_BAD_TYPE, TRUE },

  { "expired", HEAD, CLAIMS_WITH ("'exp':1000000"), BY_ES256, TOKEN_EXPIRED, TRUE },
  { "the last second of its life", HEAD, CLAIMS_WITH ("'exp':1000001"), BY_ES256, TOKEN_GOOD, TRUE },
  { "the last second, with a fraction", HEAD, CLAIMS_WITH ("'exp':1000001.5"), BY_ES256, TOKEN_GOOD, TRUE },
  { "no exp", HEAD, CLAIMS_WITH ("'iat':1000000"), BY_ES256, TOKEN_BAD_CLAIMS, TRUE },
  { "exp is a text", HEAD, CLAIMS_WITH ("'exp':'1000060'"), BY_ES256, TOKEN_BAD_CLAIMS, TRUE },
  { "exp is below zero", HEAD, CLAIMS_WITH ("'exp':-1"), BY_ES256, TOKEN_BAD_CLAIMS, TRUE },
  { "exp is beyond what JSON agrees on", HEAD, CLAIMS_WITH ("'exp':9223372036854775807"), BY_ES256, TOKEN_BAD_CLAIMS, TRUE },
  { "exp is a vast real", HEAD, CLAIMS_WITH ("'exp':1e300"), BY_ES256, TOKEN_BAD_CLAIMS, TRUE },
  { "not yet", HEAD, CLAIMS_WITH ("'exp':1000060,'nbf':1000001"), BY_ES256, TOKEN_NOT_YET, TRUE },
  { "nbf is a text", HEAD, CLAIMS_WITH ("'exp':1000060,'nbf':'0'"), BY_ES256, TOKEN_BAD_CLAIMS, TRUE },
  { "issued in the future", HEAD, CLAIMS_WITH ("'exp':1000060,'iat':1000001"), BY_ES256, TOKEN_NOT_YET, TRUE },
  { "another issuer", HEAD, "{'iss':'" ISSUER "/','aud':'" AUDIENCE "','exp':1000060}", BY_ES256, TOKEN_BAD_ISSUER, TRUE },
  { "no issuer", HEAD, "{'aud':'" AUDIENCE "','exp':1000060}", BY_ES256, TOKEN_BAD_ISSUER, TRUE },
  { "issuers as a list", HEAD, "{'iss':['" ISSUER "'],'aud':'" AUDIENCE "','exp':1000060}", BY_ES256, TOKEN_BAD_ISSUER, TRUE },
  { "another audience", HEAD, "{'iss':'" ISSUER "','aud':'https://other.example','exp':1000060}", BY_ES256, TOKEN_BAD_AUDIENCE, TRUE },
  { "no audience", HEAD, "{'iss':'" ISSUER "','exp':1000060}", BY_ES256, TOKEN_BAD_AUDIENCE, TRUE },
  { "one of several audiences", HEAD, "{'iss':'" ISSUER "','aud':['x','" AUDIENCE "'],'exp':1000060}", BY_ES256, TOKEN_GOOD, TRUE },
  { "several audiences, none of them this", HEAD, "{'iss':'" ISSUER "','aud':['x','y'],'exp':1000060}", BY_ES256, TOKEN_BAD_AUDIENCE, TRUE },
  { "the audience is the beginning of this one", HEAD, "{'iss':'" ISSUER "','aud':'https://api','exp':1000060}", BY_ES256, TOKEN_BAD_AUDIENCE, TRUE },

  { "a claim twice", HEAD, CLAIMS_WITH ("'exp':1,'exp':1000060"), BY_ES256, TOKEN_MALFORMED, TRUE },
  { "alg twice", "{'alg':'none','alg':'ES256','kid':'$'}", CLAIMS, BY_ES256, TOKEN_MALFORMED, TRUE },
  { "claims are a list", HEAD, "['exp']", BY_ES256, TOKEN_MALFORMED, TRUE },
  { "claims are no JSON", HEAD, "exp", BY_ES256, TOKEN_MALFORMED, FALSE },
  { "deep claims", HEAD, "{'a':[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]}", BY_ES256, TOKEN_MALFORMED, TRUE },
  { "something behind the claims", HEAD, CLAIMS "{}", BY_ES256, TOKEN_MALFORMED, FALSE },
};
/* clang-format on */

static const TokenExpect expected = { .issuer = ISSUER, .audience = AUDIENCE, .now = NOW };

static TokenVerdict
judge (const char *token, const TokenExpect *expect)
{
  g_autoptr (json_t) claims = NULL;
  TokenVerdict verdict = token_jwt_verify (token, strlen (token), published, expect, &claims);

  g_assert_cmpint (claims != NULL, ==, verdict == TOKEN_GOOD);
  return verdict;
}

static void
test_judge (gconstpointer data)
{
  const JudgeCase *row = data;
  g_autofree char *token = make (row->head, row->claims, row->by);

  g_assert_cmpstr (token_verdict_name (judge (token, &expected)), ==,
                   token_verdict_name (row->verdict));
  g_assert_cmpint (libjwt_takes (token, signers[BY_ES256]), ==, row->libjwt);
}

/* ---- spelling ---- */

typedef struct
{
  const char *sentence;
  int part; /* which of the three is changed; -1: the whole */
  const char *before, *behind;
} SpellingCase;

static const SpellingCase spelling_cases[] = {
  { "padding behind the signature", 2, "", "=" },
  { "a blank before the claims", 1, " ", "" },
  { "a line's end behind the signature", 2, "", "\n" },
  { "a byte more in the signature", 2, "", "AA" },
  { "an empty header", 0, NULL, "" },
  { "empty claims", 1, NULL, "" },
  { "a fourth part", -1, "", ".AA" },
  { "five parts, as encrypted ones have", -1, "", ".AA.AA" },
  { "a dot before", -1, ".", "" },
  { "two parts", 2, NULL, NULL },
  { "\"Bearer\" before it", -1, "Bearer ", "" },
};

static void
test_spelling (gconstpointer data)
{
  const SpellingCase *row = data;
  g_autofree char *token = make (HEAD, CLAIMS, BY_ES256), *changed = NULL;
  g_auto (GStrv) parts = g_strsplit (token, ".", 3);

  g_assert_cmpint (judge (token, &expected), ==, TOKEN_GOOD);
  if (row->part < 0)
    changed = g_strconcat (row->before, token, row->behind, NULL);
  else
    {
      char *part = row->before != NULL
                       ? g_strconcat (row->before, parts[row->part], row->behind, NULL)
                       : g_strdup (row->behind);
      g_free (parts[row->part]);
      parts[row->part] = part;
      changed = g_strjoinv (".", parts);
    }
  g_assert_cmpint (judge (changed, &expected), !=, TOKEN_GOOD);
}

/* Every bit of what is signed, and of the signature: also those that base64 would pass over. */
static void
test_changed (void)
{
  g_autofree char *token = make (HEAD, CLAIMS, BY_ES256);

  for (gsize i = 0; token[i] != '\0'; i++)
    for (int bit = 0; bit < 7; bit++)
      {
        g_autofree char *changed = g_strdup (token);
        changed[i] = (char) (changed[i] ^ (1 << bit));
        g_assert_cmpint (judge (changed, &expected), !=, TOKEN_GOOD);
      }
}

static void
test_long (void)
{
  g_autofree char *filler = g_strnfill (TOKEN_MAX, 'a');
  g_autofree char *claims = g_strconcat (CLAIMS_WITH ("'exp':1000060,'x':'"), NULL);
  g_autofree char *start = g_strndup (claims, strlen (claims) - 1);
  g_autofree char *whole = g_strconcat (start, filler, "'}", NULL);
  g_autofree char *token = make (HEAD, whole, BY_ES256);

  g_assert_cmpint (judge (token, &expected), ==, TOKEN_MALFORMED);
  g_assert_true (libjwt_takes (token, signers[BY_ES256]));
}

/* What libjwt does with no key at all: a signed token is read as if it had been verified. */
static void
test_no_key (void)
{
  g_autofree char *token = make (HEAD, CLAIMS, BY_OTHER_ES256);
  g_autoptr (GPtrArray) none = token_keys_new ();
  g_autoptr (json_t) claims = NULL;

  g_assert_true (libjwt_takes (token, NULL));
  g_assert_cmpint (token_jwt_verify (token, strlen (token), none, &expected, &claims), ==,
                   TOKEN_UNKNOWN_KEY);
}

/* libjwt takes ES256 under P-384; here no such key can even be made. */
static void
test_curve (void)
{
  g_autofree char *text = make ("{'alg':'ES256','kid':'@'}", CLAIMS, BY_ES384);
  g_autoptr (Secret) der = token_key_private (signers[BY_ES384], NULL);
  g_autoptr (GError) error = NULL;

  g_assert_null (token_key_read_private (TOKEN_ES256, der, &error));
  g_assert_error (error, TOKEN_ERROR, TOKEN_ERROR_KEY);
  g_assert_cmpint (judge (text, &expected), ==, TOKEN_UNKNOWN_KEY);
}

static void
test_type (void)
{
  g_autofree char *token = make ("{'alg':'ES256','typ':'at+jwt','kid':'$'}", CLAIMS, BY_ES256);
  g_autofree char *plain = make ("{'alg':'ES256','kid':'$'}", CLAIMS, BY_ES256);
  TokenExpect access = expected;

  access.type = "at+jwt";
  g_assert_cmpint (judge (token, &access), ==, TOKEN_GOOD);
  g_assert_cmpint (judge (plain, &access), ==, TOKEN_BAD_TYPE);
  g_assert_false (libjwt_takes (token, signers[BY_ES256]));
}

static void
test_leeway (void)
{
  g_autofree char *late = make (HEAD, CLAIMS_WITH ("'exp':999971"), BY_ES256);
  g_autofree char *early = make (HEAD, CLAIMS_WITH ("'exp':1000060,'nbf':1000030"), BY_ES256);
  TokenExpect lenient = expected;

  lenient.leeway = 30;
  g_assert_cmpint (judge (late, &lenient), ==, TOKEN_GOOD);
  g_assert_cmpint (judge (early, &lenient), ==, TOKEN_GOOD);
  lenient.leeway = 29;
  g_assert_cmpint (judge (late, &lenient), ==, TOKEN_EXPIRED);
  g_assert_cmpint (judge (early, &lenient), ==, TOKEN_NOT_YET);
}

/* ---- made here ---- */

static void
test_made (gconstpointer data)
{
  const TokenKey *key = signers[GPOINTER_TO_INT (data)];
  g_autoptr (json_t) claims = json_pack ("{s:s, s:s, s:I, s:s}", "iss", ISSUER, "aud", AUDIENCE,
                                         "exp", (json_int_t) NOW + 60, "scope", "a b");
  g_autoptr (json_t) read = NULL;
  g_autoptr (Secret) token = token_jwt_sign (key, TRUE, claims, NULL);

  g_assert_nonnull (token);
  g_assert_cmpint (token_jwt_verify ((const char *) secret_peek (token), secret_len (token),
                                     published, &expected, &read),
                   ==, TOKEN_GOOD);
  g_assert_true (json_equal (claims, read));
}

static void
test_public_signs_nothing (void)
{
  g_autoptr (Secret) der = token_key_public (signers[BY_ES256], NULL);
  g_autoptr (TokenKey) key = token_key_read_public (TOKEN_ES256, der, NULL);
  g_autoptr (json_t) claims = json_object ();
  g_autoptr (GError) error = NULL;

  g_assert_cmpstr (token_key_id (key), ==, token_key_id (signers[BY_ES256]));
  g_assert_false (token_key_signs (key));
  g_assert_null (token_jwt_sign (key, TRUE, claims, &error));
  g_assert_error (error, TOKEN_ERROR, TOKEN_ERROR_SYSTEM);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  make_keys ();
  ADD_TABLE ("/token/judge/", judge_cases, test_judge);
  ADD_TABLE ("/token/spelling/", spelling_cases, test_spelling);
  g_test_add_func ("/token/spelling/each bit of it counts", test_changed);
  g_test_add_func ("/token/spelling/one that is longer than any", test_long);
  g_test_add_func ("/token/judge/no key verifies nothing", test_no_key);
  g_test_add_func ("/token/judge/ES256 goes with P-256 only", test_curve);
  g_test_add_func ("/token/judge/a type that is asked for", test_type);
  g_test_add_func ("/token/judge/as much leeway as is given", test_leeway);
  g_test_add_data_func ("/token/made/ES256 is verified", GINT_TO_POINTER (BY_ES256), test_made);
  g_test_add_data_func ("/token/made/ES384 is verified", GINT_TO_POINTER (BY_ES384), test_made);
  g_test_add_data_func ("/token/made/RS256 is verified", GINT_TO_POINTER (BY_RS256), test_made);
  g_test_add_func ("/token/made/a public part signs nothing", test_public_signs_nothing);
  int status = g_test_run ();
  g_ptr_array_unref (published);
  for (int i = 0; i < SIGNERS; i++)
    token_key_unref (signers[i]);
  return status;
}
