/* SPDX-License-Identifier: MIT */
#include "broker/grant/grant.h"

#include "broker/record.h"

struct _Grants
{
  Vault *vault;
  GHashTable *by_id; /* owns */
  GHashTable *by_reference;
  GHashTable *by_target; /* "operation resource" → GPtrArray of Grant */
  GHashTable *suspended; /* ids of the rows in the store */
};

char *
grant_target (Operation operation, const char *resource)
{
  return g_strdup_printf ("%d %s", operation, resource != NULL ? resource : "");
}

void
grant_free (Grant *grant)
{
  if (grant == NULL)
    return;
  g_free (grant->id);
  g_free (grant->request_id);
  g_free (grant->resource);
  g_strfreev (grant->scopes);
  g_free (grant->reference);
  g_free (grant->purpose);
  g_free (grant->key_id);
  g_free (grant->rendered);
  g_free (grant->binding);
  question_unref (grant->question);
  g_clear_pointer (&grant->repeat, audit_template_free);
  principal_free (grant->holder);
  g_free (grant);
}

Grants *
grants_new (Vault *vault)
{
  Grants *self = g_new0 (Grants, 1);

  self->vault = vault;
  self->by_id = g_hash_table_new (g_str_hash, g_str_equal);
  self->by_reference = g_hash_table_new (g_str_hash, g_str_equal);
  self->by_target
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_ptr_array_unref);
  self->suspended = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  return self;
}

GHashTable *
grants_suspended (Grants *self)
{
  return self->suspended;
}

Vault *
grants_vault (const Grants *self)
{
  return self->vault;
}

void
grants_free (Grants *self)
{
  if (self == NULL)
    return;
  /* Silently: whoever ends the broker has ended or suspended what was live. */
  g_autoptr (GPtrArray) all = grants_list (self);
  for (guint i = 0; i < all->len; i++)
    {
      Grant *grant = g_ptr_array_index (all, i);
      loop_deadline_clear (self->vault->loop, &grant->expiry);
      lifetime_clear (self->vault->lifetimes, &grant->lifetime);
      grant_free (grant);
    }
  g_hash_table_unref (self->by_id);
  g_hash_table_unref (self->by_reference);
  g_hash_table_unref (self->by_target);
  g_hash_table_unref (self->suspended);
  g_free (self);
}

static void
on_expiry (gpointer data)
{
  grant_end (data, "expired");
}

static void
on_holder_gone (gpointer data)
{
  grant_end (data, "holder_gone");
}

gboolean
grants_add (Grants *self, Grant *grant)
{
  g_autofree char *key = grant_target (grant->operation, grant->resource);
  GPtrArray *same = g_hash_table_lookup (self->by_target, key);

  grant->owner = self;
  grant->expiry = (Deadline){ .due = on_expiry, .data = grant };
  grant->lifetime = (Lifetime){ .gone = on_holder_gone, .data = grant };
  if (principal_process (grant->holder) != NULL
      && !lifetime_set (self->vault->lifetimes, &grant->lifetime, principal_process (grant->holder),
                        NULL))
    {
      grant_free (grant);
      return FALSE;
    }
  loop_deadline_set (self->vault->loop, &grant->expiry, grant->not_after);
  if (same == NULL)
    {
      same = g_ptr_array_new ();
      g_hash_table_insert (self->by_target, g_steal_pointer (&key), same);
    }
  g_ptr_array_add (same, grant);
  g_hash_table_insert (self->by_id, grant->id, grant);
  if (grant->reference != NULL)
    g_hash_table_insert (self->by_reference, grant->reference, grant);
  return TRUE;
}

static gboolean
is_live (const Grant *grant)
{
  return grant->not_after > loop_now () && grant->uses_left != 0;
}

static gboolean
scopes_within (const char *const *asked, char **granted)
{
  for (; asked != NULL && *asked != NULL; asked++)
    if (!g_strv_contains ((const char *const *) granted, *asked))
      return FALSE;
  return TRUE;
}

Grant *
grants_cover (Grants *self, Operation operation, const char *resource, const char *const *scopes,
              const char *binding, const Requester *requester)
{
  char key[600];

  if ((gsize) g_snprintf (key, sizeof key, "%d %s", operation, resource != NULL ? resource : "")
      >= sizeof key)
    return NULL;
  GPtrArray *same = g_hash_table_lookup (self->by_target, key);
  for (guint i = 0; same != NULL && i < same->len; i++)
    {
      Grant *grant = g_ptr_array_index (same, i);
      if (is_live (grant) && scopes_within (scopes, grant->scopes)
          && (grant->binding == NULL || g_strcmp0 (grant->binding, binding) == 0)
          && principal_covers (grant->holder, requester))
        return grant;
    }
  return NULL;
}

