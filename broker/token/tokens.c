/* SPDX-License-Identifier: MIT */
#include "broker/token/tokens-private.h"

#include <string.h>

#include "broker/base/text.h"

#define ID_PREFIX "tok-"
#define ID_RANDOM 26 /* letters: 130 bits */
#define NO_KEY                                                                                     \
  "there is no key to sign tokens with (%s); a person can make one with `countersign token "       \
  "rotate`"
#define CLOCKS 0 /* seconds: who minted and who judges have one clock */

gint64
tokens_now (void)
{
  return g_get_real_time () / G_USEC_PER_SEC;
}

gint64
tokens_keep (gint64 until)
{
  gint64 left = until * G_USEC_PER_SEC - g_get_real_time ();

  return loop_now () + CLAMP (left, 0, (gint64) TOKENS_LIFE_MAX * G_USEC_PER_SEC);
}

void
tokens_wait (GArray **list, WriterDone done, gpointer data)
{
  TokenWaiter waiter = { done, data };

  if (done == NULL)
    return;
  if (*list == NULL)
    *list = g_array_new (FALSE, FALSE, sizeof waiter);
  g_array_append_val (*list, waiter);
}

void
tokens_wake (GArray **list, const GError *error)
{
  g_autoptr (GArray) woken = g_steal_pointer (list);

  for (guint i = 0; woken != NULL && i < woken->len; i++)
    {
      const TokenWaiter *waiter = &g_array_index (woken, TokenWaiter, i);
      waiter->done (waiter->data, error);
    }
}

Writer *
tokens_aside (Tokens *self)
{
  if (self->aside == NULL)
    self->aside = writer_new (NULL);
  return self->aside;
}

void
token_entry_free (TokenEntry *entry)
{
  if (entry == NULL)
    return;
  g_free (entry->id);
  g_free (entry->provider);
  g_free (entry->audience);
  g_free (entry->subject);
  g_strfreev (entry->scopes);
  g_free (entry->grant_id);
  g_free (entry->boot);
  g_free (entry->owner);
  g_free (entry);
}

static void
on_sweep (gpointer data)
{
  tokens_sweep (data);
}

static void
on_again (gpointer data)
{
  Tokens *self = data;

  if (self->voided)
    tokens_keys_void (self);
  else
    tokens_save_revoked (self);
}

static char *
boot_id (void)
{
  char *text = NULL;

  if (!g_file_get_contents ("/proc/sys/kernel/random/boot_id", &text, NULL, NULL))
    return g_strdup ("");
  return g_strstrip (text);
}

const char *
tokens_boot (const Tokens *self)
{
  return self->boot;
}

Tokens *
tokens_new (Vault *vault)
{
  Tokens *self = g_new0 (Tokens, 1);

  self->vault = vault;
  self->boot = boot_id ();
  tokens_keys_clear (self);
  self->live
      = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, (GDestroyNotify) token_entry_free);
  self->counts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->revoked = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->since = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->ended = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->sweep = (Deadline){ .due = on_sweep, .data = self };
  self->again = (Deadline){ .due = on_again, .data = self };
  return self;
}

/* What waited will not come. */
static void
give_up (Tokens *self)
{
  g_autoptr (GError) locked
      = g_error_new_literal (STORE_ERROR, STORE_ERROR_LOCKED, "the broker was locked meanwhile");

  tokens_wake (&self->want_ready, locked);
  tokens_wake (&self->want_saved, locked);
  tokens_wake (&self->want_listed, locked);
}

static void
clear (Tokens *self)
{
  self->opening++;
  self->begun = self->making = self->listed = FALSE;
  self->panic = 0;
  g_hash_table_remove_all (self->since);
  loop_deadline_clear (self->vault->loop, &self->sweep);
  tokens_keys_clear (self);
  tokens_live_clear (self);
  g_clear_pointer (&self->trouble, g_free);
  give_up (self);
}

void
tokens_free (Tokens *self)
{
  if (self == NULL)
    return;
  clear (self);
  if (self->aside != NULL)
    writer_drain (self->aside);
  g_clear_pointer (&self->aside, writer_free);
  loop_deadline_clear (self->vault->loop, &self->again);
  g_clear_pointer (&self->want_saved, g_array_unref);
  g_clear_pointer (&self->being_saved, g_array_unref);
  g_free (self->boot);
  g_ptr_array_unref (self->keys);
  g_hash_table_unref (self->live);
  g_hash_table_unref (self->counts);
  g_hash_table_unref (self->revoked);
  g_hash_table_unref (self->ended);
  g_hash_table_unref (self->since);
  g_free (self);
}

void
tokens_lock (Tokens *self)
{
  tokens_live_flush (self);
  clear (self);
  if (self->voided)
    tokens_keys_void (self); /* the disk may have room by now */
}

void
tokens_void (Tokens *self)
{
  clear (self);
  tokens_keys_void (self);
}

void
tokens_begin (Tokens *self)
{
  self->begun = TRUE;
  self->voided = FALSE;
  tokens_sweep (self);
  tokens_trail_begin (self);
  tokens_keys_begin (self);
}

gboolean
tokens_usable (const Tokens *self, GError **error)
{
  if (self->making || tokens_signer (self) != NULL)
    return TRUE;
  g_set_error (error, TOKEN_ERROR, TOKEN_ERROR_KEY, NO_KEY,
               self->trouble != NULL ? self->trouble : "the broker is locked");
  return FALSE;
}

void
tokens_when_ready (Tokens *self, WriterDone done, gpointer data)
{
  /* Not before the trail was looked through: it may say that there was a panic. */
  if (tokens_signer (self) != NULL && self->listed && !tokens_keys_change (self))
    done (data, NULL);
  else if (self->making || (self->begun && !self->listed))
    tokens_wait (&self->want_ready, done, data);
  else
    {
      g_autoptr (GError) error = NULL;
      tokens_usable (self, &error);
      done (data, error);
    }
}

