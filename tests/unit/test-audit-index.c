/* SPDX-License-Identifier: MIT
 *
 * Whatever is in the cache, the same records are found as without one.
 */
#include "tests/unit/index-place.h"
#include "tests/unit/table.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

static void
keep (const IndexPlace *place)
{
}

static void
remove_all (const IndexPlace *place)
{
  for (guint i = 1; i < 4; i++)
    {
      g_autofree char *path = index_place_path (place, i);
      g_unlink (path);
    }
}

static void
rewrite (const IndexPlace *place, void (*change) (GByteArray *bytes))
{
  g_autofree char *path = index_place_path (place, 2), *data = NULL;
  gsize len;

  g_assert_true (g_file_get_contents (path, &data, &len, NULL));
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  g_byte_array_append (bytes, (const guint8 *) data, len);
  change (bytes);
  g_assert_true (g_file_set_contents (path, (const char *) bytes->data, bytes->len, NULL));
}

static void
cut_short (GByteArray *bytes)
{
  g_byte_array_set_size (bytes, bytes->len - 1);
}

static void
empty (GByteArray *bytes)
{
  g_byte_array_set_size (bytes, 0);
}

static void
flip_header (GByteArray *bytes)
{
  bytes->data[60] ^= 1;
}

static void
flip_block (GByteArray *bytes)
{
  bytes->data[1108 + 40] ^= 1;
}

/* The last bytes of the last bucket: only who asks for an id reads it. */
static void
flip_bucket (GByteArray *bytes)
{
  for (guint i = 1; i < 6000 && i < bytes->len; i++)
    bytes->data[bytes->len - i] ^= 0x40;
}

static void
cut_file (const IndexPlace *place)
{
  rewrite (place, cut_short);
}

static void
empty_file (const IndexPlace *place)
{
  rewrite (place, empty);
}

static void
flip_in_header (const IndexPlace *place)
{
  rewrite (place, flip_header);
}

static void
flip_in_block (const IndexPlace *place)
{
  rewrite (place, flip_block);
}

static void
flip_in_buckets (const IndexPlace *place)
{
  rewrite (place, flip_bucket);
}

static void
take_another_files (const IndexPlace *place)
{
  g_autofree char *from = index_place_path (place, 1), *to = index_place_path (place, 2),
                  *data = NULL;
  gsize len;

  g_assert_true (g_file_get_contents (from, &data, &len, NULL));
  g_assert_true (g_file_set_contents (to, data, (gssize) len, NULL));
}

/* An index that says that there is nothing, by who does not have the key. */
static void
forge (const IndexPlace *place)
{
  g_autofree char *other = g_dir_make_tmp ("forged-XXXXXX", NULL);
  g_autoptr (Secret) key = crypt_random_key (NULL);
  g_autoptr (AuditCache) forged = audit_cache_new (other, key, NULL);
  g_autofree char *nothing
      = index_place_found (place, forged, &(AuditWish){ .id = "nothing" }, FALSE);

  g_assert_cmpstr (nothing, ==, "");
  for (guint i = 1; i < 3; i++)
    {
      g_autofree char *from = g_strdup_printf ("%s/%06u.index", other, i),
                      *to = index_place_path (place, i);
      g_assert_cmpint (g_rename (from, to), ==, 0);
    }
  g_rmdir (other);
}

static void
put_a_link (const IndexPlace *place)
{
  g_autofree char *path = index_place_path (place, 2), *aside = g_strconcat (path, ".was", NULL);

  g_assert_cmpint (g_rename (path, aside), ==, 0);
  g_assert_cmpint (symlink (aside, path), ==, 0);
}

static void
put_a_folder (const IndexPlace *place)
{
  g_autofree char *path = index_place_path (place, 2), *inside = g_build_filename (path, "x", NULL);

  g_unlink (path);
  g_assert_cmpint (g_mkdir_with_parents (inside, 0700), ==, 0);
}

/* The trail's file is another one, of the same name and length, with other records. */
static void
change_the_trail (const IndexPlace *place)
{
  g_auto (GStrv) lines = audit_log_lines (place->log, 2);
  char *at = strstr (lines[20], "\"req");

  g_assert_nonnull (at);
  at[3] = 'x';
  audit_log_put_lines (place->log, 2, lines, NULL);
}

static const struct
{
  const char *sentence;
  void (*done) (const IndexPlace *place);
  guint made; /* indexes that were made anew then */
} cases[] = {
  { "an index that is good is used", keep, 0 },
  { "those that are missing are made", remove_all, 2 },
  { "one that was cut is made anew", cut_file, 1 },
  { "one that is empty is made anew", empty_file, 1 },
  { "one with a changed header is made anew", flip_in_header, 1 },
  { "one with changed times is made anew", flip_in_block, 1 },
  { "one with changed ids is made anew, once that shows", flip_in_buckets, 1 },
  { "that of another file is none", take_another_files, 1 },
  { "those of who has not the key are none", forge, 2 },
  { "a symbolic link is none", put_a_link, 1 },
  { "what cannot be replaced is passed over", put_a_folder, 0 },
  { "that of a file that was changed since is none", change_the_trail, 1 },
};

static void
test_case (gconstpointer data)
{
  const typeof (cases[0]) *c = data;
  IndexPlace *place = index_place_new ();
  AuditCache *first = index_place_cache (place);

  index_place_assert_same (place, first);
  g_assert_cmpuint (audit_cache_made (first), ==, 2);
  audit_cache_free (first);
  c->done (place);
  AuditCache *second = index_place_cache (place);
  index_place_assert_same (place, second);
  g_assert_cmpuint (audit_cache_made (second), ==, c->made);
  index_place_assert_same (place, second);
  audit_cache_free (second);
  if (c->done == put_a_folder)
    {
      g_autofree char *path = index_place_path (place, 2),
                      *inside = g_build_filename (path, "x", NULL);
      g_rmdir (inside);
      g_rmdir (path);
    }
  index_place_free (place);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD_TABLE ("/audit-index/", cases, test_case);
  return g_test_run ();
}
