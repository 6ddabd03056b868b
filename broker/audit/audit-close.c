/* SPDX-License-Identifier: MIT
 *
 * Where one file of the trail ends and the next begins.
 *
 * MUST
 *  - let nothing follow in a file behind the record that closes it
 *  - erase the seed that signed it with the closing: what was signed yesterday, nobody signs again
 *  - use no seed that is not in the saved head, or follows from the one there
 */
#include "broker/audit/audit-private.h"
#include "broker/audit/audit-sign.h"

#include <string.h>

#define DAY (G_GINT64_CONSTANT (24) * 3600 * G_USEC_PER_SEC)

/* A batch lies in one file, so that undoing it is one cut: a new file begins only with a batch. */
static gboolean
queue_first (Audit *self, GError **error)
{
  AuditChain *tip = self->tip;
  g_autoptr (AuditRecord) record = audit_record_new (self, "segment");
  char key[AUDIT_HEX_LEN + 1] = "";

  if (!audit_sign_public (self->hasher, tip->seed, key, error))
    return FALSE;
  tip->segment++;
  tip->offset = 0;
  tip->closed = tip->format1 = FALSE;
  tip->first_seq = tip->seq + 1;
  tip->began = audit_now ();
  audit_record_string (record, "log", self->log_id);
  audit_record_integer (record, "format", AUDIT_FORMAT);
  audit_record_integer (record, "segment", tip->segment);
  audit_record_string (record, "key", key);
  return audit_record_finish (record, self, self->queue, error);
}

gboolean
audit_begin_segment (Audit *self, GError **error)
{
  if (self->queue->len > 0 || !self->tip->closed || queue_first (self, error))
    return TRUE;
  *self->tip = *self->committed;
  return FALSE;
}

/* @next_key: of the seed behind the tip's, which is stepped only when the record is queued. */
static gboolean
public_of_next (Audit *self, char *next_key, GError **error)
{
  g_autoptr (Secret) seed = secret_new_from (self->tip->seed, AUDIT_SEED_LEN, error);

  if (seed == NULL)
    return FALSE;
  audit_next_seed (self->hasher, secret_data (seed));
  return audit_sign_public (self->hasher, secret_peek (seed), next_key, error);
}

static gboolean
queue_last (Audit *self, GError **error)
{
  AuditChain *tip = self->tip;
  g_autoptr (AuditRecord) record = audit_record_new (self, "closed");
  char head[AUDIT_HEX_LEN + 1] = "", next[AUDIT_HEX_LEN + 1] = "";
  char signature[AUDIT_SIGNATURE_HEX + 1] = "";
  AuditClosing closing
      = { self->log_id, tip->segment, tip->first_seq, tip->seq + 1 - tip->first_seq, head, next };

  memcpy (head, tip->last, AUDIT_HEX_LEN);
  if (!public_of_next (self, next, error)
      || !audit_sign_closing (self->hasher, tip->seed, &closing, signature, error))
    return FALSE;
  audit_record_integer (record, "segment", tip->segment);
  audit_record_integer (record, "records", (gint64) closing.records);
  audit_record_string (record, "head", head);
  audit_record_string (record, "next", next);
  audit_record_string (record, "signature", signature);
  if (!audit_record_finish (record, self, self->queue, error))
    return FALSE;
  audit_next_seed (self->hasher, tip->seed);
  tip->closed = TRUE;
  return TRUE;
}

static gboolean
is_due (const Audit *self)
{
  const AuditChain *tip = self->tip;

  return !tip->closed
         && (self->closing
             || (self->queue->len > 0
                 && (tip->offset >= self->segment_size || audit_now () - tip->began >= DAY)));
}

/* A file that cannot be closed now (no locked memory) is closed by a later batch; its records are
 * what matters. */
void
audit_close_due (Audit *self)
{
  g_autoptr (GError) error = NULL;

  if (is_due (self) && !queue_last (self, &error))
    {
      for (guint i = 0; i < self->waiters->len; i++)
        {
          AuditWaiter *waiter = &g_array_index (self->waiters, AuditWaiter, i);
          if (waiter->closes)
            waiter->refused = g_error_copy (error);
        }
    }
  self->closing = FALSE;
}

guint
audit_close_segment (Audit *self, WriterDone done, gpointer data)
{
  AuditWaiter waiter = { .level = AUDIT_SYNCED, .closes = TRUE, .done = done, .data = data };

  self->closing = TRUE;
  g_array_append_val (self->waiters, waiter);
  return self->tip->segment;
}

gboolean
audit_begin_seeds (AuditHasher *hasher, AuditChain *chain, GError **error)
{
  if (!crypt_random (chain->seed, AUDIT_SEED_LEN, error)
      || !audit_sign_public (hasher, chain->seed, chain->first_key, error))
    return FALSE;
  chain->closed = TRUE;
  chain->format1 = FALSE;
  return TRUE;
}
