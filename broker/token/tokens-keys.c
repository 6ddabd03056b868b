/* SPDX-License-Identifier: MIT
 *
 * The issuer's keys: which there are, and how another comes to be the one that signs.
 */
#include "broker/token/tokens-private.h"

#include <string.h>

#include "broker/base/text.h"
#include "broker/record.h"

#define AGAIN (5 * G_USEC_PER_SEC)

static void
own_key_free (gpointer data)
{
  OwnKey *own = data;

  token_key_unref (own->key);
  g_free (own);
}

void
tokens_keys_add (Tokens *self, TokenKey *key /* taken */, gint64 made_at, gint64 until)
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
  tokens_keys_save (self, making->keys, on_saved, making);
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
  store_put_meta (self->vault->store, TOKENS_KEYS_META, NULL, on_voided, self);
}

void
tokens_keys_distrust (Tokens *self, gint64 time)
{
  self->panic = time;
  drop_void (self);
  if (tokens_signer (self) == NULL && !self->making)
    make_key (self, wanted (self), NULL, NULL, NULL);
}
