/* SPDX-License-Identifier: MIT */
#include "broker/cli/cli.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "broker/base/paths.h"
#include "broker/base/text.h"
#include "broker/cli/cli-output.h"

/* What was read in one go; the values move into Cli once the whole line proved right. */
typedef struct
{
  gboolean help, version, json;
  char *socket, *state_dir;
  int pin_fd, passphrase_fd;
} Common;

static void
common_clear (Common *common)
{
  g_free (common->socket);
  g_free (common->state_dir);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Common, common_clear)

static void
add_group (GOptionContext *context, const char *name, const char *title,
           const GOptionEntry *entries)
{
  GOptionGroup *group = g_option_group_new (name, title, "", NULL, NULL);

  g_option_group_add_entries (group, entries);
  g_option_context_add_group (context, group);
}

static GOptionContext *
make_context (Common *common, const char *words, const GOptionEntry *own)
{
  const GOptionEntry entries[]
      = { { "json", 0, 0, G_OPTION_ARG_NONE, &common->json, "Print JSON", NULL },
          { "socket", 0, 0, G_OPTION_ARG_FILENAME, &common->socket, "The broker's human.sock",
            "PATH" },
          { "state-dir", 0, 0, G_OPTION_ARG_FILENAME, &common->state_dir,
            "Keep configuration, store, audit trail and sockets below DIR", "DIR" },
          { "pin-fd", 0, 0, G_OPTION_ARG_INT, &common->pin_fd,
            "Read the PIN from a descriptor: one line", "N" },
          { "passphrase-fd", 0, 0, G_OPTION_ARG_INT, &common->passphrase_fd,
            "Read the passphrase from a descriptor: one line", "N" },
          { "help", 'h', 0, G_OPTION_ARG_NONE, &common->help, "Show this help", NULL },
          { "version", 0, 0, G_OPTION_ARG_NONE, &common->version, "Show the version", NULL },
          G_OPTION_ENTRY_NULL };
  GOptionContext *context = g_option_context_new (words);

  common->pin_fd = common->passphrase_fd = -1;
  g_option_context_set_help_enabled (context, FALSE);
  if (own != NULL)
    add_group (context, "own", "Options:", own);
  add_group (context, "common", "Options of every command:", entries);
  return context;
}

static gboolean
check_fd (const Cli *cli, const char *option, int fd)
{
  if (fd == -1)
    return TRUE;
  if (fd >= 0 && fcntl (fd, F_GETFD) != -1)
    {
      /* Whatever is started from here has no business reading it. */
      if (fd > 2)
        fcntl (fd, F_SETFD, FD_CLOEXEC);
      return TRUE;
    }
  cli_usage (cli, "%s %d: no such descriptor is open", option, fd);
  return FALSE;
}

static void
take (char **to, char **from)
{
  if (*from == NULL)
    return;
  g_free (*to);
  *to = g_steal_pointer (from);
}

/* Options before the command and after it add up; the later one wins. */
static gboolean
take_common (Cli *cli, Common *common)
{
  if (!check_fd (cli, "--pin-fd", common->pin_fd)
      || !check_fd (cli, "--passphrase-fd", common->passphrase_fd))
    return FALSE;
  if (common->pin_fd != -1)
    cli->pin_fd = common->pin_fd;
  if (common->passphrase_fd != -1)
    cli->passphrase_fd = common->passphrase_fd;
  cli->json |= common->json;
  take (&cli->socket, &common->socket);
  if (common->state_dir != NULL)
    {
      g_autofree char *absolute = g_canonicalize_filename (common->state_dir, NULL);
      take (&cli->state_dir, &absolute);
      paths_set_root (cli->state_dir);
    }
  return TRUE;
}

static void
drop_word (char **words)
{
  g_free (words[0]);
  memmove (words, words + 1, sizeof *words * (g_strv_length (words + 1) + 1));
}

/* The program's name goes, and the first "--", which GOption leaves standing when a word after it
 * looks like an option. */
static void
drop_what_is_no_word (char **words)
{
  drop_word (words);
  for (; *words != NULL; words++)
    if (strcmp (*words, "--") == 0)
      {
        drop_word (words);
        return;
      }
}

