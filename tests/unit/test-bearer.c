/* SPDX-License-Identifier: MIT
 *
 * Whose a token is: each check of an issuer's file, beside what libjwt alone would have taken. How
 * a token is spelt, signed and timed is tried in test-token.c.
 */
#include "broker/caller/bearer-judge.h"

#include <jwt.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <string.h>

#include "broker/base/wire.h"
#include "tests/unit/table.h"

#define NOW 1000000
#define ISSUER "https://login.example.com"
#define RESOURCE "https://mcp.example.com/mcp"
#define HEAD "{'alg':'ES256','typ':'at+jwt','kid':'$'}"
#define SAYS(more) "{'iss':'" ISSUER "','exp':1000060,'iat':1000000," more "}"
#define ANN "'sub':'u1','email':'ann@example.com'"
#define FOR_US "'aud':'" RESOURCE "'"
#define CLAIMS SAYS (ANN "," FOR_US)

static TokenKey *own, *stranger;
static GPtrArray *published;

/* ---- tokens by hand ---- */

static char *
encode (const char *text)
{
  g_autofree char *json = g_strdelimit (g_strdup (text), "'", '"');
  return token_base64 (json, strlen (json));
}

static char *
sign (const TokenKey *key, const char *text)
{
  EVP_MD_CTX *context = EVP_MD_CTX_new ();
  guint8 der[128], raw[64];
  const guint8 *at = der;
  gsize len = sizeof der;

  EVP_DigestSignInit_ex (context, NULL, "SHA256", NULL, NULL, token_key_peek (key), NULL);
  g_assert_cmpint (EVP_DigestSign (context, der, &len, (const guint8 *) text, strlen (text)), ==,
                   1);
  EVP_MD_CTX_free (context);
  ECDSA_SIG *pair = d2i_ECDSA_SIG (NULL, &at, (long) len);
  BN_bn2binpad (ECDSA_SIG_get0_r (pair), raw, 32);
  BN_bn2binpad (ECDSA_SIG_get0_s (pair), raw + 32, 32);
  ECDSA_SIG_free (pair);
  return token_base64 (raw, sizeof raw);
}

/* "$" in @head stands for the id of the issuer's key. */
static char *
make (const char *head, const char *claims, const TokenKey *key)
{
  g_auto (GStrv) parts = g_strsplit (head, "$", -1);
  g_autofree char *whole = g_strjoinv (token_key_id (own), parts);
  g_autofree char *first = encode (whole), *second = encode (claims);
  g_autofree char *text = g_strconcat (first, ".", second, NULL);
  g_autofree char *last = sign (key, text);

  return g_strconcat (text, ".", last, NULL);
}

static gboolean
libjwt_takes (const char *token)
{
  jwt_t *jwt = NULL;
  gsize len;
  const char *pem = token_key_pem (own, &len);
  gboolean taken = jwt_decode (&jwt, token, (const unsigned char *) pem, (int) len) == 0;

  jwt_free (jwt);
  return taken;
}

static Callers *
accept (const char *lines)
{
  g_autofree char *text = g_strconcat (
      "issuer " ISSUER "\n", strstr (lines, "audience") ? "" : "audience resource\n", lines, NULL);
  const PolicySource source = { "callers.d/work.conf", text, strlen (text) };
  g_autoptr (GError) error = NULL;
  g_autoptr (Providers) none = providers_parse (NULL, 0, NULL);
  Callers *callers = callers_parse (&source, 1, none, &error);

  g_assert_no_error (error);
  return callers;
}

static Subject *
judge (const Callers *callers, const char *token, GError **error)
{
  return bearer_judge (callers_nth (callers, 0), published, token, strlen (token), RESOURCE, NOW,
                       error);
}

/* ---- who is let in ---- */

typedef struct
{
  const char *sentence, *lines, *head, *claims;
  const char *name, *label; /* as the policy and people have them */
} GoodCase;

