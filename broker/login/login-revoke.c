/* SPDX-License-Identifier: MIT
 *
 * Tokens go back to who issued them (RFC 7009): those of a login that ends, and those that came, or
 * are coming, for a login that nobody waits for any more.
 */
#include "broker/login/login-private.h"

#include "broker/provider/oauth2.h"

struct _Revoking
{
  Logins *owner;
  Providers *providers; /* that @provider is of: a lock forgets the accepted ones */
  const Provider *provider;
  json_t *metadata;
  GHashTable *tokens; /* char* → Secret */
  guint next;
  char *trouble; /* the first one */
  Exchange *exchange;
  LoginRevoked done; /* or NULL */
  gpointer data;
};

/* The refresh token first: with it, most servers take back all that came of it. */
static const char *const hints[] = { "refresh_token", "access_token" };

void
revoking_free (gpointer data)
{
  Revoking *self = data;

  g_clear_pointer (&self->exchange, exchange_cancel);
  g_clear_pointer (&self->tokens, g_hash_table_unref);
  providers_unref (self->providers);
  json_decref (self->metadata);
  g_free (self->trouble);
  g_free (self);
}

static void
finish (Revoking *self)
{
  if (self->done != NULL)
    self->done (self->data, self->trouble);
  g_ptr_array_remove_fast (self->owner->revokings, self);
}

static void revoke_next (Revoking *self);

static void
on_revoked (gpointer data, ExchangeOutcome *outcome)
{
  Revoking *self = data;

  self->exchange = NULL;
  if (!outcome->ok && self->trouble == NULL)
    self->trouble = g_strdup (outcome->message);
  self->next++;
  revoke_next (self);
}

static void
send_one (Revoking *self, const char *hint)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ProviderExchange) exchange
      = oauth2_revoke (self->provider, self->metadata, hint, &error);
  Secret *token = secret_copy (g_hash_table_lookup (self->tokens, hint), NULL);

  if (exchange == NULL || token == NULL)
    {
      secret_free (token);
      g_free (self->trouble);
      self->trouble = g_strdup (error != NULL      ? error->message
                                : exchange == NULL ? "it offers no way to do so"
                                                   : "there is no room for the token now");
      finish (self);
      return;
    }
  g_autoptr (GHashTable) earlier
      = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, (GDestroyNotify) secret_free);
  g_hash_table_insert (earlier, (gpointer) "token", token);
  self->exchange = exchange_begin (self->owner->vault, exchange, earlier, on_revoked, self);
}

static void
revoke_next (Revoking *self)
{
  while (self->next < G_N_ELEMENTS (hints)
         && g_hash_table_lookup (self->tokens, hints[self->next]) == NULL)
    self->next++;
  if (self->next < G_N_ELEMENTS (hints))
    send_one (self, hints[self->next]);
  else
    finish (self);
}

static Revoking *
revoking_new (Logins *owner, Providers *providers, const Provider *provider, json_t *metadata)
{
  Revoking *self = g_new0 (Revoking, 1);

  self->owner = owner;
  self->providers = providers_ref (providers);
  self->provider = provider;
  self->metadata = json_incref (metadata);
  g_ptr_array_add (owner->revokings, self);
  return self;
}

void
login_revoke (Logins *owner, Providers *providers, const Provider *provider, json_t *metadata,
              GHashTable *tokens, LoginRevoked done, gpointer data)
{
  Revoking *self = revoking_new (owner, providers, provider, metadata);

  self->tokens = g_hash_table_ref (tokens);
  self->done = done;
  self->data = data;
  revoke_next (self);
}

static void
on_issued (gpointer data, ExchangeOutcome *outcome)
{
  Revoking *self = data;

  self->exchange = NULL;
  if (!outcome->ok)
    {
      finish (self);
      return;
    }
  self->tokens = g_hash_table_ref (outcome->values);
  revoke_next (self);
}

void
login_revoke_issued (Logins *owner, Providers *providers, const Provider *provider,
                     json_t *metadata, Exchange *exchange)
{
  Revoking *self = revoking_new (owner, providers, provider, metadata);

  self->exchange = exchange;
  exchange_hand_over (exchange, on_issued, self);
}
