/* SPDX-License-Identifier: MIT */
#include "tests/unit/child.h"

#include <fcntl.h>
#include <grp.h>
#include <linux/sched.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define NOBODY 65534

static void
wait_for_end (int fd)
{
  char byte;

  while (read (fd, &byte, 1) > 0)
    ;
}

static G_NORETURN void
child_main (int input, int ready, ChildRun run, gconstpointer data)
{
  char byte;

  dup2 (input, STDIN_FILENO);
  if (read (STDIN_FILENO, &byte, 1) == 1 && run != NULL)
    run (data);
  close (ready);
  wait_for_end (STDIN_FILENO);
  _exit (0);
}

Child
child_fork (ChildRun run, gconstpointer data)
{
  Child child;
  int input[2], ready[2];

  g_assert_cmpint (pipe2 (input, O_CLOEXEC), ==, 0);
  g_assert_cmpint (pipe2 (ready, O_CLOEXEC), ==, 0);
  child.pid = fork ();
  g_assert_cmpint (child.pid, >=, 0);
  if (child.pid == 0)
    {
      close (input[1]);
      close (ready[0]);
      child_main (input[0], ready[1], run, data);
    }
  close (input[0]);
  close (ready[1]);
  child.input = input[1];
  child.ready = ready[0];
  return child;
}

void
child_go (Child *child)
{
  g_assert_cmpint (write (child->input, "x", 1), ==, 1);
  wait_for_end (child->ready);
}

Child
child_start (ChildRun run, gconstpointer data)
{
  Child child = child_fork (run, data);

  child_go (&child);
  return child;
}

void
child_kill (Child *child)
{
  int status;

  if (child->pid == 0)
    return;
  g_assert_cmpint (kill (child->pid, SIGKILL), ==, 0);
  g_assert_cmpint (waitpid (child->pid, &status, 0), ==, child->pid);
  child->pid = 0;
}

void
child_end (Child *child)
{
  if (child->input == 0)
    return;
  child_kill (child);
  close (child->input);
  close (child->ready);
  child->input = 0;
}

void
child_run_program (gconstpointer argv)
{
  char *const *words = (char *const *) argv;

  execv (words[0], words);
  _exit (127);
}

Process *
child_open (const Child *child)
{
  g_autoptr (GError) error = NULL;
  Process *process = process_open (child->pid, -1, &error);

  g_assert_no_error (error);
  return process;
}

Process *
child_open_self (void)
{
  g_autoptr (GError) error = NULL;
  Process *process = process_self (&error);

  g_assert_no_error (error);
  return process;
}

gboolean
child_succeeds (gboolean (*run) (void))
{
  int status = -1;
  pid_t child = fork ();

  if (child == 0)
    _exit (run () ? 0 : 1);
  return waitpid (child, &status, 0) == child && status == 0;
}

gboolean
child_become_ordinary (void)
{
  if (geteuid () != 0)
    return TRUE;
  /* A process that gave up root is not dumpable; one that never was root is, and so are its
   * children. */
  return setgroups (0, NULL) == 0 && setgid (NOBODY) == 0 && setuid (NOBODY) == 0
         && prctl (PR_SET_DUMPABLE, 1) == 0;
}

int
child_listen (const char *name)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

  /* Abstract: needs no directory. */
  g_strlcpy (address.sun_path + 1, name, sizeof address.sun_path - 1);
  g_assert_cmpint (bind (fd, (struct sockaddr *) &address, sizeof address), ==, 0);
  g_assert_cmpint (listen (fd, 8), ==, 0);
  return fd;
}

void
child_connect (gconstpointer listener)
{
  struct sockaddr_un address;
  socklen_t len = sizeof address;
  int fd = socket (AF_UNIX, SOCK_STREAM, 0);

  if (getsockname (GPOINTER_TO_INT (listener), (struct sockaddr *) &address, &len) != 0
      || connect (fd, (struct sockaddr *) &address, len) != 0)
    _exit (1);
}

pid_t
child_fork_as (pid_t pid)
{
  struct clone_args args
      = { .exit_signal = SIGCHLD, .set_tid = (guintptr) &pid, .set_tid_size = 1 };
  pid_t child = (pid_t) syscall (SYS_clone3, &args, sizeof args);

  if (child != 0)
    return child;
  for (;;)
    pause ();
}

static void
grow_chain (gconstpointer data)
{
  const ChildChain *chain = data;

  for (int i = 0; i < chain->length; i++)
    {
      pid_t pid = getpid ();

      if (write (chain->pids[1], &pid, sizeof pid) != sizeof pid)
        _exit (1);
      if (i + 1 < chain->length && fork () != 0)
        break;
    }
}

Child
child_start_chain (ChildChain *chain)
{
  g_assert_cmpint (pipe2 (chain->pids, O_CLOEXEC), ==, 0);
  return child_start (grow_chain, chain);
}

GPtrArray *
child_read_chain (const ChildChain *chain)
{
  GPtrArray *links = g_ptr_array_new_with_free_func ((GDestroyNotify) process_unref);

  for (int i = 0; i < chain->length; i++)
    {
      g_autoptr (GError) error = NULL;
      pid_t pid;

      g_assert_cmpint (read (chain->pids[0], &pid, sizeof pid), ==, sizeof pid);
      g_ptr_array_add (links, process_open (pid, -1, &error));
      g_assert_no_error (error);
    }
  close (chain->pids[0]);
  close (chain->pids[1]);
  return links;
}
