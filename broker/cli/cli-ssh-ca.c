/* SPDX-License-Identifier: MIT
 *
 * The broker's SSH CA: its public key for servers, what it signed, and what servers are to refuse.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "broker/base/text.h"
#include "broker/cli/cli-new-file.h"
#include "broker/cli/cli-output.h"
#include "broker/cli/cli-session.h"

/* NULL after having said why; the status is in @cli. */
static json_t *
call (Cli *cli, const char *method)
{
  g_autoptr (Client) client = NULL;
  json_t *result = NULL;
  GError *error = NULL;

  if ((client = cli_connect_with_pin (cli, NULL, &error)) == NULL
      || (result = client_call (client, method, NULL, -1, NULL, &error)) == NULL)
    cli->status = cli_fail (cli, error);
  return result;
}

CliStatus
cli_ssh_ca_show (Cli *cli)
{
  g_autoptr (json_t) ca = NULL;

  if (!cli_options (cli, NULL, 0, 0) || (ca = call (cli, "ssh_ca")) == NULL)
    return cli->status;
  if (cli->json)
    {
      cli_json_with_id (ca, "fingerprint");
      return CLI_DONE;
    }
  /* This line alone, so that it can go straight into a file. */
  printf ("%s countersign\n", wire_string (ca, "public_key"));
  fflush (stdout);
  if (isatty (STDOUT_FILENO) == 1)
    fprintf (stderr,
             "\nFingerprint %s. Signed and valid: %" G_GINT64_FORMAT ", revoked: %" G_GINT64_FORMAT
             ".\n"
             "A server takes its certificates when sshd_config has TrustedUserCAKeys with a file "
             "that holds\nthe line above, and refuses revoked ones when it has RevokedKeys with "
             "one from\n`countersign ssh-ca krl`.\n",
             wire_string (ca, "fingerprint"), wire_integer (ca, "valid", 0),
             wire_integer (ca, "revoked", 0));
  return CLI_DONE;
}

/* ---- the revocation list ---- */

static CliStatus
write_list (const Cli *cli, const json_t *result, const char *path)
{
  gsize len;
  g_autofree guchar *krl = g_base64_decode (wire_string (result, "krl"), &len);
  GError *error = NULL;

  if (path != NULL && !cli_new_file (path, krl, len, TRUE, &error))
    return cli_fail (cli, error);
  if (path == NULL && (fwrite (krl, 1, len, stdout) != len || fflush (stdout) != 0))
    return cli_say_error (cli, "the list could not be written");
  if (path != NULL)
    printf ("Written to %s: %" G_GINT64_FORMAT " revoked. Put it where sshd's RevokedKeys says, "
            "after each revocation.\n",
            path, wire_integer (result, "revoked", 0));
  return CLI_DONE;
}

static CliStatus
krl (Cli *cli, const char *path)
{
  g_autoptr (json_t) result = NULL;

  if (path == NULL && !cli->json && isatty (STDOUT_FILENO) == 1)
    return cli_usage (cli, "a revocation list is not for a terminal: name a file with -o, or send "
                           "it on with |");
  if (path != NULL && cli->json)
    return cli_usage (cli, "--json prints the list itself: not together with -o");
  if ((result = call (cli, "ssh_ca_krl")) == NULL)
    return cli->status;
  if (!cli->json)
    return write_list (cli, result, path);
  cli_json_with_id (result, "fingerprint");
  return CLI_DONE;
}

CliStatus
cli_ssh_ca_krl (Cli *cli)
{
  char *path = NULL;
  const GOptionEntry entries[] = { { "output", 'o', 0, G_OPTION_ARG_FILENAME, &path,
                                     "Write it to FILE, readable to you alone", "FILE" },
                                   G_OPTION_ENTRY_NULL };
  gboolean read = cli_options (cli, entries, 0, 0);
  g_autofree char *owned = path;

  return read ? krl (cli, owned) : cli->status;
}

/* ---- what was signed ---- */

/* "revoked (panic)", "ended", or until when. g_free(). */
static char *
state_of (const json_t *row)
{
  const char *why = wire_string (row, "why"), *until = wire_string (row, "valid_before");
  g_autofree char *now = text_format_time (g_get_real_time ());

  if (wire_string (row, "revoked_at") != NULL)
    return g_strdup_printf ("revoked (%s)", why != NULL ? why : "-");
  return strcmp (until, now) <= 0 ? g_strdup ("ended") : g_strdup_printf ("until %s", until);
}

static void
print_certificates (const json_t *rows)
{
  const char *const headings[] = { "SERIAL", "STATE", "PRINCIPALS", "KEY ID", NULL };
  g_autoptr (CliTable) table = cli_table_new (headings);
  const json_t *row;
  gsize i;

  json_array_foreach (rows, i, row)
  {
    g_autofree char *state = state_of (row),
                    *principals = cli_join (json_object_get (row, "principals"), ", ");
    cli_table_cell (table, wire_string (row, "serial"));
    cli_table_cell (table, state);
    cli_table_cell (table, principals);
    cli_table_cell (table, wire_string (row, "key_id"));
  }
  cli_table_print (table);
}

CliStatus
cli_ssh_ca_list (Cli *cli)
{
  return cli_options (cli, NULL, 0, 0)
             ? cli_print_list (cli, "ssh_ca_list", "certificates", "serial", print_certificates)
             : cli->status;
}

CliStatus
cli_ssh_ca_revoke (Cli *cli)
{
  g_autoptr (json_t) params = NULL, result = NULL;
  g_autoptr (Client) client = NULL;
  GError *error = NULL;

  if (!cli_options (cli, NULL, 1, 1))
    return cli->status;
  const char *name = cli->args[0];
  gboolean serial = strspn (name, "0123456789") == strlen (name);
  params = json_pack ("{s:s}", serial ? "serial" : "key_id", name);
  if (params == NULL)
    return cli_usage (cli, "the key ID is not UTF-8");
  if ((client = cli_connect (cli, &error)) == NULL
      || (result = client_call (client, "ssh_ca_revoke", params, -1, NULL, &error)) == NULL)
    return cli_fail (cli, error);
  if (cli->json)
    {
      json_object_set_new (result, "id", json_string (name));
      cli_json (result);
    }
  else
    puts ("Revoked. A server refuses it from when it has the new list: countersign ssh-ca krl -o "
          "FILE\n"
          "While its grant lives, its program may be given another: countersign grants");
  return CLI_DONE;
}
