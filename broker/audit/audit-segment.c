/* SPDX-License-Identifier: MIT
 *
 * The file that is being written.
 */
#include "broker/audit/audit-file.h"
#include "broker/audit/audit-private.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

static gboolean
set_io_error (GError **error, const char *path, const char *what)
{
  g_set_error (error, AUDIT_ERROR, AUDIT_ERROR_IO, "%s: %s: %s", path, what, g_strerror (errno));
  return FALSE;
}

AuditSegment *
audit_segment_open (const char *dir, guint number, gboolean create, GError **error)
{
  g_autofree char *path = audit_file_path (dir, number);
  struct stat st;
  int fd = audit_file_append (path, create, &st, error);

  if (fd < 0)
    return NULL;
  AuditSegment *self = g_atomic_rc_box_new0 (AuditSegment);
  self->fd = fd;
  self->path = g_steal_pointer (&path);
  self->dev = st.st_dev;
  self->ino = st.st_ino;
  self->unnamed = create;
  return self;
}

AuditSegment *
audit_segment_ref (AuditSegment *self)
{
  return g_atomic_rc_box_acquire (self);
}

static void
clear (gpointer data)
{
  AuditSegment *self = data;

  close (self->fd);
  g_free (self->path);
}

void
audit_segment_unref (AuditSegment *self)
{
  g_atomic_rc_box_release_full (self, clear);
}

/* A log that was unlinked would take records and lose them when we close it. Two calls, 1 µs, once
 * for each batch. A change in the very moment after is not seen here, but by the next batch. */
gboolean
audit_segment_check (const AuditSegment *self, guint64 offset, GError **error)
{
  struct stat named, open;

  if (lstat (self->path, &named) != 0 || fstat (self->fd, &open) != 0)
    return set_io_error (error, self->path, "cannot be looked at");
  if (named.st_dev != self->dev || named.st_ino != self->ino)
    g_set_error (error, AUDIT_ERROR, AUDIT_ERROR_IO, "%s: was replaced by another file",
                 self->path);
  else if ((guint64) open.st_size != offset)
    g_set_error (error, AUDIT_ERROR, AUDIT_ERROR_IO,
                 "%s: somebody else changed it: it has %" G_GINT64_FORMAT
                 " bytes instead of %" G_GUINT64_FORMAT,
                 self->path, (gint64) open.st_size, offset);
  else
    return TRUE;
  return FALSE;
}

gboolean
audit_segment_write (const AuditSegment *self, const char *data, gsize len, GError **error)
{
  while (len > 0)
    {
      gssize n = write (self->fd, data, len);
      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        return set_io_error (error, self->path, "cannot be written");
      data += n;
      len -= (gsize) n;
    }
  return TRUE;
}

/* fsync() of the directory: the file's name is data of the directory, not of the file. */
static gboolean
sync_name (const char *path, GError **error)
{
  g_autofree char *dir = g_path_get_dirname (path);
  int fd = open (dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  gboolean synced = fd >= 0 && fsync (fd) == 0;

  if (!synced)
    set_io_error (error, dir, "cannot be synced");
  if (fd >= 0)
    close (fd);
  return synced;
}

gboolean
audit_segment_sync (AuditSegment *self, GError **error)
{
  if (fdatasync (self->fd) != 0)
    return set_io_error (error, self->path, "cannot be synced");
  if (self->unnamed && !sync_name (self->path, error))
    return FALSE;
  self->unnamed = FALSE;
  return TRUE;
}
