/* SPDX-License-Identifier: MIT */
#include "broker/issue/upstream.h"

#include <string.h>

#include "broker/base/wire.h"
#include "broker/base/text.h"
#include "broker/issue/upstream-abandoned.h"
#include "broker/dispatch/exchange.h"
#include "broker/record.h"

#define ROW "issued:"
#define AGAIN_FIRST (5 * G_USEC_PER_SEC)
#define AGAIN_MAX (300 * G_USEC_PER_SEC)
#define PER_GRANT 64         /* an agent that has a grant asks without a person, and each is kept */
#define LIFE_MAX (12 * 3600) /* seconds: of what does not say when it expires */

typedef struct
{
  Upstream *owner;
  char *row, *grant_id, *provider;
  char *target; /* where it is revoked: an address of whoever issued it */
  json_t *fields;
  gint64 until; /* seconds since 1970 */
  Secret *token;
  gboolean ended; /* its grant has: it is to be revoked */
  gint64 again;   /* µs until the next try */
  Deadline next;
  Exchange *exchange;
} Issued;

struct _Upstream
{
  Vault *vault;
  GPtrArray *all; /* of Issued */
  GPtrArray *abandoned;
  GHashTable *given; /* grant id → how many */
};

static void
issued_free (gpointer data)
{
  Issued *self = data;

  loop_deadline_clear (self->owner->vault->loop, &self->next);
  g_clear_pointer (&self->exchange, exchange_cancel);
  g_clear_pointer (&self->fields, json_decref);
  secret_free (self->token);
  g_free (self->row);
  g_free (self->grant_id);
  g_free (self->provider);
  g_free (self->target);
  g_free (self);
}

static void begin_revoking (gpointer data);

static Issued *
issued_new (Upstream *owner, const char *row, const char *grant_id, const char *provider,
            const char *target, const json_t *fields, gint64 until, Secret *token)
{
  Issued *self = g_new0 (Issued, 1);

  self->owner = owner;
  self->row = g_strdup (row);
  self->grant_id = g_strdup (grant_id);
  self->provider = g_strdup (provider);
  self->target = g_strdup (target);
  self->fields = json_deep_copy (fields);
  self->until = until;
  self->token = token;
  self->again = AGAIN_FIRST;
  self->next = (Deadline){ .due = begin_revoking, .data = self };
  g_ptr_array_add (owner->all, self);
  return self;
}

Upstream *
upstream_new (Vault *vault)
{
  Upstream *self = g_new0 (Upstream, 1);

  self->vault = vault;
  self->all = g_ptr_array_new_with_free_func (issued_free);
  self->abandoned = abandoned_new ();
  self->given = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  return self;
}

void
upstream_free (Upstream *self)
{
  if (self == NULL)
    return;
  g_ptr_array_unref (self->abandoned);
  g_ptr_array_unref (self->all);
  g_hash_table_unref (self->given);
  g_free (self);
}

void
upstream_lock (Upstream *self)
{
  g_hash_table_remove_all (self->given); /* counted again as they are read */
  /* What is being revoked goes on: its worker has the token already. */
  for (guint i = self->all->len; i > 0; i--)
    if (((Issued *) g_ptr_array_index (self->all, i - 1))->exchange == NULL)
      g_ptr_array_remove_index (self->all, i - 1);
}

/* ---- revoking ---- */

static void
record (const Issued *self, const char *event, const char *why)
{
  Vault *vault = self->owner->vault;

  if (vault->audit == NULL)
    return;
  AuditRecord *record = audit_record_new (vault->audit, event);
  audit_record_string (record, "grant_id", self->grant_id);
  audit_record_name (record, "resource", self->provider);
  audit_record_string (record, "failed", why);
  audit_append_owed (vault->audit, record);
}

/* Revoked, or past its end. While locked the row stays, and is found again. */
static void
drop (Issued *self)
{
  Store *store = self->owner->vault->store;
  const StoreItem item = { self->row, NULL, NULL };

  if (store != NULL && store_is_unlocked (store))
    store_set_all (store, &item, 1, NULL, NULL, NULL, NULL);
  g_ptr_array_remove (self->owner->all, self);
}

