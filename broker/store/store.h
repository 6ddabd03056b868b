/* SPDX-License-Identifier: MIT
 *
 * The store: secrets, keys and what must outlive the broker, in one SQLite file.
 *
 * MUST
 *  - be opened by countersignd alone, by one at a time, and only when it is ours and 0600
 *  - hold nothing readable: names and tags are sealed and found by keyed token
 *  - give each secret version a key of its own, and bind name, version, table and format to what
 *    is sealed
 *  - leave old or new after kill -9 at any moment, never neither
 *  - lose or overwrite nothing by an opening that fails
 *
 * Asynchronous: each call that touches the disk takes a done that runs on the main loop, never from
 * within the call. Names and tags of all secrets are kept in memory while unlocked, so that looking
 * one up is not a disk access; what is there changes only when the write is on disk.
 *
 * What it does not see: a whole file, or a whole secret, put back as it was before. Lengths of
 * values, their number, and when the file was written are readable to whoever has it.
 */
#pragma once

#include "broker/base/secret.h"
#include "broker/base/writer.h"

#include <jansson.h>

#define STORE_FORMAT 1
#define STORE_VERSIONS_KEPT 5 /* of one secret, the newest included */
#define STORE_ERROR (store_error_quark ())
typedef enum
{
  STORE_ERROR_MISSING, /* no store yet: countersign init */
  STORE_ERROR_UNSAFE,  /* wrong owner, mode or kind of file */
  STORE_ERROR_NEWER,   /* made by a newer version */
  STORE_ERROR_DAMAGED,
  STORE_ERROR_BUSY,       /* another broker has it */
  STORE_ERROR_PASSPHRASE, /* wrong */
  STORE_ERROR_LOCKED,
  STORE_ERROR_EXISTS,
  STORE_ERROR_NO_SECRET,
  STORE_ERROR_FAILED /* disk full and the like; the message carries SQLite's words */
} StoreError;
GQuark store_error_quark (void);

typedef struct _Store Store;

/* --- Opening. These block (SQLite, Argon2): start-up and the key thread only, and nothing else
 * may use the store meanwhile. --- */

/* Makes @path (0600) with @passphrase, whole or not at all. STORE_ERROR_EXISTS when there is one.
 * Returns it unlocked, claimed and loaded. @path NULL: in memory only, gone with the process. */
Store *store_create (const char *path, Writer *writer, const Secret *passphrase, GError **error);
/* Opens the file and checks all of it, without keys and without claiming it: the passphrase can be
 * tried while another broker still rules. */
Store *store_open (const char *path, Writer *writer, GError **error);
/* Drains the writer (delivering what has ended), wipes keys, gives up the claim. Before
 * writer_free(), on the main loop. */
void store_free (Store *store);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Store, store_free)
/* Takes the exclusive lock (OFD lock on "@path.lock"); STORE_ERROR_BUSY, with its pid, when another
 * broker has it. */
gboolean store_claim (Store *store, GError **error);
/* Argon2id, then the master key. Does not need the claim. */
gboolean store_unlock (Store *store, const Secret *passphrase, GError **error);
/* Reads names and meta into memory; needs claim and keys. STORE_ERROR_DAMAGED when one of them does
 * not open. */
gboolean store_load (Store *store, GError **error);
void store_lock (Store *store); /* wipes keys and the names in memory; finished writes stay */
gboolean store_is_unlocked (const Store *store);
const char *store_path (const Store *store); /* NULL: it is in memory only */

/* A 16-byte random identifier made at creation; hex. */
const char *store_id (const Store *store);
/* Derived from the master key for one use: "pin", "audit text", … NULL when locked. */
Secret *store_derive_key (const Store *store, const char *label, GError **error);

/* --- Keys that only the passphrase opens (the master key does not): the audit trail's first key.
 * All block, and need a loaded store. @label: CRYPT_LABEL_AUDIT. --- */
/* Keeps @key, wrapped; needs the passphrase just given to create or unlock, so before
 * store_forget_kek(). */
gboolean store_put_wrapped (Store *store, const char *label, const Secret *key, GError **error);
/* The same need. STORE_ERROR_NO_SECRET when there is none. */
Secret *store_get_wrapped (Store *store, const char *label, GError **error);
/* The text of a file that crypt_key_file_open() opens with the passphrase; needs no key. To be
 * written anew after store_change_passphrase(). g_free(). */
