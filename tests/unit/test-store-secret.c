/* SPDX-License-Identifier: MIT
 *
 * Secrets in a store: set, read, remove, rename, many at once.
 */
#include "tests/unit/store-fixture.h"

#include <string.h>

#include "tests/unit/table.h"

/* What is done to one name, all pushed before any of it has run: each step is set new (n), update
 * (u), any (a), remove (r), rename away and back (m, w). Capital letters are expected to be
 * refused. */
static const struct
{
  const char *sentence, *steps, *value; /* NULL: none is there in the end */
} orders[] = {
  { "a new one is set once", "nN", "1" },
  { "what is not there cannot be updated", "U", NULL },
  { "an update follows a set of the same moment", "nu", "2" },
  { "any sets and updates", "aa", "2" },
  { "what is removed can be new again", "nrn", "3" },
  { "what is removed cannot be updated", "nrU", NULL },
  { "what is not there cannot be removed", "R", NULL },
  { "nothing is removed twice", "nrR", NULL },
  { "a renamed one leaves its name free", "nmn", "3" },
  { "a rename does not replace", "nmnW", "3" },
  { "a rename back brings the value back", "nmw", "1" },
  { "what is not there cannot be renamed", "M", NULL },
  { "a refusal in the middle changes nothing of the rest", "nNuNu", "5" },
};

static void
push_step (Store *store, char step, const char *value, Outcome *outcome)
{
  g_autoptr (Secret) secret = fixture_secret (value);

  switch (g_ascii_tolower (step))
    {
    case 'n':
      store_set (store, "X", secret, NULL, STORE_SET_NEW, outcome_done, outcome);
      break;
    case 'u':
      store_set (store, "X", secret, NULL, STORE_SET_UPDATE, outcome_done, outcome);
      break;
    case 'a':
      store_set (store, "X", secret, NULL, STORE_SET_ANY, outcome_done, outcome);
      break;
    case 'r':
      store_remove (store, "X", outcome_done, outcome);
      break;
    case 'm':
      store_rename (store, "X", "Y", outcome_done, outcome);
      break;
    case 'w':
      store_rename (store, "Y", "X", outcome_done, outcome);
      break;
    default:
      g_assert_not_reached ();
    }
}

static void
assert_outcome (char step, const Outcome *outcome)
{
  g_assert_true (outcome->called);
  if (g_ascii_islower (step))
    g_assert_no_error (outcome->error);
  else if (step == 'N' || step == 'W')
    g_assert_error (outcome->error, STORE_ERROR, STORE_ERROR_EXISTS);
  else
    g_assert_error (outcome->error, STORE_ERROR, STORE_ERROR_NO_SECRET);
}

static void
assert_end (Fixture *f, const char *value)
{
  g_assert_true ((store_find (f->store, "X") != NULL) == (value != NULL));
  if (value != NULL)
    fixture_assert_value (f, "X", value);
  else
    g_assert_null (fixture_read (f, "X", NULL));
}

static void
test_order (gconstpointer data)
{
  typeof (&orders[0]) row = data;
  gsize n = strlen (row->steps), count;
  Outcome outcomes[8] = { 0 };
  Fixture f;

  fixture_init (&f);
  fixture_create (&f);
  for (gsize i = 0; i < n; i++)
    {
      char value[2] = { (char) ('1' + i), '\0' };
      push_step (f.store, row->steps[i], value, &outcomes[i]);
      g_assert_false (outcomes[i].called);
      g_assert_null (store_find (f.store, "X"));
    }
  writer_drain (f.writer);
  for (gsize i = 0; i < n; i++)
    {
      assert_outcome (row->steps[i], &outcomes[i]);
      outcome_clear (&outcomes[i]);
    }
  assert_end (&f, row->value);
  count = store_count (f.store);
  fixture_reopen (&f);
  assert_end (&f, row->value);
  g_assert_cmpuint (store_count (f.store), ==, count);
  fixture_clear (&f);
}