static void
try_again (Issued *self)
{
  loop_deadline_set (self->owner->vault->loop, &self->next, loop_now () + self->again);
  self->again = MIN (self->again * 2, AGAIN_MAX);
}

static void
on_revoked (gpointer data, ExchangeOutcome *outcome)
{
  Issued *self = data;

  self->exchange = NULL;
  record (self, outcome->ok ? "credential_revoked" : "credential_not_revoked",
          outcome->ok ? NULL : outcome->code);
  if (outcome->ok)
    drop (self);
  else if (self->owner->vault->state == VAULT_UNLOCKED)
    try_again (self);
  else
    g_ptr_array_remove (self->owner->all, self);
}

static void
begin_revoking (gpointer data)
{
  Issued *self = data;
  Vault *vault = self->owner->vault;
  const Provider *provider = providers_find (vault->providers, self->provider);
  const ProviderModule *module
      = provider != NULL ? provider_module (provider_kind (provider)) : NULL;

  if (self->until <= g_get_real_time () / G_USEC_PER_SEC)
    {
      drop (self);
      return;
    }
  if (module == NULL || module->revoke == NULL)
    {
      record (self, "credential_not_revoked", "provider");
      try_again (self);
      return;
    }
  g_autoptr (ProviderExchange) exchange = module->revoke (provider, self->fields);
  if (exchange == NULL || g_strcmp0 (wire_string (exchange->request, "url"), self->target) != 0)
    {
      record (self, "credential_not_revoked", "changed"); /* another's server is not told of it */
      try_again (self);
      return;
    }
  g_autoptr (GHashTable) earlier = g_hash_table_new (g_str_hash, g_str_equal);
  g_hash_table_insert (earlier, (gpointer) "token", self->token);
  self->exchange = exchange_begin (vault, exchange, earlier, on_revoked, self);
}

static void
end (Issued *self)
{
  if (self->ended)
    return;
  self->ended = TRUE;
  begin_revoking (self);
}

void
upstream_grant_ended (Upstream *self, const char *grant_id)
{
  g_hash_table_remove (self->given, grant_id);
  for (guint i = self->all->len; i > 0; i--)
    {
      Issued *issued = g_ptr_array_index (self->all, i - 1);
      if (strcmp (issued->grant_id, grant_id) == 0)
        end (issued);
    }
}

/* ---- keeping ---- */

gboolean
upstream_admits (Upstream *self, const char *grant_id)
{
  guint given = GPOINTER_TO_UINT (g_hash_table_lookup (self->given, grant_id));

  if (given >= PER_GRANT)
    return FALSE;
  g_hash_table_replace (self->given, g_strdup (grant_id), GUINT_TO_POINTER (given + 1));
  return TRUE;
}

typedef struct
{
  Upstream *owner;
  char *row, *grant_id;
  WriterDone done;
  gpointer data;
} Keeping;

static Issued *
find (const Upstream *self, const char *row)
{
  for (guint i = 0; i < self->all->len; i++)
    {
      Issued *issued = g_ptr_array_index (self->all, i);
      if (strcmp (issued->row, row) == 0)
        return issued;
    }
  return NULL;
}

/* The grant may have ended while it was written. */
static void
on_kept (gpointer data, const GError *error)
{
  Keeping *keeping = data;
  Issued *issued = find (keeping->owner, keeping->row);

  if (issued != NULL
      && (error != NULL || grants_find (keeping->owner->vault->grants, keeping->grant_id) == NULL))
    end (issued);
  keeping->done (keeping->data, error);
  g_free (keeping->row);
  g_free (keeping->grant_id);
  g_free (keeping);
}

static GHashTable *
make_tags (const Issued *issued)
{
  GHashTable *tags = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, g_free);
  char *fields = json_dumps (issued->fields, JSON_COMPACT);

  g_hash_table_insert (tags, (gpointer) "grant", g_strdup (issued->grant_id));
  g_hash_table_insert (tags, (gpointer) "provider", g_strdup (issued->provider));
  g_hash_table_insert (tags, (gpointer) "target", g_strdup (issued->target));
  g_hash_table_insert (tags, (gpointer) "until",
                       g_strdup_printf ("%" G_GINT64_FORMAT, issued->until));
  g_hash_table_insert (tags, (gpointer) "fields", g_strdup (fields));
  free (fields);
  return tags;
}

