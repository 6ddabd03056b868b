/* SPDX-License-Identifier: MIT */
#include "broker/base/process-private.h"
#include "tests/unit/child.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <sched.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <unistd.h>

/* A copy of sleep(1), as a program whose file can be changed. */
static char *
make_program (const char *dir, const char *name)
{
  g_autofree char *bytes = NULL;
  char *path = g_build_filename (dir, name, NULL);
  gsize len;

  g_assert_true (g_file_get_contents ("/bin/sleep", &bytes, &len, NULL));
  g_assert_true (g_file_set_contents_full (path, bytes, (gssize) len,
                                           G_FILE_SET_CONTENTS_CONSISTENT, 0755, NULL));
  return path;
}

static void
test_deleted (void)
{
  g_autofree char *dir = g_dir_make_tmp ("countersign-XXXXXX", NULL);
  g_autofree char *path = make_program (dir, "program");
  g_autofree char *deleted = g_strconcat (path, " (deleted)", NULL);
  g_autofree char *remade = NULL;
  const char *argv[] = { path, "1000", NULL };
  g_auto (Child) child = child_start (child_run_program, argv);
  g_autoptr (Process) before = child_open (&child);
  g_autoptr (Process) after = NULL;

  g_assert_cmpstr (process_exe (before), ==, path);
  g_assert_true (process_verified (before));
  g_assert_true (process_runs (before, path));

  g_unlink (path);
  after = child_open (&child);
  g_assert_cmpstr (process_exe (after), ==, deleted);
  g_assert_false (process_verified (after));
  g_assert_false (process_runs (before, path));
  /* It is still the same program, which is all that process_check() says. */
  g_assert_true (process_check (before, NULL));

  remade = make_program (dir, "program");
  g_assert_false (process_runs (before, path));
  g_assert_false (process_runs (after, path));
  g_unlink (path);
  g_rmdir (dir);
}

static void
test_named_deleted (void)
{
  g_autofree char *dir = g_dir_make_tmp ("countersign-XXXXXX", NULL);
  g_autofree char *path = make_program (dir, "program (deleted)");
  const char *argv[] = { path, "1000", NULL };
  g_auto (Child) child = child_start (child_run_program, argv);
  g_autoptr (Process) process = child_open (&child);

  g_assert_false (process_verified (process));
  g_assert_false (process_runs (process, path));
  g_unlink (path);
  g_rmdir (dir);
}

/* In the same mount namespace, but something else has been mounted over the file. */
static void
try_covered (void)
{
  g_autofree char *dir = g_dir_make_tmp ("countersign-XXXXXX", NULL);
  g_autofree char *path = make_program (dir, "program");
  const char *argv[] = { path, "1000", NULL };

  g_assert_cmpint (unshare (CLONE_NEWUSER | CLONE_NEWNS), ==, 0);
  {
    g_auto (Child) child = child_start (child_run_program, argv);
    g_autoptr (Process) before = child_open (&child);
    g_autoptr (Process) after = NULL;

    g_assert_true (process_verified (before));
    g_assert_cmpint (mount ("/bin/true", path, NULL, MS_BIND, NULL), ==, 0);
    after = child_open (&child);
    g_assert_cmpstr (process_exe (after), ==, path);
    g_assert_false (process_verified (after));
    g_assert_false (process_runs (before, path));
    g_assert_cmpint (umount2 (path, MNT_DETACH), ==, 0);
  }
  g_unlink (path);
  g_rmdir (dir);
}

static gboolean
write_text (const char *path, const char *text)
{
  int fd = open (path, O_WRONLY | O_CLOEXEC);
  gboolean ok = fd >= 0 && write (fd, text, strlen (text)) == (gssize) strlen (text);

  if (fd >= 0)
    close (fd);
  return ok;
}

