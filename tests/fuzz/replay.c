/* SPDX-License-Identifier: MIT
 *
 * Runs a fuzz target over every file of a folder and prints TAP. What the target finds wrong ends
 * the program, and with it the test.
 */
#include <glib.h>
#include <string.h>

#include "tests/fuzz/fuzz.h"

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

static GPtrArray *
list_cases (const char *folder)
{
  GPtrArray *names = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    g_ptr_array_add (names, g_strdup (name));
  g_ptr_array_sort (names, compare_names);
  return names;
}

static gboolean
replay (const char *folder, const char *name)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autofree char *text = NULL;
  gsize len;

  if (!g_file_get_contents (path, &text, &len, NULL))
    return FALSE;
  /* Exactly as long as the case, so that the sanitizer sees a read beyond its end. */
  g_autofree guint8 *exact = g_memdup2 (text, len);
  LLVMFuzzerTestOneInput (exact, len);
  return TRUE;
}

int
main (int argc, char **argv)
{
  g_autoptr (GPtrArray) names = list_cases (argc == 2 ? argv[1] : "");

  if (names->len == 0)
    {
      g_print ("Bail out! no cases to replay\n");
      return 1;
    }
  g_print ("1..%u\n", names->len);
  for (guint i = 0; i < names->len; i++)
    {
      const char *name = g_ptr_array_index (names, i);
      g_print ("%s %u - %s\n", replay (argv[1], name) ? "ok" : "not ok", i + 1, name);
    }
  return 0;
}
