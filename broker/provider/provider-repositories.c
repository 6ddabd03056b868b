/* SPDX-License-Identifier: MIT */
#include "broker/provider/provider-repositories.h"

#include <string.h>

#include "broker/base/wire.h"

#define REPOSITORY "repo/"
#define MAX_NAME 100 /* GitHub's */

char *
repositories_name_problem (const char *name)
{
  if (strchr (name, '/') != NULL)
    return g_strdup ("is named without its owner: \"name\", not \"owner/name\"");
  for (const char *p = name; *p != '\0'; p++)
    if (!g_ascii_isalnum (*p) && strchr ("._-", *p) == NULL)
      return g_strdup ("is named by letters, digits and . _ - alone");
  if (*name == '\0' || strlen (name) > MAX_NAME || strcmp (name, ".") == 0
      || strcmp (name, "..") == 0)
    return g_strdup ("has a name of 1 to 100 characters");
  return NULL;
}

gboolean
repositories_permission_is_name (const char *name)
{
  return *name != '\0' && strlen (name) <= 64
         && name[strspn (name, "abcdefghijklmnopqrstuvwxyz_")] == '\0';
}

static gboolean fail (GError **error, const char *format, ...) G_GNUC_PRINTF (2, 3);

static gboolean
fail (GError **error, const char *format, ...)
{
  va_list args;

  va_start (args, format);
  if (error != NULL)
    *error = g_error_new_valist (PROVIDER_ERROR, PROVIDER_ERROR_FIELD, format, args);
  va_end (args);
  return FALSE;
}

static const char *const levels[] = { "read", "write", "admin", NULL };

/* From 1; 0: no level. */
static guint
level_of (const char *word)
{
  for (guint i = 0; levels[i] != NULL; i++)
    if (g_strcmp0 (levels[i], word) == 0)
      return i + 1;
  return 0;
}

/* --- What is asked for --- */

static gboolean
has_repository (const GPtrArray *rows, const char *name)
{
  for (guint i = 0; i < rows->len; i++)
    for (char **word = g_ptr_array_index (rows, i); *word != NULL; word++)
      if (g_ascii_strcasecmp (*word, name) == 0)
        return TRUE;
  return FALSE;
}

static gboolean
add_repository (const ProviderAsk *ask, const GPtrArray *rows, const char *name, GPtrArray *scopes,
                GError **error)
{
  g_autofree char *problem = repositories_name_problem (name);

  if (problem != NULL)
    return fail (error, "repositories: each %s", problem);
  if (rows->len > 0 && !has_repository (rows, name))
    return fail (error, "repositories: %s is not among those that provider %s allows", name,
                 provider_name (ask->provider));
  for (guint i = 0; i < scopes->len; i++)
    if (g_ascii_strcasecmp ((char *) scopes->pdata[i] + strlen (REPOSITORY), name) == 0)
      return fail (error, "repositories: %s stands there twice", name);
  g_ptr_array_add (scopes, g_strconcat (REPOSITORY, name, NULL));
  return TRUE;
}

gboolean
repositories_scopes (const ProviderAsk *ask, GPtrArray *scopes, GError **error)
{
  g_autoptr (GPtrArray) rows = provider_rows (ask->provider, "repository");
  const json_t *asked = json_object_get (ask->args, "repositories");

  if (json_array_size (asked) > REPOSITORIES_MAX)
    return fail (error, "repositories: at most %d", REPOSITORIES_MAX);
  for (gsize i = 0; i < json_array_size (asked); i++)
    if (!add_repository (ask, rows, json_string_value (json_array_get (asked, i)), scopes, error))
      return FALSE;
  if (json_array_size (asked) > 0)
    return TRUE;
  for (guint i = 0; i < rows->len; i++)
    for (char **word = g_ptr_array_index (rows, i); *word != NULL; word++)
      g_ptr_array_add (scopes, g_strconcat (REPOSITORY, *word, NULL));
  if (rows->len == 0)
    g_ptr_array_add (scopes, g_strdup (REPOSITORIES_ALL));
  return TRUE;
}

/* The level that the file allows; 0: not this permission. */
static guint
allowed_level (const GPtrArray *rows, const char *name)
{
  for (guint i = 0; i < rows->len; i++)
    {
      char **words = g_ptr_array_index (rows, i);
      if (strcmp (words[0], name) == 0)
        return level_of (words[1]);
    }
  return rows->len == 0 ? G_N_ELEMENTS (levels) : 0;
}

