/* SPDX-License-Identifier: MIT */
#include "broker/base/paths.h"
#include "broker/worker/sandbox.h"

#include <poll.h>

#define PATIENCE 10000 /* ms */

json_t *
sandbox_probe (void)
{
  static const char *const none[] = { NULL };
  const SandboxCommand command
      = { .program = "/", .env = none, .fds = { -1, -1, -1 }, .session = FALSE };
  g_autoptr (GError) error = NULL;
  g_autoptr (Sandbox) sandbox = sandbox_start (&command, &error);
  struct pollfd polled = { sandbox != NULL ? sandbox_fd (sandbox) : -1, POLLIN, 0 };

  if (sandbox == NULL || poll (&polled, 1, PATIENCE) != 1
      || sandbox_take (sandbox, &error) != SANDBOX_CONFINED)
    return json_pack ("{s:s, s:s, s:b, s:b, s:[s]}", "files", "none", "network", "none", "seccomp",
                      FALSE, "full", FALSE, "missing",
                      error != NULL ? error->message : "the probe gave no answer");
  return sandbox_confinement (sandbox);
}

static void
add_option (GPtrArray *args, const char *option, const char *const *values)
{
  for (; values != NULL && *values != NULL; values++)
    g_ptr_array_add (args, g_strconcat (option, *values, NULL));
}

char **
sandbox_command_line (const char *const *argv, const char *const *write, const char *const *hide,
                      const SandboxReach *reach, GError **error)
{
  char *program = paths_program ("countersign-worker-exec", error);
  GPtrArray *args = program != NULL ? g_ptr_array_new () : NULL;

  if (args == NULL)
    return NULL;
  g_ptr_array_add (args, program);
  g_ptr_array_add (args, g_strdup ("--confine"));
  add_option (args, "--write=", write);
  add_option (args, "--hide=", hide);
  if (reach != NULL)
    {
      g_ptr_array_add (args, g_strdup_printf ("--reach=%s", reach->host));
      g_ptr_array_add (args, g_strdup_printf ("--port=%u", reach->port));
      g_ptr_array_add (args, g_strdup_printf ("--program=%d", reach->program));
    }
  g_ptr_array_add (args, g_strdup ("--"));
  add_option (args, "", argv);
  g_ptr_array_add (args, NULL);
  return (char **) g_ptr_array_free (args, FALSE);
}