Grant *
grants_reference (Grants *self, const char *reference, const Requester *requester)
{
  Grant *grant = g_hash_table_lookup (self->by_reference, reference);

  if (grant == NULL || !is_live (grant) || !principal_covers (grant->holder, requester))
    return NULL;
  return grant;
}

Grant *
grants_find (Grants *self, const char *id)
{
  return g_hash_table_lookup (self->by_id, id);
}

void
grant_spend (Grant *grant)
{
  if (grant->uses_left != GRANT_UNLIMITED && --grant->uses_left == 0 && grant->running == 0)
    grant_end (grant, "spent");
}

void
grant_run (Grant *grant)
{
  grant->running++;
  grant_spend (grant);
}

void
grant_keep (Grant *grant)
{
  grant->running++;
}

void
grant_stop (Grants *self, const char *id)
{
  Grant *grant = grants_find (self, id);

  if (grant != NULL && grant->running > 0 && --grant->running == 0 && grant->uses_left == 0)
    grant_end (grant, "spent");
}

gint64
grant_seconds_left (const Grant *grant)
{
  return MAX (0, (grant->not_after - loop_now () + G_USEC_PER_SEC - 1) / G_USEC_PER_SEC);
}

void
grant_end (Grant *grant, const char *why)
{
  Grants *self = grant->owner;
  Vault *vault = self->vault;
  g_autofree char *key = grant_target (grant->operation, grant->resource);
  GPtrArray *same = g_hash_table_lookup (self->by_target, key);

  loop_deadline_clear (vault->loop, &grant->expiry);
  lifetime_clear (vault->lifetimes, &grant->lifetime);
  g_hash_table_remove (self->by_id, grant->id);
  if (grant->reference != NULL)
    g_hash_table_remove (self->by_reference, grant->reference);
  g_ptr_array_remove_fast (same, grant);
  if (same->len == 0)
    g_hash_table_remove (self->by_target, key);
  grants_forget_suspended (self, grant->id);

  AuditRecord *record = record_grant (vault, grant, "grant_ended");
  if (record != NULL)
    audit_record_string (record, "why", why);
  record_owe (vault, record);
  vault_grant_ended (vault, grant->id, grant->running > 0, why);
  grant_free (grant);
}

static gboolean
any (const Grant *grant, Operation operation, const char *resource)
{
  return TRUE;
}

static gboolean
same_target (const Grant *grant, Operation operation, const char *resource)
{
  return grant->operation == operation && g_strcmp0 (grant->resource, resource) == 0;
}

static guint
end_where (Grants *self, gboolean (*match) (const Grant *, Operation, const char *),
           Operation operation, const char *resource, const char *why)
{
  g_autoptr (GPtrArray) all = grants_list (self);
  guint ended = 0;

  for (guint i = 0; i < all->len; i++)
    if (match (g_ptr_array_index (all, i), operation, resource))
      {
        grant_end (g_ptr_array_index (all, i), why);
        ended++;
      }
  return ended;
}

static gboolean
is_spent (const Grant *grant, Operation operation, const char *resource)
{
  return grant->uses_left == 0 && grant->running == 0;
}

void
grants_end_spent (Grants *self)
{
  end_where (self, is_spent, 0, NULL, "spent");
}

guint
grants_end_all (Grants *self, const char *why)
{
  return end_where (self, any, 0, NULL, why);
}

guint
grants_end_for (Grants *self, Operation operation, const char *resource, const char *why)
{
  return end_where (self, same_target, operation, resource, why);
}

guint
grants_count (const Grants *self)
{
  return g_hash_table_size (self->by_id);
}

guint
grants_count_references (const Grants *self)
{
  return g_hash_table_size (self->by_reference);
}

static gint
compare_age (gconstpointer a, gconstpointer b)
{
  const Grant *x = *(Grant *const *) a, *y = *(Grant *const *) b;
  return x->granted_at < y->granted_at ? -1 : x->granted_at > y->granted_at;
}

GPtrArray *
grants_list (Grants *self)
{
  GPtrArray *list = g_ptr_array_sized_new (g_hash_table_size (self->by_id));
  GHashTableIter iter;
  gpointer grant;

  g_hash_table_iter_init (&iter, self->by_id);
  while (g_hash_table_iter_next (&iter, NULL, &grant))
    g_ptr_array_add (list, grant);
  g_ptr_array_sort (list, compare_age);
  return list;
}
