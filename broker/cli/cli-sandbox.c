/* SPDX-License-Identifier: MIT */
#include "broker/cli/cli-sandbox.h"

#include "broker/base/paths.h"
#include "broker/base/wire.h"
#include "broker/worker/sandbox.h"

gboolean
cli_sandbox_check (GError **error)
{
  g_autoptr (json_t) confinement = sandbox_probe ();
  const json_t *missing = json_object_get (confinement, "missing"), *what;
  g_autoptr (GString) words = g_string_new (NULL);
  gsize i;

  if (json_is_true (json_object_get (confinement, "full")))
    return TRUE;
  json_array_foreach (missing, i, what)
      g_string_append_printf (words, "%s%s", i > 0 ? "; " : "", json_string_value (what));
  g_set_error (error, SANDBOX_ERROR, SANDBOX_ERROR_CONFINEMENT,
               "this machine has not all of the sandbox (%s); nothing was started", words->str);
  return FALSE;
}

char **
cli_sandbox_command (const CliProgram *program, char **args, GError **error)
{
  g_autofree char *data = paths_data_dir (), *state = paths_state_dir (),
                  *config = paths_config_dir (), *run = paths_runtime_dir ();
  const char *const hide[] = { data, state, config, run, NULL };
  g_autoptr (GPtrArray) argv = g_ptr_array_new ();

  g_ptr_array_add (argv, program->path);
  for (args++; *args != NULL; args++)
    g_ptr_array_add (argv, *args);
  g_ptr_array_add (argv, NULL);
  return sandbox_command_line ((const char *const *) argv->pdata, NULL, hide, error);
}
