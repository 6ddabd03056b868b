/* SPDX-License-Identifier: MIT */
#include "broker/cli/cli.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "broker/base/text.h"
#include "broker/cli/cli-output.h"
#include "broker/cli/cli-prompt.h"
#include "broker/cli/cli-session.h"
#include "broker/cli/cli-value.h"

static gboolean
check_name (Cli *cli, const char *name)
{
  g_autoptr (GError) error = NULL;

  if (text_check_name (name, &error))
    return TRUE;
  cli->status = cli_usage (cli, "the name “%s” %s", name, error->message);
  return FALSE;
}

/* "KEY=VALUE"… as an object; NULL, with usage shown, for another form. */
static json_t *
read_tags (Cli *cli, char **tags)
{
  g_autoptr (json_t) object = json_object ();

  for (; *tags != NULL; tags++)
    {
      const char *equals = strchr (*tags, '=');
      g_autofree char *key = equals != NULL ? g_strndup (*tags, equals - *tags) : NULL;

      if (key == NULL || *key == '\0'
          || json_object_set_new (object, key, json_string (equals + 1)) != 0)
        {
          cli->status = cli_usage (cli, "--tag “%s”: write KEY=VALUE, in UTF-8", *tags);
          return NULL;
        }
    }
  return g_steal_pointer (&object);
}

/* @value may be NULL. */
static json_t *
widen (const Cli *cli, const char *method, json_t *params, const Secret *value, GError **error)
{
  g_autoptr (Client) client = cli_connect (cli, error);
  json_t *result;
  int fd = -1;

  if (client == NULL || (value != NULL && !cli_value_set (params, value, &fd, error)))
    return NULL;
  result = cli_widen (cli, client, method, params, fd, error);
  if (fd != -1)
    close (fd);
  return result;
}

/* The same, and says what is there now. */
static CliStatus
widen_and_tell (Cli *cli, const char *method, json_t *params, const Secret *value)
{
  GError *error = NULL;
  g_autoptr (json_t) result = widen (cli, method, params, value, &error);

  if (result == NULL)
    return cli_fail (cli, error);
  if (cli->json)
    cli_json_with_id (result, "name");
  else
    printf ("%s: version %" G_GINT64_FORMAT "\n", cli->args[0],
            wire_integer (result, "version", 1));
  return CLI_DONE;
}

CliStatus
cli_secret_set (Cli *cli)
{
  g_autofree char *file = NULL;
  g_auto (GStrv) tags = NULL;
  gboolean raw = FALSE, fresh = FALSE;
  const GOptionEntry entries[] = {
    { "file", 0, 0, G_OPTION_ARG_FILENAME, &file, "Read the value from PATH", "PATH" },
    { "raw", 0, 0, G_OPTION_ARG_NONE, &raw, "Keep a newline at the end of the value", NULL },
    { "new", 0, 0, G_OPTION_ARG_NONE, &fresh, "Refuse when there is such a secret already", NULL },
    { "tag", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &tags, "Add a tag; may be repeated", "KEY=VALUE" },
    G_OPTION_ENTRY_NULL
  };
  g_autoptr (json_t) params = NULL;
  g_autoptr (Secret) value = NULL;
  GError *error = NULL;

  if (!cli_options (cli, entries, 1, 1) || !check_name (cli, cli->args[0]))
    return cli->status;
  params = json_pack ("{s:s, s:s}", "name", cli->args[0], "mode", fresh ? "new" : "any");
  if (tags != NULL)
    {
      json_t *object = read_tags (cli, tags);
      if (object == NULL)
        return cli->status;
      json_object_set_new (params, "tags", object);
    }
  if (cli_read_pin_first (cli, &error))
    value = cli_value_read (file, raw, &error);
  return value != NULL ? widen_and_tell (cli, "secret_set", params, value) : cli_fail (cli, error);
}

CliStatus
cli_secret_generate (Cli *cli)
{
  g_autofree char *characters = NULL;
  gboolean fresh = FALSE;
  int length = 32;
  const GOptionEntry entries[] = { { "length", 0, 0, G_OPTION_ARG_INT, &length,
                                     "How many characters, 8 to 1024 (default 32)", "N" },
                                   { "characters", 0, 0, G_OPTION_ARG_FILENAME, &characters,
                                     "alnum (default), hex or ascii", "SET" },
                                   { "new", 0, 0, G_OPTION_ARG_NONE, &fresh,
                                     "Refuse when there is such a secret already", NULL },
                                   G_OPTION_ENTRY_NULL };
  const char *const sets[] = { "alnum", "hex", "ascii", NULL };
  g_autoptr (json_t) params = NULL;

  if (!cli_options (cli, entries, 1, 1) || !check_name (cli, cli->args[0]))
    return cli->status;
  if (length < 8 || length > 1024)
    return cli_usage (cli, "--length must be from 8 to 1024");
  if (characters != NULL && !g_strv_contains (sets, characters))
    return cli_usage (cli, "--characters must be alnum, hex or ascii");
  params = json_pack ("{s:s, s:i, s:s, s:s}", "name", cli->args[0], "length", length, "characters",
                      characters != NULL ? characters : "alnum", "mode", fresh ? "new" : "any");
  return widen_and_tell (cli, "secret_generate", params, NULL);
}

CliStatus
cli_secret_rm (Cli *cli)
{
  g_autoptr (json_t) params = NULL, result = NULL;
  GError *error = NULL;

  if (!cli_options (cli, NULL, 1, 1) || !check_name (cli, cli->args[0]))
    return cli->status;
  params = json_pack ("{s:s}", "name", cli->args[0]);
  if ((result = widen (cli, "secret_rm", params, NULL, &error)) == NULL)
    return cli_fail (cli, error);
  if (cli->json)
    cli_json_with_id (params, "name");
  else
    printf ("%s: deleted\n", cli->args[0]);
  return CLI_DONE;
}

