/* SPDX-License-Identifier: MIT
 *
 * Rows and bytes that whoever can write the file moves or changes, and what whoever can read it
 * sees.
 */
#include "tests/unit/store-fixture.h"

#include <string.h>
#include <sys/stat.h>

#include "tests/unit/table.h"

static const struct
{
  const char *sentence, *sql, *name;
} swapped[] = {
  { "a value in another secret's place is refused",
    "UPDATE version SET value = (SELECT value FROM version AS o WHERE o.token <> version.token)",
    "shop/live/FIRST" },
  { "a whole version in another secret's place is refused",
    "DELETE FROM version WHERE token = (SELECT token FROM version GROUP BY token"
    " HAVING count(*) = 1);"
    "UPDATE version SET token = (SELECT token FROM secret WHERE secret.token <> version.token)"
    " WHERE version = 1",
    "shop/live/FIRST" },
  { "an older version in the newest one's place is refused",
    "DELETE FROM version WHERE version = 2;"
    "UPDATE version SET version = 2 WHERE token = (SELECT token FROM version GROUP BY token"
    " ORDER BY length(value) DESC LIMIT 1)",
    "shop/live/SECOND" },
  { "an older key in the newest one's place is refused",
    "UPDATE version SET key = (SELECT key FROM version AS o WHERE o.token = version.token"
    " AND o.version = 1) WHERE version = 2",
    "shop/live/SECOND" },
  { "a secret whose value was taken away is refused", "DELETE FROM version", "shop/live/FIRST" },
};

static void
test_swapped (gconstpointer data)
{
  typeof (&swapped[0]) row = data;
  g_autoptr (GError) error = NULL;
  Fixture f;

  fixture_init (&f);
  fixture_fill (&f);
  fixture_close (&f);
  fixture_sql (&f, row->sql);
  fixture_reopen (&f);
  g_assert_null (fixture_read (&f, row->name, &error));
  g_assert_error (error, STORE_ERROR, STORE_ERROR_DAMAGED);
  fixture_clear (&f);
}

static void
assert_whole (Fixture *f)
{
  const char *const values[][2]
      = { { "shop/live/FIRST", "first value" }, { "shop/live/SECOND", "second value, newer" } };

  for (gsize i = 0; i < G_N_ELEMENTS (values); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (Secret) value = fixture_read (f, values[i][0], &error);

      if (value != NULL)
        g_assert_cmpmem (secret_peek (value), secret_len (value), values[i][1],
                         strlen (values[i][1]));
      else
        g_assert_error (error, STORE_ERROR, STORE_ERROR_DAMAGED);
    }
}

/* A flipped bit is refused, or stands where nothing is kept: what opens is what was put in. */
static void
test_flipped (void)
{
  g_autofree char *whole = NULL;
  guint refused = 0, tries = 0;
  gsize len;
  Fixture f;

  fixture_init (&f);
  fixture_fill (&f);
  fixture_close (&f);
  g_assert_true (g_file_get_contents (f.path, &whole, &len, NULL));
  for (gsize at = 0, used = 0; at < len; at++)
    {
      g_autoptr (GError) error = NULL;

      /* Most of a small file is empty. */
      if (whole[at] == 0 || used++ % 13 != 0)
        continue;
      tries++;
      whole[at] ^= (char) (1 << at % 8);
      g_assert_true (g_file_set_contents (f.path, whole, (gssize) len, NULL));
      g_assert_cmpint (chmod (f.path, 0600), ==, 0);
      whole[at] ^= (char) (1 << at % 8);
      f.store = fixture_try (&f, PASSPHRASE, &error);
      if (f.store != NULL)
        assert_whole (&f);
      else
        g_assert_cmpint (error->domain, ==, STORE_ERROR);
      refused += f.store == NULL;
      fixture_close (&f);
    }
  g_test_message ("%u of %u refused", refused, tries);
  g_assert_cmpuint (refused, >, 0);
  fixture_clear (&f);
}

