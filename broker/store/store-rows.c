/* SPDX-License-Identifier: MIT
 *
 * One secret's rows. Runs on the writer thread.
 *
 * MUST
 *  - take the version from the sealed description, never from a column that anybody could set back
 */
#include "broker/store/store-private.h"

#define TABLE_KEY "version key"
#define TABLE_VALUE "version value"

gboolean
store_rows_find (sqlite3 *db, const StoreKeys *keys, const guint8 *token, StoreEntry **entry,
                 GError **error)
{
  g_autoptr (sqlite3_stmt) stmt = store_sql_prepare (
      db, error, "SELECT names FROM secret WHERE token = ?", "b", token, (gsize) STORE_TOKEN_LEN);
  g_autoptr (GBytes) sealed = NULL;
  gboolean row;

  *entry = NULL;
  if (stmt == NULL || !store_sql_step (stmt, &row, error))
    return FALSE;
  if (!row)
    return TRUE;
  sealed = store_sql_column (stmt, 0);
  *entry = store_entry_unseal (keys, token, sealed, error);
  return *entry != NULL;
}

gboolean
store_rows_put_entry (sqlite3 *db, const StoreKeys *keys, const guint8 *token,
                      const StoreEntry *entry, GError **error)
{
  g_autoptr (GBytes) sealed = store_entry_seal (entry, keys, error);

  return sealed != NULL
         && store_sql_run (store_sql_prepare (db, error,
                                              "INSERT INTO secret (token, names) VALUES (?, ?)"
                                              " ON CONFLICT (token) DO UPDATE"
                                              " SET names = excluded.names",
                                              "bB", token, (gsize) STORE_TOKEN_LEN, sealed),
                           error);
}

gboolean
store_rows_put_version (sqlite3 *db, const StoreKeys *keys, const guint8 *token, guint version,
                        const Secret *value, GError **error)
{
  g_autoptr (Secret) key = crypt_random_key (error);
  g_autoptr (GBytes) wrapped = NULL, sealed = NULL;

  if (key == NULL
      || (wrapped = store_seal (keys->data, TABLE_KEY, token, STORE_TOKEN_LEN, version,
                                secret_peek (key), secret_len (key), error))
             == NULL
      || (sealed = store_seal (key, TABLE_VALUE, token, STORE_TOKEN_LEN, version,
                               secret_peek (value), secret_len (value), error))
             == NULL)
    return FALSE;
  return store_sql_run (store_sql_prepare (db, error,
                                           "INSERT INTO version (token, version, key, value)"
                                           " VALUES (?, ?, ?, ?)",
                                           "biBB", token, (gsize) STORE_TOKEN_LEN, (gint64) version,
                                           wrapped, sealed),
                        error);
}

Secret *
store_rows_get_version (sqlite3 *db, const StoreKeys *keys, const guint8 *token, guint version,
                        GError **error)
{
  g_autoptr (sqlite3_stmt) stmt = store_sql_prepare (
      db, error, "SELECT key, value FROM version WHERE token = ? AND version = ?", "bi", token,
      (gsize) STORE_TOKEN_LEN, (gint64) version);
  g_autoptr (GBytes) wrapped = NULL, sealed = NULL;
  g_autoptr (Secret) key = NULL;
  gboolean row;

  if (stmt == NULL || !store_sql_step (stmt, &row, error))
    return NULL;
  if (!row)
    {
      store_damaged (error, "a secret is without its value");
      return NULL;
    }
  wrapped = store_sql_column (stmt, 0);
  sealed = store_sql_column (stmt, 1);
  key = store_unseal (keys->data, TABLE_KEY, token, STORE_TOKEN_LEN, version, wrapped, error);
  return key == NULL
             ? NULL
             : store_unseal (key, TABLE_VALUE, token, STORE_TOKEN_LEN, version, sealed, error);
}

GArray *
store_rows_versions (sqlite3 *db, const guint8 *token, GError **error)
{
  g_autoptr (sqlite3_stmt) stmt
      = store_sql_prepare (db, error, "SELECT version FROM version WHERE token = ?", "b", token,
                           (gsize) STORE_TOKEN_LEN);
  g_autoptr (GArray) versions = g_array_new (FALSE, FALSE, sizeof (gint64));
  gboolean row = TRUE;

  while (stmt != NULL && row)
    {
      gint64 version;

      if (!store_sql_step (stmt, &row, error))
        return NULL;
      version = row ? sqlite3_column_int64 (stmt, 0) : 0;
      if (row)
        g_array_append_val (versions, version);
    }
  return stmt != NULL ? g_steal_pointer (&versions) : NULL;
}

gboolean
store_rows_forget_older (sqlite3 *db, const guint8 *token, guint version, GError **error)
{
  return store_sql_run (
      store_sql_prepare (db, error, "DELETE FROM version WHERE token = ? AND version <= ?", "bi",
                         token, (gsize) STORE_TOKEN_LEN, (gint64) version - STORE_VERSIONS_KEPT),
      error);
}

gboolean
store_rows_delete (sqlite3 *db, const guint8 *token, GError **error)
{
  return store_sql_run (store_sql_prepare (db, error, "DELETE FROM version WHERE token = ?", "b",
                                           token, (gsize) STORE_TOKEN_LEN),
                        error)
         && store_sql_run (store_sql_prepare (db, error, "DELETE FROM secret WHERE token = ?", "b",
                                              token, (gsize) STORE_TOKEN_LEN),
                           error);
}
