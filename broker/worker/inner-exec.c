/* SPDX-License-Identifier: MIT
 *
 * From the inner stage's child to the command.
 */
#include "broker/worker/inner-exec.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/close_range.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "broker/worker/sandbox-control.h"
#include "broker/worker/sandbox.h"

#define ABOVE 64   /* no descriptor of the command is up there */
#define FILES 1024 /* the usual soft limit: more is not expected by programs that use select(2) */

static void G_GNUC_NORETURN
fail (int control, char because, const char *what, const char *why)
{
  control_fail (control, because, "%s: %s", what, why);
  _exit (127);
}

/* Moves first, so that no place is taken by what another one still needs. -1: failed. */
static int
place_descriptors (const Spec *spec)
{
  for (guint i = 0; i < spec->fds->len; i++)
    {
      SpecFd *pair = &g_array_index (spec->fds, SpecFd, i);
      pair->from = fcntl (pair->from, F_DUPFD_CLOEXEC, ABOVE);
      if (pair->from < 0)
        return -1;
    }
  if (close_range (3, ~0u, CLOSE_RANGE_CLOEXEC) != 0)
    return -1;
  for (guint i = 0; i < spec->fds->len; i++)
    {
      const SpecFd *pair = &g_array_index (spec->fds, SpecFd, i);
      if (dup2 (pair->from, pair->to) != pair->to)
        return -1;
    }
  return 0;
}

static gboolean
is_approved (const Spec *spec, const struct stat *st)
{
  return (spec->device == 0 && spec->inode == 0)
         || ((guint64) st->st_dev == spec->device && (guint64) st->st_ino == spec->inode
             && sandbox_changed (st) == spec->changed);
}

/* The file at @path, when it is the approved one; -1: it is not. */
static int
open_approved (const Spec *spec, const char *path)
{
  struct stat st;
  int fd = open (path, O_PATH | O_CLOEXEC);

  if (fd < 0 || (fstat (fd, &st) == 0 && is_approved (spec, &st)))
    return fd;
  close (fd);
  return -1;
}

/* In the command's own PATH. */
static int
search_approved (const Spec *spec, const char *name, const char **path)
{
  const char *places = "";

  for (guint i = 0; i + 1 < spec->env->len; i++)
    if (g_str_has_prefix (g_ptr_array_index (spec->env, i), "PATH="))
      places = (const char *) g_ptr_array_index (spec->env, i) + strlen ("PATH=");
  g_auto (GStrv) each = g_strsplit (places, ":", -1);
  for (gsize i = 0; each[i] != NULL; i++)
    {
      char *tried = g_build_filename ("/", each[i], name, NULL);
      int fd = open_approved (spec, tried);
      *path = tried; /* the command's, when it is found */
      if (fd >= 0)
        return fd;
      g_free (tried);
    }
  return -1;
}

/* By the name it was called by, where that leads to the approved file: some programs look at their
 * name to know what to do. */
static int
open_program (const Spec *spec, const char **path)
{
  const char *called = g_ptr_array_index (spec->argv, 0);
  int fd = -1;

  *path = called;
  if (strchr (called, '/') != NULL)
    fd = open_approved (spec, called);
  else if (*called != '\0')
    fd = search_approved (spec, called, path);
  if (fd >= 0)
    return fd;
  *path = spec->program;
  return open (spec->program, O_PATH | O_CLOEXEC);
}

static gboolean
is_script (const char *path)
{
  char start[2] = { 0 };
  int fd = open (path, O_RDONLY | O_CLOEXEC);
  gboolean script = fd >= 0 && read (fd, start, 2) == 2 && memcmp (start, "#!", 2) == 0;

  if (fd >= 0)
    close (fd);
  return script;
}

static void
reset_process (void)
{
  struct rlimit files;
  sigset_t none;

  for (int number = 1; number < NSIG; number++)
    signal (number, SIG_DFL);
  sigemptyset (&none);
  sigprocmask (SIG_SETMASK, &none, NULL);
  umask (022);
  if (getrlimit (RLIMIT_NOFILE, &files) == 0 && files.rlim_cur > FILES)
    {
      files.rlim_cur = FILES;
      setrlimit (RLIMIT_NOFILE, &files);
    }
}

/* A link that took its place meanwhile would lead elsewhere. */
static void
enter (const char *work_dir, int control)
{
  char here[PATH_MAX];

  if (chdir (work_dir) != 0 || getcwd (here, sizeof here) == NULL)
    fail (control, CONTROL_BECAUSE_FIELD, "work_dir", g_strerror (errno));
  if (strcmp (here, work_dir) != 0)
    fail (control, CONTROL_BECAUSE_FIELD, "work_dir",
          "is no longer the directory that was approved");
}

void
inner_exec (const Spec *spec, int control)
{
  struct stat st;
  const char *path;
  char **argv = (char **) spec->argv->pdata, **env = (char **) spec->env->pdata;

  control = fcntl (control, F_DUPFD_CLOEXEC, ABOVE);
  enter (spec->work_dir, control);
  if (place_descriptors (spec) != 0)
    fail (control, CONTROL_BECAUSE_SYSTEM, "descriptors", g_strerror (errno));
  int fd = open_program (spec, &path);
  if (fd < 0)
    fail (control, CONTROL_BECAUSE_PROGRAM, spec->program, g_strerror (errno));
  if (fstat (fd, &st) != 0 || !is_approved (spec, &st))
    fail (control, CONTROL_BECAUSE_PROGRAM, spec->program,
          "is no longer the file that was approved; ask again");
  reset_process ();
  /* By descriptor it is the checked file, whatever the path names by now. The kernel can hand a
   * script to its interpreter only by path. */
  if (is_script (path))
    execve (path, argv, env);
  else
    execveat (fd, "", argv, env, AT_EMPTY_PATH);
  fail (control, CONTROL_BECAUSE_PROGRAM, spec->program, g_strerror (errno));
}
