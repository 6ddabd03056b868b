/* SPDX-License-Identifier: MIT
 *
 * What the broker keeps for itself, and several changes at once.
 */
#include "broker/store/store-private.h"

#include <string.h>

#include "broker/base/text.h"

gboolean
store_is_own (const char *name)
{
  return strchr (name, ':') != NULL;
}

gboolean
store_own_count (Store *store, int added, GError **error)
{
  return store_sql_run (
      store_sql_prepare (store->db, error,
                         "INSERT OR REPLACE INTO raw (key, value) VALUES ('own-rows',"
                         " CAST(CAST(" STORE_OWN_ROWS " + ? AS TEXT) AS BLOB))",
                         "i", (gint64) added),
      error);
}

typedef struct
{
  GPtrArray *list;
  const char *prefix;
} Listing;

static gboolean
add_own (gpointer key, gpointer value, gpointer data)
{
  const Listing *listing = data;

  if (store_is_own (key) && g_str_has_prefix (key, listing->prefix))
    g_ptr_array_add (listing->list, value);
  return FALSE;
}

GPtrArray *
store_list_own (const Store *store, const char *prefix)
{
  Listing listing = { g_ptr_array_new (), prefix };

  if (store->entries != NULL)
    g_tree_foreach (store->entries, add_own, &listing);
  return listing.list;
}

/* --- Several at once --- */

static gboolean
work_all (StoreChange *change, GError **error)
{
  for (guint i = 0; i < change->parts->len; i++)
    {
      StoreChange *part = g_ptr_array_index (change->parts, i);
      if (!part->work (part, error))
        return FALSE;
    }
  return TRUE;
}

static void
apply_all (StoreChange *change)
{
  for (guint i = 0; i < change->parts->len; i++)
    {
      StoreChange *part = g_ptr_array_index (change->parts, i);
      part->apply (part);
    }
}

static void
add_part (StoreChange *change, StoreChange *part)
{
  if (change->refused == NULL && part->refused != NULL)
    change->refused = g_error_copy (part->refused);
  g_ptr_array_add (change->parts, part);
}

static gboolean
check_name (const char *name, GError **error)
{
  if (!store_is_own (name))
    return text_check_name (name, error);
  if (strlen (name) <= TEXT_NAME_MAX)
    return TRUE;
  g_set_error (error, STORE_ERROR, STORE_ERROR_FAILED, "a name has at most %d bytes",
               TEXT_NAME_MAX);
  return FALSE;
}

void
store_set_all (Store *store, const StoreItem *items, gsize n, const char *meta_key, GBytes *meta,
               WriterDone done, gpointer data)
{
  StoreChange *change = store_change_new (store, "", done, data);

  change->work = work_all;
  change->apply = apply_all;
  change->parts = g_ptr_array_new_with_free_func ((GDestroyNotify) store_change_free);
  for (gsize i = 0; i < n; i++)
    {
      if (change->refused == NULL)
        check_name (items[i].name, &change->refused);
      add_part (change, items[i].value != NULL ? store_change_set (
                            store, items[i].name, items[i].value, items[i].tags, STORE_SET_ANY)
                                               : store_change_remove (store, items[i].name));
    }
  if (meta_key != NULL)
    add_part (change, store_change_meta (store, meta_key, meta));
  store_change_push (change);
}
