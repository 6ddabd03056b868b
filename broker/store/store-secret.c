/* SPDX-License-Identifier: MIT
 *
 * Secrets: set, remove, rename, read.
 */
#include "broker/store/store-private.h"

#include "broker/base/text.h"

static gboolean
refuse (GError **error, StoreError code)
{
  g_set_error (error, STORE_ERROR, code, "%s",
               code == STORE_ERROR_EXISTS ? "a secret of that name exists"
                                          : "there is no secret of that name");
  return FALSE;
}

/* --- On the writer thread --- */

static StoreEntry *
next_entry (const StoreChange *change, const StoreEntry *before)
{
  StoreEntry *entry = store_entry_new (change->name);
  GHashTable *tags = change->tags != NULL ? change->tags : before != NULL ? before->tags : NULL;

  if (tags != NULL)
    {
      g_hash_table_unref (entry->tags);
      entry->tags = store_tags_copy (tags);
    }
  entry->updated = g_get_real_time () / G_USEC_PER_SEC;
  entry->created = before != NULL ? before->created : entry->updated;
  entry->version = before != NULL ? before->version + 1 : 1;
  entry->size = (guint) secret_len (change->value);
  return entry;
}

/* How many of the rows are the broker's own is known while locked, as their number is. */
static gboolean
count (StoreChange *change, GError **error)
{
  return change->added == 0 || !store_is_own (change->name)
         || store_own_count (change->store, change->added, error);
}

static gboolean
work_set (StoreChange *change, GError **error)
{
  Store *store = change->store;
  g_autoptr (StoreEntry) before = NULL;
  guint8 token[STORE_TOKEN_LEN];

  if (!store_token (change->keys, change->name, token, error)
      || !store_rows_find (store->db, change->keys, token, &before, error))
    return FALSE;
  if (before != NULL && change->mode == STORE_SET_NEW)
    return refuse (error, STORE_ERROR_EXISTS);
  if (before == NULL && change->mode == STORE_SET_UPDATE)
    return refuse (error, STORE_ERROR_NO_SECRET);
  change->entry = next_entry (change, before);
  change->added = before == NULL ? 1 : 0;
  return count (change, error)
         && store_rows_put_entry (store->db, change->keys, token, change->entry, error)
         && store_rows_put_version (store->db, change->keys, token, change->entry->version,
                                    change->value, error)
         && store_rows_forget_older (store->db, token, change->entry->version, error);
}

static gboolean
work_remove (StoreChange *change, GError **error)
{
  Store *store = change->store;
  g_autoptr (StoreEntry) before = NULL;
  guint8 token[STORE_TOKEN_LEN];

  if (!store_token (change->keys, change->name, token, error)
      || !store_rows_find (store->db, change->keys, token, &before, error))
    return FALSE;
  if (before == NULL)
    return change->mode == STORE_SET_ANY || refuse (error, STORE_ERROR_NO_SECRET);
  store->clear_log = TRUE;
  change->added = -1;
  return count (change, error) && store_rows_delete (store->db, token, error);
}

/* The name is part of what each version is bound to. */
static gboolean
move_versions (StoreChange *change, const guint8 *from, const guint8 *to, GError **error)
{
  sqlite3 *db = change->store->db;
  g_autoptr (GArray) versions = store_rows_versions (db, from, error);

  for (guint i = 0; versions != NULL && i < versions->len; i++)
    {
      guint version = (guint) g_array_index (versions, gint64, i);
      g_autoptr (Secret) value = store_rows_get_version (db, change->keys, from, version, error);

      if (value == NULL || !store_rows_put_version (db, change->keys, to, version, value, error))
        return FALSE;
    }
  return versions != NULL;
}

static gboolean
work_rename (StoreChange *change, GError **error)
{
  Store *store = change->store;
  g_autoptr (StoreEntry) taken = NULL;
  guint8 from[STORE_TOKEN_LEN], to[STORE_TOKEN_LEN];

  if (!store_token (change->keys, change->name, from, error)
      || !store_token (change->keys, change->to, to, error)
      || !store_rows_find (store->db, change->keys, from, &change->entry, error))
    return FALSE;
  if (change->entry == NULL)
    return refuse (error, STORE_ERROR_NO_SECRET);
  if (!store_rows_find (store->db, change->keys, to, &taken, error))
    return FALSE;
  if (taken != NULL)
    return refuse (error, STORE_ERROR_EXISTS);
  store_wipe_text (change->entry->name);
  change->entry->name = g_strdup (change->to);
  store->clear_log = TRUE;
  return store_rows_put_entry (store->db, change->keys, to, change->entry, error)
         && move_versions (change, from, to, error) && store_rows_delete (store->db, from, error);
}

/* --- On the main loop --- */

/* The count is known while locked; names are not. */
static void
apply (StoreChange *change)
{
  Store *store = change->store;
  StoreEntry *entry = g_steal_pointer (&change->entry);

  if (!store_is_own (change->name))
    store->count = (gsize) ((gssize) store->count + change->added);
  if (store->entries == NULL)
    {
      store_entry_free (entry);
      return;
    }
  if (entry == NULL || g_strcmp0 (entry->name, change->name) != 0)
    g_tree_remove (store->entries, change->name);
  if (entry != NULL)
    g_tree_replace (store->entries, entry->name, entry);
}

