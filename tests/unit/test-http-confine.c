/* SPDX-License-Identifier: MIT
 *
 * Each case in a child: what is given up there is given up for good.
 */
#include "broker/worker/http-confine.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tests/unit/child.h"
#include "tests/unit/table.h"

typedef struct
{
  const char *sentence;
  long call;
  long first; /* argument */
  int part;   /* 1 + HttpConfinePart, once it is known; 0: from the start */
} RefusedCase;

/* With arguments that would fail in another way, or do no harm: EPERM is the filter's. */
static const RefusedCase refused_cases[] = {
  { "tracing is refused", SYS_ptrace, PTRACE_TRACEME },
  { "reading another's memory is refused", SYS_process_vm_readv, -1 },
  { "taking another's descriptor is refused", SYS_pidfd_getfd, -1 },
  { "a signal to another is refused", SYS_kill, 0x7ffffff },
  { "running a program is refused", SYS_execve, 0 },
  { "running a program by descriptor is refused", SYS_execveat, -1 },
#ifdef SYS_fork
  { "a process is refused", SYS_fork, 0 },
  { "a process that shares memory is refused", SYS_vfork, 0 },
#endif
  { "a process by clone is refused", SYS_clone, SIGCHLD },
  { "another namespace is refused", SYS_unshare, 0 },
  { "a ring that passes by the filter is refused", SYS_io_uring_setup, 0 },
  { "packets are refused", SYS_socket, AF_PACKET },
  { "a socket to the host below is refused", SYS_socket, AF_VSOCK },
  { "a socket to the kernel's cryptography is refused", SYS_socket, AF_ALG },
  { "waiting for connections is refused to what connects", SYS_listen, -1,
    1 + HTTP_CONFINE_CARRIES },
  { "connecting is refused to what listens", SYS_connect, -1, 1 + HTTP_CONFINE_LISTENS },
  { "another socket is refused to what listens", SYS_socket, AF_INET, 1 + HTTP_CONFINE_LISTENS },
  { "another address is refused to what listens", SYS_bind, -1, 1 + HTTP_CONFINE_LISTENS },
  { "listening elsewhere is refused to what listens", SYS_listen, -1, 1 + HTTP_CONFINE_LISTENS },
};

static const RefusedCase *tried;

static gboolean
confined (void)
{
  gboolean landlock;

  return prctl (PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && http_confine (&landlock, NULL);
}

static gboolean
is_refused (void)
{
  if (!confined ()
      || (tried->part > 0 && !http_confine_part ((HttpConfinePart) (tried->part - 1), NULL)))
    return FALSE;
  errno = 0;
  return syscall (tried->call, tried->first, 0, 0, 0, 0, 0) == -1 && errno == EPERM;
}

static void
test_refused (gconstpointer data)
{
  tried = data;
  g_assert_true (child_succeeds (is_refused));
}

static gboolean
can_open (const char *path, int flags)
{
  int fd = open (path, flags | O_CLOEXEC, 0600);

  if (fd >= 0)
    close (fd);
  return fd >= 0;
}

static gboolean
opens_little (void)
{
  gboolean landlock = FALSE, before = can_open ("/proc/self/status", O_RDONLY);

  if (prctl (PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || !http_confine (&landlock, NULL))
    return FALSE;
  return before && landlock && !can_open ("/proc/self/status", O_RDONLY)
         && !can_open ("/tmp", O_RDONLY) && !can_open ("/tmp", O_RDWR | O_TMPFILE)
         && can_open ("/etc/hosts", O_RDONLY) && !can_open ("/etc/hosts", O_WRONLY)
         && mkdir ("/tmp/countersign-confined", 0700) != 0;
}

static void
test_files (void)
{
  if (syscall (SYS_landlock_create_ruleset, NULL, 0, 1) < 1)
    g_test_skip ("this kernel has no Landlock");
  else
    g_assert_true (child_succeeds (opens_little));
}

static gpointer
say_yes (gpointer unused)
{
  return GINT_TO_POINTER (1);
}

/* What the worker does need: threads, sockets, names. */
static gboolean
still_works (void)
{
  struct addrinfo *found = NULL;

  if (!confined () || g_thread_join (g_thread_new ("try", say_yes, NULL)) == NULL
      || getaddrinfo ("localhost", "443", NULL, &found) != 0)
    return FALSE;
  freeaddrinfo (found);
  int fd = socket (AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
  gboolean opened = fd >= 0 || errno == EAFNOSUPPORT;
  if (fd >= 0)
    close (fd);
  fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  return opened && fd >= 0 && close (fd) == 0;
}

/* What connects needs all of that, and what listens the connections that it takes. */
static gboolean
still_connects (void)
{
  return confined () && http_confine_part (HTTP_CONFINE_CARRIES, NULL) && still_works ();
}

static gboolean
still_takes (void)
{
  struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr = { htonl (INADDR_LOOPBACK) } };
  socklen_t len = sizeof address;
  int listener = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  int other = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

  if (!confined () || bind (listener, (const struct sockaddr *) &address, len) != 0
      || listen (listener, 1) != 0
      || getsockname (listener, (struct sockaddr *) &address, &len) != 0
      || connect (other, (const struct sockaddr *) &address, len) != 0
      || !http_confine_part (HTTP_CONFINE_LISTENS, NULL))
    return FALSE;
  int taken = accept4 (listener, NULL, NULL, SOCK_CLOEXEC);
  return taken >= 0 && send (taken, "x", 1, 0) == 1;
}

static void
test_works (void)
{
  g_assert_true (child_succeeds (still_works));
  g_assert_true (child_succeeds (still_connects));
  g_assert_true (child_succeeds (still_takes));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  child_become_ordinary ();
  ADD_TABLE ("/http-confine/", refused_cases, test_refused);
  g_test_add_func ("/http-confine/nothing is written, and little read", test_files);
  g_test_add_func ("/http-confine/hosts are looked up and connections made", test_works);
  return g_test_run ();
}