CliStatus
cli_secret_mv (Cli *cli)
{
  g_autoptr (json_t) params = NULL, result = NULL;
  GError *error = NULL;

  if (!cli_options (cli, NULL, 2, 2) || !check_name (cli, cli->args[0])
      || !check_name (cli, cli->args[1]))
    return cli->status;
  params = json_pack ("{s:s, s:s}", "name", cli->args[0], "to", cli->args[1]);
  if ((result = widen (cli, "secret_mv", params, NULL, &error)) == NULL)
    return cli_fail (cli, error);
  if (cli->json)
    cli_json_with_id (params, "to");
  else
    printf ("%s is now %s\n", cli->args[0], cli->args[1]);
  return CLI_DONE;
}

/* "a=b, c=d" */
static char *
tags_text (const json_t *secret)
{
  GString *text = g_string_new (NULL);
  const char *key;
  json_t *value;

  json_object_foreach (json_object_get (secret, "tags"), key, value) g_string_append_printf (
      text, "%s%s=%s", text->len > 0 ? ", " : "", key, json_string_value (value));
  return g_string_free (text, FALSE);
}

/* Times in an answer are RFC 3339 already. */
static const char *
or_dash (const char *text)
{
  return text != NULL && *text != '\0' ? text : "-";
}

static void
print_list (const json_t *secrets)
{
  const char *const headings[] = { "NAME", "VERSION", "BYTES", "UPDATED", "TAGS", NULL };
  g_autoptr (CliTable) table = cli_table_new (headings);
  const json_t *secret;
  gsize i;

  json_array_foreach (secrets, i, secret)
  {
    g_autofree char *tags = tags_text (secret);
    cli_table_cell (table, wire_string (secret, "name"));
    cli_table_cellf (table, "%" G_GINT64_FORMAT, wire_integer (secret, "version", 1));
    cli_table_cellf (table, "%" G_GINT64_FORMAT, wire_integer (secret, "size", 0));
    cli_table_cell (table, wire_string (secret, "updated"));
    cli_table_cell (table, or_dash (tags));
  }
  cli_table_print (table);
}

CliStatus
cli_secret_list (Cli *cli)
{
  return cli_options (cli, NULL, 0, 0)
             ? cli_print_list (cli, "secret_list", "secrets", "name", print_list)
             : cli->status;
}

static void
print_one (const json_t *secret)
{
  g_autofree char *tags = tags_text (secret);

  cli_line ("Name", "%s", or_dash (wire_string (secret, "name")));
  cli_line ("Version", "%" G_GINT64_FORMAT, wire_integer (secret, "version", 1));
  cli_line ("Bytes", "%" G_GINT64_FORMAT, wire_integer (secret, "size", 0));
  cli_line ("Created", "%s", or_dash (wire_string (secret, "created")));
  cli_line ("Updated", "%s", or_dash (wire_string (secret, "updated")));
  cli_line ("Tags", "%s", or_dash (tags));
}

static CliStatus
print_with_value (const Cli *cli, json_t *secret, const Secret *value)
{
  GError *error = NULL;

  if (!cli->json)
    return cli_value_write (value, FALSE, &error) ? CLI_DONE : cli_fail (cli, error);
  if (!secret_is_text (value))
    return cli_say_error (cli, "the value is no text, which JSON cannot carry; leave --json out");
  json_object_del (secret, "value_fd");
  cli_set_secret (secret, "value", value);
  cli_json_with_id (secret, "name");
  return CLI_DONE;
}

/* Widens, and asks on a connection that may read. */
static CliStatus
reveal (Cli *cli)
{
  g_autoptr (json_t) params = json_pack ("{s:s, s:b}", "name", cli->args[0], "reveal", TRUE);
  g_autoptr (json_t) result = NULL;
  g_autoptr (Client) client = NULL;
  g_autoptr (Secret) value = NULL, pin = NULL;
  GError *error = NULL;
  int fd = -1;

  if ((client = cli_connect_with_pin (cli, &pin, &error)) == NULL)
    return cli_fail (cli, error);
  cli_set_secret (params, "pin", pin);
  if ((result = client_call (client, "secret_show", params, -1, &fd, &error)) == NULL
      || (value = cli_value_take (result, fd, &error)) == NULL)
    return cli_fail (cli, error);
  return print_with_value (cli, result, value);
}

CliStatus
cli_secret_show (Cli *cli)
{
  gboolean revealed = FALSE;
  const GOptionEntry entries[] = { { "reveal", 0, 0, G_OPTION_ARG_NONE, &revealed,
                                     "Print the value itself and nothing else", NULL },
                                   G_OPTION_ENTRY_NULL };
  g_autoptr (json_t) params = NULL, result = NULL;
  g_autoptr (Client) client = NULL;
  GError *error = NULL;

  if (!cli_options (cli, entries, 1, 1) || !check_name (cli, cli->args[0]))
    return cli->status;
  if (revealed)
    return reveal (cli);
  params = json_pack ("{s:s}", "name", cli->args[0]);
  if ((client = cli_connect_with_pin (cli, NULL, &error)) == NULL
      || (result = client_call (client, "secret_show", params, -1, NULL, &error)) == NULL)
    return cli_fail (cli, error);
  if (cli->json)
    cli_json_with_id (result, "name");
  else
    print_one (result);
  return CLI_DONE;
}
