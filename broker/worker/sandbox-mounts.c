/* SPDX-License-Identifier: MIT */
#include "broker/worker/sandbox-mounts.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Empty in there, and thrown away with it. Held in memory, so bounded. */
static const struct
{
  const char *path, *size, *mode;
} emptied[] = {
  { "/tmp", "1073741824", "1777" },
  { "/var/tmp", "1073741824", "1777" },
  { "/dev/shm", "1073741824", "1777" },
  { "/run", "268435456", "0755" },
};

/* The kernel's, and made anew in there: nobody can be given a part of the real ones. */
static const char *const kernels[] = { "/proc", "/sys", "/dev", "/run/user" };

static gboolean
is_below (const char *path, const char *dir)
{
  gsize len = strcmp (dir, "/") == 0 ? 0 : strlen (dir);

  return strncmp (path, dir, len) == 0 && (path[len] == '/' || path[len] == '\0');
}

static gboolean
is_emptied (const char *path)
{
  for (gsize i = 0; i < G_N_ELEMENTS (emptied); i++)
    if (is_below (path, emptied[i].path))
      return TRUE;
  return FALSE;
}

/* --- Paths --- */

G_DEFINE_QUARK (countersign_sandbox_error, sandbox_error)

void
sandbox_paths_free (SandboxPaths *paths)
{
  if (paths == NULL)
    return;
  g_free (paths->program);
  g_free (paths->work_dir);
  g_ptr_array_unref (paths->write);
  g_ptr_array_unref (paths->hide);
  g_free (paths);
}

static char *
real_path (const char *field, const char *path, GError **error)
{
  char *real = *path == '/' ? realpath (path, NULL) : NULL;
  const char *why = *path == '/' ? g_strerror (errno) : "must be absolute";

  if (real == NULL)
    g_set_error (error, SANDBOX_ERROR, SANDBOX_ERROR_FIELD, "%s: %s: %s", field, path, why);
  return real;
}

static gboolean
is_hidden (const SandboxPaths *paths, const char *path)
{
  for (guint i = 0; i < paths->hide->len; i++)
    if (is_below (path, g_ptr_array_index (paths->hide, i)))
      return TRUE;
  return FALSE;
}

/* What the broker approved is what is shown; a link in the path would lead elsewhere. */
static char *
path_as_shown (const char *field, const char *path, GError **error)
{
  g_autofree char *real = real_path (field, path, error);

  if (real != NULL && strcmp (real, path) != 0)
    {
      g_set_error (error, SANDBOX_ERROR, SANDBOX_ERROR_FIELD, "%s: %s leads to %s: name that one",
                   field, path, real);
      return NULL;
    }
  return g_steal_pointer (&real);
}

static gboolean
add_writable (SandboxPaths *paths, const char *path, GError **error)
{
  g_autofree char *real = path_as_shown ("write", path, error);
  const char *undone = NULL;

  if (real == NULL)
    return FALSE;
  /* Shared memory is a folder for what is temporary that lies among devices. */
  for (gsize i = 0; i < G_N_ELEMENTS (kernels) && !g_str_has_prefix (real, "/dev/shm/"); i++)
    if (is_below (real, kernels[i]) || is_below (kernels[i], real))
      undone = kernels[i];
  if (undone != NULL || is_hidden (paths, real))
    {
      g_set_error (error, SANDBOX_ERROR, SANDBOX_ERROR_FIELD,
                   "write: %s cannot be made writable for a command: it holds or belongs to %s",
                   path, undone != NULL ? undone : "what is hidden from it");
      return FALSE;
    }
  g_ptr_array_add (paths->write, g_steal_pointer (&real));
  return TRUE;
}

/* What is not there cannot be seen either; and in a folder that is covered there is nothing left to
 * cover, nor a place to do it. */
