/* SPDX-License-Identifier: MIT
 *
 * The end of the log, behind a head: what a crash left there, and mending it.
 *
 * MUST
 *  - accept a record behind the head only when it bears the key that the head holds
 *  - cut only bytes that are no record, or records that were refused
 */
#include "broker/audit/audit-file.h"
#include "broker/audit/audit-private.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static gboolean
set_io_error (GError **error, const char *path, const char *what)
{
  g_set_error (error, AUDIT_ERROR, AUDIT_ERROR_IO, "%s: %s: %s", path, what, g_strerror (errno));
  return FALSE;
}

/* TRUE as long as @line is the next record, which @chain then speaks of. @stop: it is no record at
 * all. */
static gboolean
follow_line (AuditHasher *hasher, AuditChain *chain, const char *path, const char *line, gsize len,
             gboolean *stop, GError **error)
{
  AuditLine scanned;
  AuditDamage damage;

  *stop = !audit_line_scan (line, len, &scanned);
  if (*stop)
    return TRUE;
  damage = audit_chain_check (chain, hasher, chain->key, line, &scanned);
  if (damage != AUDIT_DAMAGE_NONE)
    {
      g_set_error (error, AUDIT_ERROR, AUDIT_ERROR_TAMPERED,
                   "%s: record %" G_GUINT64_FORMAT " where record %" G_GUINT64_FORMAT
                   " must be: %s",
                   path, scanned.seq, chain->seq + 1, audit_damage_name (damage));
      return FALSE;
    }
  if (!audit_follow (hasher, chain, &scanned, line, len, error))
    {
      g_prefix_error (error, "%s: ", path);
      return FALSE;
    }
  audit_chain_step (chain, hasher, line, len);
  audit_next_key (hasher, chain->key);
  return TRUE;
}

/* @whole: the file ended with a record. */
static gboolean
follow_file (const char *path, AuditHasher *hasher, AuditChain *chain, guint64 until,
             gboolean *whole, GError **error)
{
  struct stat st;
  int fd = audit_file_open (path, &st, error);
  gboolean stop = FALSE;
  const char *line;
  gsize len;

  *whole = FALSE;
  if (fd < 0)
    return FALSE;
  g_autoptr (AuditReader) reader = audit_reader_new (fd, chain->offset);
  while (!stop && (until == 0 || chain->seq < until))
    switch (audit_reader_next (reader, &line, &len, error))
      {
      case AUDIT_READ_LINE:
        if (!follow_line (hasher, chain, path, line, len, &stop, error))
          return FALSE;
        break;
      case AUDIT_READ_REST:
        return TRUE;
      case AUDIT_READ_END:
        *whole = TRUE;
        return TRUE;
      case AUDIT_READ_FAILED:
        return FALSE;
      }
  return TRUE;
}

gboolean
audit_tail_follow (const char *dir, AuditHasher *hasher, AuditChain *chain, guint64 until,
                   GError **error)
{
  /* A segment of which not even the first record is whole is not begun: its number is used again.
   */
  g_autoptr (Secret) ahead = audit_chain_new (1, error);
  gboolean whole = TRUE;

  if (ahead == NULL)
    return FALSE;
  AuditChain *next = audit_chains (ahead);
  for (*next = *chain; whole; next->segment++, next->offset = 0)
    {
      g_autofree char *path = audit_file_path (dir, next->segment);
      if (next->segment > chain->segment && !g_file_test (path, G_FILE_TEST_EXISTS))
        break;
      if (!follow_file (path, hasher, next, until, &whole, error))
        return FALSE;
      if (next->seq == chain->seq && next->segment > chain->segment)
        break;
      *chain = *next;
    }
  return TRUE;
}

