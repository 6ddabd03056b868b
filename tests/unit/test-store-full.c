/* SPDX-License-Identifier: MIT
 *
 * A disk that is full: writes fail and say so, nothing that was confirmed is lost, and the store
 * opens again. Each way of filling it is tried in a process of its own, which is this program
 * again.
 */
#include "tests/unit/store-fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/table.h"

#define EXIT_SKIPPED 77
/* Too little for the large values here, enough for the small ones. */
#define ROOM 100000

/* --- Two disks that can be filled --- */

static gboolean
write_proc (const char *path, const char *text)
{
  int fd = open (path, O_WRONLY | O_CLOEXEC);
  gboolean written = fd >= 0 && write (fd, text, strlen (text)) == (ssize_t) strlen (text);

  if (fd >= 0)
    close (fd);
  return written;
}

/* Root mounts at once; others in a user namespace, where they stay who they are. */
static gboolean
may_mount (void)
{
  g_autofree char *uids = g_strdup_printf ("%u %u 1", geteuid (), geteuid ());
  g_autofree char *gids = g_strdup_printf ("%u %u 1", getegid (), getegid ());

  if (unshare (CLONE_NEWNS) == 0)
    return TRUE;
  return unshare (CLONE_NEWUSER | CLONE_NEWNS) == 0 && write_proc ("/proc/self/setgroups", "deny")
         && write_proc ("/proc/self/uid_map", uids) && write_proc ("/proc/self/gid_map", gids);
}

/* A small one of our own: what is written to it fails with ENOSPC. */
static void
small_disk_prepare (const char *dir)
{
  if (!may_mount () || mount (NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0
      || mount ("small", dir, "tmpfs", 0, "size=2m,mode=0700") != 0)
    {
      printf ("no small disk can be mounted: %s\n", g_strerror (errno));
      exit (EXIT_SKIPPED);
    }
}

static char *
filler (const Fixture *f)
{
  return g_build_filename (f->dir, "filler", NULL);
}

static void
small_disk_fill (const Fixture *f)
{
  static const char block[512];
  g_autofree char *path = filler (f);
  int fd = open (path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

  g_assert_cmpint (fd, >=, 0);
  while (write (fd, block, sizeof block) > 0)
    ;
  g_assert_cmpint (errno, ==, ENOSPC);
  close (fd);
}

static void
small_disk_empty (const Fixture *f)
{
  g_autofree char *path = filler (f);

  g_assert_cmpint (g_unlink (path), ==, 0);
}

/* A limit on the size of files: each write beyond it fails with EFBIG, which SQLite takes for a
 * broken disk. */
static void
limit_prepare (const char *dir)
{
  signal (SIGXFSZ, SIG_IGN);
}

static void
limit_set (rlim_t max)
{
  struct rlimit limit;

  g_assert_cmpint (getrlimit (RLIMIT_FSIZE, &limit), ==, 0);
  limit.rlim_cur = max;
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &limit), ==, 0);
}

static void
limit_fill (const Fixture *f)
{
  g_autofree char *log = g_strconcat (f->path, "-wal", NULL);
  struct stat st;

  g_assert_cmpint (stat (log, &st), ==, 0);
  limit_set ((rlim_t) st.st_size + ROOM);
}

static void
limit_empty (const Fixture *f)
{
  struct rlimit limit;

  g_assert_cmpint (getrlimit (RLIMIT_FSIZE, &limit), ==, 0);
  limit_set (limit.rlim_max);
}

static const struct
{
  const char *sentence;
  void (*prepare) (const char *dir);
  void (*fill) (const Fixture *f);
  void (*empty) (const Fixture *f);
} disks[] = {
  { "a disk without room", small_disk_prepare, small_disk_fill, small_disk_empty },
  { "a disk that fails", limit_prepare, limit_fill, limit_empty },
};

/* --- What is done on each --- */

static void
assert_failed (GError **error)
{
  g_assert_error (*error, STORE_ERROR, STORE_ERROR_FAILED);
  g_clear_error (error);
}

/* One transaction, too large to be kept in memory until its end: SQLite gives it up in the middle,
 * and what comes behind must not be written alone. */
