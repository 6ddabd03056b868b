/* SPDX-License-Identifier: MIT
 *
 * info/PACKAGE.list, or info/PACKAGE:ARCH.list, has the paths of a package, one a line, as they
 * were packed. diversions has three lines for each file that is put elsewhere: where it would be,
 * where it is, and the package whose own file has its place (":": the administrator's).
 */
#include "broker/base/dpkg.h"

#include <string.h>
#include <sys/stat.h>

/* What is at @path now is not what packages call so. */
typedef struct
{
  char *listed; /* the path to look for; NULL: no package's */
  char *only;   /* the package that alone can have it, or NULL */
  char *never;  /* the one that cannot, or NULL */
} Place;

static void
place_clear (Place *place)
{
  g_free (place->listed);
  g_free (place->only);
  g_free (place->never);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Place, place_clear)

static void
find_place (const char *database, const char *path, Place *place)
{
  g_autofree char *file = g_build_filename (database, "diversions", NULL), *text = NULL;
  g_auto (GStrv) lines = NULL;

  place->listed = g_strdup (path);
  if (!g_file_get_contents (file, &text, NULL, NULL))
    return;
  lines = g_strsplit (text, "\n", -1);
  for (char **at = lines; at[0] != NULL && at[1] != NULL && at[2] != NULL; at += 3)
    {
      gboolean local = strcmp (at[2], ":") == 0;
      if (strcmp (at[1], path) == 0)
        {
          g_free (place->listed);
          place->listed = g_strdup (at[0]);
          place->never = local ? NULL : g_strdup (at[2]);
          return;
        }
      if (strcmp (at[0], path) == 0)
        {
          if (local)
            g_clear_pointer (&place->listed, g_free);
          place->only = local ? NULL : g_strdup (at[2]);
          return;
        }
    }
}

/* Files were packed as /bin/x that are /usr/bin/x since those folders are one. NULL: not so. */
static char *
other_name (const char *path)
{
  struct stat one, other;

  if (!g_str_has_prefix (path, "/usr/"))
    return NULL;
  const char *name = path + strlen ("/usr");
  return stat (path, &one) == 0 && stat (name, &other) == 0 && one.st_dev == other.st_dev
                 && one.st_ino == other.st_ino
             ? g_strdup (name)
             : NULL;
}

static gboolean
has_line (const char *text, const char *line)
{
  gsize len = strlen (line);

  for (const char *at = strstr (text, line); at != NULL; at = strstr (at + 1, line))
    if ((at == text || at[-1] == '\n') && (at[len] == '\n' || at[len] == '\0'))
      return TRUE;
  return FALSE;
}

/* "libc6:amd64.list" is of libc6. NULL: is no list. */
static char *
package_of (const char *file)
{
  if (!g_str_has_suffix (file, ".list"))
    return NULL;
  char *name = g_strndup (file, strlen (file) - strlen (".list"));
  char *colon = strchr (name, ':');

  if (colon != NULL)
    *colon = '\0';
  return name;
}

static gboolean
may_have (const Place *place, const char *package)
{
  return (place->only == NULL || strcmp (place->only, package) == 0)
         && (place->never == NULL || strcmp (place->never, package) != 0);
}

static gboolean
lists (const char *folder, const char *file, const char *path, const char *other)
{
  g_autofree char *name = g_build_filename (folder, file, NULL), *text = NULL;

  return g_file_get_contents (name, &text, NULL, NULL)
         && (has_line (text, path) || (other != NULL && has_line (text, other)));
}

char *
dpkg_owner (const char *database, const char *path)
{
  g_autofree char *folder = g_build_filename (database, "info", NULL), *other = other_name (path);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  g_auto (Place) place = { 0 };
  const char *file;

  if (dir == NULL)
    return NULL;
  find_place (database, path, &place);
  while (place.listed != NULL && (file = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *package = package_of (file);
      if (package != NULL && may_have (&place, package)
          && lists (folder, file, place.listed, other))
        return g_steal_pointer (&package);
    }
  return g_strdup ("");
}
