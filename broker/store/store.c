/* SPDX-License-Identifier: MIT
 *
 * MUST
 *  - open for writing only what has been checked by reading, and only with the claim
 *  - give a new store its name when it is whole and on disk
 */
#include "broker/store/store-private.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LABEL_USE "countersign store 1 use "

static Store *
store_new (char *path, Writer *writer)
{
  Store *store = g_new0 (Store, 1);

  store->path = path;
  store->lock_fd = -1;
  store->writer = writer;
  store->group = store_change_group (store);
  store->raw = store_values_new ();
  g_mutex_init (&store->mutex);
  g_mutex_init (&store->raw_mutex);
  return store;
}

const char *
store_path (const Store *store)
{
  return store->path;
}

void
store_free (Store *store)
{
  if (store == NULL)
    return;
  writer_drain (store->writer);
  store_lock (store);
  /* Closed before the claim is given up: the last to close moves the log into the file. */
  sqlite3_close (store->db);
  if (store->lock_fd >= 0)
    close (store->lock_fd);
  store_header_clear (&store->header);
  g_hash_table_unref (store->raw);
  g_mutex_clear (&store->mutex);
  g_mutex_clear (&store->raw_mutex);
  g_free (store->path);
  g_free (store);
}

void
store_lock (Store *store)
{
  store_forget_kek (store);
  g_clear_pointer (&store->master, secret_free);
  g_clear_pointer (&store->keys, store_keys_unref);
  g_clear_pointer (&store->entries, g_tree_unref);
  g_clear_pointer (&store->meta, g_hash_table_unref);
}

/* Unlocked is more than having the keys: names must be there too. */
gboolean
store_is_unlocked (const Store *store)
{
  return store->keys != NULL && store->entries != NULL;
}

const char *
store_id (const Store *store)
{
  return store->id;
}

static void
set_id (Store *store)
{
  for (gsize i = 0; i < STORE_ID_LEN; i++)
    g_snprintf (store->id + 2 * i, 3, "%02x", store->header.id[i]);
}

gboolean
store_check_loaded (const Store *store, GError **error)
{
  if (store->db != NULL)
    return TRUE;
  g_set_error (error, STORE_ERROR, STORE_ERROR_LOCKED, "the store is not loaded");
  return FALSE;
}

Secret *
store_derive_key (const Store *store, const char *label, GError **error)
{
  g_autofree char *info = g_strconcat (LABEL_USE, label, NULL);

  if (store->master != NULL)
    return crypt_derive (store->master, info, error);
  g_propagate_error (error, store_locked_error ());
  return NULL;
}

/* --- Opening --- */

static gboolean
read_header (Store *store, sqlite3 *db, GError **error)
{
  gint64 count;

  if (!store_sql_check (db, store->path, error) || !store_header_read (db, &store->header, error)
      || !store_sql_integer (db, "SELECT max(0, count(*) - " STORE_OWN_ROWS ") FROM secret", &count,
                             error))
    return FALSE;
  store->count = (gsize) count;
  set_id (store);
  return TRUE;
}

Store *
store_open (const char *path, Writer *writer, GError **error)
{
  char *resolved = store_file_resolve (path, error);
  g_autoptr (Store) store = resolved != NULL ? store_new (resolved, writer) : NULL;
  g_autoptr (sqlite3) db = NULL;

  if (store == NULL || !store_file_check (store->path, error)
      || (db = store_sql_open (store->path, STORE_SQL_READ, error)) == NULL
      || !read_header (store, db, error))
    return NULL;
  return g_steal_pointer (&store);
}

gboolean
store_claim (Store *store, GError **error)
{
  if (store->path != NULL && store->lock_fd < 0)
    store->lock_fd = store_file_claim (store->path, error);
  return store->path == NULL || store->lock_fd >= 0;
}

gboolean
store_unlock (Store *store, const Secret *passphrase, GError **error)
{
  g_autoptr (Secret) kek = NULL, master = NULL;
  StoreKeys *keys;

  if (!store_header_open (&store->header, passphrase, &kek, &master, error)
      || (keys = store_keys_new (master, error)) == NULL)
    return FALSE;
  store_lock (store);
  store->kek = g_steal_pointer (&kek);
  store->master = g_steal_pointer (&master);
  store->keys = keys;
  return TRUE;
}

/* --- Loading --- */

/* Between opening and claiming another broker ruled, and may have changed the passphrase. */
static gboolean
check_unchanged (Store *store, sqlite3 *db, GError **error)
{
  StoreHeader now = { 0 };
  gboolean same;

  if (!store_header_read (db, &now, error))
    return FALSE;
  same = store_header_equal (&now, &store->header);
  store_header_clear (&now);
  if (!same)
    g_set_error (error, STORE_ERROR, STORE_ERROR_FAILED,
                 "the store was changed while it was being unlocked: try again");
  return same;
}

static gboolean
open_for_writing (Store *store, GError **error)
{
  g_autoptr (sqlite3) db = NULL;

  if (store->db != NULL)
    return TRUE;
  if (!store_file_check (store->path, error)
      || (db = store_sql_open (store->path, STORE_SQL_WRITE, error)) == NULL
      || !check_unchanged (store, db, error))
    return FALSE;
  store->db = g_steal_pointer (&db);
  return TRUE;
}

