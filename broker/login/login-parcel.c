/* SPDX-License-Identifier: MIT
 *
 * A refresh token is often good once. What the provider gives for it is put into a file, sealed, by
 * the worker that read it, before anybody is told: a broker that ends in the middle finds it there
 * when it is unlocked again.
 *
 * The lock is of the open file, which the worker shares: it is held until the last of those who
 * have it open has ended, and says to the broker that comes next whether there is something to wait
 * for.
 */
#include "broker/login/login-private.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "broker/base/paths.h"

#define FOLDER "parcels"

/* Beside the store, wherever that is: what is kept for it goes where it goes. */
static char *
folder (const Store *store)
{
  g_autofree char *beside = g_path_get_dirname (store_path (store));
  return g_build_filename (beside, FOLDER, NULL);
}

static char *
path_of (const Store *store, const char *id)
{
  g_autofree char *in = folder (store);
  return g_build_filename (in, id, NULL);
}

int
login_parcel_make (const Store *store, const char *id, GError **error)
{
  g_autofree char *in = folder (store), *path = path_of (store, id);

  if (!paths_make_private (in, error))
    return -1;
  int fd = open (path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd >= 0 && flock (fd, LOCK_EX | LOCK_NB) == 0)
    return fd;
  g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (errno), "%s: %s", path,
               g_strerror (errno));
  if (fd >= 0)
    close (fd);
  return -1;
}

ParcelState
login_parcel_find (const Store *store, const char *id, int *fd, gint64 *at)
{
  g_autofree char *path = path_of (store, id);
  struct stat st;

  *fd = open (path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  if (*fd < 0)
    return PARCEL_NONE;
  if (flock (*fd, LOCK_SH | LOCK_NB) != 0)
    {
      close (*fd);
      return PARCEL_BUSY;
    }
  if (fstat (*fd, &st) == 0 && S_ISREG (st.st_mode) && st.st_size > 0)
    {
      /* Any process of the user can say when that was. */
      *at = CLAMP (st.st_mtime, 0, g_get_real_time () / G_USEC_PER_SEC);
      return PARCEL_THERE;
    }
  close (*fd);
  return PARCEL_NONE;
}

void
login_parcel_remove (const Store *store, const char *id)
{
  g_autofree char *path = path_of (store, id);
  unlink (path);
}

/* ---- what nobody has any more ---- */

static gboolean
is_wanted (const Logins *self, const char *id)
{
  for (guint i = 0; i < self->all->len; i++)
    {
      const Login *login = g_ptr_array_index (self->all, i);
      if (g_strcmp0 (login->parcel, id) == 0)
        return TRUE;
    }
  return FALSE;
}

static void
clean_keys (Logins *self)
{
  Store *store = self->vault->store;
  g_autoptr (GPtrArray) rows = store_list_own (store, LOGIN_PARCEL_KEY);

  for (guint i = 0; i < rows->len; i++)
    {
      const StoreEntry *row = g_ptr_array_index (rows, i);
      StoreItem item = { .name = row->name };
      if (!is_wanted (self, row->name + sizeof LOGIN_PARCEL_KEY - 1))
        store_set_all (store, &item, 1, NULL, NULL, NULL, NULL);
    }
}

void
login_parcels_clean (Logins *self)
{
  g_autofree char *in = folder (self->vault->store);
  g_autoptr (GDir) dir = g_dir_open (in, 0, NULL);
  const char *name;

  clean_keys (self);
  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    if (!is_wanted (self, name))
      login_parcel_remove (self->vault->store, name);
}
