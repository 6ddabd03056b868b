/* SPDX-License-Identifier: MIT
 *
 * What was minted and has not expired, and which of it was revoked ("tokens-revoked": {jti:
 * until}).
 */
#include "broker/token/tokens-private.h"

#include <string.h>

#include "broker/record.h"

#define META "tokens-revoked"
#define AGAIN (5 * G_USEC_PER_SEC)
#define SWEEP (60 * G_USEC_PER_SEC)

/* ---- what is live ---- */

/* Whose a token is, across restarts of the broker; g_free(). A subject is the same after a boot. */
static char *
owner_of (const TokenEntry *entry)
{
  return entry->owner != NULL
             ? g_strdup (entry->owner)
             : g_strdup_printf ("%d:%" G_GUINT64_FORMAT ":%s", entry->pid, entry->start,
                                entry->boot != NULL ? entry->boot : "");
}

static char *
owner_as (const Tokens *self, const Requester *requester)
{
  const TokenEntry entry
      = { .owner = requester->subject != NULL ? (char *) requester_key (requester) : NULL,
          .pid = process_pid (requester->process),
          .start = process_start (requester->process),
          .boot = self->boot };
  return owner_of (&entry);
}

static void
count (Tokens *self, const TokenEntry *entry, int more)
{
  char *owner = owner_of (entry);
  int now = GPOINTER_TO_INT (g_hash_table_lookup (self->counts, owner)) + more;

  if (now > 0)
    g_hash_table_replace (self->counts, owner, GINT_TO_POINTER (now));
  else
    {
      g_hash_table_remove (self->counts, owner);
      g_free (owner);
    }
}

static void
forget_expired (Tokens *self, gint64 now)
{
  GList *next;

  for (GList *l = self->order.head; l != NULL; l = next)
    {
      TokenEntry *entry = l->data;
      next = l->next;
      if (entry->expires_at > now || entry->keep > loop_now ())
        continue;
      g_queue_delete_link (&self->order, l);
      count (self, entry, -1);
      g_hash_table_remove (self->live, entry->id);
    }
}

static gboolean
is_over (const TokenRevoked *revoked)
{
  return revoked->until <= tokens_now () && revoked->keep <= loop_now ();
}

void
tokens_sweep (Tokens *self)
{
  GHashTableIter iter;
  gpointer value;

  forget_expired (self, tokens_now ());
  g_hash_table_iter_init (&iter, self->revoked);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    if (is_over (value))
      {
        self->unknown -= ((TokenRevoked *) value)->unknown;
        g_hash_table_iter_remove (&iter);
      }
  loop_deadline_set (self->vault->loop, &self->sweep, loop_now () + SWEEP);
}

void
tokens_live_clear (Tokens *self)
{
  g_queue_clear (&self->order);
  g_hash_table_remove_all (self->counts);
  g_hash_table_remove_all (self->live);
  g_hash_table_remove_all (self->revoked);
  self->unknown = 0;
}

gboolean
tokens_room (Tokens *self, const Requester *requester, GError **error)
{
  g_autofree char *owner = owner_as (self, requester);
  gboolean full = FALSE, many = FALSE;

  for (int tries = 0; tries < 2; tries++)
    {
      full = self->order.length >= TOKENS_MOST;
      many = GPOINTER_TO_INT (g_hash_table_lookup (self->counts, owner)) >= TOKENS_MOST_OF_ONE;
      if (!full && !many)
        return TRUE;
      forget_expired (self, tokens_now ());
    }
  g_set_error (error, TOKEN_ERROR, TOKEN_ERROR_CLAIM,
               "%d tokens that were minted%s have not expired yet; use one of them, or wait",
               many ? TOKENS_MOST_OF_ONE : TOKENS_MOST, many ? " for this caller" : "");
  return FALSE;
}

void
tokens_add (Tokens *self, TokenEntry *entry)
{
  if (g_hash_table_contains (self->live, entry->id) || entry->expires_at <= tokens_now ())
    {
      token_entry_free (entry);
      return;
    }
  entry->revoked = g_hash_table_contains (self->revoked, entry->id);
  entry->keep = tokens_keep (entry->expires_at);
  g_hash_table_insert (self->live, entry->id, entry);
  g_queue_push_tail (&self->order, entry);
  count (self, entry, 1);
}

const TokenEntry *
tokens_find_own (Tokens *self, const char *id, const Requester *requester)
{
  const TokenEntry *entry = g_hash_table_lookup (self->live, id);
  g_autofree char *asks = owner_as (self, requester);
  g_autofree char *owns = entry != NULL ? owner_of (entry) : NULL;

  return g_strcmp0 (owns, asks) == 0 ? entry : NULL;
}

GPtrArray *
tokens_list (Tokens *self)
{
  GPtrArray *list = g_ptr_array_sized_new (self->order.length);
  gint64 now = tokens_now ();

  forget_expired (self, now);
  for (GList *l = self->order.head; l != NULL; l = l->next)
    if (((const TokenEntry *) l->data)->expires_at > now)
      g_ptr_array_add (list, l->data);
  return list;
}

guint
tokens_count_active (Tokens *self)
{
  gint64 now = tokens_now ();
  guint active = 0;

  for (GList *l = self->order.head; l != NULL; l = l->next)
    {
      const TokenEntry *entry = l->data;
      active += !entry->revoked && entry->expires_at > now;
    }
  return active;
}

/* ---- what was revoked ---- */

