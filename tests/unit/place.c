/* SPDX-License-Identifier: MIT */
#include "tests/unit/place.h"

#include <glib/gstdio.h>

void
place_make (Place *place, gconstpointer unused)
{
  place->top = g_dir_make_tmp ("countersign-XXXXXX", NULL);
  g_assert_nonnull (place->top);
}

static void
remove_tree (const char *path)
{
  g_autoptr (GDir) dir = NULL;
  const char *name;

  if (!g_file_test (path, G_FILE_TEST_IS_SYMLINK) && (dir = g_dir_open (path, 0, NULL)) != NULL)
    while ((name = g_dir_read_name (dir)) != NULL)
      {
        g_autofree char *below = g_build_filename (path, name, NULL);
        remove_tree (below);
      }
  g_remove (path);
}

void
place_clear (Place *place, gconstpointer unused)
{
  remove_tree (place->top);
  g_free (place->top);
}