static gboolean
load_entries (Store *store, GTree *entries, GError **error)
{
  g_autoptr (sqlite3_stmt) stmt
      = store_sql_prepare (store->db, error, "SELECT token, names FROM secret", "");
  gboolean row = TRUE;

  while (stmt != NULL && row)
    {
      g_autoptr (GBytes) token = NULL, sealed = NULL;
      StoreEntry *entry;

      if (!store_sql_step (stmt, &row, error))
        return FALSE;
      if (!row)
        break;
      token = store_sql_column (stmt, 0);
      sealed = store_sql_column (stmt, 1);
      if (g_bytes_get_size (token) != STORE_TOKEN_LEN)
        {
          store_damaged (error, "a secret is under no token");
          return FALSE;
        }
      entry = store_entry_unseal (store->keys, g_bytes_get_data (token, NULL), sealed, error);
      if (entry == NULL)
        return FALSE;
      g_tree_replace (entries, entry->name, entry);
    }
  return stmt != NULL;
}

static gboolean
count_entry (gpointer key, gpointer value, gpointer count)
{
  *(gsize *) count += store_is_own (key) ? 0 : 1;
  return FALSE;
}

static gboolean
load_all (Store *store, GError **error)
{
  g_autoptr (GTree) entries = store_entries_new ();
  g_autoptr (GHashTable) meta = store_values_new (), raw = store_values_new ();

  if (!load_entries (store, entries, error) || !store_meta_load (store, meta, raw, error))
    return FALSE;
  g_clear_pointer (&store->entries, g_tree_unref);
  g_clear_pointer (&store->meta, g_hash_table_unref);
  store->entries = g_steal_pointer (&entries);
  store->count = 0;
  g_tree_foreach (store->entries, count_entry, &store->count);
  store->meta = g_steal_pointer (&meta);
  g_mutex_lock (&store->raw_mutex);
  g_hash_table_unref (store->raw);
  store->raw = g_steal_pointer (&raw);
  g_mutex_unlock (&store->raw_mutex);
  return TRUE;
}

gboolean
store_load (Store *store, GError **error)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&store->mutex);

  if (store->keys == NULL)
    {
      g_propagate_error (error, store_locked_error ());
      return FALSE;
    }
  if (store->path != NULL && store->lock_fd < 0)
    {
      g_set_error (error, STORE_ERROR, STORE_ERROR_BUSY, "the store was not claimed");
      return FALSE;
    }
  return open_for_writing (store, error) && load_all (store, error);
}

/* --- Making --- */

static gboolean
fill (sqlite3 *db, const StoreHeader *header, GError **error)
{
  return (store_sql_exec (db, "BEGIN IMMEDIATE", error) && store_sql_create (db, error)
          && store_header_write (db, header, error) && store_sql_exec (db, "COMMIT", error))
         || store_sql_rollback (db);
}

/* Under another name first: whoever is killed here leaves no half store behind that init would take
 * for one. */
static gboolean
make_file (Store *store, GError **error)
{
  g_autofree char *fresh = g_strconcat (store->path, ".new", NULL);
  g_autoptr (sqlite3) db = NULL;
  gboolean made;

  store_file_discard (fresh);
  made = store_file_make (fresh, error)
         && (db = store_sql_open (fresh, STORE_SQL_WRITE, error)) != NULL
         && fill (db, &store->header, error);
  /* Closing moves the log into the file and syncs it. */
  g_clear_pointer (&db, sqlite3_close);
  made = made && store_file_place (fresh, store->path, error);
  if (!made)
    store_file_discard (fresh);
  return made;
}

static gboolean
make_memory (Store *store, GError **error)
{
  store->db = store_sql_open (NULL, STORE_SQL_WRITE, error);
  return store->db != NULL && fill (store->db, &store->header, error);
}

static gboolean
check_free (const Store *store, GError **error)
{
  struct stat st;

  if (lstat (store->path, &st) != 0)
    return TRUE;
  g_set_error (error, STORE_ERROR, STORE_ERROR_EXISTS, "there is a store at %s", store->path);
  return FALSE;
}

/* Looked at twice: who has a store is told so, and not that another broker rules it; and who waited
 * for the claim may find one made meanwhile. */
static gboolean
make (Store *store, GError **error)
{
  if (store->path == NULL)
    return make_memory (store, error);
  return check_free (store, error) && store_claim (store, error) && check_free (store, error)
         && make_file (store, error);
}

Store *
store_create_with_kdf (const char *path, Writer *writer, const Secret *passphrase,
                       const CryptKdf *kdf, GError **error)
{
  char *resolved = path != NULL ? store_file_resolve (path, error) : NULL;
  g_autoptr (Store) store = NULL;

  if (path != NULL && resolved == NULL)
    return NULL;
  store = store_new (resolved, writer);
  store->header.kdf = *kdf;
  if (!store_header_make (&store->header, passphrase, &store->kek, &store->master, error)
      || (store->keys = store_keys_new (store->master, error)) == NULL || !make (store, error)
      || !store_load (store, error))
    return NULL;
  set_id (store);
  return g_steal_pointer (&store);
}

Store *
store_create (const char *path, Writer *writer, const Secret *passphrase, GError **error)
{
  CryptKdf kdf;

  return crypt_kdf_fresh (&kdf, error)
             ? store_create_with_kdf (path, writer, passphrase, &kdf, error)
             : NULL;
}
