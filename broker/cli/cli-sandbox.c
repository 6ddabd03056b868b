/* SPDX-License-Identifier: MIT */
#include "broker/cli/cli-sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "broker/base/arguments.h"
#include "broker/base/paths.h"
#include "broker/worker/sandbox.h"

static void
close_end (int *fd)
{
  if (*fd >= 0)
    close (*fd);
  *fd = -1;
}

void
cli_sandbox_clear (CliSandbox *sandbox)
{
  g_strfreev (sandbox->write);
  g_free (sandbox->host);
  close_end (&sandbox->sent);
  close_end (&sandbox->kept);
}

static gboolean
check_machine (GError **error)
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

/* Our own folders; g_strfreev(). */
static char **
hidden (void)
{
  char *dirs[]
      = { paths_data_dir (), paths_state_dir (), paths_config_dir (), paths_runtime_dir (), NULL };

  return g_memdup2 (dirs, sizeof dirs);
}

/* A person is asked about what is there, not about a link that leads to it today. */
static char *
resolve (const char *path, GError **error)
{
  char *real = realpath (path, NULL);

  if (real != NULL && g_utf8_validate (real, -1, NULL))
    return real;
  g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (real == NULL ? errno : EILSEQ),
               "--write %s: %s", path,
               real == NULL ? g_strerror (errno)
                            : "is not UTF-8: it could not be shown to the person who is asked");
  free (real);
  return NULL;
}

static char **
resolve_all (char **paths, GError **error)
{
  g_autoptr (GPtrArray) all = g_ptr_array_new_with_free_func (free);

  for (; paths != NULL && *paths != NULL; paths++)
    {
      char *real = resolve (*paths, error);
      if (real == NULL)
        return NULL;
      if (!g_ptr_array_find_with_equal_func (all, real, g_str_equal, NULL))
        g_ptr_array_add (all, real);
      else
        free (real);
    }
  if (all->len > ARGUMENTS_WRITE_MAX)
    {
      g_set_error (error, SANDBOX_ERROR, SANDBOX_ERROR_FIELD, "--write: at most %d paths",
                   ARGUMENTS_WRITE_MAX);
      return NULL;
    }
  g_ptr_array_add (all, NULL);
  return g_strdupv ((char **) all->pdata);
}

static gboolean
make_pair (CliSandbox *sandbox, GError **error)
{
  int ends[2];

  if (socketpair (AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
    {
      g_set_error (error, SANDBOX_ERROR, SANDBOX_ERROR_SYSTEM, "cannot make a socket: %s",
                   g_strerror (errno));
      return FALSE;
    }
  sandbox->sent = ends[0];
  sandbox->kept = ends[1];
  return TRUE;
}

gboolean
cli_sandbox_prepare (CliSandbox *sandbox, char **write, gboolean reaches, GError **error)
{
  g_auto (GStrv) hide = hidden ();

  if (!check_machine (error) || (sandbox->write = resolve_all (write, error)) == NULL
      || !sandbox_check_write ((const char *const *) sandbox->write, (const char *const *) hide,
                               error))
    return FALSE;
  return !reaches || make_pair (sandbox, error);
}

gboolean
cli_sandbox_take (CliSandbox *sandbox, const json_t *result, GError **error)
{
  const json_t *reach = json_object_get (result, "reach");
  gint64 port = wire_integer (reach, "port", 0);

  close_end (&sandbox->sent); /* the broker's is the only one now: its end is seen */
  if (sandbox->kept < 0)
    return TRUE;
  sandbox->host = g_strdup (wire_string (reach, "host"));
  sandbox->port = port > 0 && port <= G_MAXUINT16 ? (guint16) port : 0;
  if (sandbox->host != NULL && sandbox->port != 0)
    return TRUE;
  g_set_error_literal (error, SANDBOX_ERROR, SANDBOX_ERROR_SYSTEM,
                       "the broker's answer does not say where the service is");
  return FALSE;
}

char **
cli_sandbox_command (const CliSandbox *sandbox, const CliProgram *program, char **args,
                     GError **error)
{
  const SandboxReach reach
      = { .host = sandbox->host, .port = sandbox->port, .program = sandbox->kept };
  g_auto (GStrv) hide = hidden ();
  g_autoptr (GPtrArray) argv = g_ptr_array_new ();

  g_ptr_array_add (argv, program->path);
  for (args++; *args != NULL; args++)
    g_ptr_array_add (argv, *args);
  g_ptr_array_add (argv, NULL);
  if (sandbox->kept >= 0)
    fcntl (sandbox->kept, F_SETFD, 0); /* to what is executed next */
  return sandbox_command_line ((const char *const *) argv->pdata,
                               (const char *const *) sandbox->write, (const char *const *) hide,
                               sandbox->kept >= 0 ? &reach : NULL, error);
}