/* A change that fails halfway, among others of the same transaction. */
static void
test_half_change (void)
{
  g_autoptr (Secret) value = fixture_secret ("x");
  Outcome before = { 0 }, half = { 0 }, after = { 0 };
  Fixture f;

  fixture_init (&f);
  fixture_fill (&f);
  fixture_close (&f);
  fixture_sql (&f, "UPDATE version SET value = substr(value, 1, 30) WHERE version = 2");
  fixture_reopen (&f);
  fixture_hold (&f);
  store_set (f.store, "BEFORE", value, NULL, STORE_SET_NEW, outcome_done, &before);
  store_rename (f.store, "shop/live/SECOND", "MOVED", outcome_done, &half);
  store_set (f.store, "AFTER", value, NULL, STORE_SET_NEW, outcome_done, &after);
  fixture_release (&f);
  writer_drain (f.writer);
  g_assert_no_error (before.error);
  g_assert_error (half.error, STORE_ERROR, STORE_ERROR_DAMAGED);
  g_assert_no_error (after.error);
  outcome_clear (&half);
  fixture_reopen (&f);
  g_assert_null (store_find (f.store, "MOVED"));
  g_assert_nonnull (store_find (f.store, "shop/live/SECOND"));
  fixture_assert_value (&f, "BEFORE", "x");
  fixture_assert_value (&f, "AFTER", "x");
  g_assert_cmpuint (store_count (f.store), ==, 4);
  fixture_clear (&f);
}

/* --- What whoever steals it can read --- */

static void
test_unreadable (void)
{
  const char *const hidden[]
      = { "shop", "FIRST",   "SECOND",   "first value", "second value", "team",
          "till", "anybody", "verifier", "MOVED",       PASSPHRASE };
  Fixture f;

  fixture_init (&f);
  fixture_fill (&f);
  g_assert_true (fixture_rename (&f, "shop/live/FIRST", "MOVED", NULL));
  for (int closed = 0; closed < 2; closed++)
    {
      g_assert_true (fixture_contains (&f, "policy", 6));
      for (gsize i = 0; i < G_N_ELEMENTS (hidden); i++)
        {
          g_test_message ("%s", hidden[i]);
          g_assert_false (fixture_contains (&f, hidden[i], strlen (hidden[i])));
        }
      fixture_close (&f);
    }
  fixture_clear (&f);
}

static GBytes *
column_of (Fixture *f, const char *sql)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&f->store->mutex);
  g_autoptr (sqlite3_stmt) stmt = store_sql_prepare (f->store->db, NULL, sql, "");
  gboolean row;

  g_assert_true (store_sql_step (stmt, &row, NULL) && row);
  return store_sql_column (stmt, 0);
}

/* Sealed bytes are wiped as well: who gets the passphrase later must not find them. */
static void
test_removed_is_gone (void)
{
  g_autofree char *text = g_strnfill (20000, 'x');
  g_autoptr (GBytes) value = NULL, names = NULL;
  gsize len;
  Fixture f;

  fixture_init (&f);
  fixture_create (&f);
  fixture_must_set (&f, "OTHER", "stays");
  fixture_must_set (&f, "A", text);
  value = column_of (&f, "SELECT value FROM version WHERE length(value) > 10000");
  names = column_of (&f, "SELECT names FROM secret JOIN version USING (token)"
                         " WHERE length(value) > 10000");
  len = g_bytes_get_size (value);
  g_assert_true (fixture_contains (&f, g_bytes_get_data (value, NULL), 64));
  g_assert_true (fixture_remove (&f, "A", NULL));
  for (gsize at = 0; at + 64 < len; at += 1000)
    g_assert_false (fixture_contains (&f, (const char *) g_bytes_get_data (value, NULL) + at, 64));
  g_assert_false (fixture_contains (&f, g_bytes_get_data (names, NULL), g_bytes_get_size (names)));
  fixture_assert_value (&f, "OTHER", "stays");
  fixture_clear (&f);
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;

  g_test_init (&argc, &argv, NULL);
  if (!secret_init (&error))
    g_error ("%s", error->message);
  ADD_TABLE ("/store/tamper/", swapped, test_swapped);
  g_test_add_func ("/store/tamper/a change that fails halfway leaves nothing of it",
                   test_half_change);
  g_test_add_func ("/store/tamper/a flipped bit never gives another value", test_flipped);
  g_test_add_func ("/store/tamper/no name, tag or value can be read in it", test_unreadable);
  g_test_add_func ("/store/tamper/what was removed is in no file any more", test_removed_is_gone);
  return g_test_run ();
}
