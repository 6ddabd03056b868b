/* SPDX-License-Identifier: MIT
 *
 * What the files of the store share. store-file.c knows paths and modes, store-sql.c SQLite,
 * store-seal.c what bytes are bound to, store-header.c what the passphrase opens, store-entry.c one
 * secret's description, store-change.c the jobs, store.c the life of the whole.
 */
#pragma once

#include <sqlite3.h>

#include "broker/base/crypt.h"
#include "broker/store/store.h"

#define STORE_ID_LEN 16
#define STORE_TOKEN_LEN CRYPT_MAC_LEN

/* What seals rows. Shared with the jobs under way, so that locking does not pull it from under
 * them; the last holder wipes. */
typedef struct
{
  gatomicrefcount refs;
  Secret *data, *names, *tokens, *meta;
} StoreKeys;

typedef struct
{
  guint8 id[STORE_ID_LEN];
  CryptKdf kdf;
  GBytes *master; /* wrapped */
} StoreHeader;

struct _Store
{
  char *path; /* NULL: in memory */
  int lock_fd;
  Writer *writer;
  WriterGroup group;

  GMutex mutex; /* around each use of db after opening, whole transactions */
  sqlite3 *db;
  gboolean clear_log; /* the write-ahead log holds what was removed */

  StoreHeader header;
  char id[2 * STORE_ID_LEN + 1];
  Secret *kek, *master;
  StoreKeys *keys;

  /* Main loop only. */
  GTree *entries;   /* char* → StoreEntry*; NULL while locked */
  GHashTable *meta; /* char* → GBytes*; NULL while locked */
  gsize count;

  GMutex raw_mutex;
  GHashTable *raw; /* char* → GBytes* */
};

/* store_create() with the costs of @kdf, whose salt is not used: what tests need, whose passphrases
 * guard nothing. */
Store *store_create_with_kdf (const char *path, Writer *writer, const Secret *passphrase,
                              const CryptKdf *kdf, GError **error);

/* LOCKED unless the file is open for writing. */
gboolean store_check_loaded (const Store *store, GError **error);

/* --- store-file.c --- */
/* The folder with its symbolic links followed, the last part as it is; MISSING when there is no
 * folder. */
char *store_file_resolve (const char *path, GError **error);
/* The file and what SQLite keeps beside it. MISSING, or UNSAFE. */
gboolean store_file_check (const char *path, GError **error);
int store_file_claim (const char *path, GError **error);
/* @path must not exist; made empty, 0600. */
gboolean store_file_make (const char *path, GError **error);
/* Gives the finished @fresh its name @path, which must not exist, and syncs the folder. */
gboolean store_file_place (const char *fresh, const char *path, GError **error);
void store_file_discard (const char *path); /* with what SQLite keeps beside it */

/* --- store-sql.c: each error is a STORE_ERROR with SQLite's words. --- */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (sqlite3, sqlite3_close)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (sqlite3_stmt, sqlite3_finalize)
typedef enum
{
  STORE_SQL_READ,
  STORE_SQL_WRITE
} StoreSqlMode;
sqlite3 *store_sql_open (const char *path, StoreSqlMode mode, GError **error);
gboolean store_sql_exec (sqlite3 *db, const char *sql, GError **error);
gboolean store_sql_rollback (sqlite3 *db); /* always FALSE, for returning it */
gboolean store_sql_integer (sqlite3 *db, const char *sql, gint64 *value, GError **error);
/* @types: one letter for each parameter: 'b' const void *, gsize · 'B' GBytes * · 'i' gint64 · 's'
 * const char * */
sqlite3_stmt *store_sql_prepare (sqlite3 *db, GError **error, const char *sql, const char *types,
                                 ...);
gboolean store_sql_step (sqlite3_stmt *stmt, gboolean *row, GError **error);
/* Runs @stmt, which it takes, to its end; NULL is FALSE, with the error already set. */
gboolean store_sql_run (sqlite3_stmt *stmt, GError **error);
GBytes *store_sql_column (sqlite3_stmt *stmt, int column);
/* Ours, of this format, whole. */
gboolean store_sql_check (sqlite3 *db, const char *path, GError **error);
gboolean store_sql_create (sqlite3 *db, GError **error);
/* After something was removed: empties the write-ahead log, where it would still stand. FALSE when
 * a reader is in the way. */
gboolean store_sql_clear_log (sqlite3 *db);
void store_damaged (GError **error, const char *what);

/* --- store-seal.c --- */
StoreKeys *store_keys_new (const Secret *master, GError **error);
StoreKeys *store_keys_ref (StoreKeys *keys);
void store_keys_unref (StoreKeys *keys);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (StoreKeys, store_keys_unref)
gboolean store_token (const StoreKeys *keys, const char *name, guint8 token[STORE_TOKEN_LEN],
                      GError **error);
GBytes *store_seal (const Secret *key, const char *table, const void *id, gsize id_len,
                    guint64 version, const void *data, gsize len, GError **error);
/* STORE_ERROR_DAMAGED for what did not open in @table; other causes as they are. Takes @cause;
 * FALSE. */
