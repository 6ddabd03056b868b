/* SPDX-License-Identifier: MIT */
#include "broker/base/crypt.h"

#include <argon2.h>
#include <string.h>

static GBytes *
from_hex (const char *hex)
{
  gsize len = strlen (hex) / 2;
  guint8 *bytes = g_malloc (len + 1);

  for (gsize i = 0; i < len; i++)
    bytes[i]
        = (guint8) (g_ascii_xdigit_value (hex[2 * i]) << 4 | g_ascii_xdigit_value (hex[2 * i + 1]));
  return g_bytes_new_take (bytes, len);
}

static Secret *
secret_of (const void *data, gsize len)
{
  g_autoptr (GError) error = NULL;
  Secret *secret = secret_new_from (data, len, &error);

  g_assert_no_error (error);
  return secret;
}

static Secret *
secret_from_hex (const char *hex)
{
  g_autoptr (GBytes) bytes = from_hex (hex);

  return secret_of (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
}

static Secret *
fresh_key (void)
{
  g_autoptr (GError) error = NULL;
  Secret *key = crypt_random_key (&error);

  g_assert_no_error (error);
  return key;
}

static void
assert_bytes (const void *got, gsize len, const char *expected_hex)
{
  g_autoptr (GBytes) expected = from_hex (expected_hex);

  g_assert_cmpmem (got, len, g_bytes_get_data (expected, NULL), g_bytes_get_size (expected));
}

/* RFC 4231, cases 1 to 4. */
static const struct
{
  const char *key, *data, *mac;
} macs[] = {
  { "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "4869205468657265",
    "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7" },
  { "4a656665", "7768617420646f2079612077616e7420666f72206e6f7468696e673f",
    "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843" },
  { "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    "dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd"
    "dd"
    "dddd",
    "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe" },
  { "0102030405060708090a0b0c0d0e0f10111213141516171819",
    "cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd"
    "cd"
    "cdcd",
    "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b" },
};

static void
test_mac_vectors (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (macs); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (Secret) key = secret_from_hex (macs[i].key);
      g_autoptr (GBytes) data = from_hex (macs[i].data);
      guint8 mac[CRYPT_MAC_LEN];

      g_assert_true (
          crypt_mac (key, g_bytes_get_data (data, NULL), g_bytes_get_size (data), mac, &error));
      g_assert_no_error (error);
      assert_bytes (mac, sizeof mac, macs[i].mac);
    }
}

static void
test_mac_in_place (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (Secret) key = fresh_key ();
  g_autoptr (Secret) moving = secret_copy (key, &error);
  guint8 expected[CRYPT_MAC_LEN];

  g_assert_true (crypt_mac (key, "step", 4, expected, &error));
  g_assert_true (crypt_mac (moving, "step", 4, secret_data (moving), &error));
  g_assert_cmpmem (secret_peek (moving), secret_len (moving), expected, sizeof expected);
}

static void
test_mac_long_key (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (Secret) key = secret_new (65, &error);
  guint8 mac[CRYPT_MAC_LEN];

  g_assert_false (crypt_mac (key, "", 0, mac, &error));
  g_assert_error (error, CRYPT_ERROR, CRYPT_ERROR_FORMAT);
}

/* RFC 5869, appendix A.3: no salt, no info. */
static void
test_derive_vector (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (Secret) key = secret_from_hex ("0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b");
  g_autoptr (Secret) out = crypt_derive (key, "", &error);

  g_assert_no_error (error);
  assert_bytes (secret_peek (out), secret_len (out),
                "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d");
}

static void
test_derive_labels (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (Secret) key = fresh_key ();
  g_autoptr (Secret) pin = crypt_derive (key, "pin", &error);
  g_autoptr (Secret) names = crypt_derive (key, "names", &error);
  g_autoptr (Secret) again = crypt_derive (key, "pin", &error);

  g_assert_false (secret_equal (pin, names));
  g_assert_false (secret_equal (pin, key));
  g_assert_true (secret_equal (pin, again));
}

/* GCM specification (McGrew, Viega), test case 16, behind our version byte. */
#define GCM_KEY "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308"
#define GCM_AAD "feedfacedeadbeeffeedfacedeadbeefabaddad2"
#define GCM_SEALED                                                                                 \
  "01cafebabefacedbaddecaf888"                                                                     \
  "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b10568288" \
  "38c5f61e6393ba7a0abcc9f66276fc6ece0f4e1768cddf8853bb2d551b"
#define GCM_PLAIN                                                                                  \
  "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b5" \
  "25b16aedf5aa0de657ba637b39"

