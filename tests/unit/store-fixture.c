/* SPDX-License-Identifier: MIT */
#include "tests/unit/store-fixture.h"

#include <glib/gstdio.h>
#include <string.h>

const CryptKdf fixture_kdf = { .passes = 1, .memory_kib = CRYPT_MEMORY_KIB_MIN, .lanes = 1 };

Secret *
fixture_secret (const char *text)
{
  g_autoptr (GError) error = NULL;
  Secret *secret = secret_new_from (text, strlen (text), &error);

  g_assert_no_error (error);
  return secret;
}

void
fixture_init_at (Fixture *fixture, const char *dir)
{
  *fixture = (Fixture){ .dir = g_strdup (dir), .writer = writer_new (NULL) };
  fixture->path = g_build_filename (dir, "store.db", NULL);
  g_mutex_init (&fixture->mutex);
  g_cond_init (&fixture->cond);
}

void
fixture_init (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *dir = g_dir_make_tmp ("countersign-store-XXXXXX", &error);

  g_assert_no_error (error);
  fixture_init_at (fixture, dir);
}

void
fixture_create (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (Secret) passphrase = fixture_secret (PASSPHRASE);

  fixture->store
      = store_create_with_kdf (fixture->path, fixture->writer, passphrase, &fixture_kdf, &error);
  g_assert_no_error (error);
}

void
fixture_close (Fixture *fixture)
{
  g_clear_pointer (&fixture->store, store_free);
}

static void
remove_folder (const char *dir)
{
  g_autoptr (GDir) folder = g_dir_open (dir, 0, NULL);
  const char *name;

  while (folder != NULL && (name = g_dir_read_name (folder)) != NULL)
    {
      g_autofree char *path = g_build_filename (dir, name, NULL);
      g_remove (path);
    }
  g_rmdir (dir);
}

void
fixture_clear (Fixture *fixture)
{
  fixture_close (fixture);
  writer_free (fixture->writer);
  g_mutex_clear (&fixture->mutex);
  g_cond_clear (&fixture->cond);
  remove_folder (fixture->dir);
  g_free (fixture->path);
  g_free (fixture->dir);
}

Store *
fixture_try (const Fixture *fixture, const char *passphrase, GError **error)
{
  g_autoptr (Secret) phrase = fixture_secret (passphrase);
  g_autoptr (Store) store = store_open (fixture->path, fixture->writer, error);

  if (store == NULL || !store_unlock (store, phrase, error) || !store_claim (store, error)
      || !store_load (store, error))
    return NULL;
  return g_steal_pointer (&store);
}

void
fixture_reopen (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;

  fixture_close (fixture);
  fixture->store = fixture_try (fixture, PASSPHRASE, &error);
  g_assert_no_error (error);
}

void
outcome_done (gpointer data, const GError *error)
{
  Outcome *outcome = data;

  g_assert_false (outcome->called);
  outcome->called = TRUE;
  outcome->error = error != NULL ? g_error_copy (error) : NULL;
}

void
outcome_clear (Outcome *outcome)
{
  g_clear_error (&outcome->error);
  outcome->called = FALSE;
}

static gboolean
outcome_wait (Outcome *outcome, GError **error)
{
  g_assert_false (outcome->called);
  while (!outcome->called)
    g_main_context_iteration (NULL, TRUE);
  if (outcome->error == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&outcome->error));
  return FALSE;
}

gboolean
fixture_set (Fixture *fixture, const char *name, const char *value, StoreSetMode mode,
             GError **error)
{
  g_autoptr (Secret) secret = fixture_secret (value);
  Outcome outcome = { 0 };

  store_set (fixture->store, name, secret, NULL, mode, outcome_done, &outcome);
  return outcome_wait (&outcome, error);
}

gboolean
fixture_set_tagged (Fixture *fixture, const char *name, const char *value, const char *tag,
                    const char *tag_value)
{
  g_autoptr (Secret) secret = fixture_secret (value);
  g_autoptr (GHashTable) tags = g_hash_table_new (g_str_hash, g_str_equal);
  Outcome outcome = { 0 };

  g_hash_table_insert (tags, (gpointer) tag, (gpointer) tag_value);
  store_set (fixture->store, name, secret, tags, STORE_SET_ANY, outcome_done, &outcome);
  g_hash_table_remove_all (tags);
  return outcome_wait (&outcome, NULL);
}

gboolean
fixture_remove (Fixture *fixture, const char *name, GError **error)
{
  Outcome outcome = { 0 };

  store_remove (fixture->store, name, outcome_done, &outcome);
  return outcome_wait (&outcome, error);
}

gboolean
fixture_rename (Fixture *fixture, const char *name, const char *to, GError **error)
{
  Outcome outcome = { 0 };

  store_rename (fixture->store, name, to, outcome_done, &outcome);
  return outcome_wait (&outcome, error);
}

