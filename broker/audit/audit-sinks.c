/* SPDX-License-Identifier: MIT
 *
 * How far those have come who send the trail elsewhere: each leaves a cursor beside it.
 *
 * MUST
 *  - say so when a cursor cannot be read: nobody then knows what has been handed on
 */
#include "broker/audit/audit-file.h"
#include "broker/audit/audit-private.h"
#include "broker/base/wire.h"

#include <unistd.h>

#define SINK "sink-"
#define SINK_END ".json"
#define CURSOR_MAX 4096 /* bytes of a sink's cursor */

static gboolean
read_cursor (const char *path, guint *file, GError **error)
{
  char text[CURSOR_MAX];
  struct stat st;
  int fd = audit_file_open (path, &st, error);
  gssize len;

  if (fd < 0)
    return FALSE;
  len = read (fd, text, sizeof text);
  close (fd);
  g_autoptr (json_t) cursor = len > 0 ? json_loadb (text, (gsize) len, 0, NULL) : NULL;
  json_int_t number = json_integer_value (json_object_get (cursor, "file"));
  if (number > 0 && number <= G_MAXINT)
    {
      *file = (guint) number;
      return TRUE;
    }
  g_set_error (error, AUDIT_ERROR, AUDIT_ERROR_IO,
               "%s: does not say how far the sink has come; remove it when there is no such sink",
               path);
  return FALSE;
}

gboolean
audit_sinks_reach (const char *dir, guint *file, char **slowest, GError **error)
{
  g_autoptr (GDir) open = g_dir_open (dir, 0, error);
  const char *name;

  *file = G_MAXUINT;
  if (open == NULL)
    return FALSE;
  while ((name = g_dir_read_name (open)) != NULL)
    {
      g_autofree char *path = g_build_filename (dir, name, NULL);
      guint one = 0;
      if (!g_str_has_prefix (name, SINK) || !g_str_has_suffix (name, SINK_END))
        continue;
      if (!read_cursor (path, &one, error))
        return FALSE;
      if (one >= *file)
        continue;
      *file = one;
      g_free (*slowest);
      *slowest = g_strdup (path);
    }
  return TRUE;
}