static void
test_open_vector (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (Secret) key = secret_from_hex (GCM_KEY);
  g_autoptr (GBytes) aad = from_hex (GCM_AAD);
  g_autoptr (GBytes) sealed = from_hex (GCM_SEALED);
  g_autoptr (Secret) plain
      = crypt_open (key, g_bytes_get_data (aad, NULL), g_bytes_get_size (aad),
                    g_bytes_get_data (sealed, NULL), g_bytes_get_size (sealed), &error);

  g_assert_no_error (error);
  assert_bytes (secret_peek (plain), secret_len (plain), GCM_PLAIN);
}

static GBytes *
seal (const Secret *key, const char *aad, const void *data, gsize len)
{
  g_autoptr (GError) error = NULL;
  GBytes *sealed = crypt_seal (key, aad, strlen (aad), data, len, &error);

  g_assert_no_error (error);
  return sealed;
}

static Secret *
open_sealed (const Secret *key, const char *aad, GBytes *sealed, GError **error)
{
  return crypt_open (key, aad, strlen (aad), g_bytes_get_data (sealed, NULL),
                     g_bytes_get_size (sealed), error);
}

static void
test_seal_returns (void)
{
  const gsize lengths[] = { 0, 1, 15, 16, 17, 4096, SECRET_MAX };
  g_autoptr (Secret) key = fresh_key ();
  g_autofree guint8 *data = g_malloc (SECRET_MAX);

  memset (data, 0x5a, SECRET_MAX);
  for (gsize i = 0; i < G_N_ELEMENTS (lengths); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GBytes) sealed = seal (key, "for this", data, lengths[i]);
      g_autoptr (Secret) plain = open_sealed (key, "for this", sealed, &error);
      g_autoptr (GBytes) bytes = crypt_open_bytes (
          key, "for this", 8, g_bytes_get_data (sealed, NULL), g_bytes_get_size (sealed), &error);

      g_assert_no_error (error);
      g_assert_cmpmem (secret_peek (plain), secret_len (plain), data, lengths[i]);
      g_assert_cmpmem (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), data, lengths[i]);
    }
}

static void
test_seal_fresh_nonce (void)
{
  g_autoptr (Secret) key = fresh_key ();
  g_autoptr (GBytes) a = seal (key, "", "same", 4), b = seal (key, "", "same", 4);

  g_assert_false (g_bytes_equal (a, b));
}

static void
test_open_flipped_bits (void)
{
  g_autoptr (Secret) key = fresh_key ();
  g_autoptr (GBytes) sealed = seal (key, "aad", "a value", 7);
  gsize len;
  const guint8 *bytes = g_bytes_get_data (sealed, &len);

  for (gsize bit = 0; bit < len * 8; bit++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree guint8 *copy = g_memdup2 (bytes, len);

      copy[bit / 8] ^= (guint8) (1u << bit % 8);
      g_assert_null (crypt_open (key, "aad", 3, copy, len, &error));
      g_assert_null (crypt_open_bytes (key, "aad", 3, copy, len, NULL));
      g_assert_error (error, CRYPT_ERROR, (bit < 8 ? CRYPT_ERROR_FORMAT : CRYPT_ERROR_OPEN));
    }
}

static void
test_open_cut (void)
{
  g_autoptr (Secret) key = fresh_key ();
  g_autoptr (GBytes) sealed = seal (key, "aad", "a value", 7);
  gsize len;
  const guint8 *bytes = g_bytes_get_data (sealed, &len);

  for (gsize n = 0; n < len; n++)
    {
      g_autoptr (GError) error = NULL;
      /* A copy of exactly that length, so that reading past it is seen. */
      g_autofree guint8 *copy = g_memdup2 (bytes, n);

      g_assert_null (crypt_open (key, "aad", 3, copy, n, &error));
      g_assert_null (crypt_open_bytes (key, "aad", 3, copy, n, NULL));
      g_assert_nonnull (error);
    }
}

static void
test_open_other (void)
{
  g_autoptr (GError) by_key = NULL, by_aad = NULL, by_length = NULL;
  g_autoptr (Secret) key = fresh_key ();
  g_autoptr (Secret) other = fresh_key ();
  g_autoptr (Secret) small = secret_of ("short", 5);
  g_autoptr (GBytes) sealed = seal (key, "table a", "a value", 7);

  g_assert_null (open_sealed (other, "table a", sealed, &by_key));
  g_assert_error (by_key, CRYPT_ERROR, CRYPT_ERROR_OPEN);
  g_assert_null (open_sealed (key, "table b", sealed, &by_aad));
  g_assert_error (by_aad, CRYPT_ERROR, CRYPT_ERROR_OPEN);
  g_assert_null (open_sealed (small, "table a", sealed, &by_length));
  g_assert_error (by_length, CRYPT_ERROR, CRYPT_ERROR_FORMAT);
}

