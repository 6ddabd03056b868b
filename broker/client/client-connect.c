/* SPDX-License-Identifier: MIT
 *
 * MUST
 *  - look at the directory before the socket: only in a directory that is ours alone can nobody
 * else put one
 *  - look at the other end after connecting: what was there before may have been replaced
 */
#include "broker/client/client-connect.h"

#include "broker/base/paths.h"
#include "broker/base/process.h"
#include "broker/client/client.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

char *
client_socket_path (const char *name)
{
  g_autofree char *dir = paths_runtime_dir ();
  return g_build_filename (dir, name, NULL);
}

/* No directory means no broker; one that others can write to means no trust in what is in it. */
static gboolean
check_directory (const char *path, GError **error)
{
  g_autofree char *dir = g_path_get_dirname (path);
  g_autoptr (GError) local = NULL;
  struct stat st;

  if (lstat (dir, &st) != 0)
    {
      g_set_error (error, CLIENT_ERROR, CLIENT_ERROR_UNREACHABLE, "no broker at %s: %s", path,
                   g_strerror (errno));
      return FALSE;
    }
  if (paths_check_private (dir, &local))
    return TRUE;
  g_set_error (error, CLIENT_ERROR, CLIENT_ERROR_IMPOSTOR, "%s is not trusted: %s", path,
               local->message);
  return FALSE;
}

static gboolean
check_uid (int fd, const char *path, GError **error)
{
  struct ucred peer;
  socklen_t len = sizeof peer;

  if (getsockopt (fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) == 0 && peer.uid == geteuid ())
    return TRUE;
  g_set_error (error, CLIENT_ERROR, CLIENT_ERROR_IMPOSTOR, "%s is served by another user", path);
  return FALSE;
}

gboolean
client_check_program (int fd, const char *path, const char *program, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (Process) peer = process_open_peer (fd, &local);

  if (peer == NULL)
    {
      g_set_error (error, CLIENT_ERROR, CLIENT_ERROR_UNREACHABLE,
                   "whoever listened at %s is gone: %s", path, local->message);
      return FALSE;
    }
  /* The genuine broker is non-dumpable, so that an ordinary user cannot read its executable: not
   * being able to look is the usual case, and proves nothing. */
  if (process_exe (peer) == NULL || (program != NULL && process_runs (peer, program)))
    return TRUE;
  g_set_error (error, CLIENT_ERROR, CLIENT_ERROR_IMPOSTOR, "%s is served by %s, which is not %s",
               path, process_exe (peer), program != NULL ? program : "our countersignd");
  return FALSE;
}

static gboolean
connect_to (int fd, const char *path, GError **error)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };

  if (strlen (path) >= sizeof address.sun_path)
    {
      g_set_error (error, CLIENT_ERROR, CLIENT_ERROR_UNREACHABLE,
                   "the path is too long for a socket: %s", path);
      return FALSE;
    }
  memcpy (address.sun_path, path, strlen (path) + 1);
  if (connect (fd, (const struct sockaddr *) &address, sizeof address) == 0)
    return TRUE;
  g_set_error (error, CLIENT_ERROR, CLIENT_ERROR_UNREACHABLE, "no broker at %s: %s", path,
               g_strerror (errno));
  return FALSE;
}

int
client_connect (const char *path, GError **error)
{
  g_autofree char *program = paths_program ("countersignd", NULL);

  if (!check_directory (path, error))
    return -1;

  int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0)
    {
      g_set_error (error, CLIENT_ERROR, CLIENT_ERROR_UNREACHABLE, "no socket: %s",
                   g_strerror (errno));
      return -1;
    }
  if (connect_to (fd, path, error) && check_uid (fd, path, error)
      && client_check_program (fd, path, program, error))
    return fd;
  close (fd);
  return -1;
}
