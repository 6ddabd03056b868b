/* SPDX-License-Identifier: MIT
 *
 * The issuer's keys in the store. Private parts are secrets of it ("key:jwt/KID"), of which there
 * is one; of those that signed before it the public part stays ("key:jwt-verify/KID"). Which of
 * them count, and how long, is the small value "token-keys": without it none does, which is what a
 * panic leaves.
 */
#include "broker/token/tokens-private.h"

#include <string.h>

#define PRIVATE "key:jwt/"
#define PUBLIC "key:jwt-verify/"

/* ---- reading ---- */

typedef struct
{
  Tokens *tokens;
  guint opening;
  TokenAlgorithm algorithm;
  gint64 made_at, until;
  char *id;
} Reading;

static void
on_key_read (gpointer data, Secret *value, const GError *error)
{
  Reading *reading = data;
  g_autoptr (TokenKey) key = NULL;

  if (value != NULL && reading->opening == reading->tokens->opening)
    key = reading->until == 0 ? token_key_read_private (reading->algorithm, value, NULL)
                              : token_key_read_public (reading->algorithm, value, NULL);
  /* One that is not what its name says verifies nothing; where it should sign, another is made. */
  if (key != NULL && g_strcmp0 (token_key_id (key), reading->id) == 0)
    tokens_keys_add (reading->tokens, g_steal_pointer (&key), reading->made_at, reading->until);
  secret_free (value);
  g_free (reading->id);
  g_free (reading);
}

void
tokens_read (Tokens *self)
{
  /* That they are void may not have come to the disk. */
  g_autoptr (json_t) rows
      = self->voided ? NULL : store_get_table (self->vault->store, TOKENS_KEYS_META, NULL);
  json_t *row;
  gsize i;

  tokens_keys_clear (self);
  json_array_foreach (rows, i, row)
  {
    Reading *reading = g_new0 (Reading, 1);
    reading->tokens = self;
    reading->opening = self->opening;
    reading->id = g_strdup (wire_string (row, "kid"));
    reading->algorithm = token_algorithm_find (wire_string (row, "algorithm"));
    reading->made_at = wire_integer (row, "made_at", 0);
    reading->until = wire_integer (row, "until", 0);
    g_autofree char *name = g_strconcat (reading->until == 0 ? PRIVATE : PUBLIC, reading->id, NULL);
    store_read_own (self->vault->store, name, on_key_read, reading);
  }
  tokens_live_read (self);
}

/* ---- writing ---- */

static GBytes *
rows_bytes (const GPtrArray *keys)
{
  g_autoptr (json_t) rows = json_array ();

  for (guint i = 0; i < keys->len; i++)
    {
      const OwnKey *own = keys->pdata[i];
      json_array_append_new (
          rows, json_pack ("{s:s, s:s, s:I, s:I}", "kid", token_key_id (own->key), "algorithm",
                           token_algorithm_name (token_key_algorithm (own->key)), "made_at",
                           (json_int_t) own->made_at, "until", (json_int_t) own->until));
    }
  return store_table_bytes (rows);
}

/* What the store is to hold: names (owned by the caller's array) and values. */
typedef struct
{
  GPtrArray *names, *values; /* char*, Secret* */
  GArray *items;             /* StoreItem */
} Change;

static void
change_add (Change *change, char *name /* taken */, Secret *value /* taken; NULL: removed */)
{
  StoreItem item = { .name = name, .value = value };

  g_ptr_array_add (change->names, name);
  if (value != NULL)
    g_ptr_array_add (change->values, value);
  g_array_append_val (change->items, item);
}

static gboolean
is_kept (const Change *change, const char *name)
{
  for (guint i = 0; i < change->items->len; i++)
    if (strcmp (g_array_index (change->items, StoreItem, i).name, name) == 0)
      return TRUE;
  return FALSE;
}

/* Each row of ours that is not among those to be written. */
static void
change_remove_others (Change *change, const Store *store, const char *prefix)
{
  g_autoptr (GPtrArray) there = store_list_own (store, prefix);

  for (guint i = 0; i < there->len; i++)
    {
      const StoreEntry *entry = there->pdata[i];
      if (!is_kept (change, entry->name))
        change_add (change, g_strdup (entry->name), NULL);
    }
}

static gboolean
change_add_key (Change *change, const OwnKey *own, GError **error)
{
  gboolean signs = own->until == 0;
  Secret *value = signs ? token_key_private (own->key, error) : token_key_public (own->key, error);

  if (value != NULL)
    change_add (change, g_strconcat (signs ? PRIVATE : PUBLIC, token_key_id (own->key), NULL),
                value);
  return value != NULL;
}

static void
change_clear (Change *change)
{
  g_array_unref (change->items);
  g_ptr_array_unref (change->names);
  g_ptr_array_unref (change->values);
}

/* @keys and nothing else, all of it or none. */
void
tokens_keys_save (Tokens *self, const GPtrArray *keys, WriterDone done, gpointer data)
{
  Store *store = self->vault->store;
  g_autoptr (GBytes) rows = rows_bytes (keys);
  g_autoptr (GError) error = NULL;
  Change change = { g_ptr_array_new_with_free_func (g_free),
                    g_ptr_array_new_with_free_func ((GDestroyNotify) secret_free),
                    g_array_new (FALSE, TRUE, sizeof (StoreItem)) };
  gboolean whole = TRUE;

  for (guint i = 0; whole && i < keys->len; i++)
    whole = change_add_key (&change, keys->pdata[i], &error);
  if (whole)
    {
      change_remove_others (&change, store, PRIVATE);
      change_remove_others (&change, store, PUBLIC);
      store_set_all (store, (const StoreItem *) (gpointer) change.items->data, change.items->len,
                     TOKENS_KEYS_META, rows, done, data);
    }
  change_clear (&change);
  if (!whole)
    done (data, error);
}
