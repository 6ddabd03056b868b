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
#include "broker/client/client-system.h"
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
  g_autofree char *system = client_system_dir ();
  g_autofree char *dir = system != NULL ? g_steal_pointer (&system) : paths_runtime_dir ();
  return g_build_filename (dir, name, NULL);
}

static gboolean
set_unreachable (const char *path, int number, GError **error)
{
  /* Not for what is there and closed to us. */
  gboolean absent = number == ENOENT || number == ECONNREFUSED;
  g_autofree char *starter = absent && client_is_system (path) ? client_system_starter () : NULL;

  g_set_error (error, CLIENT_ERROR, CLIENT_ERROR_UNREACHABLE, "no broker at %s: %s%s%s", path,
               g_strerror (number), starter != NULL ? "; as root: " : "",
               starter != NULL ? starter : "");
  return FALSE;
}

/* The system broker's; @owner is then whose it must be. */
static gboolean
check_system (const char *dir, uid_t *owner, GError **error)
{
  if (client_system_uid (owner))
    return client_check_system_dir (dir, *owner, error);
  g_set_error (error, CLIENT_ERROR, CLIENT_ERROR_IMPOSTOR,
               "%s is not trusted: there is no user " PATHS_SYSTEM_USER " whose it could be", dir);
  return FALSE;
}

/* No directory means no broker; one that others can write to means no trust in what is in it.
 * @owner: who has to be at the other end. */
static gboolean
check_directory (const char *path, uid_t *owner, GError **error)
{
  g_autofree char *dir = g_path_get_dirname (path);
  g_autoptr (GError) local = NULL;
  struct stat st;

  *owner = geteuid ();
  if (lstat (dir, &st) != 0)
    return set_unreachable (path, errno, error);
  if (client_is_system (path))
    return check_system (dir, owner, error);
  if (paths_check_private (dir, &local))
    return TRUE;
  g_set_error (error, CLIENT_ERROR, CLIENT_ERROR_IMPOSTOR, "%s is not trusted: %s", path,
               local->message);
  return FALSE;
}

static gboolean
check_uid (int fd, const char *path, uid_t owner, GError **error)
{
  struct ucred peer;
  socklen_t len = sizeof peer;

  if (getsockopt (fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) == 0 && peer.uid == owner)
    return TRUE;
  g_set_error (error, CLIENT_ERROR, CLIENT_ERROR_IMPOSTOR,
               "%s is served by another user; nothing was sent", path);
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
  return set_unreachable (path, errno, error);
}

int
client_connect (const char *path, GError **error)
{
  g_autofree char *program = paths_program ("countersignd", NULL);
  uid_t owner;

  if (!check_directory (path, &owner, error))
    return -1;

  int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0)
    {
      g_set_error (error, CLIENT_ERROR, CLIENT_ERROR_UNREACHABLE, "no socket: %s",
                   g_strerror (errno));
      return -1;
    }
  /* Another user's program is none that a process of ours could have put there. */
  if (connect_to (fd, path, error) && check_uid (fd, path, owner, error)
      && (owner != geteuid () || client_check_program (fd, path, program, error)))
    return fd;
  close (fd);
  return -1;
}
