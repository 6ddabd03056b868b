/* SPDX-License-Identifier: MIT */
#include "broker/start/system.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "broker/base/acl.h"
#include "broker/base/paths.h"

G_DEFINE_QUARK (countersign_system_error, system_error)

gboolean
system_person (const char *name, uid_t *uid, GError **error)
{
  const struct passwd *found = getpwnam (name);

  if (geteuid () == 0)
    g_set_error_literal (error, SYSTEM_ERROR, SYSTEM_ERROR_PERSON,
                         "--system does not run as root: the unit countersign@USER.service runs it "
                         "as " PATHS_SYSTEM_USER);
  else if (found == NULL || strcmp (found->pw_name, name) != 0 || strchr (name, '/') != NULL)
    g_set_error (error, SYSTEM_ERROR, SYSTEM_ERROR_PERSON, "--for %s: there is no such user", name);
  else if (found->pw_uid == 0)
    g_set_error (error, SYSTEM_ERROR, SYSTEM_ERROR_PERSON,
                 "--for %s: is root, from whom nothing can be kept", name);
  else if (found->pw_uid == geteuid ())
    g_set_error (error, SYSTEM_ERROR, SYSTEM_ERROR_PERSON,
                 "--system runs under a uid of its own (" PATHS_SYSTEM_USER "), not as %s", name);
  else
    {
      *uid = found->pw_uid;
      return TRUE;
    }
  return FALSE;
}

static gboolean
refuse_place (const char *dir, const char *why, GError **error)
{
  g_set_error (error, SYSTEM_ERROR, SYSTEM_ERROR_PLACE, "%s %s", dir, why);
  return FALSE;
}

/* Who can rename in the directory above could put another in its place. */
static gboolean
check_above (const char *dir, GError **error)
{
  g_autofree char *above = g_path_get_dirname (dir);
  struct stat st;

  if (lstat (above, &st) != 0 || !S_ISDIR (st.st_mode))
    return refuse_place (above, "is not a directory", error);
  if ((st.st_uid != 0 && st.st_uid != geteuid ()) || (st.st_mode & 022) != 0)
    return refuse_place (above, "must belong to root, and be writable to root alone", error);
  return TRUE;
}

static gboolean
open_runtime (const char *dir, uid_t uid, GError **error)
{
  struct stat st;

  if (!check_above (dir, error))
    return FALSE;
  if (lstat (dir, &st) != 0)
    return refuse_place (dir, "does not exist: the unit makes it (RuntimeDirectory=)", error);
  if (!S_ISDIR (st.st_mode) || st.st_uid != geteuid () || (st.st_mode & 022) != 0)
    return refuse_place (dir, "must be a directory of the broker's, and writable to it alone",
                         error);
  return acl_give (dir, uid, 01, error);
}

Places *
system_places (const SystemOptions *options, uid_t uid, GError **error)
{
  g_autoptr (Places) self = g_new0 (Places, 1);
  g_autofree char *state = options->state_dir != NULL
                               ? g_strdup (options->state_dir)
                               : g_build_filename (PATHS_SYSTEM_STATE, options->person, NULL);

  self->system = TRUE;
  self->runtime_dir = options->runtime_dir != NULL
                          ? g_strdup (options->runtime_dir)
                          : g_build_filename (PATHS_SYSTEM_RUNTIME, options->person, NULL);
  self->store_path = g_build_filename (state, "store.db", NULL);
  self->audit_dir = g_build_filename (state, "audit", NULL);
  if (!paths_make_private (state, error) || !open_runtime (self->runtime_dir, uid, error))
    return NULL;
  return g_steal_pointer (&self);
}

void
system_ready (void)
{
  static const char word[] = "READY=1";
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  const char *path = g_getenv ("NOTIFY_SOCKET");
  gsize len = path != NULL ? strlen (path) : 0;

  if (len < 2 || len >= sizeof address.sun_path)
    return;
  memcpy (address.sun_path, path, len);
  if (*path == '@') /* an abstract name */
    address.sun_path[0] = '\0';
  int fd = socket (AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  /* Where this fails the manager ends us after a time, and says so. */
  if (fd >= 0)
    {
      sendto (fd, word, strlen (word), MSG_NOSIGNAL, (const struct sockaddr *) &address,
              (socklen_t) (offsetof (struct sockaddr_un, sun_path) + len));
      close (fd);
    }
}