/* clang-format off */
static const GoodCase good_cases[] = {
  { "an access token for this server", "", HEAD, CLAIMS, "work/ann@example.com", "ann@example.com" },
  { "one whose type has its long name", "", "{'alg':'ES256','typ':'application/at+jwt','kid':'$'}", CLAIMS, "work/ann@example.com", "ann@example.com" },
  { "a type in capitals", "", "{'alg':'ES256','typ':'AT+JWT','kid':'$'}", CLAIMS, "work/ann@example.com", "ann@example.com" },
  { "a JWT, where those are taken", "type JWT", "{'alg':'ES256','typ':'JWT','kid':'$'}", CLAIMS, "work/ann@example.com", "ann@example.com" },
  { "no type, where a JWT is taken", "type JWT", "{'alg':'ES256','kid':'$'}", CLAIMS, "work/ann@example.com", "ann@example.com" },
  { "any type", "type any", "{'alg':'ES256','typ':'something','kid':'$'}", CLAIMS, "work/ann@example.com", "ann@example.com" },
  { "one of several audiences", "", HEAD, SAYS (ANN ",'aud':['x','" RESOURCE "']"), "work/ann@example.com", "ann@example.com" },
  { "an audience of the file's", "audience a b", HEAD, SAYS (ANN ",'aud':'b'"), "work/ann@example.com", "ann@example.com" },
  { "no audience, which is written out", "audience none", HEAD, SAYS (ANN), "work/ann@example.com", "ann@example.com" },
  { "no address", "", HEAD, SAYS ("'sub':'u1'," FOR_US), "work/u1", "u1" },
  { "an address that is verified", "", HEAD, SAYS (ANN ",'email_verified':true," FOR_US), "work/ann@example.com", "ann@example.com" },
  { "an address that anybody could claim", "", HEAD, SAYS (ANN ",'email_verified':false," FOR_US), "work/u1", "u1" },
  { "an address, where the subject alone names people", "subject sub", HEAD, CLAIMS, "work/u1", "u1" },
  { "somebody with a hardware key", "", HEAD, SAYS (ANN ",'hardware_verified':true," FOR_US), "work/ann@example.com", "ann@example.com, hardware-verified" },
  { "somebody without one", "", HEAD, SAYS (ANN ",'hardware_verified':false," FOR_US), "work/ann@example.com", "ann@example.com, not hardware-verified" },
  { "a claim as required", "require hardware_verified true", HEAD, SAYS (ANN ",'hardware_verified':true," FOR_US), "work/ann@example.com", "ann@example.com, hardware-verified" },
  { "a claim that has to be there", "require groups", HEAD, SAYS (ANN ",'groups':[]," FOR_US), "work/ann@example.com", "ann@example.com" },
  { "one of the values of a claim", "require groups ops", HEAD, SAYS (ANN ",'groups':['dev','ops']," FOR_US), "work/ann@example.com", "ann@example.com" },
  { "a number as required", "require level 2", HEAD, SAYS (ANN ",'level':2," FOR_US), "work/ann@example.com", "ann@example.com" },
  { "the scopes that are required, and more", "require-scope a b", HEAD, SAYS (ANN ",'scope':'c b a'," FOR_US), "work/ann@example.com", "ann@example.com" },
  { "scopes as a list", "require-scope a b", HEAD, SAYS (ANN ",'scp':['a','b']," FOR_US), "work/ann@example.com", "ann@example.com" },
  { "one that is bound to a key, where that is not looked at", "cnf ignore", HEAD, SAYS (ANN ",'cnf':{'jkt':'x'}," FOR_US), "work/ann@example.com", "ann@example.com" },
  { "the last second", "", HEAD, "{'iss':'" ISSUER "','exp':1000001," ANN "," FOR_US "}", "work/ann@example.com", "ann@example.com" },
  { "a clock that is a minute ahead", "", HEAD, "{'iss':'" ISSUER "','exp':1000900,'iat':1000060," ANN "," FOR_US "}", "work/ann@example.com", "ann@example.com" },
};
/* clang-format on */

