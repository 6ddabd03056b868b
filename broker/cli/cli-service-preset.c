/* SPDX-License-Identifier: MIT */
#include "broker/cli/cli-service-preset.h"

#include <string.h>

#include "broker/base/paths.h"
#include "broker/service/service.h"

#define FOLDER "services"
#define SUFFIX ".conf"

static int
by_name (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

char **
cli_service_presets (GError **error)
{
  g_autofree char *folder = paths_data_folder (FOLDER, error);
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GDir) dir = folder != NULL ? g_dir_open (folder, 0, error) : NULL;
  const char *name;

  if (dir == NULL)
    return NULL;
  while ((name = g_dir_read_name (dir)) != NULL)
    if (g_str_has_suffix (name, SUFFIX) && name[0] != '.')
      g_ptr_array_add (names, g_strndup (name, strlen (name) - strlen (SUFFIX)));
  g_ptr_array_sort (names, by_name);
  g_ptr_array_add (names, NULL);
  return (char **) g_ptr_array_free (g_steal_pointer (&names), FALSE);
}

char *
cli_service_preset (const char *name, GError **error)
{
  g_autofree char *below = g_strconcat (FOLDER "/", name, SUFFIX, NULL);
  g_autofree char *path = paths_data_file (below, NULL);
  char *text = NULL;

  if (path == NULL)
    g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_NOENT,
                 "there is neither a preset “%s” nor a file " SERVICE_FOLDER
                 "%s.conf; countersign service list --presets has the names",
                 name, name);
  else
    g_file_get_contents (path, &text, NULL, error);
  return text;
}

json_t *
cli_service_presets_describe (GError **error)
{
  g_auto (GStrv) names = cli_service_presets (error);
  g_autoptr (json_t) all = names != NULL ? json_array () : NULL;

  for (char **name = names; name != NULL && *name != NULL; name++)
    {
      g_autofree char *text = cli_service_preset (*name, error);
      g_autofree char *file = g_strconcat (SERVICE_FOLDER, *name, SUFFIX, NULL);
      const PolicySource source = { file, text, text != NULL ? strlen (text) : 0 };
      g_autoptr (Services) services = text != NULL ? services_parse (&source, 1, error) : NULL;

      if (services == NULL)
        return NULL;
      json_array_append_new (all, service_describe (services_nth (services, 0)));
    }
  return g_steal_pointer (&all);
}
