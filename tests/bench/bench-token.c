/* SPDX-License-Identifier: MIT
 *
 * What a token costs without what stands around it: "sign_us X" and "verify_us X", medians. One is
 * signed with the key in memory, and judged with all that is looked at.
 */
#include <stdio.h>

#include "broker/base/wire.h"
#include "broker/token/token-jwt.h"
#include "tests/bench/bench.h"

#define ROUNDS 2000

static Secret *
sign (const TokenKey *key, gint64 now)
{
  g_autoptr (json_t) claims = json_pack (
      "{s:s, s:s, s:s, s:I, s:I, s:I, s:s, s:s, s:s}", "iss", "urn:countersign:bench", "sub",
      "bench-1", "aud", "github", "iat", (json_int_t) now, "nbf", (json_int_t) now, "exp",
      (json_int_t) now + 3600, "jti", "tok-0", "scope", "read", "provider", "github");
  return token_jwt_sign (key, TRUE, claims, NULL);
}

int
main (void)
{
  gint64 now = g_get_real_time () / G_USEC_PER_SEC;
  BenchTimes signing = { 0 }, verifying = { 0 };

  wire_init ();
  if (!secret_init (NULL))
    return 1;
  g_autoptr (TokenKey) key = token_key_generate (TOKEN_ES256, NULL);
  g_autoptr (GPtrArray) keys = token_keys_new ();
  const TokenExpect expect
      = { .issuer = "urn:countersign:bench", .audience = "github", .now = now };

  g_ptr_array_add (keys, token_key_ref (key));
  for (int i = 0; i < ROUNDS; i++)
    {
      g_autoptr (json_t) claims = NULL;
      gint64 before = bench_now ();
      g_autoptr (Secret) token = sign (key, now);
      gint64 signed_at = bench_now ();
      TokenVerdict verdict = token_jwt_verify ((const char *) secret_peek (token),
                                               secret_len (token), keys, &expect, &claims);
      bench_times_add (&verifying, bench_now () - signed_at);
      bench_times_add (&signing, signed_at - before);
      if (verdict != TOKEN_GOOD)
        return 1;
    }
  printf ("sign_us %.1f\nverify_us %.1f\n", bench_times_at (&signing, 0.5),
          bench_times_at (&verifying, 0.5));
  return 0;
}
