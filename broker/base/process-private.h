/* SPDX-License-Identifier: MIT
 *
 * The layout of Process, and reading /proc, for process*.c alone.
 */
#pragma once

#include "broker/base/process.h"

#include <sys/stat.h>

struct _Process
{
  gatomicrefcount refs;
  pid_t pid;
  int pidfd;
  int dir; /* /proc/PID, opened while the pidfd lived: it never comes to mean another process */
  guint64 start;
  ino_t identity; /* of the pidfd: the kernel's own number from 6.9, before that the same for all */
  uid_t uid;
  char *exe;    /* NULL: may not be read */
  dev_t device; /* of exe */
  ino_t inode;  /* of exe */
  gboolean verified;
};

/* Reads the file @name below @dir into @buf, NUL-terminated. Its length, which is @size - 1 when
 * there may be more; -1 with errno. */
gssize process_read_file (int dir, const char *name, char *buf, gsize size);

/* What is wanted of stat(5). */
typedef struct
{
  pid_t parent, session;
  guint64 start;
} ProcessStat;

/* FALSE with errno. */
gboolean process_read_stat (int dir, ProcessStat *out);

/* GONE for ESRCH, else SYSTEM; returns FALSE. */
gboolean process_set_system (pid_t pid, const char *what, int number, GError **error);

/* The effective uid of the process whose directory is @dir. FALSE with errno. */
gboolean process_read_uid (int dir, uid_t *uid);
/* Fills exe, device, inode and verified of @self, whose dir is open. */
void process_read_exe (Process *self);

/* What runs in the directory @dir of /proc. FALSE with errno. Never waits. */
gboolean process_read_running (int dir, ProcessFile *file);
/* Whether @path names @file now; FALSE too where that cannot be told without waiting for another
 * program. */
gboolean process_path_is (const char *path, const ProcessFile *file);

/* The unit in the text of a cgroup file, as process_unit() returns it. */
char *process_unit_in (const char *cgroups, gboolean *chosen);
