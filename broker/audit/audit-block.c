/* SPDX-License-Identifier: MIT */
#include "broker/audit/audit-block.h"

#include "broker/base/wire.h"

#include <string.h>

void
audit_block_free (AuditBlock *block)
{
  if (block == NULL)
    return;
  g_free (block->data);
  g_free (block->path);
  g_clear_pointer (&block->marks, g_array_unref);
  g_free (block->message);
  secret_free (block->keys);
  audit_hasher_free (block->hasher);
  g_free (block);
}

G_GNUC_PRINTF (4, 5)
static gboolean
damaged (AuditBlock *block, AuditDamage damage, guint64 seq, const char *format, ...)
{
  va_list args;

  block->damage = damage;
  block->seq = seq;
  block->line = block->first_line + (guint) block->records;
  va_start (args, format);
  block->message = g_strdup_vprintf (format, args);
  va_end (args);
  return FALSE;
}

static const guint8 *
key_of (const AuditBlock *block, guint64 i)
{
  if (block->keys == NULL || (i + 1) * AUDIT_HASH_LEN > secret_len (block->keys))
    return NULL;
  return secret_peek (block->keys) + i * AUDIT_HASH_LEN;
}

/* Whether the second record of the log bears its key: then the first was edited, and the log is not
 * another one. */
static gboolean
second_fits (const AuditBlock *block, const char *line, gsize len)
{
  const char *second = line + len + 1, *end;
  AuditChain at = { .seq = block->first_seq };
  AuditLine scanned;
  const guint8 *key = key_of (block, 1);
  gsize rest = block->len - MIN ((gsize) (second - block->data), block->len);

  if (key == NULL || (end = memchr (second, '\n', rest)) == NULL
      || !audit_line_scan (second, (gsize) (end - second), &scanned))
    return FALSE;
  return audit_chain_check (&at, block->hasher, key, second, &scanned) == AUDIT_DAMAGE_NONE;
}

static gboolean
refuse_sequence (AuditBlock *block, const AuditLine *scanned, guint64 expected)
{
  if (scanned->seq > expected)
    return damaged (block, AUDIT_DAMAGE_REMOVED, expected,
                    "record %" G_GUINT64_FORMAT " follows where record %" G_GUINT64_FORMAT
                    " must be",
                    scanned->seq, expected);
  if (scanned->seq == 1)
    return damaged (block, AUDIT_DAMAGE_REPLACED, expected,
                    "the log begins anew where record %" G_GUINT64_FORMAT " must be", expected);
  return damaged (block, AUDIT_DAMAGE_REORDERED, scanned->seq,
                  "record %" G_GUINT64_FORMAT " stands where record %" G_GUINT64_FORMAT " must be",
                  scanned->seq, expected);
}

static gboolean
refuse_record (AuditBlock *block, const char *line, gsize len, const AuditLine *scanned,
               const AuditChain *at)
{
  block->unlinked = TRUE;
  if (scanned->seq != at->seq + 1)
    return refuse_sequence (block, scanned, at->seq + 1);
  if (block->keys == NULL || block->records > 0 || !block->begins || second_fits (block, line, len))
    return damaged (block, AUDIT_DAMAGE_EDITED, scanned->seq,
                    block->keys == NULL
                        ? "record %" G_GUINT64_FORMAT " does not follow the one before it: one of "
                          "the two was changed"
                        : "record %" G_GUINT64_FORMAT " was changed: its MAC does not fit",
                    scanned->seq);
  block->unlinked = FALSE;
  return damaged (block, AUDIT_DAMAGE_REPLACED, scanned->seq,
                  "the log was not begun with this key");
}

static gboolean
check_opening (AuditBlock *block, const AuditLine *scanned, const json_t *record)
{
  gint64 format = wire_integer (record, "format", 0);
  gint64 segment = wire_integer (record, "segment", 0);

  if (!audit_line_is_event (scanned, "segment") || wire_string (record, "log") == NULL)
    return damaged (block, AUDIT_DAMAGE_MALFORMED, scanned->seq,
                    "the file does not begin with a record of its own");
  if (format != 1 && format != 2)
    return damaged (block, AUDIT_DAMAGE_MALFORMED, scanned->seq,
                    "the log is of format %" G_GINT64_FORMAT ", not 1 or 2", format);
  if (segment != block->segment)
    return damaged (block, AUDIT_DAMAGE_REORDERED, scanned->seq,
                    "this is the file of segment %" G_GINT64_FORMAT, segment);
  return TRUE;
}

