/* SPDX-License-Identifier: MIT
 *
 * What is appended waits here for the next flush, and goes to the file as one write.
 *
 * MUST
 *  - call each done once, after its record is in the file, or with the reason why it is not
 *  - leave file, chain and key as they were when a write fails, or append nothing until they agree
 */
#include "broker/audit/audit-head.h"
#include "broker/audit/audit-private.h"

#include <string.h>
#include <unistd.h>

void
audit_set_trouble (Audit *self, const char *message)
{
  g_free (self->trouble);
  self->trouble = g_strdup (message);
}

void
audit_waiters_call (GArray *waiters, const GError *error)
{
  for (guint i = 0; i < waiters->len; i++)
    {
      AuditWaiter *waiter = &g_array_index (waiters, AuditWaiter, i);
      if (waiter->done != NULL)
        waiter->done (waiter->data, waiter->refused != NULL ? waiter->refused : error);
      g_clear_error (&waiter->refused);
    }
  g_array_unref (waiters);
}

static gboolean
enqueue (Audit *self, AuditRecord *record, GError **error)
{
  return audit_begin_segment (self, error)
         && audit_record_finish (record, self, self->queue, error);
}

void
audit_append (Audit *self, AuditRecord *record, AuditLevel level, WriterDone done, gpointer data)
{
  AuditWaiter waiter = { .level = level, .done = done, .data = data };

  enqueue (self, record, &waiter.refused);
  waiter.seq = self->tip->seq;
  audit_record_free (record);
  g_array_append_val (self->waiters, waiter);
}

void
audit_append_owed (Audit *self, AuditRecord *record)
{
  g_queue_push_tail (&self->owed, record);
}

gsize
audit_owed (const Audit *self)
{
  return self->owed.length;
}

/* How many of those that are owed are now in the queue. */
static guint
enqueue_owed (Audit *self)
{
  guint n = 0;

  for (GList *l = self->owed.head; l != NULL; l = l->next, n++)
    {
      g_autoptr (GError) error = NULL;
      if (enqueue (self, l->data, &error))
        continue;
      /* What happened matters more than its words: it is tried again without them. */
      audit_set_trouble (self, error->message);
      audit_record_lose_text (l->data);
      break;
    }
  return n;
}

static gboolean
same_place (const AuditChain *a, const AuditChain *b)
{
  return a->seq == b->seq && a->segment == b->segment && a->offset == b->offset
         && memcmp (a->last, b->last, sizeof a->last) == 0;
}

static void
owe_mended (Audit *self, gsize cut, gboolean replaced)
{
  AuditRecord *record = audit_record_new (self, "mended");

  audit_record_integer (record, "cut_bytes", (gint64) cut);
  audit_record_integer (record, "file_replaced", replaced);
  audit_append_owed (self, record);
}

/* Reads the log from the last synced record on: it must hold exactly what we wrote, and what else
 * is there is cut. */
static gboolean
mend (Audit *self, GError **error)
{
  g_autoptr (Secret) chains = audit_chain_new (2, error);
  gsize cut;

  if (chains == NULL)
    return FALSE;
  AuditChain *from = audit_chains (chains), *to = from + 1;
  if (!audit_head_open (self->head_key, self->log_id, self->synced, from, error)
      || !audit_tail_check_last (self->dir, self->hasher, from, error))
    return FALSE;
  *to = *from;
  if (!audit_tail_follow (self->dir, self->hasher, to, self->committed->seq, error))
    return FALSE;
  if (!same_place (to, self->committed))
    {
      g_set_error (error, AUDIT_ERROR, AUDIT_ERROR_TAMPERED,
                   "%s: record %" G_GUINT64_FORMAT " was written and is not there any more",
                   self->segment->path, to->seq + 1);
      return FALSE;
    }
  if (!audit_tail_cut (self->dir, to, &cut, error)
      || (self->rewrite && !audit_tail_rewrite (self->dir, from, to, error)))
    return FALSE;

  g_autoptr (AuditSegment) segment = audit_segment_open (self->dir, to->segment, FALSE, error);
  if (segment == NULL)
    return FALSE;
  gboolean replaced = segment->ino != self->segment->ino || segment->dev != self->segment->dev;
  if (cut > 0 || replaced)
    owe_mended (self, cut, replaced);
  audit_segment_unref (self->segment);
  self->segment = g_steal_pointer (&segment);
  self->renewed = self->renewed || self->rewrite;
  self->broken = self->rewrite = FALSE;
  audit_sync_soon (self);
  return TRUE;
}