static void
test_sizes (void)
{
  const gsize sizes[] = { 0, 1, 4096, SECRET_MAX };
  Fixture f;

  fixture_init (&f);
  fixture_create (&f);
  for (gsize i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autofree char *text = g_strnfill (sizes[i], 'x');

      fixture_must_set (&f, "A", text);
      fixture_assert_value (&f, "A", text);
      g_assert_cmpuint (store_find (f.store, "A")->size, ==, sizes[i]);
    }
  fixture_reopen (&f);
  g_assert_cmpuint (store_find (f.store, "A")->size, ==, SECRET_MAX);
  fixture_clear (&f);
}

static gint64
count_rows (Fixture *f)
{
  g_autoptr (GError) error = NULL;
  gint64 n;

  g_mutex_lock (&f->store->mutex);
  store_sql_integer (f->store->db, "SELECT count(*) FROM version", &n, &error);
  g_mutex_unlock (&f->store->mutex);
  g_assert_no_error (error);
  return n;
}

static void
test_versions (void)
{
  Fixture f;

  fixture_init (&f);
  fixture_create (&f);
  for (int i = 1; i <= STORE_VERSIONS_KEPT + 3; i++)
    {
      g_autofree char *value = g_strdup_printf ("value %d", i);

      fixture_must_set (&f, "A", value);
      g_assert_cmpint (count_rows (&f), ==, MIN (i, STORE_VERSIONS_KEPT));
      fixture_assert_value (&f, "A", value);
    }
  g_assert_cmpuint (store_find (f.store, "A")->version, ==, STORE_VERSIONS_KEPT + 3);
  g_assert_true (fixture_rename (&f, "A", "B", NULL));
  g_assert_cmpint (count_rows (&f), ==, STORE_VERSIONS_KEPT);
  g_assert_true (fixture_remove (&f, "B", NULL));
  g_assert_cmpint (count_rows (&f), ==, 0);
  fixture_clear (&f);
}

static void
test_tags (void)
{
  const StoreEntry *entry;
  gint64 created;
  Fixture f;

  fixture_init (&f);
  fixture_create (&f);
  g_assert_true (fixture_set_tagged (&f, "A", "a", "team", "till"));
  created = store_find (f.store, "A")->created;
  fixture_must_set (&f, "A", "b");
  entry = store_find (f.store, "A");
  g_assert_cmpstr (g_hash_table_lookup (entry->tags, "team"), ==, "till");
  g_assert_cmpint (entry->created, ==, created);
  g_assert_cmpint (entry->updated, >=, created);
  g_assert_true (fixture_set_tagged (&f, "A", "c", "owner", "ops"));
  entry = store_find (f.store, "A");
  g_assert_cmpuint (g_hash_table_size (entry->tags), ==, 1);
  g_assert_true (fixture_rename (&f, "A", "shop/live/A", NULL));
  entry = store_find (f.store, "shop/live/A");
  g_assert_cmpstr (g_hash_table_lookup (entry->tags, "owner"), ==, "ops");
  g_assert_cmpuint (entry->version, ==, 3);
  fixture_clear (&f);
}

static void
test_sorted (void)
{
  const char *const names[] = { "b", "shop/live/A", "A", "a", "Z" };
  const char *const sorted[] = { "A", "Z", "a", "b", "shop/live/A" };
  g_autoptr (GPtrArray) list = NULL;
  Fixture f;

  fixture_init (&f);
  fixture_create (&f);
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    fixture_must_set (&f, names[i], "x");
  fixture_reopen (&f);
  list = store_list (f.store);
  g_assert_cmpuint (list->len, ==, G_N_ELEMENTS (sorted));
  for (guint i = 0; i < list->len; i++)
    g_assert_cmpstr (((const StoreEntry *) list->pdata[i])->name, ==, sorted[i]);
  fixture_clear (&f);
}

