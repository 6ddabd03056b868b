/* SPDX-License-Identifier: MIT
 *
 * Security keys: enrolling them, and taking them away.
 */
#include <stdio.h>
#include <string.h>

#include "broker/cli/cli-output.h"
#include "broker/cli/cli-session.h"
#include "broker/cli/cli-touch.h"

#define NAME_MAX_BYTES 64 /* as the broker has it */

/* The credential ids of @keys, so that no key is enrolled twice. */
static GPtrArray *
credentials_of (const json_t *keys)
{
  GPtrArray *credentials = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  const json_t *key;
  gsize i;

  json_array_foreach (keys, i, key)
  {
    const char *text = wire_string (key, "credential_id");
    GBytes *id
        = text != NULL ? key_bytes_read ("credential_id", text, KEY_CREDENTIAL_MAX, NULL) : NULL;
    if (id != NULL)
      g_ptr_array_add (credentials, id);
  }
  return credentials;
}

/* What the person calls it, or what it calls itself. g_free(). */
static char *
name_for (const char *given, const char *product)
{
  const char *name = given != NULL ? given : *product != '\0' ? product : "security key";
  const char *end = name;

  while (*end != '\0' && g_utf8_next_char (end) - name <= NAME_MAX_BYTES)
    end = g_utf8_next_char (end);
  return g_strndup (name, end - name);
}

static json_t *
enrol (Client *client, const Secret *pin, const char *given, GError **error)
{
  g_autoptr (json_t) keys = cli_list (client, "keys", "keys", error);
  g_autoptr (GPtrArray) enrolled = keys != NULL ? credentials_of (keys) : NULL;
  g_autoptr (KeyStep) step
      = enrolled != NULL ? key_step_enrol (given != NULL ? given : "Countersign", enrolled) : NULL;
  g_autoptr (KeyCredential) credential = NULL;

  if (step == NULL || !cli_touch_wait (step, &cli_touch_aloud, error)
      || (credential = key_step_take_credential (step, error)) == NULL)
    return NULL;
  g_autofree char *name = name_for (given, credential->product);
  g_autoptr (json_t) params = json_pack ("{s:s, s:o, s:o}", "name", name, "credential_id",
                                         key_bytes_json (credential->credential_id), "public_key",
                                         key_bytes_json (credential->public_key));
  cli_set_secret (params, "pin", pin);
  json_t *result = client_call (client, "key_add", params, -1, NULL, error);
  if (result != NULL)
    json_object_set_new (result, "name", json_string (name));
  return result;
}

CliStatus
cli_key_add (Cli *cli)
{
  g_autofree char *name = NULL;
  const GOptionEntry entries[] = { { "name", 0, 0, G_OPTION_ARG_FILENAME, &name,
                                     "What to call it; otherwise what it calls itself", "NAME" },
                                   G_OPTION_ENTRY_NULL };
  g_autoptr (Secret) pin = NULL;
  g_autoptr (Client) client = NULL;
  g_autoptr (json_t) result = NULL;
  GError *error = NULL;

  if (!cli_options (cli, entries, 0, 0))
    return cli->status;
  if (name != NULL
      && (!g_utf8_validate (name, -1, NULL) || *name == '\0' || strlen (name) > NAME_MAX_BYTES))
    return cli_usage (cli, "--name must be 1 to %d bytes of UTF-8", NAME_MAX_BYTES);
  if ((client = cli_connect_with_pin (cli, &pin, &error)) == NULL
      || (result = enrol (client, pin, name, &error)) == NULL)
    return cli_fail (cli, error);
  if (cli->json)
    {
      cli_json (result);
      return CLI_DONE;
    }
  cli_line ("Enrolled", "%s", wire_string (result, "name"));
  cli_line ("ID", "%s", wire_string (result, "id"));
  puts ("Rules of the policy that say “confirm key” want a touch of it from now on.");
  return CLI_DONE;
}

static void
print_keys (const json_t *keys)
{
  const char *const headings[] = { "ID", "ADDED", "NAME", NULL };
  g_autoptr (CliTable) table = cli_table_new (headings);
  const json_t *key;
  gsize i;

  json_array_foreach (keys, i, key)
  {
    cli_table_cell (table, wire_string (key, "id"));
    cli_table_cell (table, wire_string (key, "added_at"));
    cli_table_cell (table, wire_string (key, "name"));
  }
  cli_table_print (table);
}

CliStatus
cli_key_list (Cli *cli)
{
  return cli_options (cli, NULL, 0, 0) ? cli_print_list (cli, "keys", "keys", "id", print_keys)
                                       : cli->status;
}

CliStatus
cli_key_rm (Cli *cli)
{
  g_autoptr (json_t) params = NULL, result = NULL;
  g_autoptr (Client) client = NULL;
  GError *error = NULL;

  if (!cli_options (cli, NULL, 1, 1))
    return cli->status;
  params = json_pack ("{s:s}", "key_id", cli->args[0]);
  if (params == NULL)
    return cli_usage (cli, "the ID is not UTF-8");
  if ((client = cli_connect (cli, &error)) == NULL
      || (result = cli_widen (cli, client, "key_rm", params, -1, &error)) == NULL)
    return cli_fail (cli, error);
  json_object_set (result, "id", json_object_get (params, "key_id"));
  if (cli->json)
    cli_json (result);
  else if (wire_integer (result, "left", 0) > 0)
    puts ("Removed: a touch of it grants nothing any more.");
  else
    puts ("Removed. It was the last: what rules ask “confirm key” for can be granted by nobody "
          "until another is enrolled (countersign key add).");
  return CLI_DONE;
}