gboolean
audit_tail_check_last (const char *dir, AuditHasher *hasher, const AuditChain *chain,
                       GError **error)
{
  g_autofree char *path = audit_file_path (dir, chain->segment);
  struct stat st;
  int fd = audit_file_open (path, &st, error);
  guint64 window = MIN (chain->offset, AUDIT_LINE_MAX + 2);
  guint8 hash[AUDIT_HASH_LEN], last[AUDIT_HASH_LEN];

  if (fd < 0)
    return FALSE;
  g_autofree char *data = g_malloc (window + 1);
  gssize n = pread (fd, data, window, (off_t) (chain->offset - window));
  close (fd);
  if (n < 0)
    return set_io_error (error, path, "cannot be read");
  if ((guint64) n == window && window > 0 && data[window - 1] == '\n')
    {
      const char *before = memrchr (data, '\n', window - 1);
      const char *line = before != NULL ? before + 1 : data;
      audit_hash (hasher, line, (gsize) (data + window - 1 - line), hash);
      if (audit_unhex (chain->last, last) && memcmp (hash, last, sizeof hash) == 0)
        return TRUE;
    }
  g_set_error (error, AUDIT_ERROR, AUDIT_ERROR_TAMPERED,
               "%s: record %" G_GUINT64_FORMAT " is not there as the store remembers it: %s", path,
               chain->seq,
               (guint64) st.st_size < chain->offset ? "the log ends before it" : "it was changed");
  return FALSE;
}

/* How many bytes @path has from @offset on; -1 with an error. */
static gint64
bytes_behind (const char *path, guint64 offset, GError **error)
{
  struct stat st;

  if (lstat (path, &st) != 0)
    return set_io_error (error, path, "cannot be looked at") ? 0 : -1;
  return MAX (st.st_size - (gint64) offset, 0);
}

static gboolean
cut_file (const char *path, guint64 offset, GError **error)
{
  struct stat st;
  int fd = audit_file_append (path, FALSE, &st, error);
  gboolean cut;

  if (fd < 0)
    return FALSE;
  cut = ftruncate (fd, (off_t) offset) == 0 && fsync (fd) == 0;
  if (!cut)
    set_io_error (error, path, "cannot be cut");
  close (fd);
  return cut;
}

gboolean
audit_tail_cut (const char *dir, const AuditChain *chain, gsize *bytes, GError **error)
{
  g_autoptr (GArray) list = audit_file_list (dir, error);

  if (list == NULL)
    return FALSE;
  *bytes = 0;
  for (guint i = list->len; i-- > 0;)
    {
      guint number = g_array_index (list, guint, i);
      guint64 keep = number == chain->segment ? chain->offset : 0;
      g_autofree char *path = audit_file_path (dir, number);
      gint64 behind = number < chain->segment ? 0 : bytes_behind (path, keep, error);

      if (behind < 0)
        return FALSE;
      if (number > chain->segment && unlink (path) != 0)
        return set_io_error (error, path, "cannot be removed");
      if (number == chain->segment && behind > 0 && !cut_file (path, keep, error))
        return FALSE;
      *bytes += (gsize) behind;
    }
  return TRUE;
}

/* After a failed sync the kernel holds pages that it calls clean and that are not on the disk.
 * Writing the same bytes again makes them dirty, so that the next sync means something. */
static gboolean
rewrite_file (const char *path, guint64 from, guint64 to, GError **error)
{
  int fd = open (path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
  char data[16 * 1024];

  if (fd < 0)
    return set_io_error (error, path, "cannot be opened");
  while (from < to)
    {
      gssize n = pread (fd, data, MIN (sizeof data, to - from), (off_t) from);
      if (n <= 0 || pwrite (fd, data, (gsize) n, (off_t) from) != n)
        {
          set_io_error (error, path, "cannot be written again");
          close (fd);
          return FALSE;
        }
      from += (guint64) n;
    }
  close (fd);
  return TRUE;
}

gboolean
audit_tail_rewrite (const char *dir, const AuditChain *from, const AuditChain *to, GError **error)
{
  for (guint32 number = from->segment; number <= to->segment; number++)
    {
      g_autofree char *path = audit_file_path (dir, number);
      gint64 rest = bytes_behind (path, 0, error);

      if (rest < 0
          || !rewrite_file (path, number == from->segment ? from->offset : 0,
                            number == to->segment ? to->offset : (guint64) rest, error))
        return FALSE;
    }
  return TRUE;
}
