/* SPDX-License-Identifier: MIT
 *
 * One thread reads, cuts into blocks and moves the key forward; the others check blocks; what joins
 * them is compared in order. So the answer is the same, however many there are.
 */
#include "broker/audit/audit-verify.h"
#include "broker/audit/audit-conclude.h"
#include "broker/audit/audit-feed.h"
#include "broker/audit/audit-file.h"
#include "broker/audit/audit.h"

#include <string.h>
#include <unistd.h>

#define THREADS_MAX 6 /* bounds the locked memory that keys take */

typedef struct
{
  const AuditExpect *expect;
  AuditReport *report;
  gboolean stopped;  /* damage was found: what comes behind it says nothing */
  gboolean halted;   /* whoever asked wants no more */
  gboolean unlinked; /* the damage is that a link or a number does not fit */
  guint64 bytes;     /* of all files */
  AuditProof *proof;

  GThreadPool *pool;
  GMutex lock;
  GCond changed;
  GQueue flying; /* AuditBlock, in order */
  AuditFeed feed;
} Walk;

/* --- Putting together what the blocks found --- */

static void
report_damage (Walk *walk, AuditDamage damage, guint64 seq, const char *file, guint line,
               const char *message)
{
  audit_report_damage (walk->report, damage, seq, file, line, message);
  walk->stopped = damage != AUDIT_DAMAGE_CLOCK;
}

/* TRUE when the block's first record follows the one before. The log's first is held against what
 * the log as a whole tells. */
static gboolean
joins (Walk *walk, const AuditBlock *block)
{
  g_autofree char *behind = g_strdup_printf (AUDIT_BEHIND_CLOSED, block->first_seq);

  if (!block->opens && audit_proof_is_closed (walk->proof))
    report_damage (walk, AUDIT_DAMAGE_FORGED, block->first_seq, block->path, block->first_line,
                   behind);
  else if (!(block->begins && block->segment > 1)
           && memcmp (block->first_prev, walk->report->last_hash, AUDIT_HEX_LEN) != 0)
    report_damage (walk, AUDIT_DAMAGE_EDITED, block->first_seq, block->path, block->first_line,
                   "the record does not follow the one before it: one of the two was changed");
  else
    return TRUE;
  return FALSE;
}

static void
merge_clock (Walk *walk, const AuditBlock *block)
{
  AuditReport *report = walk->report;
  gboolean back = report->last_time[0] != '\0'
                  && memcmp (block->first_time, report->last_time, AUDIT_TIME_LEN) < 0;
  guint64 seq = back ? block->first_seq : block->clock_seq;

  memcpy (report->last_time, block->last_time, AUDIT_TIME_LEN);
  if (report->clock_warnings == 0 && (back || block->clock_warnings > 0))
    report_damage (walk, AUDIT_DAMAGE_CLOCK, seq, block->path,
                   block->first_line + (guint) (seq - block->first_seq),
                   "the clock went back before this record");
  report->clock_warnings += block->clock_warnings + (back ? 1 : 0);
}

/* The last sound record so far. */
static void
count (Walk *walk, const AuditBlock *block, guint64 records, const char *last_hash)
{
  AuditReport *report = walk->report;
  const AuditExpect *expect = walk->expect;

  report->records += records;
  report->last_seq = block->first_seq + records - 1;
  memcpy (report->last_hash, last_hash, AUDIT_HEX_LEN);
  report->head_checked = expect->head_hash != NULL && expect->head_seq > 0
                         && report->last_seq >= expect->head_seq
                         && (report->head_checked || expect->head_seq >= block->first_seq);
}

/* FALSE when what one of them says does not fit. */
static gboolean
take_marks (Walk *walk, const AuditBlock *block)
{
  for (guint i = 0; block->marks != NULL && i < block->marks->len; i++)
    {
      const AuditMark *mark = &g_array_index (block->marks, AuditMark, i);
      g_autofree char *message = NULL;
      AuditDamage damage;

      if (mark->seq >= block->first_seq + block->records)
        return TRUE;
      damage = audit_proof_take (walk->proof, block->segment, mark, &message);
      if (damage == AUDIT_DAMAGE_NONE)
        continue;
      count (walk, block, mark->seq - block->first_seq, mark->prev);
      report_damage (walk, damage, mark->seq, block->path, mark->line, message);
      return FALSE;
    }
  return TRUE;
}

static void
merge (Walk *walk, const AuditBlock *block)
{
  if (walk->stopped)
    return;
  if (block->records > 0)
    {
      walk->unlinked = TRUE;
      if (!joins (walk, block))
        return;
      walk->unlinked = FALSE;
      merge_clock (walk, block);
      if (!take_marks (walk, block))
        return;
      count (walk, block, block->records, block->last_hash);
    }
  if (block->damage == AUDIT_DAMAGE_NONE)
    return;
  walk->unlinked = block->unlinked;
  report_damage (walk, block->damage, block->seq, block->path, block->line, block->message);
}

static void
work (gpointer data, gpointer user)
{
  AuditBlock *block = data;
  Walk *walk = user;

  audit_block_check (block);
  g_mutex_lock (&walk->lock);
  block->done = TRUE;
  g_cond_signal (&walk->changed);
  g_mutex_unlock (&walk->lock);
}

/* Waits until at most @n blocks are out. */
static void
land (Walk *walk, guint n)
{
  while (walk->flying.length > n)
    {
      AuditBlock *block = g_queue_pop_head (&walk->flying);
      g_mutex_lock (&walk->lock);
      while (!block->done)
        g_cond_wait (&walk->changed, &walk->lock);
      g_mutex_unlock (&walk->lock);
      merge (walk, block);
      audit_block_free (block);
    }
}

/* --- The files --- */

