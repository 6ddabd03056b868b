/* SPDX-License-Identifier: MIT
 *
 * The trail as a whole: beginning one, going on with one, locking, ending.
 */
#include "broker/audit/audit-file.h"
#include "broker/audit/audit-head.h"
#include "broker/audit/audit-private.h"
#include "broker/audit/audit-sign.h"

#include "broker/base/paths.h"

#include <string.h>

#define SEGMENT_SIZE (64 * 1024 * 1024)

GQuark
audit_error_quark (void)
{
  return g_quark_from_static_string ("countersign-audit-error");
}

static gboolean
copy_keys (Audit *self, const AuditSetup *setup, GError **error)
{
  return (self->head_key = secret_copy (setup->head_key, error)) != NULL
         && (setup->text_key == NULL
             || (self->text_key = secret_copy (setup->text_key, error)) != NULL)
         && (setup->token_key == NULL
             || (self->token_key = secret_copy (setup->token_key, error)) != NULL);
}

static void
free_parts (Audit *self)
{
  AuditRecord *record;

  while ((record = g_queue_pop_head (&self->owed)) != NULL)
    audit_record_free (record);
  g_clear_pointer (&self->waiters, g_array_unref);
  g_string_free (self->queue, TRUE);
  g_clear_pointer (&self->segment, audit_segment_unref);
  g_clear_pointer (&self->synced, g_bytes_unref);
  g_clear_error (&self->sync.failed);
  g_clear_pointer (&self->hasher, audit_hasher_free);
  secret_free (self->chains);
  secret_free (self->head_key);
  secret_free (self->text_key);
  secret_free (self->token_key);
  g_free (self->trouble);
  g_free (self->retain_trouble);
  g_free (self->log_id);
  g_free (self->dir);
  g_free (self);
}

static Audit *
audit_new (const AuditSetup *setup, Writer *writer, GError **error)
{
  Audit *self = g_new0 (Audit, 1);

  self->dir = g_strdup (setup->dir);
  self->log_id = g_strdup (setup->log_id);
  self->save_head = setup->save_head;
  self->forget_heads = setup->forget_heads;
  self->user = setup->user;
  self->segment_size = setup->segment_size > 0 ? setup->segment_size : SEGMENT_SIZE;
  self->writer = writer;
  self->group = audit_sync_group (self);
  self->queue = g_string_sized_new (4096);
  self->waiters = g_array_new (FALSE, FALSE, sizeof (AuditWaiter));
  if (paths_make_private (self->dir, error) && copy_keys (self, setup, error)
      && (self->hasher = audit_hasher_new (error)) != NULL
      && (self->chains = audit_chain_new (2, error)) != NULL)
    {
      self->committed = audit_chains (self->chains);
      self->tip = self->committed + 1;
      return self;
    }
  free_parts (self);
  return NULL;
}

static void
keep_error (gpointer data, const GError *error)
{
  GError **kept = data;

  if (error != NULL)
    *kept = g_error_copy (error);
}

/* Writes the first record and waits until log and head are on disk. */
static gboolean
begin (Audit *self, const Secret *k0, GError **error)
{
  g_autoptr (GError) fault = NULL;
  AuditWaiter waiter = { .level = AUDIT_SYNCED, .done = keep_error, .data = &fault };
  gsize cut;

  if (!audit_chain_start (self->committed, self->hasher, k0, error))
    return FALSE;
  self->committed->first_file = 1;
  if (!audit_begin_seeds (self->hasher, self->committed, error))
    return FALSE;
  *self->tip = *self->committed;
  audit_begin_segment (self, &waiter.refused);
  g_array_append_val (self->waiters, waiter);
  audit_flush (self);
  writer_drain (self->writer);
  if (fault == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&fault));
  memset (self->committed, 0, sizeof *self->committed);
  audit_tail_cut (self->dir, self->committed, &cut, NULL);
  return FALSE;
}

Audit *
audit_create (const AuditSetup *setup, Writer *writer, const Secret *k0, GError **error)
{
  Audit *self = audit_new (setup, writer, error);
  g_autoptr (GArray) list = NULL;

  if (self == NULL)
    return NULL;
  list = audit_file_list (self->dir, error);
  if (list != NULL && list->len > 0)
    g_set_error (error, AUDIT_ERROR, AUDIT_ERROR_UNSAFE,
                 "%s: there is an audit trail already; move it away first", self->dir);
  else if (list != NULL && begin (self, k0, error))
    return self;
  free_parts (self);
  return NULL;
}

/* Files are numbered without a gap, from the first that was not removed up to the head's at least.
 */
