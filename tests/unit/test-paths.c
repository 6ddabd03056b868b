/* SPDX-License-Identifier: MIT */
#include "broker/base/paths.h"
#include "tests/unit/place.h"

#include <glib/gstdio.h>
#include <pwd.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* --- XDG --- */

static void
set_variable (const char *name, const char *value)
{
  if (value != NULL)
    g_setenv (name, value, TRUE);
  else
    g_unsetenv (name);
}

static void
test_base_dirs (void)
{
  static const struct
  {
    const char *variable, *value, *home;
    char *(*dir) (void);
    const char *expected;
  } rows[] = {
    { "XDG_CONFIG_HOME", "/c", "/h", paths_config_dir, "/c/countersign" },
    { "XDG_CONFIG_HOME", "/c/", "/h", paths_config_dir, "/c/countersign" },
    { "XDG_CONFIG_HOME", NULL, "/h", paths_config_dir, "/h/.config/countersign" },
    { "XDG_CONFIG_HOME", "", "/h", paths_config_dir, "/h/.config/countersign" },
    { "XDG_CONFIG_HOME", "here", "/h", paths_config_dir, "/h/.config/countersign" },
    { "XDG_CONFIG_HOME", "./here", "/h", paths_config_dir, "/h/.config/countersign" },
    { "XDG_DATA_HOME", "/d", "/h", paths_data_dir, "/d/countersign" },
    { "XDG_DATA_HOME", NULL, "/h", paths_data_dir, "/h/.local/share/countersign" },
    { "XDG_STATE_HOME", "/s", "/h", paths_state_dir, "/s/countersign" },
    { "XDG_STATE_HOME", "../s", "/h", paths_state_dir, "/h/.local/state/countersign" },
    { "XDG_RUNTIME_DIR", "/r", "/h", paths_runtime_dir, "/r/countersign" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *dir = NULL;

      set_variable (rows[i].variable, rows[i].value);
      set_variable ("HOME", rows[i].home);
      dir = rows[i].dir ();
      g_assert_cmpstr (dir, ==, rows[i].expected);
      set_variable (rows[i].variable, NULL);
    }
}

static void
test_home (void)
{
  static const char *const homes[] = { NULL, "", "relative", "./relative" };
  const struct passwd *user = getpwuid (geteuid ());
  g_autofree char *expected = NULL;

  if (user == NULL)
    {
      g_test_skip ("this user has no entry in the user database");
      return;
    }
  expected = g_build_filename (user->pw_dir, ".config/countersign", NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (homes); i++)
    {
      g_autofree char *dir = NULL;

      set_variable ("HOME", homes[i]);
      dir = paths_config_dir ();
      g_assert_cmpstr (dir, ==, expected);
    }
}

static void
test_runtime_without_variable (void)
{
  static const char *const values[] = { NULL, "", "relative" };
  g_autofree char *run = g_strdup_printf ("/run/user/%u", geteuid ());
  g_autofree char *ours = g_build_filename (run, "countersign", NULL);
  struct stat st;
  gboolean good = lstat (run, &st) == 0 && S_ISDIR (st.st_mode) && st.st_uid == geteuid ()
                  && (st.st_mode & 07777) == 0700;

  set_variable ("HOME", "/h");
  set_variable ("XDG_STATE_HOME", NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (values); i++)
    {
      g_autofree char *dir = NULL;

      set_variable ("XDG_RUNTIME_DIR", values[i]);
      dir = paths_runtime_dir ();
      g_assert_cmpstr (dir, ==, good ? ours : "/h/.local/state/countersign/run");
    }
}

static void
test_root (void)
{
  static const struct
  {
    char *(*dir) (void);
    const char *expected;
  } rows[] = {
    { paths_config_dir, "/root/config" },
    { paths_data_dir, "/root/data" },
    { paths_state_dir, "/root/state" },
    { paths_runtime_dir, "/root/run" },
  };

  set_variable ("XDG_CONFIG_HOME", "/c");
  set_variable ("XDG_DATA_HOME", "/d");
  set_variable ("XDG_STATE_HOME", "/s");
  set_variable ("XDG_RUNTIME_DIR", "/r");
  g_assert_null (paths_root ());
  paths_set_root ("/root");
  paths_set_root (paths_root ());
  g_assert_cmpstr (paths_root (), ==, "/root");
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *dir = rows[i].dir ();

      g_assert_cmpstr (dir, ==, rows[i].expected);
    }
  paths_set_root (NULL);
}

/* --- Private directories --- */

/* A directory "d" of that mode, or what the row says instead, is at @path. */
typedef struct
{
  const char *sentence;
  enum
  {
    DIRECTORY,
    LINK,
    DANGLING,
    REGULAR,
    ABSENT,
    ANOTHERS
  } what;
  mode_t mode;
  const char *name; /* how it is asked for, below the place */
  gboolean check, make;
  const char *says; /* in the error */
} PrivateRow;

