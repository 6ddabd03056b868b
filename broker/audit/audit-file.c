/* SPDX-License-Identifier: MIT */
#include "broker/audit/audit-file.h"
#include "broker/audit/audit.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define DIGITS 6
#define READ_SIZE (256 * 1024)

/* Path → descriptor, of the files that somebody else has opened for us; NULL: there are none. */
static GHashTable *given;

void
audit_file_give (const char *dir, const char *name, int fd)
{
  if (given == NULL)
    given = g_hash_table_new (g_str_hash, g_str_equal);
  g_hash_table_insert (given, g_build_filename (dir, name, NULL), GINT_TO_POINTER (fd));
}

char *
audit_file_path (const char *dir, guint number)
{
  return g_strdup_printf ("%s/%0*u.jsonl", dir, DIGITS, number);
}

/* 0 when @name is not a segment's. */
static guint
number_of (const char *name)
{
  guint number = 0;

  for (guint i = 0; i < DIGITS; i++)
    {
      if (!g_ascii_isdigit (name[i]))
        return 0;
      number = number * 10 + (guint) (name[i] - '0');
    }
  return strcmp (name + DIGITS, ".jsonl") == 0 ? number : 0;
}

static gint
compare (gconstpointer a, gconstpointer b)
{
  const guint *x = a, *y = b;

  return *x < *y ? -1 : *x > *y;
}

/* NULL when none in @dir was given. */
static GArray *
list_given (const char *dir)
{
  GHashTableIter iter;
  gpointer path;
  GArray *list = NULL;

  if (given != NULL)
    g_hash_table_iter_init (&iter, given);
  while (given != NULL && g_hash_table_iter_next (&iter, &path, NULL))
    if (g_str_has_prefix (path, dir) && ((const char *) path)[strlen (dir)] == '/')
      {
        guint number = number_of ((const char *) path + strlen (dir) + 1);
        if (list == NULL)
          list = g_array_new (FALSE, FALSE, sizeof (guint));
        if (number > 0)
          g_array_append_val (list, number);
      }
  if (list != NULL)
    g_array_sort (list, compare);
  return list;
}

GArray *
audit_file_list (const char *dir, GError **error)
{
  GArray *handed = list_given (dir);

  if (handed != NULL)
    return handed;

  g_autoptr (GDir) open = g_dir_open (dir, 0, error);
  const char *name;

  if (open == NULL)
    return NULL;
  GArray *list = g_array_new (FALSE, FALSE, sizeof (guint));
  while ((name = g_dir_read_name (open)) != NULL)
    {
      guint number = number_of (name);
      if (number > 0)
        g_array_append_val (list, number);
    }
  g_array_sort (list, compare);
  return list;
}

static int
refuse (int fd, AuditError code, const char *path, const char *why, GError **error)
{
  g_set_error (error, AUDIT_ERROR, code, "%s: %s", path, why);
  if (fd >= 0)
    close (fd);
  return -1;
}

/* Each with its own place in it, but for what was given, which is read by one at a time. */
static int
open_or_given (const char *path)
{
  gpointer fd;

  if (given == NULL || !g_hash_table_lookup_extended (given, path, NULL, &fd))
    return open (path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  return lseek (GPOINTER_TO_INT (fd), 0, SEEK_SET) == 0
             ? fcntl (GPOINTER_TO_INT (fd), F_DUPFD_CLOEXEC, 0)
             : -1;
}

int
audit_file_open (const char *path, struct stat *st, GError **error)
{
  int fd = open_or_given (path);

  if (fd < 0 || fstat (fd, st) != 0)
    return refuse (fd, AUDIT_ERROR_IO, path, g_strerror (errno), error);
  if (!S_ISREG (st->st_mode))
    return refuse (fd, AUDIT_ERROR_UNSAFE, path, "is not a regular file", error);
  return fd;
}

int
audit_file_append (const char *path, gboolean create, struct stat *st, GError **error)
{
  int flags = O_WRONLY | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;
  int fd = open (path, flags | (create ? O_CREAT | O_EXCL : 0), 0600);

  if (fd < 0 || fstat (fd, st) != 0)
    return refuse (fd, AUDIT_ERROR_IO, path, g_strerror (errno), error);
  if (!S_ISREG (st->st_mode) || st->st_uid != geteuid () || (st->st_mode & 077) != 0)
    return refuse (fd, AUDIT_ERROR_UNSAFE, path, "is not a regular file of ours alone (0600)",
                   error);
  /* A second name is a second way to truncate it, perhaps from a directory that is not ours. */
  if (st->st_nlink != 1)
    return refuse (fd, AUDIT_ERROR_UNSAFE, path, "has a second name", error);
  return fd;
}

struct _AuditReader
{
  int fd;
  guint64 offset; /* of the next byte to read */
  char *data;
  gsize at, filled, size;
  gboolean ended;
};

AuditReader *
audit_reader_new (int fd, guint64 offset)
{
  AuditReader *self = g_new0 (AuditReader, 1);

  self->fd = fd;
  self->offset = offset;
  self->size = READ_SIZE;
  self->data = g_malloc (self->size);
  return self;
}

void
audit_reader_free (AuditReader *self)
{
  if (self == NULL)
    return;
  close (self->fd);
  g_free (self->data);
  g_free (self);
}

static gboolean
fill (AuditReader *self, GError **error)
{
  gssize n;

  memmove (self->data, self->data + self->at, self->filled - self->at);
  self->filled -= self->at;
  self->at = 0;
  if (self->filled == self->size)
    self->data = g_realloc (self->data, self->size *= 2);
  do
    n = pread (self->fd, self->data + self->filled, self->size - self->filled,
               (off_t) self->offset);
  while (n < 0 && errno == EINTR);
  if (n < 0)
    {
      g_set_error (error, AUDIT_ERROR, AUDIT_ERROR_IO, "reading the audit trail: %s",
                   g_strerror (errno));
      return FALSE;
    }
  self->offset += (guint64) n;
  self->filled += (gsize) n;
  self->ended = n == 0;
  return TRUE;
}

AuditRead
audit_reader_next (AuditReader *self, const char **line, gsize *len, GError **error)
{
  const char *end = NULL;
  gsize looked = 0;

  for (;;)
    {
      gsize there = self->filled - self->at;
      if (there > looked)
        end = memchr (self->data + self->at + looked, '\n', there - looked);
      looked = there;
      if (end != NULL || self->ended || there > AUDIT_LINE_MAX)
        break;
      if (!fill (self, error))
        return AUDIT_READ_FAILED;
    }
  *line = self->data + self->at;
  *len = end != NULL ? (gsize) (end - *line) : looked;
  self->at += *len + (end != NULL ? 1 : 0);
  if (end != NULL)
    return AUDIT_READ_LINE;
  return looked > 0 ? AUDIT_READ_REST : AUDIT_READ_END;
}
