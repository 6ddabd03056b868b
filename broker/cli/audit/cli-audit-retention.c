/* SPDX-License-Identifier: MIT
 *
 * How long the audit trail is kept.
 */
#include <stdio.h>
#include <string.h>

#include "broker/audit/audit.h"
#include "broker/cli/cli-output.h"
#include "broker/cli/cli-session.h"

#define FOR_EVER "forever"

static void
print_retention (const json_t *result)
{
  gint64 days = wire_integer (result, "days", 0);
  const char *trouble = wire_string (result, "trouble");

  if (days == 0)
    cli_line ("Kept", "for ever");
  else
    cli_line ("Kept", "%" G_GINT64_FORMAT " day%s; files that are older are removed once a day",
              days, days == 1 ? "" : "s");
  if (trouble != NULL)
    cli_line ("", "%s", trouble);
}

/* FALSE: is neither a number of days nor "forever", which is 0. */
static gboolean
read_days (const char *word, gint64 *days)
{
  guint64 number;

  *days = 0;
  if (strcmp (word, FOR_EVER) == 0)
    return TRUE;
  if (!g_ascii_string_to_unsigned (word, 10, 1, AUDIT_RETAIN_MAX, &number, NULL))
    return FALSE;
  *days = (gint64) number;
  return TRUE;
}

static json_t *
ask (Client *client, GError **error)
{
  return client_call (client, "audit_retention", NULL, -1, NULL, error);
}

/* The PIN is asked for what removes more than was agreed. */
static json_t *
set (const Cli *cli, Client *client, gint64 days, GError **error)
{
  g_autoptr (json_t) now = ask (client, error);
  gint64 before = wire_integer (now, "days", 0);

  if (now == NULL)
    return NULL;
  g_autoptr (json_t) params
      = days > 0 ? json_pack ("{s:I}", "days", (json_int_t) days) : json_object ();
  if (days > 0 && (before == 0 || days < before))
    return cli_widen (cli, client, "audit_retain", params, -1, error);
  return client_call (client, "audit_retain", params, -1, NULL, error);
}

CliStatus
cli_audit_retention (Cli *cli)
{
  g_autoptr (Client) client = NULL;
  g_autoptr (json_t) result = NULL;
  GError *error = NULL;
  gint64 days = 0;

  if (!cli_options (cli, NULL, 0, 1))
    return cli->status;
  if (cli->n_args == 1 && !read_days (cli->args[0], &days))
    return cli_usage (cli, "%s: is neither a number of days, 1 to %d, nor \"" FOR_EVER "\"",
                      cli->args[0], AUDIT_RETAIN_MAX);
  if ((client = cli_connect (cli, &error)) == NULL
      || (result = cli->n_args == 1 ? set (cli, client, days, &error) : ask (client, &error))
             == NULL)
    return cli_fail (cli, error);
  if (cli->json)
    cli_json (result);
  else
    print_retention (result);
  return CLI_DONE;
}
