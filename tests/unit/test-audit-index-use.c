/* SPDX-License-Identifier: MIT
 *
 * What an index is good for, and how long it is kept.
 */
#include "tests/unit/index-place.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <unistd.h>

static void
test_used (void)
{
  IndexPlace *place = index_place_new ();
  g_autoptr (AuditCache) cache = index_place_cache (place);
  g_autofree char *path = audit_log_path (place->log, 1);
  struct stat st;
  g_assert_cmpint (stat (path, &st), ==, 0);
  int fd = g_open (path, O_RDONLY | O_CLOEXEC);
  g_autoptr (AuditIndex) index = audit_index_open (cache, 1, fd, &st);
  g_assert_nonnull (index);

  AuditLookup one = { .ids = { "req1" } }, none = { .ids = { "nothing" } },
              both = { .ids = { "req1", "nothing" } }, all = { NULL };
  g_autoptr (GArray) in_one = audit_index_spans (index, &one);
  g_autoptr (GArray) in_none = audit_index_spans (index, &none);
  g_autoptr (GArray) in_both = audit_index_spans (index, &both);
  g_autoptr (GArray) in_all = audit_index_spans (index, &all);
  g_assert_cmpuint (in_one->len, ==, 1);
  g_assert_cmpuint (g_array_index (in_one, AuditSpan, 0).len, <, (guint64) st.st_size / 2 + 1);
  g_assert_cmpuint (in_none->len, ==, 0);
  g_assert_cmpuint (in_both->len, ==, 0);
  g_assert_cmpuint (in_all->len, ==, 1);
  g_assert_cmpuint (g_array_index (in_all, AuditSpan, 0).len, ==, (guint64) st.st_size);
  close (fd);
  index_place_free (place);
}

static void
count (guint done, guint all, gpointer user)
{
  guint *last = user;

  g_assert_cmpuint (done, ==, *last + 1);
  g_assert_cmpuint (all, ==, 2);
  *last = done;
}

static void
test_all (void)
{
  IndexPlace *place = index_place_new ();
  g_autoptr (AuditCache) cache = index_place_cache (place);
  guint done = 0, again = 0;

  audit_cache_make_all (cache, place->log->dir, count, &done);
  g_assert_cmpuint (done, ==, 2);
  index_place_assert_same (place, cache);
  g_assert_cmpuint (audit_cache_made (cache), ==, 0);
  audit_cache_make_all (cache, place->log->dir, count, &again);
  g_assert_cmpuint (again, ==, 0);
  index_place_free (place);
}

/* Files that were kept for a time only take their indexes along. */
static void
test_swept (void)
{
  IndexPlace *place = index_place_new ();
  g_autoptr (AuditCache) cache = index_place_cache (place);
  g_autofree char *first = index_place_path (place, 1), *second = index_place_path (place, 2);

  index_place_assert_same (place, cache);
  g_assert_true (g_file_test (first, G_FILE_TEST_EXISTS));
  g_autofree char *file = audit_log_path (place->log, 1);
  g_unlink (file);
  g_free (index_place_found (place, cache, &(AuditWish){ NULL }, FALSE));
  g_assert_false (g_file_test (first, G_FILE_TEST_EXISTS));
  g_assert_true (g_file_test (second, G_FILE_TEST_EXISTS));
  index_place_free (place);
}

static void
test_folder (void)
{
  g_autofree char *dir = g_dir_make_tmp ("index-XXXXXX", NULL);
  g_autoptr (Secret) key = crypt_random_key (NULL);
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (g_chmod (dir, 0755), ==, 0);
  g_assert_null (audit_cache_new (dir, key, &error));
  g_assert_nonnull (error);
  g_rmdir (dir);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/audit-index-use/one request is looked for in one part of a file", test_used);
  g_test_add_func ("/audit-index-use/all that are missing are made at once", test_all);
  g_test_add_func ("/audit-index-use/that of a file that was removed is removed too", test_swept);
  g_test_add_func ("/audit-index-use/a folder that others may read is none", test_folder);
  return g_test_run ();
}