static void
test_kdf_is_argon2id (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (Secret) passphrase = secret_of ("correct horse", 13);
  CryptKdf kdf = { .passes = 2, .memory_kib = CRYPT_MEMORY_KIB_MIN, .lanes = 2, .salt = "salt" };
  g_autoptr (Secret) key = crypt_kdf (&kdf, passphrase, &error);
  guint8 expected[CRYPT_KEY_LEN];

  g_assert_no_error (error);
  g_assert_cmpint (argon2id_hash_raw (2, CRYPT_MEMORY_KIB_MIN, 2, "correct horse", 13, kdf.salt,
                                      sizeof kdf.salt, expected, sizeof expected),
                   ==, ARGON2_OK);
  g_assert_cmpmem (secret_peek (key), secret_len (key), expected, sizeof expected);
}

static const struct
{
  const char *sentence;
  CryptKdf kdf;
} out_of_bounds[] = {
  { "no passes", { 0, CRYPT_MEMORY_KIB_MIN, 1 } },
  { "too many passes", { CRYPT_PASSES_MAX + 1, CRYPT_MEMORY_KIB_MIN, 1 } },
  { "too little memory", { 1, CRYPT_MEMORY_KIB_MIN - 1, 1 } },
  { "too much memory", { 1, CRYPT_MEMORY_KIB_MAX + 1, 1 } },
  { "no lanes", { 1, CRYPT_MEMORY_KIB_MIN, 0 } },
  { "too many lanes", { 1, CRYPT_MEMORY_KIB_MIN, CRYPT_LANES_MAX + 1 } },
};

static void
test_kdf_bounds (void)
{
  g_autoptr (Secret) passphrase = secret_of ("p", 1);

  for (gsize i = 0; i < G_N_ELEMENTS (out_of_bounds); i++)
    {
      g_autoptr (GError) error = NULL;

      g_test_message ("%s", out_of_bounds[i].sentence);
      g_assert_null (crypt_kdf (&out_of_bounds[i].kdf, passphrase, &error));
      g_assert_error (error, CRYPT_ERROR, CRYPT_ERROR_FORMAT);
    }
}

static void
test_kdf_fresh (void)
{
  g_autoptr (GError) error = NULL;
  CryptKdf a, b;

  g_assert_true (crypt_kdf_fresh (&a, &error) && crypt_kdf_fresh (&b, &error));
  g_assert_cmpuint (a.passes, ==, 3);
  g_assert_cmpuint (a.memory_kib, ==, 65536);
  g_assert_cmpuint (a.lanes, ==, 4);
  g_assert_cmpint (memcmp (a.salt, b.salt, sizeof a.salt), !=, 0);
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;

  g_test_init (&argc, &argv, NULL);
  if (!secret_init (&error))
    g_error ("%s", error->message);
  g_test_add_func ("/crypt/a mac is that of RFC 4231", test_mac_vectors);
  g_test_add_func ("/crypt/a key may be replaced by its own mac", test_mac_in_place);
  g_test_add_func ("/crypt/a mac key longer than a block is refused", test_mac_long_key);
  g_test_add_func ("/crypt/a derived key is that of RFC 5869", test_derive_vector);
  g_test_add_func ("/crypt/each label gives another key", test_derive_labels);
  g_test_add_func ("/crypt/what others sealed with AES-256-GCM opens", test_open_vector);
  g_test_add_func ("/crypt/what is sealed opens again at every length", test_seal_returns);
  g_test_add_func ("/crypt/sealing twice gives different bytes", test_seal_fresh_nonce);
  g_test_add_func ("/crypt/no bit can be flipped unseen", test_open_flipped_bits);
  g_test_add_func ("/crypt/no byte can be cut off", test_open_cut);
  g_test_add_func ("/crypt/another key or another use does not open", test_open_other);
  g_test_add_func ("/crypt/the passphrase goes through Argon2id", test_kdf_is_argon2id);
  g_test_add_func ("/crypt/parameters out of bounds are refused", test_kdf_bounds);
  g_test_add_func ("/crypt/fresh parameters are today's with a new salt", test_kdf_fresh);
  return g_test_run ();
}
