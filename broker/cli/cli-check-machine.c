/* SPDX-License-Identifier: MIT */
#include "broker/cli/cli-check.h"

#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "broker/base/wire.h"
#include "broker/cli/cli-prompt.h"
#include "broker/worker/sandbox.h"

#ifndef SO_PEERPIDFD
#define SO_PEERPIDFD 77 /* Linux 6.5; not in Debian 12's headers */
#endif

#define MEMLOCK_NEEDED (4 * 1024 * 1024) /* the pool that secret_init() locks */

static void
check_memlock (CliChecks *checks)
{
  struct rlimit limit = { 0, 0 };

  getrlimit (RLIMIT_MEMLOCK, &limit);
  if (geteuid () == 0 || limit.rlim_cur == RLIM_INFINITY)
    cli_checks_add (checks, "memlock", CLI_CHECK_FINE, NULL,
                    "memory can be locked without a limit");
  else if (limit.rlim_cur >= MEMLOCK_NEEDED)
    cli_checks_add (checks, "memlock", CLI_CHECK_FINE, NULL, "%lu KiB of memory can be locked",
                    (gulong) limit.rlim_cur / 1024);
  else
    cli_checks_add (checks, "memlock", CLI_CHECK_WRONG,
                    limit.rlim_max >= MEMLOCK_NEEDED
                        ? "ulimit -l 8192, in the shell that runs countersign"
                        : "as root: echo '* - memlock 8192' > "
                          "/etc/security/limits.d/countersign.conf, then log in anew",
                    "%lu KiB of memory can be locked, %d KiB are needed",
                    (gulong) limit.rlim_cur / 1024, MEMLOCK_NEEDED / 1024);
}

static void
check_peer_pidfd (CliChecks *checks)
{
  int ends[2], pidfd = -1;
  socklen_t len = sizeof pidfd;

  if (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
    return;
  if (getsockopt (ends[0], SOL_SOCKET, SO_PEERPIDFD, &pidfd, &len) == 0)
    {
      close (pidfd);
      cli_checks_add (checks, "kernel", CLI_CHECK_FINE, NULL,
                      "who connects is pinned by the kernel (SO_PEERPIDFD)");
    }
  else
    cli_checks_add (checks, "kernel", CLI_CHECK_NOTE, "Linux 6.5 or newer",
                    "no SO_PEERPIDFD: who connects is pinned a moment after it connected");
  close (ends[0]);
  close (ends[1]);
}

static void
check_ptrace (CliChecks *checks)
{
  g_autofree char *text = NULL;

  if (!g_file_get_contents ("/proc/sys/kernel/yama/ptrace_scope", &text, NULL, NULL))
    cli_checks_add (checks, "ptrace", CLI_CHECK_NOTE, NULL,
                    "no Yama: your processes may trace each other, though not the broker, which "
                    "shuts itself off");
  else if (atoi (text) == 0)
    cli_checks_add (
        checks, "ptrace", CLI_CHECK_NOTE, "as root: sysctl -w kernel.yama.ptrace_scope=1",
        "your processes may trace each other, though not the broker, which shuts itself off");
  else
    cli_checks_add (checks, "ptrace", CLI_CHECK_FINE, NULL,
                    "your processes may trace only what they started");
}

static const char *
mend_confinement (const char *missing)
{
  if (g_str_has_prefix (missing, "bubblewrap: it is not installed"))
    return "as root: apt-get install bubblewrap";
  if (g_str_has_prefix (missing, "user namespaces:"))
    return "as root: let /usr/bin/bwrap make user namespaces (sysctl user.max_user_namespaces, "
           "AppArmor)";
  if (g_str_has_prefix (missing, "Landlock:"))
    return "a kernel with Landlock (Linux 5.13), and lsm= naming it";
  return NULL;
}

/* Tries it: what commands would have, this command has too. */
static void
check_confinement (CliChecks *checks)
{
  g_autoptr (json_t) confinement = sandbox_probe ();
  const json_t *missing = json_object_get (confinement, "missing");

  if (json_array_size (missing) == 0)
    cli_checks_add (checks, "confinement", CLI_CHECK_FINE, NULL,
                    "commands are confined by bubblewrap, Landlock and seccomp");
  for (gsize i = 0; i < json_array_size (missing); i++)
    {
      const char *what = json_string_value (json_array_get (missing, i));
      cli_checks_add (checks, "confinement", CLI_CHECK_NOTE, mend_confinement (what),
                      "commands are not wholly confined: %s", what);
    }
}

void
cli_check_machine (CliChecks *checks)
{
  check_memlock (checks);
  check_peer_pidfd (checks);
  check_ptrace (checks);
  check_confinement (checks);
  if (cli_has_terminal ())
    cli_checks_add (checks, "approver", CLI_CHECK_FINE, NULL,
                    "countersign approve can ask at this terminal");
  else
    cli_checks_add (checks, "approver", CLI_CHECK_NOTE, "countersign approve, at a terminal",
                    "there is no terminal here; without one: countersign approve ID --pin-fd N");
}
