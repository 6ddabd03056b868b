/* SPDX-License-Identifier: MIT */
#include "broker/sink/sink-cursor.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "broker/audit/audit-file.h"
#include "broker/base/wire.h"
#include "broker/sink/sink-place.h"

#define FORMAT 1
#define SIZE_MAX_BYTES 4096
#define LOG_LEN 32
#define HEX "0123456789abcdef"

void
sink_cursor_clear (SinkCursor *cursor)
{
  g_free (cursor->log);
  *cursor = (SinkCursor){ 0 };
}

gboolean
sink_cursor_log_fits (const char *log)
{
  return strlen (log) == LOG_LEN && strspn (log, HEX) == LOG_LEN;
}

void
sink_cursor_copy (SinkCursor *to, const SinkCursor *from)
{
  char *log = g_strdup (from->log);

  sink_cursor_clear (to);
  *to = *from;
  to->log = log;
}

static char *
path_of (const char *dir, const char *name, const char *end)
{
  return g_strdup_printf ("%s/sink-%s.%s", dir, name, end);
}

static gboolean
fail (const char *path, const char *why, GError **error)
{
  g_set_error (error, SINK_ERROR, SINK_ERROR_CURSOR, "%s: %s", path, why);
  return FALSE;
}

int
sink_cursor_lock (const char *dir, const char *name, GError **error)
{
  g_autofree char *path = path_of (dir, name, "lock");
  int fd = open (path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);

  if (fd >= 0 && flock (fd, LOCK_EX | LOCK_NB) == 0)
    return fd;
  if (errno == EWOULDBLOCK)
    g_set_error (error, SINK_ERROR, SINK_ERROR_CURSOR,
                 "the sink “%s” is being sent to by another process; give this one a name of its "
                 "own with --name",
                 name);
  else
    fail (path, g_strerror (errno), error);
  if (fd >= 0)
    close (fd);
  return -1;
}

static json_t *
read_object (const char *path, gboolean *missing, GError **error)
{
  char text[SIZE_MAX_BYTES];
  struct stat st;
  g_autoptr (GError) inner = NULL;

  *missing = FALSE;
  if (access (path, F_OK) != 0 && errno == ENOENT)
    {
      *missing = TRUE;
      return NULL;
    }
  int fd = audit_file_open (path, &st, &inner);
  gssize len = fd < 0 ? -1 : pread (fd, text, sizeof text, 0);
  if (fd >= 0)
    close (fd);
  json_t *object = len > 0 ? wire_parse (text, (gsize) len, FALSE, NULL) : NULL;
  if (object == NULL)
    fail (path, inner != NULL ? inner->message : "is no cursor", error);
  return object;
}

static const WireField fields[] = {
  { "format", WIRE_INTEGER, TRUE, FORMAT, FORMAT, NULL, NULL, 0 },
  { "to", WIRE_STRING, TRUE, 1, 0, NULL, NULL, 0 },
  { "log", WIRE_STRING, TRUE, 0, 128, NULL, NULL, 0 },
  { "file", WIRE_INTEGER, TRUE, 0, 999999, NULL, NULL, 0 },
  { "offset", WIRE_INTEGER, TRUE, 0, G_MAXINT64, NULL, NULL, 0 },
  { "seq", WIRE_INTEGER, TRUE, 0, G_MAXINT64, NULL, NULL, 0 },
  { "hash", WIRE_STRING, TRUE, AUDIT_HEX_LEN, AUDIT_HEX_LEN, NULL, NULL, 0 },
};

/* Both are sent on as they are. */
static gboolean
texts_fit (const json_t *object)
{
  const char *log = wire_string (object, "log");

  return (*log == '\0' || sink_cursor_log_fits (log))
         && strspn (wire_string (object, "hash"), HEX) == AUDIT_HEX_LEN;
}

static gboolean
take (const char *path, const json_t *object, const char *to, SinkCursor *cursor, GError **error)
{
  g_autoptr (GError) inner = NULL;

  if (!wire_check (fields, G_N_ELEMENTS (fields), object, &inner))
    return fail (path, inner->message, error);
  if (!texts_fit (object))
    return fail (path, "log and hash: must be 32 and 64 lower-case hex digits", error);
  if (strcmp (wire_string (object, "to"), to) != 0)
    {
      g_set_error (error, SINK_ERROR, SINK_ERROR_CURSOR,
                   "%s says how far %s has got, not %s: give this one a name of its own with "
                   "--name, or remove that file when %s is no more",
                   path, wire_string (object, "to"), to, wire_string (object, "to"));
      return FALSE;
    }
  cursor->log = g_strdup (wire_string (object, "log"));
  cursor->segment = (guint) wire_integer (object, "file", 0);
  cursor->offset = (guint64) wire_integer (object, "offset", 0);
  cursor->seq = (guint64) wire_integer (object, "seq", 0);
  g_strlcpy (cursor->hash, wire_string (object, "hash"), sizeof cursor->hash);
  return TRUE;
}

gboolean
sink_cursor_load (const char *dir, const char *name, const char *to, SinkCursor *cursor,
                  gboolean *missing, GError **error)
{
  g_autofree char *path = path_of (dir, name, "json");
  g_autoptr (json_t) object = read_object (path, missing, error);

  *cursor = (SinkCursor){ 0 };
  memset (cursor->hash, '0', AUDIT_HEX_LEN);
  return *missing || (object != NULL && take (path, object, to, cursor, error));
}

static gboolean
write_whole (const char *path, const char *text, gsize len)
{
  int fd = open (path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
  gboolean done = fd >= 0 && write (fd, text, len) == (gssize) len && fdatasync (fd) == 0;
  int number = errno;

  if (fd >= 0)
    close (fd);
  errno = number;
  return done;
}

gboolean
sink_cursor_save (const char *dir, const char *name, const char *to, const SinkCursor *cursor,
                  GError **error)
{
  g_autofree char *path = path_of (dir, name, "json"), *fresh = path_of (dir, name, "new");
  g_autoptr (json_t) object = json_pack (
      "{s:i, s:s, s:s, s:I, s:I, s:I, s:s}", "format", FORMAT, "to", to, "log",
      cursor->log != NULL ? cursor->log : "", "file", (json_int_t) cursor->segment, "offset",
      (json_int_t) cursor->offset, "seq", (json_int_t) cursor->seq, "hash", cursor->hash);
  gsize len;
  g_autofree char *text = wire_dump (object, &len);

  /* On the disk before it takes the other's place: a name that leads to nothing would have all
   * sent again. */
  if (write_whole (fresh, text, len) && rename (fresh, path) == 0)
    return TRUE;
  return fail (path, g_strerror (errno), error);
}
