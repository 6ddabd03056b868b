/* SPDX-License-Identifier: MIT */
#include "broker/cli/cli.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "broker/base/wire.h"
#include "broker/cli/cli-new-file.h"
#include "broker/cli/cli-output.h"
#include "broker/cli/cli-prompt.h"
#include "broker/cli/cli-reveal.h"
#include "broker/cli/cli-template.h"
#include "broker/cli/cli-value.h"

/* In locked memory: what has references in it may have values beside them. */
static Secret *
read_template (const char *path, GError **error)
{
  Secret *text;
  int fd = STDIN_FILENO;

  if (!secret_init (error))
    return NULL;
  if (path != NULL && (fd = open (path, O_RDONLY | O_CLOEXEC | O_NOCTTY)) == -1)
    {
      g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (errno), "%s: %s", path,
                   g_strerror (errno));
      return NULL;
    }
  text = secret_read_fd (fd, SECRET_MAX, error);
  if (path != NULL)
    close (fd);
  if (text == NULL)
    g_prefix_error (error, "%s: ", path != NULL ? path : "standard input");
  return text;
}

static Secret *
fill (Cli *cli, const CliTemplate *template, GError **error)
{
  guint n = cli_template_n_names (template);
  g_autoptr (GPtrArray) values
      = n > 0 ? cli_reveal (cli, cli_template_names (template), n, error) : NULL;

  return n == 0 || values != NULL ? cli_template_fill (template, values, error) : NULL;
}

static CliStatus
report (const Cli *cli, const char *output, guint n, gsize bytes)
{
  g_autoptr (json_t) told = json_pack ("{s:s, s:s, s:i, s:I}", "id", output, "output", output,
                                       "secrets", (int) n, "bytes", (json_int_t) bytes);

  if (cli->json && told == NULL)
    return cli_say_error (cli, "written; but the name of the file is not UTF-8, for --json");
  if (cli->json)
    cli_json (told);
  return CLI_DONE;
}

static CliStatus
inject (Cli *cli, const char *input, const char *output)
{
  g_autoptr (Secret) text = NULL, filled = NULL;
  g_autoptr (CliTemplate) template = NULL;
  GError *error = NULL;

  if (!cli_read_pin_first (cli, &error) || (text = read_template (input, &error)) == NULL
      || (template = cli_template_parse ((const char *) secret_peek (text), secret_len (text),
                                         input != NULL ? input : "standard input", &error))
             == NULL
      || (filled = fill (cli, template, &error)) == NULL)
    return cli_fail (cli, error);
  if (output == NULL)
    return cli_value_write (filled, FALSE, &error) ? CLI_DONE : cli_fail (cli, error);
  if (!cli_new_file (output, secret_peek (filled), secret_len (filled), TRUE, &error))
    return cli_fail (cli, error);
  return report (cli, output, cli_template_n_names (template), secret_len (filled));
}

CliStatus
cli_inject (Cli *cli)
{
  g_autofree char *input = NULL, *output = NULL;
  const GOptionEntry entries[]
      = { { "input", 'i', 0, G_OPTION_ARG_FILENAME, &input,
            "The template, in place of standard input", "PATH" },
          { "output", 'o', 0, G_OPTION_ARG_FILENAME, &output,
            "Write to this file, for nobody else to read, in place of standard output", "PATH" },
          G_OPTION_ENTRY_NULL };

  if (!cli_options (cli, entries, 0, 0))
    return cli->status;
  if (cli->json && output == NULL)
    return cli_usage (cli, "--json tells of the file that --output names; without one the text "
                           "itself is printed");
  return inject (cli, input, output);
}
