/* SPDX-License-Identifier: MIT */
#include "broker/start/confine.h"

#include <errno.h>
#include <linux/capability.h>
#include <seccomp.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#define KEPT (1u << CAP_SYS_PTRACE)

G_DEFINE_QUARK (countersign_confine_error, confine_error)

/* Refused with EPERM, so that a library which merely tries goes on. */
static const char *const refused[] = {
  /* other processes */
  "ptrace", "process_vm_readv", "process_vm_writev", "pidfd_getfd", "process_madvise", "kcmp",
  "perf_event_open", "userfaultfd",
  /* other programs, in this or another view of the machine */
  "execve", "execveat", "unshare", "setns", "chroot", "pivot_root", "mount", "umount2",
  "open_by_handle_at",
  /* the kernel; io_uring would pass by this very list */
  "bpf", "init_module", "finit_module", "delete_module", "kexec_load", "io_uring_setup",
  "io_uring_enter", "io_uring_register", "keyctl", "add_key", "request_key"
};

static gboolean
set_system (GError **error, const char *what, int number)
{
  g_set_error (error, CONFINE_ERROR, CONFINE_ERROR_SYSTEM, "cannot confine the process: %s: %s",
               what, g_strerror (number));
  return FALSE;
}

static gboolean
keep_one_capability (GError **error)
{
  struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3, 0 };
  struct __user_cap_data_struct had[2] = { 0 }, kept[2] = { { KEPT, KEPT, 0 } };

  if (syscall (SYS_capget, &header, had) != 0)
    return set_system (error, "capget", errno);
  if ((had[0].permitted & KEPT) == 0)
    {
      g_set_error_literal (error, CONFINE_ERROR, CONFINE_ERROR_CAPABILITY,
                           "CAP_SYS_PTRACE is missing, and without it the broker cannot see which "
                           "program asks; the unit gives it: systemctl start countersign@USER");
      return FALSE;
    }
  if (prctl (PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) != 0
      || syscall (SYS_capset, &header, kept) != 0)
    return set_system (error, "capset", errno);
  return TRUE;
}

/* 0, or a negative errno. */
static int
fill_filter (scmp_filter_ctx filter)
{
  const guint32 refusal = SCMP_ACT_ERRNO (EPERM);

  for (gsize i = 0; i < G_N_ELEMENTS (refused); i++)
    {
      int call = seccomp_syscall_resolve_name (refused[i]);
      int failed = call == __NR_SCMP_ERROR ? -ENOSYS : seccomp_rule_add (filter, refusal, call, 0);
      if (failed != 0)
        return failed;
    }
  int failed
      = seccomp_rule_add (filter, refusal, SCMP_SYS (socket), 1, SCMP_A0 (SCMP_CMP_NE, AF_UNIX));
  /* Not dumpable stays so. */
  return failed != 0 ? failed
                     : seccomp_rule_add (filter, refusal, SCMP_SYS (prctl), 1,
                                         SCMP_A0 (SCMP_CMP_EQ, PR_SET_DUMPABLE));
}

gboolean
confine_calls (GError **error)
{
  scmp_filter_ctx filter = seccomp_init (SCMP_ACT_ALLOW);
  int failed = filter != NULL ? fill_filter (filter) : -ENOMEM;

  if (failed == 0)
    failed = seccomp_load (filter);
  seccomp_release (filter);
  return failed == 0 || set_system (error, "seccomp", -failed);
}

gboolean
confine_process (GError **error)
{
  return keep_one_capability (error) && confine_calls (error);
}
