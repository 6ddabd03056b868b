/* SPDX-License-Identifier: MIT
 *
 * The life of a store: making, opening, claiming.
 */
#include "tests/unit/store-fixture.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void
test_reopen (void)
{
  Fixture f;
  g_autofree char *id = NULL;
  const StoreEntry *entry;

  fixture_init (&f);
  fixture_create (&f);
  id = g_strdup (store_id (f.store));
  g_assert_true (fixture_set_tagged (&f, "shop/live/KEY", "value", "team", "till"));
  g_assert_true (fixture_put_meta (&f, "policy", "ask *", NULL));
  g_assert_true (fixture_put_meta (&f, "pin", "x", NULL));
  g_assert_true (fixture_put_meta (&f, "pin", NULL, NULL));
  fixture_put_raw (&f);
  fixture_reopen (&f);
  g_assert_cmpuint (strlen (id), ==, 32);
  g_assert_cmpstr (store_id (f.store), ==, id);
  fixture_assert_value (&f, "shop/live/KEY", "value");
  entry = store_find (f.store, "shop/live/KEY");
  g_assert_cmpstr (g_hash_table_lookup (entry->tags, "team"), ==, "till");
  g_assert_cmpuint (entry->version, ==, 1);
  g_assert_cmpuint (entry->size, ==, 5);
  g_assert_cmpint (entry->created, >, 0);
  fixture_assert_meta (&f, "policy", "ask *");
  fixture_assert_meta (&f, "pin", NULL);
  fixture_assert_raw (&f, "audit-head", "head");
  fixture_clear (&f);
}

static void
test_modes (void)
{
  const char *const names[] = { "store.db", "store.db-wal", "store.db-shm", "store.db.lock" };
  mode_t before = umask (0);
  Fixture f;

  fixture_init (&f);
  fixture_create (&f);
  fixture_must_set (&f, "A", "a");
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = g_build_filename (f.dir, names[i], NULL);
      struct stat st;

      g_assert_cmpint (lstat (path, &st), ==, 0);
      g_assert_cmpint (st.st_mode & 07777, ==, 0600);
    }
  umask (before);
  fixture_clear (&f);
}

static void
test_wrong_passphrase (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (Secret) wrong = fixture_secret ("Correct horse battery staple");
  g_autoptr (Secret) right = fixture_secret (PASSPHRASE);
  Fixture f;

  fixture_init (&f);
  fixture_create (&f);
  fixture_close (&f);
  f.store = store_open (f.path, f.writer, &error);
  g_assert_no_error (error);
  g_assert_false (store_unlock (f.store, wrong, &error));
  g_assert_error (error, STORE_ERROR, STORE_ERROR_PASSPHRASE);
  g_clear_error (&error);
  g_assert_false (store_is_unlocked (f.store));
  g_assert_null (store_derive_key (f.store, "pin", NULL));
  g_assert_true (store_unlock (f.store, right, &error));
  g_assert_no_error (error);
  fixture_clear (&f);
}

static void
test_create_twice (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (Secret) passphrase = fixture_secret ("another");
  Fixture f;

  fixture_init (&f);
  fixture_create (&f);
  fixture_must_set (&f, "A", "a");
  g_assert_null (store_create_with_kdf (f.path, f.writer, passphrase, &fixture_kdf, &error));
  g_assert_error (error, STORE_ERROR, STORE_ERROR_EXISTS);
  fixture_reopen (&f);
  fixture_assert_value (&f, "A", "a");
  fixture_clear (&f);
}

/* What a kill during init leaves behind. */
static void
test_create_after_kill (void)
{
  g_autofree char *half = NULL;
  Fixture f;

  fixture_init (&f);
  half = g_strconcat (f.path, ".new", NULL);
  g_assert_true (g_file_set_contents (half, "SQLite format 3", -1, NULL));
  fixture_create (&f);
  g_assert_false (g_file_test (half, G_FILE_TEST_EXISTS));
  fixture_clear (&f);
}

static void
test_two_brokers (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (Secret) passphrase = fixture_secret (PASSPHRASE);
  g_autoptr (Store) second = NULL;
  g_autofree char *pid = g_strdup_printf ("process %d ", (int) getpid ());
  Fixture f;

  fixture_init (&f);
  fixture_create (&f);
  fixture_must_set (&f, "A", "a");
  second = store_open (f.path, f.writer, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (store_count (second), ==, 1);
  g_assert_true (store_unlock (second, passphrase, &error));
  g_assert_false (store_load (second, NULL));
  g_assert_false (store_claim (second, &error));
  g_assert_error (error, STORE_ERROR, STORE_ERROR_BUSY);
  g_assert_nonnull (strstr (error->message, pid));
  g_clear_error (&error);
  fixture_must_set (&f, "B", "b");

  /* The first leaves; what it wrote last is there for the second. */
  fixture_close (&f);
  g_assert_true (store_claim (second, &error));
  g_assert_true (store_load (second, &error));
  f.store = g_steal_pointer (&second);
  fixture_assert_value (&f, "B", "b");
  fixture_clear (&f);
}

static void
test_changed_meanwhile (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (Secret) passphrase = fixture_secret (PASSPHRASE);
  g_autoptr (Secret) fresh = fixture_secret ("fresh");
  g_autoptr (Store) second = NULL;
  Fixture f;

  fixture_init (&f);
  fixture_create (&f);
  second = store_open (f.path, f.writer, &error);
  g_assert_true (store_unlock (second, passphrase, &error));
  g_assert_true (store_change_passphrase (f.store, passphrase, fresh, &error));
  fixture_close (&f);
  g_assert_true (store_claim (second, &error));
  g_assert_false (store_load (second, &error));
  g_assert_error (error, STORE_ERROR, STORE_ERROR_FAILED);
  g_clear_pointer (&second, store_free);
  fixture_clear (&f);
}

static void
test_memory (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (Secret) passphrase = fixture_secret (PASSPHRASE);
  Fixture f;

  fixture_init (&f);
  f.store = store_create_with_kdf (NULL, f.writer, passphrase, &fixture_kdf, &error);
  g_assert_no_error (error);
  fixture_must_set (&f, "A", "a");
  fixture_must_set (&f, "A", "aa");
  g_assert_true (fixture_remove (&f, "A", NULL));
  fixture_must_set (&f, "B", "b");
  store_lock (f.store);
  g_assert_true (store_unlock (f.store, passphrase, &error));
  g_assert_true (store_load (f.store, &error));
  fixture_assert_value (&f, "B", "b");
  g_assert_false (g_file_test (f.path, G_FILE_TEST_EXISTS));
  fixture_clear (&f);
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;

  g_test_init (&argc, &argv, NULL);
  if (!secret_init (&error))
    g_error ("%s", error->message);
  g_test_add_func ("/store/what was put in is there after opening again", test_reopen);
  g_test_add_func ("/store/all its files are 0600 whatever the umask", test_modes);
  g_test_add_func ("/store/a wrong passphrase is told, and the right one still opens",
                   test_wrong_passphrase);
  g_test_add_func ("/store/making one where one is leaves it alone", test_create_twice);
  g_test_add_func ("/store/a making that was killed is begun anew", test_create_after_kill);
  g_test_add_func ("/store/a second broker reads the header and is refused the claim",
                   test_two_brokers);
  g_test_add_func ("/store/a passphrase changed before the claim is noticed",
                   test_changed_meanwhile);
  g_test_add_func ("/store/in memory it leaves no file", test_memory);
  return g_test_run ();
}