static void
test_good (gconstpointer data)
{
  const GoodCase *row = data;
  g_autoptr (Callers) callers = accept (row->lines);
  g_autofree char *token = make (row->head, row->claims, own);
  g_autoptr (GError) error = NULL;
  g_autoptr (Subject) subject = judge (callers, token, &error);

  g_assert_no_error (error);
  g_autofree char *name = subject_name (subject);
  g_assert_cmpstr (name, ==, row->name);
  g_assert_cmpstr (subject->label, ==, row->label);
  g_assert_cmpstr (subject->subject, ==, "u1");
  g_assert_cmpstr (subject->issuer, ==, ISSUER);
}

/* ---- who is not ---- */

typedef struct
{
  const char *sentence, *lines, *head, *claims;
  BearerError code;
  const char *part; /* of what is said */
  gboolean libjwt;  /* takes it: nothing but this check keeps it out */
} RefusedCase;

/* clang-format off */
static const RefusedCase refused_cases[] = {
  { "a JWT where an access token is due", "", "{'alg':'ES256','typ':'JWT','kid':'$'}", CLAIMS, BEARER_ERROR_TOKEN, "(typ)", TRUE },
  { "no type where an access token is due", "", "{'alg':'ES256','kid':'$'}", CLAIMS, BEARER_ERROR_TOKEN, "(typ)", TRUE },
  { "a type that is a list", "type any", "{'alg':'ES256','typ':['JWT'],'kid':'$'}", CLAIMS, BEARER_ERROR_TOKEN, "(typ)", TRUE },
  { "an access token where a JWT is due", "type JWT", HEAD, CLAIMS, BEARER_ERROR_TOKEN, "(typ)", FALSE },
  { "a sound algorithm that this file does not name", "algorithm RS256\ntype JWT", "{'alg':'ES256','typ':'JWT','kid':'$'}", CLAIMS, BEARER_ERROR_TOKEN, "(alg)", TRUE },
  { "alg none", "type any", "{'alg':'none','kid':'$'}", CLAIMS, BEARER_ERROR_TOKEN, "(alg)", FALSE },
  { "an HMAC", "type any", "{'alg':'HS256','kid':'$'}", CLAIMS, BEARER_ERROR_TOKEN, "(alg)", FALSE },
  { "a key that is not published", "type any", "{'alg':'ES256','kid':'nobody'}", CLAIMS, BEARER_ERROR_KEY, "(kid)", TRUE },
  { "something critical", "type any", "{'alg':'ES256','kid':'$','crit':['exp']}", CLAIMS, BEARER_ERROR_TOKEN, "crit", TRUE },
  { "another issuer", "type any", "{'alg':'ES256','kid':'$'}", "{'iss':'" ISSUER "/','exp':1000060," ANN "," FOR_US "}", BEARER_ERROR_TOKEN, "(iss)", TRUE },
  { "for another server", "type any", "{'alg':'ES256','kid':'$'}", SAYS (ANN ",'aud':'https://other.example/mcp'"), BEARER_ERROR_TOKEN, "(aud)", TRUE },
  { "for this server with a slash more", "type any", "{'alg':'ES256','kid':'$'}", SAYS (ANN ",'aud':'" RESOURCE "/'"), BEARER_ERROR_TOKEN, "(aud)", TRUE },
  { "for nobody", "type any", "{'alg':'ES256','kid':'$'}", SAYS (ANN), BEARER_ERROR_TOKEN, "(aud)", TRUE },
  { "for several others", "type any", "{'alg':'ES256','kid':'$'}", SAYS (ANN ",'aud':['a','b']"), BEARER_ERROR_TOKEN, "(aud)", TRUE },
  { "for this server, where the file names others", "type any\naudience a", "{'alg':'ES256','kid':'$'}", CLAIMS, BEARER_ERROR_TOKEN, "(aud)", TRUE },
  { "expired", "type any", "{'alg':'ES256','kid':'$'}", "{'iss':'" ISSUER "','exp':999999," ANN "," FOR_US "}", BEARER_ERROR_TOKEN, "(exp)", TRUE },
  { "expired this second, whatever the clocks", "type any", "{'alg':'ES256','kid':'$'}", "{'iss':'" ISSUER "','exp':1000000," ANN "," FOR_US "}", BEARER_ERROR_TOKEN, "(exp)", TRUE },
  { "no expiry", "type any", "{'alg':'ES256','kid':'$'}", "{'iss':'" ISSUER "'," ANN "," FOR_US "}", BEARER_ERROR_TOKEN, "exp", TRUE },
  { "good in two minutes", "type any", "{'alg':'ES256','kid':'$'}", "{'iss':'" ISSUER "','exp':1000900,'nbf':1000120," ANN "," FOR_US "}", BEARER_ERROR_TOKEN, "(nbf, iat)", TRUE },
  { "bound to a key", "type any", "{'alg':'ES256','kid':'$'}", SAYS (ANN ",'cnf':{'jkt':'x'}," FOR_US), BEARER_ERROR_TOKEN, "(cnf)", TRUE },
  { "a claim that is false", "type any\nrequire hardware_verified true", "{'alg':'ES256','kid':'$'}", SAYS (ANN ",'hardware_verified':false," FOR_US), BEARER_ERROR_TOKEN, "hardware_verified", TRUE },
  { "a claim that is missing", "type any\nrequire hardware_verified", "{'alg':'ES256','kid':'$'}", CLAIMS, BEARER_ERROR_TOKEN, "hardware_verified", TRUE },
  { "a claim that is null", "type any\nrequire x", "{'alg':'ES256','kid':'$'}", SAYS (ANN ",'x':null," FOR_US), BEARER_ERROR_TOKEN, "\"x\"", TRUE },
  { "a group whose name begins so", "type any\nrequire groups ops", "{'alg':'ES256','kid':'$'}", SAYS (ANN ",'groups':['ops-guests']," FOR_US), BEARER_ERROR_TOKEN, "groups", TRUE },
  { "a scope too few", "type any\nrequire-scope a b", "{'alg':'ES256','kid':'$'}", SAYS (ANN ",'scope':'a'," FOR_US), BEARER_ERROR_SCOPE, "scope b", TRUE },
  { "a scope that only begins so", "type any\nrequire-scope a", "{'alg':'ES256','kid':'$'}", SAYS (ANN ",'scope':'ab'," FOR_US), BEARER_ERROR_SCOPE, "scope a", TRUE },
  { "no subject", "type any", "{'alg':'ES256','kid':'$'}", SAYS ("'email':'ann@example.com'," FOR_US), BEARER_ERROR_TOKEN, "(sub)", TRUE },
  { "an empty subject", "type any", "{'alg':'ES256','kid':'$'}", SAYS ("'sub':''," FOR_US), BEARER_ERROR_TOKEN, "(sub)", TRUE },
  { "a subject that is a number", "type any", "{'alg':'ES256','kid':'$'}", SAYS ("'sub':1," FOR_US), BEARER_ERROR_TOKEN, "(sub)", TRUE },
  { "a subject of two lines", "type any", "{'alg':'ES256','kid':'$'}", SAYS ("'sub':'a\\nb'," FOR_US), BEARER_ERROR_TOKEN, "(sub)", TRUE },
  { "an address that shows otherwise than it is", "type any", "{'alg':'ES256','kid':'$'}", SAYS ("'sub':'u1','email':'ann\\u202e@example.com'," FOR_US), BEARER_ERROR_TOKEN, "names people", TRUE },
  { "an address that is a list", "type any", "{'alg':'ES256','kid':'$'}", SAYS ("'sub':'u1','email':['ann@example.com']," FOR_US), BEARER_ERROR_TOKEN, "names people", TRUE },
  { "none of the claims that name people", "type any\nsubject upn", "{'alg':'ES256','kid':'$'}", CLAIMS, BEARER_ERROR_TOKEN, "names people", TRUE },
};
/* clang-format on */