static const PrivateRow private_rows[] = {
  { "mode 0700", DIRECTORY, 0700, "d", TRUE, TRUE, NULL },
  { "a slash at the end", DIRECTORY, 0700, "d//", TRUE, TRUE, NULL },
  { "less than 0700", DIRECTORY, 0500, "d", TRUE, TRUE, NULL },
  { "group may write", DIRECTORY, 0720, "d", FALSE, FALSE, "(mode 0720)" },
  { "group may enter", DIRECTORY, 0710, "d", FALSE, FALSE, "chmod 700" },
  { "others may read", DIRECTORY, 0704, "d", FALSE, FALSE, "(mode 0704)" },
  { "sticky and open", DIRECTORY, 01777, "d", FALSE, FALSE, "(mode 1777)" },
  { "a symbolic link", LINK, 0, "d", FALSE, FALSE, "is a symbolic link" },
  { "a symbolic link, with a slash", LINK, 0, "d/", FALSE, FALSE, "is a symbolic link" },
  { "a symbolic link, with a dot", LINK, 0, "d/.", FALSE, FALSE, "must end with the name" },
  { "two dots", DIRECTORY, 0700, "d/..", FALSE, FALSE, "must end with the name" },
  { "a link to nothing", DANGLING, 0, "d", FALSE, FALSE, "d" },
  { "a file", REGULAR, 0600, "d", FALSE, FALSE, "ot a directory" },
  { "missing", ABSENT, 0, "d", FALSE, TRUE, "does not exist" },
  { "missing, and parents too", ABSENT, 0, "a/b/c", FALSE, TRUE, "does not exist" },
  { "another's", ANOTHERS, 0700, "d", FALSE, FALSE, "belongs to user" },
};

static void
set_up (const PrivateRow *row, const char *path, const char *target)
{
  switch (row->what)
    {
    case DIRECTORY:
    case ANOTHERS:
      g_assert_cmpint (g_mkdir (path, 0700), ==, 0);
      g_assert_cmpint (g_chmod (path, row->mode), ==, 0);
      if (row->what == ANOTHERS)
        g_assert_cmpint (chown (path, 65534, 65534), ==, 0);
      break;
    case LINK:
      g_assert_cmpint (g_mkdir (target, 0700), ==, 0);
      g_assert_cmpint (symlink (target, path), ==, 0);
      break;
    case DANGLING:
      g_assert_cmpint (symlink (target, path), ==, 0);
      break;
    case REGULAR:
      g_assert_true (g_file_set_contents (path, "", 0, NULL));
      break;
    case ABSENT:
      break;
    }
}

static void
assert_refused (const GError *error, const PrivateRow *row)
{
  g_assert_nonnull (error);
  g_assert_cmpint (error->domain, ==, G_FILE_ERROR);
  g_assert_nonnull (strstr (error->message, row->says));
}

static void
test_private (Place *place, gconstpointer data)
{
  const PrivateRow *row = data;
  g_autofree char *path = g_build_filename (place->top, "d", NULL);
  g_autofree char *target = g_build_filename (place->top, "target", NULL);
  g_autofree char *asked = g_strconcat (place->top, "/", row->name, NULL);
  g_autoptr (GError) check = NULL, make = NULL;
  struct stat st;

  if (row->what == ANOTHERS && geteuid () != 0)
    {
      g_test_skip ("an ordinary user cannot make a directory of another");
      return;
    }
  set_up (row, path, target);
  g_assert_cmpint (paths_check_private (asked, &check), ==, row->check);
  if (!row->check)
    assert_refused (check, row);
  g_assert_cmpint (paths_make_private (asked, &make), ==, row->make);
  if (!row->make)
    assert_refused (make, row);
  else
    {
      g_assert_cmpint (stat (asked, &st), ==, 0);
      g_assert_cmpint (st.st_mode & 077, ==, 0);
      g_assert_true (paths_check_private (asked, NULL));
    }
  /* What is wrong is told, never put right behind the person's back. */
  if (row->what == DIRECTORY)
    g_assert_true (stat (path, &st) == 0 && (st.st_mode & 07777) == row->mode);
  if (row->what == DANGLING)
    g_assert_false (g_file_test (target, G_FILE_TEST_EXISTS));
}

static void
test_parents (Place *place, gconstpointer unused)
{
  static const char *const made[] = { "a", "a/b", "a/b/c" };
  g_autofree char *path = g_build_filename (place->top, "a/b/c", NULL);
  mode_t before = umask (0);

  g_assert_true (paths_make_private (path, NULL));
  umask (before);
  for (gsize i = 0; i < G_N_ELEMENTS (made); i++)
    {
      g_autofree char *each = g_build_filename (place->top, made[i], NULL);
      struct stat st;

      g_assert_cmpint (stat (each, &st), ==, 0);
      g_assert_cmpint (st.st_mode & 07777, ==, 0700);
    }
}

static void
test_empty (void)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (paths_make_private ("", &error));
  g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_INVAL);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/paths/base directories are XDG's, relative ones ignored", test_base_dirs);
  g_test_add_func ("/paths/without a good HOME the user database says where home is", test_home);
  g_test_add_func ("/paths/without a runtime directory ours is below the state",
                   test_runtime_without_variable);
  g_test_add_func ("/paths/with a root of our own the environment says nothing", test_root);
  g_test_add_func ("/paths/no name is no directory", test_empty);
  g_test_add ("/paths/parents are made private too, whatever the umask", Place, NULL, place_make,
              test_parents, place_clear);
  for (gsize i = 0; i < G_N_ELEMENTS (private_rows); i++)
    {
      g_autofree char *name = g_strconcat ("/paths/private/", private_rows[i].sentence, NULL);
      g_test_add (name, Place, &private_rows[i], place_make, test_private, place_clear);
    }
  return g_test_run ();
}
