/* SPDX-License-Identifier: MIT */
#include "broker/worker/sandbox-start.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

/* What a terminal or a person sends to the whole group is for the command: bubblewrap would end by
 * it and take the command along without asking. */
static const int passed_by[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, SIGALRM };

const char *
sandbox_find_bwrap (void)
{
  static const char *const places[] = { "/usr/bin/bwrap", "/usr/local/bin/bwrap" };
  struct stat st;

  for (gsize i = 0; i < G_N_ELEMENTS (places); i++)
    if (stat (places[i], &st) == 0 && S_ISREG (st.st_mode) && st.st_uid == 0
        && (st.st_mode & 022) == 0 && access (places[i], X_OK) == 0)
      return places[i];
  return NULL;
}

/* What the name in `reach` means in there. */
static int
hosts_memfd (const char *host)
{
  g_autofree char *text = g_strdup_printf ("127.0.0.1 localhost %s\n", host);
  int fd = memfd_create ("hosts", MFD_CLOEXEC);

  if (fd >= 0
      && (write (fd, text, strlen (text)) != (gssize) strlen (text)
          || lseek (fd, 0, SEEK_SET) != 0))
    {
      close (fd);
      return -1;
    }
  return fd;
}

static void
add_all (GPtrArray *args, const char *const *words)
{
  for (; *words != NULL; words++)
    g_ptr_array_add (args, g_strdup (*words));
}

static void
add_namespaces (GPtrArray *args, const SandboxCommand *command)
{
  static const char *const always[] = { "--unshare-user",
                                        "--unshare-ipc",
                                        "--unshare-pid",
                                        "--unshare-net",
                                        "--unshare-uts",
                                        "--unshare-cgroup-try",
                                        "--die-with-parent",
                                        "--as-pid-1",
                                        "--hostname",
                                        "localhost",
                                        NULL };
  /* For a listener on a port below 1024, and an address that is no name. */
  static const char *const to_listen[]
      = { "--cap-add", "CAP_NET_BIND_SERVICE", "--cap-add", "CAP_NET_ADMIN", NULL };

  add_all (args, always);
  if (command->reach_host != NULL)
    add_all (args, to_listen);
  if (!command->session)
    g_ptr_array_add (args, g_strdup ("--new-session"));
}

static void
add_inner (GPtrArray *args, const char *path, const SandboxStart *start)
{
  g_ptr_array_add (args, g_strdup (path));
  g_ptr_array_add (args, g_strdup ("--inner"));
  g_ptr_array_add (args, g_strdup_printf ("%d", start->spec));
  g_ptr_array_add (args, g_strdup_printf ("%d", start->control));
}

static GPtrArray *
command_line (const SandboxStart *start, const SandboxCommand *command, const SandboxPaths *paths,
              int hosts)
{
  GPtrArray *args = g_ptr_array_new_with_free_func (g_free);

  if (start->bwrap != NULL)
    {
      g_ptr_array_add (args, g_strdup (start->bwrap));
      add_namespaces (args, command);
      sandbox_add_mounts (args, paths, start->inner, hosts);
      g_ptr_array_add (args, g_strdup ("--"));
    }
  add_inner (args, start->bwrap != NULL ? SANDBOX_INNER : start->inner, start);
  g_ptr_array_add (args, NULL);
  return args;
}

/* --- In the child --- */

static void
inherit (int fd)
{
  if (fd >= 0)
    fcntl (fd, F_SETFD, 0);
}

static gboolean
place_descriptors (const SandboxStart *start, int hosts)
{
  int null = open ("/dev/null", O_RDWR | O_CLOEXEC);

  if (null < 0 || dup2 (null, 0) != 0 || dup2 (null, 1) != 1 || dup2 (start->errors, 2) != 2
      || close_range (3, ~0u, CLOSE_RANGE_CLOEXEC) != 0)
    return FALSE;
  inherit (start->spec);
  inherit (start->control);
  inherit (hosts);
  for (guint i = 0; i < start->kept->len; i++)
    inherit (g_array_index (start->kept, int, i));
  return TRUE;
}

static void
set_signals (gboolean ignored)
{
  sigset_t none;

  for (gsize i = 0; i < G_N_ELEMENTS (passed_by); i++)
    signal (passed_by[i], ignored ? SIG_IGN : SIG_DFL);
  sigemptyset (&none);
  sigprocmask (SIG_SETMASK, &none, NULL);
}

static void G_GNUC_NORETURN
become (const SandboxStart *start, char **args, int hosts, pid_t parent)
{
  char *no_environment[] = { NULL };

  if ((!start->session && setpgid (0, 0) != 0) || prctl (PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0
      || getppid () != parent || !place_descriptors (start, hosts))
    _exit (127);
  set_signals (start->bwrap != NULL);
  execve (args[0], args, no_environment);
  _exit (127);
}

pid_t
sandbox_fork (const SandboxStart *start, const SandboxCommand *command, const SandboxPaths *paths,
              GError **error)
{
  const gboolean reaches = start->bwrap != NULL && command->reach_host != NULL;
  int hosts = reaches ? hosts_memfd (command->reach_host) : -1;
  g_autoptr (GPtrArray) args = command_line (start, command, paths, hosts);
  pid_t parent = getpid ();
  pid_t pid = reaches && hosts < 0 ? -1 : fork ();

  if (pid == 0)
    become (start, (char **) args->pdata, hosts, parent);
  if (pid < 0)
    g_set_error (error, SANDBOX_ERROR, SANDBOX_ERROR_SYSTEM, "cannot start a process: %s",
                 g_strerror (errno));
  if (hosts >= 0)
    close (hosts);
  return pid;
}
