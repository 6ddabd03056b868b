/* SPDX-License-Identifier: MIT
 *
 * Starting a program with secrets in its environment: the command of an MCP client's configuration.
 *
 * MUST
 *  - ask once for all values together, and not at all when there is none to ask for
 *  - become the program itself, by execve(): its standard streams, terminal, signals and exit
 * status are then its own, and nothing of ours stays behind
 *  - leave arguments as they are: everybody may read them, so nothing in them is a reference
 */
#include "broker/cli/cli.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "broker/cli/cli-ask.h"
#include "broker/cli/cli-environment.h"
#include "broker/cli/cli-output.h"
#include "broker/cli/cli-program.h"
#include "broker/cli/cli-sandbox.h"

typedef struct
{
  char **secrets, **files, **write;
  char *purpose, *service;
  gboolean sandbox;
} Options;

static void
options_clear (Options *options)
{
  g_strfreev (options->secrets);
  g_strfreev (options->files);
  g_strfreev (options->write);
  g_free (options->purpose);
  g_free (options->service);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Options, options_clear)

static CliStatus
fail (const Cli *cli, GError *error)
{
  cli_fail (cli, error);
  return CLI_RUN_FAILED;
}

static CliEnvironment *
declared (const Options *options, GError **error)
{
  g_auto (GStrv) own = g_get_environ ();
  g_autoptr (CliEnvironment) environment = cli_environment_new (own);

  for (char **file = options->files; file != NULL && *file != NULL; file++)
    if (!cli_environment_add_file (environment, *file, error))
      return NULL;
  for (char **secret = options->secrets; secret != NULL && *secret != NULL; secret++)
    if (!cli_environment_add_secret (environment, *secret, error))
      return NULL;
  return cli_environment_resolve (environment, error) ? g_steal_pointer (&environment) : NULL;
}

/* A person has to be able to read what is approved. */
static gboolean
check_text (const char *what, const char *text, GError **error)
{
  if (g_utf8_validate (text, -1, NULL))
    return TRUE;
  g_set_error (error, CLI_ASK_ERROR, CLI_ASK_ERROR_FAILED,
               "%s is not UTF-8: it could not be shown to the person who is asked", what);
  return FALSE;
}

static void
add_openings (json_t *params, const Options *options, const CliSandbox *sandbox)
{
  json_t *write = json_array ();

  for (char **path = sandbox->write; path != NULL && *path != NULL; path++)
    json_array_append_new (write, json_string (*path));
  if (json_array_size (write) > 0)
    json_object_set (params, "write_paths", write);
  json_decref (write);
  if (options->service == NULL)
    return;
  json_object_set_new (params, "service", json_string (options->service));
  json_object_set_new (params, "relay_fd", json_true ());
}

static json_t *
launch_params (const Cli *cli, const Options *options, const CliProgram *program,
               const CliSandbox *sandbox, json_t *secrets, GError **error)
{
  g_autoptr (json_t) argv = json_array ();
  g_autofree char *directory = g_get_current_dir ();
  json_t *params;

  if (!check_text ("the program's path", program->path, error)
      || !check_text ("the working directory", directory, error)
      || (options->purpose != NULL && !check_text ("the purpose", options->purpose, error)))
    return NULL;
  for (int i = 0; i < cli->n_args; i++)
    {
      g_autofree char *what = g_strdup_printf ("argument %d", i);
      if (!check_text (what, cli->args[i], error))
        return NULL;
      json_array_append_new (argv, json_string (cli->args[i]));
    }
  params = json_pack ("{s:s, s:O, s:O, s:s, s:b}", "program", program->path, "argv", argv,
                      "secrets", secrets, "work_dir", directory, "sandbox", options->sandbox);
  if (options->purpose != NULL)
    json_object_set_new (params, "purpose", json_string (options->purpose));
  add_openings (params, options, sandbox);
  return params;
}

/* "GITHUB_TOKEN and the service github for /usr/bin/npx": g_free(). */
static char *
question_words (const Options *options, const CliEnvironment *environment,
                const CliProgram *program)
{
  g_autofree char *secrets = cli_environment_words (environment);

  if (options->service == NULL)
    return g_strdup_printf ("%s for %s", secrets, program->path);
  return g_strdup_printf ("%s%sthe service %s for %s", secrets, *secrets != '\0' ? " and " : "",
                          options->service, program->path);
}

