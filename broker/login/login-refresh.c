/* SPDX-License-Identifier: MIT
 *
 * One refresh of one login, for all who wait for it: its parcel is made and known to the store,
 * then the token is sent, then what came for it is kept in one transaction. The same end has one
 * that an earlier broker began.
 */
#include "broker/login/login-refresh-private.h"

#include <unistd.h>

#include "broker/base/parcel.h"
#include "broker/dispatch/http-workers.h"
#include "broker/record.h"

#define AGAIN (30 * G_USEC_PER_SEC) /* after a failure that may pass */

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

Refresh *
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
gboolean
refresh_is_wanted (Refresh *self)
{
  self->pending--;
  if (self->login != NULL)
    return TRUE;
  if (self->pending == 0)
    refresh_free (self);
  return FALSE;
}

/* The login is as it is now: all who wait are answered by that. */
void
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

char *
refresh_key_name (const char *parcel)
{
  return g_strconcat (LOGIN_PARCEL_KEY, parcel, NULL);
}

/* What has no parcel any more. */
void
refresh_forget_parcel (Refresh *self)
{
  Logins *owner = self->owner;
  g_autofree char *parcel = g_steal_pointer (&self->login->parcel);

  if (parcel == NULL)
    return;
  g_autofree char *key = refresh_key_name (parcel);
  g_autoptr (GBytes) bytes = logins_bytes (owner);
  StoreItem item = { .name = key };
  store_set_all (owner->vault->store, &item, 1, LOGIN_META, bytes, NULL, NULL);
  login_parcel_remove (owner->vault->store, parcel);
}

static void
set_trouble (Login *login, const char *message)
{
  g_free (login->trouble);
  login->trouble = g_strdup (message != NULL && *message != '\0' ? message : "it is not known why");
}

/* It failed: at once, if it is certain that it will not do, and else for a while. */
void
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
    refresh_forget_parcel (self);
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

  if (!refresh_is_wanted (self))
    return;
  if (error != NULL)
    go_back (self, error->message);
  else
    {
      login_parcel_remove (self->owner->vault->store, self->before->parcel);
      record_refreshed (self);
      http_workers_retire_with (self->owner->vault->http, self->login->secret);
    }
  refresh_end (self);
}

/* The new tokens, the end of their parcel, and what the table says of them: together or not. */
void
refresh_keep (Refresh *self, const json_t *fields, GHashTable *values, gint64 at)
{
  Login *login = self->login;
  const Secret *rotated = g_hash_table_lookup (values, "refresh_token");
  g_autofree char *name = login_refresh_name (login->secret),
                  *key = refresh_key_name (login->parcel);
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
gboolean
refresh_keep_parcel (Refresh *self, int fd, gint64 at)
{
  g_autoptr (Parcel) parcel = parcel_open (fd, self->key, NULL);

  if (parcel == NULL || g_hash_table_lookup (parcel->values, "access_token") == NULL)
    return FALSE;
  refresh_keep (self, parcel->fields, parcel->values, at);
  return TRUE;
}
