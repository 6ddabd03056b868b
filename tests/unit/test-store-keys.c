/* SPDX-License-Identifier: MIT
 *
 * The passphrase, what it opens, and locking.
 */
#include "tests/unit/store-fixture.h"

#include <string.h>

static Secret *
open_key_file (const char *text, const char *passphrase, GError **error)
{
  g_autoptr (Secret) phrase = fixture_secret (passphrase);

  return crypt_key_file_open (text, strlen (text), CRYPT_LABEL_AUDIT, phrase, error);
}

static void
test_change_passphrase (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (Secret) old = fixture_secret (PASSPHRASE), fresh = fixture_secret ("fresh");
  g_autoptr (Secret) key = crypt_random_key (NULL), kept = NULL, from_file = NULL;
  g_autofree char *before = NULL, *after = NULL;
  Fixture f;

  fixture_init (&f);
  fixture_create (&f);
  fixture_must_set (&f, "A", "a");
  g_assert_true (store_put_wrapped (f.store, CRYPT_LABEL_AUDIT, key, &error));
  before = store_export_wrapped (f.store, CRYPT_LABEL_AUDIT, &error);
  g_assert_true (store_change_passphrase (f.store, old, fresh, &error));
  g_assert_no_error (error);
  after = store_export_wrapped (f.store, CRYPT_LABEL_AUDIT, &error);
  g_assert_cmpstr (before, !=, after);

  fixture_close (&f);
  g_assert_null (fixture_try (&f, PASSPHRASE, &error));
  g_assert_error (error, STORE_ERROR, STORE_ERROR_PASSPHRASE);
  g_clear_error (&error);
  f.store = fixture_try (&f, "fresh", &error);
  g_assert_no_error (error);
  fixture_assert_value (&f, "A", "a");
  kept = store_get_wrapped (f.store, CRYPT_LABEL_AUDIT, &error);
  g_assert_true (secret_equal (kept, key));
  from_file = open_key_file (after, "fresh", &error);
  g_assert_true (secret_equal (from_file, key));
  g_assert_null (open_key_file (after, PASSPHRASE, &error));
  g_assert_error (error, CRYPT_ERROR, CRYPT_ERROR_OPEN);
  fixture_clear (&f);
}

static void
test_change_wrong (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (Secret) wrong = fixture_secret ("wrong"), fresh = fixture_secret ("fresh");
  Fixture f;

  fixture_init (&f);
  fixture_create (&f);
  g_assert_false (store_change_passphrase (f.store, wrong, fresh, &error));
  g_assert_error (error, STORE_ERROR, STORE_ERROR_PASSPHRASE);
  fixture_reopen (&f);
  fixture_clear (&f);
}

static void
test_wrapped (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (Secret) key = crypt_random_key (NULL);
  Fixture f;

  fixture_init (&f);
  fixture_create (&f);
  g_assert_null (store_get_wrapped (f.store, CRYPT_LABEL_AUDIT, &error));
  g_assert_error (error, STORE_ERROR, STORE_ERROR_NO_SECRET);
  g_clear_error (&error);
  g_assert_true (store_put_wrapped (f.store, CRYPT_LABEL_AUDIT, key, &error));
  store_forget_kek (f.store);
  g_assert_null (store_get_wrapped (f.store, CRYPT_LABEL_AUDIT, &error));
  g_assert_error (error, STORE_ERROR, STORE_ERROR_LOCKED);
  g_clear_error (&error);
  g_assert_false (store_put_wrapped (f.store, CRYPT_LABEL_AUDIT, key, &error));
  g_assert_error (error, STORE_ERROR, STORE_ERROR_LOCKED);
  g_assert_true (store_is_unlocked (f.store));
  fixture_clear (&f);
}

static void
test_derive (void)
{
  g_autoptr (Secret) pin = NULL, text = NULL, again = NULL;
  Fixture f;

  fixture_init (&f);
  fixture_create (&f);
  pin = store_derive_key (f.store, "pin", NULL);
  text = store_derive_key (f.store, "audit text", NULL);
  fixture_reopen (&f);
  again = store_derive_key (f.store, "pin", NULL);
  g_assert_true (secret_equal (pin, again));
  g_assert_false (secret_equal (pin, text));
  fixture_clear (&f);
}