static gboolean
add_permission (const ProviderAsk *ask, const GPtrArray *rows, const char *name, const char *level,
                GPtrArray *scopes, GError **error)
{
  guint most = allowed_level (rows, name), wanted = level_of (level);

  if (!repositories_permission_is_name (name))
    return fail (error, "permissions: each is named as in \"contents\", by small letters and _");
  if (wanted == 0)
    return fail (error, "permissions: %s is read, write or admin", name);
  if (most == 0)
    return fail (error, "permissions: %s is not among those that provider %s allows", name,
                 provider_name (ask->provider));
  if (wanted > most)
    return fail (error, "permissions: provider %s allows %s:%s at most, not %s:%s",
                 provider_name (ask->provider), name, levels[most - 1], name, level);
  g_ptr_array_add (scopes, g_strconcat (name, ":", level, NULL));
  return TRUE;
}

gboolean
repositories_permission_scopes (const ProviderAsk *ask, GPtrArray *scopes, GError **error)
{
  g_autoptr (GPtrArray) rows = provider_rows (ask->provider, "permission");
  json_t *asked = json_object_get (ask->args, "permissions"), *level;
  const char *name;

  json_object_foreach (asked, name, level)
  {
    if (!add_permission (ask, rows, name, json_string_value (level), scopes, error))
      return FALSE;
  }
  if (json_object_size (asked) > 0)
    return TRUE;
  for (guint i = 0; i < rows->len; i++)
    {
      char **words = g_ptr_array_index (rows, i);
      g_ptr_array_add (scopes, g_strconcat (words[0], ":", words[1], NULL));
    }
  if (rows->len == 0)
    g_ptr_array_add (scopes, g_strdup (PERMISSIONS_ALL));
  return TRUE;
}

/* --- What was granted --- */

static gboolean
is_permission (const char *scope)
{
  return strchr (scope, ':') != NULL || strcmp (scope, PERMISSIONS_ALL) == 0;
}

static gboolean
has (char **scopes, const char *scope)
{
  return g_strv_contains ((const char *const *) scopes, scope);
}

json_t *
repositories_of (char **scopes)
{
  json_t *names = has (scopes, REPOSITORIES_ALL) ? NULL : json_array ();

  for (char **scope = scopes; names != NULL && *scope != NULL; scope++)
    if (!is_permission (*scope) && g_str_has_prefix (*scope, REPOSITORY))
      json_array_append_new (names, json_string (*scope + strlen (REPOSITORY)));
  return names;
}

json_t *
repositories_permissions_of (char **scopes)
{
  json_t *object = has (scopes, PERMISSIONS_ALL) ? NULL : json_object ();

  for (char **scope = scopes; object != NULL && *scope != NULL; scope++)
    {
      const char *colon = strchr (*scope, ':');
      if (colon == NULL)
        continue;
      g_autofree char *name = g_strndup (*scope, colon - *scope);
      json_object_set_new (object, name, json_string (colon + 1));
    }
  return object;
}

gboolean
repositories_any (char **scopes)
{
  g_autoptr (json_t) names = repositories_of (scopes);

  return names == NULL || json_array_size (names) > 0;
}

gboolean
repositories_any_permission (char **scopes)
{
  g_autoptr (json_t) object = repositories_permissions_of (scopes);

  return object == NULL || json_object_size (object) > 0;
}

gboolean
repositories_left (const ProviderAsk *ask, GError **error)
{
  if (!repositories_any (ask->scopes))
    return fail (error, "no repository is left of what was asked; ask again with those that are "
                        "needed");
  return TRUE;
}

/* --- For people --- */

static char *
join (char **scopes, gboolean permissions, const char *all)
{
  GString *text = g_string_new (NULL);

  for (; *scopes != NULL; scopes++)
    if (is_permission (*scopes) == permissions)
      g_string_append_printf (text, "%s%s", text->len > 0 ? ", " : "",
                              permissions ? *scopes : *scopes + strlen (REPOSITORY));
  if (strcmp (text->str, permissions ? PERMISSIONS_ALL : "*") == 0)
    g_string_assign (text, all);
  return g_string_free (text, FALSE);
}

char *
repositories_text (char **scopes)
{
  return join (scopes, FALSE, "all of the installation");
}

char *
repositories_permissions_text (char **scopes)
{
  return join (scopes, TRUE, "all that the App has");
}
