/* SPDX-License-Identifier: MIT
 *
 * SQLite as the store uses it.
 *
 * MUST
 *  - trust nothing that a file says about itself: no trigger, view, function or extension of its
 * making runs, and a schema that is not word for word ours is refused
 *  - write nothing before the file is known to be ours, of our format, and whole
 */
#include "broker/store/store-private.h"

#include <stdarg.h>
#include <string.h>

#define APPLICATION_ID 0x43745367 /* "CtSg" */
/* Nobody else should hold the lock, and a process of ours that reads the header does so for
 * milliseconds. */
#define BUSY_MS 2000

static const char *const schema[] = {
  ("CREATE TABLE header (one INTEGER PRIMARY KEY CHECK (one = 1), id BLOB NOT NULL,"
   " passes INTEGER NOT NULL, memory_kib INTEGER NOT NULL, lanes INTEGER NOT NULL,"
   " salt BLOB NOT NULL, master BLOB NOT NULL, sum BLOB NOT NULL) STRICT"),
  "CREATE TABLE meta (key TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID",
  "CREATE TABLE raw (key TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID",
  "CREATE TABLE secret (token BLOB PRIMARY KEY, names BLOB NOT NULL) STRICT, WITHOUT ROWID",
  ("CREATE TABLE version (token BLOB NOT NULL REFERENCES secret, version INTEGER NOT NULL,"
   " key BLOB NOT NULL, value BLOB NOT NULL, PRIMARY KEY (token, version)) STRICT"),
  "CREATE TABLE wrapped (label TEXT PRIMARY KEY, key BLOB NOT NULL) STRICT, WITHOUT ROWID",
};

G_DEFINE_QUARK (countersign_store_error, store_error)

void
store_damaged (GError **error, const char *what)
{
  g_set_error (error, STORE_ERROR, STORE_ERROR_DAMAGED,
               "the store is damaged (%s); nothing was changed, restore a backup of it", what);
}

static gboolean
sql_fail (sqlite3 *db, int rc, GError **error)
{
  const char *words = db != NULL ? sqlite3_errmsg (db) : sqlite3_errstr (rc);
  int kind = rc & 0xff;

  if (kind == SQLITE_CORRUPT || kind == SQLITE_NOTADB)
    store_damaged (error, words);
  else
    g_set_error (error, STORE_ERROR, STORE_ERROR_FAILED, "the store cannot be %s: %s",
                 kind == SQLITE_CANTOPEN ? "opened" : "read or written", words);
  return FALSE;
}

gboolean
store_sql_exec (sqlite3 *db, const char *sql, GError **error)
{
  int rc = sqlite3_exec (db, sql, NULL, NULL, NULL);

  return rc == SQLITE_OK || sql_fail (db, rc, error);
}

gboolean
store_sql_rollback (sqlite3 *db)
{
  if (!sqlite3_get_autocommit (db))
    (void) sqlite3_exec (db, "ROLLBACK", NULL, NULL, NULL);
  return FALSE;
}

static int
bind_blob (sqlite3_stmt *stmt, int i, const void *data, gsize len)
{
  /* A null pointer would bind NULL. */
  return len == 0 ? sqlite3_bind_zeroblob (stmt, i, 0)
                  : sqlite3_bind_blob64 (stmt, i, data, len, SQLITE_STATIC);
}