/* With mounts of its own, as its root. */
static gboolean
become_root_apart (void)
{
  g_autofree char *uids = g_strdup_printf ("0 %u 1", (guint) geteuid ());
  g_autofree char *gids = g_strdup_printf ("0 %u 1", (guint) getegid ());

  return unshare (CLONE_NEWUSER | CLONE_NEWNS) == 0 && write_text ("/proc/self/setgroups", "deny")
         && write_text ("/proc/self/uid_map", uids) && write_text ("/proc/self/gid_map", gids);
}

/* A file system that answers nothing. -1: there are none here. */
static int
mount_silent (const char *dir)
{
  int fd = open ("/dev/fuse", O_RDWR | O_CLOEXEC);
  g_autofree char *options
      = g_strdup_printf ("fd=%d,rootmode=40000,user_id=0,group_id=0", MAX (fd, 0));

  if (fd >= 0 && mount ("silent", dir, "fuse", 0, options) != 0)
    {
      close (fd);
      fd = -1;
    }
  return fd;
}

static gboolean
may_mount_silent (void)
{
  return become_root_apart () && mount_silent ("/mnt") >= 0;
}

static void
try_silent (void)
{
  g_autofree char *dir = g_dir_make_tmp ("countersign-XXXXXX", NULL);
  g_autofree char *path = make_program (dir, "program");
  const char *argv[] = { path, "1000", NULL };

  g_assert_true (become_root_apart ());
  {
    g_auto (Child) child = child_start (child_run_program, argv);
    g_autoptr (Process) before = child_open (&child);
    int server = mount_silent (dir);
    g_autoptr (Process) after = child_open (&child);

    g_assert_true (process_verified (before));
    g_assert_cmpstr (process_exe (after), ==, path);
    g_assert_false (process_verified (after));
    g_assert_cmpint (umount2 (dir, MNT_DETACH), ==, 0);
    close (server);
  }
  g_unlink (path);
  g_rmdir (dir);
}

static void
test_silent (void)
{
  if (!child_succeeds (may_mount_silent))
    {
      g_test_skip ("no file system of one's own (FUSE) can be mounted here");
      return;
    }
  g_test_trap_subprocess ("/process/subprocess/silent", 0, 0);
  g_test_trap_assert_passed ();
}

/* Of a mount that is in no list nobody can tell whether another program serves it. */
static void
try_unmounted (void)
{
  g_autofree char *dir = g_dir_make_tmp ("countersign-XXXXXX", NULL);
  g_autofree char *path = make_program (dir, "program");
  const char *argv[] = { path, "1000", NULL };

  g_assert_true (become_root_apart ());
  g_assert_cmpint (mount (dir, dir, NULL, MS_BIND, NULL), ==, 0);
  {
    g_auto (Child) child = child_start (child_run_program, argv);
    g_autoptr (Process) process = child_open (&child);
    int proc = process_dup_dir (process), exe = process_open_exe (proc);

    g_assert_true (process_verified (process));
    g_assert_cmpint (exe, >=, 0);
    close (exe);
    g_assert_cmpint (umount2 (dir, MNT_DETACH), ==, 0);
    g_assert_cmpint (process_open_exe (proc), ==, -1);
    g_assert_cmpint (errno, ==, ENOTSUP);
    close (proc);
  }
  g_unlink (path);
  g_rmdir (dir);
}

static void
test_unmounted (void)
{
  if (!child_succeeds (become_root_apart))
    {
      g_test_skip ("nobody may make a mount namespace here");
      return;
    }
  g_test_trap_subprocess ("/process/subprocess/unmounted", 0, 0);
  g_test_trap_assert_passed ();
}

static void
leave_mount_namespace (gconstpointer unused)
{
  static const char *const argv[] = { "/bin/sleep", "1000", NULL };

  if (unshare (CLONE_NEWUSER | CLONE_NEWNS) == 0)
    child_run_program (argv);
  _exit (1);
}

static gboolean
may_leave_mount_namespace (void)
{
  return child_become_ordinary () && unshare (CLONE_NEWUSER | CLONE_NEWNS) == 0;
}

