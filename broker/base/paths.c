/* SPDX-License-Identifier: MIT
 *
 * MUST
 *  - find our programs from where the running one is, never from PATH or another variable: whoever
 *    starts us sets those
 *  - look into a build tree only from a program that is in one, and not where programs are
 * installed
 *  - judge a directory by its open descriptor, never by following a symbolic link in its place
 */
#include "broker/base/paths.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pwd.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define OURS "countersign"

static const struct
{
  const char *name;
  const char *installed; /* below the prefix */
  const char *built;     /* below the build tree */
} programs[] = {
  { "countersign", COUNTERSIGN_BINDIR, "broker/cli" },
  { "countersign-mcp", COUNTERSIGN_BINDIR, "mcp" },
  { "countersign-mcp-http", COUNTERSIGN_LIBEXECDIR, "mcp/http" },
  { "countersignd", COUNTERSIGN_LIBEXECDIR, "broker" },
  { "countersign-approve", COUNTERSIGN_LIBEXECDIR, "approve-ui/dialog" },
  { "countersign-audit-export", COUNTERSIGN_LIBEXECDIR, "broker/sink" },
  { "countersign-worker-http", COUNTERSIGN_LIBEXECDIR, "broker/worker" },
  { "countersign-worker-exec", COUNTERSIGN_LIBEXECDIR, "broker/worker" },
};

/* Where a program of a build tree may be when it looks for the others. */
static const char *const built_in[]
    = { "broker/cli",        "mcp",        "mcp/http",   "broker",     "broker/worker",
        "approve-ui/dialog", "tests/unit", "tests/fuzz", "tests/bench" };

static char *state_root;

void
paths_set_root (const char *dir)
{
  char *before = state_root; /* which may be @dir */

  state_root = g_strdup (dir);
  g_free (before);
}

const char *
paths_root (void)
{
  return state_root;
}

static char *
home_dir (void)
{
  const char *home = g_getenv ("HOME");
  const struct passwd *user;

  if (home != NULL && g_path_is_absolute (home))
    return g_strdup (home);
  user = getpwuid (geteuid ());
  return g_strdup (user != NULL ? user->pw_dir : "/");
}

static char *
base_dir (const char *variable, const char *otherwise, const char *below_root)
{
  const char *value = g_getenv (variable);
  g_autofree char *home = NULL;

  if (state_root != NULL)
    return g_build_filename (state_root, below_root, NULL);
  if (value != NULL && g_path_is_absolute (value))
    return g_build_filename (value, OURS, NULL);
  home = home_dir ();
  return g_build_filename (home, otherwise, OURS, NULL);
}

char *
paths_config_dir (void)
{
  return base_dir ("XDG_CONFIG_HOME", ".config", "config");
}

char *
paths_data_dir (void)
{
  return base_dir ("XDG_DATA_HOME", ".local/share", "data");
}

char *
paths_state_dir (void)
{
  return base_dir ("XDG_STATE_HOME", ".local/state", "state");
}

char *
paths_cache_dir (void)
{
  return base_dir ("XDG_CACHE_HOME", ".cache", "cache");
}

char *
paths_runtime_dir (void)
{
  const char *value = g_getenv ("XDG_RUNTIME_DIR");
  g_autofree char *run = NULL, *state = NULL;

  if (state_root != NULL)
    return g_build_filename (state_root, "run", NULL);
  if (value != NULL && g_path_is_absolute (value))
    return g_build_filename (value, OURS, NULL);
  run = g_strdup_printf ("/run/user/%u", geteuid ());
  if (paths_check_private (run, NULL))
    return g_build_filename (run, OURS, NULL);
  state = paths_state_dir ();
  return g_build_filename (state, "run", NULL);
}

static char *
file_in (char *dir, const char *name)
{
  g_autofree char *owned = dir;
  return g_build_filename (owned, name, NULL);
}

char *
paths_store_file (void)
{
  g_autofree char *in_memory = file_in (paths_runtime_dir (), "store.db");

  return g_file_test (in_memory, G_FILE_TEST_EXISTS) ? g_steal_pointer (&in_memory)
                                                     : file_in (paths_data_dir (), "store.db");
}

char *
paths_audit_dir (void)
{
  g_autofree char *in_memory = file_in (paths_runtime_dir (), "store.db");

  return file_in (g_file_test (in_memory, G_FILE_TEST_EXISTS) ? paths_runtime_dir ()
                                                              : paths_state_dir (),
                  "audit");
}

/* "dir/" and "dir/." name what a symbolic link "dir" points to, and O_NOFOLLOW would not see the
 * link: slashes are cut off, dots refused. */
static char *
last_name_bare (const char *dir, GError **error)
{
  g_autofree char *bare = g_strdup (dir);
  g_autofree char *name = NULL;

  for (gsize len = strlen (bare); len > 1 && bare[len - 1] == '/'; len--)
    bare[len - 1] = '\0';
  name = g_path_get_basename (bare);
  if (*dir != '\0' && !g_str_equal (name, ".") && !g_str_equal (name, ".."))
    return g_steal_pointer (&bare);
  g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_INVAL,
               "\"%s\" must end with the name of a directory", dir);
  return NULL;
}

static gboolean
set_open_error (const char *dir, int number, GError **error)
{
  struct stat st;

  /* Only for the wording: it is refused in any case. */
  if (number == ENOTDIR && lstat (dir, &st) == 0 && S_ISLNK (st.st_mode))
    g_set_error (
        error, G_FILE_ERROR, G_FILE_ERROR_LOOP,
        "%s is a symbolic link; put a directory in its place, or name the one it points to", dir);
  else if (number == ENOTDIR)
    g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_NOTDIR,
                 "%s is not a directory; remove it, or choose another place", dir);
  else if (number == ENOENT)
    g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_NOENT,
                 "%s does not exist; make it with mode 0700", dir);
  else
    g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (number), "%s: %s", dir,
                 g_strerror (number));
  return FALSE;
}

