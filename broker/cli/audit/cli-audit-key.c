/* SPDX-License-Identifier: MIT
 *
 * The trail's first key as a file: who has it can prove every record, and forge every one.
 */
#include "broker/cli/audit/cli-audit.h"
#include "broker/cli/audit/cli-audit-key.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "broker/audit/audit-verify.h"
#include "broker/cli/cli-output.h"
#include "broker/cli/cli-prompt.h"

#define KEY_HEX (2 * CRYPT_KEY_LEN)

Secret *
cli_audit_key_read (const char *path, GError **error)
{
  int fd = open (path, O_RDONLY | O_CLOEXEC);

  if (fd < 0)
    {
      g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (errno), "%s: %s", path,
                   g_strerror (errno));
      return NULL;
    }
  g_autoptr (Secret) text = secret_read_fd (fd, KEY_HEX + 2, error);
  close (fd);
  if (text == NULL)
    return NULL;
  Secret *key = secret_new (CRYPT_KEY_LEN, error);
  if (key == NULL)
    return NULL;
  gsize len = secret_len (text);
  if (len > 0 && secret_peek (text)[len - 1] == '\n')
    len--;
  if (len == KEY_HEX && audit_unhex ((const char *) secret_peek (text), secret_data (key)))
    return key;
  g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_INVAL,
               "%s: is no key; `countersign audit export-key` writes one", path);
  secret_free (key);
  return NULL;
}

static gboolean
write_key (int fd, const Secret *key, GError **error)
{
  g_autoptr (Secret) text = secret_new (KEY_HEX + 1, error);

  if (text == NULL)
    return FALSE;
  audit_hex (secret_peek (key), (char *) secret_data (text));
  secret_data (text)[KEY_HEX] = '\n';
  if (write (fd, secret_peek (text), KEY_HEX + 1) == KEY_HEX + 1)
    return TRUE;
  g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (errno), "the key: %s",
               g_strerror (errno));
  return FALSE;
}

CliStatus
cli_audit_export_key (Cli *cli)
{
  g_autofree char *output = NULL;
  g_auto (CliTrail) trail = { 0 };
  const GOptionEntry entries[]
      = { { "output", 'o', 0, G_OPTION_ARG_FILENAME, &output,
            "A new file (0600); without it to standard output, unless that is a terminal", "FILE" },
          G_OPTION_ENTRY_NULL };
  g_autoptr (Secret) passphrase = NULL, key = NULL;
  GError *error = NULL;

  if (!cli_options (cli, entries, 0, 0))
    return cli->status;
  if (output == NULL && isatty (STDOUT_FILENO))
    return cli_usage (cli, "the key is not shown on a terminal; name a file with --output");
  if (!cli_guard (&error) || !cli_trail_open (cli, &trail, &error)
      || (passphrase = cli_read_passphrase (cli, &error)) == NULL
      || (key = audit_key_from_passphrase (trail.dir, passphrase, &error)) == NULL)
    return cli_fail (cli, error);
  /* Never over a file that is there: it may be the key of another trail. */
  int fd = output == NULL
               ? dup (STDOUT_FILENO)
               : open (output, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0)
    return cli_say_error (cli, "%s: %s", output != NULL ? output : "standard output",
                          g_strerror (errno));
  gboolean written = write_key (fd, key, &error);
  close (fd);
  return written ? CLI_DONE : cli_fail (cli, error);
}
