/* SPDX-License-Identifier: MIT
 *
 * A touch, as it comes from whoever connects: read or refused, never both; what was read is written
 * the same again; and none that was made up is taken.
 */
#include "broker/human/key-verify.h"
#include "tests/fuzz/fuzz.h"

/* P-256's base point: its private key is 1, which no input here was signed with. */
static const guint8 base_point[KEY_POINT_LEN]
    = { 0x04, 0x6b, 0x17, 0xd1, 0xf2, 0xe1, 0x2c, 0x42, 0x47, 0xf8, 0xbc, 0xe6, 0xe5,
        0x63, 0xa4, 0x40, 0xf2, 0x77, 0x03, 0x7d, 0x81, 0x2d, 0xeb, 0x33, 0xa0, 0xf4,
        0xa1, 0x39, 0x45, 0xd8, 0x98, 0xc2, 0x96, 0x4f, 0xe3, 0x42, 0xe2, 0xfe, 0x1a,
        0x7f, 0x9b, 0x8e, 0xe7, 0xeb, 0x4a, 0x7c, 0x0f, 0x9e, 0x16, 0x2b, 0xce, 0x33,
        0x57, 0x6b, 0x31, 0x5e, 0xce, 0xcb, 0xb6, 0x40, 0x68, 0x37, 0xbf, 0x51, 0xf5 };

static void
check_data (GBytes *bytes)
{
  g_autoptr (GError) error = NULL;
  KeyData data;
  gboolean read = key_data_read (bytes, &data, &error);

  g_assert_true (read == (error == NULL));
  g_assert_true (!read || g_bytes_get_size (bytes) == KEY_AUTHENTICATOR_DATA_LEN);
}

static void
check_verify (const KeyAssertion *assertion)
{
  static const guint8 hash[KEY_HASH_LEN];
  g_autoptr (GBytes) point = g_bytes_new_static (base_point, sizeof base_point);
  g_autoptr (EVP_PKEY) key = key_point_read (point, NULL);
  g_autoptr (GError) error = NULL;
  guint32 counter = 0;

  g_assert_nonnull (key);
  g_assert_false (key_verify (key, assertion, hash, &counter, &error));
  g_assert_true (error != NULL && counter == 0);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, size_t size)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = g_bytes_new (data, size);
  g_autoptr (json_t) object = wire_parse ((const char *) data, size, FALSE, NULL);
  g_autoptr (EVP_PKEY) key = key_point_read (bytes, NULL);

  g_assert_true (key == NULL || size == KEY_POINT_LEN);
  check_data (bytes);
  if (object == NULL)
    return 0;
  g_autoptr (KeyAssertion) assertion = key_assertion_read (object, &error);
  g_assert_true ((assertion == NULL) == (error != NULL));
  if (assertion == NULL)
    return 0;
  g_autoptr (json_t) again = key_assertion_json (assertion);
  g_assert_true (json_equal (object, again));
  check_data (assertion->authenticator_data);
  check_verify (assertion);
  return 0;
}
