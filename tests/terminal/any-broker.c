/* SPDX-License-Identifier: MIT
 *
 * For tests, by linking (-Wl,--wrap): the command talks to whoever listens, and takes programs and
 * data from where the test says. The shipped command has none of this.
 */
#include "broker/base/paths.h"
#include "broker/client/client-connect.h"
#include "broker/client/client.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

int __wrap_client_connect (const char *path, GError **error);
char *__wrap_paths_program (const char *name, GError **error);
char *__wrap_paths_data_file (const char *name, GError **error);
char *__wrap_paths_data_folder (const char *name, GError **error);

int
__wrap_client_connect (const char *path, GError **error)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

  g_strlcpy (address.sun_path, path, sizeof address.sun_path);
  if (connect (fd, (const struct sockaddr *) &address, sizeof address) == 0)
    return fd;
  close (fd);
  g_set_error (error, CLIENT_ERROR, CLIENT_ERROR_UNREACHABLE, "no broker at %s", path);
  return -1;
}

static char *
from_environment (const char *variable, const char *name, GError **error)
{
  const char *dir = g_getenv (variable);

  if (dir != NULL)
    return g_build_filename (dir, name, NULL);
  g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_NOENT, "%s is not set", variable);
  return NULL;
}

char *
__wrap_paths_program (const char *name, GError **error)
{
  return from_environment ("TEST_PROGRAMS", name, error);
}

char *
__wrap_paths_data_file (const char *name, GError **error)
{
  return from_environment ("TEST_DATA", name, error);
}

char *
__wrap_paths_data_folder (const char *name, GError **error)
{
  return from_environment ("TEST_DATA", name, error);
}
