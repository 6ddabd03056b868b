/* SPDX-License-Identifier: MIT
 *
 * One epoll set and one ordered queue of deadlines behind a single GSource: what a turn of the
 * main loop costs does not grow with the number of connections.
 *
 * Deadlines are on CLOCK_BOOTTIME, in microseconds: they go on through suspend, and setting the
 * clock moves none of them.
 */
#pragma once

#include <glib.h>

typedef struct _Loop Loop;

typedef struct
{
  void (*ready) (gpointer data, guint32 events);
  gpointer data;
} LoopWatch;

typedef struct
{
  void (*due) (gpointer data);
  gpointer data;
  gint64 at;
  GSequenceIter *place; /* NULL: not set */
} Deadline;

Loop *loop_new (GError **error);
void loop_free (Loop *loop);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Loop, loop_free)

/* Microseconds of CLOCK_BOOTTIME. */
gint64 loop_now (void);

/* @watch is the caller's and must live until loop_unwatch(), after which it is never called, not
 * even for an event that had already been read. */
gboolean loop_watch (Loop *loop, int fd, guint32 events, LoopWatch *watch, GError **error);
void loop_rewatch (Loop *loop, int fd, guint32 events, LoopWatch *watch);
void loop_unwatch (Loop *loop, int fd, LoopWatch *watch);

/* Sets or moves @deadline; its due runs once, after which it is not set. */
void loop_deadline_set (Loop *loop, Deadline *deadline, gint64 at);
void loop_deadline_clear (Loop *loop, Deadline *deadline);

/* Called before the loop sleeps, each time: where what one turn gathered is written out together.
 */
void loop_set_turn_end (Loop *loop, void (*turn_end) (gpointer data), gpointer data);

void loop_run (Loop *loop);
void loop_quit (Loop *loop);
