/* SPDX-License-Identifier: MIT
 *
 * Whatever is in the cache, the same records are found as without one.
 */
#include "broker/audit/audit-walk.h"

#include "tests/unit/audit-log.h"
#include "tests/unit/table.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#define RECORDS 1200
#define FILE_SIZE 200000 /* two finished files of several blocks, and a third */

typedef struct
{
  AuditLog *log;
  char *dir; /* of the cache */
  Secret *key;
} Place;

/* ---- a log that says something of several requests ---- */

static void
add (AuditLog *log, guint n)
{
  AuditRecord *record = audit_record_new (log->audit, n % 7 == 0 ? "request_held" : "grant_used");
  g_autofree char *request = g_strdup_printf ("req%u", n / 9);
  g_autofree char *grant = g_strdup_printf ("grant%u", n / 20);

  audit_record_string (record, "request_id", request);
  audit_record_string (record, "grant_id", grant);
  audit_record_name (record, "resource", n % 2 == 0 ? "prod/db" : "stage/db");
  /* What an agent says is none of the members that it names. */
  audit_record_string (record, "said", "\",\"request_id\":\"req3\",\"x\":\"");
  audit_append (log->audit, record, AUDIT_WRITTEN, NULL, NULL);
  if (n % 16 == 15)
    audit_flush (log->audit);
}

static Place *
place_new (void)
{
  Place *place = g_new0 (Place, 1);

  place->log = audit_log_new (FILE_SIZE);
  for (guint i = 0; i < RECORDS; i++)
    add (place->log, i);
  audit_log_settle (place->log);
  place->dir = g_dir_make_tmp ("index-XXXXXX", NULL);
  place->key = crypt_random_key (NULL);
  g_assert_cmpuint (audit_log_size (place->log, 3), >, 0);
  return place;
}

static void
place_free (Place *place)
{
  g_autoptr (GDir) dir = g_dir_open (place->dir, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (place->dir, name, NULL);
      g_unlink (path);
    }
  g_rmdir (place->dir);
  g_free (place->dir);
  secret_free (place->key);
  audit_log_free (place->log);
  g_free (place);
}

static AuditCache *
cache_of (const Place *place)
{
  g_autoptr (GError) error = NULL;
  AuditCache *cache = audit_cache_new (place->dir, place->key, &error);

  g_assert_no_error (error);
  return cache;
}

static char *
index_path (const Place *place, guint number)
{
  return g_strdup_printf ("%s/%06u.index", place->dir, number);
}

/* ---- what is found ---- */

static gboolean
on_line (const AuditLine *scanned, const char *line, gsize len, gpointer user)
{
  g_string_append_printf (user, "%" G_GUINT64_FORMAT " ", scanned->seq);
  return TRUE;
}

static char *
found (const Place *place, AuditCache *cache, const AuditWish *wish, gboolean backward)
{
  GString *seqs = g_string_new (NULL);
  g_autoptr (GError) error = NULL;

  if (!audit_walk (place->log->dir, cache, wish, backward, on_line, seqs, &error))
    g_string_append (seqs, error->message);
  return g_string_free (seqs, FALSE);
}

/* Times between records, from the log itself. */
static char *
time_of (const Place *place, guint file, guint line)
{
  g_auto (GStrv) lines = audit_log_lines (place->log, file);
  AuditLine scanned;

  g_assert_true (audit_line_scan (lines[line], strlen (lines[line]), &scanned));
  return g_strndup (scanned.time, AUDIT_TIME_LEN);
}

