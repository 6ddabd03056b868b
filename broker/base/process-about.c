/* SPDX-License-Identifier: MIT
 *
 * What a card and a record say of a process.
 */
#include "broker/base/process-private.h"

#include <limits.h>
#include <string.h>
#include <unistd.h>

#define COMM_MAX 64
#define CGROUP_MAX (64 * 1024) /* one line of at most PATH_MAX for each hierarchy */

char *
process_name (const Process *process)
{
  char comm[COMM_MAX];
  gssize len;

  if (process->exe != NULL)
    return g_path_get_basename (process->exe);
  len = process_read_file (process->dir, "comm", comm, sizeof comm);
  if (len <= 0)
    return NULL;
  /* The kernel ends it with one newline; others are the process's own. */
  return g_strndup (comm, (gsize) len - (comm[len - 1] == '\n'));
}

char *
process_cwd (const Process *process)
{
  char path[PATH_MAX];
  gssize len = readlinkat (process->dir, "cwd", path, sizeof path);

  return len > 0 && len < (gssize) sizeof path ? g_strndup (path, (gsize) len) : NULL;
}

char **
process_argv (const Process *process, gsize max_bytes, gboolean *cut)
{
  /* One byte more than wanted tells whether there are more; one is the NUL that process_read_file()
   * adds. */
  g_autofree char *buf = g_malloc (max_bytes + 2);
  gssize len = process_read_file (process->dir, "cmdline", buf, max_bytes + 2);
  g_autoptr (GPtrArray) argv = g_ptr_array_new_with_free_func (g_free);

  *cut = len > (gssize) max_bytes;
  if (len <= 0)
    return NULL;
  if (*cut)
    len = (gssize) max_bytes;
  for (const char *at = buf; at < buf + len; at += strlen (at) + 1)
    g_ptr_array_add (argv, g_strndup (at, (gsize) (buf + len - at)));
  g_ptr_array_add (argv, NULL);
  return (char **) g_ptr_array_free (g_steal_pointer (&argv), FALSE);
}

/* The last component of @path that names a unit which holds processes. */
static char *
innermost_unit (const char *path, gboolean *chosen)
{
  g_auto (GStrv) parts = g_strsplit (path, "/", -1);
  const char *unit = NULL;
  guint depth = 0;

  for (char **part = parts; *part != NULL; part++)
    if (g_str_has_suffix (*part, ".service") || g_str_has_suffix (*part, ".scope"))
      {
        unit = *part;
        depth++;
      }
  *chosen = depth > 1;
  return g_strdup (unit != NULL ? unit : "");
}

char *
process_unit_in (const char *cgroups, gboolean *chosen)
{
  g_auto (GStrv) lines = g_strsplit (cgroups, "\n", -1);

  /* "0::" is the unified hierarchy; the kernel lets no newline into a cgroup's name. */
  for (char **line = lines; *line != NULL; line++)
    if (g_str_has_prefix (*line, "0::"))
      return innermost_unit (*line + strlen ("0::"), chosen);
  return NULL;
}

char *
process_unit (const Process *process, gboolean *chosen)
{
  g_autofree char *buf = g_malloc (CGROUP_MAX);
  gboolean within = FALSE;
  char *unit = process_read_file (process->dir, "cgroup", buf, CGROUP_MAX) > 0
                   ? process_unit_in (buf, &within)
                   : NULL;

  if (chosen != NULL)
    *chosen = within;
  return unit;
}