static void
add_hide (SandboxPaths *paths, const char *path)
{
  g_autofree char *real = realpath (path, NULL);

  if (real == NULL || is_hidden (paths, real))
    return;
  for (guint i = paths->hide->len; i > 0; i--)
    if (is_below (g_ptr_array_index (paths->hide, i - 1), real))
      g_ptr_array_remove_index (paths->hide, i - 1);
  g_ptr_array_add (paths->hide, g_steal_pointer (&real));
}

static gboolean
fill_paths (SandboxPaths *paths, const SandboxCommand *command, GError **error)
{
  for (gsize i = 0; command->hide != NULL && command->hide[i] != NULL; i++)
    add_hide (paths, command->hide[i]);
  paths->program = real_path ("program", command->program, error);
  paths->work_dir
      = paths->program != NULL
            ? path_as_shown ("work_dir", command->work_dir != NULL ? command->work_dir : "/", error)
            : NULL;
  if (paths->work_dir == NULL)
    return FALSE;
  if (is_hidden (paths, paths->work_dir) || is_below (paths->work_dir, "/run/user"))
    {
      g_set_error (error, SANDBOX_ERROR, SANDBOX_ERROR_FIELD,
                   "work_dir: %s is hidden from commands", paths->work_dir);
      return FALSE;
    }
  for (gsize i = 0; command->write != NULL && command->write[i] != NULL; i++)
    if (!add_writable (paths, command->write[i], error))
      return FALSE;
  return TRUE;
}

SandboxPaths *
sandbox_paths_new (const SandboxCommand *command, GError **error)
{
  g_autoptr (SandboxPaths) paths = g_new0 (SandboxPaths, 1);

  paths->write = g_ptr_array_new_with_free_func (free);
  paths->hide = g_ptr_array_new_with_free_func (free);
  return fill_paths (paths, command, error) ? g_steal_pointer (&paths) : NULL;
}

gboolean
sandbox_check_write (const char *const *write, const char *const *hide, GError **error)
{
  const SandboxCommand command = { .program = "/", .write = write, .hide = hide };
  g_autoptr (SandboxPaths) paths = sandbox_paths_new (&command, error);

  return paths != NULL;
}

gboolean
sandbox_paths_check_apart (const SandboxPaths *paths, GError **error)
{
  for (guint i = 0; i < paths->hide->len; i++)
    for (guint j = 0; j < paths->write->len; j++)
      if (is_below (g_ptr_array_index (paths->hide, i), g_ptr_array_index (paths->write, j)))
        {
          g_set_error (error, SANDBOX_ERROR, SANDBOX_ERROR_FIELD,
                       "write: %s holds what is hidden from commands, and without user namespaces "
                       "the two cannot be kept apart: name what is below it",
                       (const char *) g_ptr_array_index (paths->write, j));
          return FALSE;
        }
  return TRUE;
}

/* --- Arguments --- */

static void
add (GPtrArray *args, const char *option, const char *first, const char *second)
{
  g_ptr_array_add (args, g_strdup (option));
  if (first != NULL)
    g_ptr_array_add (args, g_strdup (first));
  if (second != NULL)
    g_ptr_array_add (args, g_strdup (second));
}

static void
add_emptied (GPtrArray *args)
{
  struct stat st;

  for (gsize i = 0; i < G_N_ELEMENTS (emptied); i++)
    if (lstat (emptied[i].path, &st) == 0 && S_ISDIR (st.st_mode))
      {
        add (args, "--perms", emptied[i].mode, NULL);
        add (args, "--size", emptied[i].size, NULL);
        add (args, "--tmpfs", emptied[i].path, NULL);
      }
}

/* Those that lie in an emptied folder come after it was emptied, the others before. */
static void
add_writables (GPtrArray *args, const SandboxPaths *paths, gboolean in_emptied)
{
  for (guint i = 0; i < paths->write->len; i++)
    {
      const char *path = g_ptr_array_index (paths->write, i);
      if (is_emptied (path) == in_emptied)
        add (args, "--bind", path, path);
    }
}

