/* SPDX-License-Identifier: MIT */
#include "broker/store/store.h"

#include <string.h>

json_t *
store_get_table (const Store *store, const char *key, GError **error)
{
  g_autoptr (GBytes) bytes = store_get_meta (store, key);
  gsize len = 0;
  json_error_t at;

  if (bytes == NULL)
    return NULL;
  const char *text = g_bytes_get_data (bytes, &len);
  json_t *table = json_loadb (text, len, JSON_REJECT_DUPLICATES, &at);
  if (table == NULL)
    g_set_error (error, STORE_ERROR, STORE_ERROR_DAMAGED, "the store's table %s cannot be read: %s",
                 key, at.text);
  return table;
}

GBytes *
store_table_bytes (const json_t *table)
{
  char *text = json_dumps (table, JSON_COMPACT);

  return g_bytes_new_with_free_func (text, strlen (text), free, text);
}

void
store_put_table (Store *store, const char *key, const json_t *table, WriterDone done, gpointer data)
{
  g_autoptr (GBytes) bytes = store_table_bytes (table);

  store_put_meta (store, key, bytes, done, data);
}
