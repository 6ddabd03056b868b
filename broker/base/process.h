/* SPDX-License-Identifier: MIT
 *
 * Which process is that? A process pinned by pidfd, and what the kernel says of it.
 *
 * MUST
 *  - never name a process by number alone: the number is read again while the pidfd still lives
 *  - call an executable verified only when it was read in our own mount namespace
 *
 * A pidfd does not notice exec(): process_check() compares the executable again. A program that
 * executes its own file once more (an interpreter and its next script) looks the same. None of this
 * proves that the program behaves: it says which file the process runs, nothing of what was loaded
 * into it (LD_PRELOAD, a debugger).
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

/* From now on "our own mount namespace" is that of process 1, which the people of this machine
 * share: for a broker whose own was made by its unit. At start-up, once. */
void process_compare_with_first (void);

/* Pins @pid. @pidfd is taken over, also on error, when it is not -1 (SO_PEERPIDFD); it must be of
 * @pid. Otherwise pidfd_open() is used. */
Process *process_open (pid_t pid, int pidfd, GError **error);
/* Pins the other end of a connected Unix socket, which is whoever called connect(), socketpair() or
 * listen(): SO_PEERPIDFD where the kernel has it (6.5), else SO_PEERCRED and pidfd_open(). With the
 * latter a peer that ended before this call may be taken for the one that got its number since. */
Process *process_open_peer (int sock, GError **error);
/* The parent, pinned; checked to be still the parent after pinning. PROCESS_ERROR_GONE when there
 * is none to be seen from here: the first process of a container, or a parent outside it. */
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
/* TRUE when the executable could be read, is not deleted, the process shares our mount namespace,
 * and the path names that very file. FALSE too when we may not look at the path. */
gboolean process_verified (const Process *process);
/* TRUE when @process is verified and runs the very file (device and inode) at @path. */
gboolean process_runs (const Process *process, const char *path);
gboolean process_alive (const Process *process);
/* The same process: pid, start time, and from Linux 6.9 the kernel's own number, never used again.
 */
gboolean process_equal (const Process *a, const Process *b);

/* Alive, and still running the executable it had when pinned. Called at request, decision and
 * release; about 2 µs. Where the executable could not be read when pinned, alive is all that it
 * says. */
gboolean process_check (const Process *process, GError **error);

/* Session leader's pid (field 6 of stat(5)), 0 when unknown. */
pid_t process_session (const Process *process);
/* Walks upwards: TRUE when both live and @ancestor is @process itself or above it, at most 64
 * levels. A process whose parent has ended belongs to whoever adopted it, no longer to the parent's
 * ancestors. */
gboolean process_is_below (const Process *process, const Process *ancestor);

/* The verified executables above @process, nearest first, as far up as they run under its uid,
 * NULL-terminated. @whole FALSE: there may be others, which are not known. A process whose parent
 * has ended is below whatever adopted it. */
char **process_chain (const Process *process, gboolean *whole);

/* The file that a process runs, told apart from all that was there before: who can write a file
 * cannot choose when it was changed. */
typedef struct
{
  dev_t device;
  ino_t inode;
  gint64 size;
  gint64 modified, changed; /* ns since 1970 */
} ProcessFile;

/* FALSE when @process is unverified, or runs another file than when it was pinned. Never waits. */
gboolean process_file (const Process *process, ProcessFile *file);
/* The same of an open file. */
gboolean process_file_of (int fd, ProcessFile *file);
gboolean process_file_equal (const ProcessFile *a, const ProcessFile *b);
/* For another thread, which may wait: /proc/PID of @process, never of another; close(). -1 with
 * errno. */
int process_dup_dir (const Process *process);
/* Opens what runs in a directory of process_dup_dir(). -1 with errno: ENOTSUP when another program
 * serves it (FUSE), or that cannot be told, for what is read of it is whatever that one says then.
 */
int process_open_exe (int dir);

/* The innermost systemd unit or scope in cgroup(5), version 2: of
 * ".../user@1000.service/app.slice/x.scope" the last. NULL: cannot be read; "": it is in none.
 * @chosen (may be NULL): it lies within another, so that whoever runs that one can choose it. */
char *process_unit (const Process *process, gboolean *chosen);

/* For cards and records, never for a decision: a process can choose its arguments, its comm. Each
 * is as the kernel gives it, unescaped, perhaps not UTF-8, or NULL. g_free() / g_strfreev(). */
char *process_name (const Process *process); /* base name of exe, else comm */
char *process_cwd (const Process *process);
/* At most the first @max_bytes of the arguments; @cut is set TRUE when there are more, and the last
 * string is then perhaps not whole. NULL when there are none. May contain newlines. */
char **process_argv (const Process *process, gsize max_bytes, gboolean *cut);