/* The values of @secrets, after a person has said yes. */
static GPtrArray *
ask (const Cli *cli, const Options *options, const CliEnvironment *environment,
     const CliProgram *program, CliSandbox *sandbox, json_t *secrets, GError **error)
{
  g_autoptr (json_t) params = launch_params (cli, options, program, sandbox, secrets, error);
  g_autofree char *what = question_words (options, environment, program);
  g_autoptr (GPtrArray) values = NULL;
  g_autoptr (json_t) result = NULL;

  if (params == NULL)
    return NULL;
  values = cli_ask_values (cli,
                           &(CliQuestion){ .method = "launch",
                                           .params = params,
                                           .fd = sandbox->sent,
                                           .n = json_array_size (secrets),
                                           .what = what },
                           &result, error);
  return values != NULL && cli_sandbox_take (sandbox, result, error)
                 && cli_program_unchanged (program, error)
             ? g_steal_pointer (&values)
             : NULL;
}

static CliStatus
become (const Cli *cli, const CliProgram *program, const CliSandbox *sandbox, char **environment)
{
  GError *error = NULL;
  g_auto (GStrv) confined
      = sandbox != NULL ? cli_sandbox_command (sandbox, program, cli->args, &error) : NULL;

  if (error != NULL)
    return fail (cli, error);
  if (confined != NULL)
    execve (confined[0], confined, environment);
  else
    execve (program->path, cli->args, environment);
  cli_say_error (cli, "%s: %s", confined != NULL ? confined[0] : program->path,
                 errno == ENOEXEC ? "no program that can be run: is there a #! line in it?"
                                  : g_strerror (errno));
  return errno == ENOENT ? CLI_RUN_NOT_FOUND : CLI_RUN_NOT_EXECUTABLE;
}

static CliStatus
run (Cli *cli, const Options *options)
{
  g_auto (CliProgram) program = { 0 };
  g_auto (CliSandbox) sandbox = { .sent = -1, .kept = -1 };
  g_autoptr (CliEnvironment) environment = NULL;
  g_autoptr (GPtrArray) values = NULL;
  g_autoptr (json_t) secrets = NULL;
  GError *error = NULL;
  CliStatus found;
  char **filled;

  if ((environment = declared (options, &error)) == NULL)
    return fail (cli, error);
  found = cli_program_find (cli->args[0], g_getenv ("PATH"), &program, &error);
  if (found != CLI_DONE)
    {
      cli_fail (cli, error);
      return found;
    }
  if (options->sandbox
      && !cli_sandbox_prepare (&sandbox, options->write, options->service != NULL, &error))
    return fail (cli, error);
  secrets = cli_environment_secrets (environment);
  if ((json_array_size (secrets) > 0 || options->service != NULL)
      && (values = ask (cli, options, environment, &program, &sandbox, secrets, &error)) == NULL)
    return fail (cli, error);
  if ((filled = cli_environment_fill (environment, values, &error)) == NULL)
    return fail (cli, error);
  return become (cli, &program, options->sandbox ? &sandbox : NULL, filled);
}

CliStatus
cli_run (Cli *cli)
{
  g_auto (Options) options = { 0 };
  const GOptionEntry entries[]
      = { { "secret", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &options.secrets,
            "Give it this secret, by default in a variable of its name; may be repeated",
            "NAME[=VARIABLE]" },
          { "env-file", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &options.files,
            "Set the variables of this file; may be repeated", "PATH" },
          { "sandbox", 0, 0, G_OPTION_ARG_NONE, &options.sandbox,
            "Start it confined: without a network, and writing nowhere but to what is thrown away",
            NULL },
          { "write", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &options.write,
            "In the sandbox: let it write this file or folder; may be repeated", "PATH" },
          { "service", 0, 0, G_OPTION_ARG_STRING, &options.service,
            "In the sandbox: let it reach this service and nothing else", "NAME" },
          { "purpose", 0, 0, G_OPTION_ARG_FILENAME, &options.purpose,
            "Say what for, to the person who is asked", "TEXT" },
          G_OPTION_ENTRY_NULL };

  if (!cli_options_then_command (cli, entries))
    return cli->status == CLI_DONE ? CLI_DONE : CLI_RUN_FAILED;
  if (cli->pin_fd != -1 || cli->passphrase_fd != -1)
    cli_usage (cli, "nobody gives it a PIN or passphrase: who is asked answers elsewhere");
  else if (!options.sandbox && (options.write != NULL || options.service != NULL))
    cli_usage (cli, "--%s opens the sandbox: give --sandbox too",
               options.write != NULL ? "write" : "service");
  else if (cli->json)
    cli_usage (cli, "it becomes another program, which prints what it likes; leave --json out");
  else
    return run (cli, &options);
  return CLI_RUN_FAILED;
}
