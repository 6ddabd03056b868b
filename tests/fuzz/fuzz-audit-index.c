/* SPDX-License-Identifier: MIT
 *
 * Whatever bytes lie in the cache, the same records are found as without one. An input is an index,
 * byte for byte (first byte even), or changes to a good one (odd): place of two bytes, value.
 */
#include "broker/audit/audit-walk.h"
#include "tests/fuzz/fuzz.h"

#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>

#define RECORDS 300 /* three blocks */

typedef struct
{
  char *trail, *cache, *index; /* index: the file */
  char *good;                  /* what belongs there */
  gsize good_len;
  Secret *key;
} Place;

static void
add_record (GString *out, guint seq)
{
  char zeros[AUDIT_HEX_LEN + 1];

  memset (zeros, '0', AUDIT_HEX_LEN);
  zeros[AUDIT_HEX_LEN] = '\0';
  g_string_append_printf (
      out,
      "{\"seq\":%u,\"time\":\"2026-11-21T09:%02u:%02u.000Z\",\"event\":\"%s\","
      "\"request_id\":\"r%u\",\"resource\":\"t%u\",\"prev\":\"%s\",\"mac\":\"%s\"}\n",
      seq, seq / 60, seq % 60, seq % 9 == 0 ? "request_held" : "grant_used", seq / 7, seq % 3,
      zeros, zeros);
}

static void
write_file (const Place *place, guint number, guint first, guint n)
{
  g_autofree char *path = g_strdup_printf ("%s/%06u.jsonl", place->trail, number);
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < n; i++)
    add_record (text, first + i);
  g_assert_true (g_file_set_contents (path, text->str, (gssize) text->len, NULL));
}

static gboolean
on_line (const AuditLine *scanned, const char *line, gsize len, gpointer user)
{
  g_string_append_printf (user, "%" G_GUINT64_FORMAT " ", scanned->seq);
  return TRUE;
}

static char *
found (const Place *place, gboolean with_cache, const AuditWish *wish, gboolean backward)
{
  g_autoptr (AuditCache) cache
      = with_cache ? audit_cache_new (place->cache, place->key, NULL) : NULL;
  GString *seqs = g_string_new (NULL);

  g_assert_true ((cache != NULL) == with_cache);
  g_assert_true (audit_walk (place->trail, cache, wish, backward, on_line, seqs, NULL));
  return g_string_free (seqs, FALSE);
}

static Place only;

static void
leave_nothing (void)
{
  const char *const names[] = { "000001.jsonl", "000002.jsonl", "000001.index" };

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = g_build_filename (i < 2 ? only.trail : only.cache, names[i], NULL);
      g_unlink (path);
    }
  g_rmdir (only.trail);
  g_rmdir (only.cache);
}

static const Place *
place_of (void)
{
  static const guint8 key[CRYPT_KEY_LEN] = "index";

  if (only.trail != NULL)
    return &only;
  g_assert_true (secret_init (NULL));
  only.trail = g_dir_make_tmp ("fuzz-trail-XXXXXX", NULL);
  only.cache = g_dir_make_tmp ("fuzz-cache-XXXXXX", NULL);
  only.index = g_build_filename (only.cache, "000001.index", NULL);
  only.key = secret_new_from (key, sizeof key, NULL);
  write_file (&only, 1, 1, RECORDS);
  write_file (&only, 2, RECORDS + 1, 1);
  g_free (found (&only, TRUE, &(AuditWish){ NULL }, FALSE));
  atexit (leave_nothing);
  g_assert_true (g_file_get_contents (only.index, &only.good, &only.good_len, NULL));
  return &only;
}

static void
put_index (const Place *place, const guint8 *data, gsize size)
{
  g_autofree char *changed = g_memdup2 (place->good, place->good_len);
  gboolean whole = size == 0 || data[0] % 2 == 0;

  for (gsize i = 1; !whole && i + 2 < size; i += 3)
    changed[(data[i] << 8 | data[i + 1]) % place->good_len] ^= (char) data[i + 2];
  g_assert_true (g_file_set_contents (
      place->index, whole ? (const char *) data + (size > 0) : changed,
      whole ? (gssize) (size > 0 ? size - 1 : 0) : (gssize) place->good_len, NULL));
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static const AuditWish wishes[] = {
    { NULL },
    { .since = "2026-11-21T09:02:00.000Z", .until = "2026-11-21T09:02:30.000Z" },
    { .event = "request_held" },
    { .id = "r20" },
    { .id = "r42", .resource = "t1" },
    { .seq = 200 },
  };
  const Place *made = place_of ();

  for (gsize i = 0; i < G_N_ELEMENTS (wishes); i++)
    {
      put_index (made, data, size);
      g_autofree char *with = found (made, TRUE, &wishes[i], i % 2 == 1),
                      *without = found (made, FALSE, &wishes[i], i % 2 == 1);
      g_assert_cmpstr (with, ==, without);
    }
  return 0;
}
