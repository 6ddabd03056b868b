/* SPDX-License-Identifier: MIT
 *
 * What is known of a secret besides its value, in memory and sealed.
 */
#include "broker/store/store-private.h"

#include <string.h>

#include "broker/base/wire.h"

#define TABLE "secret"

void
store_wipe_text (gpointer text)
{
  if (text != NULL)
    explicit_bzero (text, strlen (text));
  g_free (text);
}

GHashTable *
store_tags_new (void)
{
  return g_hash_table_new_full (g_str_hash, g_str_equal, store_wipe_text, store_wipe_text);
}

GHashTable *
store_tags_copy (GHashTable *tags)
{
  GHashTable *copy = store_tags_new ();
  GHashTableIter iter;
  gpointer key, value;

  g_hash_table_iter_init (&iter, tags);
  while (g_hash_table_iter_next (&iter, &key, &value))
    g_hash_table_insert (copy, g_strdup (key), g_strdup (value));
  return copy;
}

StoreEntry *
store_entry_new (const char *name)
{
  StoreEntry *entry = g_new0 (StoreEntry, 1);

  entry->name = g_strdup (name);
  entry->tags = store_tags_new ();
  return entry;
}

void
store_entry_free (StoreEntry *entry)
{
  if (entry == NULL)
    return;
  g_hash_table_unref (entry->tags);
  store_wipe_text (entry->name);
  g_free (entry);
}

static int
compare_names (gconstpointer a, gconstpointer b, gpointer user)
{
  return strcmp (a, b);
}

/* The key is the entry's own name. */
GTree *
store_entries_new (void)
{
  return g_tree_new_full (compare_names, NULL, NULL, (GDestroyNotify) store_entry_free);
}

static json_t *
tags_to_json (GHashTable *tags)
{
  json_t *object = json_object ();
  GHashTableIter iter;
  gpointer key, value;

  g_hash_table_iter_init (&iter, tags);
  while (g_hash_table_iter_next (&iter, &key, &value))
    json_object_set_new (object, key, json_string (value));
  return object;
}

static gboolean
tags_from_json (GHashTable *tags, json_t *object)
{
  const char *key;
  json_t *value;

  json_object_foreach (object, key, value)
  {
    if (!json_is_string (value))
      return FALSE;
    g_hash_table_insert (tags, g_strdup (key), g_strdup (json_string_value (value)));
  }
  return json_is_object (object);
}

GBytes *
store_entry_seal (const StoreEntry *entry, const StoreKeys *keys, GError **error)
{
  guint8 token[STORE_TOKEN_LEN];
  gsize len;
  g_autoptr (json_t) root = json_pack (
      "{s:s, s:o, s:I, s:I, s:I, s:I}", "name", entry->name, "tags", tags_to_json (entry->tags),
      "created", (json_int_t) entry->created, "updated", (json_int_t) entry->updated, "version",
      (json_int_t) entry->version, "size", (json_int_t) entry->size);
  g_autoptr (GBytes) sealed = NULL;
  char *text;

  if (root == NULL)
    {
      g_set_error (error, STORE_ERROR, STORE_ERROR_FAILED,
                   "the name or a tag of the secret is not UTF-8");
      return NULL;
    }
  text = wire_dump (root, &len);
  if (store_token (keys, entry->name, token, error))
    sealed = store_seal (keys->names, TABLE, token, sizeof token, 0, text, len, error);
  wire_text_free (text, len);
  return g_steal_pointer (&sealed);
}

static StoreEntry *
entry_parse (const char *text, gsize len)
{
  g_autoptr (json_t) root = wire_parse (text, len, FALSE, NULL);
  g_autoptr (StoreEntry) entry = NULL;
  json_int_t created, updated, version, size;
  const char *name;
  json_t *tags;

  if (root == NULL
      || json_unpack_ex (root, NULL, JSON_STRICT, "{s:s, s:o, s:I, s:I, s:I, s:I}", "name", &name,
                         "tags", &tags, "created", &created, "updated", &updated, "version",
                         &version, "size", &size)
             != 0
      || version < 1 || version > G_MAXUINT || size < 0 || size > SECRET_MAX)
    return NULL;
  entry = store_entry_new (name);
  entry->created = created;
  entry->updated = updated;
  entry->version = (guint) version;
  entry->size = (guint) size;
  return tags_from_json (entry->tags, tags) ? g_steal_pointer (&entry) : NULL;
}

StoreEntry *
store_entry_unseal (const StoreKeys *keys, const void *token, GBytes *sealed, GError **error)
{
  g_autoptr (GBytes) text
      = store_unseal_bytes (keys->names, TABLE, token, STORE_TOKEN_LEN, 0, sealed, error);
  StoreEntry *entry;

  if (text == NULL)
    return NULL;
  entry = entry_parse (g_bytes_get_data (text, NULL), g_bytes_get_size (text));
  if (entry == NULL)
    store_damaged (error, "the description of a secret cannot be read");
  return entry;
}
