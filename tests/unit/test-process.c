/* SPDX-License-Identifier: MIT */
#include "broker/base/process-private.h"
#include "tests/unit/child.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

static void
test_exec (void)
{
  const char *argv[] = { "/bin/sleep", "1000", NULL };
  g_auto (Child) child = child_fork (child_run_program, argv);
  g_autoptr (Process) before = child_open (&child);
  g_autoptr (Process) after = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (process_check (before, NULL));
  child_go (&child);
  g_assert_false (process_check (before, &error));
  g_assert_error (error, PROCESS_ERROR, PROCESS_ERROR_CHANGED);
  g_assert_true (process_alive (before));

  after = child_open (&child);
  g_assert_true (process_check (after, NULL));
  g_assert_true (process_equal (before, after));
  g_assert_false (process_runs (before, "/bin/sleep"));
  g_assert_true (process_runs (after, "/bin/sleep"));
}

static void
assert_says_nothing (const Process *process)
{
  g_autoptr (GError) error = NULL, parent_error = NULL;
  g_autoptr (Process) parent = process_parent (process, &parent_error);
  g_autofree char *cwd = process_cwd (process), *unit = process_unit (process, NULL);
  gboolean cut;
  g_auto (GStrv) argv = process_argv (process, 4096, &cut);

  g_assert_false (process_alive (process));
  g_assert_false (process_check (process, &error));
  g_assert_error (error, PROCESS_ERROR, PROCESS_ERROR_GONE);
  g_assert_null (parent);
  g_assert_error (parent_error, PROCESS_ERROR, PROCESS_ERROR_GONE);
  g_assert_null (cwd);
  g_assert_null (unit);
  g_assert_null (argv);
  g_assert_cmpint (process_session (process), ==, 0);
}

static void
test_gone (void)
{
  g_auto (Child) child = child_start (NULL, NULL);
  g_autoptr (Process) process = child_open (&child);
  g_autoptr (Process) self = child_open_self ();
  g_autoptr (GError) by_number = NULL, by_pidfd = NULL;
  pid_t pid = child.pid;

  g_assert_true (process_is_below (process, self));
  child_end (&child);
  assert_says_nothing (process);
  g_assert_false (process_is_below (process, self));
  g_assert_false (process_is_below (process, process));
  g_assert_null (process_open (pid, -1, &by_number));
  g_assert_error (by_number, PROCESS_ERROR, PROCESS_ERROR_GONE);
  g_assert_null (
      process_open (pid, fcntl (process_pidfd (process), F_DUPFD_CLOEXEC, 0), &by_pidfd));
  g_assert_error (by_pidfd, PROCESS_ERROR, PROCESS_ERROR_GONE);
}

static void
test_zombie (void)
{
  g_autoptr (GError) error = NULL;
  siginfo_t info;
  pid_t pid = fork ();

  if (pid == 0)
    _exit (0);
  /* Waits for its end and leaves it unreaped. */
  g_assert_cmpint (waitid (P_PID, (id_t) pid, &info, WEXITED | WNOWAIT), ==, 0);
  g_assert_null (process_open (pid, -1, &error));
  g_assert_error (error, PROCESS_ERROR, PROCESS_ERROR_GONE);
  waitpid (pid, NULL, 0);
}

static void
test_other_pidfd (void)
{
  g_auto (Child) one = child_start (NULL, NULL);
  g_auto (Child) two = child_start (NULL, NULL);
  g_autoptr (Process) first = child_open (&one);
  g_autoptr (GError) error = NULL;
  int pidfd = fcntl (process_pidfd (first), F_DUPFD_CLOEXEC, 0);

  g_assert_null (process_open (two.pid, pidfd, &error));
  g_assert_error (error, PROCESS_ERROR, PROCESS_ERROR_GONE);
  g_assert_cmpint (fcntl (pidfd, F_GETFD), ==, -1);
}

