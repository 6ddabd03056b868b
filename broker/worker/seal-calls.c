/* SPDX-License-Identifier: MIT */
#include "broker/worker/seal-calls.h"

#include <errno.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#define NAMESPACES                                                                                 \
  (CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWUTS         \
   | CLONE_NEWCGROUP)

/* Refused with EPERM, so that a program which merely tries goes on. */
static const char *const by_nobody[] = {
  /* other processes */
  "ptrace", "process_vm_readv", "process_vm_writev", "pidfd_getfd", "process_madvise", "kcmp",
  "perf_event_open", "userfaultfd", "lookup_dcookie",
  /* the kernel; io_uring would pass by this very list */
  "bpf", "init_module", "finit_module", "delete_module", "kexec_load", "kexec_file_load",
  "io_uring_setup", "io_uring_enter", "io_uring_register", "keyctl", "add_key", "request_key",
  "open_by_handle_at", "quotactl", "acct", "swapon", "swapoff", "reboot", "syslog", "iopl",
  "ioperm", "settimeofday", "clock_settime", "vhangup", "modify_ldt", "fanotify_init", "nfsservctl"
};

/* bubblewrap needs these; what it then runs does not. */
static const char *const by_command[]
    = { "mount",   "umount2",   "pivot_root",    "chroot",      "unshare",
        "setns",   "open_tree", "move_mount",    "fsopen",      "fsconfig",
        "fsmount", "fspick",    "mount_setattr", "sethostname", "setdomainname" };

static const char *const by_watcher[] = { "connect" };
/* By the watcher too. */
static const char *const by_server[] = { "execve", "execveat", "fork", "vfork", "bind", "listen" };

/* A name that this libseccomp does not know names a call that this kernel's headers did not have:
 * with Debian 12's, all are known. */
static int
refuse_all (scmp_filter_ctx filter, const char *const *names, gsize n)
{
  for (gsize i = 0; i < n; i++)
    {
      int call = seccomp_syscall_resolve_name (names[i]);
      int failed = call == __NR_SCMP_ERROR
                       ? -ENOSYS
                       : seccomp_rule_add (filter, SCMP_ACT_ERRNO (EPERM), call, 0);
      if (failed != 0)
        return failed;
    }
  return 0;
}

/* clone3() has its flags where a filter cannot see them; told that there is no such call, libraries
 * take clone(). */
static int
refuse_namespaces (scmp_filter_ctx filter)
{
  for (guint bit = 0; bit < 32; bit++)
    {
      guint64 flag = G_GUINT64_CONSTANT (1) << bit;
      int failed = (NAMESPACES & flag) == 0
                       ? 0
                       : seccomp_rule_add (filter, SCMP_ACT_ERRNO (EPERM), SCMP_SYS (clone), 1,
                                           SCMP_A0 (SCMP_CMP_MASKED_EQ, flag, flag));
      if (failed != 0)
        return failed;
    }
  return seccomp_rule_add (filter, SCMP_ACT_ERRNO (ENOSYS), SCMP_SYS (clone3), 0);
}

/* Typing into the terminal that a command shares with a person. The kernel looks at 32 bits. */
static int
refuse_typing (scmp_filter_ctx filter)
{
  static const guint64 requests[] = { TIOCSTI, TIOCLINUX, TIOCSETD };

  for (gsize i = 0; i < G_N_ELEMENTS (requests); i++)
    {
      int failed = seccomp_rule_add (filter, SCMP_ACT_ERRNO (EPERM), SCMP_SYS (ioctl), 1,
                                     SCMP_A1 (SCMP_CMP_MASKED_EQ, 0xffffffffu, requests[i]));
      if (failed != 0)
        return failed;
    }
  return 0;
}

static gboolean
is_server (SealCalls which)
{
  return which == SEAL_CALLS_WATCHER || which == SEAL_CALLS_SERVER;
}

static int
refuse_sockets (scmp_filter_ctx filter, SealCalls which)
{
  const guint32 refusal = SCMP_ACT_ERRNO (EAFNOSUPPORT);

  if (which == SEAL_CALLS_NO_NETWORK)
    return seccomp_rule_add (filter, SCMP_ACT_ERRNO (EPERM), SCMP_SYS (socket), 0);
  if (is_server (which))
    return seccomp_rule_add (filter, refusal, SCMP_SYS (socket), 1, SCMP_A0 (SCMP_CMP_NE, AF_UNIX));
  for (guint64 family = 0; family < AF_INET6; family++)
    {
      int failed = family == AF_UNIX || family == AF_INET
                       ? 0
                       : seccomp_rule_add (filter, refusal, SCMP_SYS (socket), 1,
                                           SCMP_A0 (SCMP_CMP_EQ, family));
      if (failed != 0)
        return failed;
    }
  return seccomp_rule_add (filter, refusal, SCMP_SYS (socket), 1, SCMP_A0 (SCMP_CMP_GT, AF_INET6));
}

/* 0, or a negative errno. */
static int
fill (scmp_filter_ctx filter, SealCalls which)
{
  int failed = refuse_all (filter, by_nobody, G_N_ELEMENTS (by_nobody));

  if (failed != 0 || which == SEAL_CALLS_WORKER)
    return failed;
  failed = refuse_all (filter, by_command, G_N_ELEMENTS (by_command));
  if (failed == 0)
    failed = refuse_sockets (filter, which);
  if (failed == 0)
    failed = refuse_namespaces (filter);
  if (failed == 0 && is_server (which))
    failed = refuse_all (filter, by_server, G_N_ELEMENTS (by_server));
  if (failed == 0 && which == SEAL_CALLS_WATCHER)
    failed = refuse_all (filter, by_watcher, G_N_ELEMENTS (by_watcher));
  return failed == 0 ? refuse_typing (filter) : failed;
}

int
seal_calls (SealCalls which)
{
  scmp_filter_ctx filter = seccomp_init (SCMP_ACT_ALLOW);
  int failed = filter != NULL ? fill (filter, which) : -ENOMEM;

  /* A library may have begun a thread before there was something to listen on. */
  if (failed == 0 && which == SEAL_CALLS_SERVER)
    failed = seccomp_attr_set (filter, SCMP_FLTATR_CTL_TSYNC, 1);
  if (failed == 0)
    failed = seccomp_load (filter);
  seccomp_release (filter);
  return -failed;
}