char *store_export_wrapped (Store *store, const char *label, GError **error);
/* Re-wraps the master key and all wrapped keys, in one transaction, with today's parameters. */
gboolean store_change_passphrase (Store *store, const Secret *passphrase, const Secret *fresh,
                                  GError **error);
void
store_forget_kek (Store *store); /* wipes the passphrase-derived key; unlock is then complete */

/* --- Small sealed values by name ("policy", "pin", "suspended"). --- */
/* From memory, after store_load(). NULL when absent or locked. Caller owns. */
GBytes *store_get_meta (const Store *store, const char *key);
/* Sealed under the master key's meta key; @value NULL removes, also while locked. */
void store_put_meta (Store *store, const char *key, GBytes *value, WriterDone done, gpointer data);
/* Tables that are kept so, as JSON. NULL without an error: there is none; STORE_ERROR_DAMAGED: it
 * cannot be read. The caller owns what is returned. */
json_t *store_get_table (const Store *store, const char *key, GError **error);
void store_put_table (Store *store, const char *key, const json_t *table, WriterDone done,
                      gpointer data);
GBytes *store_table_bytes (const json_t *table);
/* As store_put_meta(), called on the writer thread, in a transaction of its own; the value is
 * stored as it is (its owner sealed it), so it works while locked. Not from a job of the store's
 * own. */
gboolean store_put_raw (Store *store, const char *key, GBytes *value, GError **error);
/* On the writer thread too: what was put there and has been replaced is no longer in any of the
 * store's files; with the next change at the latest, when somebody reads them now. */
void store_forget_replaced (Store *store);
/* From memory, after store_load(); also while locked. Caller owns. */
GBytes *store_get_raw (Store *store, const char *key);

/* --- Secrets --- */
/* Valid until control returns to the main loop. */
typedef struct
{
  char *name;
  GHashTable *tags;        /* char* → char*; never NULL */
  gint64 created, updated; /* seconds since 1970 */
  guint version, size;
} StoreEntry;

gsize store_count (const Store *store);                              /* works while locked */
const StoreEntry *store_find (const Store *store, const char *name); /* NULL: none, or locked */
/* Sorted by name; of const StoreEntry*. Free the array, not its entries. */
GPtrArray *store_list (const Store *store);

/* The newest version. @value is the callee's to free; NULL with @error. A store locked meanwhile
 * gives STORE_ERROR_LOCKED. */
typedef void (*StoreRead) (gpointer data, Secret *value, const GError *error);
void store_read (Store *store, const char *name, StoreRead done, gpointer data);
/* @value is copied (SECRET_ERROR_FULL: busy), and @tags. STORE_SET_NEW fails with EXISTS;
 * STORE_SET_UPDATE fails with NO_SECRET. @tags NULL keeps those there were. The newest
 * STORE_VERSIONS_KEPT versions are kept. */
typedef enum
{
  STORE_SET_NEW,
  STORE_SET_UPDATE,
  STORE_SET_ANY
} StoreSetMode;
void store_set (Store *store, const char *name, const Secret *value, GHashTable *tags,
                StoreSetMode mode, WriterDone done, gpointer data);
/* All versions; NO_SECRET when there is none. */
void store_remove (Store *store, const char *name, WriterDone done, gpointer data);
/* All versions are sealed anew under @to. EXISTS when @to is taken. */
void store_rename (Store *store, const char *name, const char *to, WriterDone done, gpointer data);

/* --- What the broker keeps for itself: keys, and what is to be undone later --- */

/* Named KIND:NAME ("key:jwt/4f…"), which is no name that anybody else can give: no other function
 * of this file finds such a row, and it counts as none. */
gboolean store_is_own (const char *name);
/* Those whose names begin with @prefix, sorted; of const StoreEntry*. Free the array only. */
GPtrArray *store_list_own (const Store *store, const char *prefix);
void store_read_own (Store *store, const char *name, StoreRead done, gpointer data);

/* Secrets of both kinds and one small value, all of them or none. */
typedef struct
{
  const char *name;
  const Secret *value; /* copied; NULL: removed, if it is there */
  GHashTable *tags;    /* copied; NULL keeps those there were */
} StoreItem;
/* @meta_key NULL: no small value; @meta NULL: that one is removed. */
void store_set_all (Store *store, const StoreItem *items, gsize n, const char *meta_key,
                    GBytes *meta, WriterDone done, gpointer data);
