/* SPDX-License-Identifier: MIT
 *
 * Which process is that? A process pinned by pidfd, and what the kernel says of it.
 *
 * MUST
 *  - never name a process by number alone: the number is read again while the pidfd still lives
 *  - call an executable verified only when it was read in our own mount namespace
 *
 * A pidfd does not notice exec(): process_check() compares the executable again. None of this
 * proves that the program behaves: it says which file the process runs, nothing more.
 */
#pragma once

#include <glib.h>
#include <sys/socket.h>
#include <sys/types.h>

#define PROCESS_ERROR (process_error_quark ())
typedef enum
{
  PROCESS_ERROR_GONE,
  PROCESS_ERROR_CHANGED, /* runs another executable than when it was pinned */
  PROCESS_ERROR_SYSTEM
} ProcessError;
GQuark process_error_quark (void);

/* Reference-counted; immutable once opened. */
typedef struct _Process Process;

/* Pins @pid. @pidfd is taken over when it is not -1 (SO_PEERPIDFD), else pidfd_open() is used. */
Process *process_open (pid_t pid, int pidfd, GError **error);
/* Pins the other end of a connected Unix socket: SO_PEERPIDFD where the kernel has it (6.5), else
 * SO_PEERCRED and pidfd_open(). */
Process *process_open_peer (int sock, GError **error);
/* The parent, pinned; checked to be still the parent after pinning. */
Process *process_parent (const Process *process, GError **error);
Process *process_self (GError **error);
Process *process_ref (Process *process);
void process_unref (Process *process);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Process, process_unref)

pid_t process_pid (const Process *process);
guint64 process_start (const Process *process); /* clock ticks since boot, field 22 of stat(5) */
uid_t process_uid (const Process *process);     /* effective */
int process_pidfd (const Process *process);     /* borrowed; readable once the process has ended */
/* Path of the executable, or NULL when it may not be read. As the kernel prints it. */
const char *process_exe (const Process *process);
/* TRUE when the executable could be read, is not deleted, and the process shares our mount
 * namespace. */
gboolean process_verified (const Process *process);
/* TRUE when @process is verified and runs the very file (device and inode) at @path. */
gboolean process_runs (const Process *process, const char *path);
gboolean process_alive (const Process *process);
gboolean process_equal (const Process *a, const Process *b); /* pid and start time */

/* Alive, and still running the executable it had when pinned. Called at request, decision and
 * release; about 2 µs. */
gboolean process_check (const Process *process, GError **error);

/* Session leader's pid (field 6 of stat(5)), 0 when unknown. */
pid_t process_session (const Process *process);
/* Walks upwards: TRUE when @ancestor is @process itself or above it. Bounded depth. */
gboolean process_is_below (const Process *process, const Process *ancestor);

/* For cards and records; each is as the kernel gives it, unescaped, or NULL. g_free() / g_strfreev(). */
char *process_name (const Process *process);     /* base name of exe, else comm */
char *process_cwd (const Process *process);
char **process_argv (const Process *process, gsize max_bytes);
char *process_unit (const Process *process);     /* systemd unit or scope from cgroup(5) */
