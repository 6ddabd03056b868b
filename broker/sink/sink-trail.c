/* SPDX-License-Identifier: MIT */
#include "broker/sink/sink-trail.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "broker/audit/audit-file.h"
#include "broker/audit/audit-verify.h"
#include "broker/audit/audit.h"
#include "broker/base/wire.h"

struct _SinkTrail
{
  char *dir;
  gboolean sealed;
  AuditHasher *hasher;
  SinkCursor cursor;
  AuditReader *reader; /* NULL: the file is opened when the next record is asked for */
  gboolean resumed;    /* nothing was read since the beginning, or since there was no more */
  gboolean linked;     /* the next record must go on from cursor.hash */
  gboolean looked;     /* the end was seen when the file after it was there already */
};

SinkTrail *
sink_trail_new (const char *dir, const SinkCursor *from, gboolean sealed, GError **error)
{
  AuditHasher *hasher = audit_hasher_new (error);

  if (hasher == NULL)
    return NULL;
  SinkTrail *self = g_new0 (SinkTrail, 1);
  self->dir = g_strdup (dir);
  self->sealed = sealed;
  self->hasher = hasher;
  sink_cursor_copy (&self->cursor, from);
  self->linked = from->seq != 0;
  self->resumed = TRUE;
  return self;
}

void
sink_trail_free (SinkTrail *self)
{
  g_clear_pointer (&self->reader, audit_reader_free);
  audit_hasher_free (self->hasher);
  sink_cursor_clear (&self->cursor);
  g_free (self->dir);
  g_free (self);
}

const SinkCursor *
sink_trail_cursor (const SinkTrail *self)
{
  return &self->cursor;
}

/* ---- files ---- */

/* The first file after @number, 0 when there is none. */
static gboolean
file_after (const SinkTrail *self, guint number, guint *next, GError **error)
{
  g_autoptr (GArray) list = audit_file_list (self->dir, error);

  *next = 0;
  for (guint i = 0; list != NULL && *next == 0 && i < list->len; i++)
    if (g_array_index (list, guint, i) > number)
      *next = g_array_index (list, guint, i);
  return list != NULL;
}

static void
begin_file (SinkTrail *self, guint number)
{
  g_clear_pointer (&self->reader, audit_reader_free);
  self->cursor.segment = number;
  self->cursor.offset = 0;
  self->looked = FALSE;
}

/* ---- where it does not go on ---- */

/* The store's id in a file's first record; NULL when that is none. */
static char *
log_of (const char *line, gsize len)
{
  g_autoptr (json_t) record = audit_parse_line (line, len, NULL);
  const char *log = wire_string (record, "log");

  return g_strcmp0 (wire_string (record, "event"), "segment") != 0 || log == NULL
                 || !sink_cursor_log_fits (log)
             ? NULL
             : g_strdup (log);
}

static gboolean
is_of_same_log (const SinkTrail *self)
{
  g_autofree char *path = audit_file_path (self->dir, self->cursor.segment), *log = NULL;
  const char *line;
  struct stat st;
  gsize len;
  int fd = audit_file_open (path, &st, NULL);

  if (fd < 0)
    return FALSE;
  g_autoptr (AuditReader) reader = audit_reader_new (fd, 0);
  if (audit_reader_next (reader, &line, &len, NULL) == AUDIT_READ_LINE)
    log = log_of (line, len);
  return log != NULL && g_strcmp0 (log, self->cursor.log) == 0;
}

/* What was sent is not what is there, be it that a crash took the end or that somebody wrote. What
 * is there is sent from the beginning of the file: who reads it tells by number and hash what is
 * new. */
static SinkRecord *
begin_again (SinkTrail *self, const char *why)
{
  g_autofree char *text = g_strdup_printf ("%06u.jsonl, byte %" G_GUINT64_FORMAT ": %s",
                                           self->cursor.segment, self->cursor.offset, why);
  SinkRecord *told = sink_record_differs (self->cursor.seq, self->cursor.hash, text);
  guint number = self->cursor.segment;

  if (!is_of_same_log (self) && !file_after (self, 0, &number, NULL))
    number = 0;
  begin_file (self, number);
  self->linked = self->resumed = FALSE;
  /* What is there counts as sent when it has been: the files are kept until then. */
  self->cursor.seq = 0;
  memset (self->cursor.hash, '0', AUDIT_HEX_LEN);
  return told;
}

/* The first record that comes after what was sent earlier shows that the trail has changed behind
 * our back. Further in, it is damaged there, and beginning again would lead to the same place: what
 * stands at cursor.offset is read once more, for what it is. */
