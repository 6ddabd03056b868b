/* SPDX-License-Identifier: MIT */
#include "broker/cli/audit/cli-audit-watch.h"

#include <errno.h>
#include <poll.h>
#include <sys/inotify.h>
#include <unistd.h>

#define LOOK_MS 1000
#define IN_FOLDER (IN_MODIFY | IN_CREATE | IN_MOVED_TO | IN_DELETE | IN_DELETE_SELF | IN_MOVE_SELF)
/* A trail that is put aside takes its folder along, and another comes in its place. */
#define IN_PARENT (IN_CREATE | IN_MOVED_TO | IN_MOVED_FROM)

struct _CliWatch
{
  char *dir, *parent;
  int fd;      /* of inotify; -1: none */
  int watched; /* the folder's watch; -1: it was not there */
};

/* Follows the name, to whichever folder has it now. */
static void
watch_folder (CliWatch *self)
{
  if (self->watched >= 0)
    inotify_rm_watch (self->fd, self->watched);
  self->watched = inotify_add_watch (self->fd, self->dir, IN_FOLDER);
}

CliWatch *
cli_watch_new (const char *dir, gboolean look, GError **error)
{
  CliWatch *self = g_new0 (CliWatch, 1);

  self->dir = g_strdup (dir);
  self->parent = g_path_get_dirname (dir);
  self->watched = -1;
  self->fd = look ? -1 : inotify_init1 (IN_CLOEXEC | IN_NONBLOCK);
  if (look)
    return self;
  if (self->fd >= 0 && inotify_add_watch (self->fd, self->parent, IN_PARENT) >= 0)
    {
      watch_folder (self);
      return self;
    }
  g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (errno), "%s cannot be watched: %s",
               self->parent, g_strerror (errno));
  cli_watch_free (self);
  return NULL;
}

void
cli_watch_free (CliWatch *self)
{
  if (self == NULL)
    return;
  if (self->fd >= 0)
    close (self->fd);
  g_free (self->dir);
  g_free (self->parent);
  g_free (self);
}

/* What happened does not matter: all is looked at again. Only whether the folder is another one. */
static void
drain (CliWatch *self)
{
  char buffer[4096] __attribute__ ((aligned (__alignof__(struct inotify_event))));
  gboolean moved = FALSE;
  gssize n;

  while ((n = read (self->fd, buffer, sizeof buffer)) > 0)
    for (const char *at = buffer; at < buffer + n;
         at
         += sizeof (struct inotify_event) + ((const struct inotify_event *) (const void *) at)->len)
      moved |= ((const struct inotify_event *) (const void *) at)->wd != self->watched
               || (((const struct inotify_event *) (const void *) at)->mask & IN_FOLDER
                   & (IN_DELETE_SELF | IN_MOVE_SELF));
  if (moved)
    watch_folder (self);
}

gboolean
cli_watch_wait (CliWatch *self)
{
  struct pollfd fds[] = { { STDOUT_FILENO, 0, 0 }, { self->fd, POLLIN, 0 } };

  if (poll (fds, G_N_ELEMENTS (fds), self->fd < 0 ? LOOK_MS : -1) < 0 && errno != EINTR)
    return FALSE;
  if (fds[0].revents & (POLLERR | POLLHUP | POLLNVAL))
    return FALSE;
  if (self->fd >= 0)
    drain (self);
  return TRUE;
}
