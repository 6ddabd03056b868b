/* SPDX-License-Identifier: MIT
 *
 * One thread reads, cuts into blocks and moves the key forward; the others check blocks; what joins
 * them is compared in order. So the answer is the same, however many there are.
 */
#include "broker/audit/audit-verify.h"
#include "broker/audit/audit-feed.h"
#include "broker/audit/audit-file.h"

#include <string.h>

#define THREADS_MAX 6 /* bounds the locked memory that keys take */

typedef struct
{
  const AuditExpect *expect;
  AuditReport *report;
  gboolean stopped; /* damage was found: what comes behind it says nothing */
  char *log_id;
  char last_time[AUDIT_TIME_LEN];

  GThreadPool *pool;
  GMutex lock;
  GCond changed;
  GQueue flying; /* AuditBlock, in order */
  AuditFeed feed;
} Walk;

const char *
audit_damage_name (AuditDamage damage)
{
  static const char *const names[] = { "none",      "malformed", "edited", "removed", "reordered",
                                       "truncated", "replaced",  "torn",   "clock" };

  return damage < G_N_ELEMENTS (names) ? names[damage] : "unknown";
}

gboolean
audit_damage_is_harmless (AuditDamage damage)
{
  return damage == AUDIT_DAMAGE_NONE || damage == AUDIT_DAMAGE_TORN || damage == AUDIT_DAMAGE_CLOCK;
}

void
audit_report_clear (AuditReport *report)
{
  g_clear_pointer (&report->file, g_free);
  g_clear_pointer (&report->message, g_free);
}

/* --- Putting together what the blocks found --- */

static void
report_damage (Walk *walk, AuditDamage damage, guint64 seq, const char *file, guint line,
               const char *message)
{
  AuditReport *report = walk->report;

  audit_report_clear (report);
  report->damage = damage;
  report->seq = seq;
  report->file = g_strdup (file);
  report->line = line;
  report->message = g_strdup (message);
  walk->stopped = damage != AUDIT_DAMAGE_CLOCK;
}

/* TRUE when the block's first record follows the one before, and is of the same log. */
static gboolean
joins (Walk *walk, const AuditBlock *block)
{
  const char *log_id = walk->log_id != NULL ? walk->log_id : walk->expect->log_id;

  if (block->log_id != NULL && log_id != NULL && strcmp (log_id, block->log_id) != 0)
    report_damage (walk, AUDIT_DAMAGE_REPLACED, block->first_seq, block->path, 1,
                   "the file belongs to another log");
  else if (memcmp (block->first_prev, walk->report->last_hash, AUDIT_HEX_LEN) != 0)
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
  gboolean back = walk->last_time[0] != '\0'
                  && memcmp (block->first_time, walk->last_time, AUDIT_TIME_LEN) < 0;
  guint64 seq = back ? block->first_seq : block->clock_seq;

  memcpy (walk->last_time, block->last_time, AUDIT_TIME_LEN);
  if (report->clock_warnings == 0 && (back || block->clock_warnings > 0))
    report_damage (walk, AUDIT_DAMAGE_CLOCK, seq, block->path,
                   block->first_line + (guint) (seq - block->first_seq),
                   "the clock went back before this record");
  report->clock_warnings += block->clock_warnings + (back ? 1 : 0);
}

static void
merge (Walk *walk, const AuditBlock *block)
{
  AuditReport *report = walk->report;

  if (walk->stopped)
    return;
  if (block->records > 0)
    {
      if (!joins (walk, block))
        return;
      merge_clock (walk, block);
      if (walk->log_id == NULL)
        walk->log_id = g_strdup (block->log_id);
      report->records += block->records;
      report->last_seq = block->first_seq + block->records - 1;
      memcpy (report->last_hash, block->last_hash, AUDIT_HEX_LEN);
    }
  if (block->damage != AUDIT_DAMAGE_NONE)
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
fly (AuditBlock *block, gpointer user)
{
  Walk *walk = user;

  g_queue_push_tail (&walk->flying, block);
  g_thread_pool_push (walk->pool, block, NULL);
  land (walk, THREADS_MAX + 1);
  return !walk->stopped;
}

static void
report_empty (Walk *walk, const char *dir, guint number, gboolean last)
{
  g_autofree char *path = audit_file_path (dir, number);
  guint64 seq = walk->feed.next_seq;

  land (walk, 0);
  if (walk->stopped)
    return;
  if (number == 1)
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

static gboolean
walk_dir (Walk *walk, const char *dir, GError **error)
{
  g_autoptr (GArray) list = audit_file_list (dir, error);
  gboolean fine = list != NULL, empty = FALSE;

  if (fine && list->len == 0)
    report_missing (walk, dir, 1, 0);
  for (guint i = 0; fine && !walk->stopped && i < list->len; i++)
    if (g_array_index (list, guint, i) != i + 1)
      report_missing (walk, dir, i + 1, list->len);
    else
      {
        gboolean last = i + 1 == list->len;
        fine = audit_feed_file (&walk->feed, dir, i + 1, last, &empty, error);
        if (fine && empty)
          report_empty (walk, dir, i + 1, last);
      }
  land (walk, 0);
  return fine;
}

/* --- What only the whole log tells --- */

static gboolean
is_seq (const AuditLine *scanned, const char *line, gsize len, gpointer user)
{
  guint64 *seq = user;

  if (scanned->seq != *seq)
    return TRUE;
  *seq = 0; /* found */
  return FALSE;
}

static void
conclude (Walk *walk, const char *dir)
{
  AuditReport *report = walk->report;
  guint64 wanted = report->seq;

  if (report->damage == AUDIT_DAMAGE_REMOVED)
    {
      audit_each (dir, is_seq, &wanted, NULL);
      report->damage = wanted == 0 ? AUDIT_DAMAGE_REORDERED : AUDIT_DAMAGE_REMOVED;
    }
  if (audit_damage_is_harmless (report->damage) && report->last_seq < walk->expect->head_seq)
    {
      g_autofree char *message
          = g_strdup_printf ("the log ends with record %" G_GUINT64_FORMAT
                             "; record %" G_GUINT64_FORMAT " is remembered elsewhere",
                             report->last_seq, walk->expect->head_seq);
      g_autofree char *file = g_steal_pointer (&report->file);
      report_damage (walk, AUDIT_DAMAGE_TRUNCATED, report->last_seq + 1, file, 0, message);
    }
}

static gboolean
walk_start (Walk *walk, GError **error)
{
  const Secret *k0 = walk->expect->k0;
  AuditFeed *feed = &walk->feed;

  feed->expect = walk->expect;
  feed->next_seq = 1;
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
  g_free (walk->log_id);
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
  g_mutex_init (&walk.lock);
  g_cond_init (&walk.changed);
  fine = walk_start (&walk, error) && walk_dir (&walk, dir, error);
  if (fine)
    conclude (&walk, dir);
  else
    audit_report_clear (report);
  walk_end (&walk);
  return fine;
}