gboolean
fixture_put_meta (Fixture *fixture, const char *key, const char *value, GError **error)
{
  g_autoptr (GBytes) bytes = value != NULL ? g_bytes_new (value, strlen (value)) : NULL;
  Outcome outcome = { 0 };

  store_put_meta (fixture->store, key, bytes, outcome_done, &outcome);
  return outcome_wait (&outcome, error);
}

typedef struct
{
  Outcome outcome;
  Secret *value;
} ReadOutcome;

static void
read_done (gpointer data, Secret *value, const GError *error)
{
  ReadOutcome *outcome = data;

  g_assert_true ((value == NULL) == (error != NULL));
  outcome->value = value;
  outcome_done (&outcome->outcome, error);
}

Secret *
fixture_read (Fixture *fixture, const char *name, GError **error)
{
  ReadOutcome outcome = { 0 };

  store_read (fixture->store, name, read_done, &outcome);
  outcome_wait (&outcome.outcome, error);
  return outcome.value;
}

void
fixture_must_set (Fixture *fixture, const char *name, const char *value)
{
  g_autoptr (GError) error = NULL;

  fixture_set (fixture, name, value, STORE_SET_ANY, &error);
  g_assert_no_error (error);
}

void
fixture_assert_value (Fixture *fixture, const char *name, const char *value)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (Secret) secret = fixture_read (fixture, name, &error);

  g_assert_no_error (error);
  g_assert_cmpmem (secret_peek (secret), secret_len (secret), value, strlen (value));
}

void
fixture_assert_meta (Fixture *f, const char *key, const char *expected)
{
  g_autoptr (GBytes) value = store_get_meta (f->store, key);

  if (expected == NULL)
    g_assert_null (value);
  else
    g_assert_cmpmem (g_bytes_get_data (value, NULL), g_bytes_get_size (value), expected,
                     strlen (expected));
}

void
fixture_assert_raw (Fixture *f, const char *key, const char *expected)
{
  g_autoptr (GBytes) value = store_get_raw (f->store, key);

  g_assert_nonnull (value);
  g_assert_cmpmem (g_bytes_get_data (value, NULL), g_bytes_get_size (value), expected,
                   strlen (expected));
}

static gboolean
put_raw_run (gpointer data, GError **error)
{
  Fixture *f = data;
  g_autoptr (GBytes) value = g_bytes_new ("head", 4);

  g_assert_true (store_put_raw (f->store, "audit-head", value, error));
  return TRUE;
}

void
fixture_put_raw (Fixture *f)
{
  writer_push (f->writer, NULL, put_raw_run, NULL, f);
  writer_drain (f->writer);
}

void
fixture_fill (Fixture *f)
{
  fixture_create (f);
  g_assert_true (fixture_set_tagged (f, "shop/live/FIRST", "first value", "team", "till"));
  fixture_must_set (f, "shop/live/SECOND", "second value");
  fixture_must_set (f, "shop/live/SECOND", "second value, newer");
  g_assert_true (fixture_put_meta (f, "policy", "ask * from anybody", NULL));
  g_assert_true (fixture_put_meta (f, "pin", "verifier", NULL));
}

static gboolean
hold_run (gpointer data, GError **error)
{
  Fixture *fixture = data;

  g_mutex_lock (&fixture->mutex);
  fixture->holding = TRUE;
  g_cond_broadcast (&fixture->cond);
  while (fixture->held)
    g_cond_wait (&fixture->cond, &fixture->mutex);
  g_mutex_unlock (&fixture->mutex);
  return TRUE;
}

void
fixture_hold (Fixture *fixture)
{
  fixture->held = TRUE;
  fixture->holding = FALSE;
  writer_push (fixture->writer, NULL, hold_run, NULL, fixture);
  g_mutex_lock (&fixture->mutex);
  while (!fixture->holding)
    g_cond_wait (&fixture->cond, &fixture->mutex);
  g_mutex_unlock (&fixture->mutex);
}

void
fixture_release (Fixture *fixture)
{
  g_mutex_lock (&fixture->mutex);
  fixture->held = FALSE;
  g_cond_broadcast (&fixture->cond);
  g_mutex_unlock (&fixture->mutex);
}

void
fixture_sql (const Fixture *fixture, const char *sql)
{
  sqlite3 *db = NULL;
  char *words = NULL;

  g_assert_cmpint (sqlite3_open (fixture->path, &db), ==, SQLITE_OK);
  sqlite3_exec (db, sql, NULL, NULL, &words);
  g_assert_cmpstr (words, ==, NULL);
  g_assert_cmpint (sqlite3_close (db), ==, SQLITE_OK);
}

gboolean
fixture_contains (const Fixture *fixture, const void *bytes, gsize len)
{
  g_autoptr (GDir) folder = g_dir_open (fixture->dir, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (folder)) != NULL)
    {
      g_autofree char *path = g_build_filename (fixture->dir, name, NULL);
      g_autofree char *contents = NULL;
      gsize size;

      if (g_file_get_contents (path, &contents, &size, NULL)
          && memmem (contents, size, bytes, len) != NULL)
        return TRUE;
    }
  return FALSE;
}
