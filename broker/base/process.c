/* SPDX-License-Identifier: MIT
 *
 * MUST
 *  - open /proc/PID once, while the pidfd lives, and read everything below that descriptor: the
 *    number may be another's a moment later, the descriptor never is
 *  - look whether the pidfd still lives after reading, not only before
 */
#include "broker/base/process-private.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef SO_PEERPIDFD /* Linux 6.5 */
#define SO_PEERPIDFD 77
#endif

/* Enough for stat(5) whole, and for status as far as the line that is wanted. */
#define PROC_MAX 4096

G_DEFINE_QUARK (countersign_process_error, process_error)

static gboolean
set_gone (pid_t pid, GError **error)
{
  g_set_error (error, PROCESS_ERROR, PROCESS_ERROR_GONE, "process %d has ended", pid);
  return FALSE;
}

gboolean
process_set_system (pid_t pid, const char *what, int number, GError **error)
{
  if (number == ESRCH)
    return set_gone (pid, error);
  g_set_error (error, PROCESS_ERROR, PROCESS_ERROR_SYSTEM, "process %d: %s: %s", pid, what,
               g_strerror (number));
  return FALSE;
}

gssize
process_read_file (int dir, const char *name, char *buf, gsize size)
{
  gsize used = 0;
  gssize n = 1;
  int fd = openat (dir, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW), saved;

  if (fd < 0)
    return -1;
  while (n > 0 && used < size - 1)
    {
      n = read (fd, buf + used, size - 1 - used);
      if (n > 0)
        used += (gsize) n;
      else if (n < 0 && errno == EINTR)
        n = 1;
    }
  saved = errno;
  close (fd);
  errno = saved;
  buf[used] = '\0';
  return n < 0 ? -1 : (gssize) used;
}

/* The fields after the name, which may itself hold spaces, newlines and ')': the last ')' ends it.
 */
gboolean
process_read_stat (int dir, ProcessStat *out)
{
  char buf[PROC_MAX];
  gssize len = process_read_file (dir, "stat", buf, sizeof buf);
  const char *rest = len > 0 ? memrchr (buf, ')', (gsize) len) : NULL;
  int parent, session;
  unsigned long long start;

  if (len < 0)
    return FALSE;
  /* ProcessStat 3 state, 4 parent, 5 group, 6 session, 7 … 21, 22 start time. */
  if (rest == NULL
      || sscanf (rest + 1,
                 " %*c %d %*d %d %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %llu",
                 &parent, &session, &start)
             != 3)
    {
      errno = EBADMSG;
      return FALSE;
    }
  *out = (ProcessStat){ .parent = parent, .session = session, .start = start };
  return TRUE;
}

/* The effective uid. Not the owner of /proc/PID, which is root's for a process that is not
 * dumpable. */
gboolean
process_read_uid (int dir, uid_t *uid)
{
  char buf[PROC_MAX];
  const char *line;
  unsigned int effective;

  if (process_read_file (dir, "status", buf, sizeof buf) < 0)
    return FALSE;
  /* The kernel escapes newlines in the name, so a line begins where it seems to. */
  line = strstr (buf, "\nUid:");
  if (line == NULL || sscanf (line, "\nUid: %*u %u", &effective) != 1)
    {
      errno = EBADMSG;
      return FALSE;
    }
  *uid = effective;
  return TRUE;
}

