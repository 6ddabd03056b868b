/* SPDX-License-Identifier: MIT */
#include "broker/serve/lifetime.h"
#include "broker/serve/loop.h"
#include "tests/unit/child.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

typedef struct
{
  Loop *loop;
  GString *log;
} World;

typedef struct
{
  World *world;
  const char *name;
  Deadline deadline, *clears;
  LoopWatch watch;
  int fd;
  gpointer unwatches;
} Actor;

static void
world_open (World *world)
{
  g_autoptr (GError) error = NULL;
  world->loop = loop_new (&error);
  g_assert_no_error (error);
  world->log = g_string_new (NULL);
}

static void
world_close (World *world)
{
  loop_free (world->loop);
  g_string_free (world->log, TRUE);
}

static void
on_due (gpointer data)
{
  Actor *actor = data;

  g_string_append (actor->world->log, actor->name);
  if (actor->clears != NULL)
    loop_deadline_clear (actor->world->loop, actor->clears);
  if (*actor->name == 'z')
    loop_quit (actor->world->loop);
}

static Actor
actor (World *world, const char *name)
{
  return (Actor){ .world = world, .name = name, .fd = -1 };
}

static void
set (Actor *self, gint64 at)
{
  self->deadline.due = on_due;
  self->deadline.data = self;
  loop_deadline_set (self->world->loop, &self->deadline, at);
}

static void
deadlines_run_in_order (void)
{
  World world;
  gint64 now = loop_now ();

  world_open (&world);
  Actor a = actor (&world, "a"), b = actor (&world, "b"), c = actor (&world, "c"),
        z = actor (&world, "z");
  set (&z, now + 3000);
  set (&b, now + 1000);
  set (&a, now - 1000); /* past ones run too */
  set (&c, now + 9000);
  loop_deadline_set (world.loop, &c.deadline, now + 2000); /* moved, not doubled */
  loop_run (world.loop);
  g_assert_cmpstr (world.log->str, ==, "abcz");
  g_assert_null (a.deadline.place);
  world_close (&world);
}

static void
a_cleared_deadline_does_not_run (void)
{
  World world;
  gint64 now = loop_now ();

  world_open (&world);
  Actor a = actor (&world, "a"), b = actor (&world, "b"), z = actor (&world, "z");
  set (&a, now - 2);
  set (&b, now - 1); /* due in the same turn, and cleared by the one before it */
  a.clears = &b.deadline;
  set (&z, now + 1000);
  loop_run (world.loop);
  g_assert_cmpstr (world.log->str, ==, "az");
  world_close (&world);
}

static void
on_ready (gpointer data, guint32 events)
{
  Actor *self = data;
  Actor *other = self->unwatches;

  g_string_append (self->world->log, self->name);
  loop_unwatch (self->world->loop, self->fd, &self->watch);
  if (other != NULL)
    loop_unwatch (self->world->loop, other->fd, &other->watch);
}

static void
watch (Actor *self)
{
  g_autoptr (GError) error = NULL;

  self->fd = eventfd (1, EFD_CLOEXEC);
  self->watch = (LoopWatch){ on_ready, self };
  loop_watch (self->world->loop, self->fd, EPOLLIN, &self->watch, &error);
  g_assert_no_error (error);
}

static void
an_event_already_read_does_not_reach_who_was_unwatched (void)
{
  World world;

  world_open (&world);
  Actor a = actor (&world, "a"), b = actor (&world, "b"), z = actor (&world, "z");
  watch (&a);
  watch (&b);
  a.unwatches = &b; /* both are ready: whichever comes first ends the other */
  b.unwatches = &a;
  set (&z, loop_now () + 1000);
  loop_run (world.loop);
  g_assert_cmpuint (world.log->len, ==, 2);
  close (a.fd);
  close (b.fd);
  world_close (&world);
}

static void
on_gone (gpointer data)
{
  Actor *self = data;
  g_string_append (self->world->log, self->name);
  if (*self->name == 'z')
    loop_quit (self->world->loop);
}

static void
all_who_wait_for_a_process_are_told_of_its_end (void)
{
  World world;
  g_auto (Child) child = child_start (NULL, NULL);
  g_autoptr (Process) one = child_open (&child);
  g_autoptr (Process) same = child_open (&child);

  world_open (&world);
  Lifetimes *lifetimes = lifetimes_new (world.loop);
  Actor a = actor (&world, "a"), b = actor (&world, "b"), z = actor (&world, "z");
  Lifetime x = { .gone = on_gone, .data = &a }, y = { .gone = on_gone, .data = &b },
           w = { .gone = on_gone, .data = &z };
  g_assert_true (lifetime_set (lifetimes, &x, one, NULL));
  g_assert_true (lifetime_set (lifetimes, &y, same, NULL)); /* pinned twice, watched once */
  g_assert_true (lifetime_set (lifetimes, &w, one, NULL));
  lifetime_clear (lifetimes, &y);
  child_kill (&child);
  loop_run (world.loop);
  g_assert_cmpstr (world.log->str, ==, "az");
  lifetime_clear (lifetimes, &x); /* told already: nothing to clear */
  lifetimes_free (lifetimes);
  world_close (&world);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/loop/deadlines run in order, moved ones once", deadlines_run_in_order);
  g_test_add_func ("/loop/a deadline that was cleared does not run, even in its own turn",
                   a_cleared_deadline_does_not_run);
  g_test_add_func ("/loop/an event that was read already does not reach who was unwatched",
                   an_event_already_read_does_not_reach_who_was_unwatched);
  g_test_add_func ("/lifetime/all who wait for a process are told of its end, others not",
                   all_who_wait_for_a_process_are_told_of_its_end);
  return g_test_run ();
}