static gboolean
go_on (gpointer user)
{
  Walk *walk = user;
  const AuditExpect *expect = walk->expect;

  walk->halted = walk->halted
                 || (expect->progress != NULL
                     && !expect->progress (walk->feed.bytes, walk->bytes, walk->report->records,
                                           expect->user));
  return !walk->halted;
}

static gboolean
fly (AuditBlock *block, gpointer user)
{
  Walk *walk = user;

  g_queue_push_tail (&walk->flying, block);
  g_thread_pool_push (walk->pool, block, NULL);
  land (walk, THREADS_MAX + 1);
  return !walk->stopped && go_on (walk);
}

static void
report_empty (Walk *walk, const char *dir, guint number, gboolean last)
{
  g_autofree char *path = audit_file_path (dir, number);
  guint64 seq = MAX (walk->feed.next_seq, 1);

  land (walk, 0);
  if (walk->stopped)
    return;
  if (walk->report->records == 0 && last)
    report_damage (walk, AUDIT_DAMAGE_TRUNCATED, seq, path, 1, "the log is empty");
  else if (last)
    report_damage (walk, AUDIT_DAMAGE_TORN, seq, path, 1, "the file is empty, as after a crash");
  else
    report_damage (walk, AUDIT_DAMAGE_REMOVED, seq, path, 1, "the file is empty");
}

static void
report_missing (Walk *walk, const char *dir, guint number, guint of)
{
  g_autofree char *path = audit_file_path (dir, number);

  land (walk, 0);
  if (walk->stopped)
    return;
  if (of == 0)
    report_damage (walk, AUDIT_DAMAGE_TRUNCATED, 1, path, 1, "there is no log");
  else
    report_damage (walk, AUDIT_DAMAGE_REMOVED, walk->feed.next_seq, path, 1, "the file is missing");
}

/* Bytes in all of them together, to tell how far it is. */
static gboolean
measure (Walk *walk, const char *dir, const GArray *list, GError **error)
{
  for (guint i = 0; walk->expect->progress != NULL && i < list->len; i++)
    {
      g_autofree char *path = audit_file_path (dir, g_array_index (list, guint, i));
      struct stat st;
      int fd = audit_file_open (path, &st, error);
      if (fd < 0)
        return FALSE;
      close (fd);
      walk->bytes += (guint64) st.st_size;
    }
  return TRUE;
}

static gboolean
walk_file (Walk *walk, const char *dir, guint number, gboolean last, GError **error)
{
  gboolean empty = FALSE;

  if (!audit_feed_file (&walk->feed, dir, number, last, &empty, error))
    return FALSE;
  if (empty && !walk->halted)
    report_empty (walk, dir, number, last);
  return TRUE;
}

static gboolean
walk_dir (Walk *walk, const char *dir, GError **error)
{
  g_autoptr (GArray) list = audit_file_list (dir, error);
  gboolean fine = list != NULL && measure (walk, dir, list, error);

  if (fine && list->len == 0)
    report_missing (walk, dir, 1, 0);
  for (guint i = 0; fine && !walk->stopped && !walk->halted && i < list->len; i++)
    {
      guint number = g_array_index (list, guint, i), wanted = g_array_index (list, guint, 0) + i;
      if (number != wanted)
        report_missing (walk, dir, wanted, list->len);
      else
        fine = walk_file (walk, dir, number, i + 1 == list->len, error);
    }
  land (walk, 0);
  if (fine && walk->halted)
    g_set_error (error, AUDIT_ERROR, AUDIT_ERROR_STOPPED,
                 "stopped after %" G_GUINT64_FORMAT " records: nothing is proven",
                 walk->report->records);
  return fine && !walk->halted;
}

static gboolean
walk_start (Walk *walk, GError **error)
{
  const Secret *k0 = walk->expect->k0;
  AuditFeed *feed = &walk->feed;

  feed->expect = walk->expect;
  feed->go_on = go_on;
  feed->take = fly;
  feed->user = walk;
  walk->report->macs_checked = k0 != NULL;
  memset (walk->report->last_hash, '0', AUDIT_HEX_LEN);
  if ((feed->hasher = audit_hasher_new (error)) == NULL)
    return FALSE;
  if (k0 != NULL
      && ((feed->chain = audit_chain_new (1, error)) == NULL
          || !audit_chain_start (audit_chains (feed->chain), feed->hasher, k0, error)))
    return FALSE;
  walk->pool = g_thread_pool_new (work, walk, (gint) MIN (g_get_num_processors (), THREADS_MAX),
                                  FALSE, error);
  return walk->pool != NULL;
}

static void
walk_end (Walk *walk)
{
  if (walk->pool != NULL)
    g_thread_pool_free (walk->pool, FALSE, TRUE);
  audit_hasher_free (walk->feed.hasher);
  secret_free (walk->feed.chain);
  audit_proof_free (walk->proof);
  g_mutex_clear (&walk->lock);
  g_cond_clear (&walk->changed);
}

gboolean
audit_verify_dir (const char *dir, const AuditExpect *expect, AuditReport *report, GError **error)
{
  static const AuditExpect nothing;
  Walk walk = { .expect = expect != NULL ? expect : &nothing, .report = report };
  gboolean fine;

  memset (report, 0, sizeof *report);
  walk.proof = audit_proof_new (walk.expect);
  g_mutex_init (&walk.lock);
  g_cond_init (&walk.changed);
  fine = walk_start (&walk, error) && walk_dir (&walk, dir, error);
  if (fine && walk.stopped && walk.unlinked)
    audit_cause_find (dir, walk.expect, walk.feed.hasher, report);
  if (fine)
    audit_conclude (dir, walk.expect, walk.proof, report);
  else
    audit_report_clear (report);
  walk_end (&walk);
  return fine;
}