void
tokens_when_listed (Tokens *self, WriterDone done, gpointer data)
{
  if (self->listed)
    done (data, NULL);
  else
    tokens_wait (&self->want_listed, done, data);
}

char *
tokens_issuer (const Tokens *self)
{
  g_autoptr (GPtrArray) issuers = providers_of_kind (self->vault->providers, PROVIDER_ISSUER);
  const char *configured
      = issuers->len > 0 ? provider_text (g_ptr_array_index (issuers, 0), "issuer") : NULL;

  return configured != NULL ? g_strdup (configured)
                            : g_strconcat ("urn:countersign:", store_id (self->vault->store), NULL);
}

char *
tokens_new_id (void)
{
  g_autofree char *random = text_random_id (ID_RANDOM);
  return g_strconcat (ID_PREFIX, random, NULL);
}

gboolean
tokens_is_id (const char *id)
{
  return g_str_has_prefix (id, ID_PREFIX) && strlen (id) == strlen (ID_PREFIX) + ID_RANDOM
         && strspn (id + strlen (ID_PREFIX), "0123456789abcdefghjkmnpqrstvwxyz") == ID_RANDOM;
}

static Secret *
sign (Tokens *self, const json_t *claims, GError **error)
{
  const OwnKey *signer = tokens_signer (self);

  if (signer != NULL)
    return token_jwt_sign (signer->key, TRUE, claims, error);
  g_set_error_literal (error, TOKEN_ERROR, TOKEN_ERROR_KEY, "there is no key to sign tokens with");
  return NULL;
}

Secret *
tokens_mint (Tokens *self, const TokenEntry *entry, GError **error)
{
  g_autofree char *issuer = tokens_issuer (self), *scope = g_strjoinv (" ", entry->scopes);
  json_int_t now = tokens_now ();
  g_autoptr (json_t) claims = json_pack (
      "{s:s, s:s, s:s, s:I, s:I, s:I, s:s, s:s, s:s}", "iss", issuer, "sub", entry->subject, "aud",
      entry->audience != NULL ? entry->audience : entry->provider, "iat", now, "nbf", now, "exp",
      (json_int_t) entry->expires_at, "jti", entry->id, "scope", scope, "provider",
      entry->provider);

  return sign (self, claims, error);
}

Secret *
tokens_mint_claims (Tokens *self, const json_t *claims, char **id, GError **error)
{
  g_autoptr (json_t) whole = json_copy ((json_t *) claims);
  g_autofree char *issuer = tokens_issuer (self), *own = tokens_new_id ();
  json_int_t now = tokens_now (), exp = json_integer_value (json_object_get (claims, "exp"));

  if (wire_string (claims, "sub") == NULL || json_object_get (claims, "aud") == NULL || exp <= now
      || exp > now + TOKENS_LIFE_MAX)
    {
      g_set_error_literal (error, TOKEN_ERROR, TOKEN_ERROR_CLAIM,
                           "a token needs sub, aud, and an exp within a day");
      return NULL;
    }
  json_object_set_new (whole, "iss", json_string (issuer));
  json_object_set_new (whole, "iat", json_integer (now));
  json_object_set_new (whole, "nbf", json_integer (now));
  json_object_set_new (whole, "jti", json_string (own));
  Secret *token = sign (self, whole, error);
  if (token != NULL)
    *id = g_steal_pointer (&own);
  return token;
}

TokenVerdict
tokens_judge (Tokens *self, const char *token, gsize len, json_t **claims)
{
  g_autofree char *issuer = tokens_issuer (self);
  g_autoptr (GPtrArray) keys = tokens_verifying (self);
  const TokenExpect expect = { .issuer = issuer, .now = tokens_now (), .leeway = CLOCKS };
  TokenVerdict verdict = token_jwt_verify (token, len, keys, &expect, claims);
  const char *id = verdict == TOKEN_GOOD ? wire_string (*claims, "jti") : NULL;

  /* What has no id could not be revoked, and is none of ours. */
  if (verdict == TOKEN_GOOD && id == NULL)
    {
      g_clear_pointer (claims, json_decref);
      return TOKEN_BAD_CLAIMS;
    }
  return id != NULL && g_hash_table_contains (self->revoked, id) ? TOKEN_REVOKED : verdict;
}

char *
tokens_id_of (Tokens *self, const char *token, gsize len)
{
  g_autoptr (GPtrArray) keys = tokens_verifying (self);
  g_autoptr (json_t) claims = NULL;
  const TokenExpect expect = { .now = tokens_now (), .leeway = TOKENS_LIFE_MAX };
  const char *id = token_jwt_verify (token, len, keys, &expect, &claims) == TOKEN_GOOD
                       ? wire_string (claims, "jti")
                       : NULL;

  return id != NULL && tokens_is_id (id) ? g_strdup (id) : NULL;
}

json_t *
tokens_published (Tokens *self)
{
  g_autofree char *issuer = tokens_issuer (self);
  g_autoptr (GPtrArray) keys = tokens_verifying (self);
  json_t *algorithms = json_array ();

  for (int i = TOKEN_NO_ALGORITHM + 1; i < TOKEN_ALGORITHMS; i++)
    for (guint k = 0; k < keys->len; k++)
      if (token_key_algorithm (g_ptr_array_index (keys, k)) == (TokenAlgorithm) i)
        {
          json_array_append_new (algorithms,
                                 json_string (token_algorithm_name ((TokenAlgorithm) i)));
          break;
        }
  return json_pack ("{s:s, s:o, s:o}", "issuer", issuer, "jwks", token_keys_json (keys),
                    "algorithms", algorithms);
}
