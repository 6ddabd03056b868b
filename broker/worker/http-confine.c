/* SPDX-License-Identifier: MIT */
#include "broker/worker/http-confine.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

G_DEFINE_QUARK (countersign_http_confine_error, http_confine_error)

/* Refused with EPERM, so that a library which merely tries goes on. */
static const char *const refused[] = {
  /* other programs and processes */
  "execve", "execveat", "fork", "vfork", "ptrace", "process_vm_readv", "process_vm_writev",
  "pidfd_open", "pidfd_getfd", "pidfd_send_signal", "process_madvise", "process_mrelease", "kcmp",
  "kill", "rt_sigqueueinfo", "perf_event_open", "userfaultfd",
  /* another view of the machine */
  "unshare", "setns", "chroot", "pivot_root", "mount", "umount2", "move_mount", "open_tree",
  "fsopen", "fsmount", "fspick", "mount_setattr", "open_by_handle_at", "name_to_handle_at",
  /* the kernel; io_uring would pass by this very list */
  "bpf", "init_module", "finit_module", "delete_module", "kexec_load", "kexec_file_load",
  "io_uring_setup", "io_uring_enter", "io_uring_register", "keyctl", "add_key", "request_key",
  "personality", "syslog", "reboot", "swapon", "swapoff", "acct", "quotactl", "settimeofday",
  "clock_settime", "adjtimex", "clock_adjtime", "sethostname", "setdomainname"
};

static const char *const refused_carrying[] = { "listen" };
static const char *const refused_listening[] = { "listen", "bind", "socket", "connect" };

/* Looking up hosts asks the name service's daemon, the network's list of own addresses, and servers
 * by UDP. */
static const int families[] = { AF_UNIX, AF_INET, AF_INET6, AF_NETLINK };

static int
refuse_sockets (scmp_filter_ctx filter)
{
  int last = -1;

  /* All between and beyond those that are allowed, which are in rising order here. */
  for (gsize i = 0; i < G_N_ELEMENTS (families); i++)
    for (int family = last + 1; family <= families[i]; last = family++)
      if (family != families[i])
        {
          int failed = seccomp_rule_add (filter, SCMP_ACT_ERRNO (EPERM), SCMP_SYS (socket), 1,
                                         SCMP_A0 (SCMP_CMP_EQ, (scmp_datum_t) family));
          if (failed != 0)
            return failed;
        }
  return seccomp_rule_add (filter, SCMP_ACT_ERRNO (EPERM), SCMP_SYS (socket), 1,
                           SCMP_A0 (SCMP_CMP_GT, (scmp_datum_t) last));
}

/* Threads, which looking up needs, are begun by clone; where clone3 is not there glibc takes it. */
static int
refuse_processes (scmp_filter_ctx filter)
{
  int failed = seccomp_rule_add (filter, SCMP_ACT_ERRNO (ENOSYS), SCMP_SYS (clone3), 0);

  if (failed != 0)
    return failed;
  return seccomp_rule_add (filter, SCMP_ACT_ERRNO (EPERM), SCMP_SYS (clone), 1,
                           SCMP_A0 (SCMP_CMP_MASKED_EQ, CLONE_THREAD, 0));
}

/* 0, or a negative errno. */
static int
refuse_calls (scmp_filter_ctx filter, const char *const *names, gsize n)
{
  for (gsize i = 0; i < n; i++)
    {
      int call = seccomp_syscall_resolve_name (names[i]);
      if (call == __NR_SCMP_ERROR)
        continue; /* a later kernel's, which this library cannot name */
      int failed = seccomp_rule_add (filter, SCMP_ACT_ERRNO (EPERM), call, 0);
      if (failed != 0)
        return failed;
    }
  return 0;
}

/* 0, or a negative errno. */
static int
fill_filter (scmp_filter_ctx filter)
{
  int failed = refuse_calls (filter, refused, G_N_ELEMENTS (refused));

  if (failed == 0)
    failed = refuse_sockets (filter);
  if (failed == 0)
    failed = refuse_processes (filter);
  /* Not dumpable stays so. */
  return failed != 0 ? failed
                     : seccomp_rule_add (filter, SCMP_ACT_ERRNO (EPERM), SCMP_SYS (prctl), 1,
                                         SCMP_A0 (SCMP_CMP_EQ, PR_SET_DUMPABLE));
}

/* Takes @filter, of which @failed says what became of it. */
static gboolean
load (scmp_filter_ctx filter, int failed, GError **error)
{
  if (failed == 0)
    failed = seccomp_load (filter);
  seccomp_release (filter);
  if (failed == 0)
    return TRUE;
  g_set_error (error, HTTP_CONFINE_ERROR, HTTP_CONFINE_ERROR_CALLS,
               "refuses to start: this kernel does not let it give up system calls (seccomp): %s",
               g_strerror (-failed));
  return FALSE;
}

static gboolean
confine_calls (GError **error)
{
  scmp_filter_ctx filter = seccomp_init (SCMP_ACT_ALLOW);

  return load (filter, filter != NULL ? fill_filter (filter) : -ENOMEM, error);
}

gboolean
http_confine_part (HttpConfinePart part, GError **error)
{
  scmp_filter_ctx filter = seccomp_init (SCMP_ACT_ALLOW);
  gboolean carries = part == HTTP_CONFINE_CARRIES;
  int failed = -ENOMEM;

  if (filter != NULL)
    failed = refuse_calls (filter, carries ? refused_carrying : refused_listening,
                           carries ? G_N_ELEMENTS (refused_carrying)
                                   : G_N_ELEMENTS (refused_listening));
  return load (filter, failed, error);
}

/* Libraries and zones, hosts and certificates, who answers for names. */
static const char *const readable[]
    = { "/usr",      "/lib",         "/lib64", "/etc", "/run/systemd/resolve", "/run/resolvconf",
        "/run/nscd", "/var/run/nscd" };

#define READ (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
/* All of the first version: what is handled and not allowed is refused. */
#define HANDLED ((LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1)
#define REFER (1ULL << 13)    /* version 2 */
#define TRUNCATE (1ULL << 14) /* version 3 */
#define IOCTL (1ULL << 15)    /* version 5 */

static guint64
handled_by (int version)
{
  return HANDLED | (version >= 2 ? REFER : 0) | (version >= 3 ? TRUNCATE : 0)
         | (version >= 5 ? IOCTL : 0);
}

static void
allow_reading (int rules, const char *path)
{
  struct landlock_path_beneath_attr rule
      = { .allowed_access = READ, .parent_fd = open (path, O_PATH | O_CLOEXEC) };

  if (rule.parent_fd < 0)
    return;
  syscall (SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
  close (rule.parent_fd);
}

static gboolean
confine_files (void)
{
  long version = syscall (SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
  struct landlock_ruleset_attr handled = { .handled_access_fs = handled_by ((int) version) };

  if (version < 1)
    return FALSE;
  int rules = (int) syscall (SYS_landlock_create_ruleset, &handled, sizeof handled, 0);
  if (rules < 0)
    return FALSE;
  for (gsize i = 0; i < G_N_ELEMENTS (readable); i++)
    allow_reading (rules, readable[i]);
  gboolean done = syscall (SYS_landlock_restrict_self, rules, 0) == 0;
  close (rules);
  return done;
}

gboolean
http_confine (gboolean *landlock, GError **error)
{
  *landlock = confine_files ();
  return confine_calls (error);
}