gboolean
cli_options_before (Cli *cli, char ***words, gboolean *help, gboolean *version)
{
  g_auto (Common) common = { 0 };
  g_autoptr (GOptionContext) context = make_context (&common, NULL, NULL);
  g_autoptr (GError) error = NULL;

  g_option_context_set_strict_posix (context, TRUE);
  if (!g_option_context_parse_strv (context, words, &error))
    {
      cli_usage (cli, "%s", error->message);
      return FALSE;
    }
  *help = common.help;
  *version = common.version;
  return take_common (cli, &common);
}

static gboolean
check_count (Cli *cli, int min, int max)
{
  const char *takes = cli->command->arguments;

  if (cli->n_args >= min && (max == -1 || cli->n_args <= max))
    return TRUE;
  if (cli->n_args < min)
    cli_usage (cli, "expects %s", takes);
  else
    cli_usage (cli, "“%s” is one word too many; expects %s", cli->args[max],
               max > 0 ? takes : "no words");
  return FALSE;
}

/* FALSE when there is nothing left to do: cli->status says how it ended. */
static gboolean
read_options (Cli *cli, const GOptionEntry *entries, gboolean command_follows, Common *common)
{
  g_autoptr (GOptionContext) context = make_context (common, cli->command->arguments, entries);
  g_autofree char *name = g_strconcat ("countersign ", cli->command->name, NULL);
  g_autoptr (GError) error = NULL;

  cli->status = CLI_USAGE;
  g_set_prgname (name); /* for the usage line */
  g_option_context_set_summary (context, cli->command->summary);
  g_option_context_set_strict_posix (context, command_follows);
  if (!g_option_context_parse_strv (context, &cli->args, &error))
    {
      cli_usage (cli, "%s", error->message);
      return FALSE;
    }
  if (!common->help && !common->version)
    return TRUE;
  g_autofree char *help = g_option_context_get_help (context, FALSE, NULL);
  fputs (common->help ? help : "countersign " COUNTERSIGN_VERSION "\n", stdout);
  cli->status = CLI_DONE;
  return FALSE;
}

gboolean
cli_options (Cli *cli, const GOptionEntry *entries, int min, int max)
{
  g_auto (Common) common = { 0 };

  if (!read_options (cli, entries, FALSE, &common))
    return FALSE;
  drop_what_is_no_word (cli->args);
  cli->n_args = g_strv_length (cli->args);
  return take_common (cli, &common) && check_count (cli, min, max);
}

gboolean
cli_options_then_command (Cli *cli, const GOptionEntry *entries)
{
  g_auto (Common) common = { 0 };

  if (!read_options (cli, entries, TRUE, &common))
    return FALSE;
  drop_word (cli->args);
  /* GOption leaves a "--" standing when an option of the command follows it. It is in front then;
   * one further on is the command's own. */
  if (*cli->args != NULL && strcmp (*cli->args, "--") == 0)
    drop_word (cli->args);
  cli->n_args = g_strv_length (cli->args);
  return take_common (cli, &common) && check_count (cli, 1, -1);
}

CliStatus
cli_usage (const Cli *cli, const char *format, ...)
{
  const char *name = cli->command == NULL ? "" : cli->command->name;
  g_autofree char *text = NULL, *shown = NULL;
  va_list list;

  va_start (list, format);
  text = g_strdup_vprintf (format, list);
  va_end (list);
  shown = cli_escape_message (text);
  fprintf (stderr, "countersign%s%s: %s\nTry “countersign%s%s --help”.\n", *name ? " " : "", name,
           shown, *name ? " " : "", name);
  return CLI_USAGE;
}

gint64
cli_option_duration (const Cli *cli, const char *option, const char *text, gint64 max)
{
  g_autoptr (GError) error = NULL;
  gint64 seconds;

  if (text == NULL)
    return 0;
  if (text_parse_duration (text, max, &seconds, &error))
    return seconds;
  cli_usage (cli, "%s: %s", option, error->message);
  return -1;
}