static void
write_together (Fixture *f)
{
  g_autofree char *text = g_strnfill (SECRET_MAX, 'x');
  g_autoptr (Secret) small = fixture_secret ("new"), large = fixture_secret (text);
  Outcome outcomes[5] = { 0 };

  fixture_hold (f);
  store_set (f->store, "FIRST", small, NULL, STORE_SET_NEW, outcome_done, &outcomes[0]);
  store_set (f->store, "LARGE", large, NULL, STORE_SET_NEW, outcome_done, &outcomes[1]);
  store_set (f->store, "LARGER", large, NULL, STORE_SET_NEW, outcome_done, &outcomes[2]);
  store_set (f->store, "LAST", small, NULL, STORE_SET_NEW, outcome_done, &outcomes[3]);
  store_remove (f->store, "KEPT", outcome_done, &outcomes[4]);
  fixture_release (f);
  writer_drain (f->writer);
  for (gsize i = 0; i < G_N_ELEMENTS (outcomes); i++)
    {
      g_assert_true (outcomes[i].called);
      g_assert_nonnull (outcomes[i].error);
      g_assert_null (strstr (outcomes[i].error->message, "no transaction"));
      assert_failed (&outcomes[i].error);
    }
  g_assert_cmpuint (store_count (f->store), ==, 2);
}

static void
write_one (Fixture *f, const char *name)
{
  g_autofree char *text = g_strnfill (200000, 'y');
  g_autoptr (GError) error = NULL;

  g_assert_false (fixture_set (f, name, text, STORE_SET_ANY, &error));
  assert_failed (&error);
}

static void
change_passphrase (Fixture *f)
{
  g_autoptr (Secret) passphrase = fixture_secret (PASSPHRASE), fresh = fixture_secret ("fresh");
  g_autoptr (GError) error = NULL;

  /* There is one that was put in while there was room, and is too long to be wrapped anew now. */
  g_assert_false (store_change_passphrase (f->store, passphrase, fresh, &error));
  assert_failed (&error);
}

static void
put_long_wrapped (Fixture *f)
{
  g_autoptr (Secret) key = secret_new (262144, NULL);
  g_autoptr (GError) error = NULL;

  store_put_wrapped (f->store, CRYPT_LABEL_AUDIT, key, &error);
  g_assert_no_error (error);
}

static void
scenario (gsize disk, const char *dir)
{
  Fixture f;

  disks[disk].prepare (dir);
  fixture_init_at (&f, dir);
  fixture_create (&f);
  put_long_wrapped (&f);
  fixture_must_set (&f, "KEPT", "kept");
  fixture_must_set (&f, "UPDATED", "before");

  disks[disk].fill (&f);
  write_one (&f, "UPDATED");
  change_passphrase (&f);
  write_one (&f, "UPDATED");
  fixture_assert_value (&f, "KEPT", "kept");
  fixture_assert_value (&f, "UPDATED", "before");
  g_assert_cmpuint (store_find (f.store, "UPDATED")->version, ==, 1);

  /* Closed as it is, and opened when there is room again. */
  fixture_close (&f);
  disks[disk].empty (&f);
  fixture_reopen (&f);
  fixture_assert_value (&f, "KEPT", "kept");
  fixture_assert_value (&f, "UPDATED", "before");
  fixture_must_set (&f, "UPDATED", "after");
  fixture_assert_value (&f, "UPDATED", "after");

  /* And without being closed in between. */
  disks[disk].fill (&f);
  write_together (&f);
  disks[disk].empty (&f);
  fixture_must_set (&f, "LATER", "later");
  fixture_reopen (&f);
  g_assert_cmpuint (store_count (f.store), ==, 3);
  fixture_assert_value (&f, "KEPT", "kept");
  fixture_assert_value (&f, "LATER", "later");
  fixture_clear (&f);
}

static void
test_disk (gconstpointer data)
{
  typeof (&disks[0]) row = data;
  g_autofree char *number = g_strdup_printf ("%d", (int) (row - disks));
  g_autofree char *dir = g_dir_make_tmp ("countersign-full-XXXXXX", NULL);
  const char *const argv[] = { "/proc/self/exe", "--disk", number, dir, NULL };
  g_autofree char *out = NULL, *err = NULL;
  g_autoptr (GError) error = NULL;
  int status;

  g_assert_true (g_spawn_sync (NULL, (char **) argv, NULL, G_SPAWN_DEFAULT, NULL, NULL, &out, &err,
                               &status, &error));
  g_rmdir (dir);
  if (WIFEXITED (status) && WEXITSTATUS (status) == EXIT_SKIPPED)
    {
      g_test_skip (g_strchomp (out));
      return;
    }
  if (!g_spawn_check_wait_status (status, &error))
    g_test_message ("%s", err);
  g_assert_no_error (error);
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;

  if (!secret_init (&error))
    g_error ("%s", error->message);
  if (argc == 4 && strcmp (argv[1], "--disk") == 0)
    {
      scenario ((gsize) g_ascii_strtoull (argv[2], NULL, 10), argv[3]);
      return 0;
    }
  g_test_init (&argc, &argv, NULL);
  ADD_TABLE ("/store/full/nothing is lost on ", disks, test_disk);
  return g_test_run ();
}
