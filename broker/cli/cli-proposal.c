/* SPDX-License-Identifier: MIT */
#include "broker/cli/cli-proposal.h"

#include <string.h>

#include "broker/base/paths.h"
#include "broker/base/text.h"
#include "broker/cli/cli-output.h"

static void
proposal_free (gpointer data)
{
  CliProposal *proposal = data;

  g_free (proposal->name);
  g_free (proposal->text);
  g_free (proposal);
}

static GPtrArray *
new_proposals (void)
{
  return g_ptr_array_new_with_free_func (proposal_free);
}

static gboolean
add_file (GPtrArray *files, const char *path, const char *name, GError **error)
{
  g_autofree char *text = NULL;
  CliProposal *proposal;
  gsize len;

  if (!g_file_get_contents (path, &text, &len, error))
    return FALSE;
  if (len > POLICY_MAX_FILE || !g_utf8_validate_len (text, len, NULL))
    {
      g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_INVAL, "%s is %s", path,
                   len > POLICY_MAX_FILE ? "larger than 256 KiB" : "not UTF-8 text");
      return FALSE;
    }
  proposal = g_new0 (CliProposal, 1);
  proposal->name = g_strdup (name);
  proposal->text = g_steal_pointer (&text);
  proposal->len = len;
  g_ptr_array_add (files, proposal);
  return TRUE;
}