/* What a failed write has left behind. */
static void
undo (Audit *self, const AuditSegment *fresh)
{
  if (fresh != NULL)
    self->broken = unlink (fresh->path) != 0;
  else
    self->broken = ftruncate (self->segment->fd, (off_t) self->committed->offset) != 0;
}

static gboolean
write_batch (Audit *self, GError **error)
{
  g_autoptr (AuditSegment) fresh = NULL;

  if (self->broken && !mend (self, error))
    return FALSE;
  if (self->segment != NULL && !audit_segment_check (self->segment, self->committed->offset, error))
    {
      self->broken = TRUE;
      return FALSE;
    }
  if (self->tip->segment != self->committed->segment
      && (fresh = audit_segment_open (self->dir, self->tip->segment, TRUE, error)) == NULL)
    return FALSE;
  if (!audit_segment_write (fresh != NULL ? fresh : self->segment, self->queue->str,
                            self->queue->len, error))
    {
      undo (self, fresh);
      return FALSE;
    }
  if (fresh != NULL && self->segment != NULL)
    {
      /* No later sync is of this file. */
      audit_sync_push (self, NULL);
      audit_segment_unref (self->segment);
    }
  if (fresh != NULL)
    self->segment = g_steal_pointer (&fresh);
  *self->committed = *self->tip;
  memcpy (self->last_hash, self->committed->last, AUDIT_HEX_LEN);
  return TRUE;
}

static GArray *
take_waiters (Audit *self)
{
  GArray *waiters = g_steal_pointer (&self->waiters);

  self->waiters = g_array_new (FALSE, FALSE, sizeof (AuditWaiter));
  return waiters;
}

/* The batch is in the file. Everything is in order before the first done runs: it may append again.
 * A disk that takes writes and never syncs them would else have uses go on for as long as it likes.
 */
static void
settle (Audit *self, GArray *waiters)
{
  g_autoptr (GArray) now = g_array_new (FALSE, FALSE, sizeof (AuditWaiter));
  g_autoptr (GArray) later = g_array_new (FALSE, FALSE, sizeof (AuditWaiter));

  for (guint i = 0; i < waiters->len; i++)
    {
      AuditWaiter waiter = g_array_index (waiters, AuditWaiter, i);
      if ((waiter.level == AUDIT_SYNCED || self->doubtful) && waiter.refused == NULL)
        g_array_append_val (later, waiter);
      else
        g_array_append_val (now, waiter);
    }
  g_array_unref (waiters);
  if (later->len > 0)
    audit_sync_push (self, g_steal_pointer (&later));
  else
    audit_sync_soon (self);
  audit_waiters_call (g_steal_pointer (&now), NULL);
}

void
audit_flush (Audit *self)
{
  g_autoptr (GError) error = NULL;
  guint owed = enqueue_owed (self);

  audit_close_due (self);
  if (self->queue->len == 0 && self->waiters->len == 0)
    return;
  GArray *waiters = take_waiters (self);
  if (self->queue->len > 0 && !write_batch (self, &error))
    {
      *self->tip = *self->committed;
      g_string_truncate (self->queue, 0);
      audit_set_trouble (self, error->message);
      audit_waiters_call (waiters, error);
      return;
    }
  g_string_truncate (self->queue, 0);
  if (!self->doubtful)
    g_clear_pointer (&self->trouble, g_free);
  while (owed-- > 0)
    audit_record_free (g_queue_pop_head (&self->owed));
  settle (self, waiters);
}
