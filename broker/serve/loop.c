/* SPDX-License-Identifier: MIT */
#include "broker/serve/loop.h"

#include <errno.h>
#include <glib.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#define BATCH 256

struct _Loop
{
  int epoll_fd, timer_fd;
  GSource *source;
  GMainLoop *main;
  GSequence *deadlines;
  gint64 armed; /* what timer_fd is set to; 0: nothing */
  LoopWatch timer;
  struct epoll_event events[BATCH];
  int n_events, at_event;
  void (*turn_end) (gpointer data);
  gpointer turn_data;
};

typedef struct
{
  GSource source;
  Loop *loop;
} LoopSource;

gint64
loop_now (void)
{
  struct timespec now;
  clock_gettime (CLOCK_BOOTTIME, &now);
  return (gint64) now.tv_sec * G_USEC_PER_SEC + now.tv_nsec / 1000;
}

static void
arm_timer (Loop *self)
{
  GSequenceIter *first = g_sequence_get_begin_iter (self->deadlines);
  gint64 at = g_sequence_iter_is_end (first) ? 0 : ((Deadline *) g_sequence_get (first))->at;

  if (at == self->armed)
    return;
  /* A deadline in the past must still fire: an all-zero value would disarm the timer instead. */
  gint64 when = at == 0 ? 0 : MAX (at, 1);
  struct itimerspec spec = { .it_value = { when / G_USEC_PER_SEC, when % G_USEC_PER_SEC * 1000 } };
  timerfd_settime (self->timer_fd, TFD_TIMER_ABSTIME, &spec, NULL);
  self->armed = at;
}

static void
on_timer (gpointer data, guint32 events)
{
  Loop *self = data;
  guint64 ticks;
  gint64 now = loop_now ();

  if (read (self->timer_fd, &ticks, sizeof ticks) < 0 && errno != EAGAIN)
    g_warning ("timerfd: %s", g_strerror (errno));
  self->armed = 0;
  for (;;)
    {
      GSequenceIter *first = g_sequence_get_begin_iter (self->deadlines);
      if (g_sequence_iter_is_end (first))
        break;
      Deadline *deadline = g_sequence_get (first);
      if (deadline->at > now)
        break;
      loop_deadline_clear (self, deadline);
      deadline->due (deadline->data);
    }
}

static gboolean
source_prepare (GSource *source, gint *timeout)
{
  Loop *self = ((LoopSource *) source)->loop;

  if (self->turn_end != NULL)
    self->turn_end (self->turn_data);
  arm_timer (self);
  *timeout = -1;
  return FALSE;
}

static gboolean
source_dispatch (GSource *source, GSourceFunc callback, gpointer user)
{
  Loop *self = ((LoopSource *) source)->loop;

  self->n_events = epoll_wait (self->epoll_fd, self->events, BATCH, 0);
  for (self->at_event = 0; self->at_event < self->n_events; self->at_event++)
    {
      struct epoll_event *event = &self->events[self->at_event];
      LoopWatch *watch = event->data.ptr;
      if (watch != NULL)
        watch->ready (watch->data, event->events);
    }
  self->n_events = 0;
  return G_SOURCE_CONTINUE;
}

static GSourceFuncs source_funcs = { source_prepare, NULL, source_dispatch, NULL, NULL, NULL };

Loop *
loop_new (GError **error)
{
  g_autoptr (Loop) self = g_new0 (Loop, 1);

  self->deadlines = g_sequence_new (NULL);
  self->main = g_main_loop_new (NULL, FALSE);
  self->timer_fd = timerfd_create (CLOCK_BOOTTIME, TFD_CLOEXEC | TFD_NONBLOCK);
  self->epoll_fd = epoll_create1 (EPOLL_CLOEXEC);
  if (self->epoll_fd < 0 || self->timer_fd < 0)
    {
      g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (errno), "epoll: %s",
                   g_strerror (errno));
      return NULL;
    }
  self->timer = (LoopWatch){ on_timer, self };
  if (!loop_watch (self, self->timer_fd, EPOLLIN, &self->timer, error))
    return NULL;

  self->source = g_source_new (&source_funcs, sizeof (LoopSource));
  ((LoopSource *) self->source)->loop = self;
  g_source_add_unix_fd (self->source, self->epoll_fd, G_IO_IN);
  g_source_attach (self->source, NULL);
  return g_steal_pointer (&self);
}

void
loop_free (Loop *self)
{
  if (self == NULL)
    return;
  if (self->source != NULL)
    {
      g_source_destroy (self->source);
      g_source_unref (self->source);
    }
  if (self->epoll_fd >= 0)
    close (self->epoll_fd);
  if (self->timer_fd >= 0)
    close (self->timer_fd);
  g_sequence_free (self->deadlines);
  g_main_loop_unref (self->main);
  g_free (self);
}

gboolean
loop_watch (Loop *self, int fd, guint32 events, LoopWatch *watch, GError **error)
{
  struct epoll_event event = { .events = events, .data.ptr = watch };

  if (epoll_ctl (self->epoll_fd, EPOLL_CTL_ADD, fd, &event) == 0)
    return TRUE;
  g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (errno), "epoll: %s",
               g_strerror (errno));
  return FALSE;
}

void
loop_rewatch (Loop *self, int fd, guint32 events, LoopWatch *watch)
{
  struct epoll_event event = { .events = events, .data.ptr = watch };
  if (epoll_ctl (self->epoll_fd, EPOLL_CTL_MOD, fd, &event) != 0)
    g_warning ("epoll: %s", g_strerror (errno));
}

void
loop_unwatch (Loop *self, int fd, LoopWatch *watch)
{
  epoll_ctl (self->epoll_fd, EPOLL_CTL_DEL, fd, NULL);
  for (int i = self->at_event; i < self->n_events; i++)
    if (self->events[i].data.ptr == watch)
      self->events[i].data.ptr = NULL;
}

static gint
compare_deadlines (gconstpointer a, gconstpointer b, gpointer user)
{
  gint64 x = ((const Deadline *) a)->at, y = ((const Deadline *) b)->at;
  return x < y ? -1 : x > y;
}

void
loop_deadline_set (Loop *self, Deadline *deadline, gint64 at)
{
  loop_deadline_clear (self, deadline);
  deadline->at = at;
  deadline->place = g_sequence_insert_sorted (self->deadlines, deadline, compare_deadlines, NULL);
}

void
loop_deadline_clear (Loop *self, Deadline *deadline)
{
  if (deadline->place == NULL)
    return;
  g_sequence_remove (deadline->place);
  deadline->place = NULL;
}

void
loop_set_turn_end (Loop *self, void (*turn_end) (gpointer data), gpointer data)
{
  self->turn_end = turn_end;
  self->turn_data = data;
}

void
loop_run (Loop *self)
{
  g_main_loop_run (self->main);
}

void
loop_quit (Loop *self)
{
  g_main_loop_quit (self->main);
}
