/* SPDX-License-Identifier: MIT */
#include "broker/cli/cli-pending.h"

#include <stdio.h>
#include <unistd.h>

#include "approve-ui/card/card-show.h"
#include "approve-ui/terminal/terminal.h"
#include "broker/base/text.h"
#include "broker/cli/cli-output.h"
#include "broker/cli/cli-session.h"

static json_t *
find_request (Client *client, const char *id, GError **error)
{
  g_autoptr (json_t) requests = cli_list (client, "pending", "requests", error);
  json_t *request;
  gsize i;

  if (requests == NULL)
    return NULL;
  json_array_foreach (requests, i, request) if (g_strcmp0 (wire_string (request, "request_id"), id)
                                                == 0) return json_incref (request);
  g_set_error (error, CLIENT_ANSWER_ERROR, CLI_ANSWER_NOT_FOUND, "no request %s is waiting", id);
  return NULL;
}

static Card *
read_card (const json_t *request, GError **error)
{
  const json_t *text = json_object_get (request, "card");

  if (json_is_string (text))
    return card_parse (json_string_value (text), json_string_length (text), error);
  g_set_error_literal (error, CARD_ERROR, CARD_ERROR_UNREADABLE, "the request has no card");
  return NULL;
}

Card *
cli_pending_find (Client *client, const char *id, GError **error)
{
  g_autoptr (json_t) request = find_request (client, id, error);

  return request != NULL ? read_card (request, error) : NULL;
}

/* For --json: the card's members beside id and digest. A card that cannot be read is still listed.
 */
static json_t *
describe (const json_t *request)
{
  const json_t *text = json_object_get (request, "card");
  json_t *object = wire_parse (json_string_value (text), json_string_length (text), FALSE, NULL);

  if (object == NULL)
    object = json_object ();
  json_object_set (object, "id", json_object_get (request, "request_id"));
  json_object_set (object, "request_id", json_object_get (request, "request_id"));
  json_object_set (object, "digest", json_object_get (request, "digest"));
  return object;
}

static void
print_json (const json_t *requests)
{
  g_autoptr (json_t) list = json_array ();
  const json_t *request;
  gsize i;

  json_array_foreach (requests, i, request) json_array_append_new (list, describe (request));
  cli_json (list);
}

static void
print_row (CliTable *table, const char *id, const Card *card)
{
  g_autofree char *left = card_time_left (card, g_get_real_time ());
  g_autofree char *scopes = g_strjoinv (",", card->scopes);

  cli_table_cell (table, id);
  cli_table_cell (table, left);
  if (card->requester.caller != NULL)
    cli_table_cellf (table, "%s/%s", card->requester.caller, card->requester.name);
  else
    cli_table_cellf (table, "%s, pid %" G_GINT64_FORMAT, card->requester.name, card->requester.pid);
  cli_table_cellf (table, "%s%s%s (%s)", card->operation, card->resource != NULL ? " " : "",
                   card->resource != NULL ? card->resource : "", scopes);
  cli_table_cell (table, card->purpose);
}

static void
print_table (const json_t *requests)
{
  const char *const headings[] = { "ID", "LEFT", "WHO", "WHAT", "WHY (ITS OWN WORDS)", NULL };
  g_autoptr (CliTable) table = cli_table_new (headings);
  const json_t *request;
  gsize i;

  json_array_foreach (requests, i, request)
  {
    const char *id = wire_string (request, "request_id");
    g_autoptr (GError) error = NULL;
    g_autoptr (Card) card = read_card (request, &error);
    if (card != NULL)
      {
        print_row (table, id, card);
        continue;
      }
    cli_table_cell (table, id);
    cli_table_cell (table, NULL);
    cli_table_cell (table, NULL);
    cli_table_cell (table, error->message);
    cli_table_cell (table, NULL);
  }
  cli_table_print (table);
  if (json_array_size (requests) == 0)
    puts ("\nNothing is waiting.");
  else
    printf ("\n%zu waiting: countersign approve\n", json_array_size (requests));
}

static CliStatus
show_one (const Cli *cli, Client *client)
{
  g_autoptr (json_t) request = NULL;
  g_autoptr (Card) card = NULL;
  GError *error = NULL;
  Terminal terminal;

  if ((request = find_request (client, cli->args[0], &error)) == NULL)
    return cli_fail (cli, error);
  if (cli->json)
    {
      g_autoptr (json_t) object = describe (request);
      cli_json (object);
      return CLI_DONE;
    }
  if ((card = read_card (request, &error)) == NULL)
    return cli_fail (cli, error);
  terminal_init (&terminal, STDIN_FILENO, STDOUT_FILENO);
  terminal_show (&terminal, card);
  return CLI_DONE;
}

static CliStatus
list (const Cli *cli, Client *client)
{
  g_autoptr (json_t) requests = NULL;
  GError *error = NULL;

  if ((requests = cli_list (client, "pending", "requests", &error)) == NULL)
    return cli_fail (cli, error);
  if (cli->json)
    print_json (requests);
  else
    print_table (requests);
  return CLI_DONE;
}

CliStatus
cli_pending (Cli *cli)
{
  g_autoptr (Client) client = NULL;
  GError *error = NULL;

  if (!cli_options (cli, NULL, 0, 1))
    return cli->status;
  if ((client = cli_connect_with_pin (cli, NULL, &error)) == NULL)
    return cli_fail (cli, error);
  return cli->n_args == 1 ? show_one (cli, client) : list (cli, client);
}
