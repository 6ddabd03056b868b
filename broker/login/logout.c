/* SPDX-License-Identifier: MIT */
#include "broker/login/logout.h"

#include "broker/login/login-private.h"
#include "broker/operation/http-workers.h"
#include "broker/provider/oauth2.h"
#include "broker/record.h"

typedef struct
{
  Vault *vault;
  char *secret, *provider, *setup;
  json_t *metadata;
  GHashTable *tokens; /* hint → Secret */
  guint next;
  char *trouble; /* the first one */
  gboolean refused, none;
  LogoutDone done;
  gpointer data;
} Logout;

/* The refresh token first: with it, most servers take back all that came of it. */
static const char *const hints[] = { "refresh_token", "access_token" };

static void
logout_free (Logout *self)
{
  g_hash_table_unref (self->tokens);
  json_decref (self->metadata);
  g_free (self->secret);
  g_free (self->provider);
  g_free (self->setup);
  g_free (self->trouble);
  g_free (self);
}

static void
finish (Logout *self, const GError *error)
{
  gboolean revoked = error == NULL && self->trouble == NULL;
  g_autofree char *message
      = revoked
            ? g_strdup_printf ("logged out of %s, which takes its tokens back", self->provider)
            : g_strdup_printf ("%s was removed here; %s did not take its tokens back, which are "
                               "good there until they end or somebody ends them there: %s",
                               self->secret, self->provider, self->trouble);

  self->done (self->data, revoked, message, error);
  logout_free (self);
}

static void revoke_next (Logout *self);

static void
on_revoked (gpointer data, ExchangeOutcome *outcome)
{
  Logout *self = data;

  if (!outcome->ok && self->trouble == NULL)
    self->trouble = g_strdup (outcome->message);
  self->next++;
  revoke_next (self);
}

/* NULL: there is nobody to be told. */
static ProviderExchange *
make_exchange (Logout *self, const char *hint)
{
  const Provider *provider = providers_find (self->vault->providers, self->provider);
  g_autofree char *setup = provider != NULL ? login_setup (provider) : NULL;
  g_autoptr (GError) error = NULL;
  ProviderExchange *exchange = NULL;

  if (g_strcmp0 (setup, self->setup) != 0)
    self->trouble = g_strdup ("the provider was set up otherwise since");
  else if ((exchange = oauth2_revoke (provider, self->metadata, hint, &error)) == NULL)
    self->trouble = g_strdup (error != NULL ? error->message : "it offers no way to do so");
  return exchange;
}

static void
revoke_next (Logout *self)
{
  while (self->next < G_N_ELEMENTS (hints)
         && g_hash_table_lookup (self->tokens, hints[self->next]) == NULL)
    self->next++;
  g_autoptr (ProviderExchange) exchange
      = self->next < G_N_ELEMENTS (hints) && self->vault->state == VAULT_UNLOCKED
            ? make_exchange (self, hints[self->next])
            : NULL;
  if (exchange == NULL)
    {
      finish (self, NULL);
      return;
    }
  g_autoptr (GHashTable) earlier
      = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, (GDestroyNotify) secret_free);
  g_hash_table_insert (earlier, (gpointer) "token",
                       secret_copy (g_hash_table_lookup (self->tokens, hints[self->next]), NULL));
  exchange_begin (self->vault, exchange, earlier, on_revoked, self);
}

static void
on_removed (gpointer data, const GError *error)
{
  Logout *self = data;

  http_workers_retire_with (self->vault->http, self->secret);
  if (error != NULL)
    {
      logins_open (self->vault->logins, NULL); /* the table is again what is there */
      finish (self, error);
    }
  else
    revoke_next (self);
}

static void
remove_both (Logout *self)
{
  Logins *logins = self->vault->logins;
  Login *login = logins_find (logins, self->secret);
  g_autofree char *refresh = login_refresh_name (self->secret);
  StoreItem items[] = { { .name = self->secret }, { .name = refresh } };

  if (login != NULL)
    logins_remove (logins, login);
  g_autoptr (GBytes) bytes = logins_bytes (logins);
  for (gsize i = 0; i < G_N_ELEMENTS (items); i++)
    grants_end_for (self->vault->grants, OPERATION_GET_SECRET, items[i].name, "revoked");
  store_set_all (self->vault->store, items, G_N_ELEMENTS (items), LOGIN_META, bytes, on_removed,
                 self);
}

/* ---- what is to be taken back is read before it is removed ---- */

static void read_next (Logout *self);

static void
on_token (gpointer data, Secret *value, const GError *error)
{
  Logout *self = data;

  if (value != NULL)
    g_hash_table_insert (self->tokens, (gpointer) hints[self->next], value);
  self->next++;
  read_next (self);
}

static void
read_next (Logout *self)
{
  g_autofree char *refresh = login_refresh_name (self->secret);

  if (self->next < G_N_ELEMENTS (hints))
    {
      store_read (self->vault->store, self->next == 0 ? refresh : self->secret, on_token, self);
      return;
    }
  self->next = 0;
  remove_both (self);
}

void
logout_begin (Vault *vault, const char *secret, LogoutDone done, gpointer data)
{
  const Login *login = logins_find (vault->logins, secret);
  Logout *self = g_new0 (Logout, 1);

  self->vault = vault;
  self->secret = g_strdup (secret);
  self->provider = g_strdup (login->provider);
  self->setup = g_strdup (login->setup);
  self->metadata = json_incref (login->metadata);
  self->tokens
      = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, (GDestroyNotify) secret_free);
  self->done = done;
  self->data = data;
  read_next (self);
}
