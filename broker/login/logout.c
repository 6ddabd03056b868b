/* SPDX-License-Identifier: MIT */
#include "broker/login/logout.h"

#include "broker/login/login-refresh-private.h"
#include "broker/dispatch/http-workers.h"
#include "broker/record.h"

typedef struct
{
  Vault *vault;
  char *secret, *provider, *setup;
  json_t *metadata;
  GHashTable *tokens; /* char* → Secret */
  guint next;
  char *trouble; /* why the provider did not take them back */
  LogoutDone done;
  gpointer data;
} Logout;

static const char *const names[] = { "refresh_token", "access_token" };

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
            ? g_strdup_printf ("Logged out of %s, which takes its tokens back.", self->provider)
            : g_strdup_printf ("%s was removed here; %s did not take its tokens back, which are "
                               "good there until they end or somebody ends them there: %s",
                               self->secret, self->provider, self->trouble);

  self->done (self->data, revoked, message, error);
  logout_free (self);
}

static void
on_revoked (gpointer data, const char *trouble)
{
  Logout *self = data;

  self->trouble = g_strdup (trouble);
  finish (self, NULL);
}

/* The provider as it was when the login was made, or NULL: what the login had goes to nobody else.
 */
static const Provider *
same_provider (const Logout *self)
{
  const Provider *provider = providers_find (self->vault->providers, self->provider);
  g_autofree char *setup = provider != NULL ? login_setup (provider) : NULL;

  return g_strcmp0 (setup, self->setup) == 0 ? provider : NULL;
}

static void
tell_provider (Logout *self)
{
  const Provider *provider = same_provider (self);

  if (provider != NULL)
    login_revoke (self->vault->logins, self->vault->providers, provider, self->metadata,
                  self->tokens, on_revoked, self);
  else
    on_revoked (self, "the provider was set up otherwise since");
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
    tell_provider (self);
}

/* It may be renewed just now: what comes of that goes back as well, and its parcel with its key.
 * g_free() what is returned: the name of that key, or NULL. */
static char *
end_login (Logout *self, Login *login)
{
  Logins *logins = self->vault->logins;
  const Provider *provider = same_provider (self);
  char *key = login->parcel != NULL ? refresh_key_name (login->parcel) : NULL;

  if (login->refresh != NULL && login->refresh->exchange != NULL && provider != NULL)
    login_revoke_issued (logins, self->vault->providers, provider, self->metadata,
                         g_steal_pointer (&login->refresh->exchange));
  if (login->parcel != NULL)
    login_parcel_remove (self->vault->store, login->parcel);
  logins_remove (logins, login);
  return key;
}

static void
remove_all (Logout *self)
{
  Logins *logins = self->vault->logins;
  Login *login = logins_find (logins, self->secret);
  g_autofree char *refresh = login_refresh_name (self->secret);
  g_autofree char *key = login != NULL ? end_login (self, login) : NULL;
  StoreItem items[] = { { .name = self->secret }, { .name = refresh }, { .name = key } };
  g_autoptr (GBytes) bytes = logins_bytes (logins);

  for (gsize i = 0; i < 2; i++)
    grants_end_for (self->vault->grants, OPERATION_GET_SECRET, items[i].name, "revoked");
  store_set_all (self->vault->store, items, key != NULL ? 3 : 2, LOGIN_META, bytes, on_removed,
                 self);
}

/* ---- what is to be taken back is read before it is removed ---- */

static void read_next (Logout *self);

static void
on_token (gpointer data, Secret *value, const GError *error)
{
  Logout *self = data;

  if (value != NULL)
    g_hash_table_insert (self->tokens, (gpointer) names[self->next], value);
  self->next++;
  read_next (self);
}

static void
read_next (Logout *self)
{
  g_autofree char *refresh = login_refresh_name (self->secret);

  if (self->next < G_N_ELEMENTS (names))
    {
      store_read (self->vault->store, self->next == 0 ? refresh : self->secret, on_token, self);
      return;
    }
  self->next = 0;
  remove_all (self);
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
