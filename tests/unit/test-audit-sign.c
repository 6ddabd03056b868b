/* SPDX-License-Identifier: MIT
 *
 * The signature that closes a file: what is signed, by which key, and that nothing else fits.
 */
#include "broker/audit/audit-sign.h"

#include "tests/unit/table.h"

#include <string.h>

/* Made by another implementation (python3-cryptography, hmac), from a seed of 32 times "a". */
#define FIRST "594af0a623e3282e86646228fac13f0f5d833297b0218ea3f5a3a066c94c74b9"
#define SECOND "f27f7ae6d398b3dbc2dc38947fc3612ae51f168dd28ef920530b584afaa7599b"
#define HEAD "5555555555555555555555555555555555555555555555555555555555555555"
#define SIGNATURE                                                                                  \
  "b0f9faaa1a8d8b177c3ddc3e57547153957f56ec3958ab7906adb4d9929b6a64"                               \
  "6259b7a028d7efae3a937fcde38bed027a68a16d7d69359fa60237c3d3d6d90f"

#define GENUINE                                                                                    \
  {                                                                                                \
    "00112233445566778899aabbccddeeff", 7, 1001, 250, HEAD, SECOND                                 \
  }

static Secret *
first_seed (void)
{
  g_autoptr (GError) error = NULL;
  Secret *seed;

  secret_init (&error);
  g_assert_no_error (error);
  seed = secret_new (AUDIT_SEED_LEN, &error);
  g_assert_no_error (error);
  memset (secret_data (seed), 'a', AUDIT_SEED_LEN);
  return seed;
}

static void
test_keys (void)
{
  g_autoptr (Secret) seed = first_seed ();
  g_autoptr (AuditHasher) hasher = audit_hasher_new (NULL);
  char key[AUDIT_HEX_LEN + 1] = "";

  g_assert_true (audit_sign_public (hasher, secret_peek (seed), key, NULL));
  g_assert_cmpstr (key, ==, FIRST);
  audit_next_seed (hasher, secret_data (seed));
  g_assert_true (audit_sign_public (hasher, secret_peek (seed), key, NULL));
  g_assert_cmpstr (key, ==, SECOND);
}

static void
test_text (void)
{
  const AuditClosing closing = GENUINE;
  g_autofree char *text = audit_closing_text (&closing);

  g_assert_cmpstr (
      text, ==,
      "countersign audit closed 2\n00112233445566778899aabbccddeeff\n7\n1001\n250\n" HEAD
      "\n" SECOND "\n");
}

static void
test_signs (void)
{
  g_autoptr (Secret) seed = first_seed ();
  g_autoptr (AuditHasher) hasher = audit_hasher_new (NULL);
  const AuditClosing closing = GENUINE;
  char signature[AUDIT_SIGNATURE_HEX + 1] = "";

  g_assert_true (audit_sign_closing (hasher, secret_peek (seed), &closing, signature, NULL));
  g_assert_cmpstr (signature, ==, SIGNATURE);
}

/* --- What fits --- */

typedef struct
{
  const char *sentence;
  AuditClosing closing;
  const char *key, *signature;
  gboolean fits;
} Case;

#define LOG "00112233445566778899aabbccddeeff"
#define OTHER "6555555555555555555555555555555555555555555555555555555555555555"
#define NOT_HEX "g555555555555555555555555555555555555555555555555555555555555555"
#define UNSIGNED                                                                                   \
  "0000000000000000000000000000000000000000000000000000000000000000"                               \
  "0000000000000000000000000000000000000000000000000000000000000000"

static const Case cases[] = {
  { "what was signed, by the key that signed it", GENUINE, FIRST, SIGNATURE, TRUE },
  { "the key of the next file", GENUINE, SECOND, SIGNATURE, FALSE },
  { "another log",
    { "10112233445566778899aabbccddeeff", 7, 1001, 250, HEAD, SECOND },
    FIRST,
    SIGNATURE,
    FALSE },
  { "another file", { LOG, 8, 1001, 250, HEAD, SECOND }, FIRST, SIGNATURE, FALSE },
  { "another first record", { LOG, 7, 1000, 250, HEAD, SECOND }, FIRST, SIGNATURE, FALSE },
  { "another count", { LOG, 7, 1001, 249, HEAD, SECOND }, FIRST, SIGNATURE, FALSE },
  { "figures moved from one number to the next",
    { LOG, 7, 10012, 50, HEAD, SECOND },
    FIRST,
    SIGNATURE,
    FALSE },
  { "another head", { LOG, 7, 1001, 250, OTHER, SECOND }, FIRST, SIGNATURE, FALSE },
  { "another next key", { LOG, 7, 1001, 250, HEAD, FIRST }, FIRST, SIGNATURE, FALSE },
  { "a key that is no hex", GENUINE, NOT_HEX, SIGNATURE, FALSE },
  { "a key that is no point", GENUINE, OTHER, SIGNATURE, FALSE },
  { "a signature of zeros", GENUINE, FIRST, UNSIGNED, FALSE },
  { "a signature that is no hex", GENUINE, FIRST, NOT_HEX HEAD, FALSE },
};

static void
test_case (gconstpointer data)
{
  const Case *this = data;

  g_assert_cmpint (audit_sign_fits (this->key, &this->closing, this->signature), ==, this->fits);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/audit-sign/each file has the key that its seed gives", test_keys);
  g_test_add_func ("/audit-sign/what is signed is spelled in one way", test_text);
  g_test_add_func ("/audit-sign/the signature is the one that RFC 8032 says", test_signs);
  ADD_TABLE ("/audit-sign/", cases, test_case)
  return g_test_run ();
}