static SinkRecord *
differs (SinkTrail *self, const char *why)
{
  if (self->resumed && self->linked)
    return begin_again (self, why);
  g_autofree char *text = g_strdup_printf ("%06u.jsonl, byte %" G_GUINT64_FORMAT ": %s",
                                           self->cursor.segment, self->cursor.offset, why);
  g_clear_pointer (&self->reader, audit_reader_free);
  self->linked = FALSE;
  return sink_record_differs (self->cursor.seq, self->cursor.hash, text);
}

/* ---- reading ---- */

/* There is no such file: nothing was read yet, or it was removed. All of it may have been sent: the
 * link of the one after it tells. */
static gboolean
open_another (SinkTrail *self, SinkRecord **told, gboolean *end, GError **error)
{
  guint next, first;

  if (!file_after (self, self->cursor.segment, &next, error)
      || !file_after (self, 0, &first, error))
    return FALSE;
  if (next != 0)
    begin_file (self, next);
  else if (first != 0)
    *told = begin_again (self, "the file is gone");
  else
    *end = TRUE;
  return TRUE;
}

static gboolean
open_file (SinkTrail *self, SinkRecord **told, gboolean *end, GError **error)
{
  g_autofree char *path = audit_file_path (self->dir, self->cursor.segment);
  struct stat st;

  if (self->cursor.segment == 0 || (access (path, F_OK) != 0 && errno == ENOENT))
    return open_another (self, told, end, error);
  int fd = audit_file_open (path, &st, error);
  if (fd < 0)
    return FALSE;
  self->reader = audit_reader_new (fd, self->cursor.offset);
  if ((guint64) st.st_size < self->cursor.offset)
    *told = begin_again (self, "the file is shorter than that");
  return TRUE;
}

static gboolean
follows (const SinkTrail *self, const AuditLine *scanned)
{
  return !self->linked
         || (scanned->seq == self->cursor.seq + 1
             && memcmp (scanned->prev, self->cursor.hash, AUDIT_HEX_LEN) == 0);
}

static void
step (SinkTrail *self, const AuditLine *scanned, const char *line, gsize len)
{
  guint8 hash[AUDIT_HASH_LEN];
  char *log = self->cursor.offset == 0 ? log_of (line, len) : NULL;

  if (log != NULL)
    {
      g_free (self->cursor.log);
      self->cursor.log = log;
    }
  audit_hash (self->hasher, line, len, hash);
  audit_hex (hash, self->cursor.hash);
  self->cursor.hash[AUDIT_HEX_LEN] = '\0';
  self->cursor.seq = scanned->seq;
  self->cursor.offset += len + 1;
  self->linked = TRUE;
  self->resumed = FALSE;
}

/* A line that is no record: told of the first of several. */
static SinkRecord *
pass_over (SinkTrail *self, gsize len)
{
  gboolean again = self->resumed && self->linked;
  SinkRecord *told
      = self->linked || self->cursor.offset == 0 ? differs (self, "is no record") : NULL;

  if (!again)
    self->cursor.offset += len + 1;
  return told;
}

/* NULL without an error: to be called again. */
static SinkRecord *
on_line (SinkTrail *self, const char *line, gsize len, GError **error)
{
  AuditLine scanned;

  self->looked = FALSE;
  if (!audit_line_scan (line, len, &scanned))
    return pass_over (self, len);
  if (!follows (self, &scanned))
    return differs (self, "does not follow it");
  step (self, &scanned, line, len);
  return sink_record_new (line, len, &scanned, self->cursor.hash, self->sealed, error);
}

/* At the end of a file. The one after it is begun when nothing more is written to this one: what
 * came between our reading and our looking is read first. */
static gboolean
on_end (SinkTrail *self, gboolean *end, GError **error)
{
  guint next;

  g_clear_pointer (&self->reader, audit_reader_free);
  if (!file_after (self, self->cursor.segment, &next, error))
    return FALSE;
  *end = next == 0;
  self->resumed = self->resumed || *end;
  if (next != 0 && self->looked)
    begin_file (self, next);
  else
    self->looked = next != 0;
  return TRUE;
}

SinkTrailRead
sink_trail_next (SinkTrail *self, SinkRecord **record, GError **error)
{
  GError *inner = NULL;
  gboolean end = FALSE, well = TRUE;

  *record = NULL;
  while (*record == NULL && !end && well)
    {
      const char *line;
      gsize len;

      if (self->reader == NULL)
        {
          well = open_file (self, record, &end, &inner);
          continue;
        }
      AuditRead got = audit_reader_next (self->reader, &line, &len, &inner);
      if (got == AUDIT_READ_LINE)
        *record = on_line (self, line, len, &inner);
      else if (got != AUDIT_READ_FAILED)
        well = on_end (self, &end, &inner);
      well = well && inner == NULL;
    }
  if (well)
    return end ? SINK_TRAIL_END : SINK_TRAIL_RECORD;
  g_clear_pointer (&self->reader, audit_reader_free);
  g_propagate_error (error, inner);
  return SINK_TRAIL_FAILED;
}
