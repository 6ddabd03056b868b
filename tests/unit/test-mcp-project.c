/* SPDX-License-Identifier: MIT */
#include "mcp/tools/mcp-project.h"
#include "tests/unit/table.h"

#include <glib/gstdio.h>

#define BEGINS ": must begin with a letter or a digit (character 1)"
#define MARKS ": may have only letters, digits, '.', '_' and '-' "

static const struct
{
  const char *sentence, *text;
  const char *app, *environment, *secrets; /* secrets: joined by ',' */
  const char *error;
} rows[] = {
  { "nothing is said", "", NULL, NULL, NULL, NULL },
  { "comments and blank lines say nothing", "# app: x\n\n  \n---\n", NULL, NULL, NULL, NULL },
  { "all is said", "app: a\nenvironment: staging\nsecrets:\n  - ONE\n  - TWO\n", "a", "staging",
    "ONE,TWO", NULL },
  { "the other spelling", "app: a\nenv: staging\n", "a", "staging", NULL, NULL },
  { "lines may end in CR LF", "app: a\r\nenv: b\r\n", "a", "b", NULL, NULL },
  { "the last line need not end", "app: a", "a", NULL, NULL, NULL },
  { "a list need not be indented", "secrets:\n- ONE\n- TWO\nenv: b\n", NULL, "b", "ONE,TWO", NULL },
  { "a list on one line", "secrets: [ONE, \"TWO\"]\n", NULL, NULL, "ONE,TWO", NULL },
  { "an empty list", "secrets: []\n", NULL, NULL, "", NULL },
  { "a list of nothing", "secrets:\napp: a\n", "a", NULL, "", NULL },
  { "a text may be quoted", "app: \"a\"\nenv: 'b'\n", "a", "b", NULL, NULL },
  { "a comment may follow", "app: a # ours\nsecrets: # these\n  - ONE # first\n", "a", NULL, "ONE",
    NULL },

  { "misspelt", "app: a\nenviroment: b\n", NULL, NULL, NULL,
    ".ov.yaml:2: is not app, environment, env or secrets" },
  { "said twice", "app: a\napp: b\n", NULL, NULL, NULL, ".ov.yaml:2: is said twice" },
  { "said in both spellings", "env: a\nenvironment: b\n", NULL, NULL, NULL,
    ".ov.yaml:2: is said twice" },
  { "a list said twice", "secrets: [A]\nsecrets: [B]\n", NULL, NULL, NULL,
    ".ov.yaml:2: secrets: is said twice" },
  { "an app that is nothing", "app:\n", NULL, NULL, NULL, ".ov.yaml:1" BEGINS },
  { "an app that is a list", "app: [a]\n", NULL, NULL, NULL, ".ov.yaml:1" BEGINS },
  { "a number sign within a word", "app: a#b\n", NULL, NULL, NULL,
    ".ov.yaml:1" MARKS "(character 2)" },
  { "an item without a space", "secrets:\n-A\n", NULL, NULL, NULL,
    ".ov.yaml:2: is not \"key: value\"" },
  { "two words", "app: a b\n", NULL, NULL, NULL, ".ov.yaml:1" MARKS "(character 2)" },
  { "a word with a space before it", "app: ' a'\n", NULL, NULL, NULL, ".ov.yaml:1" BEGINS },
  { "an alias", "app: *a\n", NULL, NULL, NULL, ".ov.yaml:1" BEGINS },
  { "a text that does not end", "app: \"a\n", NULL, NULL, NULL, ".ov.yaml:1" BEGINS },
  { "an escape", "app: \"a\\u0062\"\n", NULL, NULL, NULL, ".ov.yaml:1" MARKS "(character 2)" },
  { "secrets that are no list", "secrets: ONE\n", NULL, NULL, NULL,
    ".ov.yaml:1: secrets: must be a list, one \"- NAME\" a line" },
  { "a list that does not end", "secrets: [ONE\n", NULL, NULL, NULL,
    ".ov.yaml:1: secrets: must be a list, one \"- NAME\" a line" },
  { "a list with a hole", "secrets: [ONE,,TWO]\n", NULL, NULL, NULL, ".ov.yaml:1" BEGINS },
  { "an item of no list", "- ONE\n", NULL, NULL, NULL, ".ov.yaml:1: is not \"key: value\"" },
  { "an item after the list", "secrets:\n- ONE\napp: a\n- TWO\n", NULL, NULL, NULL,
    ".ov.yaml:4: is not \"key: value\"" },
  { "an empty item", "secrets:\n  -\n", NULL, NULL, NULL, ".ov.yaml:2" BEGINS },
  { "a value of a secret", "secrets:\n  - ONE: value\n", NULL, NULL, NULL,
    ".ov.yaml:2" MARKS "(character 4)" },
  { "something within", "app:\n  name: a\n", NULL, NULL, NULL, ".ov.yaml:1" BEGINS },
  { "something indented", " app: a\n", NULL, NULL, NULL, ".ov.yaml:1: is not \"key: value\"" },
  { "a key without a space", "app:a\n", NULL, NULL, NULL, ".ov.yaml:1: is not \"key: value\"" },
  { "a word", "app\n", NULL, NULL, NULL, ".ov.yaml:1: is not \"key: value\"" },
};

