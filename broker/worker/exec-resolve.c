/* SPDX-License-Identifier: MIT */
#include "broker/worker/exec-resolve.h"

#include <errno.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "broker/worker/sandbox-mounts.h"
#include "broker/worker/sandbox.h"

/* Not of anyone's choosing: what a name means must not depend on who asks. */
#define PATH "/usr/local/bin:/usr/bin:/bin"

const WireField exec_resolve_fields[EXEC_RESOLVE_FIELDS] = {
  { "command", WIRE_ARRAY, TRUE, 1, 4096, "the program, and its arguments" },
  { "work_dir", WIRE_STRING, TRUE, 1, 4096, "directory to run in" },
  { "write", WIRE_STRINGS, TRUE, 0, 64, "paths that may be written" },
};

/* What @error begins with is a reason for programs. */
typedef struct
{
  const char *reason;
  char *message;
} Fault;

static gboolean G_GNUC_PRINTF (3, 4)
    fail (Fault *fault, const char *reason, const char *format, ...)
{
  va_list args;

  va_start (args, format);
  fault->reason = reason;
  fault->message = g_strdup_vprintf (format, args);
  va_end (args);
  return FALSE;
}

static gboolean
is_program (const char *path)
{
  struct stat st;
  return stat (path, &st) == 0 && S_ISREG (st.st_mode) && access (path, X_OK) == 0;
}

/* As execvp(3): a name with a slash is a path. NULL: not found. */
static char *
find_program (const char *name, const char *work_dir)
{
  g_auto (GStrv) places = g_strsplit (PATH, ":", -1);

  if (strchr (name, '/') != NULL)
    return g_canonicalize_filename (name, work_dir);
  for (gsize i = 0; places[i] != NULL; i++)
    {
      g_autofree char *path = g_build_filename (places[i], name, NULL);
      if (is_program (path))
        return g_steal_pointer (&path);
    }
  return NULL;
}

static gboolean
resolve_program (const char *name, const char *work_dir, json_t *answer, Fault *fault)
{
  g_autofree char *found = find_program (name, work_dir);
  g_autofree char *real = found != NULL ? realpath (found, NULL) : NULL;
  g_autofree char *device = NULL, *inode = NULL, *changed = NULL;
  struct stat st;

  if (found == NULL)
    return fail (fault, "not_found", "%s: no such program in " PATH "; name it by its whole path",
                 name);
  if (real == NULL || stat (real, &st) != 0)
    return fail (fault, errno == EACCES ? "not_executable" : "not_found", "%s: %s", found,
                 g_strerror (errno));
  if (!is_program (real))
    return fail (fault, "not_executable", "%s is not a program that this user may run", real);
  device = g_strdup_printf ("%" G_GUINT64_FORMAT, (guint64) st.st_dev);
  inode = g_strdup_printf ("%" G_GUINT64_FORMAT, (guint64) st.st_ino);
  changed = g_strdup_printf ("%" G_GUINT64_FORMAT, sandbox_changed (&st));
  json_object_set_new (answer, "program", json_string (real));
  json_object_set_new (answer, "device", json_string (device));
  json_object_set_new (answer, "inode", json_string (inode));
  json_object_set_new (answer, "changed", json_string (changed));
  return json_object_get (answer, "program") != NULL
         || fail (fault, "path", "the program's path is not UTF-8");
}

static gboolean
resolve_write (const json_t *list, const char *work_dir, json_t *answer, Fault *fault)
{
  g_autoptr (GPtrArray) write = g_ptr_array_new_with_free_func (free);
  g_autoptr (GError) error = NULL;

  for (gsize i = 0; i < json_array_size (list); i++)
    {
      const char *path = json_string_value (json_array_get (list, i));
      char *real = *path == '/' ? realpath (path, NULL) : NULL;
      if (real == NULL)
        return fail (fault, "path", "write_paths: %s: %s", path,
                     *path == '/' ? g_strerror (errno) : "must be absolute");
      g_ptr_array_add (write, real);
    }
  g_ptr_array_add (write, NULL);
  const SandboxCommand command
      = { .program = "/", .work_dir = work_dir, .write = (const char *const *) write->pdata };
  g_autoptr (SandboxPaths) paths = sandbox_paths_new (&command, &error);
  if (paths == NULL)
    return fail (fault, "path", "%s", error->message);
  json_t *found = json_array ();
  for (guint i = 0; i + 1 < write->len; i++)
    json_array_append_new (found, json_string (g_ptr_array_index (write, i)));
  json_object_set_new (answer, "write", found);
  return json_array_size (found) + 1 == write->len
         || fail (fault, "path", "write_paths: a path is not UTF-8");
}

static gboolean
resolve_work_dir (const char *path, json_t *answer, Fault *fault)
{
  g_autofree char *real = *path == '/' ? realpath (path, NULL) : NULL;
  struct stat st;

  if (real == NULL)
    return fail (fault, "directory", "work_dir: %s: %s", path,
                 *path == '/' ? g_strerror (errno) : "must be absolute");
  if (stat (real, &st) != 0 || !S_ISDIR (st.st_mode) || access (real, X_OK) != 0)
    return fail (fault, "directory", "work_dir: %s is not a directory that this user may enter",
                 real);
  json_object_set_new (answer, "work_dir", json_string (real));
  return json_object_get (answer, "work_dir") != NULL
         || fail (fault, "directory", "work_dir: the path is not UTF-8");
}

/* Whose command it is. */
static void
add_person (json_t *answer)
{
  const struct passwd *user = getpwuid (getuid ());

  json_object_set_new (answer, "user", json_string (user != NULL ? user->pw_name : "nobody"));
  json_object_set_new (answer, "home", json_string (user != NULL ? user->pw_dir : "/"));
}

static gboolean
resolve (const json_t *params, json_t *answer, Fault *fault)
{
  const json_t *command = json_object_get (params, "command");
  const char *name = json_string_value (json_array_get (command, 0));

  if (name == NULL || *name == '\0')
    return fail (fault, "not_found", "command: the first must name the program");
  if (!resolve_work_dir (wire_string (params, "work_dir"), answer, fault))
    return FALSE;
  const char *work_dir = wire_string (answer, "work_dir");
  return resolve_program (name, work_dir, answer, fault)
         && resolve_write (json_object_get (params, "write"), work_dir, answer, fault);
}

gboolean
exec_resolve (WorkerLink *link, gint64 id, const json_t *params)
{
  json_t *answer = json_object ();
  Fault fault = { 0 };

  if (!resolve (params, answer, &fault))
    {
      json_decref (answer);
      worker_link_refuse (link, id, fault.reason, fault.message);
      g_free (fault.message);
      return FALSE;
    }
  add_person (answer);
  json_t *confinement = sandbox_probe ();
  gboolean full = json_is_true (json_object_get (confinement, "full"));
  json_object_set_new (answer, "confinement", confinement);
  worker_link_answer (link, id, answer);
  return full;
}
