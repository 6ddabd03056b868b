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

int
process_open_exe (int dir)
{
  return openat (dir, "exe", O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
}

/* "36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw": number 3 is the device, and
 * what comes after " - " the type of the file system. */
static gboolean
is_served (const char *line, dev_t device)
{
  unsigned int major_number, minor_number;
  const char *type = strstr (line, " - ");

  return type != NULL && sscanf (line, "%*d %*d %u:%u", &major_number, &minor_number) == 2
         && makedev (major_number, minor_number) == device
         && g_str_has_prefix (type + strlen (" - "), "fuse");
}

gboolean
process_file_served (const ProcessFile *file)
{
  g_autofree char *text = NULL;

  if (!g_file_get_contents ("/proc/self/mountinfo", &text, NULL, NULL))
    return TRUE;
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  for (char **line = lines; *line != NULL; line++)
    if (is_served (*line, file->device))
      return TRUE;
  return FALSE;
}

/* By what the kernel has of each part of @path in memory, as it has of all that runs: -1 with
 * EAGAIN where somebody would have to be asked. */
static int
open_cached (const char *path)
{
  struct open_how how = { .flags = O_PATH | O_NOFOLLOW | O_CLOEXEC, .resolve = RESOLVE_CACHED };

  return (int) syscall (SYS_openat2, AT_FDCWD, path, &how, sizeof how);
}

gboolean
process_path_is (const char *path, const ProcessFile *file)
{
  ProcessFile named;
  int fd = open_cached (path);
  /* A kernel before 5.12, or a file system on a network, is asked in the old way. */
  gboolean told = fd >= 0
                      ? read_file (fd, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, &named)
                      : (errno == EAGAIN || errno == EINVAL || errno == ENOSYS || errno == EPERM)
                            && !process_file_served (file) && read_file (AT_FDCWD, path, 0, &named);

  if (fd >= 0)
    close (fd);
  return told && named.device == file->device && named.inode == file->inode;
}