static void
test_parse (gconstpointer data)
{
  const typeof (rows[0]) *row = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (McpProject) project = mcp_project_parse (row->text, ".ov.yaml", &error);

  g_assert_cmpstr (error != NULL ? error->message : NULL, ==, row->error);
  g_assert_true ((project == NULL) == (error != NULL));
  if (project == NULL)
    return;
  g_autofree char *secrets = project->secrets != NULL ? g_strjoinv (",", project->secrets) : NULL;
  g_assert_cmpstr (project->app, ==, row->app);
  g_assert_cmpstr (project->environment, ==, row->environment);
  g_assert_cmpstr (secrets, ==, row->secrets);
}

static void
test_too_many (void)
{
  g_autoptr (GString) text = g_string_new ("secrets:\n");
  g_autoptr (GError) error = NULL;

  for (int i = 0; i < 257; i++)
    g_string_append (text, "- A\n");
  g_assert_null (mcp_project_parse (text->str, "f", &error));
  g_assert_cmpstr (error->message, ==, "f:258: names too many secrets");
}

/* What is there cannot be read as a file of text: said, not passed over. */
static void
test_unreadable (void)
{
  g_autofree char *dir = g_dir_make_tmp ("countersign-project-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (dir, ".ov.yaml", NULL);
  g_autofree char *large = g_strnfill (64 * 1024 + 1, '\n');
  g_autofree char *expected = g_strdup_printf ("%s: is not a file of text that can be read", path);

  for (int i = 0; i < 3; i++)
    {
      g_autoptr (GError) error = NULL;
      if (i == 0)
        g_assert_cmpint (g_mkdir (path, 0700), ==, 0);
      else
        g_assert_true (i == 1 ? g_file_set_contents (path, "app: \xff\n", -1, NULL)
                              : g_file_set_contents (path, large, -1, NULL));
      g_assert_null (mcp_project_find (dir, dir, &error));
      g_assert_cmpstr (error->message, ==, expected);
      g_assert_cmpint (g_remove (path), ==, 0);
    }
  g_rmdir (dir);
}

static void
test_nearest (void)
{
  g_autofree char *home = g_dir_make_tmp ("countersign-project-XXXXXX", NULL);
  g_autofree char *outer = g_build_filename (home, "outer", NULL);
  g_autofree char *inner = g_build_filename (outer, "inner", NULL);
  g_autofree char *far = g_build_filename (home, ".ov.yaml", NULL);
  g_autofree char *near = g_build_filename (outer, ".ov.yaml", NULL);

  g_assert_cmpint (g_mkdir_with_parents (inner, 0700), ==, 0);
  g_autoptr (McpProject) none = mcp_project_find (inner, home, NULL);
  g_assert_null (none->app);
  g_assert_true (g_file_set_contents (far, "app: far\n", -1, NULL));
  g_autoptr (McpProject) at_home = mcp_project_find (inner, home, NULL);
  g_assert_cmpstr (at_home->app, ==, "far");
  g_assert_true (g_file_set_contents (near, "env: near\n", -1, NULL));
  g_autoptr (McpProject) project = mcp_project_find (inner, home, NULL);
  g_assert_null (project->app);
  g_assert_cmpstr (project->environment, ==, "near");
  g_autoptr (McpProject) below = mcp_project_find (inner, outer, NULL);
  g_assert_cmpstr (below->environment, ==, "near");
  g_autoptr (McpProject) inside = mcp_project_find (inner, inner, NULL);
  g_assert_null (inside->environment);
  g_unlink (near);
  g_unlink (far);
  g_rmdir (inner);
  g_rmdir (outer);
  g_rmdir (home);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD_TABLE ("/mcp-project/", rows, test_parse)
  g_test_add_func ("/mcp-project/too many secrets are refused", test_too_many);
  g_test_add_func ("/mcp-project/what cannot be read is not passed over", test_unreadable);
  g_test_add_func ("/mcp-project/the nearest counts, up to the home", test_nearest);
  return g_test_run ();
}
