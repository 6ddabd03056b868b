/* SPDX-License-Identifier: MIT */
#include "broker/cli/cli-value.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "broker/base/text.h"
#include "broker/cli/cli-prompt.h"
#include "broker/cli/cli-session.h"

#define INLINE_MAX 4096 /* bytes of a value that may travel in the message itself */

static Secret *
read_file (const char *file, GError **error)
{
  int fd = open (file, O_RDONLY | O_CLOEXEC | O_NOCTTY);
  Secret *value;

  if (fd == -1)
    {
      g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (errno), "%s: %s", file,
                   g_strerror (errno));
      return NULL;
    }
  value = secret_read_fd (fd, SECRET_MAX, error);
  close (fd);
  return value;
}

static Secret *
read_somewhere (const char *file, GError **error)
{
  if (!cli_guard (error))
    return NULL;
  if (file != NULL)
    return read_file (file, error);
  if (!isatty (STDIN_FILENO))
    return secret_read_fd (STDIN_FILENO, SECRET_MAX, error);
  return cli_ask_hidden ("Value: ", "standard input or --file", error);
}

Secret *
cli_value_read (const char *file, gboolean raw, GError **error)
{
  g_autoptr (Secret) value = read_somewhere (file, error);
  gsize len;

  if (value == NULL)
    return NULL;
  len = secret_len (value);
  if (!raw && len > 0 && secret_peek (value)[len - 1] == '\n')
    secret_truncate (value, len - 1);
  if (secret_len (value) > 0)
    return g_steal_pointer (&value);
  g_set_error_literal (error, CLI_PROMPT_ERROR, CLI_PROMPT_ERROR_UNFIT, "the value is empty");
  return NULL;
}

gboolean
cli_value_set (json_t *params, const Secret *value, int *fd, GError **error)
{
  *fd = -1;
  if (secret_len (value) <= INLINE_MAX && secret_is_text (value))
    {
      cli_set_secret (params, "value", value);
      return TRUE;
    }
  json_object_set_new (params, "value_fd", json_true ());
  *fd = secret_to_memfd (value, error);
  return *fd != -1;
}

Secret *
cli_value_take (const json_t *answer, int fd, GError **error)
{
  const json_t *value = json_object_get (answer, "value");
  Secret *read;

  if (fd == -1 && value != NULL)
    return secret_new_from (json_string_value (value), json_string_length (value), error);
  if (fd == -1)
    {
      g_set_error_literal (error, CLIENT_ERROR, CLIENT_ERROR_PROTOCOL, "the answer has no value");
      return NULL;
    }
  read = secret_read_memfd (fd, SECRET_MAX, error);
  close (fd);
  return read;
}

/* Whatever could act on a terminal, or make it show something else than what is there. Escaping it
 * would need a copy in ordinary memory, and the copy would be of no use. */
static gboolean
fit_for_terminal (const Secret *value)
{
  const guint8 *data = secret_peek (value);

  for (gsize i = 0; i < secret_len (value); i++)
    if ((data[i] < 0x20 && data[i] != '\n' && data[i] != '\t') || data[i] >= 0x7f)
      return FALSE;
  return TRUE;
}

static gboolean
write_all (const void *data, gsize len, GError **error)
{
  const char *at = data;

  while (len > 0)
    {
      ssize_t n = write (STDOUT_FILENO, at, len);
      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        {
          g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (errno), "standard output: %s",
                       g_strerror (errno));
          return FALSE;
        }
      at += n;
      len -= n;
    }
  return TRUE;
}

gboolean
cli_value_write (const Secret *value, gboolean end_line, GError **error)
{
  gboolean terminal = isatty (STDOUT_FILENO);

  if (terminal && !fit_for_terminal (value))
    {
      g_set_error_literal (
          error, CLI_PROMPT_ERROR, CLI_PROMPT_ERROR_UNFIT,
          "the value has characters that a terminal may act on; send it to a file or a pipe");
      return FALSE;
    }
  fflush (stdout);
  return write_all (secret_peek (value), secret_len (value), error)
         && ((!terminal && !end_line) || write_all ("\n", 1, error));
}