static gboolean
same_file (const struct stat *a, const struct stat *b)
{
  return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

static const char *our_namespace = "/proc/self/ns/mnt";

void
process_compare_with_first (void)
{
  our_namespace = "/proc/1/ns/mnt";
}

static gboolean
in_our_mount_namespace (int dir)
{
  struct stat ours, theirs;

  return stat (our_namespace, &ours) == 0 && fstatat (dir, "ns/mnt", &theirs, 0) == 0
         && same_file (&ours, &theirs);
}

/* A program that may not be read (not dumpable, or another's) leaves exe NULL and unverified. */
void
process_read_exe (Process *self)
{
  ProcessFile file;
  char path[PATH_MAX];
  gssize len;

  if (!process_read_running (self->dir, &file))
    return;
  len = readlinkat (self->dir, "exe", path, sizeof path);
  if (len <= 0 || len == sizeof path)
    return;
  self->exe = g_strndup (path, (gsize) len);
  self->device = file.device;
  self->inode = file.inode;
  /* Path and file were read one after the other: comparing what the path names with the file holds
   * them together, whatever the process executed in between. */
  self->verified = in_our_mount_namespace (self->dir) && !g_str_has_suffix (self->exe, " (deleted)")
                   && process_path_is (self->exe, &file);
}

static gboolean
pidfd_alive (int pidfd)
{
  struct pollfd fd = { .fd = pidfd, .events = POLLIN };
  int n;

  /* A pending signal interrupts even a poll that does not wait. */
  do
    n = poll (&fd, 1, 0);
  while (n < 0 && errno == EINTR);
  return n == 0;
}

/* The number that the kernel has for @pidfd: -1 once reaped, 0 in another pid namespace. */
static pid_t
pidfd_number (int pidfd)
{
  g_autofree char *name = g_strdup_printf ("/proc/self/fdinfo/%d", pidfd);
  char buf[PROC_MAX];
  const char *line;
  int pid;

  if (process_read_file (AT_FDCWD, name, buf, sizeof buf) < 0)
    return -1;
  line = strstr (buf, "\nPid:");
  return line != NULL && sscanf (line, "\nPid: %d", &pid) == 1 ? pid : -1;
}

static gboolean
pin (Process *self, GError **error)
{
  char name[32];
  struct stat st;

  if (self->pid <= 0)
    return process_set_system (self->pid, "not seen from this pid namespace", ENXIO, error);
  if (self->pidfd == -1)
    self->pidfd = (int) syscall (SYS_pidfd_open, self->pid, 0);
  if (self->pidfd < 0)
    return process_set_system (self->pid, "cannot be pinned", errno, error);
  if (pidfd_number (self->pidfd) != self->pid)
    return set_gone (self->pid, error);
  if (fstat (self->pidfd, &st) != 0)
    return process_set_system (self->pid, "its pidfd cannot be read", errno, error);
  self->identity = st.st_ino;
  g_snprintf (name, sizeof name, "/proc/%d", self->pid);
  self->dir = open (name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  return self->dir >= 0
         || process_set_system (self->pid, "cannot be looked at in /proc", errno, error);
}

static gboolean
describe (Process *self, GError **error)
{
  ProcessStat fields;

  if (!process_read_stat (self->dir, &fields) || !process_read_uid (self->dir, &self->uid))
    return process_set_system (self->pid, "cannot be described", errno, error);
  self->start = fields.start;
  process_read_exe (self);
  return TRUE;
}

Process *
process_open (pid_t pid, int pidfd, GError **error)
{
  g_autoptr (Process) self = g_new0 (Process, 1);
  g_autoptr (GError) why = NULL;

  g_atomic_ref_count_init (&self->refs);
  self->pid = pid;
  self->pidfd = pidfd;
  self->dir = -1;
  if (pin (self, &why) && describe (self, &why) && pidfd_alive (self->pidfd))
    return g_steal_pointer (&self);
  /* Only a process that lives can be at fault in another way than by having ended. */
  if (why == NULL || (self->pidfd >= 0 && !pidfd_alive (self->pidfd)))
    set_gone (pid, error);
  else
    g_propagate_error (error, g_steal_pointer (&why));
  return NULL;
}

Process *
process_open_peer (int sock, GError **error)
{
  struct ucred peer;
  socklen_t len = sizeof peer;
  int pidfd = -1;

  if (getsockopt (sock, SOL_SOCKET, SO_PEERCRED, &peer, &len) != 0)
    {
      g_set_error (error, PROCESS_ERROR, PROCESS_ERROR_SYSTEM,
                   "cannot read who is at the other end: %s", g_strerror (errno));
      return NULL;
    }
  len = sizeof pidfd;
  if (getsockopt (sock, SOL_SOCKET, SO_PEERPIDFD, &pidfd, &len) != 0)
    {
      /* A kernel that has it and says no knows that the peer is gone: its number proves nothing. */
      if (errno != ENOPROTOOPT)
        {
          set_gone (peer.pid, error);
          return NULL;
        }
      pidfd = -1;
    }
  return process_open (peer.pid, pidfd, error);
}

Process *
process_self (GError **error)
{
  return process_open (getpid (), -1, error);
}

Process *
process_ref (Process *process)
{
  g_atomic_ref_count_inc (&process->refs);
  return process;
}

void
process_unref (Process *process)
{
  if (process == NULL || !g_atomic_ref_count_dec (&process->refs))
    return;
  if (process->pidfd >= 0)
    close (process->pidfd);
  if (process->dir >= 0)
    close (process->dir);
  g_free (process->exe);
  g_free (process);
}

pid_t
process_pid (const Process *process)
{
  return process->pid;
}

guint64
process_start (const Process *process)
{
  return process->start;
}

uid_t
process_uid (const Process *process)
{
  return process->uid;
}

int
process_pidfd (const Process *process)
{
  return process->pidfd;
}

const char *
process_exe (const Process *process)
{
  return process->exe;
}

gboolean
process_verified (const Process *process)
{
  return process->verified;
}

gboolean
process_runs (const Process *process, const char *path)
{
  struct stat st;

  return process->verified && stat (path, &st) == 0 && st.st_dev == process->device
         && st.st_ino == process->inode;
}

gboolean
process_alive (const Process *process)
{
  return pidfd_alive (process->pidfd);
}

gboolean
process_equal (const Process *a, const Process *b)
{
  return a->pid == b->pid && a->start == b->start && a->identity == b->identity;
}

gboolean
process_check (const Process *process, GError **error)
{
  ProcessFile now;
  gboolean same = process->exe == NULL
                  || (process_read_running (process->dir, &now) && now.device == process->device
                      && now.inode == process->inode);

  /* After the comparison, so that one which failed because the process has ended says so. */
  if (!process_alive (process))
    return set_gone (process->pid, error);
  if (!same)
    g_set_error (error, PROCESS_ERROR, PROCESS_ERROR_CHANGED, "process %d now runs another program",
                 process->pid);
  return same;
}