static void
add_hidden (GPtrArray *args, const char *path)
{
  struct stat st;

  if (lstat (path, &st) != 0)
    return;
  if (S_ISDIR (st.st_mode))
    {
      add (args, "--perms", "0500", NULL);
      add (args, "--tmpfs", path, NULL);
      add (args, "--remount-ro", path, NULL);
    }
  else
    add (args, "--ro-bind", "/dev/null", path);
}

/* Is there in the sandbox, so that it has to be covered. */
static gboolean
is_seen (const SandboxPaths *paths, const char *path)
{
  if (!is_emptied (path))
    return TRUE;
  for (guint i = 0; i < paths->write->len; i++)
    if (is_below (path, g_ptr_array_index (paths->write, i)))
      return TRUE;
  return is_below (path, paths->work_dir);
}

static void
hide_all (GPtrArray *args, const SandboxPaths *paths)
{
  for (guint i = 0; i < paths->hide->len; i++)
    if (is_seen (paths, g_ptr_array_index (paths->hide, i)))
      add_hidden (args, g_ptr_array_index (paths->hide, i));
}

/* A socket on a read-only file system can be connected to: those of an ssh-agent, of Docker, of a
 * password manager in the person's home would be ways out. All that is bound is covered; what will
 * be bound later, in a folder that is seen, is not. */
static void
hide_sockets (GPtrArray *args, const SandboxPaths *paths)
{
  g_autofree char *text = NULL;
  g_autoptr (GHashTable) done = g_hash_table_new (g_str_hash, g_str_equal);

  if (!g_file_get_contents ("/proc/net/unix", &text, NULL, NULL))
    return;
  for (char *line = strtok (text, "\n"); line != NULL; line = strtok (NULL, "\n"))
    {
      char *path = strstr (line, " /");
      g_autofree char *real = path != NULL ? realpath (path + 1, NULL) : NULL;
      struct stat st;

      if (real == NULL || lstat (real, &st) != 0 || !S_ISSOCK (st.st_mode)
          || is_hidden (paths, real) || !is_seen (paths, real)
          || !g_hash_table_add (done, path + 1))
        continue;
      add (args, "--ro-bind", "/dev/null", real);
    }
}

/* bubblewrap's own /dev has pseudo-terminals, for which it goes through a user namespace more: in
 * there, a port below 1024 of the network namespace could not be had. */
static void
add_devices (GPtrArray *args, gboolean listens)
{
  static const char *const devices[]
      = { "/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", "/dev/tty" };
  static const char *const links[][2] = { { "/proc/self/fd", "/dev/fd" },
                                          { "/proc/self/fd/0", "/dev/stdin" },
                                          { "/proc/self/fd/1", "/dev/stdout" },
                                          { "/proc/self/fd/2", "/dev/stderr" } };

  if (!listens)
    {
      add (args, "--dev", "/dev", NULL);
      return;
    }
  add (args, "--tmpfs", "/dev", NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (devices); i++)
    add (args, "--dev-bind", devices[i], devices[i]);
  for (gsize i = 0; i < G_N_ELEMENTS (links); i++)
    add (args, "--symlink", links[i][0], links[i][1]);
  add (args, "--dir", "/dev/shm", NULL);
}

void
sandbox_add_mounts (GPtrArray *args, const SandboxPaths *paths, const char *inner, int hosts)
{
  add (args, "--ro-bind", "/", "/");
  add_writables (args, paths, FALSE);
  add_devices (args, hosts >= 0);
  add (args, "--proc", "/proc", NULL);
  add_emptied (args);
  if (is_emptied (paths->work_dir))
    add (args, "--ro-bind", paths->work_dir, paths->work_dir);
  add_writables (args, paths, TRUE);
  if (is_emptied (paths->program))
    add (args, "--ro-bind", paths->program, paths->program);
  add (args, "--ro-bind", inner, SANDBOX_INNER);
  if (hosts >= 0)
    {
      g_autofree char *number = g_strdup_printf ("%d", hosts);
      add (args, "--ro-bind-data", number, "/etc/hosts");
    }
  hide_all (args, paths);
  hide_sockets (args, paths);
}