static void
assert_other_namespace (void)
{
  g_auto (Child) child = child_start (leave_mount_namespace, NULL);
  g_autoptr (Process) process = child_open (&child);

  g_assert_false (process_verified (process));
  g_assert_false (process_runs (process, "/bin/sleep"));
  g_assert_true (process_check (process, NULL));
}

static void
try_other_namespace (void)
{
  g_assert_true (child_become_ordinary ());
  assert_other_namespace ();
}

static void
test_other_namespace (void)
{
  if (!child_succeeds (may_leave_mount_namespace))
    {
      g_test_skip ("an ordinary user may not make a mount namespace here");
      return;
    }
  g_test_trap_subprocess ("/process/subprocess/other namespace", 0, 0);
  g_test_trap_assert_passed ();
  g_test_trap_subprocess ("/process/subprocess/covered", 0, 0);
  g_test_trap_assert_passed ();
  /* Root reads what an ordinary user may not: then the namespace alone decides. */
  if (geteuid () == 0)
    assert_other_namespace ();
}

static void
hide (gconstpointer name)
{
  prctl (PR_SET_NAME, name);
  prctl (PR_SET_DUMPABLE, 0);
}

static void
try_hidden (void)
{
  g_autoptr (Process) process = NULL;
  g_autoptr (GError) gone = NULL;
  g_autofree char *name = NULL;
  g_auto (Child) child = { 0 };

  g_assert_true (child_become_ordinary ());
  child = child_start (hide, "not to be read");
  process = child_open (&child);
  name = process_name (process);
  g_assert_null (process_exe (process));
  g_assert_cmpstr (name, ==, "not to be read");
  g_assert_false (process_verified (process));
  g_assert_false (process_runs (process, "/proc/self/exe"));
  /* Its directory in /proc belongs to root. */
  g_assert_cmpuint (process_uid (process), ==, geteuid ());
  g_assert_true (process_check (process, NULL));
  child_end (&child);
  g_assert_false (process_check (process, &gone));
  g_assert_error (gone, PROCESS_ERROR, PROCESS_ERROR_GONE);
}

/* What could be read when pinned, and cannot be any more, may be anything. */
static void
try_hiding (void)
{
  g_auto (Child) child = { 0 };
  g_autoptr (Process) process = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (child_become_ordinary ());
  child = child_fork (hide, "hidden since");
  process = child_open (&child);
  g_assert_nonnull (process_exe (process));
  g_assert_true (process_check (process, NULL));
  child_go (&child);
  g_assert_false (process_check (process, &error));
  g_assert_error (error, PROCESS_ERROR, PROCESS_ERROR_CHANGED);
}

static void
test_hidden (void)
{
  if (!child_succeeds (child_become_ordinary))
    {
      g_test_skip ("root here cannot become an ordinary user (uid 65534)");
      return;
    }
  g_test_trap_subprocess ("/process/subprocess/hidden", 0, 0);
  g_test_trap_assert_passed ();
  g_test_trap_subprocess ("/process/subprocess/hiding", 0, 0);
  g_test_trap_assert_passed ();
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/process/subprocess/other namespace", try_other_namespace);
  g_test_add_func ("/process/subprocess/covered", try_covered);
  g_test_add_func ("/process/subprocess/silent", try_silent);
  g_test_add_func ("/process/subprocess/unmounted", try_unmounted);
  g_test_add_func ("/process/subprocess/hidden", try_hidden);
  g_test_add_func ("/process/subprocess/hiding", try_hiding);
  g_test_add_func ("/process/a deleted or replaced executable is unverified", test_deleted);
  g_test_add_func ("/process/a name that ends as a deleted one does is unverified",
                   test_named_deleted);
  g_test_add_func ("/process/one in another mount namespace, or covered by a mount, is unverified",
                   test_other_namespace);
  g_test_add_func (
      "/process/nobody waits for a file system that a program serves over its own file",
      test_silent);
  g_test_add_func ("/process/what runs from a mount that is gone is not read", test_unmounted);
  g_test_add_func ("/process/one that may not be read is unverified", test_hidden);
  return g_test_run ();
}
