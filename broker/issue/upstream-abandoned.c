/* SPDX-License-Identifier: MIT */
#include "broker/issue/upstream-abandoned.h"

typedef struct
{
  GPtrArray *list; /* that this is in */
  Vault *vault;
  Exchange *exchange;
  Providers *providers; /* that @provider is of: a lock forgets the accepted ones */
  const Provider *provider;
  char *grant_id;
} Abandoned;

static void
abandoned_free (gpointer data)
{
  Abandoned *self = data;

  g_clear_pointer (&self->exchange, exchange_cancel);
  providers_unref (self->providers);
  g_free (self->grant_id);
  g_free (self);
}

GPtrArray *
abandoned_new (void)
{
  return g_ptr_array_new_with_free_func (abandoned_free);
}

/* Whether it went well or not: while locked there is no store to try again from. */
static void
on_tried (gpointer data, ExchangeOutcome *outcome)
{
  Abandoned *self = data;

  self->exchange = NULL;
  g_ptr_array_remove_fast (self->list, self);
}

static void
try_once (Abandoned *self, const ExchangeOutcome *outcome)
{
  const ProviderModule *module = provider_module (provider_kind (self->provider));
  g_autoptr (ProviderExchange) exchange = module->revoke (self->provider, outcome->fields);

  if (exchange != NULL)
    self->exchange = exchange_begin (self->vault, exchange, outcome->values, on_tried, self);
  else
    g_ptr_array_remove_fast (self->list, self);
}

static void
on_kept (gpointer data, const GError *error)
{
}

static void
on_issued (gpointer data, ExchangeOutcome *outcome)
{
  Abandoned *self = data;
  const Secret *token = outcome->ok ? g_hash_table_lookup (outcome->values, "token") : NULL;

  self->exchange = NULL;
  if (token != NULL && self->vault->state != VAULT_UNLOCKED)
    {
      try_once (self, outcome);
      return;
    }
  /* Its grant has ended, or ends now with the token kept under it. */
  if (token != NULL)
    upstream_keep (self->vault->upstream, self->grant_id, self->provider, outcome->fields, token,
                   on_kept, NULL);
  g_ptr_array_remove_fast (self->list, self);
}

void
abandoned_add (GPtrArray *list, Vault *vault, Exchange *exchange, Providers *providers,
               const Provider *provider, const char *grant_id)
{
  Abandoned *self = g_new0 (Abandoned, 1);

  *self = (Abandoned){ .list = list,
                       .vault = vault,
                       .exchange = exchange,
                       .providers = providers_ref (providers),
                       .provider = provider,
                       .grant_id = g_strdup (grant_id) };
  exchange_hand_over (exchange, on_issued, self);
  g_ptr_array_add (list, self);
}
