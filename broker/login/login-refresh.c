/* SPDX-License-Identifier: MIT
 *
 * One refresh of one login, for all who wait for it: its parcel is made and known to the store,
 * then the token is sent, then what came for it is kept in one transaction. The same end has one
 * that an earlier broker began.
 */
#include "broker/login/login-private.h"

#include <unistd.h>

#include "broker/base/parcel.h"
#include "broker/base/text.h"
#include "broker/operation/http-workers.h"
#include "broker/provider/oauth2.h"
#include "broker/record.h"

#define AGAIN (30 * G_USEC_PER_SEC)     /* after a failure that may pass */
#define LOOK_AGAIN (G_USEC_PER_SEC / 4) /* whether an earlier broker's worker is done */

typedef struct
{
  StoreRead done;
  gpointer data;
} Joined;

struct _Refresh
{
  Logins *owner;
  Login *login;    /* NULL: dropped */
  GArray *waiters; /* of Joined */
  Exchange *exchange;
  Secret *key; /* of the parcel */
  int fd;      /* the parcel, while it is ours; or -1 */
  Deadline again;
  guint pending; /* answers of the store that are still to come */
  Login *before; /* what to go back to when the new tokens cannot be kept */
};

static void
refresh_free (Refresh *self)
{
  g_ptr_array_remove_fast (self->owner->refreshes, self);
  loop_deadline_clear (self->owner->vault->loop, &self->again);
  exchange_cancel (self->exchange);
  secret_free (self->key);
  if (self->fd >= 0)
    close (self->fd);
  g_array_unref (self->waiters);
  login_free (self->before);
  g_free (self);
}

static Refresh *
refresh_new (Logins *owner, Login *login)
{
  Refresh *self = g_new0 (Refresh, 1);

  self->owner = owner;
  self->login = login;
  self->fd = -1;
  self->waiters = g_array_new (FALSE, FALSE, sizeof (Joined));
  login->refresh = self;
  g_ptr_array_add (owner->refreshes, self);
  return self;
}

/* The store has answered. FALSE: nobody wants to know any more. */
static gboolean
is_wanted (Refresh *self)
{
  self->pending--;
  if (self->login != NULL)
    return TRUE;
  if (self->pending == 0)
    refresh_free (self);
  return FALSE;
}

/* The login is as it is now: all who wait are answered by that. */
static void
refresh_end (Refresh *self)
{
  Logins *owner = self->owner;
  Login *login = self->login;
  g_autoptr (GArray) waiters = g_array_ref (self->waiters);

  login->refresh = NULL;
  refresh_free (self);
  for (guint i = 0; i < waiters->len; i++)
    {
      const Joined *waiter = &g_array_index (waiters, Joined, i);
      login_answer (owner, login, waiter->done, waiter->data);
    }
}

void
login_refresh_drop (Login *login)
{
  Refresh *self = login->refresh;

  if (self == NULL)
    return;
  login->refresh = NULL;
  self->login = NULL;
  for (guint i = 0; i < self->waiters->len; i++)
    {
      const Joined *waiter = &g_array_index (self->waiters, Joined, i);
      GError *error = g_error_new (STORE_ERROR, STORE_ERROR_LOCKED,
                                   "%s: the login changed, or the broker was locked, while it was "
                                   "refreshed; ask again",
                                   login->secret);
      login_deny (self->owner, error, waiter->done, waiter->data);
    }
  g_array_set_size (self->waiters, 0);
  loop_deadline_clear (self->owner->vault->loop, &self->again);
  g_clear_pointer (&self->exchange, exchange_cancel);
  if (self->pending == 0)
    refresh_free (self);
}

/* ---- the end ---- */

static char *
key_name (const char *parcel)
{
  return g_strconcat (LOGIN_PARCEL_KEY, parcel, NULL);
}

/* What has no parcel any more. */
static void
forget_parcel (Refresh *self)
{
  Logins *owner = self->owner;
  g_autofree char *parcel = g_steal_pointer (&self->login->parcel);

  if (parcel == NULL)
    return;
  g_autofree char *key = key_name (parcel);
  g_autoptr (GBytes) bytes = logins_bytes (owner);
  StoreItem item = { .name = key };
  store_set_all (owner->vault->store, &item, 1, LOGIN_META, bytes, NULL, NULL);
  login_parcel_remove (parcel);
}

static void
set_trouble (Login *login, const char *message)
{
  g_free (login->trouble);
  login->trouble = g_strdup (message);
}

