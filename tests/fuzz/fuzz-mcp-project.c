/* SPDX-License-Identifier: MIT
 *
 * Whatever stands in a project's file: it is read or refused, never both; what was read holds plain
 * names only, and is read the same when it is written again.
 */
#include "mcp/tools/mcp-project.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

static void
check_word (const char *word)
{
  g_assert_true (word != NULL && *word != '\0' && word[strcspn (word, " \t\n\"'[],:")] == '\0');
}

static char *
write_again (const McpProject *project)
{
  GString *text = g_string_new (NULL);

  if (project->app != NULL)
    g_string_append_printf (text, "app: %s\n", project->app);
  if (project->environment != NULL)
    g_string_append_printf (text, "environment: \"%s\"\n", project->environment);
  if (project->secrets != NULL)
    g_string_append (text, "secrets:\n");
  for (char **name = project->secrets; name != NULL && *name != NULL; name++)
    g_string_append_printf (text, " - %s\n", *name);
  return g_string_free (text, FALSE);
}

static void
check_project (const McpProject *project)
{
  g_autofree char *text = write_again (project);
  g_autoptr (McpProject) again = mcp_project_parse (text, "again", NULL);

  g_assert_nonnull (again);
  g_assert_cmpstr (again->app, ==, project->app);
  g_assert_cmpstr (again->environment, ==, project->environment);
  g_assert_true ((again->secrets == NULL) == (project->secrets == NULL));
  g_assert_true (project->secrets == NULL
                 || g_strv_equal ((const char *const *) again->secrets,
                                  (const char *const *) project->secrets));
  if (project->app != NULL)
    check_word (project->app);
  if (project->environment != NULL)
    check_word (project->environment);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree char *text = size > 0 ? g_strndup ((const char *) data, size) : g_strdup ("");
  g_autoptr (GError) error = NULL;
  g_autoptr (McpProject) project = mcp_project_parse (text, "f", &error);

  g_assert_true ((project == NULL) == (error != NULL));
  if (project != NULL)
    check_project (project);
  return 0;
}