static gboolean
check_segments (Audit *self, const AuditChain *head, GError **error)
{
  g_autoptr (GArray) list = audit_file_list (self->dir, error);
  guint number = 0;

  if (list == NULL)
    return FALSE;
  if (list->len > 0)
    number = MIN (g_array_index (list, guint, 0), head->first_file);
  for (guint i = 0; i < list->len && g_array_index (list, guint, i) == number; i++)
    number++;
  if (list->len > 0 && number == g_array_index (list, guint, list->len - 1) + 1
      && number > head->segment)
    return TRUE;
  g_autofree char *path = audit_file_path (self->dir, MAX (number, head->first_file));
  g_set_error (error, AUDIT_ERROR, AUDIT_ERROR_TAMPERED, "%s: is missing from the audit trail",
               path);
  return FALSE;
}

/* Before anything is signed with it: a seed that only a crash knew would leave a file that nobody
 * can close. */
static gboolean
save_first_seed (Audit *self, GError **error)
{
  g_autoptr (GError) fault = NULL;
  AuditWaiter waiter = { .closes = TRUE, .done = keep_error, .data = &fault };
  GArray *waiters = g_array_new (FALSE, FALSE, sizeof (AuditWaiter));

  g_array_append_val (waiters, waiter);
  if (!audit_begin_seeds (self->hasher, self->committed, error))
    {
      g_array_unref (waiters);
      return FALSE;
    }
  audit_sync_push (self, waiters);
  writer_drain (self->writer);
  if (fault == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&fault));
  return FALSE;
}

static gboolean
resume (Audit *self, GBytes *head, AuditRepair *repair, GError **error)
{
  AuditChain *chain = self->committed;
  guint64 seq;

  if (!audit_head_open (self->head_key, self->log_id, head, chain, error)
      || !check_segments (self, chain, error)
      || !audit_tail_check_last (self->dir, self->hasher, chain, error))
    return FALSE;
  seq = chain->seq;
  self->may_go = chain->first_file;
  if (!audit_tail_follow (self->dir, self->hasher, chain, 0, error)
      || !audit_tail_cut (self->dir, chain, &repair->torn_bytes, error)
      || (self->segment = audit_segment_open (self->dir, chain->segment, FALSE, error)) == NULL)
    return FALSE;
  repair->after_head = chain->seq - seq;
  self->synced = g_bytes_ref (head);
  if (chain->format1 && !save_first_seed (self, error))
    return FALSE;
  *self->tip = *chain;
  memcpy (self->last_hash, chain->last, AUDIT_HEX_LEN);
  if (repair->after_head > 0)
    audit_sync_push (self, NULL);
  return TRUE;
}

Audit *
audit_open (const AuditSetup *setup, Writer *writer, GBytes *head, AuditRepair *repair,
            GError **error)
{
  Audit *self = audit_new (setup, writer, error);

  if (self == NULL || resume (self, head, repair, error))
    return self;
  free_parts (self);
  return NULL;
}

void
audit_free (Audit *self)
{
  g_autoptr (GError) ended = NULL;

  if (self == NULL)
    return;
  /* A sync that fails owes a record, and those who waited may append: once more for them. */
  for (guint i = 0; i < 2; i++)
    {
      audit_flush (self);
      writer_drain (self->writer);
    }
  ended = g_error_new_literal (AUDIT_ERROR, AUDIT_ERROR_IO, "the broker is ending");
  audit_waiters_call (g_steal_pointer (&self->waiters), ended);
  while (self->syncing > 0 || self->retaining)
    writer_drain (self->writer);
  free_parts (self);
}

void
audit_lock (Audit *self)
{
  g_clear_pointer (&self->text_key, secret_free);
  g_clear_pointer (&self->token_key, secret_free);
  for (GList *l = self->owed.head; l != NULL; l = l->next)
    audit_record_lose_text (l->data);
}

const char *
audit_dir (const Audit *self)
{
  return self->dir;
}

guint64
audit_seq (const Audit *self)
{
  return self->committed->seq;
}

guint
audit_segment_number (const Audit *self)
{
  return self->committed->segment;
}

const char *
audit_last_hash (const Audit *self)
{
  return self->last_hash;
}

const char *
audit_log_id (const Audit *self)
{
  return self->log_id;
}

char *
audit_signing_key (const Audit *self)
{
  char hex[AUDIT_HEX_LEN + 1] = "";

  if (self->committed->format1
      || !audit_sign_public (self->hasher, self->committed->seed, hex, NULL))
    return NULL;
  return g_strdup (hex);
}

const char *
audit_trouble (const Audit *self)
{
  return self->trouble;
}

char *
audit_open_text (Audit *self, const char *sealed, guint64 seq, GError **error)
{
  g_autofree char *aad = audit_text_associated (self->log_id, seq);
  gsize len;
  g_autofree guchar *bytes = g_base64_decode (sealed, &len);
  g_autoptr (Secret) text = NULL;

  if (self->text_key == NULL)
    {
      g_set_error_literal (error, CRYPT_ERROR, CRYPT_ERROR_OPEN, "the broker is locked");
      return NULL;
    }
  text = crypt_open (self->text_key, aad, strlen (aad), bytes, len, error);
  if (text == NULL)
    return NULL;
  return g_strndup ((const char *) secret_peek (text), secret_len (text));
}
