/* SPDX-License-Identifier: MIT
 *
 * Credentials for an AWS role, as the AWS tools take them from a program (credential_process).
 *
 * MUST
 *  - print nothing but the credentials on standard output, and nothing that is not JSON
 *  - ask as the tool that started it does: a person answers elsewhere
 */
#include "broker/cli/cli.h"

#include <stdio.h>
#include <string.h>

#include "broker/cli/cli-ask.h"
#include "broker/cli/cli-output.h"

#define LONGEST (12 * 3600) /* seconds; as AWS has it */

typedef struct
{
  char *role, *provider, **scopes, *duration, *purpose;
} Options;

static void
options_clear (Options *options)
{
  g_free (options->role);
  g_free (options->provider);
  g_strfreev (options->scopes);
  g_free (options->duration);
  g_free (options->purpose);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Options, options_clear)

static gboolean
put (json_t *params, const char *member, const char *text)
{
  return text == NULL || json_object_set_new (params, member, json_string (text)) == 0;
}

/* NULL: a word is not UTF-8. */
static json_t *
params_of (const Options *options, gint64 seconds)
{
  g_autoptr (json_t) params = json_object (), scopes = json_array ();

  for (char **scope = options->scopes; scope != NULL && *scope != NULL; scope++)
    if (json_array_append_new (scopes, json_string (*scope)) != 0)
      return NULL;
  if (!put (params, "role_arn", options->role) || !put (params, "provider", options->provider)
      || !put (params, "purpose", options->purpose))
    return NULL;
  if (json_array_size (scopes) > 0)
    json_object_set (params, "scopes", scopes);
  if (seconds > 0)
    json_object_set_new (params, "ttl_seconds", json_integer (seconds));
  return g_steal_pointer (&params);
}

/* What AWS names in its own tools, and nothing else that may come to stand there. */
static json_t *
process_output (const Secret *value)
{
  static const char *const members[]
      = { "AccessKeyId", "SecretAccessKey", "SessionToken", "Expiration" };
  g_autoptr (json_t) credentials = json_loadb ((const char *) secret_peek (value),
                                               secret_len (value), JSON_REJECT_DUPLICATES, NULL);
  json_t *output = json_pack ("{s:i}", "Version", 1);

  for (gsize i = 0; i < G_N_ELEMENTS (members); i++)
    {
      json_t *member = json_object_get (credentials, members[i]);
      if (!json_is_string (member))
        {
          json_decref (output);
          return NULL;
        }
      json_object_set (output, members[i], member);
    }
  return output;
}

static CliStatus
ask (const Cli *cli, const Options *options, gint64 seconds)
{
  g_autoptr (json_t) params = params_of (options, seconds), output = NULL;
  g_autofree char *what = g_strdup_printf ("AWS credentials for %s", options->role);
  g_autoptr (Secret) value = NULL;
  GError *error = NULL;

  if (params == NULL)
    return cli_usage (cli, "role, scopes, provider and purpose must be UTF-8");
  value = cli_ask_value (
      cli,
      &(CliQuestion){ .method = "get_aws_credentials", .params = params, .fd = -1, .what = what },
      &error);
  if (value == NULL)
    return cli_fail (cli, error);
  output = process_output (value);
  if (output == NULL)
    return cli_say_error (cli, "the broker's answer does not hold AWS credentials");
  cli_json (output);
  return CLI_DONE;
}

CliStatus
cli_aws_credentials (Cli *cli)
{
  g_auto (Options) options = { 0 };
  const GOptionEntry entries[]
      = { { "role", 0, 0, G_OPTION_ARG_FILENAME, &options.role, "The role to take on", "ARN" },
          { "provider", 0, 0, G_OPTION_ARG_FILENAME, &options.provider,
            "From this provider, where several have the role", "PROVIDER" },
          { "scope", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &options.scopes,
            "Ask for no more than “ACTION [RESOURCE-ARN]”; may be repeated", "SCOPE" },
          { "duration", 0, 0, G_OPTION_ARG_FILENAME, &options.duration, "Ask for so long", "TIME" },
          { "purpose", 0, 0, G_OPTION_ARG_FILENAME, &options.purpose,
            "What it is for, as the person will read it", "TEXT" },
          G_OPTION_ENTRY_NULL };
  gint64 seconds;

  if (!cli_options (cli, entries, 0, 0))
    return cli->status;
  if (options.role == NULL)
    return cli_usage (cli, "say which role: --role ARN");
  seconds = cli_option_duration (cli, "--duration", options.duration, LONGEST);
  return seconds < 0 ? CLI_USAGE : ask (cli, &options, seconds);
}