static void
assert_same (const Place *place, AuditCache *cache)
{
  g_autofree char *since = time_of (place, 2, 3), *until = time_of (place, 2, 90);
  char token[AUDIT_TOKEN_LEN + 1];
  g_assert_true (audit_name_token (place->log->audit, "prod/db", token));
  const AuditWish wishes[] = {
    { NULL },
    { .since = since },
    { .until = until },
    { .since = since, .until = until },
    { .since = "9999-12-31T00:00:00.000Z" },
    { .until = "1999-12-31T00:00:00.000Z" },
    { .event = "request_held" },
    { .event = "segment" },
    { .event = "no_such" },
    { .id = "req3" },
    { .id = "req40" },
    { .id = "grant7" },
    { .id = "nothing" },
    { .id = "" },
    { .resource = token },
    { .resource = token, .id = "req20", .event = "grant_used" },
    { .seq = 1 },
    { .seq = 150 },
    { .seq = 1000000 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (wishes); i++)
    for (int backward = 0; backward < 2; backward++)
      {
        g_autofree char *with = found (place, cache, &wishes[i], backward),
                        *without = found (place, NULL, &wishes[i], backward);
        g_assert_cmpstr (with, ==, without);
      }
}

/* ---- what is done to the cache ---- */

static void
keep (const Place *place)
{
}

static void
remove_all (const Place *place)
{
  for (guint i = 1; i < 4; i++)
    {
      g_autofree char *path = index_path (place, i);
      g_unlink (path);
    }
}

static void
rewrite (const Place *place, void (*change) (GByteArray *bytes))
{
  g_autofree char *path = index_path (place, 2), *data = NULL;
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
cut_file (const Place *place)
{
  rewrite (place, cut_short);
}

static void
empty_file (const Place *place)
{
  rewrite (place, empty);
}

static void
flip_in_header (const Place *place)
{
  rewrite (place, flip_header);
}

static void
flip_in_block (const Place *place)
{
  rewrite (place, flip_block);
}

static void
flip_in_buckets (const Place *place)
{
  rewrite (place, flip_bucket);
}

static void
take_another_files (const Place *place)
{
  g_autofree char *from = index_path (place, 1), *to = index_path (place, 2), *data = NULL;
  gsize len;

  g_assert_true (g_file_get_contents (from, &data, &len, NULL));
  g_assert_true (g_file_set_contents (to, data, (gssize) len, NULL));
}

/* An index that says that there is nothing, by who does not have the key. */
static void
forge (const Place *place)
{
  g_autofree char *other = g_dir_make_tmp ("forged-XXXXXX", NULL);
  g_autoptr (Secret) key = crypt_random_key (NULL);
  g_autoptr (AuditCache) forged = audit_cache_new (other, key, NULL);
  g_autofree char *nothing = found (place, forged, &(AuditWish){ .id = "nothing" }, FALSE);

  g_assert_cmpstr (nothing, ==, "");
  for (guint i = 1; i < 3; i++)
    {
      g_autofree char *from = g_strdup_printf ("%s/%06u.index", other, i),
                      *to = index_path (place, i);
      g_assert_cmpint (g_rename (from, to), ==, 0);
    }
  g_rmdir (other);
}

static void
put_a_link (const Place *place)
{
  g_autofree char *path = index_path (place, 2), *aside = g_strconcat (path, ".was", NULL);

  g_assert_cmpint (g_rename (path, aside), ==, 0);
  g_assert_cmpint (symlink (aside, path), ==, 0);
}

static void
put_a_folder (const Place *place)
{
  g_autofree char *path = index_path (place, 2), *inside = g_build_filename (path, "x", NULL);

  g_unlink (path);
  g_assert_cmpint (g_mkdir_with_parents (inside, 0700), ==, 0);
}

/* The trail's file is another one, of the same name and length, with other records. */
static void
change_the_trail (const Place *place)
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
  void (*done) (const Place *place);
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
  Place *place = place_new ();
  AuditCache *first = cache_of (place);

  assert_same (place, first);
  g_assert_cmpuint (audit_cache_made (first), ==, 2);
  audit_cache_free (first);
  c->done (place);
  AuditCache *second = cache_of (place);
  assert_same (place, second);
  g_assert_cmpuint (audit_cache_made (second), ==, c->made);
  assert_same (place, second);
  audit_cache_free (second);
  if (c->done == put_a_folder)
    {
      g_autofree char *path = index_path (place, 2), *inside = g_build_filename (path, "x", NULL);
      g_rmdir (inside);
      g_rmdir (path);
    }
  place_free (place);
}

/* ---- the index is worth it ---- */

static void
test_used (void)
{
  Place *place = place_new ();
  g_autoptr (AuditCache) cache = cache_of (place);
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
  place_free (place);
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
  Place *place = place_new ();
  g_autoptr (AuditCache) cache = cache_of (place);
  guint done = 0, again = 0;

  audit_cache_make_all (cache, place->log->dir, count, &done);
  g_assert_cmpuint (done, ==, 2);
  assert_same (place, cache);
  g_assert_cmpuint (audit_cache_made (cache), ==, 0);
  audit_cache_make_all (cache, place->log->dir, count, &again);
  g_assert_cmpuint (again, ==, 0);
  place_free (place);
}

/* Files that were kept for a time only take their indexes along. */
static void
test_swept (void)
{
  Place *place = place_new ();
  g_autoptr (AuditCache) cache = cache_of (place);
  g_autofree char *first = index_path (place, 1), *second = index_path (place, 2);

  assert_same (place, cache);
  g_assert_true (g_file_test (first, G_FILE_TEST_EXISTS));
  g_autofree char *file = audit_log_path (place->log, 1);
  g_unlink (file);
  g_free (found (place, cache, &(AuditWish){ NULL }, FALSE));
  g_assert_false (g_file_test (first, G_FILE_TEST_EXISTS));
  g_assert_true (g_file_test (second, G_FILE_TEST_EXISTS));
  place_free (place);
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
  ADD_TABLE ("/audit-index/", cases, test_case);
  g_test_add_func ("/audit-index/one request is looked for in one part of a file", test_used);
  g_test_add_func ("/audit-index/all that are missing are made at once", test_all);
  g_test_add_func ("/audit-index/that of a file that was removed is removed too", test_swept);
  g_test_add_func ("/audit-index/a folder that others may read is none", test_folder);
  return g_test_run ();
}