/* Kept for whoever joins the blocks. FALSE when no such record may stand here. */
static gboolean
take_mark (AuditBlock *block, const char *line, gsize len, const AuditLine *scanned)
{
  gboolean opens = block->opens && block->records == 0;
  AuditMark mark = { .seq = scanned->seq, .line = block->first_line + (guint) block->records };

  if (!opens && audit_line_is_event (scanned, "segment"))
    return damaged (block, AUDIT_DAMAGE_REORDERED, scanned->seq,
                    "the first record of a file stands in the middle of one");
  memcpy (mark.prev, scanned->prev, AUDIT_HEX_LEN);
  mark.record = audit_parse_line (line, len, NULL);
  if (block->marks == NULL)
    {
      block->marks = g_array_new (FALSE, FALSE, sizeof (AuditMark));
      g_array_set_clear_func (block->marks, (GDestroyNotify) audit_mark_clear);
    }
  g_array_append_val (block->marks, mark);
  return !opens || check_opening (block, scanned, mark.record);
}

/* The file was closed by the record before. */
static gboolean
is_closed (const AuditBlock *block)
{
  const AuditMark *last = block->marks != NULL
                              ? &g_array_index (block->marks, AuditMark, block->marks->len - 1)
                              : NULL;

  return last != NULL && last->line + 1 == block->first_line + (guint) block->records
         && g_str_equal (wire_string (last->record, "event"), "closed");
}

static void
note_time (AuditBlock *block, const AuditLine *scanned)
{
  if (block->records == 0)
    memcpy (block->first_time, scanned->time, AUDIT_TIME_LEN);
  else if (memcmp (scanned->time, block->last_time, AUDIT_TIME_LEN) < 0
           && block->clock_warnings++ == 0)
    block->clock_seq = scanned->seq;
  memcpy (block->last_time, scanned->time, AUDIT_TIME_LEN);
}

static gboolean
check_record (AuditBlock *block, AuditChain *at, const char *line, gsize len)
{
  AuditLine scanned;

  if (!audit_line_scan (line, len, &scanned))
    return damaged (block, AUDIT_DAMAGE_MALFORMED, at->seq + 1,
                    "this is not a record: column %" G_GSIZE_FORMAT, scanned.fault + 1);
  if (block->records == 0)
    memcpy (block->first_prev, scanned.prev, AUDIT_HEX_LEN);
  if (audit_chain_check (at, block->hasher, key_of (block, block->records), line, &scanned)
      != AUDIT_DAMAGE_NONE)
    return refuse_record (block, line, len, &scanned, at);
  gboolean closed = is_closed (block);
  if (((block->opens && block->records == 0) || audit_mark_is (&scanned))
      && !take_mark (block, line, len, &scanned))
    return FALSE;
  if (closed)
    return damaged (block, AUDIT_DAMAGE_FORGED, scanned.seq, AUDIT_BEHIND_CLOSED, scanned.seq);
  note_time (block, &scanned);
  audit_chain_step (at, block->hasher, line, len);
  if (at->seq == block->head_seq && memcmp (at->last, block->head_hash, AUDIT_HEX_LEN) != 0)
    return damaged (block, AUDIT_DAMAGE_REPLACED, at->seq,
                    "record %" G_GUINT64_FORMAT " is another one than is remembered elsewhere",
                    at->seq);
  block->records++;
  return TRUE;
}

void
audit_block_check (AuditBlock *block)
{
  const char *line = block->data, *end = block->data + block->len;
  AuditChain at = { .seq = block->first_seq - 1 };

  while (line < end)
    {
      const char *newline = memchr (line, '\n', (gsize) (end - line));
      if (newline == NULL)
        {
          damaged (block, block->ends ? AUDIT_DAMAGE_TORN : AUDIT_DAMAGE_MALFORMED, at.seq + 1,
                   block->ends ? "the last record is not whole, as after a crash"
                               : "this record has no end");
          break;
        }
      if (!check_record (block, &at, line, (gsize) (newline - line)))
        break;
      line = newline + 1;
    }
  memcpy (block->last_hash, at.last, AUDIT_HEX_LEN);
}