static void
test_bad_numbers (void)
{
  static const struct
  {
    pid_t pid;
    ProcessError code;
  } rows[] = {
    { 0, PROCESS_ERROR_SYSTEM },
    { -1, PROCESS_ERROR_SYSTEM },
    { G_MININT, PROCESS_ERROR_SYSTEM },
    { G_MAXINT, PROCESS_ERROR_GONE }, /* over what the kernel gives out */
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (process_open (rows[i].pid, -1, &error));
      g_assert_error (error, PROCESS_ERROR, (gint) rows[i].code);
    }
}

static guint
open_descriptors (void)
{
  g_autoptr (GDir) dir = g_dir_open ("/proc/self/fd", 0, NULL);
  guint n = 0;

  while (g_dir_read_name (dir) != NULL)
    n++;
  return n;
}

static void
test_descriptors (void)
{
  guint before = open_descriptors ();

  test_gone ();
  test_zombie ();
  test_other_pidfd ();
  test_bad_numbers ();
  test_exec ();
  g_assert_cmpuint (open_descriptors (), ==, before);
}

static void
test_recycled (void)
{
  g_autofree char *name = g_strdup_printf ("countersign-test-%d", getpid ());
  int listener = child_listen (name);
  g_auto (Child) child = child_start (child_connect, GINT_TO_POINTER (listener));
  g_autoptr (Process) old = child_open (&child);
  g_autoptr (GError) by_pidfd = NULL, by_socket = NULL;
  pid_t pid = child.pid, again;
  int sock = accept4 (listener, NULL, NULL, SOCK_CLOEXEC), pidfd = -1;
  socklen_t len = sizeof pidfd;

  child_end (&child);
  again = child_fork_as (pid);
  if (again != pid)
    g_test_skip ("may not choose the number of a new process");
  else
    {
      g_autoptr (Process) new = process_open (pid, -1, NULL);
      g_autoptr (Process) self = child_open_self ();

      g_assert_nonnull (new);
      assert_says_nothing (old);
      g_assert_false (process_is_below (old, self));
      g_assert_false (process_is_below (new, old));
      g_assert_false (process_is_below (old, new));
      g_assert_null (
          process_open (pid, fcntl (process_pidfd (old), F_DUPFD_CLOEXEC, 0), &by_pidfd));
      g_assert_error (by_pidfd, PROCESS_ERROR, PROCESS_ERROR_GONE);
      /* Before the kernel could say so, the number was all there was: process.h tells. */
      if (getsockopt (sock, SOL_SOCKET, 77, &pidfd, &len) == 0 || errno != ENOPROTOOPT)
        {
          g_assert_null (process_open_peer (sock, &by_socket));
          g_assert_error (by_socket, PROCESS_ERROR, PROCESS_ERROR_GONE);
        }
      else
        g_test_message ("this kernel has no SO_PEERPIDFD: peers that ended are not told apart");
      if (pidfd >= 0)
        close (pidfd);
      kill (pid, SIGKILL);
      waitpid (pid, NULL, 0);
    }
  close (sock);
  close (listener);
}

static void
test_equal (void)
{
  g_auto (Child) child = child_start (NULL, NULL);
  g_autoptr (Process) one = child_open (&child);
  g_autoptr (Process) same = child_open (&child);
  g_autoptr (Process) self = child_open_self ();
  /* As if the number had been given out again at once, and again later. */
  Process recycled = *one, later = *one;

  recycled.identity++;
  later.start++;
  g_assert_true (process_equal (one, same));
  g_assert_false (process_equal (one, self));
  g_assert_false (process_equal (one, &recycled));
  g_assert_false (process_equal (one, &later));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/process/exec after pinning is noticed", test_exec);
  g_test_add_func ("/process/one that has ended is gone", test_gone);
  g_test_add_func ("/process/one that has ended and is unreaped is gone", test_zombie);
  g_test_add_func ("/process/a number given out again is another process", test_recycled);
  g_test_add_func ("/process/a pidfd of another process is refused", test_other_pidfd);
  g_test_add_func ("/process/numbers that are no process are refused", test_bad_numbers);
  g_test_add_func ("/process/no descriptor is left behind", test_descriptors);
  g_test_add_func ("/process/equal is the same number, start and identity", test_equal);
  return g_test_run ();
}
