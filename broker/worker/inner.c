/* SPDX-License-Identifier: MIT */
#include "broker/worker/inner.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "broker/worker/inner-exec.h"
#include "broker/worker/inner-listen.h"
#include "broker/worker/sandbox-control.h"
#include "broker/worker/seal-calls.h"
#include "broker/worker/seal-files.h"

#define PROCESSES_MAX 4096 /* in the command's user namespace */

static void G_GNUC_NORETURN
give_up (int control, char because, const char *what, int number)
{
  control_fail (control, because, "%s: %s", what, g_strerror (number));
  _exit (127);
}

/* --- Giving up --- */

/* 0, or an errno. */
static int
drop_capabilities (void)
{
  struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3, 0 };
  struct __user_cap_data_struct none[2] = { 0 };

  /* The bounding set first: lowering it takes a capability itself. Where we have none, there is
   * nothing to lower. */
  for (int number = 0; prctl (PR_CAPBSET_READ, number, 0, 0, 0) >= 0; number++)
    prctl (PR_CAPBSET_DROP, number, 0, 0, 0);
  if (prctl (PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) != 0
      || syscall (SYS_capset, &header, none) != 0 || prctl (PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
    return errno;
  return 0;
}

static int
seal_its_files (const Spec *spec)
{
  static const char *const thrown_away[] = { "/tmp", "/var/tmp", "/run", "/dev" };
  static const char *const devices[] = { "/dev/null", "/dev/zero", "/dev/full", "/dev/tty" };
  const char *const *more = spec->namespaces ? thrown_away : devices;
  g_autoptr (GPtrArray) write = g_ptr_array_new ();

  G_STATIC_ASSERT (G_N_ELEMENTS (thrown_away) == G_N_ELEMENTS (devices));
  for (gsize i = 0; i < G_N_ELEMENTS (devices); i++)
    g_ptr_array_add (write, (char *) more[i]);
  for (guint i = 0; i < spec->write->len; i++)
    g_ptr_array_add (write, g_ptr_array_index (spec->write, i));
  return seal_files (&(SealFiles){ .write = (const char *const *) write->pdata,
                                   .n_write = write->len,
                                   .hide = (const char *const *) spec->hide->pdata,
                                   .n_hide = spec->hide->len,
                                   .signals = TRUE });
}

static void
bound_processes (void)
{
  struct rlimit limit;

  if (getrlimit (RLIMIT_NPROC, &limit) != 0 || limit.rlim_cur <= PROCESSES_MAX)
    return;
  limit.rlim_cur = limit.rlim_max = PROCESSES_MAX;
  setrlimit (RLIMIT_NPROC, &limit);
}

/* Landlock's absence is told; without a list of calls nothing runs. */
static void
confine (const Spec *spec, int control)
{
  g_autofree char *missing = NULL;
  int version = seal_files_version ();
  int failed = drop_capabilities ();

  if (failed != 0)
    give_up (control, CONTROL_BECAUSE_CONFINEMENT, "capabilities cannot be given up", failed);
  if (spec->namespaces)
    bound_processes ();
  if (version == 0)
    missing = g_strdup ("Landlock: the kernel has none, or it is turned off");
  else if ((failed = seal_its_files (spec)) != 0)
    give_up (control, CONTROL_BECAUSE_CONFINEMENT, "Landlock", failed);
  else if (!spec->namespaces && version < 6)
    missing = g_strdup ("Landlock: this kernel's cannot keep signals from other processes");
  if (missing != NULL && spec->whole)
    {
      control_fail (control, CONTROL_BECAUSE_CONFINEMENT, "%s", missing);
      _exit (127);
    }
  failed = seal_calls (spec->namespaces ? SEAL_CALLS_COMMAND : SEAL_CALLS_NO_NETWORK);
  if (failed != 0)
    give_up (control, CONTROL_BECAUSE_CONFINEMENT, "seccomp", failed);
  control_send (control, CONTROL_CONFINED, missing, missing != NULL ? strlen (missing) : 0, -1);
}

static void
listen_for (const Spec *spec, int control)
{
  int fd = inner_listen (spec->listen_host, spec->listen_port);

  if (fd < 0)
    give_up (control, CONTROL_BECAUSE_SYSTEM, "reach: cannot listen", errno);
  if (!control_send (control, CONTROL_LISTENS, NULL, 0, fd))
    _exit (127);
  close (fd);
}

/* --- Beside the command --- */

/* Everything that has ended is waited for: orphans come to process 1. */
static void
reap (pid_t command, int control)
{
  pid_t pid;
  int status;

  while ((pid = waitpid (-1, &status, WNOHANG)) > 0)
    if (pid == command)
      {
        control_send (control, CONTROL_ENDED, &status, sizeof status, -1);
        _exit (WIFEXITED (status) ? WEXITSTATUS (status) : 128 + WTERMSIG (status));
      }
}

static void
take_order (pid_t command, int control)
{
  char order[CONTROL_MAX];
  int fd;
  gssize len = control_receive (control, order, &fd);

  if (len < 0 && errno == EAGAIN)
    return;
  if (len <= 0) /* who started us is gone */
    _exit (127);
  if (len == 2 && order[0] == CONTROL_SIGNAL_ONE)
    kill (command, order[1]);
  else if (len == 2 && order[0] == CONTROL_SIGNAL_ALL)
    kill (-1, order[1]);
}

static void G_GNUC_NORETURN
watch (pid_t command, int control, int ended)
{
  struct pollfd polled[] = { { control, POLLIN, 0 }, { ended, POLLIN, 0 } };
  struct signalfd_siginfo ignored;

  for (;;)
    {
      reap (command, control);
      poll (polled, G_N_ELEMENTS (polled), -1);
      if (polled[1].revents != 0 && read (ended, &ignored, sizeof ignored) < 0 && errno != EAGAIN)
        _exit (127);
      if (polled[0].revents != 0)
        take_order (command, control);
    }
}

/* What the terminal sends to all of its group is for the command alone. */
static void
ignore_signals (void)
{
  static const int ignored[] = { SIGHUP,  SIGINT,  SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2,
                                 SIGALRM, SIGTSTP, SIGTTIN, SIGTTOU, SIGPIPE };

  for (gsize i = 0; i < G_N_ELEMENTS (ignored); i++)
    signal (ignored[i], SIG_IGN);
}

/* Only in the parent: the child still has to pass it on. */
static void
forget_given (Spec *spec)
{
  for (guint i = 0; i < spec->fds->len; i++)
    close (g_array_index (spec->fds, SpecFd, i).from);
  spec_forget (spec);
}

static void G_GNUC_NORETURN
run (Spec *spec, int control)
{
  sigset_t chld;
  sigemptyset (&chld);
  sigaddset (&chld, SIGCHLD);
  sigprocmask (SIG_BLOCK, &chld, NULL);
  int ended = signalfd (-1, &chld, SFD_CLOEXEC | SFD_NONBLOCK);
  pid_t command = ended >= 0 ? fork () : -1;

  if (command == 0)
    inner_exec (spec, control);
  if (command < 0)
    give_up (control, CONTROL_BECAUSE_SYSTEM, "cannot start a process", errno);
  ignore_signals ();
  forget_given (spec);
  watch (command, control, ended);
}

void
inner_main (const char *spec_fd, const char *control_fd)
{
  int control = (int) g_ascii_strtoll (control_fd, NULL, 10);

  /* The command is a process of the same user. */
  if (prctl (PR_SET_DUMPABLE, 0, 0, 0, 0) != 0 || fcntl (control, F_SETFD, FD_CLOEXEC) != 0
      || !control_send (control, CONTROL_UP, NULL, 0, -1))
    _exit (127);
  Spec *spec = spec_read ((int) g_ascii_strtoll (spec_fd, NULL, 10));
  if (spec == NULL)
    give_up (control, CONTROL_BECAUSE_SYSTEM, "what was to be run cannot be read", EINVAL);
  if (spec->listen_host != NULL)
    listen_for (spec, control);
  confine (spec, control);
  if (spec->probe)
    _exit (0);
  run (spec, control);
}
