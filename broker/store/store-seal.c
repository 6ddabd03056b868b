/* SPDX-License-Identifier: MIT
 *
 * What each sealed value is bound to, so that no row stands in for another.
 *
 * MUST
 *  - bind format, table, what the row is found by, and version
 *  - call everything that does not open damage, without saying what it was
 */
#include "broker/store/store-private.h"

#include <string.h>

#define BOUND "countersign store 1"
G_STATIC_ASSERT (STORE_FORMAT == 1);

void
store_keys_unref (StoreKeys *keys)
{
  if (keys == NULL || !g_atomic_ref_count_dec (&keys->refs))
    return;
  secret_free (keys->data);
  secret_free (keys->names);
  secret_free (keys->tokens);
  secret_free (keys->meta);
  g_free (keys);
}

StoreKeys *
store_keys_ref (StoreKeys *keys)
{
  g_atomic_ref_count_inc (&keys->refs);
  return keys;
}

StoreKeys *
store_keys_new (const Secret *master, GError **error)
{
  g_autoptr (StoreKeys) keys = g_new0 (StoreKeys, 1);

  g_atomic_ref_count_init (&keys->refs);
  if ((keys->data = crypt_derive (master, BOUND " data", error)) == NULL
      || (keys->names = crypt_derive (master, BOUND " names", error)) == NULL
      || (keys->tokens = crypt_derive (master, BOUND " tokens", error)) == NULL
      || (keys->meta = crypt_derive (master, BOUND " meta", error)) == NULL)
    return NULL;
  return g_steal_pointer (&keys);
}

gboolean
store_token (const StoreKeys *keys, const char *name, guint8 token[STORE_TOKEN_LEN], GError **error)
{
  return crypt_mac (keys->tokens, name, strlen (name), token, error);
}

/* Format and table end in NUL, which neither holds; the version has a fixed length at the end: no
 * two bindings give the same bytes. */
static GByteArray *
binding (const char *table, const void *id, gsize id_len, guint64 version)
{
  GByteArray *bytes = g_byte_array_new ();
  guint64 big = GUINT64_TO_BE (version);

  g_byte_array_append (bytes, (const guint8 *) BOUND, sizeof BOUND);
  g_byte_array_append (bytes, (const guint8 *) table, (guint) strlen (table) + 1);
  g_byte_array_append (bytes, id, (guint) id_len);
  g_byte_array_append (bytes, (const guint8 *) &big, sizeof big);
  return bytes;
}

GBytes *
store_seal (const Secret *key, const char *table, const void *id, gsize id_len, guint64 version,
            const void *data, gsize len, GError **error)
{
  g_autoptr (GByteArray) bound = binding (table, id, id_len, version);

  return crypt_seal (key, bound->data, bound->len, data, len, error);
}

/* Want of locked memory is not damage. */
gboolean
store_explain (GError *cause, const char *table, GError **error)
{
  g_autofree char *what = NULL;

  if (!g_error_matches (cause, CRYPT_ERROR, CRYPT_ERROR_OPEN)
      && !g_error_matches (cause, CRYPT_ERROR, CRYPT_ERROR_FORMAT))
    {
      g_propagate_error (error, cause);
      return FALSE;
    }
  what = g_strdup_printf ("a value in table %s was changed or put in another's place", table);
  store_damaged (error, what);
  g_error_free (cause);
  return FALSE;
}

Secret *
store_unseal (const Secret *key, const char *table, const void *id, gsize id_len, guint64 version,
              GBytes *sealed, GError **error)
{
  g_autoptr (GByteArray) bound = binding (table, id, id_len, version);
  GError *cause = NULL;
  Secret *opened = crypt_open (key, bound->data, bound->len, g_bytes_get_data (sealed, NULL),
                               g_bytes_get_size (sealed), &cause);

  if (opened == NULL)
    store_explain (cause, table, error);
  return opened;
}

GBytes *
store_unseal_bytes (const Secret *key, const char *table, const void *id, gsize id_len,
                    guint64 version, GBytes *sealed, GError **error)
{
  g_autoptr (GByteArray) bound = binding (table, id, id_len, version);
  GError *cause = NULL;
  GBytes *opened = crypt_open_bytes (key, bound->data, bound->len, g_bytes_get_data (sealed, NULL),
                                     g_bytes_get_size (sealed), &cause);

  if (opened == NULL)
    store_explain (cause, table, error);
  return opened;
}
