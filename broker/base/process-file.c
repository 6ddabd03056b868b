/* SPDX-License-Identifier: MIT
 *
 * MUST
 *  - never wait, on the way to what tells a file apart: a program of the requester's may be what
 *    serves it (FUSE)
 */
#include "broker/base/process-private.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

static gint64
nanoseconds (const struct statx_timestamp *time)
{
  return time->tv_sec * G_GINT64_CONSTANT (1000000000) + time->tv_nsec;
}

static gboolean
read_file (int dir, const char *name, int flags, ProcessFile *file)
{
  struct statx st;

  if (statx (dir, name, flags, STATX_BASIC_STATS, &st) != 0)
    return FALSE;
  *file = (ProcessFile){ .device = makedev (st.stx_dev_major, st.stx_dev_minor),
                         .inode = st.stx_ino,
                         .size = (gint64) st.stx_size,
                         .modified = nanoseconds (&st.stx_mtime),
                         .changed = nanoseconds (&st.stx_ctime) };
  return TRUE;
}

gboolean
process_read_running (int dir, ProcessFile *file)
{
  return read_file (dir, "exe", AT_STATX_DONT_SYNC, file);
}

gboolean
process_file (const Process *process, ProcessFile *file)
{
  return process->verified && process_read_running (process->dir, file)
         && file->device == process->device && file->inode == process->inode;
}

gboolean
process_file_of (int fd, ProcessFile *file)
{
  return read_file (fd, "", AT_EMPTY_PATH, file);
}

gboolean
process_file_equal (const ProcessFile *a, const ProcessFile *b)
{
  return a->device == b->device && a->inode == b->inode && a->size == b->size
         && a->modified == b->modified && a->changed == b->changed;
}

int
process_dup_dir (const Process *process)
{
  return fcntl (process->dir, F_DUPFD_CLOEXEC, 3);
}

/* The number of the mount that @fd lies in; -1 when it cannot be told. */
static int
mount_of (int fd)
{
  g_autofree char *name = g_strdup_printf ("/proc/self/fdinfo/%d", fd);
  char buf[512];
  const char *line
      = process_read_file (AT_FDCWD, name, buf, sizeof buf) > 0 ? strstr (buf, "\nmnt_id:") : NULL;
  int mount;

  return line != NULL && sscanf (line, "\nmnt_id: %d", &mount) == 1 ? mount : -1;
}

/* "36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw": the first number is the mount,
 * and what comes after " - " the type of the file system. */
static gboolean
is_kept (const char *line, int mount)
{
  const char *type = strstr (line, " - ");
  int number;

  return type != NULL && sscanf (line, "%d", &number) == 1 && number == mount
         && !g_str_has_prefix (type + strlen (" - "), "fuse");
}

/* TRUE when @fd lies in one of @mounts (a mountinfo file) that no other program serves (FUSE). Not
 * by its device: one that is unmounted while a program of it runs (umount -l) is in no list. */
static gboolean
in_kept (int fd, const char *mounts)
{
  g_autofree char *text = NULL;
  int mount = mount_of (fd);

  if (mount < 0 || !g_file_get_contents (mounts, &text, NULL, NULL))
    return FALSE;
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  for (char **line = lines; *line != NULL; line++)
    if (is_kept (*line, mount))
      return TRUE;
  return FALSE;
}

int
process_open_exe (int dir)
{
  g_autofree char *mounts = g_strdup_printf ("/proc/self/fd/%d/mountinfo", dir);
  int named = openat (dir, "exe", O_PATH | O_CLOEXEC), fd = -1;

  if (named < 0)
    return -1;
  g_autofree char *name = g_strdup_printf ("/proc/self/fd/%d", named);
  errno = ENOTSUP;
  if (in_kept (named, mounts))
    fd = open (name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  int saved = errno;
  close (named);
  errno = saved;
  return fd;
}

/* By what the kernel has of each part of @path in memory, as it has of all that runs: -1 with
 * EAGAIN where somebody would have to be asked. */
static int
open_cached (const char *path)
{
  struct open_how how = { .flags = O_PATH | O_NOFOLLOW | O_CLOEXEC, .resolve = RESOLVE_CACHED };

  return (int) syscall (SYS_openat2, AT_FDCWD, path, &how, sizeof how);
}

/* Folder by folder, into none that another program serves: it is free not to answer. */
static int
open_kept (const char *path)
{
  g_auto (GStrv) parts = g_strsplit (path + 1, "/", -1);
  int at = open ("/", O_PATH | O_DIRECTORY | O_CLOEXEC);

  for (char **part = parts; at >= 0 && *part != NULL; part++)
    {
      int next = in_kept (at, "/proc/self/mountinfo")
                     ? openat (at, *part, O_PATH | O_NOFOLLOW | O_CLOEXEC)
                     : -1;
      close (at);
      at = next;
    }
  return at;
}

gboolean
process_path_is (const char *path, const ProcessFile *file)
{
  ProcessFile named;
  int fd = *path == '/' ? open_cached (path) : -1;
  /* A kernel before 5.12, or a file system on a network, is asked in the old way. */
  if (fd < 0 && *path == '/'
      && (errno == EAGAIN || errno == EINVAL || errno == ENOSYS || errno == EPERM))
    fd = open_kept (path);
  gboolean told = fd >= 0 && read_file (fd, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, &named);

  if (fd >= 0)
    close (fd);
  return told && named.device == file->device && named.inode == file->inode;
}
