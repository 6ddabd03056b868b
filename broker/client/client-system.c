/* SPDX-License-Identifier: MIT */
#include "broker/client/client-system.h"

#include "broker/base/paths.h"
#include "broker/client/client.h"

#include <fcntl.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

/* The account's name. Not $USER: whoever starts us sets that. */
static char *
own_name (void)
{
  const struct passwd *own = getpwuid (geteuid ());

  return own != NULL ? g_strdup (own->pw_name) : NULL;
}

char *
client_system_dir (void)
{
  g_autofree char *name = paths_root () == NULL ? own_name () : NULL;
  g_autofree char *socket = NULL, *state = NULL;

  if (name == NULL)
    return NULL;
  socket = g_build_filename (PATHS_SYSTEM_RUNTIME, name, "agent.sock", NULL);
  state = g_build_filename (PATHS_SYSTEM_STATE, name, NULL);
  if (!g_file_test (socket, G_FILE_TEST_EXISTS) && !g_file_test (state, G_FILE_TEST_EXISTS))
    return NULL;
  return g_build_filename (PATHS_SYSTEM_RUNTIME, name, NULL);
}

gboolean
client_is_system (const char *socket)
{
  g_autofree char *dir = socket != NULL ? g_path_get_dirname (socket) : client_system_dir ();
  struct stat st;
  uid_t system;

  if (socket == NULL)
    return dir != NULL;
  return g_str_has_prefix (dir, PATHS_SYSTEM_RUNTIME "/")
         || (client_system_uid (&system) && system != geteuid () && lstat (dir, &st) == 0
             && st.st_uid == system);
}

char *
client_control_socket (const char *socket)
{
  g_autofree char *dir = socket != NULL ? g_path_get_dirname (socket) : client_system_dir ();

  return dir != NULL ? g_build_filename (dir, "control.sock", NULL) : NULL;
}

char *
client_system_starter (void)
{
  g_autofree char *name = own_name ();

  return g_strdup_printf ("systemctl start countersign@%s", name != NULL ? name : "USER");
}

gboolean
client_system_uid (uid_t *uid)
{
  const struct passwd *system = getpwnam (PATHS_SYSTEM_USER);

  if (system == NULL)
    return FALSE;
  *uid = system->pw_uid;
  return TRUE;
}

/* By its descriptor, never by following a symbolic link in its place. */
static gboolean
look_at (const char *dir, struct stat *st)
{
  int fd = open (dir, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  gboolean seen = fd >= 0 && fstat (fd, st) == 0;

  if (fd >= 0)
    close (fd);
  return seen;
}

static gboolean
is_protected (const struct stat *st, uid_t system)
{
  return (st->st_uid == 0 || st->st_uid == system) && (st->st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

gboolean
client_check_system_dir (const char *dir, uid_t system, GError **error)
{
  g_autofree char *above = g_path_get_dirname (dir);
  const char *wrong = NULL;
  struct stat st;

  if (!look_at (dir, &st) || !is_protected (&st, system))
    wrong = dir;
  else if (!look_at (above, &st) || !is_protected (&st, system))
    wrong = above;
  if (wrong == NULL)
    return TRUE;
  g_set_error (error, CLIENT_ERROR, CLIENT_ERROR_IMPOSTOR,
               "%s is not trusted: it is not a directory that only root and " PATHS_SYSTEM_USER
               " can change; nothing was sent",
               wrong);
  return FALSE;
}
