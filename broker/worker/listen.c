/* SPDX-License-Identifier: MIT */
#include "broker/worker/listen.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "broker/base/paths.h"
#include "broker/base/process.h"
#include "broker/serve/child.h"

#define PASSED_FD 3 /* the first that sd_listen_fds(3) tells of */
#define IDLE (60 * G_USEC_PER_SEC)
#define CHILDREN_MAX 256 /* the next connections wait */

typedef struct
{
  pid_t pid;
  int pidfd;
  int fd;       /* the connection, to see it end; -1: it has */
  gint64 ended; /* when it did, in µs; 0: it goes on */
} Child;

typedef struct
{
  const char *name, *unit;
  gint64 grace; /* µs for a worker to end after its connection */
  char *program;
  GArray *children; /* of Child */
  gint64 idle_since;
} Listener;

static gboolean
is_passed (void)
{
  const char *pid = g_getenv ("LISTEN_PID"), *count = g_getenv ("LISTEN_FDS");
  int listens = 0;
  socklen_t len = sizeof listens;

  return pid != NULL && count != NULL && strtol (pid, NULL, 10) == getpid ()
         && g_str_equal (count, "1")
         && getsockopt (PASSED_FD, SOL_SOCKET, SO_ACCEPTCONN, &listens, &len) == 0 && listens;
}

/* The unit is the kernel's word (cgroup(5)), and a system service cannot move itself to another. */
static gboolean
may_connect (const Listener *self, int fd)
{
  g_autoptr (Process) peer = self->unit != NULL ? process_open_peer (fd, NULL) : NULL;
  gboolean chosen = TRUE;
  g_autofree char *unit = peer != NULL ? process_unit (peer, &chosen) : NULL;

  /* A user may call a unit of theirs as they like. */
  if (self->unit == NULL || (g_strcmp0 (unit, self->unit) == 0 && !chosen))
    return TRUE;
  g_printerr ("%s: refused a connection of %s, which is not %s\n", self->name,
              unit != NULL && *unit != '\0' ? unit : "a process of no unit", self->unit);
  return FALSE;
}

/* Takes @fd. */
static void
begin (Listener *self, int fd)
{
  static const char *const environment[] = { "PATH=/usr/bin:/bin", "LANG=C.UTF-8", NULL };
  const char *arguments[] = { self->program, "--fd", G_STRINGIFY (CHILD_FD), NULL };
  g_autoptr (GError) error = NULL;
  Child child = { .pid = -1, .pidfd = -1, .fd = fd };

  if (may_connect (self, fd))
    child.pid = child_spawn (arguments, (char **) environment, fd, &error);
  if (child.pid > 0)
    child.pidfd = (int) syscall (SYS_pidfd_open, child.pid, 0);
  if (child.pidfd >= 0)
    {
      g_array_append_val (self->children, child);
      return;
    }
  if (error != NULL)
    g_printerr ("%s: %s\n", self->name, error->message);
  if (child.pid > 0)
    {
      kill (child.pid, SIGKILL);
      waitpid (child.pid, NULL, 0);
    }
  close (fd);
}

static void
forget (Listener *self, guint i)
{
  Child *child = &g_array_index (self->children, Child, i);

  waitpid (child->pid, NULL, 0);
  close (child->pidfd);
  if (child->fd >= 0)
    close (child->fd);
  g_array_remove_index_fast (self->children, i);
  self->idle_since = g_get_monotonic_time ();
}

/* Its own end of the connection is still the worker's: only the other's end is seen here. */
static void
note_end (Child *child, gint64 now)
{
  close (child->fd);
  child->fd = -1;
  child->ended = now;
}

/* The socket, then two for each child. */
static void
watch (const Listener *self, GArray *polled)
{
  struct pollfd socket = { self->children->len < CHILDREN_MAX ? PASSED_FD : -1, POLLIN, 0 };

  g_array_set_size (polled, 0);
  g_array_append_val (polled, socket);
  for (guint i = 0; i < self->children->len; i++)
    {
      const Child *child = &g_array_index (self->children, Child, i);
      struct pollfd both[] = { { child->pidfd, POLLIN, 0 }, { child->fd, POLLRDHUP, 0 } };
      g_array_append_vals (polled, both, 2);
    }
}

/* When something is due, in milliseconds from @now; -1: nothing is. */
static int
due_in (const Listener *self, gint64 now)
{
  gint64 due = self->children->len == 0 ? self->idle_since + IDLE : G_MAXINT64;

  for (guint i = 0; i < self->children->len; i++)
    {
      const Child *child = &g_array_index (self->children, Child, i);
      if (child->ended != 0)
        due = MIN (due, child->ended + self->grace);
    }
  return due == G_MAXINT64 ? -1 : (int) (MAX (due - now, 0) / 1000) + 1;
}

/* From the last on, so that what is removed moves nothing that is still to be looked at. */
static void
tend (Listener *self, const struct pollfd *polled, gint64 now)
{
  for (guint i = self->children->len; i-- > 0;)
    {
      Child *child = &g_array_index (self->children, Child, i);
      if (child->fd >= 0 && polled[2 * i + 1].revents != 0)
        note_end (child, now);
      if (child->ended != 0 && now - child->ended >= self->grace)
        kill (child->pid, SIGKILL);
      if (polled[2 * i].revents != 0)
        forget (self, i);
    }
}

static void
run (Listener *self)
{
  g_autoptr (GArray) polled = g_array_new (FALSE, FALSE, sizeof (struct pollfd));

  for (;;)
    {
      gint64 now = g_get_monotonic_time ();
      watch (self, polled);
      struct pollfd *all = (struct pollfd *) (gpointer) polled->data;
      int ready = poll (all, polled->len, due_in (self, now));
      now = g_get_monotonic_time ();
      if (ready < 0)
        continue;
      tend (self, all + 1, now);
      int fd = all[0].revents != 0 ? accept4 (PASSED_FD, NULL, NULL, SOCK_CLOEXEC) : -1;
      if (fd >= 0)
        begin (self, fd);
      else if (self->children->len == 0 && now - self->idle_since >= IDLE)
        return;
    }
}

int
worker_listen (const char *name, const char *unit, guint grace)
{
  g_autoptr (GError) error = NULL;
  Listener self = { .name = name,
                    .unit = unit,
                    .grace = grace * G_USEC_PER_SEC,
                    .idle_since = g_get_monotonic_time () };

  if (!is_passed ())
    {
      g_printerr ("%s: --listen is for %s@USER.socket, which passes the socket\n", name, name);
      return 2;
    }
  self.program = paths_program (name, &error);
  if (self.program == NULL)
    {
      g_printerr ("%s: %s\n", name, error->message);
      return 1;
    }
  self.children = g_array_new (FALSE, FALSE, sizeof (Child));
  run (&self);
  g_array_unref (self.children);
  g_free (self.program);
  return 0;
}
