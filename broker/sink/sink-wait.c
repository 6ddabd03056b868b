/* SPDX-License-Identifier: MIT */
#include "broker/sink/sink-wait.h"

#include <poll.h>
#include <sys/inotify.h>
#include <unistd.h>

#define BLIND_MS 5000

void
sink_wait_init (SinkWait *wait)
{
  wait->fd = inotify_init1 (IN_CLOEXEC | IN_NONBLOCK);
}

void
sink_wait_watch (SinkWait *wait, const char *dir)
{
  /* Each time: the directory may have been put aside, and another be there. */
  if (wait->fd >= 0
      && inotify_add_watch (wait->fd, dir,
                            IN_MODIFY | IN_CREATE | IN_MOVED_TO | IN_MOVE_SELF | IN_ONLYDIR)
             < 0)
    {
      close (wait->fd);
      sink_wait_init (wait);
    }
}

static gboolean
was_moved (const char *events, gssize len)
{
  for (gssize at = 0; at < len;)
    {
      const struct inotify_event *event = (const void *) (events + at);
      if ((event->mask & IN_MOVE_SELF) != 0)
        return TRUE;
      at += (gssize) sizeof *event + event->len;
    }
  return FALSE;
}

gboolean
sink_wait (SinkWait *wait)
{
  struct pollfd changed = { .fd = wait->fd, .events = POLLIN };
  char events[4096] __attribute__ ((aligned (__alignof__(struct inotify_event))));
  gboolean moved = FALSE;
  gssize n;

  poll (&changed, 1, wait->fd < 0 ? BLIND_MS : -1);
  while (wait->fd >= 0 && (n = read (wait->fd, events, sizeof events)) > 0)
    moved |= was_moved (events, n);
  return moved;
}

void
sink_pause (guint milliseconds)
{
  g_usleep (1000UL * milliseconds);
}
