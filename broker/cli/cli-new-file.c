/* SPDX-License-Identifier: MIT */
#include "broker/cli/cli-new-file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "broker/base/text.h"

static gboolean
set_errno (GError **error, const char *path)
{
  int number = errno;

  g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (number), "%s: %s", path,
               g_strerror (number));
  return FALSE;
}

/* Whoever may write in the directory can still exchange it a moment later: rename() then replaces
 * what they put there, and writes through nothing. */
static gboolean
check_place (int dir, const char *name, const char *path, gboolean replace, GError **error)
{
  struct stat st;

  if (fstatat (dir, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
    return errno == ENOENT || set_errno (error, path);
  if (S_ISREG (st.st_mode) && replace)
    return TRUE;
  g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_EXIST, "%s is there already%s", path,
               S_ISLNK (st.st_mode)   ? ", and a symbolic link: name a file"
               : S_ISREG (st.st_mode) ? ""
                                      : ", and no file: name one");
  return FALSE;
}

static gboolean
write_all (int fd, const char *data, gsize len)
{
  while (len > 0)
    {
      ssize_t n = write (fd, data, len);
      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        return FALSE;
      data += n;
      len -= n;
    }
  return fsync (fd) == 0;
}

/* rename() would replace what came there since it was looked at; link() does not. */
static gboolean
move (int dir, const char *beside, const char *name, gboolean replace)
{
  if (replace)
    return renameat (dir, beside, dir, name) == 0;
  return linkat (dir, beside, dir, name, 0) == 0 && unlinkat (dir, beside, 0) == 0;
}

/* Written beside it, under a name that nobody can know, then moved into its place. */
static gboolean
write_beside (int dir, const char *name, const void *data, gsize len, gboolean replace)
{
  g_autofree char *random = text_random_id (16),
                  *beside = g_strconcat (".countersign-", random, NULL);
  int fd = openat (dir, beside, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  gboolean done;
  int number;

  if (fd == -1)
    return FALSE;
  done = fchmod (fd, 0600) == 0 && write_all (fd, data, len) && move (dir, beside, name, replace);
  number = errno;
  if (!done)
    unlinkat (dir, beside, 0);
  close (fd);
  errno = number;
  return done;
}

gboolean
cli_new_file (const char *path, const void *data, gsize len, gboolean replace, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (path), *name = g_path_get_basename (path);
  int dir = open (folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
  gboolean done;

  if (dir == -1)
    return set_errno (error, folder);
  done = check_place (dir, name, path, replace, error)
         && (write_beside (dir, name, data, len, replace) || set_errno (error, path));
  close (dir);
  return done;
}