void
tokens_live_read (Tokens *self)
{
  g_autoptr (json_t) rows = store_get_table (self->vault->store, META, NULL);
  const char *id;
  json_t *until;

  tokens_live_clear (self);
  json_object_foreach (rows, id, until) tokens_note_revoked (self, id, json_integer_value (until));
}

void
tokens_note_revoked (Tokens *self, const char *id, gint64 until)
{
  TokenEntry *entry = g_hash_table_lookup (self->live, id);

  if (entry != NULL)
    entry->revoked = TRUE;
  if (g_hash_table_contains (self->revoked, id))
    return;
  TokenRevoked *revoked = g_new (TokenRevoked, 1);
  *revoked = (TokenRevoked){ until, tokens_keep (until), FALSE };
  g_hash_table_insert (self->revoked, g_strdup (id), revoked);
}

static GBytes *
rows_bytes (const Tokens *self)
{
  g_autoptr (json_t) rows = json_object ();
  GHashTableIter iter;
  gpointer id, value;

  g_hash_table_iter_init (&iter, self->revoked);
  while (g_hash_table_iter_next (&iter, &id, &value))
    if (!is_over (value))
      json_object_set_new (rows, id, json_integer (((const TokenRevoked *) value)->until));
  return store_table_bytes (rows);
}

static void
on_saved (gpointer data, const GError *error)
{
  Tokens *self = data;

  self->saving = FALSE;
  if (error != NULL && self->begun)
    {
      /* In force all the same, and tried until it lasts. */
      self->unsaved = TRUE;
      loop_deadline_set (self->vault->loop, &self->again, loop_now () + AGAIN);
    }
  tokens_wake (&self->being_saved, error);
  if (self->unsaved && error == NULL && self->begun)
    tokens_save_revoked (self);
}

static void
push (Tokens *self)
{
  g_autoptr (GBytes) rows = rows_bytes (self);

  self->saving = TRUE;
  self->unsaved = FALSE;
  if (self->being_saved == NULL)
    self->being_saved = g_steal_pointer (&self->want_saved);
  store_put_meta (self->vault->store, META, rows, on_saved, self);
}

/* One writing at a time: what is revoked meanwhile goes out together with the next. */
void
tokens_save_revoked (Tokens *self)
{
  self->unsaved = TRUE;
  if (!self->saving && self->begun)
    push (self);
}

void
tokens_live_flush (Tokens *self)
{
  if (!self->unsaved || !self->begun)
    return;
  for (guint i = 0; self->want_saved != NULL && i < self->want_saved->len; i++)
    {
      const TokenWaiter *waiter = &g_array_index (self->want_saved, TokenWaiter, i);
      tokens_wait (&self->being_saved, waiter->done, waiter->data);
    }
  g_clear_pointer (&self->want_saved, g_array_unref);
  push (self);
}

static void
record_revoked (Tokens *self, const char *id, gint64 until, const Process *caller)
{
  AuditRecord *record = record_human (self->vault, "token_revoked", caller);

  if (record == NULL)
    return;
  audit_record_string (record, "jti", id);
  audit_record_integer (record, "until", until);
  record_owe (self->vault, record);
}

gboolean
tokens_may_revoke (const Tokens *self, const char *id, GError **error)
{
  if (self->unknown < TOKENS_UNKNOWN_MOST || g_hash_table_contains (self->live, id)
      || g_hash_table_contains (self->revoked, id))
    return TRUE;
  g_set_error (
      error, SECRET_ERROR, SECRET_ERROR_FULL,
      "it is no token that is known here, and %d such are remembered already; `countersign "
      "panic` ends all tokens",
      TOKENS_UNKNOWN_MOST);
  return FALSE;
}

/* Somebody's, or nobody's: it is remembered for as long as any lives. */
static void
note_own_revoked (Tokens *self, const char *id, const Process *caller)
{
  const TokenEntry *entry = g_hash_table_lookup (self->live, id);
  gint64 until = entry != NULL ? entry->expires_at : tokens_now () + TOKENS_LIFE_MAX;

  tokens_note_revoked (self, id, until);
  if (entry == NULL)
    {
      ((TokenRevoked *) g_hash_table_lookup (self->revoked, id))->unknown = TRUE;
      self->unknown++;
    }
  record_revoked (self, id, until, caller);
}

gboolean
tokens_revoke (Tokens *self, const char *id, const Process *caller, WriterDone done, gpointer data)
{
  if (!tokens_is_id (id))
    return FALSE;
  if (!g_hash_table_contains (self->revoked, id))
    note_own_revoked (self, id, caller);
  tokens_wait (&self->want_saved, done, data);
  tokens_save_revoked (self);
  return TRUE;
}

void
tokens_revoke_under (Tokens *self, const char *grant_id)
{
  if (!self->listed)
    g_hash_table_add (self->ended, g_strdup (grant_id));
  for (GList *l = self->order.head; l != NULL; l = l->next)
    {
      const TokenEntry *entry = l->data;
      if (!entry->revoked && g_strcmp0 (entry->grant_id, grant_id) == 0)
        tokens_revoke (self, entry->id, NULL, NULL, NULL);
    }
}

void
tokens_end_belated (Tokens *self)
{
  GHashTableIter iter;
  gpointer grant_id;

  g_hash_table_iter_init (&iter, self->ended);
  while (g_hash_table_iter_next (&iter, &grant_id, NULL))
    tokens_revoke_under (self, grant_id);
  g_hash_table_remove_all (self->ended);
}
