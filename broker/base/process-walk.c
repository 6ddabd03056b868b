/* SPDX-License-Identifier: MIT
 *
 * From a process upwards: parent, session, ancestors.
 *
 * MUST
 *  - read a parent's number again once that parent is held: only a parent that lived in between is
 *    still named, for an orphan is given another
 */
#include "broker/base/process-private.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#define WALK_MAX 64

Process *
process_parent (const Process *process, GError **error)
{
  g_autoptr (Process) parent = NULL;
  ProcessStat before, after;

  if (!process_read_stat (process->dir, &before))
    {
      process_set_system (process->pid, "its parent cannot be read", errno, error);
      return NULL;
    }
  if (before.parent == 0)
    {
      g_set_error (error, PROCESS_ERROR, PROCESS_ERROR_GONE, "process %d has no parent here",
                   process->pid);
      return NULL;
    }
  parent = process_open (before.parent, -1, error);
  if (parent == NULL)
    return NULL;
  /* Still the parent, so the number was its own when it was pinned: an orphan gets another. */
  if (!process_read_stat (process->dir, &after) || !process_alive (process)
      || after.parent != before.parent)
    {
      g_set_error (error, PROCESS_ERROR, PROCESS_ERROR_GONE, "the parent of process %d has ended",
                   process->pid);
      return NULL;
    }
  return g_steal_pointer (&parent);
}

pid_t
process_session (const Process *process)
{
  ProcessStat fields;

  return process_read_stat (process->dir, &fields) ? fields.session : 0;
}

/* One level up from @dir, which is closed: /proc/PARENT, or -1. No pidfd is needed: the number is
 * read again once the directory is open, and an orphan would show another one. */
static int
step_up (int dir, pid_t *pid)
{
  char name[32];
  ProcessStat before, after;
  int up = -1;

  if (process_read_stat (dir, &before) && before.parent > 0)
    {
      g_snprintf (name, sizeof name, "/proc/%d", before.parent);
      up = open (name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
      if (up >= 0 && (!process_read_stat (dir, &after) || after.parent != before.parent))
        {
          close (up);
          up = -1;
        }
      *pid = before.parent;
    }
  close (dir);
  return up;
}

gboolean
process_is_below (const Process *process, const Process *ancestor)
{
  pid_t pid = process->pid;
  int dir = fcntl (process->dir, F_DUPFD_CLOEXEC, 0);

  for (int level = 0; dir >= 0 && pid != ancestor->pid && level < WALK_MAX; level++)
    dir = step_up (dir, &pid);
  if (dir < 0)
    return FALSE;
  close (dir);
  /* The number was the ancestor's all along, because the ancestor lives now. */
  return pid == ancestor->pid && process_alive (ancestor) && process_alive (process);
}

/* ---- the programs above ---- */

/* Adds the executable of the process whose directory is @dir. FALSE: it is not known. */
static gboolean
add_link (GPtrArray *chain, int dir)
{
  Process link = { .dir = dir };

  process_read_exe (&link);
  if (!link.verified)
    {
      g_free (link.exe);
      return FALSE;
    }
  g_ptr_array_add (chain, link.exe);
  return TRUE;
}

/* TRUE where nothing of this user's is above @dir any more, with @seen FALSE when that cannot be
 * told. */
static gboolean
is_top (int dir, uid_t uid, pid_t pid, gboolean *seen)
{
  ProcessStat fields;
  uid_t own;

  *seen = process_read_uid (dir, &own) && process_read_stat (dir, &fields);
  if (*seen && own != uid)
    return TRUE;
  /* Its parent is in another pid namespace. */
  *seen = *seen && (fields.parent > 0 || pid == 1);
  return !*seen;
}

char **
process_chain (const Process *process, gboolean *whole)
{
  GPtrArray *chain = g_ptr_array_new ();
  int dir = fcntl (process->dir, F_DUPFD_CLOEXEC, 0);
  pid_t pid = process->pid;

  *whole = dir >= 0;
  for (int level = 0; dir >= 0; level++)
    {
      gboolean seen;
      if (is_top (dir, process->uid, pid, &seen))
        {
          *whole = *whole && seen;
          break;
        }
      if (level > 0 && !add_link (chain, dir))
        *whole = FALSE;
      if (pid == 1)
        break;
      dir = level < WALK_MAX ? step_up (dir, &pid) : (close (dir), -1);
      if (dir < 0)
        *whole = FALSE;
    }
  if (dir >= 0)
    close (dir);
  g_ptr_array_add (chain, NULL);
  return (char **) g_ptr_array_free (chain, FALSE);
}
