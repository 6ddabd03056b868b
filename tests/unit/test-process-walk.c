/* SPDX-License-Identifier: MIT */
#include "broker/base/process-private.h"
#include "tests/unit/child.h"

#include <fcntl.h>
#include <unistd.h>

#define WALK_MAX 64 /* what process.h says of process_is_below() */

static void
test_peer (void)
{
  g_autofree char *name = g_strdup_printf ("countersign-peer-%d", getpid ());
  int listener = child_listen (name), sock;
  g_auto (Child) child = child_start (child_connect, GINT_TO_POINTER (listener));
  g_autoptr (Process) expected = child_open (&child);
  g_autoptr (Process) peer = NULL;
  g_autoptr (GError) ended = NULL, no_socket = NULL;

  sock = accept4 (listener, NULL, NULL, SOCK_CLOEXEC);
  peer = process_open_peer (sock, NULL);
  g_assert_nonnull (peer);
  g_assert_true (process_equal (peer, expected));
  child_end (&child);
  g_assert_null (process_open_peer (sock, &ended));
  g_assert_error (ended, PROCESS_ERROR, PROCESS_ERROR_GONE);
  g_assert_null (process_open_peer (-1, &no_socket));
  g_assert_error (no_socket, PROCESS_ERROR, PROCESS_ERROR_SYSTEM);
  close (sock);
  close (listener);
}

static void
test_first_process (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (Process) first = process_open (1, -1, NULL);

  if (first == NULL)
    {
      g_test_skip ("process 1 cannot be seen here");
      return;
    }
  g_assert_null (process_parent (first, &error));
  g_assert_error (error, PROCESS_ERROR, PROCESS_ERROR_GONE);
}

static void
test_below (void)
{
  ChildChain chain = { .length = WALK_MAX + 2 };
  g_autoptr (Process) self = child_open_self ();
  g_auto (Child) sibling = child_start (NULL, NULL);
  g_autoptr (Process) beside = child_open (&sibling);
  g_autoptr (GPtrArray) links = NULL;
  g_auto (Child) child = { 0 };

  child = child_start_chain (&chain);
  links = child_read_chain (&chain);
  for (int i = 0; i < chain.length; i++)
    {
      Process *link = links->pdata[i];

      g_assert_cmpint (process_is_below (link, self), ==, i < WALK_MAX);
      g_assert_true (process_is_below (link, link));
      g_assert_true (process_is_below (link, links->pdata[MAX (0, i - 5)]));
      g_assert_false (process_is_below (self, link));
      g_assert_false (process_is_below (link, beside));
      g_assert_false (process_is_below (beside, link));
    }
}

static void
test_orphan (void)
{
  ChildChain chain = { .length = 3 };
  g_autoptr (Process) self = child_open_self ();
  g_autoptr (Process) before = NULL, after = NULL;
  g_autoptr (GPtrArray) links = NULL;
  g_auto (Child) child = { 0 };

  child = child_start_chain (&chain);
  links = child_read_chain (&chain);
  before = process_parent (links->pdata[1], NULL);
  g_assert_nonnull (before);
  g_assert_true (process_equal (before, links->pdata[0]));
  g_assert_true (process_is_below (links->pdata[2], self));

  child_kill (&child);
  g_assert_true (process_alive (links->pdata[2]));
  after = process_parent (links->pdata[1], NULL);
  g_assert_true (after == NULL || !process_equal (after, links->pdata[0]));
  g_assert_false (process_is_below (links->pdata[2], links->pdata[0]));
  g_assert_false (process_is_below (links->pdata[2], self));
  g_assert_true (process_is_below (links->pdata[2], links->pdata[1]));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/process/a peer is who connected, while it lives", test_peer);
  g_test_add_func ("/process/the first process has no parent", test_first_process);
  g_test_add_func ("/process/descendants are below, 64 levels deep", test_below);
  g_test_add_func ("/process/an orphan is no longer below its ancestors", test_orphan);
  return g_test_run ();
}
