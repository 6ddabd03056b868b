/* SPDX-License-Identifier: MIT
 *
 * Why a policy says what it says of one request: the verdict, the rules that decided, those that
 * matched and were beaten, those that nearly matched.
 */
#include <stdio.h>

#include "broker/cli/policy/cli-explained.h"
#include "broker/cli/cli-output.h"
#include "broker/cli/policy/cli-recorded.h"
#include "broker/cli/policy/cli-rules.h"
#include "broker/cli/cli-session.h"

typedef struct
{
  gboolean all, proposed;
  char **policy;
} Options;

static void
options_clear (Options *options)
{
  g_strfreev (options->policy);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Options, options_clear)

/* A request's id is one word, and no operation is called so. */
static gboolean
is_id (const Cli *cli)
{
  Operation operation;
  const char *word = cli->args[0];

  for (; g_ascii_isalnum (*word);)
    word++;
  return cli->n_args == 1 && *word == '\0' && !operation_from_name (cli->args[0], &operation);
}

/* ---- a request that was made ---- */

/* All that the trail has of it, in one object. */
static json_t *
find_record (const Cli *cli, const CliTrail *trail, GError **error)
{
  CliAuditChoice choice = { .id = cli->args[0] };
  g_autoptr (GPtrArray) records = cli_audit_read (trail, &choice, error);
  g_autoptr (json_t) whole = NULL;

  if (records == NULL || !cli_audit_open (cli, trail, records, error))
    return NULL;
  for (guint i = 0; i < records->len; i++)
    if (whole == NULL)
      whole = json_incref (records->pdata[i]);
    else
      cli_recorded_join (whole, records->pdata[i]);
  if (whole == NULL)
    g_set_error (error, CLIENT_ANSWER_ERROR, CLI_ANSWER_NOT_FOUND,
                 "the trail has no request “%s”; “countersign audit list” names those there are, "
                 "and a request may be described: get_secret prod/db/URL from /usr/bin/node",
                 cli->args[0]);
  return g_steal_pointer (&whole);
}

static PolicyRequest *
read_record (const Cli *cli, const CliRules *rules, const json_t *record, GError **error)
{
  PolicyRequest *request = cli_recorded_request (record, rules->user_mode);

  if (request == NULL)
    g_set_error (error, CLIENT_ANSWER_ERROR, CLI_ANSWER_NOT_FOUND,
                 "the records of “%s” do not say what was asked for; “countersign audit show %s” "
                 "shows them",
                 cli->args[0], cli->args[0]);
  return request;
}

/* ---- the command ---- */

/* Standing rules answer beside any policy. */
static gboolean
read_standing (Client *client, CliRules *rules, CliStanding **standing, GError **error)
{
  rules->standing = *standing = cli_standing_read (client, error);
  return *standing != NULL;
}

/* The files of the person's choice need no broker. */
static gboolean
read_rules (const Cli *cli, const Options *options, CliTrail *trail, CliRules *rules,
            CliStanding **standing, GError **error)
{
  if (options->policy != NULL || options->proposed)
    return cli_rules_proposed (cli, options->policy, rules, error)
           && (trail->client == NULL || read_standing (trail->client, rules, standing, error));
  if (trail->client == NULL && (trail->client = cli_connect_with_pin (cli, NULL, error)) == NULL)
    return FALSE;
  return cli_rules_accepted (cli, trail->client, rules, error)
         && read_standing (trail->client, rules, standing, error);
}

static CliStatus
explain_recorded (Cli *cli, const Options *options)
{
  g_autoptr (json_t) record = NULL;
  g_autoptr (PolicyRequest) request = NULL;
  g_autoptr (CliStanding) standing = NULL;
  g_auto (CliRules) rules = { 0 };
  g_auto (CliTrail) trail = { 0 };
  GError *error = NULL;

  if (!cli_trail_open (cli, &trail, &error))
    return cli_fail (cli, error);
  if (trail.client == NULL && (trail.client = cli_connect_with_pin (cli, NULL, &error)) == NULL)
    return cli_fail (cli, error);
  if ((record = find_record (cli, &trail, &error)) == NULL
      || !read_rules (cli, options, &trail, &rules, &standing, &error)
      || (request = read_record (cli, &rules, record, &error)) == NULL)
    return cli_fail (cli, error);
  cli_explain (cli, &rules, request, record, options->all);
  return CLI_DONE;
}

static CliStatus
explain_described (Cli *cli, const Options *options)
{
  g_auto (CliTrail) trail = { 0 }; /* its connection alone */
  g_autoptr (CliStanding) standing = NULL;
  g_auto (CliRules) rules = { 0 };
  GError *error = NULL;
  g_autoptr (PolicyRequest) request = cli_words_request (cli->args, &error);

  if (request == NULL)
    {
      cli_fail (cli, error);
      return CLI_USAGE;
    }
  if (!read_rules (cli, options, &trail, &rules, &standing, &error))
    return cli_fail (cli, error);
  cli_words_complete (request, rules.policy);
  cli_explain (cli, &rules, request, NULL, options->all);
  return CLI_DONE;
}

CliStatus
cli_policy_explain (Cli *cli)
{
  g_auto (Options) options = { 0 };
  const GOptionEntry entries[]
      = { { "all", 0, 0, G_OPTION_ARG_NONE, &options.all, "Show each rule", NULL },
          { "proposed", 0, 0, G_OPTION_ARG_NONE, &options.proposed,
            "About the files in the configuration folder, not the accepted policy", NULL },
          { "policy", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &options.policy,
            "About these files (once for each)", "FILE" },
          G_OPTION_ENTRY_NULL };

  cli_words_fold (cli->args);
  if (!cli_options (cli, entries, 1, -1))
    return cli->status;
  if (options.proposed && options.policy != NULL)
    return cli_usage (cli, "--proposed and --policy: give one of them");
  return is_id (cli) ? explain_recorded (cli, &options) : explain_described (cli, &options);
}