static StoreChange *
change_new (Store *store, const char *name, gboolean (*work) (StoreChange *change, GError **error))
{
  StoreChange *change = store_change_new (store, name, NULL, NULL);

  change->work = work;
  change->apply = apply;
  return change;
}

/* For what others name. */
static void
push_named (StoreChange *change, WriterDone done, gpointer data)
{
  change->done = done;
  change->data = data;
  if (change->refused == NULL)
    text_check_name (change->name, &change->refused);
  if (change->refused == NULL && change->to != NULL)
    text_check_name (change->to, &change->refused);
  store_change_push (change);
}

StoreChange *
store_change_set (Store *store, const char *name, const Secret *value, GHashTable *tags,
                  StoreSetMode mode)
{
  StoreChange *change = change_new (store, name, work_set);

  change->mode = mode;
  change->tags = tags != NULL ? store_tags_copy (tags) : NULL;
  if (change->refused == NULL && secret_len (value) > SECRET_MAX)
    g_set_error (&change->refused, SECRET_ERROR, SECRET_ERROR_TOO_LARGE,
                 "a secret has at most %d bytes", SECRET_MAX);
  if (change->refused == NULL)
    change->value = secret_copy (value, &change->refused);
  return change;
}

void
store_set (Store *store, const char *name, const Secret *value, GHashTable *tags, StoreSetMode mode,
           WriterDone done, gpointer data)
{
  push_named (store_change_set (store, name, value, tags, mode), done, data);
}

StoreChange *
store_change_remove (Store *store, const char *name)
{
  StoreChange *change = change_new (store, name, work_remove);

  change->mode = STORE_SET_ANY;
  return change;
}

void
store_remove (Store *store, const char *name, WriterDone done, gpointer data)
{
  push_named (change_new (store, name, work_remove), done, data);
}

void
store_rename (Store *store, const char *name, const char *to, WriterDone done, gpointer data)
{
  StoreChange *change = change_new (store, name, work_rename);

  change->to = g_strdup (to);
  push_named (change, done, data);
}

gsize
store_count (const Store *store)
{
  return store->count;
}

const StoreEntry *
store_find (const Store *store, const char *name)
{
  return store->entries != NULL && !store_is_own (name) ? g_tree_lookup (store->entries, name)
                                                        : NULL;
}

static gboolean
add_entry (gpointer key, gpointer value, gpointer list)
{
  if (!store_is_own (key))
    g_ptr_array_add (list, value);
  return FALSE;
}

GPtrArray *
store_list (const Store *store)
{
  GPtrArray *list = g_ptr_array_new ();

  if (store->entries != NULL)
    g_tree_foreach (store->entries, add_entry, list);
  return list;
}

/* --- Reading: in its turn behind the writes, but in no group of theirs. A disk that is full fails
 * their commit and not this. --- */

typedef struct
{
  Store *store;
  StoreKeys *keys; /* NULL: locked */
  char *name;
  Secret *value;
  StoreRead done;
  gpointer data;
} Reading;

static Secret *
read_newest (Reading *reading, GError **error)
{
  sqlite3 *db = reading->store->db;
  g_autoptr (StoreEntry) entry = NULL;
  guint8 token[STORE_TOKEN_LEN];

  if (!store_token (reading->keys, reading->name, token, error)
      || !store_rows_find (db, reading->keys, token, &entry, error))
    return NULL;
  if (entry != NULL)
    return store_rows_get_version (db, reading->keys, token, entry->version, error);
  refuse (error, STORE_ERROR_NO_SECRET);
  return NULL;
}

static gboolean
read_run (gpointer data, GError **error)
{
  Reading *reading = data;
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&reading->store->mutex);

  if (reading->keys == NULL)
    g_propagate_error (error, store_locked_error ());
  else
    reading->value = read_newest (reading, error);
  return reading->value != NULL;
}

static void
read_done (gpointer data, const GError *error)
{
  Reading *reading = data;
  g_autoptr (GError) locked = NULL;

  /* Whoever locked the store must not see a value leave it afterwards. */
  if (error == NULL && !store_is_unlocked (reading->store))
    error = locked = store_locked_error ();
  if (error != NULL)
    g_clear_pointer (&reading->value, secret_free);
  reading->done (reading->data, reading->value, error);
  store_keys_unref (reading->keys);
  store_wipe_text (reading->name);
  g_free (reading);
}

static void
read_any (Store *store, const char *name, gboolean own, StoreRead done, gpointer data)
{
  Reading *reading = g_new0 (Reading, 1);

  reading->store = store;
  reading->keys = store_is_unlocked (store) ? store_keys_ref (store->keys) : NULL;
  /* The other kind is not there: a name of no secret takes its place. */
  reading->name = g_strdup (store_is_own (name) == own ? name : "");
  reading->done = done;
  reading->data = data;
  writer_push (store->writer, NULL, read_run, read_done, reading);
}

void
store_read (Store *store, const char *name, StoreRead done, gpointer data)
{
  read_any (store, name, FALSE, done, data);
}

void
store_read_own (Store *store, const char *name, StoreRead done, gpointer data)
{
  read_any (store, name, TRUE, done, data);
}
