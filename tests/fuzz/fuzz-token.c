/* SPDX-License-Identifier: MIT
 *
 * A token, or a set of keys, as it comes from a stranger: judged or refused, never both; none that
 * was made up is taken; a key that was read is written and read the same again.
 */
#include <string.h>

#include "broker/base/wire.h"
#include "broker/token/token-jwt.h"
#include "tests/fuzz/fuzz.h"

/* RFC 7515, appendix A.3.1: its private key is in the RFC, and so is one token that it signed. */
static const char example[] = "{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\","
                              "\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\","
                              "\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\"}]}";
/* That token's claims, and those of none other. */
#define EXAMPLE_ISSUER "joe"
#define EXAMPLE_TIME 1300819379

static void
check_token (const char *data, gsize size)
{
  static GPtrArray *keys;
  const TokenExpect expect = { .issuer = EXAMPLE_ISSUER, .now = EXAMPLE_TIME };
  g_autoptr (json_t) claims = NULL;

  if (keys == NULL)
    {
      g_autoptr (json_t) set = json_loads (example, 0, NULL);
      keys = token_keys_read (set, NULL);
    }
  TokenVerdict verdict = token_jwt_verify (data, size, keys, &expect, &claims);
  g_assert_true ((verdict == TOKEN_GOOD) == (claims != NULL));
  g_assert_nonnull (token_verdict_name (verdict));
  if (claims != NULL)
    g_assert_cmpint (json_integer_value (json_object_get (claims, "exp")), ==, EXAMPLE_TIME + 1);
}

static void
check_key (const TokenKey *key)
{
  g_autoptr (json_t) jwk = token_key_jwk (key);
  g_autoptr (GError) error = NULL;
  g_autoptr (TokenKey) again = token_key_read_jwk (jwk, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (token_key_id (again), ==, token_key_id (key));
  g_assert_cmpint (token_key_algorithm (again), ==, token_key_algorithm (key));
  g_assert_cmpint (EVP_PKEY_eq (token_key_peek (key), token_key_peek (again)), ==, 1);
  g_assert_false (token_key_signs (key));
}

static void
check_keys (const json_t *set)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) keys = token_keys_read (set, &error);

  g_assert_true ((keys == NULL) == (error != NULL));
  for (guint i = 0; keys != NULL && i < keys->len; i++)
    check_key (g_ptr_array_index (keys, i));
}

int
LLVMFuzzerTestOneInput (const guint8 *data, size_t size)
{
  gsize len;
  g_autofree guint8 *bytes = token_unbase64 ((const char *) data, size, &len);
  g_autoptr (json_t) set = wire_parse ((const char *) data, size, FALSE, NULL);

  if (bytes != NULL)
    {
      g_autofree char *again = token_base64 (bytes, len);
      g_assert_cmpmem (again, strlen (again), data, size);
    }
  if (size > 0)
    check_token ((const char *) data, size);
  if (set != NULL)
    check_keys (set);
  return 0;
}
