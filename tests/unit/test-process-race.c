/* SPDX-License-Identifier: MIT
 *
 * A parent that ends, and whose number is given out again, between two looks at its child. The
 * linker puts
 * __wrap_process_read_stat() before the one that process-walk.c calls.
 */
#include "broker/base/process-private.h"
#include "tests/unit/child.h"

#include <sys/wait.h>

gboolean __real_process_read_stat (int dir, ProcessStat *out);
gboolean __wrap_process_read_stat (int dir, ProcessStat *out);

typedef struct
{
  Child parent;
  pid_t pid; /* its number, and then that of another child of ours */
  gboolean recycled;
  GPtrArray *links; /* the parent and its child */
} Race;

static Race *armed;

gboolean
__wrap_process_read_stat (int dir, ProcessStat *out)
{
  gboolean read = __real_process_read_stat (dir, out);

  if (armed != NULL && read && out->parent == armed->pid)
    {
      Race *race = g_steal_pointer (&armed);

      child_kill (&race->parent);
      race->recycled = child_fork_as (race->pid) == race->pid;
    }
  return read;
}

static void
race_start (Race *race, gconstpointer unused)
{
  ChildChain chain = { .length = 2 };

  race->parent = child_start_chain (&chain);
  race->pid = race->parent.pid;
  race->links = child_read_chain (&chain);
}

static void
race_end (Race *race, gconstpointer unused)
{
  if (race->recycled)
    {
      kill (race->pid, SIGKILL);
      waitpid (race->pid, NULL, 0);
    }
  child_end (&race->parent);
  g_ptr_array_unref (race->links);
}

static gboolean
was_run (const Race *race)
{
  g_assert_null (armed);
  if (!race->recycled)
    g_test_skip ("may not choose the number of a new process");
  return race->recycled;
}

static void
test_parent (Race *race, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (Process) parent = NULL;

  armed = race;
  parent = process_parent (race->links->pdata[1], &error);
  if (!was_run (race))
    return;
  g_assert_null (parent);
  g_assert_error (error, PROCESS_ERROR, PROCESS_ERROR_GONE);
}

static void
test_below (Race *race, gconstpointer unused)
{
  g_autoptr (Process) self = child_open_self ();
  gboolean below;

  g_assert_true (process_is_below (race->links->pdata[1], self));
  armed = race;
  below = process_is_below (race->links->pdata[1], self);
  if (!was_run (race))
    return;
  /* Whoever has the number now is below us; the orphan is not. */
  g_assert_false (below);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/process/who got the parent's number is not the parent", Race, NULL, race_start,
              test_parent, race_end);
  g_test_add ("/process/who got an ancestor's number leads nowhere", Race, NULL, race_start,
              test_below, race_end);
  return g_test_run ();
}