static gboolean
judge (const char *dir, const struct stat *st, GError **error)
{
  if (st->st_uid != geteuid ())
    g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_PERM,
                 "%s belongs to user %u, not to user %u; remove it, or choose another directory",
                 dir, st->st_uid, geteuid ());
  else if ((st->st_mode & 077) != 0)
    g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_PERM,
                 "%s is open to group or others (mode %04o); see what is in it, then: chmod 700 %s",
                 dir, st->st_mode & 07777, dir);
  else
    return TRUE;
  return FALSE;
}

gboolean
paths_check_private (const char *dir, GError **error)
{
  g_autofree char *bare = last_name_bare (dir, error);
  struct stat st;
  int fd;

  if (bare == NULL)
    return FALSE;
  fd = open (bare, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (fd < 0)
    return set_open_error (bare, errno, error);
  if (fstat (fd, &st) != 0)
    {
      set_open_error (bare, errno, error);
      close (fd);
      return FALSE;
    }
  close (fd);
  return judge (bare, &st, error);
}

gboolean
paths_make_private (const char *dir, GError **error)
{
  g_autofree char *bare = last_name_bare (dir, error);

  if (bare == NULL)
    return FALSE;
  if (g_mkdir_with_parents (bare, 0700) != 0)
    {
      int number = errno;
      g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (number), "cannot make %s: %s",
                   bare, g_strerror (number));
      return FALSE;
    }
  return paths_check_private (bare, error);
}

/* @dir without "/@suffix" at its end, or NULL. */
static char *
without_suffix (const char *dir, const char *suffix)
{
  gsize len = strlen (dir), cut = strlen (suffix) + 1;

  if (len < cut || dir[len - cut] != '/' || !g_str_equal (dir + len - cut + 1, suffix))
    return NULL;
  return g_strndup (dir, len - cut);
}

/* The directory of the running program. When its file was replaced meanwhile (an upgrade) the
 * kernel adds " (deleted)" to the name, which is not part of the directory. */
static char *
own_dir (GError **error)
{
  char path[PATH_MAX];
  gssize len = readlink ("/proc/self/exe", path, sizeof path - 1);

  if (len <= 0)
    {
      int number = errno;
      g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (number),
                   "cannot read /proc/self/exe: %s", g_strerror (number));
      return NULL;
    }
  path[len] = '\0';
  return g_path_get_dirname (path);
}

static char *
installed_prefix (const char *dir)
{
  char *prefix = without_suffix (dir, COUNTERSIGN_BINDIR);

  return prefix != NULL ? prefix : without_suffix (dir, COUNTERSIGN_LIBEXECDIR);
}

/* The build tree that @dir is in, known by what meson leaves at its top. */
static char *
build_root (const char *dir)
{
  for (gsize i = 0; i < G_N_ELEMENTS (built_in); i++)
    {
      g_autofree char *root = without_suffix (dir, built_in[i]);
      g_autofree char *mark
          = root != NULL ? g_build_filename (root, "meson-private", "coredata.dat", NULL) : NULL;

      if (mark != NULL && g_file_test (mark, G_FILE_TEST_EXISTS))
        return g_steal_pointer (&root);
    }
  return NULL;
}

/* @name below <prefix>/@installed, or below <build tree>/@built; it must pass @test there. */
static char *
find (const char *installed, const char *built, const char *name, GFileTest test, GError **error)
{
  g_autofree char *dir = own_dir (error);
  g_autofree char *top = NULL, *path = NULL;

  if (dir == NULL)
    return NULL;
  top = installed_prefix (dir);
  if (top == NULL && (top = build_root (dir)) != NULL)
    installed = built;
  if (top == NULL)
    {
      g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_NOENT,
                   "this program is in %s, which is neither \"%s\" nor \"%s\" of an installation: "
                   "install it with `meson install`",
                   dir, COUNTERSIGN_BINDIR, COUNTERSIGN_LIBEXECDIR);
      return NULL;
    }
  path = g_strconcat (top, "/", installed, "/", name, NULL);
  if (g_file_test (path, test))
    return g_steal_pointer (&path);
  g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_NOENT,
               "%s is not there: install all of countersign in one place", path);
  return NULL;
}

char *
paths_program (const char *name, GError **error)
{
  for (gsize i = 0; i < G_N_ELEMENTS (programs); i++)
    if (g_str_equal (name, programs[i].name))
      return find (programs[i].installed, programs[i].built, name, G_FILE_TEST_IS_EXECUTABLE,
                   error);
  g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_NOENT, "\"%s\" is not a program of countersign",
               name);
  return NULL;
}

char *
paths_data_file (const char *name, GError **error)
{
  return find (COUNTERSIGN_DATADIR, "data", name, G_FILE_TEST_IS_REGULAR, error);
}

char *
paths_data_folder (const char *name, GError **error)
{
  return find (COUNTERSIGN_DATADIR, "data", name, G_FILE_TEST_IS_DIR, error);
}

char *
paths_locale_dir (void)
{
  return find (COUNTERSIGN_LOCALEDIR, "data/po", "", G_FILE_TEST_IS_DIR, NULL);
}

char *
paths_prefix (void)
{
  g_autofree char *dir = own_dir (NULL);

  return dir != NULL ? installed_prefix (dir) : NULL;
}
