/* SPDX-License-Identifier: MIT
 *
 * Keys are the same however the bytes come: at once, or one after the other.
 */
#include "approve-ui/terminal/terminal-key.h"
#include "tests/fuzz/fuzz.h"

static void
check (const TerminalKey *key, gsize len, gsize most)
{
  g_assert_cmpuint (len, <=, most);
  g_assert_true ((key->code == TERMINAL_KEY_CHAR) == (key->c != 0));
  g_assert_true (key->c == 0 || g_unichar_isprint (key->c));
}

/* The first key of @data when it comes byte by byte. */
static gsize
decode_slowly (const guint8 *data, gsize size, TerminalKey *key)
{
  for (gsize have = 1; have < size; have++)
    {
      gsize len = terminal_key_decode (data, have, FALSE, key);
      if (len > 0)
        return len;
    }
  return terminal_key_decode (data, size, TRUE, key);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  while (size > 0)
    {
      TerminalKey key, slow;
      gsize len = terminal_key_decode (data, size, TRUE, &key);
      g_assert_cmpuint (len, >, 0);
      check (&key, len, size);
      g_assert_cmpuint (decode_slowly (data, size, &slow), ==, len);
      g_assert_true (key.code == slow.code && key.c == slow.c);
      data += len;
      size -= len;
    }
  return 0;
}
