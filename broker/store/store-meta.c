/* SPDX-License-Identifier: MIT
 *
 * Small values by name.
 */
#include "broker/store/store-private.h"

#include <string.h>

#define TABLE "meta"

GHashTable *
store_values_new (void)
{
  return g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_bytes_unref);
}

static gboolean
put (sqlite3 *db, const char *table, const char *key, GBytes *value, GError **error)
{
  g_autofree char *sql = NULL;

  if (value == NULL)
    {
      sql = g_strdup_printf ("DELETE FROM %s WHERE key = ?", table);
      return store_sql_run (store_sql_prepare (db, error, sql, "s", key), error);
    }
  sql = g_strdup_printf ("INSERT OR REPLACE INTO %s (key, value) VALUES (?, ?)", table);
  return store_sql_run (store_sql_prepare (db, error, sql, "sB", key, value), error);
}

static void
remember (GHashTable *values, const char *key, GBytes *value)
{
  if (value != NULL)
    g_hash_table_replace (values, g_strdup (key), g_bytes_ref (value));
  else
    g_hash_table_remove (values, key);
}

static GBytes *
recall (GHashTable *values, const char *key)
{
  GBytes *value = values != NULL ? g_hash_table_lookup (values, key) : NULL;

  return value != NULL ? g_bytes_ref (value) : NULL;
}

/* --- Sealed --- */

static gboolean
work_put (StoreChange *change, GError **error)
{
  return put (change->store->db, "meta", change->name, change->sealed, error);
}

static void
apply_put (StoreChange *change)
{
  if (change->store->meta != NULL)
    remember (change->store->meta, change->name, change->bytes);
}

StoreChange *
store_change_meta (Store *store, const char *key, GBytes *value)
{
  StoreChange *change = store_change_new (store, key, NULL, NULL);

  change->work = work_put;
  change->apply = apply_put;
  change->bytes = value != NULL ? g_bytes_ref (value) : NULL;
  /* Taking away needs no key: what is revoked while locked must not come back with the keys. */
  if (value == NULL && store_check_loaded (store, NULL))
    g_clear_error (&change->refused);
  if (change->refused == NULL && value != NULL)
    change->sealed
        = store_seal (change->keys->meta, TABLE, key, strlen (key), 0,
                      g_bytes_get_data (value, NULL), g_bytes_get_size (value), &change->refused);
  return change;
}

void
store_put_meta (Store *store, const char *key, GBytes *value, WriterDone done, gpointer data)
{
  StoreChange *change = store_change_meta (store, key, value);

  change->done = done;
  change->data = data;
  store_change_push (change);
}

GBytes *
store_get_meta (const Store *store, const char *key)
{
  return recall (store->meta, key);
}

/* --- As it is --- */

gboolean
store_put_raw (Store *store, const char *key, GBytes *value, GError **error)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&store->mutex);

  if (!store_check_loaded (store, error) || !put (store->db, "raw", key, value, error))
    return FALSE;
  g_mutex_lock (&store->raw_mutex);
  remember (store->raw, key, value);
  g_mutex_unlock (&store->raw_mutex);
  return TRUE;
}

void
store_forget_replaced (Store *store)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&store->mutex);

  store->clear_log = !store_sql_clear_log (store->db);
}

GBytes *
store_get_raw (Store *store, const char *key)
{
  GBytes *value;

  g_mutex_lock (&store->raw_mutex);
  value = recall (store->raw, key);
  g_mutex_unlock (&store->raw_mutex);
  return value;
}

/* --- Loading --- */

static gboolean
load_table (sqlite3 *db, const char *sql, const Secret *key, GHashTable *into, GError **error)
{
  g_autoptr (sqlite3_stmt) stmt = store_sql_prepare (db, error, sql, "");
  gboolean row = TRUE;

  while (stmt != NULL && row)
    {
      g_autoptr (GBytes) stored = NULL, value = NULL;
      const char *name;

      if (!store_sql_step (stmt, &row, error))
        return FALSE;
      if (!row)
        break;
      name = (const char *) sqlite3_column_text (stmt, 0);
      stored = store_sql_column (stmt, 1);
      value = key == NULL ? g_bytes_ref (stored)
                          : store_unseal_bytes (key, TABLE, name, strlen (name), 0, stored, error);
      if (value == NULL)
        return FALSE;
      remember (into, name, value);
    }
  return stmt != NULL;
}

gboolean
store_meta_load (Store *store, GHashTable *meta, GHashTable *raw, GError **error)
{
  return load_table (store->db, "SELECT key, value FROM meta", store->keys->meta, meta, error)
         && load_table (store->db, "SELECT key, value FROM raw", NULL, raw, error);
}
