/* SPDX-License-Identifier: MIT
 *
 * Changes as jobs: what is pushed together is committed together, each within its own savepoint.
 *
 * MUST
 *  - call a change done only when its transaction is on disk
 *  - touch memory (names, meta, count) only then, and only on the main loop
 *  - run nothing outside a transaction: SQLite ends one by itself when the disk is full
 */
#include "broker/store/store-private.h"

static gboolean
group_begin (gpointer user, GError **error)
{
  Store *store = user;

  g_mutex_lock (&store->mutex);
  if (store_sql_exec (store->db, "BEGIN IMMEDIATE", error))
    return TRUE;
  g_mutex_unlock (&store->mutex);
  return FALSE;
}

static gboolean
group_end (gpointer user, GError **error)
{
  Store *store = user;
  gboolean ended = FALSE;

  if (sqlite3_get_autocommit (store->db))
    g_set_error (error, STORE_ERROR, STORE_ERROR_FAILED,
                 "the store cannot be written: all that was written with it was taken back");
  else
    ended = store_sql_exec (store->db, "COMMIT", error) || store_sql_rollback (store->db);
  if (ended && store->clear_log)
    store->clear_log = !store_sql_clear_log (store->db);
  g_mutex_unlock (&store->mutex);
  return ended;
}

WriterGroup
store_change_group (Store *store)
{
  return (WriterGroup){ group_begin, group_end, store };
}

static gboolean
change_run (gpointer data, GError **error)
{
  StoreChange *change = data;
  sqlite3 *db = change->store->db;

  if (sqlite3_get_autocommit (db))
    {
      g_set_error (error, STORE_ERROR, STORE_ERROR_FAILED,
                   "the store cannot be written: what was written before failed");
      return FALSE;
    }
  if (!store_sql_exec (db, "SAVEPOINT change", error))
    return FALSE;
  if (change->work (change, error) && store_sql_exec (db, "RELEASE change", error))
    return TRUE;
  if (!sqlite3_get_autocommit (db))
    (void) sqlite3_exec (db, "ROLLBACK TO change; RELEASE change", NULL, NULL, NULL);
  return FALSE;
}

static gboolean
change_refuse (gpointer data, GError **error)
{
  StoreChange *change = data;

  g_propagate_error (error, g_steal_pointer (&change->refused));
  return FALSE;
}

void
store_change_free (StoreChange *change)
{
  g_clear_pointer (&change->parts, g_ptr_array_unref);
  g_clear_error (&change->refused);
  store_keys_unref (change->keys);
  secret_free (change->value);
  store_entry_free (change->entry);
  g_clear_pointer (&change->tags, g_hash_table_unref);
  g_clear_pointer (&change->bytes, g_bytes_unref);
  g_clear_pointer (&change->sealed, g_bytes_unref);
  store_wipe_text (change->name);
  store_wipe_text (change->to);
  g_free (change);
}

static void
change_done (gpointer data, const GError *error)
{
  StoreChange *change = data;

  if (error == NULL)
    change->apply (change);
  if (change->done != NULL)
    change->done (change->data, error);
  store_change_free (change);
}

StoreChange *
store_change_new (Store *store, const char *name, WriterDone done, gpointer data)
{
  StoreChange *change = g_new0 (StoreChange, 1);

  change->store = store;
  change->keys = store->keys != NULL ? store_keys_ref (store->keys) : NULL;
  change->name = g_strdup (name);
  change->done = done;
  change->data = data;
  if (!store_is_unlocked (store))
    change->refused = store_locked_error ();
  return change;
}

GError *
store_locked_error (void)
{
  return g_error_new (STORE_ERROR, STORE_ERROR_LOCKED, "the store is locked");
}

void
store_change_push (StoreChange *change)
{
  Store *store = change->store;

  /* Refused by the writer too, so that no done runs within the call, and each in its turn. */
  if (change->refused != NULL)
    writer_push (store->writer, NULL, change_refuse, change_done, change);
  else
    writer_push (store->writer, &store->group, change_run, change_done, change);
}