static void
assert_locked (GError **error)
{
  g_assert_error (*error, STORE_ERROR, STORE_ERROR_LOCKED);
  g_clear_error (error);
}

static void
test_lock (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) list = NULL;
  Fixture f;

  fixture_init (&f);
  fixture_create (&f);
  fixture_must_set (&f, "A", "a");
  g_assert_true (fixture_put_meta (&f, "policy", "ask *", NULL));
  store_lock (f.store);
  g_assert_false (store_is_unlocked (f.store));
  g_assert_null (store_find (f.store, "A"));
  list = store_list (f.store);
  g_assert_cmpuint (list->len, ==, 0);
  g_assert_cmpuint (store_count (f.store), ==, 1);
  fixture_assert_meta (&f, "policy", NULL);
  g_assert_false (fixture_set (&f, "B", "b", STORE_SET_ANY, &error));
  assert_locked (&error);
  g_assert_null (fixture_read (&f, "A", &error));
  assert_locked (&error);
  g_assert_false (fixture_remove (&f, "A", &error));
  assert_locked (&error);
  g_assert_false (fixture_put_meta (&f, "policy", "x", &error));
  assert_locked (&error);
  g_assert_false (store_load (f.store, &error));
  assert_locked (&error);
  fixture_put_raw (&f);
  fixture_assert_raw (&f, "audit-head", "head");
  fixture_clear (&f);
}

static void
test_unlock_again (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (Secret) passphrase = fixture_secret (PASSPHRASE);
  Fixture f;

  fixture_init (&f);
  fixture_create (&f);
  fixture_must_set (&f, "A", "a");
  store_lock (f.store);
  g_assert_true (store_unlock (f.store, passphrase, &error));
  g_assert_true (store_load (f.store, &error));
  fixture_assert_value (&f, "A", "a");
  fixture_must_set (&f, "B", "b");
  fixture_clear (&f);
}

typedef struct
{
  gboolean called;
  GError *error;
} Read;

static void
read_done (gpointer data, Secret *value, const GError *error)
{
  Read *read = data;

  g_assert_null (value);
  read->called = TRUE;
  read->error = g_error_copy (error);
}

/* Keys go while jobs that use them are under way: the write ends, and no value leaves. */
static void
test_lock_under_way (void)
{
  g_autoptr (Secret) value = fixture_secret ("b");
  Outcome set = { 0 };
  Read read = { 0 };
  Fixture f;

  fixture_init (&f);
  fixture_create (&f);
  fixture_must_set (&f, "A", "a");
  store_set (f.store, "B", value, NULL, STORE_SET_NEW, outcome_done, &set);
  store_read (f.store, "A", read_done, &read);
  store_lock (f.store);
  writer_drain (f.writer);
  g_assert_true (set.called);
  g_assert_no_error (set.error);
  g_assert_true (read.called);
  g_assert_error (read.error, STORE_ERROR, STORE_ERROR_LOCKED);
  g_error_free (read.error);
  g_assert_null (store_find (f.store, "B"));
  g_assert_cmpuint (store_count (f.store), ==, 2);
  fixture_reopen (&f);
  fixture_assert_value (&f, "B", "b");
  fixture_clear (&f);
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;

  g_test_init (&argc, &argv, NULL);
  if (!secret_init (&error))
    g_error ("%s", error->message);
  g_test_add_func ("/store/changing the passphrase re-wraps everything under it",
                   test_change_passphrase);
  g_test_add_func ("/store/changing the passphrase needs the one there is", test_change_wrong);
  g_test_add_func ("/store/what the passphrase wraps needs it just given", test_wrapped);
  g_test_add_func ("/store/each use has its own key, the same after opening again", test_derive);
  g_test_add_func ("/store/locked, it tells the number of secrets and nothing else", test_lock);
  g_test_add_func ("/store/locked, it can be unlocked again", test_unlock_again);
  g_test_add_func ("/store/locking lets writes under way end and holds values back",
                   test_lock_under_way);
  return g_test_run ();
}