/* It failed: at once, if it is certain that it will not do, and else for a while. */
static void
refresh_fail (Refresh *self, const char *code, const char *message, gint64 retry_after)
{
  Login *login = self->login;
  Vault *vault = self->owner->vault;
  AuditRecord *record = record_human (vault, "token_refreshed", NULL);

  set_trouble (login, message);
  if (g_strcmp0 (code, "invalid_grant") == 0 || g_strcmp0 (code, "changed") == 0)
    login->refreshes = FALSE;
  login->not_before = loop_now () + MAX (AGAIN, retry_after * G_USEC_PER_SEC);
  if (record != NULL)
    {
      audit_record_name (record, "resource", login->secret);
      audit_record_string (record, "provider", login->provider);
      audit_record_string (record, "failed", code);
    }
  record_owe (vault, record);
  if (login->parcel != NULL)
    forget_parcel (self);
  else
    logins_save (self->owner);
  refresh_end (self);
}

static void
record_refreshed (const Refresh *self)
{
  Vault *vault = self->owner->vault;
  AuditRecord *record = record_human (vault, "token_refreshed", NULL);

  if (record == NULL)
    return;
  audit_record_name (record, "resource", self->login->secret);
  audit_record_string (record, "provider", self->login->provider);
  record_owe (vault, record);
}

/* What was not kept is in the parcel still, which the next use finds. */
static void
go_back (Refresh *self, const char *message)
{
  Login *login = self->login, *before = self->before;
  g_autofree char *trouble = g_strdup_printf ("the new tokens could not be kept: %s", message);

  login->obtained_at = before->obtained_at;
  login->expires_at = before->expires_at;
  login->parcel = g_steal_pointer (&before->parcel);
  set_trouble (login, trouble);
}

static void
on_kept (gpointer data, const GError *error)
{
  Refresh *self = data;

  if (!is_wanted (self))
    return;
  if (error != NULL)
    go_back (self, error->message);
  else
    {
      login_parcel_remove (self->before->parcel);
      record_refreshed (self);
      http_workers_retire_with (self->owner->vault->http, self->login->secret);
    }
  refresh_end (self);
}

/* The new tokens, the end of their parcel, and what the table says of them: together or not. */
static void
keep (Refresh *self, const json_t *fields, GHashTable *values, gint64 at)
{
  Login *login = self->login;
  const Secret *rotated = g_hash_table_lookup (values, "refresh_token");
  g_autofree char *name = login_refresh_name (login->secret), *key = key_name (login->parcel);
  StoreItem items[]
      = { { .name = login->secret, .value = g_hash_table_lookup (values, "access_token") },
          { .name = key },
          { .name = name, .value = rotated } };

  self->before = g_new0 (Login, 1);
  self->before->obtained_at = login->obtained_at;
  self->before->expires_at = login->expires_at;
  self->before->parcel = g_steal_pointer (&login->parcel);
  login_take_fields (login, fields, at);
  g_clear_pointer (&login->trouble, g_free);
  login->not_before = 0;
  g_autoptr (GBytes) bytes = logins_bytes (self->owner);
  self->pending++;
  store_set_all (self->owner->vault->store, items, rotated != NULL ? 3 : 2, LOGIN_META, bytes,
                 on_kept, self);
}

/* FALSE: there is nothing in it that can be kept. */
static gboolean
keep_parcel (Refresh *self, int fd, gint64 at)
{
  g_autoptr (Parcel) parcel = parcel_open (fd, self->key, NULL);

  if (parcel == NULL || g_hash_table_lookup (parcel->values, "access_token") == NULL)
    return FALSE;
  keep (self, parcel->fields, parcel->values, at);
  return TRUE;
}

/* ---- at the provider ---- */

static gint64
now_seconds (void)
{
  return g_get_real_time () / G_USEC_PER_SEC;
}

static void
on_answered (gpointer data, ExchangeOutcome *outcome)
{
  Refresh *self = data;

  self->exchange = NULL;
  if (outcome->ok && g_hash_table_lookup (outcome->values, "access_token") != NULL)
    keep (self, outcome->fields, outcome->values, now_seconds ());
  /* Who read the answer may have fallen after it put it away. */
  else if (!keep_parcel (self, self->fd, now_seconds ()))
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

  if (!is_wanted (self))
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
  ExchangeParcel parcel = { self->fd, self->key };
  self->exchange
      = exchange_begin_with (self->owner->vault, exchange, earlier, &parcel, on_answered, self);
}

/* ---- its beginning ---- */

static void
on_prepared (gpointer data, const GError *error)
{
  Refresh *self = data;

  if (!is_wanted (self))
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
  g_autofree char *id = text_random_id (20), *key = key_name (id);
  g_autoptr (GError) error = NULL;

  self->key = crypt_random_key (&error);
  if (self->key != NULL)
    self->fd = login_parcel_make (id, &error);
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

  if (!is_wanted (self))
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
  forget_parcel (self);
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

  switch (login_parcel_find (self->login->parcel, &fd, &at))
    {
    case PARCEL_BUSY:
      self->again = (Deadline){ .due = look, .data = self };
      loop_deadline_set (self->owner->vault->loop, &self->again, loop_now () + LOOK_AGAIN);
      break;
    case PARCEL_THERE:
      if (!keep_parcel (self, fd, at))
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
  g_autofree char *key = key_name (login->parcel);

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
