/* SPDX-License-Identifier: MIT */
#include "broker/cli/cli-broker.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "broker/base/paths.h"
#include "broker/base/text.h"
#include "broker/client/client-connect.h"
#include "broker/client/client-system.h"
#include "broker/client/client.h"

#define CONTROL_FD 3

/* The first four only when absolute. The others are for the dialog, which draws where the person
 * is. */
static const char *const absolute_only[]
    = { "HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_RUNTIME_DIR" };
static const char *const passed[] = { "LANG",       "LANGUAGE",
                                      "DISPLAY",    "WAYLAND_DISPLAY",
                                      "XAUTHORITY", "DBUS_SESSION_BUS_ADDRESS",
                                      "GDK_SCALE" };

static void
pass (GPtrArray *to, char **from, const char *name, gboolean must_be_absolute)
{
  const char *value = g_environ_getenv (from, name);

  if (value != NULL && (!must_be_absolute || g_path_is_absolute (value)))
    g_ptr_array_add (to, g_strdup_printf ("%s=%s", name, value));
}

char **
cli_broker_environment (char **from)
{
  GPtrArray *to = g_ptr_array_new ();

  for (gsize i = 0; i < G_N_ELEMENTS (absolute_only); i++)
    pass (to, from, absolute_only[i], TRUE);
  for (gsize i = 0; i < G_N_ELEMENTS (passed); i++)
    pass (to, from, passed[i], FALSE);
  for (char **entry = from; *entry != NULL; entry++)
    if (g_str_has_prefix (*entry, "LC_"))
      g_ptr_array_add (to, g_strdup (*entry));
  g_ptr_array_add (to, g_strdup ("PATH=/usr/bin:/bin"));
  g_ptr_array_add (to, NULL);
  return (char **) g_ptr_array_free (to, FALSE);
}

static gboolean
set_errno (GError **error, int number, const char *what)
{
  g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (number), "%s: %s", what,
               g_strerror (number));
  return FALSE;
}

/* For what the broker says before it can answer, and if it falls. */
static int
open_log (const char *path, GError **error)
{
  g_autofree char *dir = g_path_get_dirname (path);
  int fd;

  if (!paths_make_private (dir, error))
    return -1;
  fd = open (path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (fd == -1)
    set_errno (error, errno, path);
  return fd;
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

static void
set_files (posix_spawn_file_actions_t *files, int control, int log)
{
  posix_spawn_file_actions_init (files);
  posix_spawn_file_actions_addopen (files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2 (files, log, STDOUT_FILENO);
  posix_spawn_file_actions_adddup2 (files, log, STDERR_FILENO);
  posix_spawn_file_actions_adddup2 (files, control, CONTROL_FD);
  posix_spawn_file_actions_addclosefrom_np (files, CONTROL_FD + 1);
  posix_spawn_file_actions_addchdir_np (files, "/");
}

static gboolean
spawn (const char *program, int control, int log, GError **error)
{
  g_auto (GStrv) own = g_get_environ (), environment = cli_broker_environment (own);
  const char *root = paths_root ();
  const char *arguments[] = {
    program, "--control-fd", G_STRINGIFY (CONTROL_FD), root != NULL ? "--state-dir" : NULL, root,
    NULL
  };
  posix_spawn_file_actions_t files;
  posix_spawnattr_t attributes;
  pid_t pid;
  int failed;

  set_files (&files, control, log);
  set_attributes (&attributes);
  failed = posix_spawn (&pid, program, &files, &attributes, (char **) arguments, environment);
  posix_spawn_file_actions_destroy (&files);
  posix_spawnattr_destroy (&attributes);
  return failed == 0 || set_errno (error, failed, program);
}

/* Starts it; returns our end of the control socket. */
static int
start (const char *log_path, GError **error)
{
  g_autofree char *program = paths_program ("countersignd", error);
  int ends[2], log;
  gboolean started;

  if (program == NULL)
    return -1;
  log = open_log (log_path, error);
  if (log == -1)
    return -1;
  if (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
    {
      set_errno (error, errno, "socketpair");
      close (log);
      return -1;
    }
  started = spawn (program, ends[1], log, error);
  close (log);
  close (ends[1]);
  if (started)
    return ends[0];
  close (ends[0]);
  return -1;
}

/* A broker that refuses to start says why in its log, not over the socket. */
static void
set_fallen (const char *path, GError **error)
{
  g_autofree char *text = NULL;
  const char *last;

  g_clear_error (error);
  if (!g_file_get_contents (path, &text, NULL, NULL) || *g_strchomp (text) == '\0')
    {
      g_set_error (error, G_SPAWN_ERROR, G_SPAWN_ERROR_FAILED,
                   "the broker ended without a word in %s", path);
      return;
    }
  last = strrchr (text, '\n');
  g_set_error (error, G_SPAWN_ERROR, G_SPAWN_ERROR_FAILED, "the broker did not start: %s (log: %s)",
               last != NULL ? last + 1 : text, path);
}

static Client *
open_control (const Cli *cli, GError **error)
{
  g_autofree char *path = client_control_socket (cli->socket);
  int fd = client_connect (path, error);

  return fd >= 0 ? client_open_fd (fd, error) : NULL;
}

gboolean
cli_broker_ready (const Cli *cli, GError **error)
{
  g_autoptr (Client) client = NULL;

  if (!client_is_system (cli->socket))
    return TRUE;
  client = open_control (cli, error);
  return client != NULL;
}

static json_t *
call_system (const Cli *cli, const char *method, const json_t *params, GError **error)
{
  g_autoptr (Client) client = open_control (cli, error);

  return client != NULL ? client_call (client, method, params, -1, NULL, error) : NULL;
}

static json_t *
call_started (const char *method, const json_t *params, GError **error)
{
  g_autofree char *dir = paths_state_dir (), *log = g_build_filename (dir, "broker.log", NULL);
  g_autoptr (Client) client = NULL;
  g_autoptr (GError) trouble = NULL;
  json_t *result;
  int control = start (log, error);

  if (control == -1)
    return NULL;
  client = client_open_fd (control, error);
  if (client == NULL)
    return NULL;
  result = client_call (client, method, params, -1, NULL, &trouble);
  if (result != NULL)
    return result;
  if (g_error_matches (trouble, CLIENT_ERROR, CLIENT_ERROR_CLOSED))
    set_fallen (log, &trouble);
  g_propagate_error (error, g_steal_pointer (&trouble));
  return NULL;
}

json_t *
cli_broker_call (const Cli *cli, const char *method, const json_t *params, GError **error)
{
  return client_is_system (cli->socket) ? call_system (cli, method, params, error)
                                        : call_started (method, params, error);
}
