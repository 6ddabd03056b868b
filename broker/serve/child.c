/* SPDX-License-Identifier: MIT */
#include "broker/serve/child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <unistd.h>

static gboolean
set_errno (GError **error, int number, const char *what)
{
  g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (number), "%s: %s", what,
               g_strerror (number));
  return FALSE;
}

gboolean
child_ends (int ends[2], GError **error)
{
  int on = 1;

  if (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
    return set_errno (error, errno, "socketpair");
  if (setsockopt (ends[0], SOL_SOCKET, SO_PASSCRED, &on, sizeof on) == 0
      && fcntl (ends[0], F_SETFL, O_NONBLOCK) == 0)
    return TRUE;
  set_errno (error, errno, "socketpair");
  close (ends[0]);
  close (ends[1]);
  return FALSE;
}

static void
set_attributes (posix_spawnattr_t *attributes)
{
  sigset_t none, all;

  sigemptyset (&none);
  sigfillset (&all);
  posix_spawnattr_init (attributes);
  posix_spawnattr_setflags (attributes,
                            POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  posix_spawnattr_setsigmask (attributes, &none);
  posix_spawnattr_setsigdefault (attributes, &all);
}

/* 0 and what it prints: nowhere, and to the broker's log. */
static void
set_files (posix_spawn_file_actions_t *files, int end)
{
  posix_spawn_file_actions_init (files);
  posix_spawn_file_actions_addopen (files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2 (files, end, CHILD_FD);
  posix_spawn_file_actions_addclosefrom_np (files, CHILD_FD + 1);
}

pid_t
child_spawn (const char *const *arguments, char **environment, int end, GError **error)
{
  posix_spawn_file_actions_t files;
  posix_spawnattr_t attributes;
  pid_t pid = -1;

  set_files (&files, end);
  set_attributes (&attributes);
  int failed
      = posix_spawn (&pid, arguments[0], &files, &attributes, (char **) arguments, environment);
  posix_spawn_file_actions_destroy (&files);
  posix_spawnattr_destroy (&attributes);
  if (failed != 0)
    set_errno (error, failed, arguments[0]);
  return failed == 0 ? pid : -1;
}
