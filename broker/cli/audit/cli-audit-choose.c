/* SPDX-License-Identifier: MIT */
#include "broker/cli/audit/cli-audit-choose.h"

#include <string.h>

#include "broker/base/wire.h"
#include "broker/cli/audit/cli-audit-time.h"
#include "policy/policy.h"

void
cli_choose_clear (CliChoose *choose)
{
  char *owned[] = { choose->event,     choose->request,      choose->since,       choose->until,
                    choose->requester, choose->operation,    choose->resource,    choose->decision,
                    choose->token,     choose->choice.since, choose->choice.until };

  for (gsize i = 0; i < G_N_ELEMENTS (owned); i++)
    g_free (owned[i]);
  cli_filter_clear (&choose->filter);
}

static gboolean
choose_time (const Cli *cli, const char *option, const char *text, gboolean end, char **to)
{
  g_autoptr (GError) error = NULL;

  if (text == NULL || (*to = cli_audit_time (text, end, g_get_real_time (), &error)) != NULL)
    return TRUE;
  cli_usage (cli, "%s: %s", option, error->message);
  return FALSE;
}

static gboolean
check_decision (const Cli *cli, const CliChoose *choose)
{
  g_autofree char *known = NULL;

  if (choose->decision == NULL || cli_filter_check_decision (choose->decision, &known))
    return TRUE;
  cli_usage (cli, "--decision: “%s” is none; there are %s", choose->decision, known);
  return FALSE;
}

static gboolean
check_operation (const Cli *cli, const CliChoose *choose)
{
  Operation operation;

  if (choose->operation == NULL || operation_from_name (choose->operation, &operation))
    return TRUE;
  cli_usage (cli, "--operation: there is no “%s”; countersign-policy(5) has them all",
             choose->operation);
  return FALSE;
}

static gboolean
check_event (const Cli *cli, const CliChoose *choose)
{
  const char *event = choose->event;

  if (event == NULL
      || (*event != '\0' && strspn (event, "abcdefghijklmnopqrstuvwxyz_") == strlen (event)))
    return TRUE;
  cli_usage (cli, "--event: “%s” is no name of an event, such as grant_made", event);
  return FALSE;
}

/* Names and programs are sealed, and stay so. */
static gboolean
check_names (const Cli *cli, const CliChoose *choose)
{
  if (!choose->no_names || !cli_filter_needs_names (&choose->filter))
    return TRUE;
  cli_usage (cli, "%s: names are sealed in the trail, and --no-names leaves them so",
             choose->resource != NULL ? "--resource" : "--requester");
  return FALSE;
}

gboolean
cli_choose_check (const Cli *cli, CliChoose *choose)
{
  choose->filter = (CliFilter){ .requester = choose->requester,
                                .operation = choose->operation,
                                .resource = choose->resource,
                                .decision = choose->decision };
  choose->choice.id = choose->request;
  choose->choice.event = choose->event != NULL ? choose->event : cli_filter_event (&choose->filter);
  return check_event (cli, choose) && check_decision (cli, choose) && check_operation (cli, choose)
         && check_names (cli, choose)
         && choose_time (cli, "--since", choose->since, FALSE, &choose->choice.since)
         && choose_time (cli, "--until", choose->until, TRUE, &choose->choice.until);
}

gboolean
cli_choose_resolve (CliChoose *choose, const CliTrail *trail, GError **error)
{
  if (!cli_filter_needs_names (&choose->filter))
    return TRUE;
  if (trail->client == NULL)
    {
      g_set_error_literal (error, CLIENT_ERROR, CLIENT_ERROR_UNREACHABLE,
                           "names are sealed in the trail, and no broker opens them: neither "
                           "--resource nor a program can be looked for");
      return FALSE;
    }
  if (choose->resource == NULL || !cli_filter_is_name (choose->resource))
    return TRUE;
  g_autoptr (json_t) params = json_pack ("{s:s}", "name", choose->resource);
  g_autoptr (json_t) result
      = params != NULL ? client_call (trail->client, "audit_token", params, -1, NULL, error) : NULL;
  if (params == NULL)
    g_set_error_literal (error, CLIENT_ERROR, CLIENT_ERROR_PROTOCOL, "--resource: is not UTF-8");
  choose->token = g_strdup (wire_string (result, "token"));
  choose->choice.resource = choose->token;
  choose->filter.resource = NULL;
  return choose->token != NULL;
}