static void
write_row (Issued *issued, WriterDone done, gpointer data)
{
  Keeping *keeping = g_new (Keeping, 1);
  g_autoptr (GHashTable) tags = make_tags (issued);
  const StoreItem item = { issued->row, issued->token, tags };

  *keeping
      = (Keeping){ issued->owner, g_strdup (issued->row), g_strdup (issued->grant_id), done, data };
  store_set_all (issued->owner->vault->store, &item, 1, NULL, NULL, on_kept, keeping);
}

void
upstream_keep (Upstream *self, const char *grant_id, const Provider *provider, const json_t *fields,
               const Secret *token, WriterDone done, gpointer data)
{
  gint64 latest = g_get_real_time () / G_USEC_PER_SEC + LIFE_MAX;
  gint64 until = wire_integer (fields, "expires_at", latest);
  g_autoptr (GError) error = NULL;
  g_autofree char *id = text_random_id (16), *row = g_strconcat (ROW, id, NULL);
  g_autoptr (ProviderExchange) revocation
      = provider_module (provider_kind (provider))->revoke (provider, fields);
  const char *target = revocation != NULL ? wire_string (revocation->request, "url") : NULL;
  Secret *copy = secret_copy (token, &error);

  Grant *grant = grants_find (self->vault->grants, grant_id);
  if (grant != NULL)
    grant_keep (grant);
  if (copy == NULL)
    done (data, error);
  else
    write_row (issued_new (self, row, grant_id, provider_name (provider),
                           target != NULL ? target : "", fields, MIN (until, latest), copy),
               done, data);
}

void
upstream_abandon (Upstream *self, Exchange *exchange, Providers *providers,
                  const Provider *provider, const char *grant_id)
{
  if (provider_module (provider_kind (provider))->revoke == NULL)
    exchange_cancel (exchange);
  else
    abandoned_add (self->abandoned, self->vault, exchange, providers, provider, grant_id);
}

/* ---- after a restart ---- */

typedef struct
{
  Vault *vault;
  char *row;
} Loading;

static const char *
tag (const StoreEntry *entry, const char *name)
{
  const char *text = g_hash_table_lookup (entry->tags, name);
  return text != NULL ? text : "";
}

static const StoreEntry *
find_row (const Store *store, const char *row)
{
  g_autoptr (GPtrArray) rows = store_list_own (store, row);

  return rows->len > 0 ? g_ptr_array_index (rows, 0) : NULL;
}

static void
on_loaded (gpointer data, Secret *token, const GError *error)
{
  g_autofree Loading *loading = data;
  g_autofree char *row = loading->row;
  Vault *vault = loading->vault;
  const StoreEntry *entry = token != NULL ? find_row (vault->store, row) : NULL;

  if (entry == NULL || find (vault->upstream, row) != NULL)
    {
      secret_free (token);
      return;
    }
  g_autoptr (json_t) fields = json_loads (tag (entry, "fields"), 0, NULL);
  Issued *issued = issued_new (vault->upstream, row, tag (entry, "grant"), tag (entry, "provider"),
                               tag (entry, "target"), fields,
                               g_ascii_strtoll (tag (entry, "until"), NULL, 10), token);
  if (grants_find (vault->grants, issued->grant_id) == NULL)
    end (issued);
  else
    upstream_admits (vault->upstream, issued->grant_id); /* it counts on */
}

void
upstream_open (Upstream *self)
{
  Vault *vault = self->vault;
  g_autoptr (GPtrArray) rows = store_list_own (vault->store, ROW);

  for (guint i = 0; i < rows->len; i++)
    {
      const StoreEntry *entry = g_ptr_array_index (rows, i);
      Grant *grant = grants_find (vault->grants, tag (entry, "grant"));
      Loading *loading = g_new (Loading, 1);
      *loading = (Loading){ vault, g_strdup (entry->name) };
      if (grant != NULL)
        grant_keep (grant);
      store_read_own (vault->store, entry->name, on_loaded, loading);
    }
}