static void
test_refused (gconstpointer data)
{
  const RefusedCase *row = data;
  g_autoptr (Callers) callers = accept (row->lines);
  g_autofree char *token = make (row->head, row->claims, own);
  g_autoptr (GError) error = NULL;

  g_assert_null (judge (callers, token, &error));
  g_assert_cmpint (error->code, ==, row->code);
  if (strstr (error->message, row->part) == NULL)
    g_error ("\"%s\" is not in \"%s\"", row->part, error->message);
  g_assert_cmpint (libjwt_takes (token), ==, row->libjwt);
}

static void
test_stranger (void)
{
  g_autoptr (Callers) callers = accept ("");
  g_autofree char *token = make (HEAD, CLAIMS, stranger);
  g_autoptr (GError) error = NULL;

  g_assert_null (judge (callers, token, &error));
  g_assert_nonnull (strstr (error->message, "signature"));
}

static void
test_long (void)
{
  g_autoptr (Callers) callers = accept ("");
  g_autofree char *token = g_strnfill (TOKEN_MAX + 1, 'a');
  g_autoptr (GError) error = NULL, again = NULL;

  g_assert_null (judge (callers, token, &error));
  g_assert_cmpint (error->code, ==, BEARER_ERROR_TOKEN);
  g_assert_null (bearer_issuer_of (token, strlen (token), &again));
}

