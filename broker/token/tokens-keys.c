/* SPDX-License-Identifier: MIT
 *
 * The issuer's keys. Private parts are secrets of the store ("key:jwt/KID"), of which there is one;
 * of those that signed before it the public part stays ("key:jwt-verify/KID"). Which of them count,
 * and how long, is the small value "token-keys": without it none does, which is what a panic
 * leaves.
 */
#include "broker/token/tokens-private.h"

#include <string.h>

#include "broker/base/text.h"
#include "broker/record.h"

#define META "token-keys"
#define PRIVATE "key:jwt/"
#define PUBLIC "key:jwt-verify/"
#define AGAIN (5 * G_USEC_PER_SEC)

static void
own_key_free (gpointer data)
{
  OwnKey *own = data;

  token_key_unref (own->key);
  g_free (own);
}

static void
add_key (Tokens *self, TokenKey *key /* taken */, gint64 made_at, gint64 until)
{
  OwnKey *own = g_new0 (OwnKey, 1);

  own->key = key;
  own->made_at = made_at;
  own->until = until;
  g_ptr_array_add (self->keys, own);
}

void
tokens_keys_clear (Tokens *self)
{
  g_clear_pointer (&self->keys, g_ptr_array_unref);
  self->keys = g_ptr_array_new_with_free_func (own_key_free);
}

const OwnKey *
tokens_signer (const Tokens *self)
{
  for (guint i = 0; i < self->keys->len; i++)
    if (((OwnKey *) self->keys->pdata[i])->until == 0)
      return self->keys->pdata[i];
  return NULL;
}

GPtrArray *
tokens_verifying (const Tokens *self)
{
  GPtrArray *keys = token_keys_new ();
  gint64 now = tokens_now ();

  for (guint i = 0; i < self->keys->len; i++)
    {
      const OwnKey *own = self->keys->pdata[i];
      if (own->until == 0 || own->until > now)
        g_ptr_array_add (keys, token_key_ref (own->key));
    }
  return keys;
}

json_t *
tokens_list_keys (const Tokens *self)
{
  json_t *list = json_array ();

  for (guint i = 0; i < self->keys->len; i++)
    {
      const OwnKey *own = self->keys->pdata[i];
      g_autofree char *made = text_format_time (own->made_at * G_USEC_PER_SEC);
      g_autofree char *until
          = own->until != 0 ? text_format_time (own->until * G_USEC_PER_SEC) : NULL;
      json_array_append_new (
          list,
          json_pack ("{s:s, s:s, s:s, s:s, s:s*}", "kid", token_key_id (own->key), "algorithm",
                     token_algorithm_name (token_key_algorithm (own->key)), "made_at", made,
                     "state", own->until == 0 ? "signs" : "verifies", "until", until));
    }
  return list;
}

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
    add_key (reading->tokens, g_steal_pointer (&key), reading->made_at, reading->until);
  secret_free (value);
  g_free (reading->id);
  g_free (reading);
}

static json_t *
load (Vault *vault)
{
  g_autoptr (GBytes) bytes = store_get_meta (vault->store, META);
  gsize len = 0;
  const char *text = bytes != NULL ? g_bytes_get_data (bytes, &len) : NULL;

  return text != NULL ? json_loadb (text, len, JSON_REJECT_DUPLICATES, NULL) : NULL;
}

void
tokens_read (Tokens *self)
{
  /* That they are void may not have come to the disk. */
  g_autoptr (json_t) rows = self->voided ? NULL : load (self->vault);
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
  char *text = json_dumps (rows, JSON_COMPACT);
  GBytes *bytes = g_bytes_new (text, strlen (text));
  free (text);
  return bytes;
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
static void
save_keys (Tokens *self, const GPtrArray *keys, WriterDone done, gpointer data)
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
                     META, rows, done, data);
    }
  change_clear (&change);
  if (!whole)
    done (data, error);
}

/* What the trail knows to be void. */
static void
drop_void (Tokens *self)
{
  for (guint i = self->keys->len; i > 0; i--)
    {
      const OwnKey *own = self->keys->pdata[i - 1];
      if (own->made_at <= self->panic
          && !g_hash_table_contains (self->since, token_key_id (own->key)))
        g_ptr_array_remove_index (self->keys, i - 1);
    }
}

/* ---- making ---- */

typedef struct
{
  Tokens *tokens;
  guint opening;
  TokenAlgorithm algorithm;
  TokenKey *fresh;
  GPtrArray *keys; /* as they will be */
  Process *caller; /* NULL: the broker itself */
  WriterDone done;
  gpointer data;
} Making;

static void
making_free (Making *making)
{
  token_key_unref (making->fresh);
  g_clear_pointer (&making->keys, g_ptr_array_unref);
  g_clear_pointer (&making->caller, process_unref);
  g_free (making);
}

void
tokens_keys_wake (Tokens *self)
{
  g_autoptr (GError) error = NULL;

  if (self->making || !self->listed)
    return;
  tokens_usable (self, &error);
  tokens_wake (&self->want_ready, error);
}

static void
finish (Making *making, const GError *error)
{
  Tokens *self = making->tokens;
  gboolean current = making->opening == self->opening;

  if (current)
    {
      self->making = FALSE;
      g_free (self->trouble);
      self->trouble = error != NULL ? g_strdup (error->message) : NULL;
    }
  if (making->done != NULL)
    making->done (making->data, error);
  if (current)
    tokens_keys_wake (self);
  making_free (making);
  if (current && error == NULL)
    tokens_follow (self); /* what was accepted meanwhile may want another */
}

