/* SPDX-License-Identifier: MIT
 *
 * Each case in a child: what is given up there is given up for good.
 */
#include "broker/start/confine.h"
#include "tests/unit/child.h"
#include "tests/unit/table.h"

#include <errno.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

typedef struct
{
  const char *sentence;
  long call;
  long first; /* argument */
} RefusedCase;

/* With arguments that would fail in another way, or do no harm: EPERM is the filter's. */
static const RefusedCase refused_cases[] = {
  { "tracing is refused", SYS_ptrace, PTRACE_TRACEME },
  { "reading another's memory is refused", SYS_process_vm_readv, -1 },
  { "writing another's memory is refused", SYS_process_vm_writev, -1 },
  { "taking another's descriptor is refused", SYS_pidfd_getfd, -1 },
  { "comparing with another is refused", SYS_kcmp, -1 },
  { "watching events is refused", SYS_perf_event_open, 0 },
  { "running a program is refused", SYS_execve, 0 },
  { "running a program by descriptor is refused", SYS_execveat, -1 },
  { "another namespace is refused", SYS_unshare, 0 },
  { "entering a namespace is refused", SYS_setns, -1 },
  { "a ring that passes by the filter is refused", SYS_io_uring_setup, 0 },
  { "a socket to the network is refused", SYS_socket, AF_INET },
  { "a socket to the newer network is refused", SYS_socket, AF_INET6 },
  { "a socket to the kernel is refused", SYS_socket, AF_NETLINK },
};

static const RefusedCase *tried;

static gboolean
confined (void)
{
  return prctl (PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && confine_calls (NULL);
}

static gboolean
is_refused (void)
{
  if (!confined ())
    return FALSE;
  errno = 0;
  return syscall (tried->call, tried->first, 0, 0, 0, 0, 0) == -1 && errno == EPERM;
}

static gboolean
is_not_refused_before (void)
{
  errno = 0;
  return syscall (tried->call, tried->first, 0, 0, 0, 0, 0) != -1 || errno != EPERM;
}

/* Ordinary, so that without the filter none of them is refused for want of a right; what an
 * ordinary user may not do at all shows nothing, and is not asked before. */
static void
test_refused (gconstpointer data)
{
  tried = data;
  if (tried->call != SYS_perf_event_open && tried->call != SYS_io_uring_setup)
    g_assert_true (child_succeeds (is_not_refused_before));
  g_assert_true (child_succeeds (is_refused));
}

static gboolean
stays_shut_off (void)
{
  return prctl (PR_SET_DUMPABLE, 0) == 0 && confined () && prctl (PR_SET_DUMPABLE, 1) == -1
         && errno == EPERM && prctl (PR_GET_DUMPABLE) == 0;
}

static void
test_dumpable (void)
{
  g_assert_true (child_succeeds (stays_shut_off));
}

static gboolean
still_works (void)
{
  int ends[2];
  char byte = 'x';

  return confined () && socketpair (AF_UNIX, SOCK_STREAM, 0, ends) == 0
         && write (ends[0], &byte, 1) == 1 && read (ends[1], &byte, 1) == 1
         && syscall (SYS_pidfd_open, getpid (), 0) >= 0;
}

static void
test_needed (void)
{
  g_assert_true (child_succeeds (still_works));
}

static gboolean
refuses_without (void)
{
  g_autoptr (GError) error = NULL;

  return prctl (PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && !confine_process (&error)
         && g_error_matches (error, CONFINE_ERROR, CONFINE_ERROR_CAPABILITY);
}

static void
test_capability (void)
{
  g_assert_true (child_succeeds (refuses_without));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  if (!child_become_ordinary ())
    g_error ("cannot become an ordinary user");
  ADD_TABLE ("/confine/", refused_cases, test_refused);
  g_test_add_func ("/confine/what is shut off stays so", test_dumpable);
  g_test_add_func ("/confine/local sockets and pidfds still work", test_needed);
  g_test_add_func ("/confine/without the capability it does not begin", test_capability);
  return g_test_run ();
}
