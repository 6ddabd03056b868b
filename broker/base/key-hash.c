/* SPDX-License-Identifier: MIT */
#include "broker/base/key-hash.h"

#include <string.h>

static gboolean
unhex (const char *text, guint8 out[KEY_HASH_LEN])
{
  if (text == NULL || strlen (text) != 2 * KEY_HASH_LEN)
    return FALSE;
  for (gsize i = 0; i < KEY_HASH_LEN; i++)
    {
      int high = g_ascii_xdigit_value (text[2 * i]), low = g_ascii_xdigit_value (text[2 * i + 1]);
      if (high < 0 || low < 0)
        return FALSE;
      out[i] = (guint8) (high << 4 | low);
    }
  return TRUE;
}

gboolean
key_hash_decision (const guint8 challenge[KEY_CHALLENGE_LEN], const char *digest,
                   guint8 out[KEY_HASH_LEN])
{
  static const char label[] = "countersign decision 1"; /* its NUL is hashed too */
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);
  guint8 card[KEY_HASH_LEN];
  gsize len = KEY_HASH_LEN;

  if (!unhex (digest, card))
    return FALSE;
  g_checksum_update (sum, (const guint8 *) label, sizeof label);
  g_checksum_update (sum, challenge, KEY_CHALLENGE_LEN);
  g_checksum_update (sum, card, sizeof card);
  g_checksum_get_digest (sum, out, &len);
  return TRUE;
}
