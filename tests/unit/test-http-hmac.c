/* SPDX-License-Identifier: MIT
 *
 * Keyed hashes of requests: the vectors of RFC 2202 and RFC 4231, and templates.
 */
#include "broker/worker/http-hmac.h"

#include <string.h>

#include "tests/unit/table.h"

typedef struct
{
  const char *sentence;
  const char *hash, *key, *over, *body, *signature;
  gboolean base64;
} Row;

#define WHAT "what do ya want for nothing?"

static const Row rows[] = {
  { "SHA-1, RFC 2202 case 2", "sha1", "Jefe", "{body}", WHAT,
    "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79" },
  { "SHA-256, RFC 4231 case 2", "sha256", "Jefe", "{body}", WHAT,
    "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843" },
  { "SHA-512, RFC 4231 case 2", "sha512", "Jefe", "{body}", WHAT,
    "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea2505549758bf75c05a994a6d034f65f8f0e6"
    "fdcaeab1a34d4a6b4b636e070a38bce737" },
  { "SHA-1 in base64", "sha1", "Jefe", "{body}", WHAT, "7/zfauXrL6LSdBbV8YTfnCWafHk=", TRUE },
  { "text around a placeholder counts", "sha256", "Jefe", "what do {body}?", "ya want for nothing",
    "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843" },
  { "what stands in a body is no placeholder", "sha256", "key",
    "{method}\n{target}\n{timestamp}\n{body}", "{method}",
    /* printf 'POST\n/a?b\n1700000000\n{method}' | openssl dgst -sha256 -hmac key */
    "1bff07f7bbec6e803682c445403f54d174f7af3696a2841eed1e8e2d0555d392" },
};

static void
test_row (gconstpointer data)
{
  const Row *row = data;
  const HttpHmac hmac = { row->hash, row->over, row->base64 };
  const HttpHmacInput input = { "POST", "/a?b", "1700000000", row->body, strlen (row->body) };
  g_autofree char *found = http_hmac_sign (&hmac, row->key, strlen (row->key), &input);

  g_assert_true (http_hmac_is_hash (row->hash));
  g_assert_true (http_hmac_is_template (row->over));
  g_assert_cmpstr (found, ==, row->signature);
}

static void
test_templates (void)
{
  static const char *const wrong[] = { "",   "no placeholder", "{secret}", "{body",  "body}",
                                       "{}", "{Body}",         "{{body}}", "{body}{" };

  for (gsize i = 0; i < G_N_ELEMENTS (wrong); i++)
    g_assert_false (http_hmac_is_template (wrong[i]));
  g_assert_false (http_hmac_is_hash ("md5"));
}

static void
test_empty (void)
{
  const HttpHmac hmac = { "sha256", "{body}", FALSE };
  const HttpHmacInput input = { "GET", "/", "0", NULL, 0 };
  g_autofree char *found = http_hmac_sign (&hmac, "key", 3, &input);

  /* printf '' | openssl dgst -sha256 -hmac key */
  g_assert_cmpstr (found, ==, "5d5d139563c95b5967b9bd9a8c9b233a9dedb45072794cd232dc1b74832607d0");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD_TABLE ("/http-hmac/", rows, test_row);
  g_test_add_func ("/http-hmac/what is no template is told", test_templates);
  g_test_add_func ("/http-hmac/of nothing", test_empty);
  return g_test_run ();
}
