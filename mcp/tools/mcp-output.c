/* SPDX-License-Identifier: MIT */
#include "mcp/tools/mcp-output.h"

#include "broker/base/wire.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct _McpOutput
{
  int dir, fd;
  char *name; /* in dir */
  char *path;
  gboolean kept;
};

static gboolean
fail (GError **error, const char *words)
{
  g_set_error (error, WIRE_ERROR, WIRE_ERROR_FIELD, "output_file: %s", words);
  return FALSE;
}

static gboolean
open_file (McpOutput *output, const char *path, GError **error)
{
  g_autofree char *dir = g_path_get_dirname (path);

  output->name = g_strdup (strrchr (path, '/') + 1);
  if (*output->name == '\0')
    return fail (error, "must name a file, not a directory");
  output->dir = open (dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (output->dir < 0)
    return fail (error, errno == ENOENT ? "its directory does not exist"
                                        : "its directory cannot be opened");
  output->fd = openat (output->dir, output->name,
                       O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (output->fd >= 0)
    return TRUE;
  return fail (error,
               errno == EEXIST
                   ? "exists; name a new file, or go on with approval_wait if a call of yours "
                     "is pending"
                   : g_strerror (errno));
}

static gboolean
find_path (McpOutput *output, GError **error)
{
  g_autofree char *link = g_strdup_printf ("/proc/self/fd/%d", output->fd);

  output->path = g_file_read_link (link, NULL);
  return (output->path != NULL && g_utf8_validate (output->path, -1, NULL))
         || fail (error, "the name of its directory cannot be shown to a person");
}

McpOutput *
mcp_output_new (const char *path, GError **error)
{
  g_autoptr (McpOutput) output = g_new0 (McpOutput, 1);

  output->dir = output->fd = -1;
  if (!open_file (output, path, error) || !find_path (output, error))
    return NULL;
  return g_steal_pointer (&output);
}

static void
remove_file (const McpOutput *output)
{
  struct stat ours, there;

  if (fstat (output->fd, &ours) == 0
      && fstatat (output->dir, output->name, &there, AT_SYMLINK_NOFOLLOW) == 0
      && ours.st_dev == there.st_dev && ours.st_ino == there.st_ino)
    unlinkat (output->dir, output->name, 0);
}

void
mcp_output_free (McpOutput *output)
{
  if (output == NULL)
    return;
  if (output->fd >= 0 && !output->kept)
    remove_file (output);
  if (output->fd >= 0)
    close (output->fd);
  if (output->dir >= 0)
    close (output->dir);
  g_free (output->name);
  g_free (output->path);
  g_free (output);
}

int
mcp_output_fd (const McpOutput *output)
{
  return output->fd;
}

const char *
mcp_output_path (const McpOutput *output)
{
  return output->path;
}

void
mcp_output_keep (McpOutput *output)
{
  output->kept = TRUE;
}
