/* SPDX-License-Identifier: MIT
 *
 * Where the store is, and whose.
 *
 * MUST
 *  - never open the database file itself: closing any descriptor of it would drop the POSIX locks
 *    that SQLite holds on it in this process
 *  - never give a new store the name of one that is there
 */
#include "broker/store/store-private.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const beside[] = { "-wal", "-shm", "-journal" };

static gboolean
fail (GError **error, StoreError code, const char *what, const char *path)
{
  g_set_error (error, STORE_ERROR, code, "%s %s: %s", what, path, g_strerror (errno));
  return FALSE;
}

char *
store_file_resolve (const char *path, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (path);
  g_autofree char *name = g_path_get_basename (path);
  char real[PATH_MAX];

  if (realpath (folder, real) == NULL)
    {
      fail (error, errno == ENOENT ? STORE_ERROR_MISSING : STORE_ERROR_FAILED,
            "cannot find the folder", folder);
      return NULL;
    }
  return g_build_filename (real, name, NULL);
}

/* Looks without opening. That the name means the same file a moment later is not proved: who could
 * change it in between is this user, who may change the contents as well; those are authenticated.
 */
static gboolean
check_one (const char *path, gboolean *there, GError **error)
{
  struct stat st;

  *there = lstat (path, &st) == 0;
  if (!*there)
    return errno == ENOENT ? TRUE : fail (error, STORE_ERROR_FAILED, "cannot look at", path);
  if (!S_ISREG (st.st_mode))
    g_set_error (error, STORE_ERROR, STORE_ERROR_UNSAFE, "%s is %s, not a plain file", path,
                 S_ISLNK (st.st_mode) ? "a symbolic link" : "something special");
  else if (st.st_uid != geteuid ())
    g_set_error (error, STORE_ERROR, STORE_ERROR_UNSAFE, "%s belongs to user %u, not to %u", path,
                 st.st_uid, geteuid ());
  else if ((st.st_mode & 07777) != 0600)
    g_set_error (error, STORE_ERROR, STORE_ERROR_UNSAFE,
                 "%s has mode %04o, not 0600: others may have read or changed it", path,
                 st.st_mode & 07777);
  else
    return TRUE;
  return FALSE;
}

gboolean
store_file_check (const char *path, GError **error)
{
  gboolean there;

  if (!check_one (path, &there, error))
    return FALSE;
  if (!there)
    {
      g_set_error (error, STORE_ERROR, STORE_ERROR_MISSING, "there is no store at %s", path);
      return FALSE;
    }
  for (gsize i = 0; i < G_N_ELEMENTS (beside); i++)
    {
      g_autofree char *other = g_strconcat (path, beside[i], NULL);

      if (!check_one (other, &there, error))
        return FALSE;
    }
  return TRUE;
}

/* The holder writes its pid for whoever is refused; a word of help, never relied upon. */
static void
set_busy (int fd, const char *path, GError **error)
{
  char pid[24] = "";
  ssize_t n = pread (fd, pid, sizeof pid - 1, 0);

  pid[n > 0 ? n : 0] = '\0';
  g_strchomp (pid);
  g_set_error (error, STORE_ERROR, STORE_ERROR_BUSY, "another broker%s%s has the store %s",
               *pid != '\0' ? ", process " : "", pid, path);
}

static gboolean
claim_fd (int fd, const char *path, GError **error)
{
  struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
  g_autofree char *pid = g_strdup_printf ("%d\n", (int) getpid ());
  gsize len = strlen (pid);

  if (fcntl (fd, F_OFD_SETLK, &lock) != 0)
    {
      if (errno == EAGAIN || errno == EACCES)
        set_busy (fd, path, error);
      else
        fail (error, STORE_ERROR_FAILED, "cannot lock the store", path);
      return FALSE;
    }
  /* On a full disk the pid is missing, and that is no reason to refuse. */
  if (ftruncate (fd, 0) == 0 && pwrite (fd, pid, len, 0) != (ssize_t) len)
    g_debug ("the lock file of the store names no process");
  return TRUE;
}

int
store_file_claim (const char *path, GError **error)
{
  g_autofree char *lock_path = g_strconcat (path, ".lock", NULL);
  gboolean there;
  int fd;

  if (!check_one (lock_path, &there, error))
    return -1;
  fd = open (lock_path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0)
    {
      fail (error, STORE_ERROR_FAILED, "cannot open", lock_path);
      return -1;
    }
  if (claim_fd (fd, path, error))
    return fd;
  close (fd);
  return -1;
}

gboolean
store_file_make (const char *path, GError **error)
{
  int fd = open (path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);

  if (fd < 0)
    return fail (error, STORE_ERROR_FAILED, "cannot make", path);
  /* Whatever the umask left of it. Nothing has this file open yet, so that closing it drops no
   * lock. */
  if (fchmod (fd, 0600) != 0)
    fail (error, STORE_ERROR_FAILED, "cannot set the mode of", path);
  else if (close (fd) == 0)
    return TRUE;
  else
    return fail (error, STORE_ERROR_FAILED, "cannot make", path);
  close (fd);
  return FALSE;
}

static gboolean
sync_folder (const char *path, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (path);
  int fd = open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  gboolean synced = fd >= 0 && fsync (fd) == 0;

  if (!synced)
    fail (error, STORE_ERROR_FAILED, "cannot sync the folder", folder);
  if (fd >= 0)
    close (fd);
  return synced;
}

gboolean
store_file_place (const char *fresh, const char *path, GError **error)
{
  int rc = renameat2 (AT_FDCWD, fresh, AT_FDCWD, path, RENAME_NOREPLACE);

  /* Not every file system can rename so. The claim is held and the name was free: what is left is a
   * program that does not ask for the claim. */
  if (rc != 0 && (errno == EINVAL || errno == ENOSYS) && access (path, F_OK) != 0)
    rc = rename (fresh, path);
  if (rc != 0)
    return fail (error, errno == EEXIST ? STORE_ERROR_EXISTS : STORE_ERROR_FAILED,
                 "cannot make the store", path);
  return sync_folder (path, error);
}

void
store_file_discard (const char *path)
{
  (void) unlink (path);
  for (gsize i = 0; i < G_N_ELEMENTS (beside); i++)
    {
      g_autofree char *other = g_strconcat (path, beside[i], NULL);

      (void) unlink (other);
    }
}
