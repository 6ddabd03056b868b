/* SPDX-License-Identifier: MIT
 *
 * What is logged in, and logging out.
 */
#include "broker/cli/cli-login.h"

#include <stdio.h>
#include <string.h>

#include "broker/base/text.h"
#include "broker/cli/cli-output.h"
#include "broker/cli/cli-session.h"

/* "in 7h" of a time that the broker wrote; NULL: it does not expire. */
static char *
expires_words (const char *time)
{
  g_autoptr (GDateTime) then = time != NULL ? g_date_time_new_from_iso8601 (time, NULL) : NULL;
  gint64 left = then != NULL ? g_date_time_to_unix (then) - g_get_real_time () / G_USEC_PER_SEC : 0;
  g_autofree char *duration = NULL;

  if (then == NULL)
    return time != NULL ? g_strdup (time) : NULL;
  if (left <= 0)
    return g_strdup ("has expired");
  /* Seconds of an hour tell nobody anything. */
  duration = text_format_duration (left < 120 ? left : left / 60 * 60);
  return g_strdup_printf ("in %s", duration);
}

static void
print_logins (const json_t *logins)
{
  if (json_array_size (logins) == 0)
    {
      puts ("Nothing is logged in. To begin: countersign login PROVIDER");
      return;
    }
  const char *const headings[]
      = { "PROVIDER", "SECRET", "EXPIRES", "RENEWED", "SCOPES", "TROUBLE", NULL };
  g_autoptr (CliTable) table = cli_table_new (headings);
  const json_t *login;
  gsize i;

  json_array_foreach (logins, i, login)
  {
    g_autofree char *scopes = cli_join (json_object_get (login, "scopes"), " ");
    g_autofree char *expires = expires_words (wire_string (login, "expires_at"));

    cli_table_cell (table, wire_string (login, "provider"));
    cli_table_cell (table, wire_string (login, "secret"));
    cli_table_cell (table, expires != NULL ? expires : "never");
    cli_table_cell (table, json_is_true (json_object_get (login, "refreshes")) ? "yes" : "no");
    cli_table_cell (table, *scopes != '\0' ? scopes : NULL);
    cli_table_cell (table, wire_string (login, "trouble"));
  }
  cli_table_print (table);
}

CliStatus
cli_login_status (Cli *cli)
{
  return cli_print_list (cli, "login_list", "logins", "secret", print_logins);
}

/* --- Logging out --- */

/* The secret of the login that @word names: itself, or the only one at a provider of that name. */
static const char *
find_secret (const json_t *logins, const char *word, GError **error)
{
  const char *found = NULL;
  const json_t *login;
  guint alike = 0;
  gsize i;

  json_array_foreach (logins, i, login)
  {
    const char *secret = wire_string (login, "secret");
    if (g_strcmp0 (secret, word) == 0)
      return secret;
    if (g_strcmp0 (wire_string (login, "provider"), word) == 0)
      {
        found = secret;
        alike++;
      }
  }
  if (alike == 1)
    return found;
  if (alike > 1)
    g_set_error (error, CLIENT_ANSWER_ERROR, CLI_ANSWER_EXISTS,
                 "%u logins at %s: name the secret of the one that is meant; countersign login "
                 "--status lists them",
                 alike, word);
  else
    g_set_error (error, CLIENT_ANSWER_ERROR, CLI_ANSWER_NOT_FOUND,
                 "nothing is logged in as %s; countersign login --status lists what is", word);
  return NULL;
}

static CliStatus
report_logout (const Cli *cli, json_t *result, const char *secret)
{
  const char *message = wire_string (result, "message");
  g_autofree char *shown = message != NULL ? cli_escape_message (message) : NULL;

  if (cli->json)
    {
      json_object_set_new (result, "secret", json_string (secret));
      cli_json_with_id (result, "secret");
    }
  else if (shown != NULL)
    puts (shown);
  else
    printf ("Logged out: %s is removed.\n", secret);
  return CLI_DONE;
}

CliStatus
cli_logout (Cli *cli)
{
  g_autoptr (Client) client = NULL;
  g_autoptr (Secret) pin = NULL;
  g_autoptr (json_t) logins = NULL, params = NULL, result = NULL;
  const char *secret;
  GError *error = NULL;

  if (!cli_options (cli, NULL, 1, 1))
    return cli->status;
  if (!g_utf8_validate (cli->args[0], -1, NULL))
    return cli_usage (cli, "the name is not UTF-8");
  if ((client = cli_connect_with_pin (cli, &pin, &error)) == NULL
      || (logins = cli_list (client, "login_list", "logins", &error)) == NULL
      || (secret = find_secret (logins, cli->args[0], &error)) == NULL)
    return cli_fail (cli, error);
  params = json_pack ("{s:s}", "secret", secret);
  cli_set_secret (params, "pin", pin);
  result = client_call (client, "logout", params, -1, NULL, &error);
  return result != NULL ? report_logout (cli, result, secret) : cli_fail (cli, error);
}