static int
by_name (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

/* The folders that are read, and what counts there. */
static const struct
{
  const char *folder;
  const char *suffixes[3];
} folders[] = {
  { "policy.d/", { ".conf" } },
  { CALLER_FOLDER, { ".conf", ".pem" } },
  { PROVIDER_FOLDER, { ".conf", ".pem" } },
  { SERVICE_FOLDER, { ".conf", ".pem" } },
};

static gboolean
has_suffix (const char *name, const char *const *suffixes)
{
  for (; *suffixes != NULL; suffixes++)
    if (g_str_has_suffix (name, *suffixes))
      return TRUE;
  return FALSE;
}

static GPtrArray *
names_in (const char *dir_path, const char *const *suffixes)
{
  GPtrArray *names = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GDir) dir = g_dir_open (dir_path, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    if (has_suffix (name, suffixes) && name[0] != '.')
      g_ptr_array_add (names, g_strdup (name));
  g_ptr_array_sort (names, by_name);
  return names;
}

static gboolean
add_folder (GPtrArray *files, const char *config, const char *folder, const char *const *suffixes,
            GError **error)
{
  g_autofree char *dir = g_build_filename (config, folder, NULL);
  g_autoptr (GPtrArray) names = names_in (dir, suffixes);

  for (guint i = 0; i < names->len; i++)
    {
      g_autofree char *path = g_build_filename (dir, names->pdata[i], NULL);
      g_autofree char *name = g_strconcat (folder, names->pdata[i], NULL);
      if (!add_file (files, path, name, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
add_all (GPtrArray *files, const char *config, GError **error)
{
  g_autofree char *main_file = g_build_filename (config, "policy.conf", NULL);

  if (g_file_test (main_file, G_FILE_TEST_EXISTS)
      && !add_file (files, main_file, "policy.conf", error))
    return FALSE;
  for (gsize i = 0; i < G_N_ELEMENTS (folders); i++)
    if (!add_folder (files, config, folders[i].folder, folders[i].suffixes, error))
      return FALSE;
  return TRUE;
}

GPtrArray *
cli_proposals (GError **error)
{
  g_autofree char *config = paths_config_dir ();
  g_autoptr (GPtrArray) files = new_proposals ();

  return add_all (files, config, error) ? g_steal_pointer (&files) : NULL;
}

typedef enum
{
  KIND_SERVICES,
  KIND_PROVIDERS,
  KIND_CALLERS,
  KIND_POLICY /* all that is in none of the folders above */
} Kind;

static gboolean
is_kind (const char *name, Kind kind)
{
  static const char *const prefixes[] = { SERVICE_FOLDER, PROVIDER_FOLDER, CALLER_FOLDER };
  guint found = 0;

  while (found < KIND_POLICY && !g_str_has_prefix (name, prefixes[found]))
    found++;
  return found == (guint) kind;
}

gboolean
cli_proposal_is_policy (const CliProposal *proposal)
{
  return is_kind (proposal->name, KIND_POLICY);
}

/* What the file at @path would be called in the configuration folder, as far as that matters. */
static char *
name_at (const char *path)
{
  g_autofree char *absolute = g_canonicalize_filename (path, NULL);
  g_autofree char *dir = g_path_get_dirname (absolute), *folder = g_path_get_basename (dir);
  g_autofree char *base = g_path_get_basename (absolute), *with = g_strconcat (folder, "/", NULL);

  return is_kind (with, KIND_POLICY) ? g_strdup (path) : g_strconcat (with, base, NULL);
}

GPtrArray *
cli_proposals_at (char **paths, GError **error)
{
  g_autoptr (GPtrArray) files = new_proposals ();

  for (; *paths != NULL; paths++)
    {
      g_autofree char *name = name_at (*paths);
      gboolean folder = g_file_test (*paths, G_FILE_TEST_IS_DIR);
      if (!(folder ? add_all (files, *paths, error) : add_file (files, *paths, name, error)))
        return NULL;
    }
  return g_steal_pointer (&files);
}

GPtrArray *
cli_proposals_shipped (GError **error)
{
  g_autofree char *path = paths_data_file ("policy/policy.conf", error);
  g_autoptr (GPtrArray) files = new_proposals ();

  if (path == NULL || !add_file (files, path, "policy.conf", error))
    return NULL;
  return g_steal_pointer (&files);
}

gboolean
cli_proposals_write (const GPtrArray *shipped, GError **error)
{
  const CliProposal *file = shipped->pdata[0];
  g_autofree char *dir = paths_config_dir (), *path = g_build_filename (dir, file->name, NULL);

  return paths_make_private (dir, error)
         && g_file_set_contents_full (path, file->text, file->len, G_FILE_SET_CONTENTS_CONSISTENT,
                                      0600, error);
}

gboolean
cli_proposals_equal (const GPtrArray *a, const GPtrArray *b)
{
  if (a->len != b->len)
    return FALSE;
  for (guint i = 0; i < a->len; i++)
    {
      const CliProposal *one = a->pdata[i], *other = b->pdata[i];
      if (strcmp (one->name, other->name) != 0 || strcmp (one->text, other->text) != 0)
        return FALSE;
    }
  return TRUE;
}

json_t *
cli_proposals_json (const GPtrArray *files)
{
  json_t *array = json_array ();

  for (guint i = 0; i < files->len; i++)
    {
      const CliProposal *file = files->pdata[i];
      json_array_append_new (
          array, json_pack ("{s:s, s:s%}", "name", file->name, "text", file->text, file->len));
    }
  return array;
}

static void
add_text (GPtrArray *files, const char *name, const char *text)
{
  CliProposal *proposal = g_new0 (CliProposal, 1);

  proposal->name = g_strdup (name);
  proposal->text = g_strdup (text);
  proposal->len = strlen (text);
  g_ptr_array_add (files, proposal);
}

GPtrArray *
cli_proposals_from_json (const json_t *files, GError **error)
{
  g_autoptr (GPtrArray) found = new_proposals ();
  const json_t *file;
  gsize i;

  json_array_foreach (files, i, file)
  {
    const char *name = wire_string (file, "name"), *text = wire_string (file, "text");
    if (name == NULL || text == NULL)
      break;
    add_text (found, name, text);
  }
  if (json_is_array (files) && i == json_array_size (files))
    return g_steal_pointer (&found);
  g_set_error_literal (error, WIRE_ERROR, WIRE_ERROR_FIELD,
                       "files: must be an array of objects with name and text");
  return NULL;
}

const char *
cli_proposals_text (const GPtrArray *files, const char *name)
{
  for (guint i = 0; i < files->len; i++)
    {
      const CliProposal *file = files->pdata[i];
      if (strcmp (file->name, name) == 0)
        return file->text;
    }
  return NULL;
}

/* The order in which cli_proposals() has them. */
static int
by_proposal (gconstpointer a, gconstpointer b)
{
  const CliProposal *one = *(CliProposal *const *) a, *other = *(CliProposal *const *) b;

  return strcmp (one->name, other->name);
}

GPtrArray *
cli_proposals_with (const GPtrArray *files, const char *name, const char *text)
{
  GPtrArray *changed = new_proposals ();

  for (guint i = 0; i < files->len; i++)
    {
      const CliProposal *file = files->pdata[i];
      if (strcmp (file->name, name) != 0)
        add_text (changed, file->name, file->text);
    }
  if (text != NULL)
    add_text (changed, name, text);
  g_ptr_array_sort (changed, by_proposal);
  return changed;
}

/* Those of one kind. */
static PolicySource *
sources_of (const GPtrArray *files, Kind kind, gsize *n)
{
  PolicySource *sources = g_new0 (PolicySource, MAX (files->len, 1));

  *n = 0;
  for (guint i = 0; i < files->len; i++)
    {
      const CliProposal *file = files->pdata[i];
      if (is_kind (file->name, kind))
        sources[(*n)++] = (PolicySource){ file->name, file->text, file->len };
    }
  return sources;
}

Policy *
cli_proposals_parse (const GPtrArray *files, GError **error)
{
  gsize n;
  g_autofree PolicySource *sources = sources_of (files, KIND_POLICY, &n);

  return policy_parse (sources, n, error);
}

Services *
cli_proposals_services (const GPtrArray *files, GError **error)
{
  gsize n;
  g_autofree PolicySource *sources = sources_of (files, KIND_SERVICES, &n);

  return services_parse (sources, n, error);
}

Providers *
cli_proposals_providers (const GPtrArray *files, GError **error)
{
  gsize n;
  g_autofree PolicySource *sources = sources_of (files, KIND_PROVIDERS, &n);

  return providers_parse (sources, n, error);
}

static Callers *
parse_callers (const GPtrArray *files, const Providers *providers, GError **error)
{
  gsize n;
  g_autofree PolicySource *sources = sources_of (files, KIND_CALLERS, &n);

  return callers_parse (sources, n, providers, error);
}

gboolean
cli_proposals_check (const GPtrArray *files, GError **error)
{
  g_autoptr (Services) services = cli_proposals_services (files, error);
  g_autoptr (Providers) providers
      = services != NULL ? cli_proposals_providers (files, error) : NULL;
  g_autoptr (Callers) callers = providers != NULL ? parse_callers (files, providers, error) : NULL;

  return callers != NULL;
}

void
cli_proposals_print (FILE *stream, const GPtrArray *files)
{
  for (guint i = 0; i < files->len; i++)
    {
      const CliProposal *file = files->pdata[i];
      g_autofree char *name = text_escape (file->name);
      g_auto (GStrv) lines = g_strsplit (file->text, "\n", -1);

      fprintf (stream, "%s:\n", name);
      for (char **line = lines; *line != NULL; line++)
        {
          g_autofree char *shown = text_escape (*line);
          if (**line != '\0' || line[1] != NULL)
            fprintf (stream, "  %s\n", shown);
        }
    }
}
