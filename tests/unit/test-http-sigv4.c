/* SPDX-License-Identifier: MIT
 *
 * AWS signatures: the vectors that AWS publishes (aws-sig-v4-test-suite, in awslabs/aws-c-auth;
 * header signatures). Where those give a path that no request line can hold, it stands here as it
 * is sent.
 */
#include "broker/worker/http-sigv4.h"

#include <string.h>

#include "tests/unit/table.h"

#define NOTHING "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#define UNRESERVED "-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
#define TOKEN "6e86291e8372ff2a2260956d9b8aae1d763fbf315fa00fa31553b73ebf194267"
#define STS                                                                                        \
  "AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfI" \
  "eoIYRqTflfKD8YUuwthAx7mSEI/qkPpKPi/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ"  \
  "0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+scqKmlzm8F"   \
  "DrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA=="

typedef struct
{
  const char *sentence;
  const char *method, *target, *signature;
  const char *body;
  gboolean path_as_is;
  HttpHeader headers[5]; /* besides Host and X-Amz-Date */
} Vector;

static const Vector vectors[] = {
  { "get-vanilla", "GET", "/", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31" },
  { "get-vanilla-query", "GET", "/?",
    "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31" },
  { "get-vanilla-empty-query-key", "GET", "/?Param1=value1",
    "a67d582fa61cc504c4bae71f336f98b97f1ea3c7a6bfe1b6e45aec72011b9aeb" },
  { "get-vanilla-query-order-encoded", "GET", "/?Param-3=Value3&Param=Value2&%E1%88%B4=Value1",
    "371d3713e185cc334048618a97f809c9ffe339c62934c032af5a0e595648fcac" },
  { "get-vanilla-query-order-key-case", "GET", "/?Param2=value2&Param1=value1",
    "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500" },
  { "get-vanilla-query-unreserved", "GET", "/?" UNRESERVED "=" UNRESERVED,
    "9c3e54bfcdf0b19771a7f523ee5669cdf59bc7cc0884027167c21bb143a40197" },
  { "get-vanilla-utf8-query", "GET", "/?\xe1\x88\xb4=bar",
    "2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04" },
  { "the same, encoded", "GET", "/?%e1%88%b4=bar",
    "2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04" },
  { "get-unreserved", "GET", "/" UNRESERVED,
    "07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f" },
  { "get-utf8", "GET", "/\xe1\x88\xb4",
    "8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85" },
  { "get-space-normalized", "GET", "/example space/",
    "652487583200325589f1fba4c7e578f72c47cb61beeca81406b39ddec1366741" },
  { "get-space-unnormalized", "GET", "/example%20space/",
    "652487583200325589f1fba4c7e578f72c47cb61beeca81406b39ddec1366741", NULL, TRUE },
  { "get-relative-normalized", "GET", "/example/..",
    "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31" },
  { "get-relative-unnormalized", "GET", "/example/..",
    "eca7ead57bb5aa5c8e28007acd4ff04e1ff9a0ff3b237ec1554a184887ff9282", NULL, TRUE },
  { "get-relative-relative-normalized", "GET", "/example1/example2/../..",
    "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31" },
  { "get-relative-relative-unnormalized", "GET", "/example1/example2/../..",
    "dc33e0856fd4baca4d7aa2146c38958283844764f38c74252a333df5e613003b", NULL, TRUE },
  { "get-slash-normalized", "GET", "//",
    "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31" },
  { "get-slash-unnormalized", "GET", "//",
    "c88bcd3d312d75078c0cd961d6deae3f4c754924b01669efcfcb439fd5e5b76e", NULL, TRUE },
  { "get-slashes-normalized", "GET", "//example//",
    "9a624bd73a37c9a373b5312afbebe7a714a789de108f0bdfe846570885f57e84" },
  { "get-slashes-unnormalized", "GET", "//example//",
    "87cca117541a147f6df867677d98a7d80dff226d2bfca9e4ffa899665623c7e5", NULL, TRUE },
  { "get-slash-dot-slash-normalized", "GET", "/./",
    "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31" },
  { "get-slash-dot-slash-unnormalized", "GET", "/./",
    "68714168e6557f8f2de0ef956fc24dc2593a4bd2961f8df51898d8a134695145", NULL, TRUE },
  { "get-slash-pointless-dot-normalized", "GET", "/./example",
    "ef75d96142cf21edca26f06005da7988e4f8dc83a165a80865db7089db637ec5" },
  { "get-slash-pointless-dot-unnormalized", "GET", "/./example",
    "beb03f223f7deae4146464f06e29eebbee9c8afbe15c290cf07aa8b119e14cff", NULL, TRUE },
  { "get-header-key-duplicate",
    "GET",
    "/",
    "c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea",
    NULL,
    FALSE,
    { { "My-Header1", "value2" }, { "My-Header1", "value2" }, { "My-Header1", "value1" } } },
  { "get-header-value-multiline",
    "GET",
    "/",
    "cfd34249e4b1c8d6b91ef74165d41a32e5fab3306300901bb65a51a73575eefd",
    NULL,
    FALSE,
    { { "My-Header1", "value1\n  value2\n     value3" } } },
  { "get-header-value-order",
    "GET",
    "/",
    "08c7e5a9acfcfeb3ab6b2185e75ce8b1deb5e634ec47601a50643f830c755c01",
    NULL,
    FALSE,
    { { "My-Header1", "value4" },
      { "My-Header1", "value1" },
      { "My-Header1", "value3" },
      { "My-Header1", "value2" } } },
  { "get-header-value-trim",
    "GET",
    "/",
    "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736",
    NULL,
    FALSE,
    { { "My-Header1", " value1" }, { "My-Header2", " \"a   b   c\"" } } },
  { "get-vanilla-with-session-token",
    "GET",
    "/",
    "07ec1639c89043aa0e3e2de82b96708f198cceab042d4a97044c66dd9f74e7f8",
    NULL,
    FALSE,
    { { "X-Amz-Security-Token", TOKEN } } },
  { "post-vanilla", "POST", "/",
    "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b" },
  { "post-vanilla-query", "POST", "/?Param1=value1",
    "28038455d6de14eafc1f9222cf5aa6f1a96197d7deb8263271d420d138af7f11" },
  { "post-header-key-sort",
    "POST",
    "/",
    "c5410059b04c1ee005303aed430f6e6645f61f4dc9e1461ec8f8916fdf18852c",
    NULL,
    FALSE,
    { { "My-Header1", "value1" } } },
  { "post-header-value-case",
    "POST",
    "/",
    "cdbc9802e29d2942e5e10b5bccfdd67c5f22c7c4e8ae67b53629efa58b974b7d",
    NULL,
    FALSE,
    { { "My-Header1", "VALUE1" } } },
  { "post-sts-header-before",
    "POST",
    "/",
    "85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead",
    NULL,
    FALSE,
    { { "X-Amz-Security-Token", STS } } },
  { "post-x-www-form-urlencoded",
    "POST",
    "/",
    "d3875051da38690788ef43de4db0d8f280229d82040bfac253562e56c3f20e0b",
    "Param1=value1",
    FALSE,
    { { "Content-Type", "application/x-www-form-urlencoded" }, { "Content-Length", "13" } } },
  { "post-x-www-form-urlencoded-parameters",
    "POST",
    "/",
    "328d1b9eaadca9f5818ef05e8392801e091653bafec24fcab71e7344e7f51422",
    "Param1=value1",
    FALSE,
    { { "Content-Type", "application/x-www-form-urlencoded; charset=utf-8" },
      { "Content-Length", "13" } } },
};

static HttpSigV4
example (gboolean path_as_is)
{
  g_autoptr (GDateTime) time = g_date_time_new_utc (2015, 8, 30, 12, 36, 0);

  return (HttpSigV4){ "AKIDEXAMPLE",
                      "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
                      "us-east-1",
                      "service",
                      g_date_time_to_unix (time),
                      path_as_is };
}

static void
test_vector (gconstpointer data)
{
  const Vector *vector = data;
  const HttpSigV4 sigv4 = example (vector->path_as_is);
  HttpHeader headers[8]
      = { { "Host", "example.amazonaws.com" }, { "X-Amz-Date", "20150830T123600Z" } };
  gsize n = 2;
  g_autofree char *hash
      = http_sigv4_hash (vector->body, vector->body != NULL ? strlen (vector->body) : 0);
  g_autofree char *end = g_strconcat (", Signature=", vector->signature, NULL);
  g_autofree char *date = http_sigv4_date (sigv4.time);

  g_assert_cmpstr (date, ==, headers[1].value);
  g_assert_true (vector->body != NULL || strcmp (hash, NOTHING) == 0);
  if (vector->body != NULL)
    headers[n++] = (HttpHeader){ "x-amz-content-sha256", hash };
  for (gsize i = 0; vector->headers[i].name != NULL; i++)
    headers[n++] = vector->headers[i];
  g_autofree char *found
      = http_sigv4_authorization (&sigv4, vector->method, vector->target, headers, n, hash, NULL);
  g_assert_true (g_str_has_prefix (found, "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/"
                                          "us-east-1/service/aws4_request, SignedHeaders="));
  if (!g_str_has_suffix (found, end))
    g_assert_cmpstr (found, ==, end);
}

static void
test_names (void)
{
  const HttpSigV4 sigv4 = example (FALSE);
  const HttpHeader headers[] = { { "X-Amz-Date", "20150830T123600Z" },
                                 { "Content-Type", "a/b" },
                                 { "Host", "example.amazonaws.com" } };
  g_autofree char *found = http_sigv4_authorization (&sigv4, "GET", "/", headers, 3, NOTHING, NULL);

  g_assert_nonnull (strstr (found, ", SignedHeaders=content-type;host;x-amz-date, Signature="));
}

static void
test_plus (void)
{
  const HttpSigV4 sigv4 = example (FALSE);
  const HttpHeader headers[] = { { "Host", "example.amazonaws.com" } };
  g_autoptr (GError) error = NULL;
  g_autofree char *in_path
      = http_sigv4_authorization (&sigv4, "GET", "/a+b", headers, 1, NOTHING, NULL);

  g_assert_nonnull (in_path);
  g_assert_null (http_sigv4_authorization (&sigv4, "GET", "/?a=b+c", headers, 1, NOTHING, &error));
  g_assert_error (error, HTTP_SIGV4_ERROR, HTTP_SIGV4_ERROR_TARGET);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD_TABLE ("/http-sigv4/", vectors, test_vector);
  g_test_add_func ("/http-sigv4/names are told in order", test_names);
  g_test_add_func ("/http-sigv4/a plus in the query is refused", test_plus);
  return g_test_run ();
}