static const struct
{
  const char *sentence, *name;
} bad_names[] = {
  { "the empty name is refused", "" },
  { "a name that climbs is refused", "../A" },
  { "a name of two parts is refused", "shop/A" },
  { "a name with a newline is refused", "A\nB" },
  { "a name that is not UTF-8 is refused", "A\xff" },
};

static void
test_bad_name (gconstpointer data)
{
  typeof (&bad_names[0]) row = data;
  g_autoptr (GError) set = NULL, to = NULL;
  Fixture f;

  fixture_init (&f);
  fixture_create (&f);
  fixture_must_set (&f, "A", "a");
  g_assert_false (fixture_set (&f, row->name, "x", STORE_SET_ANY, &set));
  g_assert_nonnull (set);
  g_assert_false (fixture_rename (&f, "A", row->name, &to));
  g_assert_nonnull (to);
  g_assert_cmpuint (store_count (f.store), ==, 1);
  fixture_clear (&f);
}

static void
count_done (gpointer data, const GError *error)
{
  g_assert_no_error (error);
  ++*(guint *) data;
}

static void
test_many (void)
{
  enum
  {
    N = 500
  };
  g_autoptr (Secret) value = fixture_secret ("value");
  guint done = 0;
  Fixture f;

  fixture_init (&f);
  fixture_create (&f);
  for (int i = 0; i < N; i++)
    {
      g_autofree char *name = g_strdup_printf ("N%d", i);
      store_set (f.store, name, value, NULL, STORE_SET_NEW, count_done, &done);
    }
  g_assert_cmpuint (done, ==, 0);
  writer_drain (f.writer);
  g_assert_cmpuint (done, ==, N);
  g_assert_cmpuint (store_count (f.store), ==, N);
  fixture_reopen (&f);
  g_assert_cmpuint (store_count (f.store), ==, N);
  fixture_assert_value (&f, "N499", "value");
  fixture_clear (&f);
}

/* The pool holds four of the largest; the fifth is told "busy" instead of being kept elsewhere. */
static void
test_pool_full (void)
{
  g_autofree char *text = g_strnfill (SECRET_MAX, 'x');
  g_autoptr (Secret) value = fixture_secret (text);
  Outcome outcomes[6] = { 0 };
  guint full = 0;
  Fixture f;

  fixture_init (&f);
  fixture_create (&f);
  /* Held back, so that none of them can be freed meanwhile. */
  fixture_hold (&f);
  for (gsize i = 0; i < G_N_ELEMENTS (outcomes); i++)
    store_set (f.store, "A", value, NULL, STORE_SET_ANY, outcome_done, &outcomes[i]);
  fixture_release (&f);
  writer_drain (f.writer);
  for (gsize i = 0; i < G_N_ELEMENTS (outcomes); i++)
    {
      g_assert_true (outcomes[i].called);
      full += g_error_matches (outcomes[i].error, SECRET_ERROR, SECRET_ERROR_FULL);
      outcome_clear (&outcomes[i]);
    }
  g_assert_cmpuint (full, >, 0);
  fixture_assert_value (&f, "A", text);
  fixture_clear (&f);
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;

  g_test_init (&argc, &argv, NULL);
  if (!secret_init (&error))
    g_error ("%s", error->message);
  ADD_TABLE ("/store/secret/", orders, test_order);
  ADD_TABLE ("/store/secret/", bad_names, test_bad_name);
  g_test_add_func ("/store/secret/values of every size come back", test_sizes);
  g_test_add_func ("/store/secret/the newest versions are kept, and go together", test_versions);
  g_test_add_func ("/store/secret/tags stay until others are given", test_tags);
  g_test_add_func ("/store/secret/the list is sorted by name", test_sorted);
  g_test_add_func ("/store/secret/many pushed at once are each answered once", test_many);
  g_test_add_func ("/store/secret/without room in locked memory it says busy", test_pool_full);
  return g_test_run ();
}
