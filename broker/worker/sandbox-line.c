/* SPDX-License-Identifier: MIT */
#include "broker/base/paths.h"
#include "broker/worker/sandbox.h"

static void
add_option (GPtrArray *args, const char *option, const char *const *values)
{
  for (; values != NULL && *values != NULL; values++)
    g_ptr_array_add (args, g_strconcat (option, *values, NULL));
}

char **
sandbox_command_line (const char *const *argv, const char *const *write, const char *const *hide,
                      GError **error)
{
  char *program = paths_program ("countersign-worker-exec", error);
  GPtrArray *args = program != NULL ? g_ptr_array_new () : NULL;

  if (args == NULL)
    return NULL;
  g_ptr_array_add (args, program);
  g_ptr_array_add (args, g_strdup ("--confine"));
  add_option (args, "--write=", write);
  add_option (args, "--hide=", hide);
  g_ptr_array_add (args, g_strdup ("--"));
  add_option (args, "", argv);
  g_ptr_array_add (args, NULL);
  return (char **) g_ptr_array_free (args, FALSE);
}