gboolean store_explain (GError *cause, const char *table, GError **error);
/* STORE_ERROR_DAMAGED when it does not open. */
Secret *store_unseal (const Secret *key, const char *table, const void *id, gsize id_len,
                      guint64 version, GBytes *sealed, GError **error);
/* The same into ordinary memory: for names and meta. */
GBytes *store_unseal_bytes (const Secret *key, const char *table, const void *id, gsize id_len,
                            guint64 version, GBytes *sealed, GError **error);

/* --- store-header.c --- */
void store_header_clear (StoreHeader *header);
gboolean store_header_read (sqlite3 *db, StoreHeader *header, GError **error);
gboolean store_header_equal (const StoreHeader *a, const StoreHeader *b);
/* A new master key under @passphrase; header->kdf is set, the rest is filled in. */
gboolean store_header_make (StoreHeader *header, const Secret *passphrase, Secret **kek,
                            Secret **master, GError **error);
gboolean store_header_wrap (StoreHeader *header, const Secret *kek, const Secret *master,
                            GError **error);
gboolean store_header_write (sqlite3 *db, const StoreHeader *header, GError **error);
/* STORE_ERROR_PASSPHRASE when it is the wrong one. */
gboolean store_header_open (const StoreHeader *header, const Secret *passphrase, Secret **kek,
                            Secret **master, GError **error);

/* --- store-entry.c --- */
void store_wipe_text (gpointer text); /* g_free(), for names and tags */
StoreEntry *store_entry_new (const char *name);
void store_entry_free (StoreEntry *entry);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (StoreEntry, store_entry_free)
GHashTable *store_tags_new (void);
GHashTable *store_tags_copy (GHashTable *tags);
GTree *store_entries_new (void);
GBytes *store_entry_seal (const StoreEntry *entry, const StoreKeys *keys, GError **error);
StoreEntry *store_entry_unseal (const StoreKeys *keys, const void *token, GBytes *sealed,
                                GError **error);

/* --- store-rows.c: within a transaction, under the mutex. --- */
/* *@entry is NULL when there is none. */
gboolean store_rows_find (sqlite3 *db, const StoreKeys *keys, const guint8 *token,
                          StoreEntry **entry, GError **error);
gboolean store_rows_put_entry (sqlite3 *db, const StoreKeys *keys, const guint8 *token,
                               const StoreEntry *entry, GError **error);
gboolean store_rows_put_version (sqlite3 *db, const StoreKeys *keys, const guint8 *token,
                                 guint version, const Secret *value, GError **error);
Secret *store_rows_get_version (sqlite3 *db, const StoreKeys *keys, const guint8 *token,
                                guint version, GError **error);
GArray *store_rows_versions (sqlite3 *db, const guint8 *token, GError **error); /* of gint64 */
/* Keeps STORE_VERSIONS_KEPT, @version being the newest. The log is not emptied for it, which would
 * cost each update milliseconds: what was forgotten leaves it when it is next begun anew. */
gboolean store_rows_forget_older (sqlite3 *db, const guint8 *token, guint version, GError **error);
gboolean store_rows_delete (sqlite3 *db, const guint8 *token, GError **error);

/* --- store-change.c --- */
typedef struct _StoreChange StoreChange;
struct _StoreChange
{
  Store *store;
  StoreKeys *keys;
  gboolean (*work) (StoreChange *change, GError **error); /* writer thread, in a transaction */
  void (*apply) (StoreChange *change);                    /* main loop, once that is on disk */
  GError *refused;                                        /* set: nothing is tried */
  char *name, *to;
  Secret *value;
  GHashTable *tags;
  StoreSetMode mode;
  GBytes *bytes, *sealed; /* NULL: removed */
  StoreEntry *entry;      /* what there will be, or NULL */
  int added;
  GPtrArray *parts; /* of StoreChange: of one that is several */
  WriterDone done;
  gpointer data;
};
WriterGroup store_change_group (Store *store);
/* Refused already when the store is locked. */
StoreChange *store_change_new (Store *store, const char *name, WriterDone done, gpointer data);
void store_change_push (StoreChange *change); /* takes it */
void store_change_free (StoreChange *change);
GError *store_locked_error (void);

/* --- store-secret.c: parts of a change --- */
StoreChange *store_change_set (Store *store, const char *name, const Secret *value,
                               GHashTable *tags, StoreSetMode mode);
StoreChange *store_change_remove (Store *store, const char *name);
/* One more, or less, of the broker's own rows; within the transaction. */
#define STORE_OWN_ROWS                                                                             \
  "coalesce((SELECT CAST(CAST(value AS TEXT) AS INTEGER) FROM raw WHERE key = 'own-rows'), 0)"
gboolean store_own_count (Store *store, int added, GError **error);

/* --- store-meta.c --- */
StoreChange *store_change_meta (Store *store, const char *key, GBytes *value);
GHashTable *store_values_new (void); /* char* → GBytes* */
gboolean store_meta_load (Store *store, GHashTable *meta, GHashTable *raw, GError **error);
