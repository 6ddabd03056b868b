/* SPDX-License-Identifier: MIT
 *
 * What the broker keeps for itself in the store, and several changes that are one.
 */
#include "tests/unit/store-fixture.h"

#include <string.h>

#define OWN "key:jwt/abc"

static gboolean
set_all (Fixture *f, const StoreItem *items, gsize n, const char *meta, GError **error)
{
  Outcome outcome = { 0 };
  g_autoptr (GBytes) bytes = meta != NULL ? g_bytes_new (meta, strlen (meta)) : NULL;

  store_set_all (f->store, items, n, meta != NULL ? "logins" : NULL, bytes, outcome_done, &outcome);
  writer_drain (f->writer);
  g_assert_true (outcome.called);
  if (outcome.error == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&outcome.error));
  return FALSE;
}

static void
must_set_all (Fixture *f, const StoreItem *items, gsize n, const char *meta)
{
  g_autoptr (GError) error = NULL;

  set_all (f, items, n, meta, &error);
  g_assert_no_error (error);
}

static void
on_read (gpointer data, Secret *value, const GError *error)
{
  *(Secret **) data = value;
}

static Secret *
read_own (Fixture *f, const char *name)
{
  Secret *value = NULL;

  store_read_own (f->store, name, on_read, &value);
  writer_drain (f->writer);
  return value;
}

static void
begin (Fixture *f)
{
  g_autoptr (Secret) ours = fixture_secret ("ours"), theirs = fixture_secret ("theirs");
  const StoreItem items[] = { { OWN, ours, NULL }, { "A", theirs, NULL } };

  fixture_init (f);
  fixture_create (f);
  must_set_all (f, items, G_N_ELEMENTS (items), "one");
}

static void
test_hidden (void)
{
  Fixture f;
  g_autoptr (GError) error = NULL, set = NULL, removed = NULL, renamed = NULL;

  begin (&f);
  g_autoptr (GPtrArray) all = store_list (f.store);
  g_assert_cmpuint (all->len, ==, 1);
  g_assert_cmpuint (store_count (f.store), ==, 1);
  g_assert_null (store_find (f.store, OWN));
  g_assert_null (fixture_read (&f, OWN, &error));
  g_assert_error (error, STORE_ERROR, STORE_ERROR_NO_SECRET);
  g_assert_false (fixture_set (&f, OWN, "mine", STORE_SET_ANY, &set));
  g_assert_false (fixture_remove (&f, OWN, &removed));
  g_assert_false (fixture_rename (&f, "A", "key:jwt/x", &renamed));
  g_assert_false (fixture_rename (&f, OWN, "B", NULL));
  g_autoptr (Secret) value = read_own (&f, OWN);
  g_assert_cmpmem (secret_peek (value), secret_len (value), "ours", 4);
  g_assert_null (read_own (&f, "A"));
  fixture_clear (&f);
}

static void
test_listed (void)
{
  Fixture f;

  begin (&f);
  fixture_reopen (&f);
  g_autoptr (GPtrArray) own = store_list_own (f.store, "key:");
  g_autoptr (GPtrArray) others = store_list_own (f.store, "issued:");
  g_assert_cmpuint (own->len, ==, 1);
  g_assert_cmpstr (((StoreEntry *) g_ptr_array_index (own, 0))->name, ==, OWN);
  g_assert_cmpuint (others->len, ==, 0);
  fixture_clear (&f);
}

/* As `status` tells it of a store that nobody has unlocked. */
static void
test_counted_locked (void)
{
  Fixture f;
  g_autoptr (GError) error = NULL;

  begin (&f);
  fixture_close (&f);
  g_autoptr (Store) locked = store_open (f.path, f.writer, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (store_count (locked), ==, 1);
  g_clear_pointer (&locked, store_free);
  fixture_reopen (&f);
  must_set_all (&f, (StoreItem[]){ { OWN, NULL, NULL }, { "A", NULL, NULL } }, 2, NULL);
  fixture_close (&f);
  locked = store_open (f.path, f.writer, &error);
  g_assert_cmpuint (store_count (locked), ==, 0);
  g_clear_pointer (&locked, store_free);
  fixture_reopen (&f);
  fixture_clear (&f);
}

static void
test_all_or_none (void)
{
  Fixture f;
  g_autoptr (GError) error = NULL;
  g_autoptr (Secret) newer = fixture_secret ("newer");

  begin (&f);
  g_assert_false (set_all (&f, (StoreItem[]){ { "A", newer, NULL }, { "no//name", newer, NULL } },
                           2, "two", &error));
  fixture_assert_value (&f, "A", "theirs");
  fixture_assert_meta (&f, "logins", "one");
  must_set_all (&f, (StoreItem[]){ { "A", newer, NULL }, { "absent", NULL, NULL } }, 2, "two");
  fixture_assert_value (&f, "A", "newer");
  fixture_assert_meta (&f, "logins", "two");
  fixture_reopen (&f);
  fixture_assert_value (&f, "A", "newer");
  fixture_assert_meta (&f, "logins", "two");
  fixture_clear (&f);
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;

  g_test_init (&argc, &argv, NULL);
  if (!secret_init (&error))
    g_error ("%s", error->message);
  g_test_add_func ("/store/own/what is the broker's own is nobody else's to find", test_hidden);
  g_test_add_func ("/store/own/it is listed by the kind, also after a restart", test_listed);
  g_test_add_func ("/store/own/it counts as no secret, also while locked", test_counted_locked);
  g_test_add_func ("/store/own/several changes are all made or none", test_all_or_none);
  return g_test_run ();
}
