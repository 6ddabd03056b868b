/* SPDX-License-Identifier: MIT */
#include "broker/audit/audit-walk.h"

#include "broker/audit/audit-file.h"
#include "broker/audit/audit-member.h"
#include "broker/audit/audit.h"
#include "broker/base/wire.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

typedef struct
{
  const char *dir;
  AuditCache *cache;
  const AuditWish *wish;
  gboolean backward;
  AuditEach each;
  gpointer user;
  gboolean more;
  GPtrArray *kept; /* char*, when backward: what one run has */
} Walk;

gboolean
audit_wish_fits (const AuditWish *wish, const AuditLine *scanned, const char *line)
{
  AuditMember members[]
      = { { .name = "request_id" }, { .name = "grant_id" }, { .name = "resource" } };

  if ((wish->seq != 0 && scanned->seq != wish->seq)
      || (wish->since != NULL && memcmp (scanned->time, wish->since, AUDIT_TIME_LEN) < 0)
      || (wish->until != NULL && memcmp (scanned->time, wish->until, AUDIT_TIME_LEN) > 0)
      || (wish->event != NULL && !audit_line_is_event (scanned, wish->event)))
    return FALSE;
  if (wish->id == NULL && wish->resource == NULL)
    return TRUE;
  audit_line_members (line, scanned, members, G_N_ELEMENTS (members));
  return (wish->id == NULL || audit_member_is (&members[0], wish->id)
          || audit_member_is (&members[1], wish->id))
         && (wish->resource == NULL || audit_member_is (&members[2], wish->resource));
}

static gboolean
give (Walk *walk, const char *line, gsize len)
{
  AuditLine scanned;

  audit_line_scan (line, len, &scanned);
  return walk->each (&scanned, line, len, walk->user);
}

static gboolean
not_a_record (const char *path, guint64 offset, const AuditLine *scanned, GError **error)
{
  g_set_error (error, WIRE_ERROR, WIRE_ERROR_PARSE,
               "%s: not a record: the line at byte %" G_GUINT64_FORMAT ", column %" G_GSIZE_FORMAT,
               path, offset, scanned->fault + 1);
  return FALSE;
}

/* Backward a run is read to its end before the last of it is told. */
static gboolean
take_line (Walk *walk, const AuditLine *scanned, const char *line, gsize len)
{
  if (!audit_wish_fits (walk->wish, scanned, line))
    return TRUE;
  if (walk->backward)
    g_ptr_array_add (walk->kept, g_strndup (line, len));
  else
    walk->more = walk->each (scanned, line, len, walk->user);
  return walk->more;
}

static void
give_kept (Walk *walk)
{
  for (guint i = walk->kept->len; i > 0 && walk->more; i--)
    walk->more = give (walk, walk->kept->pdata[i - 1], strlen (walk->kept->pdata[i - 1]));
  g_ptr_array_set_size (walk->kept, 0);
}

static gboolean
walk_span (Walk *walk, int fd, const char *path, const AuditSpan *span, GError **error)
{
  g_autoptr (AuditReader) reader = audit_reader_new (dup (fd), span->offset);
  guint64 at = span->offset, end = span->offset + span->len;
  AuditRead got = AUDIT_READ_END;
  AuditLine scanned;
  const char *line;
  gsize len;

  while (at < end && (got = audit_reader_next (reader, &line, &len, error)) == AUDIT_READ_LINE)
    {
      if (!audit_line_scan (line, len, &scanned))
        return not_a_record (path, at, &scanned, error);
      at += len + 1;
      if (!take_line (walk, &scanned, line, len))
        return TRUE;
    }
  if (got == AUDIT_READ_FAILED)
    return FALSE;
  give_kept (walk);
  return TRUE;
}

/* The runs of a file that have to be read: all of it, unless an index says less. */
static GArray *
choose_spans (const Walk *walk, guint number, int fd, const struct stat *st, gboolean finished)
{
  const AuditWish *wish = walk->wish;
  AuditLookup lookup
      = { wish->since, wish->until, wish->event, { wish->id, wish->resource }, wish->seq };
  g_autoptr (AuditIndex) index
      = walk->cache != NULL && finished ? audit_index_open (walk->cache, number, fd, st) : NULL;
  GArray *spans = index != NULL ? audit_index_spans (index, &lookup) : NULL;

  if (spans != NULL)
    return spans;
  AuditSpan whole = { 0, G_MAXINT64 };
  spans = g_array_new (FALSE, FALSE, sizeof (AuditSpan));
  g_array_append_val (spans, whole);
  return spans;
}

/* @finished: another file follows, so no record comes to this one any more. */
static gboolean
walk_file (Walk *walk, guint number, gboolean finished, GError **error)
{
  g_autofree char *path = audit_file_path (walk->dir, number);
  g_autoptr (GError) trouble = NULL;
  struct stat st;
  int fd = audit_file_open (path, &st, &trouble);
  gboolean read = TRUE;

  if (fd < 0)
    {
      /* Listed a moment ago: what is kept for a time only has just come to its end. */
      if (access (path, F_OK) != 0 && errno == ENOENT)
        return TRUE;
      g_propagate_error (error, g_steal_pointer (&trouble));
      return FALSE;
    }
  g_autoptr (GArray) spans = choose_spans (walk, number, fd, &st, finished);
  for (guint i = 0; read && walk->more && i < spans->len; i++)
    read = walk_span (walk, fd, path,
                      &g_array_index (spans, AuditSpan, walk->backward ? spans->len - 1 - i : i),
                      error);
  close (fd);
  return read;
}

gboolean
audit_walk (const char *dir, AuditCache *cache, const AuditWish *wish, gboolean backward,
            AuditEach each, gpointer user, GError **error)
{
  g_autoptr (GArray) list = audit_file_list (dir, error);
  g_autoptr (GPtrArray) kept = g_ptr_array_new_with_free_func (g_free);
  Walk walk = { dir, cache, wish, backward, each, user, TRUE, kept };

  if (cache != NULL && list != NULL && list->len > 0)
    audit_cache_sweep (cache, g_array_index (list, guint, 0));
  for (guint i = 0; list != NULL && walk.more && i < list->len; i++)
    {
      guint at = backward ? list->len - 1 - i : i;
      if (!walk_file (&walk, g_array_index (list, guint, at), at + 1 < list->len, error))
        return FALSE;
    }
  return list != NULL;
}