/* What is bound is not copied: it belongs to the caller until the statement is done. */
static int
bind_one (sqlite3_stmt *stmt, int i, char type, va_list *args)
{
  const void *data;
  GBytes *bytes;

  switch (type)
    {
    case 'b':
      data = va_arg (*args, const void *);
      return bind_blob (stmt, i, data, va_arg (*args, gsize));
    case 'B':
      bytes = va_arg (*args, GBytes *);
      return bind_blob (stmt, i, g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
    case 'i':
      return sqlite3_bind_int64 (stmt, i, va_arg (*args, gint64));
    case 's':
      return sqlite3_bind_text (stmt, i, va_arg (*args, const char *), -1, SQLITE_STATIC);
    default:
      g_assert_not_reached ();
    }
}

sqlite3_stmt *
store_sql_prepare (sqlite3 *db, GError **error, const char *sql, const char *types, ...)
{
  g_autoptr (sqlite3_stmt) stmt = NULL;
  int rc = sqlite3_prepare_v2 (db, sql, -1, &stmt, NULL);
  va_list args;

  va_start (args, types);
  for (int i = 0; rc == SQLITE_OK && types[i] != '\0'; i++)
    rc = bind_one (stmt, i + 1, types[i], &args);
  va_end (args);
  if (rc == SQLITE_OK)
    return g_steal_pointer (&stmt);
  sql_fail (db, rc, error);
  return NULL;
}

gboolean
store_sql_step (sqlite3_stmt *stmt, gboolean *row, GError **error)
{
  int rc = sqlite3_step (stmt);

  *row = rc == SQLITE_ROW;
  return rc == SQLITE_ROW || rc == SQLITE_DONE || sql_fail (sqlite3_db_handle (stmt), rc, error);
}

gboolean
store_sql_run (sqlite3_stmt *taken, GError **error)
{
  g_autoptr (sqlite3_stmt) stmt = taken;
  gboolean row = TRUE;

  while (stmt != NULL && row)
    if (!store_sql_step (stmt, &row, error))
      return FALSE;
  return stmt != NULL;
}

GBytes *
store_sql_column (sqlite3_stmt *stmt, int column)
{
  const void *data = sqlite3_column_blob (stmt, column);

  return g_bytes_new (data, (gsize) sqlite3_column_bytes (stmt, column));
}

gboolean
store_sql_integer (sqlite3 *db, const char *sql, gint64 *value, GError **error)
{
  g_autoptr (sqlite3_stmt) stmt = store_sql_prepare (db, error, sql, "");
  gboolean row;

  if (stmt == NULL || !store_sql_step (stmt, &row, error))
    return FALSE;
  *value = row ? sqlite3_column_int64 (stmt, 0) : 0;
  return TRUE;
}

static gboolean
harden (sqlite3 *db, GError **error)
{
  static const struct
  {
    int what, on;
  } settings[] = {
    { SQLITE_DBCONFIG_DEFENSIVE, 1 },      { SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0 },
    { SQLITE_DBCONFIG_ENABLE_TRIGGER, 0 }, { SQLITE_DBCONFIG_ENABLE_VIEW, 0 },
    { SQLITE_DBCONFIG_ENABLE_FKEY, 1 },    { SQLITE_DBCONFIG_DQS_DML, 0 },
    { SQLITE_DBCONFIG_DQS_DDL, 0 },        { SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (settings); i++)
    {
      int rc = sqlite3_db_config (db, settings[i].what, settings[i].on, NULL);

      if (rc != SQLITE_OK)
        return sql_fail (db, rc, error);
    }
  return TRUE;
}

/* Only in write-ahead mode can the header be read while a broker writes. */
static gboolean
use_wal (sqlite3 *db, GError **error)
{
  g_autoptr (sqlite3_stmt) stmt = store_sql_prepare (db, error, "PRAGMA journal_mode=WAL", "");
  gboolean row;

  if (stmt == NULL || !store_sql_step (stmt, &row, error))
    return FALSE;
  if (row && g_strcmp0 ((const char *) sqlite3_column_text (stmt, 0), "wal") == 0)
    return TRUE;
  g_set_error (error, STORE_ERROR, STORE_ERROR_FAILED,
               "the store cannot be opened: its file system allows no shared memory beside it");
  return FALSE;
}

sqlite3 *
store_sql_open (const char *path, StoreSqlMode mode, GError **error)
{
  g_autoptr (sqlite3) db = NULL;
  int flags = mode == STORE_SQL_READ ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE;
  int rc = path != NULL
               ? sqlite3_open_v2 (path, &db, flags | SQLITE_OPEN_NOFOLLOW | SQLITE_OPEN_FULLMUTEX,
                                  NULL)
               : sqlite3_open_v2 (":memory:", &db,
                                  flags | SQLITE_OPEN_MEMORY | SQLITE_OPEN_FULLMUTEX, NULL);

  if (rc != SQLITE_OK)
    {
      sql_fail (db, rc, error);
      return NULL;
    }
  sqlite3_busy_timeout (db, BUSY_MS);
  if (!harden (db, error)
      || !store_sql_exec (db,
                          "PRAGMA synchronous=FULL; PRAGMA secure_delete=ON;"
                          "PRAGMA temp_store=MEMORY; PRAGMA cell_size_check=ON;"
                          "PRAGMA mmap_size=0",
                          error))
    return NULL;
  if (path != NULL && mode == STORE_SQL_WRITE && !use_wal (db, error))
    return NULL;
  return g_steal_pointer (&db);
}

static gboolean
check_schema (sqlite3 *db, GError **error)
{
  g_autoptr (sqlite3_stmt) stmt = store_sql_prepare (
      db, error, "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name", "");
  gboolean row = TRUE;
  gsize n = 0;

  while (stmt != NULL && row)
    {
      if (!store_sql_step (stmt, &row, error))
        return FALSE;
      if (row
          && (n == G_N_ELEMENTS (schema)
              || strcmp ((const char *) sqlite3_column_text (stmt, 0), schema[n++]) != 0))
        break;
    }
  if (stmt != NULL && (row || n != G_N_ELEMENTS (schema)))
    store_damaged (error, "its tables are not those of a store");
  return stmt != NULL && !row && n == G_N_ELEMENTS (schema);
}

static gboolean
quick_check (sqlite3 *db, GError **error)
{
  g_autoptr (sqlite3_stmt) stmt = store_sql_prepare (db, error, "PRAGMA quick_check(1)", "");
  const char *words;
  gboolean row;

  if (stmt == NULL || !store_sql_step (stmt, &row, error))
    return FALSE;
  words = row ? (const char *) sqlite3_column_text (stmt, 0) : NULL;
  if (g_strcmp0 (words, "ok") == 0)
    return TRUE;
  store_damaged (error, words != NULL ? words : "it cannot be checked");
  return FALSE;
}

gboolean
store_sql_check (sqlite3 *db, const char *path, GError **error)
{
  gint64 application, format;

  if (!store_sql_integer (db, "PRAGMA application_id", &application, error)
      || !store_sql_integer (db, "PRAGMA user_version", &format, error))
    return FALSE;
  if (application != APPLICATION_ID || format < 1)
    {
      store_damaged (error, "it does not begin as a store does");
      return FALSE;
    }
  if (format > STORE_FORMAT)
    {
      g_set_error (error, STORE_ERROR, STORE_ERROR_NEWER,
                   "the store %s has format %" G_GINT64_FORMAT
                   ", made by a newer Countersign; this one (%s) reads format %d",
                   path, format, COUNTERSIGN_VERSION, STORE_FORMAT);
      return FALSE;
    }
  return check_schema (db, error) && quick_check (db, error);
}

gboolean
store_sql_create (sqlite3 *db, GError **error)
{
  g_autofree char *marks = g_strdup_printf ("PRAGMA application_id=%d; PRAGMA user_version=%d",
                                            APPLICATION_ID, STORE_FORMAT);

  for (gsize i = 0; i < G_N_ELEMENTS (schema); i++)
    if (!store_sql_exec (db, schema[i], error))
      return FALSE;
  return store_sql_exec (db, marks, error);
}

gboolean
store_sql_clear_log (sqlite3 *db)
{
  int rc;

  /* Whoever reads the file now could otherwise hold up the writer: then it is emptied later. */
  sqlite3_busy_timeout (db, 0);
  rc = sqlite3_wal_checkpoint_v2 (db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
  sqlite3_busy_timeout (db, BUSY_MS);
  return rc == SQLITE_OK;
}
