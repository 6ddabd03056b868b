/* SPDX-License-Identifier: MIT */
#include "broker/base/process-private.h"
#include "tests/unit/child.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

static void
test_self (void)
{
  g_autoptr (Process) self = child_open_self ();
  g_autofree char *exe = g_file_read_link ("/proc/self/exe", NULL);
  g_autofree char *cwd = g_get_current_dir ();
  g_autofree char *name = process_name (self), *its_cwd = process_cwd (self);

  g_assert_cmpint (process_pid (self), ==, getpid ());
  g_assert_cmpuint (process_uid (self), ==, geteuid ());
  g_assert_cmpuint (process_start (self), >, 0);
  g_assert_cmpstr (process_exe (self), ==, exe);
  g_assert_true (process_verified (self));
  g_assert_true (process_runs (self, exe));
  g_assert_false (process_runs (self, "/bin/sh"));
  g_assert_false (process_runs (self, "/nonexistent"));
  g_assert_cmpint (process_session (self), ==, getsid (0));
  g_assert_cmpstr (name, ==, "test-process-about");
  g_assert_cmpstr (its_cwd, ==, cwd);
  g_assert_true (process_alive (self));
  g_assert_true (process_check (self, NULL));
}

/* The start time as another reader of stat(5) finds it, to check the counting of fields. */
static guint64
start_by_splitting (pid_t pid)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/stat", pid), *text = NULL;
  g_auto (GStrv) fields = NULL;

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  fields = g_strsplit (strrchr (text, ')') + 2, " ", -1);
  return g_ascii_strtoull (fields[22 - 3], NULL, 10);
}

static void
take_comm (gconstpointer name)
{
  setsid ();
  prctl (PR_SET_NAME, name);
}

static void
test_comm (void)
{
  static const char *const names[]
      = { "plain", "two words", "x) R 1 1 (y", ") ) ) )",  "a\nUid:\t0\t0",
          "(((",   ")))",       "\n\n\n",      "\x1b[31m", "" };
  g_autoptr (Process) self = child_open_self ();

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_auto (Child) child = child_start (take_comm, names[i]);
      g_autoptr (Process) process = child_open (&child);
      g_autoptr (Process) parent = process_parent (process, NULL);

      g_assert_cmpuint (process_uid (process), ==, geteuid ());
      g_assert_cmpuint (process_start (process), ==, start_by_splitting (child.pid));
      g_assert_cmpint (process_session (process), ==, child.pid);
      g_assert_nonnull (parent);
      g_assert_true (process_equal (parent, self));
    }
}

static void
test_argv (void)
{
  const char *argv[] = { "/bin/sh", "-c", "read x", "new\nline", "", "last", NULL };
  static const struct
  {
    gsize max;
    gboolean cut;
    const char *joined; /* by | */
  } rows[] = {
    { 4096, FALSE, "/bin/sh|-c|read x|new\nline||last" },
    { 33, FALSE, "/bin/sh|-c|read x|new\nline||last" },
    { 32, TRUE, "/bin/sh|-c|read x|new\nline||last" },
    { 28, TRUE, "/bin/sh|-c|read x|new\nline|" },
    { 24, TRUE, "/bin/sh|-c|read x|new\nli" },
    { 8, TRUE, "/bin/sh" },
    { 7, TRUE, "/bin/sh" },
    { 1, TRUE, "/" },
  };
  g_auto (Child) child = child_start (child_run_program, argv);
  g_autoptr (Process) process = child_open (&child);

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      gboolean cut = !rows[i].cut;
      g_auto (GStrv) got = process_argv (process, rows[i].max, &cut);
      g_autofree char *joined = g_strjoinv ("|", got);

      g_assert_cmpstr (joined, ==, rows[i].joined);
      g_assert_cmpint (cut, ==, rows[i].cut);
    }
}

static void
go_to (gconstpointer dir)
{
  if (g_chdir (dir) != 0)
    _exit (1);
}

static void
test_cwd (void)
{
  g_auto (Child) child = child_start (go_to, "/usr/share");
  g_autoptr (Process) process = child_open (&child);
  g_autofree char *cwd = process_cwd (process);

  g_assert_cmpstr (cwd, ==, "/usr/share");
}

static void
test_unit (void)
{
  static const struct
  {
    const char *cgroups, *unit;
    gboolean chosen;
  } rows[] = {
    { "0::/\n", "", FALSE },
    { "", NULL, FALSE },
    { "0::/user.slice/user-1000.slice/session-2.scope\n", "session-2.scope", FALSE },
    { "0::/user.slice/user-1000.slice/user@1000.service/app.slice/app-code-1.scope\n",
      "app-code-1.scope", TRUE },
    { "0::/user.slice/user-1000.slice/user@1000.service/init.scope\n", "init.scope", TRUE },
    { "0::/user.slice/user-1000.slice/user@1000.service/app.slice\n", "user@1000.service", FALSE },
    { "0::/system.slice/cron.service/payload/deep\n", "cron.service", FALSE },
    { "0::/system.slice/own.service/deploy.service\n", "deploy.service", TRUE },
    { "0::/system.slice/docker-1.scope/system.slice/deploy.service\n", "deploy.service", TRUE },
    { "0::/system.slice/a\\x2db.service\n", "a\\x2db.service", FALSE },
    { "0::/../../elsewhere.slice\n", "", FALSE },
    { "9:name=systemd:/system.slice/old.service\n8:pids:/\n0::/new.scope\n", "new.scope", FALSE },
    { "9:name=systemd:/system.slice/old.service\n", NULL, FALSE },
    { "10::/not.service\n", NULL, FALSE },
    { "0::/x.service.d/y\n", "", FALSE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      gboolean chosen = FALSE;
      g_autofree char *unit = process_unit_in (rows[i].cgroups, &chosen);

      g_assert_cmpstr (unit, ==, rows[i].unit);
      g_assert_cmpint (chosen, ==, rows[i].chosen);
    }
}

static void
act_as_nobody (gconstpointer unused)
{
  if (seteuid (65534) != 0)
    _exit (1);
}

static void
test_effective (void)
{
  g_auto (Child) child = { 0 };
  g_autoptr (Process) process = NULL;

  if (geteuid () != 0)
    {
      g_test_skip ("an ordinary user cannot act as another");
      return;
    }
  child = child_start (act_as_nobody, NULL);
  process = child_open (&child);
  g_assert_cmpuint (process_uid (process), ==, 65534);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/process/we are described as we are", test_self);
  g_test_add_func ("/process/a name cannot imitate the fields around it", test_comm);
  g_test_add_func ("/process/arguments are whole, or said to be cut", test_argv);
  g_test_add_func ("/process/the user is the effective one", test_effective);
  g_test_add_func ("/process/the working directory is read", test_cwd);
  g_test_add_func ("/process/the unit is the innermost one", test_unit);
  return g_test_run ();
}
