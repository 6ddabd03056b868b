/* SPDX-License-Identifier: MIT
 *
 * Keys that only the passphrase opens, and changing it.
 *
 * MUST
 *  - re-wrap the master key and all of them in one transaction, or none
 */
#include "broker/store/store-private.h"

static GBytes *
read_wrapped (sqlite3 *db, const char *label, GError **error)
{
  g_autoptr (sqlite3_stmt) stmt
      = store_sql_prepare (db, error, "SELECT key FROM wrapped WHERE label = ?", "s", label);
  gboolean row;

  if (stmt == NULL || !store_sql_step (stmt, &row, error))
    return NULL;
  if (row)
    return store_sql_column (stmt, 0);
  g_set_error (error, STORE_ERROR, STORE_ERROR_NO_SECRET, "the store keeps no \"%s\"", label);
  return NULL;
}

static gboolean
write_wrapped (sqlite3 *db, const char *label, GBytes *wrapped, GError **error)
{
  return store_sql_run (store_sql_prepare (db, error,
                                           "INSERT OR REPLACE INTO wrapped (label, key)"
                                           " VALUES (?, ?)",
                                           "sB", label, wrapped),
                        error);
}

static gboolean
check_kek (const Store *store, GError **error)
{
  if (store->kek != NULL && store->db != NULL)
    return TRUE;
  g_set_error (error, STORE_ERROR, STORE_ERROR_LOCKED,
               "this needs the passphrase, and it is no longer at hand");
  return FALSE;
}

gboolean
store_put_wrapped (Store *store, const char *label, const Secret *key, GError **error)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&store->mutex);
  g_autoptr (GBytes) wrapped = NULL;

  return check_kek (store, error) && (wrapped = crypt_wrap (store->kek, label, key, error)) != NULL
         && write_wrapped (store->db, label, wrapped, error);
}

Secret *
store_get_wrapped (Store *store, const char *label, GError **error)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&store->mutex);
  g_autoptr (GBytes) wrapped = NULL;
  GError *cause = NULL;
  Secret *key;

  if (!check_kek (store, error) || (wrapped = read_wrapped (store->db, label, error)) == NULL)
    return NULL;
  key = crypt_unwrap (store->kek, label, g_bytes_get_data (wrapped, NULL),
                      g_bytes_get_size (wrapped), &cause);
  if (key == NULL)
    store_explain (cause, "wrapped", error);
  return key;
}

char *
store_export_wrapped (Store *store, const char *label, GError **error)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&store->mutex);
  g_autoptr (GBytes) wrapped = NULL;

  if (!store_check_loaded (store, error)
      || (wrapped = read_wrapped (store->db, label, error)) == NULL)
    return NULL;
  return crypt_key_file_text (&store->header.kdf, wrapped);
}

static GPtrArray *
wrapped_labels (sqlite3 *db, GError **error)
{
  g_autoptr (sqlite3_stmt) stmt = store_sql_prepare (db, error, "SELECT label FROM wrapped", "");
  g_autoptr (GPtrArray) labels = g_ptr_array_new_with_free_func (g_free);
  gboolean row = TRUE;

  while (stmt != NULL && row)
    {
      if (!store_sql_step (stmt, &row, error))
        return NULL;
      if (row)
        g_ptr_array_add (labels, g_strdup ((const char *) sqlite3_column_text (stmt, 0)));
    }
  return stmt != NULL ? g_steal_pointer (&labels) : NULL;
}

static gboolean
rewrap_all (sqlite3 *db, const Secret *old_kek, const Secret *kek, GError **error)
{
  g_autoptr (GPtrArray) labels = wrapped_labels (db, error);

  for (guint i = 0; labels != NULL && i < labels->len; i++)
    {
      const char *label = labels->pdata[i];
      g_autoptr (GBytes) before = read_wrapped (db, label, error), after = NULL;
      g_autoptr (Secret) key = NULL;
      GError *cause = NULL;

      if (before == NULL)
        return FALSE;
      key = crypt_unwrap (old_kek, label, g_bytes_get_data (before, NULL),
                          g_bytes_get_size (before), &cause);
      if (key == NULL)
        return store_explain (cause, "wrapped", error);
      if ((after = crypt_wrap (kek, label, key, error)) == NULL
          || !write_wrapped (db, label, after, error))
        return FALSE;
    }
  return labels != NULL;
}

static gboolean
change_in_transaction (sqlite3 *db, const Secret *old_kek, const Secret *kek,
                       const StoreHeader *header, GError **error)
{
  return (store_sql_exec (db, "BEGIN IMMEDIATE", error) && rewrap_all (db, old_kek, kek, error)
          && store_header_write (db, header, error) && store_sql_exec (db, "COMMIT", error))
         || store_sql_rollback (db);
}

gboolean
store_change_passphrase (Store *store, const Secret *passphrase, const Secret *fresh,
                         GError **error)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&store->mutex);
  g_autoptr (Secret) old_kek = NULL, master = NULL, kek = NULL;
  StoreHeader header = store->header;

  header.master = NULL;
  if (!store_check_loaded (store, error)
      || !store_header_open (&store->header, passphrase, &old_kek, &master, error)
      || !crypt_kdf_fresh (&header.kdf, error)
      || (kek = crypt_kdf (&header.kdf, fresh, error)) == NULL
      || !store_header_wrap (&header, kek, master, error))
    return FALSE;
  if (!change_in_transaction (store->db, old_kek, kek, &header, error))
    {
      store_header_clear (&header);
      return FALSE;
    }
  /* What the old passphrase opens must not stay readable behind the new. */
  store->clear_log = !store_sql_clear_log (store->db);
  store_header_clear (&store->header);
  store->header = header;
  secret_free (store->kek);
  store->kek = g_steal_pointer (&kek);
  return TRUE;
}

void
store_forget_kek (Store *store)
{
  g_clear_pointer (&store->kek, secret_free);
}