static void
test_issuer_of (void)
{
  static const struct
  {
    const char *text, *issuer;
  } rows[] = { { "", NULL },
               { "a", NULL },
               { "a.b", NULL },
               { "..", NULL },
               { "e30.e30.", NULL },
               { "e30.eyJpc3MiOiJ4In0.", "x" },
               { "e30.eyJpc3MiOjF9.", NULL } };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *issuer = bearer_issuer_of (rows[i].text, strlen (rows[i].text), &error);
      g_assert_cmpstr (issuer, ==, rows[i].issuer);
      g_assert_cmpint (error != NULL, ==, issuer == NULL);
    }
}

/* The same person by another token, and others who only look like it. */
static void
test_identity (void)
{
  const Subject ann
      = { .caller = (char *) "work", .issuer = (char *) "i", .subject = (char *) "u 1" };
  Subject other = ann;

  other.person = (char *) "anybody";
  g_assert_true (subject_equal (&ann, &other));
  other.subject = (char *) "u";
  g_assert_false (subject_equal (&ann, &other));
  /* "i u" and "1" must not read as "i" and "u 1". */
  other.issuer = (char *) "i u";
  other.subject = (char *) "1";
  g_autofree char *one = subject_key (&ann), *two = subject_key (&other);
  g_assert_cmpstr (one, !=, two);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_true (secret_init (NULL));
  own = token_key_generate (TOKEN_ES256, NULL);
  stranger = token_key_generate (TOKEN_ES256, NULL);
  published = token_keys_new ();
  g_autoptr (json_t) jwk = token_key_jwk (own);
  g_ptr_array_add (published, token_key_read_jwk (jwk, NULL));

  ADD_TABLE ("/bearer/good/", good_cases, test_good);
  ADD_TABLE ("/bearer/refused/", refused_cases, test_refused);
  g_test_add_func ("/bearer/refused/another's key under the id of this one", test_stranger);
  g_test_add_func ("/bearer/refused/a token without end", test_long);
  g_test_add_func ("/bearer/the issuer is read, and nothing else", test_issuer_of);
  g_test_add_func ("/bearer/who is the same", test_identity);
  int status = g_test_run ();
  g_ptr_array_unref (published);
  token_key_unref (own);
  token_key_unref (stranger);
  return status;
}
