/* SPDX-License-Identifier: MIT
 *
 * Logging in to a provider, by the person's own browser.
 *
 * MUST
 *  - see no token: what the provider gives goes from the broker's worker into its store
 */
#include "broker/cli/cli-login.h"

#include <stdio.h>

#include "broker/base/text.h"
#include "broker/base/variables.h"
#include "broker/cli/cli-flow.h"
#include "broker/cli/cli-output.h"
#include "broker/cli/cli-session.h"

typedef struct
{
  char **scopes, *name;
  gboolean device, no_browser, setup, status;
} Options;

static void
options_clear (Options *options)
{
  g_strfreev (options->scopes);
  g_free (options->name);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Options, options_clear)

/* NULL: a word is not UTF-8. */
static json_t *
login_params (const char *provider, const Options *options)
{
  g_autoptr (json_t) params = json_pack ("{s:s}", "provider", provider), scopes = json_array ();

  for (char **scope = options->scopes; scope != NULL && *scope != NULL; scope++)
    if (json_array_append_new (scopes, json_string (*scope)) != 0)
      return NULL;
  if (params == NULL
      || (options->name != NULL
          && json_object_set_new (params, "secret", json_string (options->name)) != 0))
    return NULL;
  if (json_array_size (scopes) > 0)
    json_object_set (params, "scopes", scopes);
  if (options->device)
    json_object_set_new (params, "method", json_string ("device"));
  return g_steal_pointer (&params);
}

/* "it expires in 8h, and is renewed before that" */
static void
print_life (const json_t *end)
{
  gint64 seconds = wire_integer (end, "expires_in", 0);
  gboolean refreshes = json_is_true (json_object_get (end, "refreshes"));
  g_autofree char *life = text_format_duration (seconds);

  if (seconds > 0)
    printf ("It is good for %s%s.\n", life,
            refreshes ? ", and the broker renews it before that" : "; then log in again");
}

static CliStatus
report (const Cli *cli, const char *provider, json_t *end)
{
  const char *secret = wire_string (end, "secret"), *scope = wire_string (end, "scope");
  const char *message = wire_string (end, "message");

  if (!json_is_true (json_object_get (end, "ok")))
    return cli_say_error (cli, "%s: %s", provider,
                          message != NULL ? message : "the login did not succeed");
  if (cli->json)
    {
      json_object_set_new (end, "provider", json_string (provider));
      json_object_del (end, "login_id");
      cli_json_with_id (end, "secret");
      return CLI_DONE;
    }
  puts ("\nLogged in.");
  cli_line ("Provider", "%s", provider);
  if (secret != NULL)
    cli_line ("Secret", "%s", secret);
  if (scope != NULL && *scope != '\0')
    cli_line ("Scopes", "%s", scope);
  print_life (end);
  return CLI_DONE;
}

/* Leaving closes the connection, which ends the flow. */
static CliStatus
called_off (const Cli *cli, GError *error)
{
  if (!g_error_matches (error, CLI_FLOW_ERROR, CLI_FLOW_ERROR_CALLED_OFF))
    return cli_fail (cli, error);
  g_error_free (error);
  return cli_say_error (cli, "called off; nothing was stored");
}

/* Who has them set may think that they count. */
static void
tell_variables (void)
{
  g_autofree char *note = variables_note ();

  if (note != NULL)
    g_printerr ("countersign login: %s\n", note);
}

static CliStatus
login (const Cli *cli, const char *provider, const Options *options)
{
  g_autoptr (json_t) params = login_params (provider, options), begun = NULL, end = NULL;
  g_autoptr (Client) client = NULL;
  GError *error = NULL;

  if (params == NULL)
    return cli_usage (cli, "provider, scopes and name must be UTF-8");
  tell_variables ();
  if ((client = cli_connect (cli, &error)) == NULL
      || (begun = cli_widen (cli, client, "login_start", params, -1, &error)) == NULL)
    return cli_fail (cli, error);
  const CliFlow flow
      = { .member = "login_id",
          .id = wire_string (begun, "login_id"),
          .over = "login_done",
          .open = !options->no_browser && !options->device,
          .leave = "calls it off",
          .hint = "On another machine, --device can be used instead, where the provider has it.",
          .stream = cli->json ? stderr : stdout };
  end = cli_flow_wait (client, &flow, &error);
  return end != NULL ? report (cli, provider, end) : called_off (cli, error);
}

/* FALSE, and said so, when the options do not go together. */
static gboolean
check_options (Cli *cli, const Options *options)
{
  gboolean of_login
      = options->scopes != NULL || options->name != NULL || options->device || options->no_browser;
  g_autoptr (GError) error = NULL;

  if (options->setup && options->status)
    cli->status = cli_usage (cli, "--setup and --status do not go together");
  else if ((options->setup || options->status) && of_login)
    cli->status = cli_usage (cli, "--scope, --name, --device and --no-browser go with a login");
  else if (options->status ? cli->n_args != 0 : cli->n_args != 1)
    cli->status = options->status ? cli_usage (cli, "--status goes without a provider")
                                  : cli_usage (cli, "name one provider, or say --status");
  else if (options->name != NULL && !text_check_name (options->name, &error))
    cli->status = cli_usage (cli, "--name “%s” %s", options->name, error->message);
  else
    return TRUE;
  return FALSE;
}

CliStatus
cli_login (Cli *cli)
{
  g_auto (Options) options = { 0 };
  const GOptionEntry entries[]
      = { { "scope", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &options.scopes,
            "Ask for this scope, in the provider's own words; may be repeated", "SCOPE" },
          { "name", 0, 0, G_OPTION_ARG_FILENAME, &options.name,
            "Keep the token as SECRET, in place of PROVIDER-token", "SECRET" },
          { "device", 0, 0, G_OPTION_ARG_NONE, &options.device,
            "By a code, to be entered in a browser on any machine", NULL },
          { "no-browser", 0, 0, G_OPTION_ARG_NONE, &options.no_browser,
            "Print the address, and open no browser", NULL },
          { "setup", 0, 0, G_OPTION_ARG_NONE, &options.setup,
            "Register Countersign at the provider, step by step", NULL },
          { "status", 0, 0, G_OPTION_ARG_NONE, &options.status, "Show what is logged in", NULL },
          G_OPTION_ENTRY_NULL };

  if (!cli_options (cli, entries, 0, 1) || !check_options (cli, &options))
    return cli->status;
  if (options.status)
    return cli_login_status (cli);
  if (options.setup)
    return cli_login_setup (cli, cli->args[0]);
  return login (cli, cli->args[0], &options);
}
