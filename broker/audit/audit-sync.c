/* SPDX-License-Identifier: MIT
 *
 * From the file to the disk, on the writer thread: neighbouring jobs share one fdatasync() and one
 * saving of the head.
 *
 * MUST
 *  - save the head only of what is on disk
 *  - release nobody by a sync that comes after one that failed, until the bytes were written again
 */
#include "broker/audit/audit-head.h"
#include "broker/audit/audit-private.h"

typedef struct
{
  Audit *audit;
  AuditSegment *segment;
  GBytes *head; /* NULL: could not be sealed, see fault */
  GError *fault;
  gboolean renewed;
  gboolean closed;
  GArray *waiters; /* or NULL */
} Job;

static void
job_free (Job *job)
{
  audit_segment_unref (job->segment);
  g_clear_pointer (&job->head, g_bytes_unref);
  g_clear_error (&job->fault);
  g_free (job);
}

/* --- On the writer thread --- */

static gboolean
run (gpointer data, GError **error)
{
  Job *job = data;
  Audit *self = job->audit;

  if (job->fault != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&job->fault));
      return FALSE;
    }
  if (job->renewed)
    g_clear_error (&self->sync.failed);
  /* The group went on to the next segment: this one gets no other sync. */
  if (self->sync.segment != NULL && self->sync.segment != job->segment && self->sync.failed == NULL)
    audit_segment_sync (self->sync.segment, &self->sync.failed);
  g_clear_pointer (&self->sync.segment, audit_segment_unref);
  g_clear_pointer (&self->sync.head, g_bytes_unref);
  self->sync.segment = audit_segment_ref (job->segment);
  self->sync.head = g_bytes_ref (job->head);
  self->sync.closed = self->sync.closed || job->closed;
  return TRUE;
}

/* The order is what makes a head that is ahead of the log a sign of tampering. */
static gboolean
end (gpointer user, GError **error)
{
  Audit *self = user;
  g_autoptr (AuditSegment) segment = g_steal_pointer (&self->sync.segment);
  g_autoptr (GBytes) head = g_steal_pointer (&self->sync.head);

  if (segment != NULL && self->sync.failed == NULL
      && audit_segment_sync (segment, &self->sync.failed)
      && !self->save_head (self->user, head, &self->sync.failed) && self->sync.failed == NULL)
    g_set_error_literal (&self->sync.failed, AUDIT_ERROR, AUDIT_ERROR_IO,
                         "the head of the audit trail could not be saved");
  if (self->sync.failed == NULL)
    {
      if (self->sync.closed && self->forget_heads != NULL)
        self->forget_heads (self->user);
      self->sync.closed = FALSE;
      return TRUE;
    }
  g_propagate_error (error, g_error_copy (self->sync.failed));
  return FALSE;
}

WriterGroup
audit_sync_group (Audit *self)
{
  return (WriterGroup){ NULL, end, self };
}

/* --- On the main loop --- */

static void
owe_unreleased (Audit *self, guint64 first, guint64 last)
{
  AuditRecord *record = audit_record_new (self, "unreleased");

  audit_record_integer (record, "first", (gint64) first);
  audit_record_integer (record, "last", (gint64) last);
  audit_append_owed (self, record);
}

/* They stand in the log, and their requests were refused: one record for each run of them says so.
 */
static void
owe_all_unreleased (Audit *self, const GArray *waiters)
{
  guint64 first = 0, last = 0;

  for (guint i = 0; i < waiters->len; i++)
    {
      const AuditWaiter *waiter = &g_array_index (waiters, AuditWaiter, i);
      guint64 seq = waiter->seq;
      if (waiter->closes)
        continue;
      if (first != 0 && seq != last + 1)
        owe_unreleased (self, first, last);
      if (first == 0 || seq != last + 1)
        first = seq;
      last = seq;
    }
  if (first != 0)
    owe_unreleased (self, first, last);
}

static void
finished (gpointer data, const GError *error)
{
  Job *job = data;
  Audit *self = job->audit;
  GArray *waiters = g_steal_pointer (&job->waiters);

  self->syncing--;
  if (error != NULL)
    {
      self->broken = self->rewrite = self->doubtful = TRUE;
      audit_set_trouble (self, error->message);
      if (waiters != NULL)
        owe_all_unreleased (self, waiters);
    }
  else
    {
      g_clear_pointer (&self->synced, g_bytes_unref);
      self->synced = g_steal_pointer (&job->head);
      if (self->doubtful)
        g_clear_pointer (&self->trouble, g_free);
      self->doubtful = FALSE;
    }
  job_free (job);
  if (self->unsynced && self->syncing == 0 && !self->broken)
    audit_sync_push (self, NULL);
  if (waiters != NULL)
    audit_waiters_call (waiters, error);
}

void
audit_sync_push (Audit *self, GArray *waiters)
{
  Job *job = g_new0 (Job, 1);

  job->audit = self;
  job->segment = audit_segment_ref (self->segment);
  job->head = audit_head_seal (self->head_key, self->log_id, self->committed, &job->fault);
  job->waiters = waiters;
  job->renewed = self->renewed;
  job->closed = self->committed->closed;
  self->renewed = FALSE;
  self->unsynced = FALSE;
  self->syncing++;
  writer_push (self->writer, &self->group, run, finished, job);
}

void
audit_sync_soon (Audit *self)
{
  self->unsynced = TRUE;
  if (self->syncing == 0)
    audit_sync_push (self, NULL);
}