static void
on_saved (gpointer data, const GError *error)
{
  Making *making = data;
  Tokens *self = making->tokens;
  g_autoptr (GError) locked = NULL;

  if (error == NULL && making->opening != self->opening)
    error = locked
        = g_error_new_literal (STORE_ERROR, STORE_ERROR_LOCKED, "the broker was locked meanwhile");
  if (error == NULL)
    {
      AuditRecord *record = record_human (self->vault, "token_key_made", making->caller);
      audit_record_string (record, "kid", token_key_id (making->fresh));
      audit_record_string (record, "algorithm",
                           token_algorithm_name (token_key_algorithm (making->fresh)));
      record_owe (self->vault, record);
      g_ptr_array_unref (self->keys);
      self->keys = g_steal_pointer (&making->keys);
      g_hash_table_add (self->since, g_strdup (token_key_id (making->fresh)));
      drop_void (self);
    }
  finish (making, error);
}

/* The keys as they are with @fresh signing: who signed until now verifies for as long as what it
 * signed a moment ago may live. */
static GPtrArray *
with_fresh (const Tokens *self, TokenKey *fresh)
{
  GPtrArray *keys = g_ptr_array_new_with_free_func (own_key_free);
  gint64 now = tokens_now ();

  for (guint i = 0; i < self->keys->len; i++)
    {
      const OwnKey *own = self->keys->pdata[i];
      if (own->until != 0 && own->until <= now)
        continue;
      OwnKey *kept = g_memdup2 (own, sizeof *own);
      token_key_ref (kept->key);
      if (kept->until == 0)
        kept->until = now + TOKENS_LIFE_MAX;
      g_ptr_array_add (keys, kept);
    }
  OwnKey *own = g_new0 (OwnKey, 1);
  own->key = token_key_ref (fresh);
  own->made_at = now;
  g_ptr_array_insert (keys, 0, own);
  return keys;
}

static gboolean
run_generate (gpointer data, GError **error)
{
  Making *making = data;
  making->fresh = token_key_generate (making->algorithm, error);
  return making->fresh != NULL;
}

static void
on_generated (gpointer data, const GError *error)
{
  Making *making = data;
  Tokens *self = making->tokens;
  g_autoptr (GError) locked = NULL;

  if (error == NULL && making->opening != self->opening)
    error = locked
        = g_error_new_literal (STORE_ERROR, STORE_ERROR_LOCKED, "the broker was locked meanwhile");
  if (error != NULL)
    {
      finish (making, error);
      return;
    }
  making->keys = with_fresh (self, making->fresh);
  save_keys (self, making->keys, on_saved, making);
}

/* An EC key is made in no time; an RSA key takes long enough for others to notice. */
static void
make_key (Tokens *self, TokenAlgorithm algorithm, const Process *caller, WriterDone done,
          gpointer data)
{
  Making *making = g_new0 (Making, 1);
  g_autoptr (GError) error = NULL;

  making->tokens = self;
  making->opening = self->opening;
  making->algorithm = algorithm;
  making->caller = caller != NULL ? process_ref ((Process *) caller) : NULL;
  making->done = done;
  making->data = data;
  self->making = TRUE;
  if (algorithm == TOKEN_RS256)
    writer_push (tokens_aside (self), NULL, run_generate, on_generated, making);
  else
    {
      run_generate (making, &error);
      on_generated (making, error);
    }
}

static TokenAlgorithm
wanted (const Tokens *self)
{
  g_autoptr (GPtrArray) issuers = providers_of_kind (self->vault->providers, PROVIDER_ISSUER);
  const char *name
      = issuers->len > 0 ? provider_text (g_ptr_array_index (issuers, 0), "algorithm") : NULL;

  return name != NULL ? token_algorithm_find (name) : TOKEN_ES256;
}

void
tokens_keys_begin (Tokens *self)
{
  if (tokens_signer (self) == NULL)
    make_key (self, wanted (self), NULL, NULL, NULL);
  else
    tokens_follow (self);
}

static gboolean
is_other (const Tokens *self)
{
  const OwnKey *signer = tokens_signer (self);

  return signer != NULL && token_key_algorithm (signer->key) != wanted (self);
}

gboolean
tokens_keys_change (const Tokens *self)
{
  return self->making && is_other (self);
}

void
tokens_follow (Tokens *self)
{
  if (self->begun && !self->making && is_other (self))
    make_key (self, wanted (self), NULL, NULL, NULL);
}

void
tokens_rotate (Tokens *self, const Process *caller, WriterDone done, gpointer data)
{
  g_autoptr (GError) busy = NULL;

  if (!self->making)
    {
      make_key (self, wanted (self), caller, done, data);
      return;
    }
  busy = g_error_new_literal (SECRET_ERROR, SECRET_ERROR_FULL,
                              "a key is being made already; try again");
  done (data, busy);
}

/* ---- panic ---- */

static void
on_voided (gpointer data, const GError *error)
{
  Tokens *self = data;

  if (error == NULL)
    self->voided = FALSE;
  else if (self->voided)
    loop_deadline_set (self->vault->loop, &self->again, loop_now () + AGAIN);
}

void
tokens_keys_void (Tokens *self)
{
  if (self->vault->store == NULL)
    return; /* there was never a key */
  self->voided = TRUE;
  store_put_meta (self->vault->store, META, NULL, on_voided, self);
}

void
tokens_keys_distrust (Tokens *self, gint64 time)
{
  self->panic = time;
  drop_void (self);
  if (tokens_signer (self) == NULL && !self->making)
    make_key (self, wanted (self), NULL, NULL, NULL);
}
