/* SPDX-License-Identifier: MIT
 *
 * A refresh: its parcel is made and known to the store, then the token is sent, and what comes for
 * it is kept. What an earlier broker began in this way comes to the same end.
 */
#include "broker/login/login-refresh-private.h"

#include <unistd.h>

#include "broker/base/crypt.h"
#include "broker/base/text.h"
#include "broker/provider/oauth2.h"

#define LOOK_AGAIN (G_USEC_PER_SEC / 4) /* whether an earlier broker's worker is done */

/* ---- at the provider ---- */

static void
on_answered (gpointer data, ExchangeOutcome *outcome)
{
  Refresh *self = data;

  self->exchange = NULL;
  if (outcome->ok && g_hash_table_lookup (outcome->values, "access_token") != NULL)
    refresh_keep (self, outcome->fields, outcome->values, self->asked_at);
  /* Who read the answer may have fallen after it put it away. */
  else if (!refresh_keep_parcel (self, self->fd, self->asked_at))
    refresh_fail (self, outcome->ok ? "answer" : outcome->code,
                  outcome->ok ? "the provider's answer has no access token" : outcome->message,
                  outcome->retry_after);
}

/* NULL: it must not be sent any more, and that has been told. */
static ProviderExchange *
make_exchange (Refresh *self)
{
  Login *login = self->login;
  const Provider *provider = providers_find (self->owner->vault->providers, login->provider);
  g_autofree char *setup = provider != NULL ? login_setup (provider) : NULL;
  g_autoptr (GError) error = NULL;

  if (g_strcmp0 (setup, login->setup) != 0)
    {
      refresh_fail (self, "changed",
                    "the provider was set up otherwise since, and what this login has is not sent "
                    "there",
                    0);
      return NULL;
    }
  ProviderExchange *exchange = oauth2_refresh (provider, login->metadata, NULL, &error);
  if (exchange == NULL)
    refresh_fail (self, "changed", error->message, 0);
  return exchange;
}

static void
on_token (gpointer data, Secret *value, const GError *error)
{
  Refresh *self = data;
  g_autoptr (Secret) token = value;

  if (!refresh_is_wanted (self))
    return;
  if (error != NULL)
    {
      refresh_fail (self, "store", error->message, 0);
      return;
    }
  g_autoptr (ProviderExchange) exchange = make_exchange (self);
  if (exchange == NULL)
    return;
  g_autoptr (GHashTable) earlier
      = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, (GDestroyNotify) secret_free);
  g_hash_table_insert (earlier, (gpointer) "refresh_token", g_steal_pointer (&token));
  self->asked_at = g_get_real_time () / G_USEC_PER_SEC;
  ExchangeParcel parcel = { self->fd, self->key };
  self->exchange
      = exchange_begin_with (self->owner->vault, exchange, earlier, &parcel, on_answered, self);
}

/* ---- its beginning ---- */

static void
on_prepared (gpointer data, const GError *error)
{
  Refresh *self = data;

  if (!refresh_is_wanted (self))
    return;
  if (error != NULL)
    {
      refresh_fail (self, "store", error->message, 0);
      return;
    }
  g_autofree char *name = login_refresh_name (self->login->secret);
  self->pending++;
  store_read (self->owner->vault->store, name, on_token, self);
}

static void
prepare (Refresh *self)
{
  Login *login = self->login;
  Logins *owner = self->owner;
  g_autofree char *id = text_random_id (20), *key = refresh_key_name (id);
  g_autoptr (GError) error = NULL;

  self->key = crypt_random_key (&error);
  if (self->key != NULL)
    self->fd = login_parcel_make (owner->vault->store, id, &error);
  if (self->fd < 0)
    {
      refresh_fail (self, "store", error->message, 0);
      return;
    }
  login->parcel = g_steal_pointer (&id);
  g_autoptr (GBytes) bytes = logins_bytes (owner);
  StoreItem item = { .name = key, .value = self->key };
  self->pending++;
  store_set_all (owner->vault->store, &item, 1, LOGIN_META, bytes, on_prepared, self);
}

/* ---- what an earlier broker began ---- */

static void look (gpointer data);

static void
on_key (gpointer data, Secret *value, const GError *error)
{
  Refresh *self = data;
  g_autoptr (Secret) key = value;

  if (!refresh_is_wanted (self))
    return;
  self->key = g_steal_pointer (&key);
  if (self->key != NULL)
    look (self);
  else
    refresh_fail (self, "store", error->message, 0);
}

/* Nothing came of it: what the login has is still what it had. */
static void
begin_anew (Refresh *self)
{
  refresh_forget_parcel (self);
  g_clear_pointer (&self->key, secret_free);
  if (login_wants_refresh (self->login))
    prepare (self);
  else
    refresh_end (self);
}

static void
look (gpointer data)
{
  Refresh *self = data;
  gint64 at = 0;
  int fd = -1;

  switch (login_parcel_find (self->owner->vault->store, self->login->parcel, &fd, &at))
    {
    case PARCEL_BUSY:
      self->again = (Deadline){ .due = look, .data = self };
      loop_deadline_set (self->owner->vault->loop, &self->again, loop_now () + LOOK_AGAIN);
      break;
    case PARCEL_THERE:
      if (!refresh_keep_parcel (self, fd, at))
        begin_anew (self);
      close (fd);
      break;
    case PARCEL_NONE:
    default:
      begin_anew (self);
      break;
    }
}

void
login_recover (Logins *owner, Login *login)
{
  Refresh *self = refresh_new (owner, login);
  g_autofree char *key = refresh_key_name (login->parcel);

  self->pending++;
  store_read_own (owner->vault->store, key, on_key, self);
}

void
login_refresh (Logins *owner, Login *login, StoreRead done, gpointer data)
{
  Joined waiter = { done, data };
  gboolean begin = login->refresh == NULL;

  if (begin && login->parcel != NULL)
    {
      login_recover (owner, login);
      begin = FALSE;
    }
  else if (begin)
    refresh_new (owner, login);
  g_array_append_val (login->refresh->waiters, waiter);
  if (begin)
    prepare (login->refresh); /* may be its end */
}
