/* SPDX-License-Identifier: MIT */
#include "broker/grant/script.h"

static const struct
{
  const char *sentence, *exe, *command, *kind, *text;
} rows[] = {
  { "a script is named by its path", "/usr/bin/node", "node /opt/cli.js --x", "file",
    "/opt/cli.js" },
  { "a relative path is completed by the directory", "/usr/bin/node", "node ../cli.js", "file",
    "/cli.js" },
  { "options that stand alone are passed over", "/usr/bin/node", "node --no-warnings cli.js",
    "file", "/w/cli.js" },
  { "the value of an option is no script", "/usr/bin/node", "node -r ./x.js cli.js", "file",
    "/w/cli.js" },
  { "a value within the word is passed over", "/usr/bin/node", "node --require=./x.js cli.js",
    "file", "/w/cli.js" },
  { "an option that we do not know ends the reading", "/usr/bin/node", "node --new x cli.js", NULL,
    NULL },
  { "a version belongs to the name", "/usr/bin/python3.11", "python3 a.py", "file", "/w/a.py" },
  { "a module is named", "/usr/bin/python3", "python3 -u -m http.server 80", "module",
    "http.server" },
  { "an option behind -c is not the code", "/bin/sh", "sh -c -x true", NULL, NULL },
  { "code is shown as code", "/bin/sh", "sh -c true", "code", "true" },
  { "an option without its value says nothing", "/bin/sh", "sh -c", NULL, NULL },
  { "an interpreter that reads its input runs nothing that can be named", "/bin/bash", "bash -l",
    NULL, NULL },
  { "another program's arguments are no script", "/usr/bin/git", "git push", NULL, NULL },
  { "what only begins like an interpreter is none", "/usr/bin/nodeenv", "nodeenv x", NULL, NULL },
};

static void
test_row (gconstpointer data)
{
  gsize i = GPOINTER_TO_SIZE (data);
  g_auto (GStrv) argv = g_strsplit (rows[i].command, " ", -1);
  g_autofree char *text = NULL;
  ScriptKind kind = script_find (rows[i].exe, argv, "/w", &text);

  g_assert_cmpstr (script_kind_name (kind), ==, rows[i].kind);
  g_assert_cmpstr (text, ==, rows[i].text);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *path = g_strconcat ("/script/", rows[i].sentence, NULL);
      g_test_add_data_func (path, GSIZE_TO_POINTER (i), test_row);
    }
  return g_test_run ();
}
