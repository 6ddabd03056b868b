/* SPDX-License-Identifier: MIT */
#include "broker/cli/cli-session.h"

#include <string.h>
#include <unistd.h>

#include "broker/base/paths.h"
#include "broker/base/text.h"
#include "broker/cli/cli-output.h"
#include "broker/cli/cli-prompt.h"
#include "broker/client/client-system.h"

#define PIN_TRIES 3

const char *
cli_starter (void)
{
  g_autofree char *store = paths_store_file (), *starter = client_system_starter ();
  g_autofree char *as_root = g_strconcat ("as root: ", starter, NULL);

  if (client_is_system (NULL))
    return g_intern_string (as_root);
  return g_file_test (store, G_FILE_TEST_EXISTS) ? "countersign unlock" : "countersign init";
}

Client *
cli_connect (const Cli *cli, GError **error)
{
  g_autoptr (GError) trouble = NULL;
  Client *client;

  if (!cli_shut_off (error))
    return NULL;
  client = client_open (CLIENT_HUMAN, cli->socket, NULL, &trouble);
  if (client != NULL)
    return client;
  if (!client_is_system (cli->socket) && cli->socket == NULL
      && g_error_matches (trouble, CLIENT_ERROR, CLIENT_ERROR_UNREACHABLE))
    g_set_error (error, CLIENT_ERROR, CLIENT_ERROR_UNREACHABLE, "%s; %s starts one",
                 trouble->message, cli_starter ());
  else
    g_propagate_error (error, g_steal_pointer (&trouble));
  return NULL;
}

/* Better said before a PIN is typed than after. */
static gboolean
check_unlocked (const Client *client, GError **error)
{
  const char *state = wire_string (client_hello (client), "state");

  if (g_strcmp0 (state, "uninitialised") == 0)
    g_set_error_literal (error, CLIENT_ANSWER_ERROR, CLI_ANSWER_NOT_INITIALISED,
                         "Countersign is not set up yet: run countersign init");
  else if (g_strcmp0 (state, "unlocked") != 0)
    g_set_error (error, CLIENT_ANSWER_ERROR, CLI_ANSWER_LOCKED,
                 "the broker is %s: run countersign unlock", state == NULL ? "locked" : state);
  else
    return TRUE;
  return FALSE;
}

void
cli_set_secret (json_t *object, const char *key, const Secret *secret)
{
  json_object_set_new (object, key,
                       json_stringn ((const char *) secret_peek (secret), secret_len (secret)));
}

/* TRUE when the PIN was refused and a person can be asked again; says why it was. */
static gboolean
ask_again (const Cli *cli, int tries, const GError *error)
{
  g_autofree char *shown = NULL;

  if (cli->pin_fd != -1 || tries + 1 >= PIN_TRIES
      || !g_error_matches (error, CLIENT_ANSWER_ERROR, CLI_ANSWER_REFUSED))
    return FALSE;
  shown = cli_escape_message (error->message);
  g_printerr ("%s\n", shown);
  return TRUE;
}

static Secret *
authenticate (const Cli *cli, Client *client, GError **error)
{
  for (int tries = 0;; tries++)
    {
      g_autoptr (json_t) params = json_object ();
      g_autoptr (json_t) result = NULL;
      g_autoptr (GError) refused = NULL;
      g_autoptr (Secret) pin = cli_read_pin (cli, error);

      if (pin == NULL)
        return NULL;
      cli_set_secret (params, "pin", pin);
      result = client_call (client, "authenticate", params, -1, NULL, &refused);
      if (result != NULL)
        return g_steal_pointer (&pin);
      if (!ask_again (cli, tries, refused))
        {
          g_propagate_error (error, g_steal_pointer (&refused));
          return NULL;
        }
    }
}

Client *
cli_connect_with_pin (const Cli *cli, Secret **pin, GError **error)
{
  g_autoptr (Client) client = cli_connect (cli, error);
  g_autoptr (Secret) proof = NULL;

  if (client == NULL || !check_unlocked (client, error))
    return NULL;
  proof = authenticate (cli, client, error);
  if (proof == NULL)
    return NULL;
  if (pin != NULL)
    *pin = g_steal_pointer (&proof);
  return g_steal_pointer (&client);
}

static json_t *
widen_once (const Cli *cli, Client *client, const char *method, json_t *params, int fd,
            GError **error)
{
  g_autoptr (Secret) pin = cli_read_pin (cli, error);
  json_t *result;

  if (pin == NULL)
    return NULL;
  cli_set_secret (params, "pin", pin);
  result = client_call (client, method, params, fd, NULL, error);
  json_object_del (params, "pin");
  return result;
}

json_t *
cli_widen (const Cli *cli, Client *client, const char *method, json_t *params, int fd,
           GError **error)
{
  if (!check_unlocked (client, error))
    return NULL;
  for (int tries = 0;; tries++)
    {
      g_autoptr (GError) refused = NULL;
      json_t *result = widen_once (cli, client, method, params, fd, &refused);

      if (result != NULL)
        return result;
      if (!ask_again (cli, tries, refused))
        {
          g_propagate_error (error, g_steal_pointer (&refused));
          return NULL;
        }
    }
}

json_t *
cli_list (Client *client, const char *method, const char *member, GError **error)
{
  g_autoptr (json_t) all = json_array ();
  gint64 skip = 0;

  do
    {
      g_autoptr (json_t) params = skip > 0 ? json_pack ("{s:I}", "skip", (json_int_t) skip) : NULL;
      g_autoptr (json_t) page = client_call (client, method, params, -1, NULL, error);
      gint64 next;

      if (page == NULL)
        return NULL;
      json_array_extend (all, json_object_get (page, member));
      next = wire_integer (page, "next", 0);
      /* A broker that never comes to an end would be asked for ever. */
      skip = next > skip ? next : 0;
    }
  while (skip > 0);
  return g_steal_pointer (&all);
}

CliStatus
cli_print_list (Cli *cli, const char *method, const char *member, const char *key,
                void (*print) (const json_t *rows))
{
  GError *error = NULL;
  g_autoptr (Client) client = cli_connect_with_pin (cli, NULL, &error);
  g_autoptr (json_t) rows = client != NULL ? cli_list (client, method, member, &error) : NULL;

  if (rows == NULL)
    return cli_fail (cli, error);
  if (cli->json)
    cli_json_list (rows, key);
  else
    print (rows);
  return CLI_DONE;
}
